#!/usr/bin/env python3
"""A partner's server that is not ours goes through the whole of Toss Auth against the built binary: token, request, status, result, signature; with everything that can be done
wrong on the way, and what the request log then says of it. First at the provider's own host names by TLS, then on the plain port, then through the gateway without any cryptography.

Its cryptography is PyPI's `cryptography` (installed into an environment of its own when it is missing; skipped when it cannot be had), its signatures are judged by `openssl cms`.
Usage: identity-journey.py path/to/bujeol
"""

import base64
import datetime
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
import venv

PACKAGE = "cryptography"
ID = "test_a8e23336d673ca70922b485fe806eb2d"
SECRET = "test_418087247d66da09fda1964dc4734e453c7cf66a7a9e3"
PERSONA = {
    "ci": "CI0110000000001".ljust(88, "0"), "name": "김토스", "birthday": "19930324", "gender": "FEMALE", "nationality": "LOCAL",
    "di": "DI0110000000001".ljust(88, "0"), "ageGroup": "ADULT", "ci2": None, "ciUpdate": None,
}
CLAIM = {"userName": "홍길동", "userPhone": "01012345678", "userBirthday": "19900101"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+09:00")

checked = 0


def check(what, condition, seen=""):
    global checked
    checked += 1
    if not condition:
        print(f"FAILED {what}: {str(seen)[:1500]}")
        sys.exit(1)


class Up:
    """`bujeol up` on free ports, with a data directory of its own."""

    def __init__(self, path, folder):
        self.data = os.path.join(folder, "data")
        self.log = os.path.join(folder, "output")
        with open(self.log, "w") as output:
            self.process = subprocess.Popen(
                [path, "up", "--sandbox-port", "0", "--sandbox-tls-port", "0", "--gateway-port", "0", "--data", self.data, "--language", "en"],
                stdout=output, stderr=subprocess.STDOUT)
        limit = time.monotonic() + 60
        while "Ctrl-C" not in self.text():
            if time.monotonic() > limit or self.process.poll() is not None:
                sys.exit(f"FAILED to start: {self.text()}")
            time.sleep(0.02)
        self.sandbox = re.search(r"sandbox\s+(http://\S+)", self.text()).group(1)
        self.gateway = re.search(r"gateway\s+(http://\S+)", self.text()).group(1)
        self.tls_port = int(re.search(r"https://127\.0\.0\.1:(\d+)", self.text()).group(1))
        self.authority = os.path.join(self.data, "ca.pem")

    def text(self):
        with open(self.log) as file:
            return file.read()

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(self.sandbox + path, data, method=method), timeout=60) as reply:
                text = reply.read().decode()
        except urllib.error.HTTPError as error:
            sys.exit(f"FAILED {method} {path}: {error.code} {error.read().decode()}")
        return json.loads(text) if text[:1] in "{[" else text

    def person(self, number, deed):
        return self.control("POST", f"/-/toss-auth/transactions/{number}/{deed}")

    def verdict(self):
        """What the request log says of the latest call to Toss Auth."""
        return self.control("GET", "/-/requests?provider=toss-auth&limit=1&language=en")["requests"][0]["verdict"]

    def end(self):
        self.process.terminate()
        check("the end", self.process.wait(60) == 0)


