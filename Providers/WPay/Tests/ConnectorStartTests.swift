import Base
import Cryptography
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import WPay

@Suite("WPAY connector: forms for the browser")
struct ConnectorStartTests {
    private let json: HTTPFields = ["Accept": "application/json"]
    private let join: JSON = [
        "userId": "test01", "userNm": "홍길동", "hNum": "01012345678", "hCorp": "SKT", "birthDay": 19_900_101, "socialNo2": "1", "frnrYn": "N",
        "returnUrl": "https://shop.example/wpay/return?a=1&b=2", "agreePayNm": "가게 <b>\"&'", "agreeUrl": "https://shop.example/terms",
    ]
    private let joinFields: [WPayOracle.Field] = [
        .init("mid", "INIwpayT03"), .init("userId", "test01", "E"), .init("ci", ""), .init("userNm", "홍길동", "U"),
        .init("hNum", "01012345678", "E"), .init("hCorp", "SKT"), .init("birthDay", "19900101", "E"), .init("socialNo2", "1"),
        .init("frnrYn", "N"), .init("returnUrl", "https://shop.example/wpay/return?a=1&b=2", "U"),
    ]
    private let terms: [WPayOracle.Field] = [
        .init("agreePayNm", "가게 <b>\"&'", "U"), .init("agreeUrl", "https://shop.example/terms", "U"),
    ]

    private func pairs(_ json: JSON) -> [(name: String, value: String)] {
        (json["fields"]?.elements ?? []).map { ($0["name"]?.string ?? "", $0["value"]?.string ?? "") }
    }

    @Test(
        "A program gets the form as JSON: where it goes, its fields in order with the signature among them, and nothing leaves the gateway")
    func program() async throws {
        let house = try ConnectorHouse()
        let answer = await house.post("/start/memreg", join, json)
        #expect(answer.status == 200 && answer.outcome == "answered" && answer.fields["Cache-Control"] == "no-store", "\(answer.text)")
        #expect(answer.json["action"] == "https://stgwpaystd.inicis.com/stdwpay/std/u/v1/memreg" && answer.json["method"] == "POST")
        // The digest of the document's own vector.
        #expect(answer.json["signature"] == "1c8ce55ca02ee4db1f7a5f47bad6be5cb191701552cf2436a4da299641c6c607")
        let fields = pairs(answer.json)
        #expect(try WPayOracle.complaint(FormText.encode(fields), fields: joinFields, unsigned: terms) == "")
        #expect(fields.first { $0.name == "signature" }?.value == answer.json["signature"]?.string)
        #expect(house.wpay.sent.isEmpty)
    }

    @Test(
        "Otherwise it is a page that posts itself: escaped, not stored, with a button, and a policy that names its own script and the form's target"
    )
    func page() async throws {
        let house = try ConnectorHouse(place: "origin: \"http://127.0.0.1:8600/wpay\"")
        let answer = await house.post("/start/memreg", join)
        #expect(answer.fields["Content-Type"] == "text/html; charset=utf-8" && answer.fields["Cache-Control"] == "no-store")
        #expect(answer.text.contains("action=\"http://127.0.0.1:8600/wpay/stdwpay/std/u/v1/memreg\""))
        #expect(answer.text.contains("<noscript>") && answer.text.contains("<button type=\"submit\">"))
        let read = try PythonOracle.lines(
            """
            import sys, html.parser, urllib.parse, hashlib, base64
            class Reader(html.parser.HTMLParser):
                inputs, inside, texts = [], "", {"script": "", "style": ""}
                def handle_starttag(self, tag, attributes):
                    self.inside = tag
                    if tag == "input": self.inputs.append((dict(attributes)["name"], dict(attributes)["value"]))
                def handle_endtag(self, tag): self.inside = ""
                def handle_data(self, data):
                    if self.inside in self.texts: self.texts[self.inside] += data
            reader = Reader()
            reader.feed(sys.stdin.read())
            print(urllib.parse.urlencode(reader.inputs))
            for name in ("script", "style"): print(base64.b64encode(hashlib.sha256(reader.texts[name].encode()).digest()).decode())
            """, input: Array(answer.text.utf8))
        #expect(try WPayOracle.complaint(read[0], fields: joinFields, unsigned: terms) == "")
        let policy = try #require(answer.fields["Content-Security-Policy"])
        #expect(policy.contains("default-src 'none'") && policy.contains("form-action http://127.0.0.1:8600 https://inicis.com"))
        #expect(policy.contains("script-src 'sha256-\(read[1])'") && policy.contains("style-src 'sha256-\(read[2])'"))
    }

