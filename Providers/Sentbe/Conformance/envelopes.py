#!/usr/bin/env python3
"""Lets Sentbe's published samples (Ruby, PHP, JavaScript with CryptoJS 3.1.2) and `openssl enc` write what the built binary reads, and read what it writes.

The programs in `peers` follow the published recipes step by step in code of our own. What is not installed is skipped, by name.
Usage: envelopes.py path/to/bujeol
"""

import base64
import hashlib
import json
import os
import re
import secrets
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
KEY = "test_pw"
CRYPTOJS = [
    "/usr/share/javascript/cryptojs/rollups/aes.js",
    "/usr/share/javascript/crypto-js/rollups/aes.js",
]

COMPACT = '{"user_id":"47","recipient_id":"10","external_id":"23"}'
PAYLOADS = {
    "compact": COMPACT,
    "pretty": '{\n\t"bank_attributes": {\n\t\t"name": "002",\n\t\t"account_holder_name": "json"\n\t},\n\t"country": "KR"\n}',
    "line feeds around": '\n{"a":1}\n',
    "CRLF": '{\r\n "a": 1\r\n}',
    "Korean": '{"이름":"홍길동","주소":"서울특별시 강남구"}',
    "decomposed Hangul": '{"a":"\u1112\u1161\u11ab"}',
    "emoji": '{"a":"😀🇰🇷👩‍👩‍👧"}',
    "slashes": '{"url":"https://example.com/a/b?c=d&e=f"}',
    "escapes": '{"a":"\\"q\\" \\\\ \\n \\u00e9 \\/"}',
    "line separators": '{"a":"\u2028\u2029"}',
    "controls": '{"c":"\x01\x1f\x7f\x08\x0c"}',
    "text only": "aaaaaaaaaaaaaa",
    "empty": "",
    "null character": "a\x00b",
    "64 KiB": '{"data":"' + ("0123456789abcdef" * 4096)[:65525] + '"}',
    "64 KiB of Korean": '{"data":"' + "가" * 21841 + '"}',
}

checked = 0


def check(what, condition, seen=""):
    global checked
    checked += 1
    if not condition:
        print(f"FAILED {what}: {str(seen)[:400]}")
        sys.exit(1)


class Bujeol:
    def __init__(self, path):
        self.path = path

    def run(self, arguments, text):
        done = subprocess.run(
            [self.path, "sentbe", *arguments, "--key-environment", "SENTBE_TEST_KEY", "--language", "en"], input=text.encode(), capture_output=True,
            env={**os.environ, "SENTBE_TEST_KEY": KEY}, timeout=60)
        return done.returncode, done.stdout.decode()

    def encrypt(self, text, dialect, salt=None):
        code, out = self.run(["encrypt", "--dialect", dialect] + (["--salt", salt] if salt else []), text)
        check(f"encrypt {dialect}", code == 0 and out.endswith("}\n"), out)
        return out[:-1]

    def decrypt(self, envelope):
        code, out = self.run(["decrypt"], envelope)
        return out if code == 0 else None

    def explain(self, envelope):
        return self.run(["explain"], envelope)


class Peer:
    """One of the samples, asked many things at once."""

    def __init__(self, name, dialect, command):
        self.name, self.dialect, self.command = name, dialect, command

    def run(self, jobs):
        done = subprocess.run(self.command, input=json.dumps(jobs).encode(), capture_output=True, timeout=120)
        check(f"{self.name} runs", done.returncode == 0, done.stderr.decode())
        return [base64.b64decode(item["ok"]).decode() if "ok" in item else Refused(item["error"]) for item in json.loads(done.stdout)]


class Refused(str):
    """What a sample said instead of a result."""


def job(what, text, salt=None):
    job = {"do": what, "key": KEY, "text": base64.b64encode(text.encode()).decode()}
    return {**job, "salt": salt} if salt else job


def salts():
    return [secrets.token_hex(8) for _ in PAYLOADS]


def check_writer(peer, bujeol):
    """The same salt gives the same bytes; the sample's own salt is read back."""
    drawn = salts()
    written = peer.run([job("encrypt", text, salt) for text, salt in zip(PAYLOADS.values(), drawn)])
    for (name, text), salt, envelope in zip(PAYLOADS.items(), drawn, written):
        check(f"{peer.name} and bujeol write the same: {name}", envelope == bujeol.encrypt(text, peer.dialect, salt), envelope)
    for (name, text), envelope in zip(PAYLOADS.items(), peer.run([job("encrypt", text) for text in PAYLOADS.values()])):
        check(f"bujeol reads {peer.name}: {name}", bujeol.decrypt(envelope) == text, envelope)
    objects = {name: text for name, text in PAYLOADS.items() if is_object(text)}
    for (name, text), envelope in zip(objects.items(), peer.run([job("encrypt-object", text) for text in objects.values()])):
        single = bujeol.decrypt(envelope)
        check(f"bujeol reads {peer.name}'s single encoding: {name}", single is not None and json.loads(single) == json.loads(text), single)
        code, _ = bujeol.explain(envelope)
        check(f"single encoding is no refusal: {name}", code == (0 if len(envelope) <= 16384 else 1), code)


def check_reader(peer, bujeol):
    """The sample reads what bujeol writes, in every dialect."""
    for dialect in ("ruby", "js", "php"):
        envelopes = [bujeol.encrypt(text, dialect) for text in PAYLOADS.values()]
        for (name, text), read in zip(PAYLOADS.items(), peer.run([job("decrypt", envelope) for envelope in envelopes])):
            check(f"{peer.name} reads bujeol's {dialect}: {name}", read == text and not isinstance(read, Refused), repr(read))


