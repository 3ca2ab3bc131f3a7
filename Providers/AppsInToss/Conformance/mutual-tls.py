#!/usr/bin/env python3
"""Lets TLS clients that are not ours call the built binary's TLS port as Apps in Toss: curl, Python's requests, Node.js and openssl s_client, by TLS 1.2 and 1.3.

Each shows a good certificate, none, one of a foreign authority, a self-signed one, one that has expired by the controllable clock, one that was disabled (both as
refusals and, by a setting, as alerts of TLS), and one of another mini-app, and asks for one host while naming another; what it gets, and what the request log says of it, is checked. What is not installed is skipped, by name.
Usage: mutual-tls.py path/to/bujeol
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

HOST = "apps-in-toss-api.toss.im"
PAY = "pay-apps-in-toss-api.toss.im"
OPEN = "api.bootpay.co.kr"
CODE_PATH = "/api-partner/v1/apps-in-toss/user/oauth2/generate-token"
VERSIONS = ["1.2", "1.3"]

checked = 0


def check(what, condition, seen=""):
    global checked
    checked += 1
    if not condition:
        print(f"FAILED {what}: {str(seen)[:800]}")
        sys.exit(1)


def run(arguments, text=""):
    done = subprocess.run(arguments, input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    return done.returncode, done.stdout.decode(errors="replace")


class Sandbox:
    """`bujeol sandbox` on free ports, with a data directory of its own."""

    def __init__(self, path, folder):
        self.path = path
        self.data = os.path.join(folder, "data")
        self.log = open(os.path.join(folder, "output"), "w+")
        self.process = subprocess.Popen(
            [path, "sandbox", "--sandbox-port", "0", "--sandbox-tls-port", "0", "--data", self.data, "--language", "en"],
            stdout=self.log, stderr=subprocess.STDOUT)
        limit = time.monotonic() + 60
        while True:
            text = open(self.log.name).read()
            if "Ctrl-C" in text:
                break
            if time.monotonic() > limit or self.process.poll() is not None:
                sys.exit(f"FAILED to start: {text}")
            time.sleep(0.02)
        self.base = re.search(r"sandbox\s+(http://\S+)", text).group(1)
        self.port = int(re.search(r"https://127\.0\.0\.1:(\d+)", text).group(1))
        self.authority = os.path.join(self.data, "ca.pem")

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.base + path, data, method=method), timeout=60) as reply:
            return json.load(reply)

    def certificate(self, app, folder):
        """Two files as the console gives them, by the command line, which finds the running sandbox; and the certificate's number."""
        code, text = run([self.path, "apps-in-toss", "cert", "issue", "--app", app, "--out", folder, "--data", self.data, "--language", "en"])
        check(f"cert issue for {app}", code == 0, text)
        newest = max(self.control("GET", "/-/apps-in-toss/certificates")["certificates"], key=lambda row: row["id"])
        return (f"{folder}/{app}_public.crt", f"{folder}/{app}_private.key"), newest["id"]

    def last_id(self):
        records = self.control("GET", "/-/requests?limit=1")["requests"]
        return records[0]["id"] if records else 0

    def record_after(self, number):
        """The first record after `number`; a refused handshake may be written a moment after its caller has heard of it."""
        limit = time.monotonic() + 60
        while time.monotonic() < limit:
            records = self.control("GET", f"/-/requests?since={number}")["requests"]
            if records:
                return records[-1]
            time.sleep(0.02)
        return {}

    def end(self):
        self.process.terminate()
        check("the end of the sandbox", self.process.wait(60) == 0)


# Each client asks https://name/path (the name leads to the sandbox) with a Host field and a caller's certificate, and returns the answer's
# status and body, or no status and its own complaint.


def curl(sandbox, version, name, host, path, identity, body):
    arguments = ["curl", "-sS", "-m", "60", "--http1.1", "--cacert", sandbox.authority, f"--tlsv{version}", "--tls-max", version,
                 "--connect-to", f"::127.0.0.1:{sandbox.port}", "-w", "\n%{http_code}", "-H", f"Host: {host}", "-d", json.dumps(body),
                 "-H", "Content-Type: application/json"]
    if identity:
        arguments += ["--cert", identity[0], "--key", identity[1]]
    code, text = run(arguments + [f"https://{name}{path}"])
    if code != 0:
        return None, text
    answer, _, status = text.rpartition("\n")
    return int(status), answer


REQUESTS = """
import json, socket, ssl, sys
import requests
from requests.adapters import HTTPAdapter
order = json.load(sys.stdin)
look_up = socket.getaddrinfo
socket.getaddrinfo = lambda host, port, *rest, **named: look_up("127.0.0.1", order["port"], *rest, **named)
class Adapter(HTTPAdapter):
    def init_poolmanager(self, *rest, **named):
        context = ssl.create_default_context(cafile=order["authority"])
        context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, order["version"])
        super().init_poolmanager(*rest, ssl_context=context, **named)
session = requests.Session()
session.mount("https://", Adapter())
try:
    reply = session.post("https://" + order["name"] + order["path"], json=order["body"], headers={"Host": order["host"]},
                         verify=order["authority"], cert=tuple(order["identity"]) if order["identity"] else None, timeout=60)
    print(json.dumps([reply.status_code, reply.text]))
except requests.exceptions.RequestException as error:
    print(json.dumps([None, str(error)]))
"""