    @Test("What an application puts into a bare field cannot break out of the page")
    func escaped() async throws {
        let house = try ConnectorHouse(", returnBase: \"https://pay.shop.example/wpay\"")
        let order = "\"><script>alert('1')</script>"
        let answer = await house.post(
            "/start/payauth/stdMain",
            [
                "wpayUserKey": .string(ConnectorHouse.person.userKey), "oid": .string(order), "goodsName": "g", "goodsPrice": 1,
                "buyerName": "b",
                "buyerTel": "1",
            ])
        #expect(
            answer.status == 200 && answer.text.contains("name=\"oid\" value=\"&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;\"")
        )
        #expect(answer.text.split(separator: "<script>").count == 2)
    }

    @Test("A GET takes its fields from the query; the page to return to is the gateway's own when the application names none")
    func returnPage() async throws {
        let house = try ConnectorHouse(", returnBase: \"https://pay.shop.example/wpay/\"")
        let key = ConnectorHouse.person.userKey
        let answer = await house.send(.get, "/start/payreg/card?wpayUserKey=\(key)", "", json)
        #expect(
            pairs(answer.json).first { $0.name == "returnUrl" }?.value == "https%3A%2F%2Fpay.shop.example%2Fwpay%2Freturn%2Fpayreg%2Fcard")
        let old = await house.send(.get, "/start/old/mypage?wpayUserKey=\(key)", "", json)
        #expect(old.json["action"] == "https://stgwpay.inicis.com/stdwpay/su/mypage")
        #expect(
            pairs(old.json).first { $0.name == "cancelReturnUrl" }?.value == "https%3A%2F%2Fpay.shop.example%2Fwpay%2Freturn%2Fold%2Fmypage"
        )
        let partner = await house.send(.get, "/start/kbstar/cst/u/payreg/simple?wpayUserKey=\(key)", "", json)
        #expect(partner.json["action"] == "https://stgwpaycst.inicis.com/kbstar/cst/u/payreg/simple")
        #expect(
            pairs(partner.json).first { $0.name == "returnUrl" }?.value.hasSuffix("%2Freturn%2Fkbstar%2Fcst%2Fu%2Fpayreg%2Fsimple") == true)
        let none = await (try ConnectorHouse()).send(.get, "/start/payreg/card?wpayUserKey=\(key)", "", json)
        #expect(none.status == 400 && none.json["detail"]?.string?.contains("returnBase") == true)
    }

    @Test("Two pages with one path are told apart by their field; the auto-pay merchant id is filled in where a page wants both")
    func twins() async throws {
        let house = try ConnectorHouse(", autoPayMid: \"INIautoT03\", returnBase: \"https://pay.shop.example/wpay\"")
        let person = ConnectorHouse.person
        var fields: JSON.Members = [
            "wpayUserKey": .string(person.userKey), "wpayToken": .string(person.token), "oid": "O-1", "goodsName": "사과", "goodsPrice": 1000,
            "billkeyAppFlag": "Y",
        ]
        let auto = await house.post("/start/kbstar/cst/u/payreqauth", .object(fields), json)
        #expect(
            pairs(auto.json).contains { $0.name == "billkeyAppFlag" } && !pairs(auto.json).contains { $0.name == "cardQuota" },
            "\(auto.text)")
        fields["wpayToken"] = nil
        let standard = await house.post("/start/payauth/auto/stdMain", .object(fields), json)
        #expect(pairs(standard.json).prefix(2).map(\.value) == ["INIwpayT03", "INIautoT03"], "\(standard.text)")
    }

    @Test("Unknown pages, calls that are no pages, and other methods are refused")
    func refusals() async throws {
        let house = try ConnectorHouse()
        for path in ["unheard", "payappl/card", "", "cst/u/payreg/simple", "KB/cst/u/payreg/simple", "../memreg"] {
            let answer = await house.post("/start/\(path)", [:], json)
            #expect(answer.status == 404 && answer.outcome == "refused", "\(path): \(answer.text)")
        }
        #expect(await house.send(.put, "/start/memreg", "").status == 400)
        #expect(
            await house.post("/start/memreg", ["userId": "u", "returnUrl": "https://shop.example/"], json).json["cause"] == "missing-field")
    }

    @Test("No page of another site can have a form signed")
    func foreignPage() async throws {
        let house = try ConnectorHouse()
        let answer = await house.post("/start/memreg", join, ConnectorHouse.browser)
        #expect(answer.status == 403 && answer.outcome == "refused")
    }
}