def is_object(text):
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def derived(salt, size, digest="md5"):
    out = block = b""
    while len(out) < size:
        block = hashlib.new(digest, block + KEY.encode() + salt).digest()
        out += block
    return out


def openssl(arguments, data):
    done = subprocess.run(["openssl", "enc", *arguments], input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    check("openssl enc runs", done.returncode == 0, done.stderr.decode())
    # Before 3.0 it puts its mark and the salt in front.
    return done.stdout[16:] if done.stdout.startswith(b"Salted__") else done.stdout


def envelope_of(ct, iv, salt):
    return json.dumps({"ct": base64.b64encode(ct).decode(), "iv": iv.hex(), "s": salt.hex()}, separators=(",", ":"))


def check_openssl(bujeol):
    for name, text in PAYLOADS.items():
        salt = secrets.token_bytes(8)
        plain = json.dumps(text, ensure_ascii=False).encode()
        ct = openssl(["-aes-256-cbc", "-md", "md5", "-S", salt.hex(), "-k", KEY], plain)
        envelope = envelope_of(ct, derived(salt, 48)[32:], salt)
        check(f"bujeol reads openssl: {name}", bujeol.decrypt(envelope) == text, envelope)
        check(f"bujeol writes what openssl writes: {name}", bujeol.encrypt(text, "ruby", salt.hex()) == envelope, envelope)
        for dialect in ("ruby", "php"):
            parts = json.loads(bujeol.encrypt(text, dialect))
            key = derived(bytes.fromhex(parts["s"]), 48)
            check(f"iv is derived: {name}", parts["iv"] == key[32:].hex(), parts["iv"])
            plain = openssl(["-d", "-aes-256-cbc", "-K", key[:32].hex(), "-iv", key[32:].hex()], base64.b64decode(parts["ct"]))
            check(f"openssl reads bujeol's {dialect}: {name}", json.loads(plain) == text, plain[:200])
    salt = secrets.token_bytes(8)
    wrong = openssl(["-aes-256-cbc", "-md", "sha256", "-S", salt.hex(), "-k", KEY], json.dumps(COMPACT).encode())
    check_mistake(bujeol, "derived-with-sha256", envelope_of(wrong, derived(salt, 48, "sha256")[32:48], salt))


def check_mistake(bujeol, identifier, envelope):
    code, said = bujeol.explain(envelope)
    check(f"explain names {identifier}", code == 1 and f"[{identifier}]" in said and COMPACT in said, said)


def check_ruby(peer, bujeol):
    """The published reader takes 33 bytes for the key; cut to 32 it survives compact JSON without escapes only."""
    envelope = bujeol.encrypt(COMPACT, "ruby")
    published, repaired = peer.run([job("decrypt", envelope), job("decrypt-repaired", envelope)])
    version = subprocess.run(["ruby", "-e", "print RUBY_VERSION"], capture_output=True, text=True).stdout
    if tuple(int(part) for part in version.split(".")[:2]) >= (2, 4):
        check("the published Ruby reader refuses its own key", isinstance(published, Refused) and "32 bytes" in published, published)
    check("the repaired Ruby reader reads compact JSON", repaired == COMPACT, repaired)
    pretty = peer.run([job("decrypt-repaired", bujeol.encrypt(PAYLOADS["pretty"], "ruby"))])[0]
    check("the repaired Ruby reader breaks pretty JSON", pretty != PAYLOADS["pretty"] and not is_object(pretty), pretty)
    wrapped = peer.run([job("encrypt-wrapped", COMPACT)])[0]
    check("an old Ruby writer wraps its base64", "\\n" in wrapped, wrapped)
    check_mistake(bujeol, "wrapped-base64", wrapped)


def check_javascript(peer, bujeol):
    envelope = next(text for text in (peer.run([job("encrypt", COMPACT)])[0] for _ in range(50)) if "+" in text)
    check_mistake(bujeol, "plus-became-space", envelope.replace("+", " "))
    altered = re.sub(r'"iv":"(.)', lambda match: '"iv":"' + ("0" if match.group(1) != "0" else "1"), envelope)
    check("CryptoJS does not notice an altered iv", peer.run([job("decrypt", altered)])[0] == COMPACT, altered)
    check_mistake(bujeol, "altered-vector", altered)


def peers():
    """The samples that can run here; the others are named."""
    found = []
    for name, dialect, program, file in [("Ruby", "ruby", "ruby", "envelope.rb"), ("PHP", "php", "php", "envelope.php")]:
        if shutil.which(program):
            found.append(Peer(name, dialect, [program, os.path.join(HERE, "peers", file)]))
        else:
            print(f"skipped: Sentbe's {name} sample ({program} is not installed)")
    library = next((path for path in CRYPTOJS if os.path.exists(path)), None)
    if shutil.which("node") and library:
        found.append(Peer("JavaScript", "js", ["node", os.path.join(HERE, "peers", "envelope.js"), library]))
    else:
        print(f"skipped: Sentbe's JavaScript sample ({'CryptoJS' if shutil.which('node') else 'node'} is not installed)")
    return found


def main():
    bujeol = Bujeol(os.path.abspath(sys.argv[1]))
    for peer in peers():
        check_writer(peer, bujeol)
        if peer.name == "Ruby":
            check_ruby(peer, bujeol)
        else:
            check_reader(peer, bujeol)
        if peer.name == "JavaScript":
            check_javascript(peer, bujeol)
        print(f"Sentbe envelopes: {peer.name} writes and reads as published")
    if shutil.which("openssl"):
        check_openssl(bujeol)
        print("Sentbe envelopes: openssl enc agrees")
    else:
        print("skipped: openssl enc (it is not installed)")
    print(f"  {checked} checks")


if __name__ == "__main__":
    main()
