#!/usr/bin/env python3
"""Runs the official Python client `bootpay` 1.0.7, unmodified, against the built binary.

It is installed into a virtual environment of its own. Only its documented attribute `base_url` is set, which says where the servers are.
Usage: conformance.py path/to/bujeol
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import venv

CLIENT = "bootpay==1.0.7"
APPLICATION = "5b8f6a4d396fa665fdc2b5ea"
KEY = "rm6EYECr6aroQVG2ntW0A6LpWnkTgP4uQ3H18sDDUYw="

JOURNEY = r'''
import json, sys, time
from bootpay import Bootpay

class Here(Bootpay):
    base_url = {"development": sys.argv[1], "production": sys.argv[1]}

control, application, key = sys.argv[2], sys.argv[3], sys.argv[4]
import requests

def check(what, condition, seen):
    if not condition:
        print(f"FAILED {what}: {json.dumps(seen, ensure_ascii=False)}")
        sys.exit(1)
    print(f"  ok {what}")

def payment(**members):
    answer = requests.post(control + "/-/bootpay/payments", json=members)
    check("a payment is made", answer.status_code in (200, 201), answer.text)
    return answer.json()["receipt_id"]

client = Here(application, key)
first = client.get_access_token()
check("token", first["status"] == 200 and len(first["data"]["token"]) == 64, {"status": first["status"]})
again = client.get_access_token()
check("the same token is handed out again", again["data"]["token"] == first["data"]["token"], {})

receipt = payment(price=11000, method="card", pg="kcp", order_id="conformance-1")
seen = client.verify(receipt)
check("verify", seen["status"] == 200 and seen["data"]["price"] == 11000 and seen["data"]["status"] == 1, seen)
check("verify an unknown receipt", client.verify("0" * 24)["status"] == 404, {})
check("verify an empty id", client.verify("")["status"] == 404, {})

part = client.cancel(receipt, price=2000, name="conformance", reason="part", cancel_id="conformance-a")
check("partial cancel", part["status"] == 200 and part["data"]["remain_price"] == 9000, part)
check("the same cancel_id is refused", client.cancel(receipt, price=2000, cancel_id="conformance-a")["status"] == 422, {})
rest = client.cancel(receipt, cancel_id="conformance-b")
check("full cancel of the rest", rest["status"] == 200 and rest["data"]["remain_price"] == 0, rest)
check("cancelled", client.verify(receipt)["data"]["status"] == 20, {})

bill = client.get_subscribe_billing_key("nicepay", "conformance-2", "month", "4111111111111111", "00", "30", "12", "880101")
check("billing key", bill["status"] == 200 and bill["data"]["billing_key"], bill)
billing_key = bill["data"]["billing_key"]
charge = client.subscribe_billing(billing_key, "month", 3000, "conformance-3")
check("charge", charge["status"] == 200 and charge["data"]["status"] == 1, charge)
check("the charge can be verified", client.verify(charge["data"]["receipt_id"])["data"]["price"] == 3000, {})
reserve = client.subscribe_billing_reserve(billing_key, "month", 3000, "conformance-4", execute_at=time.time() + 3600)
check("reserve", reserve["status"] == 200 and reserve["data"]["reserve_id"], reserve)
check("cancel the reservation", client.subscribe_billing_reserve_cancel(reserve["data"]["reserve_id"])["status"] == 200, {})
check("delete the key", client.destroy_subscribe_billing_key(billing_key)["status"] == 200, {})
check("a deleted key charges nothing", client.subscribe_billing(billing_key, "month", 3000, "conformance-5")["status"] == 404, {})

user = client.get_user_token(user_id="user-1", name="person", gender=1, birth="900101", phone="01000000000")
check("user token", user["status"] == 200 and len(user["data"]["user_token"]) == 24, user)
link = client.request_payment(pg="kcp", method="card", price=1000, order_id="conformance-6", name="link")
check("payment link", link["status"] == 200 and link["data"].startswith("http"), link)
waiting = payment(price=5000, status=2, method="card", pg="kcp")
check("submit", client.submit(waiting)["data"]["status"] == 1, {})
check("submit twice is refused", client.submit(waiting)["status"] == 422, {})
person = payment(method="auth", price=0, pg="danal")
check("identity", client.certificate(person)["status"] == 200, {})
'''


def install(directory):
    """The interpreter of a fresh environment with the official client, or nothing when the index does not answer."""
    venv.create(directory, with_pip=True)
    python = os.path.join(directory, "bin", "python")
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "20", CLIENT, "requests"],
        capture_output=True, text=True)
    return python if done.returncode == 0 else None


def main():
    bujeol = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="bujeol-conformance-") as directory:
        python = install(os.path.join(directory, "environment"))
        if python is None:
            print(f"skipped: official Python client {CLIENT} (the package index cannot be reached)")
            return
        process = subprocess.Popen(
            [bujeol, "up", "--sandbox-port", "0", "--sandbox-tls-port", "0", "--gateway-port", "0", "--language", "en",
             "--data", os.path.join(directory, "data")],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            sandbox = gateway = caller_id = caller_key = None
            for line in process.stdout:
                sandbox = sandbox or find(r"sandbox\s+(http://\S+)", line)
                gateway = gateway or find(r"gateway\s+(http://\S+)", line)
                caller = re.search(r"caller id (\S+), key (\S+)", line)
                if caller:
                    caller_id, caller_key = caller.groups()
                if sandbox and gateway and caller_id:
                    break
            for name, base, identity, key in [
                ("the sandbox", sandbox + "/bootpay", APPLICATION, KEY),
                ("the sandbox through the gateway", gateway + "/bootpay", caller_id, caller_key),
            ]:
                print(f"official Python client {CLIENT} against {name}")
                urllib.request.urlopen(urllib.request.Request(sandbox + "/-/reset", data=b"{}", method="POST")).read()
                script = os.path.join(directory, "journey.py")
                with open(script, "w") as file:
                    file.write(JOURNEY)
                subprocess.run([python, script, base, sandbox, identity, key], check=True)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def find(pattern, line):
    found = re.search(pattern, line)
    return found.group(1) if found else None


if __name__ == "__main__":
    main()