class Partner:
    """One course after another against one address, as one partner's server."""

    def __init__(self, up, service):
        self.up, self.service, self.bearer = up, service, None
        self.public_key = up.control("GET", "/-/toss-auth/public-key")
        if isinstance(self.public_key, dict):
            self.public_key = self.public_key["publicKey"]

    def session(self, **spoilt):
        return client.Session(self.public_key, **spoilt)

    def told(self, what):
        return f"{what} ({self.service.name})"

    def success(self, what, call, body):
        status, reply = self.service.call(call, body, self.bearer)
        check(self.told(what), status == 200 and reply.get("resultType") == "SUCCESS" and reply.get("error") is None, (status, reply))
        return reply["success"]

    def refused(self, what, call, body, code, status=400, why=None, bearer=True):
        seen, reply = self.service.call(call, body, self.bearer if bearer is True else bearer)
        told = self.told(what)
        check(told, seen == status and reply.get("resultType") == "FAIL" and reply.get("success") is None, (seen, reply))
        error = reply["error"]
        check(told + ": the code", error["errorCode"] == code, reply)
        check(told + ": the envelope", set(error) == {"errorType", "errorCode", "reason", "data", "title"} and error["errorType"] == 0
              and isinstance(error["reason"], str) and error["data"] == {} and error["title"] is None, reply)
        verdict = self.up.verdict()
        check(told + ": refused in the log", verdict.get("kind") == "refused" and verdict.get("rule") and verdict.get("reason"), verdict)
        if why:
            check(told + ": the true cause", verdict["rule"] == why or (verdict["rule"].startswith("field.") and why in verdict["reason"]), verdict)
            check(told + ": nothing of it in the reply", not re.search("OAEP|SHA|AAD|base64|CBC", json.dumps(reply), re.I), reply)
        return verdict

    def claim(self, session=None, **fields):
        session = session or self.session()
        body = {"requestType": "USER_PERSONAL", "requestUrl": "intoss://my-granite-app", "triggerType": "APP_SCHEME", "sessionKey": session.session_key}
        body.update({name: session.seal(value) for name, value in CLAIM.items()})
        body.update(fields)
        return {name: value for name, value in body.items() if value is not None}

    def begin(self, body=None):
        return self.success("a request", client.PATH + "request", body or self.claim())["txId"]

    def status(self, number):
        return self.success("a status", client.PATH + "status", {"txId": number})["status"]

    def read(self, what, number):
        session = self.session()
        reply = self.success(what, client.PATH + "result", {"txId": number, "sessionKey": session.session_key})
        return reply, session

    def wants(self, number, session=None):
        return {"txId": number, "sessionKey": (session or self.session()).session_key}


def tokens(partner):
    form = {"grant_type": "client_credentials", "scope": "ca", "client_id": ID, "client_secret": SECRET}
    for what, wrong, error, status in [
        ("a wrong secret", {"client_secret": SECRET[:-1] + "0"}, "invalid_client", 401),
        ("a wrong id", {"client_id": "test_nobody"}, "invalid_client", 401),
        ("another grant", {"grant_type": "password"}, "unsupported_grant_type", 400),
        ("another scope", {"scope": "openid"}, "invalid_scope", 400),
    ]:
        seen, reply = partner.service.token({**form, **wrong})
        check(partner.told(what), seen == status and reply.get("error") == error, (seen, reply))
        check(partner.told(what + ": in the log"), partner.up.verdict().get("kind") == "refused", partner.up.verdict())
    for missing in form:
        seen, reply = partner.service.token({name: value for name, value in form.items() if name != missing})
        check(partner.told(f"no {missing}"), seen in (400, 401) and reply.get("error") in ("invalid_request", "invalid_client"), (seen, reply))
    seen, reply = partner.service.token(json.dumps(form), "application/json")
    check(partner.told("JSON instead of a form"), seen == 400 and reply.get("error") == "invalid_request", (seen, reply))
    # A Basic header is a setting, off.
    basic = base64.b64encode(f"{ID}:{SECRET}".encode()).decode()
    seen, reply = partner.service.token({"grant_type": "client_credentials", "scope": "ca"}, fields={"Authorization": f"Basic {basic}"})
    check(partner.told("a Basic header"), seen in (400, 401) and "error" in reply, (seen, reply))

    seen, reply = partner.service.token(form)
    check(partner.told("a token"), seen == 200 and set(reply) == {"access_token", "scope", "token_type", "expires_in"}, (seen, reply))
    check(partner.told("a token's members"), (reply["scope"], reply["token_type"], reply["expires_in"]) == ("ca", "Bearer", 31_536_000), reply)
    head, claims = (json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in reply["access_token"].split(".")[:2])
    check(partner.told("the JWT"), head.get("alg") == "RS256" and head.get("kid") == "cert" and claims["sub"] == claims["aud"] == ID
          and claims["scope"] == ["ca"] and claims["iss"] == "https://cert.toss.im" and claims["nbf"] == claims["iat"]
          and claims["exp"] - claims["iat"] == 31_536_000 and uuid.UUID(claims["jti"]), (head, claims))
    partner.bearer = reply["access_token"]


