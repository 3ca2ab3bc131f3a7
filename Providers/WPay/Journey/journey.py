#!/usr/bin/env python3
"""Walks through WPAY's pages of the built binary in headless Chromium, as a shopper does, with a shop that checks every callback by itself.

Usage: journey.py path/to/bujeol directory-for-screenshots
"""

import base64
import html
import json
import os
import re
import sys
import urllib.parse
import urllib.request

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "..", "Tests", "Journey")]
import journeys  # noqa: E402
import merchant  # noqa: E402
import webdriver  # noqa: E402
from journeys import Program, check  # noqa: E402
from merchant import MID, PAGES, Callback  # noqa: E402

PIN = "246810"
# A name that would break out of a page that forgot to escape it.
HOSTILE = "\"><script>document.title='broken'</script>"


class Walk:
    """A browser, the shop and WPAY."""

    def __init__(self, browser, shop, wpay, pictures):
        self.browser, self.shop, self.wpay, self.pictures = browser, shop, wpay, pictures
        self.count = 0

    def picture(self, name):
        """Saves the page as it stands on a phone and on a desktop."""
        if self.pictures is None:
            return
        journeys.take_pictures(self.browser, self.pictures, name)

    def visit(self, api, plain, final=None, address="", tamper=None, shows=True):
        """Goes to the shop and on to the page; `address` is what stands behind the callback's key, `shows` whether there is anything to press."""
        self.count += 1
        self.key = f"{api.replace('/', '-')}-{self.count}"
        path, order, _ = PAGES[api]
        field = "cancelReturnUrl" if "cancelReturnUrl" in order else "returnUrl"
        values = {"mid": MID, field: f"{self.shop.base}/return/{self.key}{address}", **plain}
        form = merchant.sign(order, values, final)
        if tamper:
            form = [(name, tamper.get(name, value)) for name, value in form]
        self.browser.open(self.shop.offer(self.key, self.wpay + path, form))
        self.browser.press("button")
        if not shows:
            return
        self.browser.find("header .brand")
        title = self.browser.title
        check(f"{api} opens", "샌드박스" in title and "broken" not in title, title)

    def pin(self, pin=PIN, press="approve"):
        self.browser.type("[name=pin]", pin)
        self.press(press)

    def press(self, button):
        # A page in front of the next one has the same buttons; the old one's must be gone before the next step looks for them.
        before = self.browser.find("html")
        self.browser.press(f"button[name=press][value={button}]")
        self.browser.wait_until_gone(before)

    def came_back(self, api, code="0000", method="POST"):
        """The callback that brought the browser back to the shop."""
        self.browser.wait_for_url(f"http://localhost:{self.shop.port}/done")
        arrived = self.shop.came_back(self.key)
        check(f"{api}: one callback", len(arrived) == 1 and arrived[0][0] == method, arrived)
        callback = Callback(api, arrived[0][1])
        check(f"{api}: resultCode {code}", callback["resultCode"] == code, callback.plain)
        if "mid" in callback.plain:
            check(f"{api}: mid", callback["mid"] == MID, callback["mid"])
        return callback


def order(number, **more):
    return {"oid": number, "goodsName": "유기농 사과 5kg & 배", "goodsPrice": "12900", "buyerName": "홍길동", "buyerTel": "010-1234-5678",
            "buyerEmail": "hong@example.com", **more}


def join(walk, api="memreg", user="journey-1", **more):
    walk.visit(api, {"userId": user, "userNm": "홍길동", "hNum": "01012345678", "hCorp": "KTF", "birthDay": "19900101", **more})
    walk.picture(f"{api.replace('/', '-')}-join")
    browser = walk.browser
    browser.type("[name=new-pin]", PIN)
    browser.type("[name=new-pin-again]", "000000")
    browser.press("[name=agreed]")
    walk.press("approve")
    check("two different PINs are not taken", "서로 다릅니다" in browser.text, browser.text)
    browser.type("[name=new-pin]", PIN)
    browser.type("[name=new-pin-again]", PIN)
    browser.press("[name=agreed]")
    walk.press("approve")
    callback = walk.came_back(api)
    check("the user id comes back, and a user key", callback["userId"] == user and len(callback["wpayUserKey"]) == 20, callback.plain)
    return callback


