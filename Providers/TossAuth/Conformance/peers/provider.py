#!/usr/bin/env python3
"""Toss Auth as its documents describe it, for tests of callers: strict about everything, and in trouble when it is told to be.

Written from the documents alone, in Python's standard library alone (`arithmetic.py` beside this file has the ciphers), so that it shares neither code nor a mistake with the callers that it judges.
It keeps a list of everything that a caller should not have done, also of what the real service may never notice: a key used again, a field of the gateway's that leaks.

    python3 provider.py --folder DIR [--key FILE] [--tls] [--prefix /toss-auth] [--id ID --secret SECRET]

prints the files with its public key (`key`), with the authority of its signatures (`authority`) and, with TLS, with the certificate to trust (`trust`), then where it can be steered
(`steer http://127.0.0.1:…`) and called (`provider https://127.0.0.1:…`). It ends when its standard input does. Steering, all JSON, on a port of its own:

    POST /open/TXID, /complete/TXID, /expire/TXID     what the person does
    POST /person {"name": …}                          who the person is
    POST /clock {"advance": seconds}
    POST /trouble {"call": "result", "kind": "drop-after", "times": 1, …}
    POST /revoke                                      no token that was handed out works any more
    GET  /journal                                     what was called how often, what was read, what was wrong
    GET  /secrets                                     every token, session key, key and field that has gone by, for whoever searches for them elsewhere

Kinds of trouble: drop-before (nothing happens), drop-after (it happens and is counted, the reply is lost), refuse (`code`, `reason`, `status`), slow (`seconds`), half (half of the
reply), foreign-id (another session's id in the reply), mixed-id (in `di` only), wrong-tag, foreign-key (sealed under a key of its own), no-envelope (`status`, `body`), long-version
(`v1_0.0.14`), no-age (without ageGroup), another-transaction (another txId in the reply).
"""

import argparse
import base64
import binascii
import datetime
import json
import os
import re
import secrets
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.dont_write_bytecode = True
import arithmetic

KOREA = datetime.timezone(datetime.timedelta(hours=9))
PERSONA = {
    "ci": "CI0110000000001".ljust(88, "0"), "name": "김토스", "birthday": "19930324", "gender": "FEMALE", "nationality": "LOCAL",
    "di": "DI0110000000001".ljust(88, "0"), "ageGroup": "ADULT",
}
CALLS = {
    "/token": "token",
    "/api/v2/sign/user/auth/id/request": "request",
    "/api/v2/sign/user/auth/id/status": "status",
    "/api/v2/sign/user/auth/id/result": "result",
    "/api/v1/certificate/validate": "validate",
}
MEMBERS = {
    "USER_PERSONAL": {"requestType", "requestUrl", "triggerType", "userName", "userPhone", "userBirthday", "sessionKey"},
    "USER_NONE": {"requestType", "requestUrl"},
    "status": {"txId"},
    "result": {"txId", "sessionKey"},
    "validate": {"certificate"},
}
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
# What a server program sends by itself, and what the documents ask for.
FIELDS = {"host", "content-type", "content-length", "authorization", "connection", "accept", "accept-encoding", "user-agent"}
READS, READ_SECONDS, LIFE_SECONDS, TOKEN_SECONDS = 2, 3600, 600, 31_536_000


class Refusal(Exception):
    """A failure in the envelope of the API host."""

    def __init__(self, code, reason, status=400):
        super().__init__(code)
        self.code, self.reason, self.status = code, reason, status


class OAuthRefusal(Exception):
    """A failure of the token host."""

    def __init__(self, error, status=400):
        super().__init__(error)
        self.error, self.status = error, status


