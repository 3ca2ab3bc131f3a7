"""A shop of our own: signs WPAY's forms and checks its callbacks from the published rules alone, sharing no code with the project.

SEED is OpenSSL's, by its command line; everything else is Python's standard library.
"""

import base64
import hashlib
import html
import http.server
import subprocess
import threading
import urllib.parse
import urllib.request
import json

from journeys import check

MID = "INIwpayT03"
HASH_KEY = "made-up-hash-key-0123456789abcde"
SEED_KEY = base64.b64decode("AAECAwQFBgcICQoLDA0ODw==")
SEED_IV = b"MADE-UP-IV-16-BY"

# Request: signed fields in order; after `+` unsigned ones. Callback likewise. E: encrypted, U: URL-encoded, both behind a name.
STANDARD = "/stdwpay/std/u/v1/"
OLD = "/stdwpay/su/"
CUSTOM = "/journey/cst/u/"
MEANS = "mid wpayUserKey:E ci returnUrl:U"
CARD = ("resultCode resultMsg:U mid wtid wpayUserKey:E wpayToken:E payMethod bankCardCode bankCardNo cardName:U checkFlg cardTypeFlg cardPdNum"
        " cardBImgUrl:U wpayTokenNcnm:U + cardPdName:U cardIsscoCode")
PAID = "resultCode resultMsg:U mid wtid oid wpayUserKey:E wpayToken:E wpayDomain + payMethod"
PIN = "resultCode resultMsg:U mid wtid wpayUserKey:E"
AUTO = ("resultCode resultMsg:U mid wtid oid wpayUserKey:E wpayToken wpayDomain:U bankCardCode bankCardNo + buyerEmail:E")
PAGES = {
    "memreg": (STANDARD + "memreg",
               "mid userId:E ci userNm:U hNum:E hCorp birthDay:E socialNo2 frnrYn returnUrl:U + agreePayNm:U agreeUrl:U optReadOnly",
               "resultCode resultMsg:U mid wtid userId:E wpayUserKey:E ci"),
    "pinno/auth": (STANDARD + "pinno/auth", MEANS, PIN),
    "pinno/reset": (STANDARD + "pinno/reset", MEANS, PIN),
    "payreg/card": (STANDARD + "payreg/card", MEANS, CARD),
    "payreg/card-billkey": (STANDARD + "payreg/card-billkey", MEANS + " + iniBillKeyiMid", CARD + " billKey"),
    "payreg/acct": (STANDARD + "payreg/acct", MEANS,
                    "resultCode resultMsg:U mid wtid wpayUserKey:E wpayToken:E payMethod bankCardCode bankCardNo cardName:U wpayTokenNcnm:U"),
    "payauth/card": (STANDARD + "payauth/card",
                     "mid wpayUserKey:E wpayToken:E ci payMethod bankCardCode oid goodsName:U goodsPrice buyerName:U buyerTel buyerEmail cardQuota"
                     " cardInterest couponCode flagPin returnUrl:U", PAID),
    "payauth/acct": (STANDARD + "payauth/acct",
                     "mid wpayUserKey:E wpayToken:E ci payMethod bankCardCode oid goodsName:U goodsPrice buyerName:U buyerTel buyerEmail"
                     " returnUrl:U + cshRecpSave cshRecpCode cshRecpInfo:E", PAID),
    "payauth/stdMain": (STANDARD + "payauth/stdMain",
                        "mid wpayUserKey:E ci oid goodsName:U goodsPrice hppType buyerName:U buyerTel buyerEmail flagPin returnUrl:U", PAID),
    "mypage": (STANDARD + "mypage", "mid wpayUserKey:E returnUrl:U", PIN),
    "payauth/auto": (STANDARD + "payauth/auto",
                     "mid wpayUserKey:E wpayToken:E ci payMethod bankCardCode oid goodsName:U goodsPrice returnUrl:U billkeyAppFlag", AUTO),
    "payauth/auto/stdMain": (STANDARD + "payauth/auto/stdMain",
                             "mid nMid wpayUserKey:E ci oid goodsName:U goodsPrice returnUrl:U billkeyAppFlag + emailUseFlag buyerEmail", AUTO),
    "old/memreg": (OLD + "memreg", "mid userId:E ci:E userNm:U hNum:E hCorp birthDay:E socialNo2 frnrYn returnUrl:U",
                   "resultCode resultMsg:U wtid userId:E wpayUserKey:E ci:E"),
    "old/payreqauth": (OLD + "payreqauth",
                       "mid wpayUserKey:E ci:E oid goodsName:U goodsPrice buyerName:U buyerTel buyerEmail flagPin returnUrl:U",
                       "resultCode resultMsg:U wtid wpayUserKey:E wpayToken:E"),
    "old/mypage": (OLD + "mypage", "mid wpayUserKey:E cancelReturnUrl:U", "resultCode resultMsg:U wtid wpayUserKey:E"),
    "cst/u/memregci": (CUSTOM + "memregci", "mid userId:E ci:E userNm:U hNum:E hCorp birthDay:E socialNo2 returnUrl:U",
                       "resultCode resultMsg:U wtid userId:E wpayUserKey:E ci:E"),
    "cst/u/payreg/v2": (CUSTOM + "payreg/v2", "mid wpayUserKey:E ci:E payMethod returnUrl:U",
                        "resultCode resultMsg:U wtid wpayUserKey:E wpayToken:E payMethod bankCardCode bankCardNo cardName:U majYn"),
    "cst/u/payreqauth": (CUSTOM + "payreqauth",
                         "mid wpayUserKey:E wpayToken:E ci:E payMethod bankCardCode oid goodsName:U goodsPrice buyerName:U buyerTel buyerEmail"
                         " cardQuota cardInterest couponCode:E flagPin flagPinMsg:U returnUrl:U",
                         "resultCode resultMsg:U wtid wpayUserKey:E wpayToken:E fdsResult wpayDomain:U"),
}
CALLS = {
    "payappl/card": "mid wpayUserKey:E ci wtid + tax taxFree cupDeposit",
    "payreqapplcancel": "mid wpayUserKey:E wtid cancelMsg:U",
}