def bearers(partner):
    status, signature = client.PATH + "status", partner.bearer.rpartition(".")
    body = {"txId": str(uuid.uuid4())}
    spoilt = signature[0] + "." + ("A" if signature[2][0] != "A" else "B") + signature[2][1:]
    unsigned = ".".join([base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("="), partner.bearer.split(".")[1], ""])
    for what, bearer in [("no token", None), ("an unknown token", "nonsense"), ("a token with another signature", spoilt), ("a token without one", unsigned)]:
        partner.refused(what, status, body, "CE1000", 401, bearer=bearer)
    partner.refused("an unknown txId", status, body, "CE3100")
    partner.refused("a body that is no JSON", status, "txId=1", "CE0003")
    partner.refused("no txId", status, {}, "CE0003")


def personal(partner):
    """The way with personal data, to its end; gives the transaction's number."""
    session = partner.session()
    started = partner.success("USER_PERSONAL", client.PATH + "request", partner.claim(session))
    check(partner.told("what a request answers"), set(started) == {"txId", "requestedDt", "appScheme", "androidAppUri", "iosAppUri"}
          and TIME.fullmatch(started["requestedDt"]) and uuid.UUID(started["txId"]) and started["appScheme"] == started["iosAppUri"] == "null", started)
    number = started["txId"]
    check(partner.told("asked"), partner.status(number) == "REQUESTED")
    partner.refused("too early", client.PATH + "result", partner.wants(number), "CE3102")
    partner.up.person(number, "open")
    check(partner.told("at it"), partner.status(number) == "IN_PROGRESS")
    partner.refused("still too early", client.PATH + "result", partner.wants(number), "CE3102")
    partner.up.person(number, "approve")
    check(partner.told("done"), partner.status(number) == "COMPLETED")
    partner.refused("the request's session for the result", client.PATH + "result", partner.wants(number, session), "CE5000", why="session.reused")

    reply, third = partner.read("the first read", number)
    check(partner.told("a result's members"), set(reply) == {"txId", "status", "userIdentifier", "userCiToken", "signature", "randomValue",
                                                             "completedDt", "requestedDt", "personalData"}, reply)
    check(partner.told("a result"), reply["txId"] == number and reply["status"] == "COMPLETED" and reply["requestedDt"] == started["requestedDt"]
          and TIME.fullmatch(reply["completedDt"]) and reply["userIdentifier"] is reply["userCiToken"] is reply["randomValue"] is None, reply)
    check(partner.told("the person"), third.open_all(reply["personalData"]) == PERSONA, third.open_all(reply["personalData"]))
    try:
        session.open(reply["personalData"]["name"].replace(third.id, session.id))
        check(partner.told("the request's session opens nothing"), False)
    except client.InvalidTag:
        check(partner.told("the request's session opens nothing"), True)
    signed(partner, reply)
    partner.refused("the same session for the second read", client.PATH + "result", partner.wants(number, third), "CE5000", why="session.reused")
    again, fourth = partner.read("the second read", number)
    check(partner.told("the same person"), fourth.open_all(again["personalData"]) == PERSONA)
    check(partner.told("other ciphertexts"), not set(filter(None, reply["personalData"].values())) & set(again["personalData"].values()))
    partner.refused("a third read", client.PATH + "result", partner.wants(number), "CE3101")
    check(partner.told("still COMPLETED"), partner.status(number) == "COMPLETED")
    return number


