#!/usr/bin/env python3
"""Lets PHP, Ruby, node and Python sign WPAY requests, and `openssl enc` encrypt and decrypt their SEED fields, against the built binary's `bujeol wpay sign` and `explain`.

What is not installed is skipped, by name.
Usage: signatures.py path/to/bujeol
"""

import base64
import json
import os
import shutil
import subprocess
import sys
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
HASH_KEY = "made-up-hash-key-0123456789abcde"
SEED_KEY = "AAECAwQFBgcICQoLDA0ODw=="
SEED_IV = "MADE-UP-IV-16-BY"
API = "payauth/card"

# The signed fields in their order: name, plain value, mark.
REQUESTS = {
    "Korean and reserved characters": [
        ("mid", "INIwpayT03", ""), ("wpayUserKey", "WU202601010000000001", "E"), ("wpayToken", "WT202601010000000001", "E"), ("ci", "", ""),
        ("payMethod", "", ""), ("bankCardCode", "", ""), ("oid", "ORDER-1", ""), ("goodsName", "사과 & 배=100% +α", "U"), ("goodsPrice", "1000", ""),
        ("buyerName", "홍길동", "U"), ("buyerTel", "010-1234-5678", ""), ("buyerEmail", "a@example.com", ""), ("cardQuota", "00", ""), ("cardInterest", "", ""),
        ("couponCode", "", ""), ("flagPin", "", ""), ("returnUrl", "https://shop.example/wpay/return?a=1&b=2", "U"),
    ],
    "nothing optional": [
        ("mid", "INIwpayT03", ""), ("wpayUserKey", "WU1", "E"), ("wpayToken", "WT1", "E"), ("ci", "", ""), ("payMethod", "", ""), ("bankCardCode", "", ""),
        ("oid", "1", ""), ("goodsName", "Apples", "U"), ("goodsPrice", "1", ""), ("buyerName", "Kim", "U"), ("buyerTel", "01012345678", ""), ("buyerEmail", "", ""),
        ("cardQuota", "00", ""), ("cardInterest", "", ""), ("couponCode", "", ""), ("flagPin", "", ""), ("returnUrl", "http://127.0.0.1/", "U"),
    ],
}

checked = 0


def check(what, condition, seen=""):
    global checked
    checked += 1
    if not condition:
        print(f"FAILED {what}: {str(seen)[:600]}")
        sys.exit(1)


def seed(value, decrypts=False):
    """SEED-CBC of a text in base64, or back, by openssl; nothing when it has no legacy provider."""
    key = base64.b64decode(SEED_KEY).hex()
    command = ["openssl", "enc", "-seed-cbc", "-K", key, "-iv", SEED_IV.encode().hex(), "-provider", "legacy", "-provider", "default"]
    data = base64.b64decode(value) if decrypts else value.encode()
    done = subprocess.run(command + (["-d"] if decrypts else []), input=data, capture_output=True, timeout=60)
    if done.returncode != 0:
        return None
    return done.stdout.decode() if decrypts else base64.b64encode(done.stdout).decode()


class Bujeol:
    def __init__(self, path):
        self.path = path

    def run(self, command, options, fields):
        done = subprocess.run(
            [self.path, "wpay", command, API, "--hash-key-environment", "WPAY_TEST_KEY", *options, *fields, "--language", "en"], capture_output=True,
            env={**os.environ, "WPAY_TEST_KEY": HASH_KEY}, timeout=60)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def sign(self, options, fields):
        """Message, signature and body."""
        code, out, complaint = self.run("sign", options, fields)
        check("wpay sign", code == 0, complaint)
        return out.rstrip("\n").split("\n")


def sign(command, jobs):
    done = subprocess.run(command, input=json.dumps(jobs).encode(), capture_output=True, timeout=60)
    check(f"{command[0]} runs", done.returncode == 0, done.stderr.decode())
    return json.loads(done.stdout)


def check_peer(name, command, bujeol):
    for title, request in REQUESTS.items():
        what = f"{name}, {title}"
        # What the other program encrypted, encoded and signed, bujeol signs the same and finds right.
        prepared = [(field, seed(value) if mark == "E" else value, mark) for field, value, mark in request]
        theirs = sign(command, [{"fields": prepared, "hashKey": HASH_KEY}])[0]
        final = [f"{field}:={value}" for field, value in theirs["values"].items()]
        check(f"bujeol signs the same: {what}", bujeol.sign([], final)[1] == theirs["signature"], theirs)
        arrived = [f"{field}={value}" for field, value in theirs["values"].items()]
        code, said, _ = bujeol.run("explain", ["--signature", theirs["signature"]], arrived)
        check(f"bujeol finds it right: {what}", code == 0, said)
        code, said, _ = bujeol.run("explain", ["--signature", theirs["signature"].upper()], arrived)
        check(f"an upper-case signature is refused: {what}", code == 1, said)
        # What bujeol encrypted, encoded and signed, the other program signs the same.
        plain = [f"{field}={value}" for field, value, _ in request if value]
        _, signature, body = bujeol.sign(["--seed-key", SEED_KEY, "--seed-iv", SEED_IV], plain)
        sent = dict(urllib.parse.parse_qsl(body, keep_blank_values=True, strict_parsing=True))
        check(f"the body carries the signature: {what}", sent.pop("signature") == signature, body)
        ours = sign(command, [{"fields": [(field, sent.get(field, ""), "") for field, _, _ in request], "hashKey": HASH_KEY}])[0]
        check(f"{name} signs bujeol's fields the same: {title}", ours["signature"] == signature, body)
        for field, value, mark in request:
            if mark == "E":
                check(f"openssl decrypts {field}: {what}", seed(sent[field], decrypts=True) == value, sent[field])
            elif mark == "U":
                check(f"{field} decodes: {what}", urllib.parse.unquote_plus(sent[field]) == value, sent[field])


def main():
    bujeol = Bujeol(os.path.abspath(sys.argv[1]))
    if not shutil.which("openssl") or seed("probe") is None:
        print("skipped: WPAY signatures by other programs (this openssl has no SEED: its legacy provider is missing)")
        return
    peers = [("PHP", ["php"], "sign.php"), ("Ruby", ["ruby"], "sign.rb"), ("node", ["node"], "sign.js"), ("Python", [sys.executable], "sign.py")]
    for name, command, file in peers:
        if not shutil.which(command[0]):
            print(f"skipped: WPAY signatures by {name} ({command[0]} is not installed)")
            continue
        check_peer(name, [*command, os.path.join(HERE, "peers", file)], bujeol)
        print(f"WPAY signatures: {name} and bujeol agree")
    print(f"  {checked} checks")


if __name__ == "__main__":
    main()