def seed(data, decrypt=False):
    arguments = ["openssl", "enc", "-seed-cbc", "-provider", "legacy", "-provider", "default", "-K", SEED_KEY.hex(), "-iv", SEED_IV.hex()]
    done = subprocess.run(arguments + (["-d"] if decrypt else []), input=data, capture_output=True, check=True)
    return done.stdout


def encrypt(text):
    return base64.b64encode(seed(text.encode())).decode() if text else ""


def decrypt(text):
    return seed(base64.b64decode(text, validate=True), decrypt=True).decode() if text else ""


def fields(row):
    """The rows of an order: name, mark, whether it is signed."""
    signed, found = True, []
    for word in row.split():
        if word == "+":
            signed = False
            continue
        name, _, mark = word.partition(":")
        found.append((name, mark, signed))
    return found


def signature(pairs):
    message = "&".join(f"{name}={value}" for name, value in pairs) + "&hashKey=" + HASH_KEY
    return hashlib.sha256(message.encode()).hexdigest()


def sign(order, plain, final=None):
    """The form of a request: every field in its final form, then the signature. What `final` holds is passed on unchanged."""
    rest = set(plain) | set(final or {})
    form, signed = [], []
    for name, mark, is_signed in fields(order):
        value = plain.get(name, "")
        rest.discard(name)
        if final and name in final:
            value = final[name]
        elif mark == "E":
            value = encrypt(value)
        elif mark == "U":
            value = urllib.parse.quote_plus(value)
        if not is_signed and not value:
            continue
        form.append((name, value))
        if is_signed:
            signed.append((name, value))
    if rest:
        raise ValueError(f"no such fields: {rest}")
    return form + [("signature", signature(signed))]