class Session:
    """A session key that a caller has sent."""

    def __init__(self, key, text, where, provider):
        parts = text.split("$") if isinstance(text, str) else []
        if len(parts) != 3 or not (parts[0] == "v1" or parts[0].startswith("v1_")) or not UUID4.fullmatch(parts[1]):
            raise Refusal("CE5000", "세션키가 올바르지 않습니다.")
        block = strict_base64(parts[2])
        if len(parts[2]) != 684 or block is None:
            raise Refusal("CE5000", "세션키가 올바르지 않습니다.")
        if parts[0] != "v1" or len(text) != 724:
            provider.complain(f"{where}: the session key is written with the version {parts[0]}")
        plain = key.open_oaep(block)
        inner = plain.split(b"$") if plain else []
        if len(inner) != 3 or inner[0] != b"AES_GCM" or len(plain) != 69:
            raise Refusal("CE5000", "세션키가 올바르지 않습니다.")
        self.id = parts[1]
        self.key, self.nonce = strict_base64(inner[1].decode("ascii", "replace")), strict_base64(inner[2].decode("ascii", "replace"))
        if self.key is None or self.nonce is None or len(self.key) != 32 or len(self.nonce) != 12:
            raise Refusal("CE5000", "세션키가 올바르지 않습니다.")

    def open(self, text):
        parts = text.split("$") if isinstance(text, str) else []
        sealed = strict_base64(parts[2]) if len(parts) == 3 else None
        if sealed is None or len(sealed) <= 16 or parts[0] != "v1" or parts[1] != self.id:
            raise Refusal("CE5000", "복호화할 수 없습니다.")
        plain = arithmetic.open_sealed(self.key, self.nonce, sealed, self.key)
        if plain is None:
            raise Refusal("CE5000", "복호화할 수 없습니다.")
        return plain.decode("utf-8")

    def seal(self, text, version="v1", number=None, key=None):
        sealed = arithmetic.seal(key or self.key, self.nonce, text.encode(), key or self.key)
        return f"{version}${number or self.id}${base64.b64encode(sealed).decode()}"