def signed(partner, reply):
    """The signature by `openssl cms`, against the sandbox's authority; then the call that says whether its certificate is good."""
    with tempfile.TemporaryDirectory() as folder:
        der, signer = os.path.join(folder, "signature"), os.path.join(folder, "signer.pem")
        with open(der, "wb") as file:
            file.write(base64.b64decode(reply["signature"], validate=True))
        done = subprocess.run(["openssl", "cms", "-verify", "-inform", "DER", "-in", der, "-CAfile", partner.up.authority, "-purpose", "any", "-signer", signer],
                              capture_output=True)
        check(partner.told("the signature by openssl"), done.returncode == 0, done.stderr.decode())
        content = json.loads(done.stdout)
        check(partner.told("what was signed"), content == {name: reply[name] for name in ("txId", "requestedDt", "completedDt")}, content)
        subject = subprocess.run(["openssl", "x509", "-in", signer, "-noout", "-subject", "-nameopt", "utf8,-esc_msb,sep_comma_plus"],
                                 capture_output=True).stdout.decode()
        check(partner.told("whose certificate"), PERSONA["name"] in subject, subject)
        pem = open(signer).read()
        found = partner.success("validate", "/api/v1/certificate/validate", {"certificate": pem})
        check(partner.told("a good certificate"), found == {"valid": True, "enabled": True}, found)
        one_line = "-----BEGIN CERTIFICATE-----\n" + re.sub(r"\s|-----[^-]+-----", "", pem) + "\n-----END CERTIFICATE-----"
        found = partner.success("validate, one line", "/api/v1/certificate/validate", {"certificate": one_line})
        check(partner.told("a good certificate in one line"), found == {"valid": True, "enabled": True}, found)
        key, own = os.path.join(folder, "key"), os.path.join(folder, "own.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=Kim",
                        "-keyout", key, "-out", own], check=True, capture_output=True)
        found = partner.success("validate, foreign", "/api/v1/certificate/validate", {"certificate": open(own).read()})
        check(partner.told("a foreign certificate"), found == {"valid": False, "enabled": False}, found)


def printed(partner):
    """The request that the documentation prints, letter by letter; only the host is another."""
    with open(os.path.join(VECTORS, "samples.json")) as file:
        samples = json.load(file)
    values = next(sample for sample in samples if sample["session_id"] == "cc575847-f549-4c1e-89c7-eff11743e05e")["values"]
    body = {"requestType": "USER_PERSONAL", "requestUrl": "intoss://my-granite-app", "triggerType": "APP_SCHEME"}
    body.update({value["member"]: value["value"] for value in values})
    number = partner.begin(body)
    check(partner.told("the printed request is warned about"), partner.up.verdict()["rule"] == "request.published-sample", partner.up.verdict())
    partner.up.person(number, "approve")
    reply, session = partner.read("the result of the printed request", number)
    check(partner.told("the person of the printed request"), session.open_all(reply["personalData"]) == PERSONA)


def one_touch(partner):
    path, up = client.PATH + "request", partner.up
    body = {"requestType": "USER_NONE", "requestUrl": "intoss://my-granite-app"}
    started = partner.success("USER_NONE", path, body)
    check(partner.told("what one touch answers"), set(started) == {"txId", "requestedDt"}, started)
    up.person(started["txId"], "approve")
    reply, session = partner.read("the result of one touch", started["txId"])
    check(partner.told("the person of one touch"), session.open_all(reply["personalData"]) == PERSONA)

    number = partner.begin(body)
    up.person(number, "open")
    up.person(number, "deny")
    check(partner.told("a refusal shows nothing"), partner.status(number) == "IN_PROGRESS")
    partner.refused("a refused one has no result", client.PATH + "result", partner.wants(number), "CE3102")
    up.person(number, "expire")
    check(partner.told("expired"), partner.status(number) == "EXPIRED")
    partner.refused("an expired one has no result", client.PATH + "result", partner.wants(number), "CE3103")


