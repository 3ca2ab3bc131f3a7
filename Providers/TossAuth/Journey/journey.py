#!/usr/bin/env python3
"""Taps through the phone that the built binary's sandbox plays, in headless Chromium, while a partner's server of our own asks who somebody is.

Usage: journey.py path/to/bujeol directory-for-screenshots
"""

import base64
import http.server
import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "Conformance", "peers"), os.path.join(HERE, "..", "..", "..", "Tests", "Journey")]
import client  # noqa: E402
import journeys  # noqa: E402
import webdriver  # noqa: E402
from journeys import check  # noqa: E402

TEST_CLIENT = ("test_a8e23336d673ca70922b485fe806eb2d", "test_418087247d66da09fda1964dc4734e453c7cf66a7a9e3")
# The narrowest screen that has to do (WCAG 2.2, 1.4.10).
NARROW = (320, 568)
# An address that would break out of a page that forgot to escape it, and run something if it were made a link.
HOSTILE = "javascript://%0aalert(1)\"'><script>document.title='broken'</script>"


class Sandbox:
    """The sandbox's control API."""

    def __init__(self, root, tenant="demo"):
        self.root, self.tenant = root, tenant

    def ask(self, path, body=None, method=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.root}/-/{path}", data=data, method=method or ("GET" if body is None else "POST"),
            headers={"Bujeol-Tenant": self.tenant, "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read().decode()
        return json.loads(text) if text.startswith(("{", "[")) else text

    def advance(self, seconds):
        self.ask("clock", {"advance": f"{seconds}s"})


class Partner:
    """A partner's server with one client of Toss Auth."""

    def __init__(self, sandbox, credentials):
        self.sandbox = sandbox
        self.service = client.Service(base=f"{sandbox.root}/toss-auth")
        self.key = sandbox.ask("toss-auth/public-key")
        form = {"grant_type": "client_credentials", "scope": "ca", "client_id": credentials[0], "client_secret": credentials[1]}
        self.token = self.service.token(form)[1]["access_token"]

    def call(self, name, body):
        return self.service.call(client.PATH + name, body, self.token)[1]

    def request(self, person=None, url="intoss://my-granite-app"):
        """Asks by personal data, or by one touch when nobody is named; gives the txId."""
        body = {"requestType": "USER_NONE", "requestUrl": url}
        if person:
            session = client.Session(self.key)
            names = dict(zip(("userName", "userPhone", "userBirthday"), person))
            body = {"requestType": "USER_PERSONAL", "requestUrl": url, "triggerType": "APP_SCHEME", "sessionKey": session.session_key,
                    **{name: session.seal(text) for name, text in names.items()}}
        answer = self.call("request", body)
        check("the request is taken", answer["resultType"] == "SUCCESS", answer)
        return answer["success"]["txId"]

    def status(self, number):
        return self.call("status", {"txId": number})["success"]["status"]

    def result(self, number):
        """The result, with the person's data in clear."""
        session = client.Session(self.key)
        answer = self.call("result", {"txId": number, "sessionKey": session.session_key})
        if answer["resultType"] == "SUCCESS":
            answer["success"]["personalData"] = session.open_all(answer["success"]["personalData"])
        return answer


class Walk:
    """A browser that is the phone."""

    def __init__(self, browser, root, pictures):
        self.browser, self.base, self.pictures = browser, f"{root}/toss-auth/phone", pictures

    def open(self, number):
        self.browser.open(f"{self.base}/{number}")
        title = self.browser.title
        check("the phone opens", "본인확인 샌드박스" in title and "broken" not in title, title)

    def tap(self, button):
        before = self.browser.find("html")
        self.browser.press(f"button[name=press][value={button}]")
        self.browser.wait_until_gone(before)
        self.browser.find("footer")

    def shows(self, what, *words):
        text = self.browser.text
        check(f"{what}: {', '.join(words)}", all(word in text for word in words), text)

    def buttons(self):
        return [self.browser.command("GET", f"/element/{button}/attribute/value") for button in self.browser.find_all("button")]

    def picture(self, name):
        """The page on a phone and on a desktop, by day and by night."""
        for colours, end in (("light", ""), ("dark", "-dark")):
            self.browser.inspect("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": colours}])
            journeys.take_pictures(self.browser, self.pictures, name + end)
            journeys.check_legibility(self.browser, name + end)
        self.browser.inspect("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}])
        self.browser.resize(NARROW)
        width, _ = self.browser.content_size
        check(f"{name} fits the narrowest phone", width <= NARROW[0], width)
        self.browser.resize(webdriver.PHONE)


def approve(walk, partner, authority):
    """By personal data, with the published test credentials."""
    browser = walk.browser
    number = partner.request(("홍길동", "01012345678", "19900101"))
    check("not finished yet", partner.result(number)["error"]["errorCode"] == "CE3102")
    walk.open(number)
    walk.picture("requested")
    walk.shows("who asks, and for what", TEST_CLIENT[0], "USER_PERSONAL", "REQUESTED", "생년월일", "CI", "남은 시간")
    browser.open(browser.url)
    check("looking changes nothing", partner.status(number) == "REQUESTED")
    walk.tap("open")
    check("the state", partner.status(number) == "IN_PROGRESS")
    walk.picture("in-progress")
    walk.shows("whose phone it is, without the name", "김*스", "IN_PROGRESS")
    check("nobody has to be chosen", not browser.find_all("select"))
    old = browser.url
    walk.tap("approve")
    check("the state", partner.status(number) == "COMPLETED")
    walk.picture("completed")
    walk.shows("the end", "본인확인을 마쳤습니다", "intoss://my-granite-app")
    check("the way back", browser.attribute("a.button", "href").startswith("intoss://my-granite-app"), browser.attribute("a.button", "href"))
    check("nothing to tap any more", not walk.buttons() and browser.url == old)

    result = partner.result(number)["success"]
    check("the persona has answered", result["personalData"]["name"] == "김토스" and result["personalData"]["birthday"] == "19930324"
          and result["status"] == "COMPLETED", result)
    signed = subprocess.run(
        ["openssl", "cms", "-verify", "-inform", "DER", "-binary", "-CAfile", authority], input=base64.b64decode(result["signature"]),
        capture_output=True, check=False)
    check("openssl believes the signature", signed.returncode == 0 and json.loads(signed.stdout)["txId"] == number, signed)
    # The page before, from the browser's memory or asked for again, and its button once more.
    again = partner.request()
    walk.open(again)
    walk.tap("open")
    twice = urllib.request.Request(f"{walk.base}/{again}", data=b"press=approve", headers={"Content-Type": "application/x-www-form-urlencoded"})
    for _ in range(2):
        with urllib.request.urlopen(twice, timeout=60) as answer:
            check("a tap too many leads to the page as it is", answer.status == 200 and "본인확인을 마쳤습니다" in answer.read().decode())
    walk.tap("approve")
    walk.shows("a stale button does no harm", "본인확인을 마쳤습니다")


def live(walk, root):
    """One touch in a tenant of its own, where somebody has to hold the phone."""
    made = Sandbox(root).ask("tenants", {"name": "journey"})["toss-auth"]
    credentials = next((c["client_id"], c["client_secret"]) for c in made["clients"] if not c["client_id"].startswith("test_"))
    sandbox = Sandbox(root, "journey")
    partner = Partner(sandbox, credentials)
    number = partner.request(url="https://shop.example/done?order=7")
    walk.open(number)
    walk.tap("open")
    walk.picture("choose-person")
    walk.browser.command("POST", f"/element/{walk.browser.find('option[value=minor]')}/click")
    walk.tap("approve")
    walk.shows("the end", "성*향", "https://shop.example/done?order=7")
    person = partner.result(number)["success"]["personalData"]
    check("who was chosen has answered", person["name"] == "성춘향" and person["ageGroup"] == "MINOR", person)
    named = partner.request(("홍길동", "01000000001", "19900101"))
    walk.open(named)
    walk.tap("open")
    check("who was named need not be chosen", not walk.browser.find_all("select"))
    walk.tap("deny")
    walk.picture("denied")
    walk.shows("a refusal has no state of its own", "거절했습니다", "IN_PROGRESS 상태")
    check("the state stays", partner.status(named) == "IN_PROGRESS" and walk.buttons() == ["expire"])
    sandbox.advance(600)
    walk.browser.open(walk.browser.url)
    walk.shows("time is over", "만료되었습니다")
    check("the state", partner.status(named) == "EXPIRED")
    sandbox.ask("toss-auth/settings", {"denial": "expires"}, "PUT")
    other = partner.request()
    walk.open(other)
    walk.tap("deny")
    walk.shows("by a setting a refusal ends it", "만료되었습니다")
    for somebody in ("adult", "minor", "foreigner"):
        sandbox.ask(f"toss-auth/people/{somebody}", method="DELETE")
    empty = partner.request()
    walk.open(empty)
    walk.tap("open")
    walk.tap("approve")
    walk.picture("nobody-there")
    walk.shows("where there are no people", "/-/toss-auth/people", "IN_PROGRESS")


def ends(walk, partner, sandbox):
    """Time over, hostile addresses, pages that are not there, and the list."""
    # A clock that runs would not wait for a starved machine.
    sandbox.ask("clock", {"freeze": True})
    number = partner.request(url=HOSTILE)
    walk.open(number)
    sandbox.advance(599)
    walk.browser.open(walk.browser.url)
    walk.shows("almost over", "남은 시간", "1초 (")
    sandbox.advance(1)
    # The page still shows the buttons of a second ago.
    walk.tap("open")
    walk.picture("expired")
    walk.shows("expired, with the address as mere text", "만료되었습니다", "EXPIRED", HOSTILE)
    check("no link of a hostile address", not walk.browser.find_all("main a"))
    check("the state", partner.status(number) == "EXPIRED")
    walk.browser.open(walk.base)
    walk.shows("nothing waits", "기다리는 요청이 없습니다")
    walk.picture("list-empty")
    waiting = [partner.request(("홍길동", "01012345678", "19900101")), partner.request()]
    walk.browser.open(walk.base)
    walk.picture("list")
    links = walk.browser.find_all(".waiting a")
    check("both wait", len(links) == 2)
    before = walk.browser.find("html")
    walk.browser.press(".waiting a")
    walk.browser.wait_until_gone(before)
    check("the list leads to the phone", walk.browser.url == f"{walk.base}/{waiting[1]}", walk.browser.url)
    walk.browser.press("summary")
    walk.picture("developer-tools")
    walk.tap("expire")
    walk.shows("expired by hand", "만료되었습니다")
    walk.browser.open(f"{walk.base}/4b0a8a43-1a2b-4c3d-8e4f-5a6b7c8d9e0f")
    walk.picture("unknown")
    walk.shows("unknown", "없는 요청입니다")
    return waiting[0]


class Stranger:
    """A page of another site whose form taps on somebody's phone."""

    def __init__(self, target):
        page = f"<!doctype html><form method=post action='{target}'><button name=press value=approve>x</button></form>".encode()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def foreign(stage, walk, partner, number):
    stranger = stage.keep(Stranger(f"{walk.base}/{number}"))
    walk.browser.open(f"http://localhost:{stranger.server.server_port}/")
    before = walk.browser.find("html")
    walk.browser.press("button")
    walk.browser.wait_until_gone(before)
    walk.shows("another site cannot tap", "다른 사이트의 페이지")
    check("and nothing has changed", partner.status(number) == "REQUESTED")


class Waiting(threading.Thread):
    """An application that waits at the gateway until something has become of a check."""

    def __init__(self, gateway, number):
        super().__init__(daemon=True)
        self.url, self.answer = f"{gateway}/toss-auth/-/transactions/{number}?wait=30s", None
        self.start()

    def run(self):
        with urllib.request.urlopen(self.url, timeout=120) as answer:
            self.answer = json.load(answer)

    def status(self):
        self.join(120)
        return json.dumps(self.answer)


def through_gateway(walk, gateway):
    """An application that knows no cryptography asks through the gateway, while somebody taps."""

    def post(name, body):
        request = urllib.request.Request(f"{gateway}/toss-auth{client.PATH}{name}", data=json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)["success"], answer.headers

    number = post("request", {"requestType": "USER_PERSONAL", "requestUrl": "intoss://my-granite-app", "triggerType": "APP_SCHEME",
                              "userName": "홍길동", "userPhone": "01012345678", "userBirthday": "19900101"})[0]["txId"]
    with urllib.request.urlopen(f"{gateway}/toss-auth/-/transactions/{number}", timeout=120) as answer:
        check("the gateway knows the check", "REQUESTED" in answer.read().decode())
    walk.open(number)
    for button, state in (("open", "IN_PROGRESS"), ("approve", "COMPLETED")):
        waiting = Waiting(gateway, number)
        walk.tap(button)
        check(f"who waits hears of {state}", state in waiting.status(), waiting.answer)
    result, headers = post("result", {"txId": number})
    check("the result is opened, and counted", result["personalData"]["name"] == "김토스" and headers["Bujeol-Reads-Left"] == "1", headers)


def walk(stage):
    house = stage.open_house()
    root, gateway = house.place("sandbox"), house.place("gateway")
    sandbox = Sandbox(root)
    partner = Partner(sandbox, TEST_CLIENT)
    phone = Walk(stage.open_browser(), root, stage.pictures)
    print("Toss Auth's phone")
    approve(phone, partner, stage.path(os.path.join("data", "ca.pem")))
    through_gateway(phone, gateway)
    live(phone, root)
    number = ends(phone, partner, sandbox)
    foreign(stage, phone, partner, number)
    complaints = [text for text in phone.browser.complaints if "favicon" not in text]
    expected = ("400 (Bad Request)", "403 (Forbidden)", "404 (Not Found)")
    check("the browser complains about nothing but refusals", all(any(e in text for e in expected) for text in complaints), complaints)


if __name__ == "__main__":
    journeys.main(walk)