def strict_base64(text):
    """Standard base64 with its padding and nothing else, or nothing."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None


class Signer:
    """An authority and, for each person, a certificate and a PKCS#7 signature with its content inside; all by openssl."""

    def __init__(self, folder):
        self.folder = folder
        self.authority = os.path.join(folder, "signing-ca.pem")
        self.key = os.path.join(folder, "signing-ca.key")
        self.people = {}
        if not os.path.exists(self.authority):
            self.openssl("req", "-x509", *self.fresh(), "-subj", "/CN=Independent signers", "-days", "3650", "-keyout", self.key, "-out", self.authority,
                         "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    @staticmethod
    def fresh():
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

    @staticmethod
    def openssl(*arguments, text=None):
        done = subprocess.run(["openssl", *arguments], input=text, capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.decode(errors="replace"))
        return done.stdout

    def person(self, name):
        if name not in self.people:
            base = os.path.join(self.folder, f"person-{len(self.people)}")
            extensions = base + ".extensions"
            with open(extensions, "w") as file:
                file.write("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n")
            self.openssl("req", "-new", "-utf8", *self.fresh(), "-subj", f"/CN={name}", "-keyout", base + ".key", "-out", base + ".csr")
            self.openssl("x509", "-req", "-in", base + ".csr", "-CA", self.authority, "-CAkey", self.key, "-CAcreateserial", "-days", "365",
                         "-extfile", extensions, "-out", base + ".crt")
            self.people[name] = base
        return self.people[name]

    def sign(self, name, content):
        base = self.person(name)
        der = self.openssl("cms", "-sign", "-binary", "-nodetach", "-outform", "DER", "-md", "sha256", "-signer", base + ".crt", "-inkey",
                           base + ".key", text=content.encode())
        return base64.b64encode(der).decode()

    def knows(self, pem):
        path = os.path.join(self.folder, f"shown-{secrets.token_hex(8)}.pem")
        lines = re.sub(r"\s", "", re.sub(r"-----[^-]+-----", "", pem))
        with open(path, "w") as file:
            file.write("-----BEGIN CERTIFICATE-----\n" + "\n".join(re.findall(".{1,64}", lines)) + "\n-----END CERTIFICATE-----\n")
        return subprocess.run(["openssl", "verify", "-CAfile", self.authority, path], capture_output=True).returncode == 0


class Provider:
    def __init__(self, options):
        self.options = options
        self.key = arithmetic.RSAKey(options.key or os.path.join(options.folder, "service.key"))
        self.public = os.path.join(options.folder, "service-public.pem")
        with open(self.public, "w") as file:
            file.write(self.key.public_pem)
        self.signer = Signer(options.folder)
        self.signer.person(PERSONA["name"])
        self.lock = threading.Lock()
        self.person = dict(PERSONA)
        self.offset = 0
        self.tokens = {}
        self.transactions = {}
        self.troubles = []
        self.calls = {name: 0 for name in CALLS.values()}
        self.refusals = []
        self.wrong = []
        self.secrets = set()
        self.seen = {"session id": set(), "key": set(), "IV": set()}

    def now(self):
        return time.time() + self.offset

    def complain(self, text):
        self.wrong.append(text)

    @staticmethod
    def written(moment):
        return datetime.datetime.fromtimestamp(int(moment), KOREA).isoformat()

    # The steering, under the lock.

    def steer(self, method, path, body):
        parts = path.split("/")[1:]
        if method == "GET" and parts == ["journal"]:
            return {
                "calls": self.calls, "refusals": self.refusals, "wrong": self.wrong, "tokens": len(self.tokens),
                "transactions": {tx: self.shown(one) for tx, one in self.transactions.items()},
            }
        if method == "GET" and parts == ["secrets"]:
            return {"secrets": sorted(self.secrets)}
        if method == "POST" and len(parts) == 2 and parts[0] in ("open", "complete", "expire") and parts[1] in self.transactions:
            one = self.transactions[parts[1]]
            state = {"open": "IN_PROGRESS", "complete": "COMPLETED", "expire": "EXPIRED"}[parts[0]]
            if self.state(one) in ("COMPLETED", "EXPIRED"):
                return {"error": "it has ended"}
            if state == "COMPLETED":
                # Certified before the moment of completion is taken: otherwise a second that ends between the two would make the certificate too young.
                self.signer.person(self.person["name"])
                one["completed"], one["person"] = self.now(), dict(self.person)
            one["state"] = state
            return self.shown(one)
        if method == "POST" and parts == ["person"]:
            self.person = {**PERSONA, **body}
            return self.person
        if method == "POST" and parts == ["clock"]:
            self.offset += body["advance"]
            return {"now": self.written(self.now())}
        if method == "POST" and parts == ["trouble"]:
            self.troubles.append({"times": 1, **body})
            return body
        if method == "POST" and parts == ["revoke"]:
            self.tokens.clear()
            return {}
        return None

    def shown(self, one):
        return {key: one.get(key) for key in ("state", "type", "reads", "claim", "attempts")}

    def state(self, one):
        if one["state"] in ("REQUESTED", "IN_PROGRESS") and self.now() - one["requested"] >= LIFE_SECONDS:
            one["state"] = "EXPIRED"
        return one["state"]

    def trouble(self, call):
        for trouble in self.troubles:
            if trouble["call"] == call:
                trouble["times"] -= 1
                if trouble["times"] <= 0:
                    self.troubles.remove(trouble)
                return dict(trouble)
        return {}

    # The calls.

    def token(self, handler, text):
        if handler.headers.get_content_type() != "application/x-www-form-urlencoded" or handler.headers.get("Authorization"):
            raise OAuthRefusal("invalid_request")
        pairs = urllib.parse.parse_qsl(text, keep_blank_values=True)
        form = dict(pairs)
        if len(form) != len(pairs) or set(form) != {"grant_type", "scope", "client_id", "client_secret"}:
            raise OAuthRefusal("invalid_request")
        if form["grant_type"] != "client_credentials":
            raise OAuthRefusal("unsupported_grant_type")
        if form["scope"] != "ca":
            raise OAuthRefusal("invalid_scope")
        if (form["client_id"], form["client_secret"]) != (self.options.id, self.options.secret):
            raise OAuthRefusal("invalid_client", 401)
        token = secrets.token_urlsafe(48)
        with self.lock:
            self.tokens[token] = self.now() + self.options.token_seconds
            self.secrets.add(token)
        return {"access_token": token, "scope": "ca", "token_type": "Bearer", "expires_in": self.options.token_seconds}

    def authorize(self, handler):
        given = (handler.headers.get("Authorization") or "").split(" ")
        with self.lock:
            if len(given) != 2 or given[0] != "Bearer" or self.tokens.get(given[1], 0) <= self.now():
                raise Refusal("CE1000", "토큰이 유효하지 않습니다.", 401)

    def session(self, text, where):
        session = Session(self.key, text, where, self)
        with self.lock:
            used = [name for name, value in (("session id", session.id), ("key", session.key), ("IV", session.nonce)) if value in self.seen[name]]
            for name, value in (("session id", session.id), ("key", session.key), ("IV", session.nonce)):
                self.seen[name].add(value)
            self.secrets |= {text, base64.b64encode(session.key).decode()}
            if used:
                self.complain(f"{where}: used before: {', '.join(used)}")
                raise Refusal("CE5000", "이미 사용한 세션키입니다.")
        return session

    def members(self, body, wanted, where):
        if not isinstance(body, dict) or not all(isinstance(body.get(name), str) and body[name] for name in wanted):
            raise Refusal("CE0003", "요청 값이 올바르지 않습니다.")
        if set(body) - wanted:
            with self.lock:
                self.complain(f"{where}: members nobody asked for: {sorted(set(body) - wanted)}")

    def request(self, body, trouble):
        kind = body.get("requestType") if isinstance(body, dict) else None
        if kind not in ("USER_PERSONAL", "USER_NONE"):
            raise Refusal("CE0003", "요청 값이 올바르지 않습니다.")
        self.members(body, MEMBERS[kind], "request")
        claim = None
        if kind == "USER_PERSONAL":
            if body["triggerType"] != "APP_SCHEME":
                raise Refusal("CE0003", "요청 값이 올바르지 않습니다.")
            session = self.session(body["sessionKey"], "request")
            claim = [session.open(body[name]) for name in ("userName", "userPhone", "userBirthday")]
            with self.lock:
                self.secrets |= {body[name] for name in ("userName", "userPhone", "userBirthday")}
            try:
                datetime.datetime.strptime(claim[2], "%Y%m%d")
            except ValueError:
                raise Refusal("CE0003", "생년월일이 올바르지 않습니다.")
            if not claim[0] or not re.fullmatch(r"[0-9]{10,11}", claim[1]) or not re.fullmatch(r"[0-9]{8}", claim[2]):
                raise Refusal("CE0003", "요청 값이 올바르지 않습니다.")
        number = str(uuid.uuid4())
        with self.lock:
            one = {"state": "REQUESTED", "type": kind, "requested": self.now(), "reads": 0, "attempts": 0, "claim": claim}
            self.transactions[number] = one
        reply = {"txId": number, "requestedDt": self.written(one["requested"])}
        if kind == "USER_PERSONAL":
            reply.update(appScheme="null", androidAppUri="null", iosAppUri="null")
        return reply

    def found(self, body, call):
        self.members(body, MEMBERS[call], call)
        with self.lock:
            one = self.transactions.get(body["txId"])
        if one is None:
            raise Refusal("CE3100", "존재하지 않는 요청입니다")
        return one

    def status(self, body, trouble):
        one = self.found(body, "status")
        with self.lock:
            return {"txId": body["txId"], "status": self.state(one), "requestedDt": self.written(one["requested"])}

    def result(self, body, trouble):
        one = self.found(body, "result")
        session = self.session(body["sessionKey"], "result")
        with self.lock:
            one["attempts"] += 1
            state = self.state(one)
            if state in ("REQUESTED", "IN_PROGRESS"):
                raise Refusal("CE3102", "요청이 아직 완료되지 않았습니다.")
            if state == "EXPIRED" or self.now() - one["completed"] >= READ_SECONDS:
                raise Refusal("CE3103", "만료된 요청입니다.")
            if one["reads"] >= READS:
                self.complain("result: a third read was asked for")
                raise Refusal("CE3101", "결과 조회 횟수를 초과했습니다.")
            one["reads"] += 1
            person, requested, completed = one["person"], self.written(one["requested"]), self.written(one["completed"])
        number = body["txId"]
        content = json.dumps({"txId": number, "requestedDt": requested, "completedDt": completed}, separators=(",", ":"))
        kind = trouble.get("kind")
        values = {name: value for name, value in person.items() if not (kind == "no-age" and name == "ageGroup")}
        other = str(uuid.uuid4())
        data = {}
        for name, value in values.items():
            foreign = other if kind == "foreign-id" or (kind == "mixed-id" and name == "di") else None
            text = session.seal(value, "v1_0.0.14" if kind == "long-version" else "v1", foreign, secrets.token_bytes(32) if kind == "foreign-key" else None)
            if kind == "wrong-tag" and name == "name":
                raw = bytearray(base64.b64decode(text.split("$")[2]))
                raw[-1] ^= 1
                text = "$".join(text.split("$")[:2] + [base64.b64encode(raw).decode()])
            data[name] = text
        with self.lock:
            self.secrets |= set(data.values())
        data["ci2"] = data["ciUpdate"] = None
        return {
            "txId": other if kind == "another-transaction" else number, "status": "COMPLETED", "userIdentifier": None, "userCiToken": None,
            "signature": self.signer.sign(person["name"], content), "randomValue": None, "completedDt": completed, "requestedDt": requested,
            "personalData": data,
        }

    def validate(self, body, trouble):
        self.members(body, MEMBERS["validate"], "validate")
        known = self.signer.knows(body["certificate"])
        return {"valid": known, "enabled": known}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    provider = None

    def log_message(self, *_):
        pass

    def answer(self, status, document, half=False):
        text = document if isinstance(document, bytes) else json.dumps(document, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text[:len(text) // 2] if half else text)
        self.wfile.flush()
        if half:
            self.hang_up()

    def hang_up(self):
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def do_GET(self):
        self.serve("GET")

    def do_POST(self):
        self.serve("POST")

    def serve(self, method):
        provider = self.provider
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path[len(provider.options.prefix):] if self.path.startswith(provider.options.prefix + "/") else ""
        call = CALLS.get(path)
        if call is None or method != "POST":
            with provider.lock:
                provider.complain(f"{method} {self.path.split('?')[0]}: no such call")
            return self.answer(404, {})
        with provider.lock:
            provider.calls[call] += 1
            trouble = provider.trouble(call)
            extra = {name.lower() for name in self.headers} - FIELDS
            if extra:
                provider.complain(f"{call}: fields nobody asked for: {sorted(extra)}")
        kind = trouble.get("kind")
        if kind == "drop-before":
            return self.hang_up()
        if kind == "slow":
            time.sleep(trouble["seconds"])
        if kind == "no-envelope":
            return self.answer(trouble["status"], trouble["body"].encode())
        status, reply = self.act(call, text, trouble)
        if kind == "drop-after":
            return self.hang_up()
        return self.answer(status, reply, half=kind == "half")

    def act(self, call, text, trouble):
        provider = self.provider
        try:
            if call == "token":
                if trouble.get("kind") == "refuse":
                    raise OAuthRefusal(trouble["code"], trouble.get("status", 400))
                return 200, provider.token(self, text.decode("ascii", "replace"))
            if trouble.get("kind") == "refuse":
                raise Refusal(trouble["code"], trouble.get("reason", "오류가 발생했습니다."), trouble.get("status", 400))
            provider.authorize(self)
            if self.headers.get_content_type() != "application/json":
                raise Refusal("CE0003", "요청 값이 올바르지 않습니다.")
            try:
                body = json.loads(text)
            except ValueError:
                raise Refusal("CE0003", "요청 값이 올바르지 않습니다.")
            return 200, {"resultType": "SUCCESS", "success": getattr(provider, call)(body, trouble)}
        except OAuthRefusal as refusal:
            provider.refusals.append(f"{call} {refusal.error}")
            return refusal.status, {"error": refusal.error}
        except Refusal as refusal:
            provider.refusals.append(f"{call} {refusal.code}")
            error = {"errorType": 0, "errorCode": refusal.code, "reason": refusal.reason, "data": {}, "title": None}
            return refusal.status, {"resultType": "FAIL", "error": error, "success": None}


class Wheel(Handler):
    """The steering."""

    def serve(self, method):
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.provider.lock:
            found = self.provider.steer(method, self.path, json.loads(text) if text else {})
        self.answer(404 if found is None else 200, {} if found is None else found)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A caller that was killed has hung up, which is no news here."""


def end_with_input():
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True)
    parser.add_argument("--key")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--prefix", default="")
    parser.add_argument("--id", default="test_a8e23336d673ca70922b485fe806eb2d")
    parser.add_argument("--secret", default="test_418087247d66da09fda1964dc4734e453c7cf66a7a9e3")
    parser.add_argument("--token-seconds", type=int, default=TOKEN_SECONDS)
    options = parser.parse_args()
    threading.Thread(target=end_with_input, daemon=True).start()
    Handler.provider = provider = Provider(options)
    server, wheel = Server(("127.0.0.1", 0), Handler), Server(("127.0.0.1", 0), Wheel)
    scheme, trust = "http", None
    if options.tls:
        trust, key = os.path.join(options.folder, "server.pem"), os.path.join(options.folder, "server.key")
        if not os.path.exists(trust):
            Signer.openssl("req", "-x509", *Signer.fresh(), "-subj", "/CN=127.0.0.1", "-days", "30", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                           key, "-out", trust)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(trust, key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        scheme = "https"
    print(f"key {provider.public}\nauthority {provider.signer.authority}")
    if trust:
        print(f"trust {trust}")
    threading.Thread(target=wheel.serve_forever, daemon=True).start()
    print(f"steer http://127.0.0.1:{wheel.server_address[1]}")
    print(f"provider {scheme}://127.0.0.1:{server.server_address[1]}{options.prefix}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