class Callback:
    """A callback: its values after one form decode, checked, and opened."""

    def __init__(self, api, pairs):
        self.api, self.pairs = api, pairs
        self.final = dict(pairs)
        order = fields(PAGES[api][2])
        names = [name for name, _ in pairs]
        expected = [name for name, _, is_signed in order if is_signed]
        unsigned = [name for name, _, is_signed in order if not is_signed]
        check(f"{api}: every field of the order, in order", names[:len(expected)] == expected, names)
        check(f"{api}: no field twice and none unknown",
              len(set(names)) == len(names) and set(names[len(expected):]) <= set(unsigned) | {"signature"}, names)
        signed = [(name, self.final[name]) for name in expected]
        check(f"{api}: the signature", self.final.get("signature") == signature(signed), signed)
        self.plain = {}
        for name, mark, _ in order:
            value = self.final.get(name, "")
            self.plain[name] = decrypt(value) if mark == "E" else urllib.parse.unquote_plus(value) if mark == "U" else value

    def __getitem__(self, name):
        return self.plain[name]


class Shop:
    """A web server that opens WPAY's pages with a form and takes the callbacks."""

    def __init__(self):
        self.forms, self.pages, self.arrived, self.results, self.lock = {}, {}, {}, [], threading.Lock()
        shop = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                path, _, query = self.path.partition("?")
                if path.startswith("/go/") and path[4:] in shop.forms:
                    self.answer(200, shop.page(path[4:]))
                elif path.startswith("/go/") and path[4:] in shop.pages:
                    page, policy = shop.pages[path[4:]]
                    self.answer(200, page, policy)
                elif path.startswith("/return/"):
                    shop.take(path[8:], "GET", urllib.parse.parse_qsl(query, keep_blank_values=True), self.headers)
                    self.go_on()
                else:
                    self.answer(200, "<!doctype html><title>shop</title><p id=thanks>가맹점으로 돌아왔습니다</p>")

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                path = self.path.partition("?")[0]
                if path == "/result":
                    # From the gateway, which hands this answer to the browser.
                    with shop.lock:
                        shop.results.append(json.loads(body))
                    return self.go_on()
                shop.take(path[8:], "POST", urllib.parse.parse_qsl(body, keep_blank_values=True), self.headers)
                self.go_on()

            def go_on(self):
                # As shops do: to another page, here of another host name.
                self.send_response(303)
                self.send_header("Location", f"http://localhost:{shop.port}/done")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def answer(self, status, text, policy=None):
                body = text.encode()
                self.send_response(status)
                if policy:
                    self.send_header("Content-Security-Policy", policy)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.base = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()

    def page(self, key):
        action, form = self.forms[key]
        inputs = "".join(
            f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">' for name, value in form)
        return (f'<!doctype html><meta charset="utf-8"><title>shop</title>'
                f'<form method="post" action="{html.escape(action)}" accept-charset="utf-8">{inputs}<button>WPAY</button></form>')

    def offer(self, key, action, form):
        """The address of a page of the shop with a button that posts the form."""
        self.forms[key] = (action, form)
        return f"{self.base}/go/{key}"

    def relay(self, key, page, policy):
        """The address of a page of the shop that is somebody else's work."""
        self.pages[key] = (page, policy)
        return f"{self.base}/go/{key}"

    def take(self, key, method, pairs, headers):
        with self.lock:
            self.arrived.setdefault(key, []).append((method, pairs, dict(headers)))

    def came_back(self, key):
        with self.lock:
            return list(self.arrived.get(key, []))


def call(url, order, plain, final=None):
    """A server call with a form body; the JSON of the answer."""
    body = urllib.parse.urlencode(sign(order, plain, final)).encode()
    request = urllib.request.Request(
        url, data=body, headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}, method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)