def pay(walk, user, token):
    """Authentication, approval and net-cancel; the heart of it."""
    browser = walk.browser
    keys = {"wpayUserKey": user, "wpayToken": token}
    walk.visit("payauth/card", order("ORDER-1", cardQuota="03"), keys)
    walk.picture("payauth-card")
    walk.pin("111111")
    check("a wrong PIN is told", "PIN이 다릅니다" in browser.text, browser.text)
    walk.picture("payauth-card-wrong-pin")
    walk.pin()
    paid = walk.came_back("payauth/card")
    check("the order number comes back", paid["oid"] == "ORDER-1" and paid["payMethod"] == "01", paid.plain)
    check("the token comes back as it was sent", paid.final["wpayToken"] == token, paid.final)
    rest = paid["wpayDomain"] + "/stdwpay/std/rest/v1/"
    approve = {"mid": MID, "wtid": paid["wtid"]}
    approval = merchant.call(rest + "payappl/card", merchant.CALLS["payappl/card"], approve, {"wpayUserKey": user})
    check("approved", approval["resultCode"] == "0000" and str(approval["applPrice"]) == "12900" and approval["oid"] == "ORDER-1"
          and approval["cardQuota"] == "03" and len(approval["tid"]) == 40, approval)
    undo = {"mid": MID, "wtid": paid["wtid"], "cancelMsg": "통신 오류"}
    undone = merchant.call(rest + "payreqapplcancel", merchant.CALLS["payreqapplcancel"], undo, {"wpayUserKey": user})
    check("net-cancelled", undone["resultCode"] == "0000", undone)
    again = merchant.call(rest + "payappl/card", merchant.CALLS["payappl/card"], approve, {"wpayUserKey": user})
    check("not approved again", again["resultCode"] == "9999", again)


def standard(walk):
    browser = walk.browser
    joined = join(walk, agreePayNm="부절상점 이용약관", agreeUrl=f"{walk.shop.base}/terms")
    user = joined.final["wpayUserKey"]
    keys = {"wpayUserKey": user}
    walk.visit("memreg", {"userId": "journey-1", "agreePayNm": "약관", "agreeUrl": f"{walk.shop.base}/terms"},
               shows=False)
    again = walk.came_back("memreg", "2006")
    check("who joins twice gets the same key", again.final["wpayUserKey"] == user, again.plain)

    walk.visit("payreg/card", {}, keys)
    walk.picture("payreg-card")
    browser.type("[name=number]", "9410 1234 5678 9012")
    browser.type("[name=nickname]", HOSTILE)
    walk.press("approve")
    card = walk.came_back("payreg/card")
    check("the card comes back masked, with its nickname",
          card["bankCardNo"] == "941012******9012" and card["wpayTokenNcnm"] == HOSTILE[:30] and card["payMethod"] == "01", card.plain)
    token = card.final["wpayToken"]
    pay(walk, user, token)

    walk.visit("payauth/card", order("ORDER-2", cardQuota="00"), {**keys, "wpayToken": token})
    walk.press("cancel")
    cancelled = walk.came_back("payauth/card", "9999")
    check("cancelled: no wtid, all fields", cancelled["wtid"] == "" and cancelled["oid"] == "ORDER-2", cancelled.plain)
    walk.visit("payauth/card", order("ORDER-3", cardQuota="00", flagPin="N"), {**keys, "wpayToken": token})
    check("no PIN is asked for when flagPin is N", not browser.find_all("[name=pin]"))
    walk.press("fail")
    walk.came_back("payauth/card", "9999")

    walk.visit("payreg/acct", {}, keys)
    walk.picture("payreg-acct")
    walk.press("approve")
    account = walk.came_back("payreg/acct")
    walk.visit("payauth/acct", order("ORDER-4", bankCardCode=account["bankCardCode"]),
               {**keys, "wpayToken": account.final["wpayToken"]})
    walk.picture("payauth-acct")
    walk.pin()
    check("paid by account", walk.came_back("payauth/acct")["payMethod"] == "16")

    walk.visit("payauth/stdMain", order("ORDER-5"), keys)
    walk.press("new-card")
    walk.picture("stdMain-new-card")
    walk.press("register")
    walk.picture("stdMain")
    walk.pin()
    window = walk.came_back("payauth/stdMain")
    check("the new card is chosen", window.final["wpayToken"] not in ("", token), window.plain)

    walk.visit("payreg/card-billkey", {"iniBillKeyiMid": "INIBillTst"}, keys)
    walk.press("approve")
    walk.came_back("payreg/card-billkey")
    signup = {"oid": "ORDER-6", "goodsName": "월간 구독", "goodsPrice": "9900", "billkeyAppFlag": "Y"}
    walk.visit("payauth/auto", signup, {**keys, "wpayToken": token})
    walk.picture("payauth-auto")
    walk.pin()
    auto = walk.came_back("payauth/auto")
    check("signed up", auto["wtid"] and auto["wpayToken"] and auto["bankCardNo"] == "941012******9012", auto.plain)
    walk.visit("payauth/auto/stdMain", {**signup, "oid": "ORDER-7", "nMid": "INIwpayA03", "emailUseFlag": "Y"}, keys)
    browser.type("[name=email]", "bill@example.com")
    walk.picture("payauth-auto-stdMain")
    walk.pin()
    check("signed up in the window", walk.came_back("payauth/auto/stdMain")["buyerEmail"] == "bill@example.com")

    walk.visit("pinno/auth", {}, keys)
    walk.picture("pinno-auth")
    walk.pin()
    walk.came_back("pinno/auth")
    walk.visit("pinno/auth", {}, keys)
    for _ in range(5):
        walk.pin("000000")
    walk.came_back("pinno/auth", "9999")
    walk.visit("pinno/auth", {}, keys, shows=False)
    walk.came_back("pinno/auth", "9999")
    walk.visit("pinno/reset", {}, keys)
    check("a locked PIN can be set anew", "잠겨" in browser.text, browser.text)
    walk.picture("pinno-reset-locked")
    browser.type("[name=new-pin]", "135791")
    browser.type("[name=new-pin-again]", "135791")
    walk.press("approve")
    walk.came_back("pinno/reset")

    walk.visit("mypage", {}, keys)
    walk.picture("mypage")
    browser.type(".means:nth-of-type(2) [name=nickname]", "비상금")
    before = browser.find("html")
    browser.press(".means:nth-of-type(2) button[value=rename]")
    browser.wait_until_gone(before)
    check("renamed", browser.attribute(".means:nth-of-type(2) [name=nickname]", "value") == "비상금")
    count = len(browser.find_all(".means"))
    before = browser.find("html")
    browser.press(".means:nth-of-type(1) button[value=delete]")
    browser.wait_until_gone(before)
    check("deleted", len(browser.find_all(".means")) == count - 1)
    check("my page has called nobody", not walk.shop.came_back(walk.key))
    walk.pin("135791", "leave")
    walk.came_back("mypage")
    walk.visit("mypage", {}, keys, shows=False)
    walk.came_back("mypage", "9999")