def boundaries(partner):
    """Both limits of time, to the second."""
    up = partner.up
    up.control("POST", "/-/clock", {"freeze": True})
    number = partner.begin()
    up.control("POST", "/-/clock", {"advance": "599s"})
    check(partner.told("after 599 seconds"), partner.status(number) == "REQUESTED")
    up.control("POST", "/-/clock", {"advance": "1s"})
    check(partner.told("after 600 seconds"), partner.status(number) == "EXPIRED")
    number = partner.begin()
    up.person(number, "approve")
    up.control("POST", "/-/clock", {"advance": "3599s"})
    partner.read("after 59 minutes and 59 seconds", number)
    up.control("POST", "/-/clock", {"advance": "1s"})
    partner.refused("after 60 minutes", client.PATH + "result", partner.wants(number), "CE3103")
    check(partner.told("COMPLETED for ever"), partner.status(number) == "COMPLETED")
    up.control("POST", "/-/clock", {"advance": "364d"})
    check(partner.told("a token after 364 days"), partner.status(number) == "COMPLETED")
    up.control("POST", "/-/clock", {"advance": "24h"})
    partner.refused("an expired token", client.PATH + "status", {"txId": number}, "CE1000", 401, why="token.expired")
    up.control("POST", "/-/clock", {"set": "now", "resume": True})


def every_state(partner):
    """Each state by each call, with what the document's table says of the pair."""
    up, none = partner.up, {"requestType": "USER_NONE", "requestUrl": "intoss://my-granite-app"}
    up.control("POST", "/-/clock", {"freeze": True})

    def pair(what, number, status, result):
        if status.startswith("CE"):
            partner.refused(f"{what}: status", client.PATH + "status", {"txId": number}, status)
        else:
            seen = partner.status(number)
            check(partner.told(f"{what}: status"), seen == status, seen)
        if result:
            partner.refused(f"{what}: result", client.PATH + "result", partner.wants(number), result)
        else:
            partner.read(f"{what}: result", number)

    other = up.control("POST", "/-/toss-auth/clients", {"client_id": f"test_{uuid.uuid4().hex}", "client_secret": f"test_{uuid.uuid4().hex}"})
    form = {"grant_type": "client_credentials", "scope": "ca", "client_id": other["client_id"], "client_secret": other["client_secret"]}
    mine, partner.bearer = partner.bearer, partner.service.token(form)[1]["access_token"]
    foreign = partner.begin(none)
    up.person(foreign, "approve")
    partner.bearer = mine
    pair("another client's", foreign, "CE3100", "CE3100")
    pair("no such txId", str(uuid.uuid4()), "CE3100", "CE3100")
    for deeds, reads, later, status, result in [
        ([], 0, None, "REQUESTED", "CE3102"), (["open"], 0, None, "IN_PROGRESS", "CE3102"), (["open", "deny"], 0, None, "IN_PROGRESS", "CE3102"),
        (["expire"], 0, None, "EXPIRED", "CE3103"), (["open", "expire"], 0, None, "EXPIRED", "CE3103"), ([], 0, "10m", "EXPIRED", "CE3103"),
        (["open"], 0, "10m", "EXPIRED", "CE3103"), (["open", "deny"], 0, "10m", "EXPIRED", "CE3103"), (["approve"], 0, None, "COMPLETED", None),
        (["open", "approve"], 1, None, "COMPLETED", None), (["approve"], 2, None, "COMPLETED", "CE3101"),
        (["approve"], 0, "3599s", "COMPLETED", None), (["approve"], 0, "60m", "COMPLETED", "CE3103"),
        (["approve"], 1, "60m", "COMPLETED", "CE3103"), (["approve"], 2, "60m", "COMPLETED", "CE3103"),
    ]:
        number = partner.begin(none)
        for deed in deeds:
            up.person(number, deed)
        for _ in range(reads):
            partner.read("a read", number)
        if later:
            up.control("POST", "/-/clock", {"advance": later})
        pair(f"{deeds}, {reads} reads, {later or 'at once'}", number, status, result)
    up.control("POST", "/-/clock", {"set": "now", "resume": True})