NODE = """
const https = require("https"), fs = require("fs");
const order = JSON.parse(fs.readFileSync(0, "utf8"));
const identity = order.identity ? { cert: fs.readFileSync(order.identity[0]), key: fs.readFileSync(order.identity[1]) } : {};
const lookup = (name, options, done) => options.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4);
const body = JSON.stringify(order.body);
const request = https.request({ host: order.name, servername: order.name, port: order.port, path: order.path, method: "POST", lookup,
  ca: fs.readFileSync(order.authority), minVersion: order.version, maxVersion: order.version, agent: false, timeout: 60000, ...identity,
  headers: { Host: order.host, "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) } }, reply => {
    let text = "";
    reply.on("data", piece => text += piece);
    reply.on("end", () => console.log(JSON.stringify([reply.statusCode, text])));
  });
request.on("error", error => console.log(JSON.stringify([null, String(error)])));
request.end(body);
"""


def by_program(program, version_name):
    def ask(sandbox, version, name, host, path, identity, body):
        order = {"port": sandbox.port, "authority": sandbox.authority, "version": version_name(version), "name": name, "host": host,
                 "path": path, "identity": identity, "body": body}
        code, text = run(program, json.dumps(order))
        check(f"{program[0]} itself", code == 0, text)
        return tuple(json.loads(text.strip().splitlines()[-1]))

    return ask


def openssl(sandbox, version, name, host, path, identity, body):
    text = json.dumps(body)
    request = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\nConnection: close\r\n\r\n{text}"
    arguments = ["openssl", "s_client", "-ign_eof", "-quiet", "-connect", f"127.0.0.1:{sandbox.port}", "-servername", name, "-CAfile",
                 sandbox.authority, "-verify_hostname", name, "-verify_return_error", "-tls" + version.replace(".", "_")]
    if identity:
        arguments += ["-cert", identity[0], "-key", identity[1]]
    _, output = run(arguments, request)
    found = re.search(r"HTTP/1\.1 (\d+)[\s\S]*?\r\n\r\n([\s\S]*)", output)
    return (int(found.group(1)), found.group(2)) if found else (None, output)


def clients():
    yield "curl", curl
    if subprocess.run([sys.executable, "-c", "import requests"], stderr=subprocess.DEVNULL).returncode == 0:
        yield "python requests", by_program([sys.executable, "-c", REQUESTS], lambda version: "TLSv" + version.replace(".", "_"))
    else:
        print("Skipped: python requests is not installed.")
    if shutil.which("node"):
        yield "node https", by_program(["node", "-e", NODE], lambda version: "TLSv" + version)
    else:
        print("Skipped: node is not installed.")
    yield "openssl s_client", openssl