def others(walk):
    """The old standard, a custom site, and what is refused."""
    browser = walk.browser
    user = join(walk, "old/memreg", "journey-old").final["wpayUserKey"]
    walk.visit("old/payreqauth", order("OLD-1"), {"wpayUserKey": user})
    walk.press("new-card")
    walk.press("register")
    walk.pin()
    walk.came_back("old/payreqauth")
    walk.visit("old/mypage", {}, {"wpayUserKey": user}, address="?order=7&name=%EA%B0%80")
    walk.pin(press="leave")
    browser.wait_for_url(f"http://localhost:{walk.shop.port}/done")
    (method, pairs, _), = walk.shop.came_back(walk.key)
    check("the old my page leaves by GET and keeps the address' own query", method == "GET" and pairs[:2] == [("order", "7"), ("name", "가")],
          pairs)
    Callback("old/mypage", pairs[2:])

    user = join(walk, "cst/u/memregci", "journey-cst").final["wpayUserKey"]
    walk.visit("cst/u/payreg/v2", {"payMethod": "01"}, {"wpayUserKey": user})
    walk.press("approve")
    token = walk.came_back("cst/u/payreg/v2").final["wpayToken"]
    walk.visit("cst/u/payreqauth", order("CST-1", payMethod="01"), {"wpayUserKey": user, "wpayToken": token})
    walk.picture("cst-payreqauth")
    walk.pin()
    walk.came_back("cst/u/payreqauth")

    walk.visit("pinno/auth", {}, {"wpayUserKey": user}, tamper={"signature": "0" * 64})
    walk.picture("refused")
    check("a wrong signature leads to an error page that says where to look", "/-/requests" in browser.text, browser.text)
    check("and to no callback", not walk.shop.came_back(walk.key))
    return user


def without_script(driver, walk, user):
    """Where the page cannot submit its form by itself, a button brings the shopper back."""
    browser = webdriver.Browser(driver, submits=False)
    alone = Walk(browser, walk.shop, walk.wpay, walk.pictures)
    alone.count = 1000
    alone.visit("pinno/auth", {}, {"wpayUserKey": user})
    alone.pin()
    alone.picture("callback-without-script")
    browser.press("#callback button")
    alone.came_back("pinno/auth")


SETTINGS = """
{ connections: { wpay: { provider: "wpay", mid: "%s", hashKey: "%s", seedKey: "%s", seedIV: "%s", origin: "%s", application: "%s" } } }
"""