def mistakes(partner):
    """What people do wrong with the session, and what the log then calls it."""
    request, new = client.PATH + "request", partner.session

    def url_safe(data):
        return base64.urlsafe_b64encode(data).decode()

    def unpadded(data):
        return client.text64(data).rstrip("=")

    def with_both(maker):
        # The alphabets differ in two signs only; a block of 512 bytes nearly always has one of them.
        while True:
            session = maker()
            if re.search("[-_]", session.session_key.split("$", 2)[2]):
                return session

    def name(session, **spoilt):
        return partner.claim(session, userName=session.seal(CLAIM["userName"], **spoilt))

    def wrong(what, body, why, code="CE5000"):
        partner.refused(what, request, body, code, why=why)

    wrong("OAEP with SHA-256", partner.claim(new(digest=client.hashes.SHA256)), "session.oaep-digest")
    wrong("OAEP with a label", partner.claim(new(label=b"toss")), "session.oaep-label")
    wrong("AES_CBC", partner.claim(new(method="AES_CBC")), "session.aes-cbc")
    wrong("a session key in the URL's alphabet", partner.claim(with_both(lambda: new(alphabet=url_safe))), "session.url-safe-base64")
    wrong("a session key without padding", partner.claim(new(alphabet=unpadded)), "session.missing-padding")
    wrong("a short key", partner.claim(new(key=os.urandom(16))), "session.key-length")
    wrong("a long IV", partner.claim(new(nonce=os.urandom(16))), "session.vector-length")
    wrong("a session key of two parts", partner.claim(sessionKey="v1$" + new().session_key.split("$")[2]), "session.wrong-parts")
    wrong("a version that nobody knows", partner.claim(new(version="v2")), "session.wrong-version")
    other = new()
    wrong("a session key for another's key", partner.claim(sessionKey=f"v1${other.id}${client.text64(os.urandom(512))}"), "session.other-public-key")

    session = new()
    wrong("no AAD", name(session, additional=None), "session.aad-empty")
    session = new()
    wrong("the key's text as AAD", name(session, additional=client.text64(session.key).encode()), "session.aad-base64-text")
    wrong("a changed tag", name(new(), flip=True), "session.damaged")
    wrong("a tag that is cut", name(new(), cut=4), "session.tag-cut")
    wrong("the IV inside", name(new(), nonce_inside=True), "session.iv-inside")
    wrong("another session's id", name(new(), number=str(uuid.uuid4())), "session.other-label")
    session = new()
    while not re.search("[+/]", session.seal(CLAIM["userName"]).split("$")[2]):
        session = new()
    wrong("a field in the URL's alphabet", name(session, alphabet=url_safe), "session.url-safe-base64")
    wrong("a field without padding", name(new(), alphabet=unpadded), "session.missing-padding")
    wrong("a field in clear", partner.claim(userName=CLAIM["userName"]), "session.not-encrypted")

    session = new()
    partner.begin(partner.claim(session))
    wrong("a session used twice", partner.claim(session), "session.reused")
    wrong("its key under another id", partner.claim(new(key=session.key, nonce=session.nonce)), "session.reused")
    wrong("its id with another key", partner.claim(new(number=session.id)), "session.reused")

    for what, field, value in [("an empty name", "userName", ""), ("a phone number with dashes", "userPhone", "010-1234-5678"),
                               ("a short phone number", "userPhone", "0101234"), ("a day that is none", "userBirthday", "19900231"),
                               ("six digits of a birthday", "userBirthday", "900101")]:
        session = new()
        wrong(what, partner.claim(session, **{field: session.seal(value)}), "claim." + field, "CE0003")
    for field in partner.claim():
        wrong(f"no {field}", partner.claim(**{field: None}), field, "CE0003")
    wrong("a type that is none", partner.claim(requestType="USER_ALL"), "requestType", "CE0003")
    wrong("a trigger that is none", partner.claim(triggerType="SMS"), "triggerType", "CE0003")
    number = partner.begin()
    partner.up.person(number, "approve")
    partner.refused("a result without a session key", client.PATH + "result", {"txId": number}, "CE0003", why="sessionKey")
    broken = partner.session(digest=client.hashes.SHA256)
    partner.refused("a result with OAEP of SHA-256", client.PATH + "result", partner.wants(number, broken), "CE5000", why="session.oaep-digest")
    for _ in range(2):
        partner.read("refused calls have cost nothing", number)