def strangers(folder):
    """Certificates of a foreign authority, of an authority of the sandbox's name, and one that signed itself; all made by openssl."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
    orders = [["req", "-x509", *key, "-subj", "/CN=bujeol-demo", "-keyout", f"{folder}/self.key", "-out", f"{folder}/self.crt"]]
    for name, authority in [("foreign", "Another authority"), ("twin", "Bujeol sandbox")]:
        place = f"{folder}/{name}"
        orders += [
            ["req", "-x509", *key, "-subj", f"/CN={authority}", "-keyout", f"{place}-ca.key", "-out", f"{place}-ca.pem"],
            ["req", "-new", *key[:-2], "-subj", "/CN=bujeol-demo", "-keyout", f"{place}.key", "-out", f"{place}.csr"],
            ["x509", "-req", "-in", f"{place}.csr", "-CA", f"{place}-ca.pem", "-CAkey", f"{place}-ca.key", "-CAcreateserial", "-days", "30",
             "-out", f"{place}.crt"],
        ]
    for arguments in orders:
        code, text = run(["openssl"] + arguments)
        check("openssl makes certificates", code == 0, text)
    return [(f"{folder}/{name}.crt", f"{folder}/{name}.key") for name in ["foreign", "twin", "self"]]


def walk(sandbox, name, ask, version, identities):
    good, number, other, foreign, twin, own = identities
    label = f"{name}, TLS {version}"

    def call(what, identity, host=HOST, asked=None, body=None, path=CODE_PATH):
        before = sandbox.last_id()
        status, text = ask(sandbox, version, asked or host, host, path, identity, body or {})
        record = sandbox.record_after(before)
        verdict = record.get("verdict", {})
        return status, text, verdict.get("rule"), record, f"{label}, {what}"

    def handshake(what, identity, rule, **more):
        status, text, seen, record, told = call(what, identity, **more)
        check(told, status is None and seen == rule and record["outcome"] == "handshake_failed", (status, text, record))
        check(told + ": the reason", all(record["verdict"]["reason"][language] for language in ["ko", "en"]), record)
        check(told + ": who", record["address"] == "127.0.0.1" and record["tls"]["server_name"] == more.get("host", HOST), record)
        return text

    def refused(what, identity, rule):
        status, text, seen, record, told = call(what, identity)
        check(told, status == 200 and json.loads(text)["resultType"] == "FAIL" and json.loads(text)["error"]["errorCode"] == "4010", (status, text))
        check(told + ": the rule", seen == rule, record)

    def granted(what, identity, app):
        code = sandbox.control("POST", "/-/apps-in-toss/codes", {"app": app})["authorizationCode"]
        return call(what, identity, body={"authorizationCode": code, "referrer": "DEFAULT"})

    status, text, _, record, told = granted("a good certificate", good, "bujeol-demo")
    check(told, status == 200 and json.loads(text)["resultType"] == "SUCCESS", (status, text))
    check(told + ": seen", record["tls"]["version"] == "TLSv" + version and "bujeol-demo" in record["tls"]["certificate"]["subject"], record)
    status, text, rule, record, told = granted("a good certificate of another mini-app", other, "bujeol-demo")
    check(told, "accessToken" not in text and "error" in json.loads(text) and str(rule).startswith("code.other-"), (status, text, record))

    heard = handshake("no certificate", None, "tls.certificate-missing")
    check(f"{label}: the alert", re.search("certificate.required|handshake.failure" if version == "1.3" else "handshake.failure", heard, re.I), heard)
    handshake("no certificate at the other host", None, "tls.certificate-missing", host=PAY)
    heard = handshake("a foreign authority", foreign, "tls.certificate-foreign")
    check(f"{label}: the alert for a foreign one", re.search("unknown.ca", heard, re.I), heard)
    handshake("an authority of the same name", twin, "tls.certificate-signature")
    handshake("a self-signed certificate", own, "tls.certificate-self-signed")

    for what, identity in [("Host and SNI differ", None), ("Host and SNI differ, with a certificate nobody asked for", good)]:
        status, text, rule, record, told = call(what, identity, asked=OPEN)
        check(told, status == 421 and rule == "tls.misdirected" and "SNI" in str(record["verdict"]["remedy"]), (status, text, record))
    status, text, rule, record, told = call("under the sandbox's own name", None, host="localhost", path="/apps-in-toss" + CODE_PATH)
    check(told, status == 200 and json.loads(text)["error"]["errorCode"] == "4010" and rule == "certificate.missing", (status, text, record))

    sandbox.control("POST", f"/-/apps-in-toss/certificates/{number}/disable")
    refused("a disabled certificate", good, "certificate.disabled")
    sandbox.control("POST", f"/-/apps-in-toss/certificates/{number}/enable")
    sandbox.control("POST", "/-/clock", {"advance": "400d"})
    refused("a certificate that the clock has expired", good, "certificate.expired")
    sandbox.control("POST", "/-/clock", {"set": "2020-01-01T00:00:00Z"})
    refused("a certificate of the future", good, "certificate.not-yet-valid")
    sandbox.control("POST", "/-/clock", {"set": "now"})

    # The setting that has the handshake fail instead, with the alert that fits.
    sandbox.control("PUT", "/-/apps-in-toss/settings", {"bad_certificate_ends_handshake": True})
    sandbox.control("POST", f"/-/apps-in-toss/certificates/{number}/disable")
    heard = handshake("a disabled certificate, by the setting", good, "certificate.disabled")
    check(f"{label}: the alert for a disabled one", re.search("certificate.revoked", heard, re.I), heard)
    sandbox.control("POST", f"/-/apps-in-toss/certificates/{number}/enable")
    sandbox.control("POST", "/-/clock", {"advance": "400d"})
    heard = handshake("an expired certificate, by the setting", good, "certificate.expired")
    # curl has words of its own for this alert.
    check(f"{label}: the alert for an expired one", re.search("certificate.expired|certificate verification failed", heard, re.I), heard)
    sandbox.control("POST", "/-/clock", {"set": "now"})
    sandbox.control("PUT", "/-/apps-in-toss/settings", {"bad_certificate_ends_handshake": False})
    status, text, _, _, told = granted("the good certificate again", good, "bujeol-demo")
    check(told, status == 200 and json.loads(text)["resultType"] == "SUCCESS", (status, text))


def main():
    with tempfile.TemporaryDirectory() as folder:
        sandbox = Sandbox(sys.argv[1], folder)
        try:
            good, number = sandbox.certificate("bujeol-demo", folder)
            sandbox.control("POST", "/-/apps-in-toss/apps", {"app": "another-app"})
            other, _ = sandbox.certificate("another-app", folder)
            foreign, twin, own = strangers(folder)
            for name, ask in clients():
                for version in VERSIONS:
                    walk(sandbox, name, ask, version, (good, number, other, foreign, twin, own))
            sandbox.end()
        finally:
            if sandbox.process.poll() is None:
                sandbox.process.kill()
    print(f"Mutual TLS with clients that are not ours: {checked} checks passed.")


if __name__ == "__main__":
    main()