class GatewayWalk(Walk):
    """The same shopper; the shop leaves keys and signatures to the gateway."""

    def __init__(self, browser, shop, gateway, pictures):
        super().__init__(browser, shop, gateway, pictures)

    def visit(self, api, plain):
        self.count += 1
        key = f"gateway-{self.count}"
        _, order, _ = PAGES[api]
        values = urllib.parse.urlencode({**plain, "returnUrl": f"{self.wpay}/return/{api}"}).encode()
        request = urllib.request.Request(f"{self.wpay}/start/{api}", data=values, headers={"Accept": "text/html"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            page, policy = answer.read().decode(), answer.headers["Content-Security-Policy"]
        form = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page))
        form = {name: html.unescape(value) for name, value in form.items()}
        signed = [(name, form[name]) for name, _, is_signed in merchant.fields(order) if is_signed]
        check(f"{api}: the gateway's signature", form["signature"] == merchant.signature(signed), signed)
        self.browser.open(self.shop.relay(key, page, policy))
        self.browser.find("header .brand")

    def came_back(self, api):
        self.browser.wait_for_url(f"http://localhost:{self.shop.port}/done")
        result = self.shop.results[-1]
        check(f"{api}: the gateway has verified and opened it",
              result["api"] == api and result["verified"] is True and result["result"] == "success" and result["resultCode"] == "0000", result)
        return result

    def call(self, path, values, ticket=None):
        """A server call with plain fields."""
        headers = {"Content-Type": "application/json", **({"Bujeol-Ticket": ticket} if ticket else {})}
        request = urllib.request.Request(
            f"{self.wpay}/stdwpay/std/rest/v1/{path}", data=json.dumps(values).encode(), headers=headers, method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


def through_gateway(walk):
    browser = walk.browser
    walk.visit("memreg", {"userId": "journey-gateway", "userNm": "홍길동", "hNum": "01099998888", "hCorp": "SKT", "birthDay": "19910203",
                          "agreePayNm": "부절상점 이용약관", "agreeUrl": f"{walk.shop.base}/terms"})
    for name in ("new-pin", "new-pin-again"):
        browser.type(f"[name={name}]", PIN)
    browser.press("[name=agreed]")
    walk.press("approve")
    user = walk.came_back("memreg")["fields"]["wpayUserKey"]
    check("the user key is plain", re.fullmatch(r"[A-Z]{2}\d{18}", user), user)
    walk.visit("payreg/card", {"wpayUserKey": user})
    walk.press("approve")
    token = walk.came_back("payreg/card")["fields"]["wpayToken"]
    walk.visit("payauth/card", order("GATEWAY-1", cardQuota="00", wpayUserKey=user, wpayToken=token))
    walk.picture("gateway-payauth-card")
    walk.pin()
    result = walk.came_back("payauth/card")
    paid = result["fields"]
    check("the order comes back through the gateway", paid["oid"] == "GATEWAY-1" and result["unauthenticated"]["payMethod"] == "01", result)
    approval = walk.call("payappl/card", {"wpayUserKey": user, "wtid": paid["wtid"]}, result.get("ticket"))
    check("approved through the gateway", approval["resultCode"] == "0000" and str(approval["applPrice"]) == "12900", approval)
    undone = walk.call("payreqapplcancel", {"wpayUserKey": user, "wtid": paid["wtid"], "cancelMsg": "통신 오류"}, result.get("ticket"))
    check("net-cancelled through the gateway", undone["resultCode"] == "0000", undone)


def walk(stage):
    house = stage.open_house()
    sandbox = house.place("sandbox") + "/wpay"
    shop = stage.keep(merchant.Shop())
    settings = stage.path("gateway.json5")
    # Keys stand in it: nobody else may read it, or the gateway will not.
    with open(os.open(settings, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write(SETTINGS % (MID, merchant.HASH_KEY, base64.b64encode(merchant.SEED_KEY).decode(), merchant.SEED_IV.decode(), sandbox,
                               shop.base + "/result"))
    gateway = stage.keep(Program(stage.bujeol, "gateway", "--config", settings, "--gateway-port", "0"))
    browser = stage.open_browser()
    shopper = Walk(browser, shop, sandbox, stage.pictures)
    print("WPAY's pages, straight from a shop")
    standard(shopper)
    user = others(shopper)
    without_script(stage.driver, shopper, user)
    print("WPAY's pages, from a shop that leaves keys and signatures to the gateway")
    through_gateway(GatewayWalk(browser, shop, gateway.place("gateway") + "/wpay", stage.pictures))
    complaints = [text for text in browser.complaints if "favicon" not in text]
    check("the browser complains about nothing but the refusals", all("400 (Bad Request)" in text for text in complaints), complaints)


if __name__ == "__main__":
    journeys.main(walk)