def through_gateway(up):
    """The same check, asked with plain fields; what comes back must be what a partner with its own cryptography would have got."""
    base = up.gateway + "/toss-auth"

    def call(method, path, body=None, fields=None):
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        request = urllib.request.Request(base + path, data, {"Content-Type": "application/json", **(fields or {})}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as reply:
                return reply.status, reply.headers, json.loads(reply.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, error.headers, json.loads(error.read() or b"null")

    def seen(answer):
        return answer[0], dict(answer[1]), answer[2]

    partner = Partner(up, client.Service(base=up.sandbox + "/toss-auth"))
    tokens(partner)
    plain = {"requestType": "USER_PERSONAL", "requestUrl": "intoss://my-granite-app", "triggerType": "APP_SCHEME", **CLAIM}
    for kind, body in [("USER_PERSONAL", plain), ("USER_NONE", {"requestType": "USER_NONE", "requestUrl": "intoss://my-granite-app"})]:
        answer = call("POST", client.PATH + "request", body)
        check(f"{kind} through the gateway", answer[0] == 200 and answer[1]["Bujeol-Outcome"] == "delivered"
              and answer[1]["Bujeol-Result"] == "success", seen(answer))
        number = answer[2]["success"]["txId"]
        answer = call("POST", client.PATH + "status", {"txId": number})
        check(f"{kind}: status", answer[2]["success"]["status"] == "REQUESTED", seen(answer))
        answer = call("POST", client.PATH + "result", {"txId": number})
        check(f"{kind}: too early", answer[2]["error"]["errorCode"] == "CE3102" and answer[1]["Bujeol-Error-Code"] == "CE3102"
              and answer[1]["Bujeol-Result"] == "fail", seen(answer))
        up.person(number, "approve")
        answer = call("GET", f"/-/transactions/{number}?wait=5s")
        check(f"{kind}: waited for", answer[0] == 200 and "COMPLETED" in json.dumps(answer[2]), seen(answer))
        first = call("POST", client.PATH + "result", {"txId": number})
        check(f"{kind}: the result", first[0] == 200 and first[2]["success"]["personalData"] == PERSONA
              and first[1]["Bujeol-Reads-Left"] == "1" and first[1]["Bujeol-Age-Group"] == "ADULT", seen(first))
        completed = datetime.datetime.fromisoformat(first[2]["success"]["completedDt"])
        deadline = datetime.datetime.fromisoformat(first[1]["Bujeol-Result-Deadline"].replace("Z", "+00:00"))
        check(f"{kind}: the deadline", deadline - completed == datetime.timedelta(minutes=60), seen(first))
        kept = call("POST", client.PATH + "result", {"txId": number})
        check(f"{kind}: kept", kept[2] == first[2] and kept[1]["Bujeol-Repeated"] == "true" and kept[1]["Bujeol-Reads-Left"] == "1", seen(kept))
        # The one read that is left, by a partner with its own cryptography: both must have been told the same.
        reply, session = partner.read("the read that the gateway has left", number)
        own = {**reply, "personalData": session.open_all(reply["personalData"])}
        same = {name: value for name, value in own.items() if name != "signature"}
        check(f"{kind}: the same by both ways", {n: v for n, v in first[2]["success"].items() if n != "signature"} == same, (first[2], own))
        partner.refused("the gateway's read counted", client.PATH + "result", partner.wants(number), "CE3101")

    answer = call("POST", client.PATH + "request", plain)
    number = answer[2]["success"]["txId"]
    up.person(number, "approve")
    left = []
    for _ in range(3):
        answer = call("POST", client.PATH + "result", {"txId": number}, {"Bujeol-Read": "fresh"})
        left.append((answer[0] == 200, answer[1].get("Bujeol-Reads-Left"), answer[1].get("Bujeol-Outcome")))
    check("two fresh reads", left[:2] == [(True, "1", "delivered"), (True, "0", "delivered")], left)
    check("the third is refused by the gateway itself", left[2][0] is False and left[2][2] == "refused", left)
    answer = call("DELETE", f"/-/transactions/{number}")
    check("forgotten", answer[0] in (200, 204), seen(answer))

    for what, field, value in [("dashes", "userPhone", "010-1234-5678"), ("a day that is none", "userBirthday", "19900231"), ("no name", "userName", "")]:
        answer = call("POST", client.PATH + "request", {**plain, field: value})
        check(f"{what}, refused by the gateway", answer[0] == 400 and answer[1]["Bujeol-Outcome"] == "refused" and field in json.dumps(answer[2])
              and (not value or value not in json.dumps(answer[2])), seen(answer))
    answer = call("POST", client.PATH + "status", {"txId": str(uuid.uuid4())})
    check("an unknown txId", answer[2]["error"]["errorCode"] == "CE3100" and answer[1]["Bujeol-Error-Code"] == "CE3100", seen(answer))


def peers_agree():
    """The independent provider that judges our callers must itself agree with an independent client, and with the vectors of all sides."""
    service = arithmetic.RSAKey(os.path.join(VECTORS, "test-key.pem"))
    with open(os.path.join(VECTORS, "sessions.json")) as file:
        vectors = json.load(file)
    for session in vectors:
        plain = service.open_oaep(base64.b64decode(session["session_key"].split("$")[2]))
        parts = [b"AES_GCM", session["key_base64"].encode(), session["iv_base64"].encode()]
        check(f"{session['name']} opens", plain == b"$".join(parts), session["name"])
        secret, nonce = (base64.b64decode(text) for text in parts[1:])
        for field in session["fields"]:
            value = base64.b64decode(field["value"].split("$")[2])
            check(f"{session['name']}, {field['member']}", arithmetic.seal(secret, nonce, field["plaintext"].encode(), secret) == value
                  and arithmetic.open_sealed(secret, nonce, value, secret) == field["plaintext"].encode())
    for number in range(1, 70):
        secret, nonce, text, more = os.urandom(32), os.urandom(12), os.urandom(number), os.urandom(number % 40)
        sealed = client.AESGCM(secret).encrypt(nonce, text, more)
        check(f"AES-256-GCM of {number} bytes", arithmetic.seal(secret, nonce, text, more) == sealed
              and arithmetic.open_sealed(secret, nonce, sealed, more) == text
              and arithmetic.open_sealed(secret, nonce, sealed[:-1] + bytes([sealed[-1] ^ 1]), more) is None)


def with_package():
    """Runs this script again where the package is; false when it cannot be had."""
    with tempfile.TemporaryDirectory(prefix="bujeol-conformance-") as folder:
        venv.create(folder, with_pip=True)
        python = os.path.join(folder, "bin", "python")
        done = subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "20", PACKAGE],
                              capture_output=True)
        if done.returncode != 0:
            return False
        if subprocess.run([python, __file__, sys.argv[1], "--here"]).returncode != 0:
            sys.exit(1)
        return True


def main():
    with tempfile.TemporaryDirectory() as folder:
        peers_agree()
        up = Up(os.path.abspath(sys.argv[1]), folder)
        try:
            for service in [client.Service(port=up.tls_port, authority=up.authority), client.Service(base=up.sandbox + "/toss-auth")]:
                up.control("POST", "/-/reset")
                partner = Partner(up, service)
                tokens(partner)
                bearers(partner)
                personal(partner)
                printed(partner)
                one_touch(partner)
                mistakes(partner)
                every_state(partner)
                boundaries(partner)
            up.control("POST", "/-/reset")
            through_gateway(up)
            up.end()
        finally:
            if up.process.poll() is None:
                up.process.kill()
    print(f"Toss Auth by a partner's server that is not ours: {checked} checks passed.")


PEERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers")
VECTORS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "Vectors")
sys.path.insert(0, PEERS)
sys.dont_write_bytecode = True
try:
    import arithmetic
    import client
except ImportError as error:
    if error.name != PACKAGE and not str(error.name).startswith(PACKAGE + "."):
        raise
    if "--here" in sys.argv or not with_package():
        print(f"skipped: the identity journey of Toss Auth ({PACKAGE} is not installed, and the package index cannot be reached)")
    sys.exit(0)

if __name__ == "__main__":
    main()
