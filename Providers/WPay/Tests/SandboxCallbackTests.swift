import Base
import ProviderKit
import SandboxKit
import Testing
import Transport
import WPay

@testable import WPaySandbox

@Suite("WPAY sandbox: callbacks, checked by an independent program")
struct SandboxCallbackTests {
    private static let pages = WPayTables.all.filter { $0.isPage && $0.replyIsSigned }

    /// A body of the control door for a page.
    private static func body(_ api: WPayAPI, _ more: JSON.Members = [:]) -> JSON {
        var body: JSON.Members = ["api": .string(api.identifier)]
        if api.requestField("userId") != nil { body["userId"] = .string("u-\(api.product.rawValue)-\(api.name.utf8.count)") }
        if api.requestField("userNm") != nil { body["userNm"] = .string("박\(api.identifier)") }
        for name in more.names { body[name] = more[name] }
        return .object(body)
    }

    @Test("Each page's callback has every field of its order, carries its signature and opens with the merchant's keys")
    func everyPage() async throws {
        let house = try await SandboxHouse()
        var callbacks: [(row: String, fields: JSON)] = []
        var plain: [JSON] = []
        // Leaving comes last, since it ends the member.
        for api in Self.pages.sorted(by: { !$0.name.hasSuffix("mypage") && $1.name.hasSuffix("mypage") })
        where api.identifier != "old/mypage" {
            let answer = try await house.authenticate(Self.body(api))
            callbacks.append((api.identifier, try #require(answer["fields"])))
            plain.append(try #require(answer["plain"]))
            #expect(answer["action"] == "http://127.0.0.1:3000/return" && answer["method"] == "POST")
        }
        for ((row, _), (plain, opened)) in zip(callbacks, zip(plain, try SandboxOracle.opened(callbacks))) {
            let opened = try #require(opened, "\(row)")
            #expect(opened["resultCode"] == "0000" && opened["resultMsg"] == "정상 처리되었습니다.", "\(row)")
            #expect(opened["wtid"]?.utf8.count == 20, "\(row)")
            for name in ["wpayUserKey", "oid", "bankCardNo", "wpayDomain"] where opened[name] != nil {
                #expect(opened[name] == plain[name]?.string && opened[name] != "", "\(row) \(name)")
            }
            if opened["wpayToken"] != nil { #expect(opened["wpayToken"] == plain["wpayToken"]?.string, "\(row)") }
        }
        #expect(callbacks.count == Self.pages.count - 1)
    }

    @Test("The old my page calls back by GET, with the fields in the query")
    func oldMyPage() async throws {
        let house = try await SandboxHouse()
        let answer = try await house.authenticate(["api": "old/mypage", "cancelReturnUrl": "https://shop.example/bye?a=1#top"])
        let action = try #require(answer["action"]?.string)
        #expect(answer["method"] == "GET" && action.hasPrefix("https://shop.example/bye?a=1&resultCode=0000&") && action.hasSuffix("#top"))
        let query = action.prefix { $0 != "#" }.dropFirst("https://shop.example/bye?a=1&".utf8.count)
        var fields = JSON.Members()
        for (name, value) in try #require(FormText.decode(query.utf8)) { fields[name] = .string(value) }
        let opened = try #require(try SandboxOracle.opened([("old/mypage", .object(fields))])[0])
        #expect(opened["wpayUserKey"] == DemoData.userKey)
        #expect(try await house.control(.get, "/members/\(DemoData.userKey)").1["status"] == "02")
    }

    @Test("Failures and cancels carry every field and a signature, or none when the settings say so")
    func failures() async throws {
        let house = try await SandboxHouse()
        let names = ["resultCode", "resultMsg", "mid", "wtid", "oid", "wpayUserKey", "wpayToken", "wpayDomain"]
        for outcome in ["fail", "cancel"] {
            let fields = try #require(try await house.authenticate(["outcome": .string(outcome), "oid": "O-1"])["fields"])
            #expect(fields.members?.names == names + ["signature", "payMethod"])
            #expect(fields["resultCode"] == "9999" && fields["wtid"] == "" && fields["oid"] == "O-1")
            #expect(try SandboxOracle.opened([("payauth/card", fields)])[0]?["wpayUserKey"] == DemoData.userKey)
        }
        try await house.set(["failures_are_signed": false, "results": ["cancelled": ["code": "7777"]]])
        let unsigned = try await house.authenticate(["outcome": "cancel"])["fields"]
        #expect(unsigned?["signature"] == nil && unsigned?["resultCode"] == "7777")
        #expect(try await house.authenticate()["fields"]?["signature"] != nil)
        #expect(try await house.control(.get, "/transactions").1.elements?.count == 1)
        try await house.set(["failures_are_signed": true, "failure_fields": "code-and-message"])
        let short = try #require(try await house.authenticate(["outcome": "fail"])["fields"])
        #expect(short.members?.names == ["resultCode", "resultMsg", "signature"])
        let api = try #require(WPayTables.api(identifier: "payauth/card"))
        let demo = try #require(DemoData.merchants(at: Timestamp(unixSeconds: 0)).first)
        let pairs = short.members?.names.map { (name: $0, value: short[$0]?.string ?? "") } ?? []
        guard case .verified(let callback) = try WPayCallback.verify(pairs, of: api, keys: demo.keys()) else {
            Issue.record("the short callback is not verified")
            return
        }
        #expect(callback.resultCode == .anyError)
    }

    @Test("A locked member's payment comes back with the code that the settings give to it")
    func locked() async throws {
        let house = try await SandboxHouse(settings: [
            "results": ["pin-locked": ["code": "5001", "message": "잠김"]], "pages": "approve", "callback_delivery": "server",
        ])
        _ = try await house.control(.put, "/members/\(DemoData.userKey)", ["status": "03"])
        #expect(try await house.send("payauth/card", Self.payment).verdict?.rule == "member.locked")
        let fields = FormText.decode(try #require(house.network.sent.last).request.body) ?? []
        #expect(fields.first { $0.name == "resultCode" }?.value == "5001")
        let form = Dictionary(fields.map { ($0.name, JSON.string($0.value)) }) { $1 }
        var members = JSON.Members()
        for (name, value) in form { members[name] = value }
        #expect(try SandboxOracle.opened([("payauth/card", .object(members))])[0]?["resultMsg"] == "잠김")
    }

    @Test("wpayDomain is the own base, a bare host or another of its names, by the host that was asked for")
    func domains() {
        var settings = SandboxSettings()
        let plain = Place(host: "127.0.0.1", isSecure: false, base: "http://127.0.0.1:8600/wpay")
        let real = Place(host: "stgwpaystd.inicis.com", isSecure: true, base: "http://127.0.0.1:8600/wpay")
        let live = Place(host: "wpaycst.inicis.com", isSecure: true, base: "")
        func domains() -> [String] { [plain, real, live].map { $0.domain(forCharges: false, settings) } }
        #expect(domains() == ["http://127.0.0.1:8600/wpay", "https://stgwpaystd.inicis.com", "https://wpaycst.inicis.com"])
        #expect(real.domain(forCharges: true, settings) == "https://stgwpayplus.inicis.com")
        settings.wpayDomain = .bareHost
        #expect(domains() == ["127.0.0.1:8600", "stgwpaystd.inicis.com", "wpaycst.inicis.com"])
        settings.wpayDomain = .otherHost
        #expect(domains() == ["http://localhost:8600/wpay", "https://kswpaystd.inicis.com", "https://kswpaycst.inicis.com"])
        settings.otherDomain = "https://elsewhere.example"
        #expect(Set(domains()) == ["https://elsewhere.example"])
    }

    @Test("The sandbox posts a callback by itself when told, and says what came of it")
    func delivery() async throws {
        let house = try await SandboxHouse()
        let answer = try await house.authenticate(["deliver": true, "returnUrl": "http://127.0.0.1:3000/back?id=7"])
        #expect(answer["delivery"]?["status"] == 200)
        let sent = try #require(house.network.sent.first)
        #expect(sent.request.method == .post && sent.request.target == "/back?id=7" && "\(sent.origin)" == "http://127.0.0.1:3000")
        let pairs = try #require(FormText.decode(sent.request.body))
        #expect(pairs.allSatisfy { answer["fields"]?[$0.name]?.string == $0.value } && pairs.count == 10)
        house.network.refuses()
        let lost = try await house.authenticate(["deliver": true])
        #expect(lost["delivery"]?["status"] == .null && lost["delivery"]?["failure"]?.string?.isEmpty == false)
        try await house.set(["pages": "approve", "callback_delivery": "server"])
        let page = try await house.send("payauth/card", SandboxCallbackTests.payment)
        #expect(page.reply.status == 200 && page.verdict?.rule == "callback.undelivered" && house.network.sent.count == 3)
    }

    private static let payment = SandboxHouse.member.merging([
        "wpayToken": DemoData.cardToken, "oid": "ORDER-5", "goodsName": "과일 & 상자", "goodsPrice": "5000", "buyerName": "홍길동",
        "buyerTel": "010-1234-5678", "cardQuota": "00", "returnUrl": "https://shop.example/return?id=5",
    ]) { $1 }

    @Test("Every page takes a form with the right signature, and shows an error and calls nobody back for a wrong one")
    func pages() async throws {
        let house = try await SandboxHouse()
        try await house.set(["pages": "cancel"])
        func values(_ api: WPayAPI) -> [String: String] {
            let all = SandboxCallbackTests.payment.merging([
                "userId": "visitor", "bankCardCode": "", "billkeyAppFlag": "Y", "nMid": DemoData.autoPayMID,
                "cancelReturnUrl": "https://a.example/",
                "agreePayNm": "상점", "agreeUrl": "https://a.example/", "iniBillKeyiMid": WPayDemonstration.mid, "hppType": "",
            ]) { $1 }
            var own = all.filter { api.requestField($0.key) != nil }
            if api.name == "payauth/acct" {
                own["wpayToken"] = DemoData.accountToken
                own["bankCardCode"] = "04"
            }
            return own
        }
        let pages = Self.pages
        let right = pages.map { SandboxOracle.Order(row: $0.identifier, values: values($0)) }
        let wrong = right.map { SandboxOracle.Order(row: $0.row, values: $0.values, mistake: "signature") }
        let calls = try SandboxOracle.calls(right + wrong)
        for (index, api) in pages.enumerated() {
            let opened = await house.send(calls[index])
            // My page calls back only when the shopper leaves the service there.
            #expect(
                opened.verdict?.rule == (api.name == "mypage" ? nil : "page.cancelled"),
                "\(api.identifier): \(opened.verdict?.json.text ?? "")")
            #expect(opened.route == api.identifier && opened.tenant == .demo)
            let refused = await house.send(calls[pages.count + index])
            #expect(refused.verdict?.rule == "signature.mismatch", "\(api.identifier)")
            #expect(!refused.text.contains("example") && refused.reply.fields["Location"] == nil, "\(api.identifier)")
        }
        try await house.set(["wrong_signature_on_pages": "callback", "callback_delivery": "server"])
        let order = SandboxOracle.Order(row: "payauth/card", values: Self.payment, mistake: "signature")
        #expect(try await house.send(order).verdict?.rule == "signature.mismatch")
        let sent = try #require(house.network.sent.last)
        #expect(sent.request.target == "/return?id=5")
        let fields = Dictionary((FormText.decode(sent.request.body) ?? []).map { ($0.name, $0.value) }) { $1 }
        #expect(fields["resultCode"] == "9999" && fields["oid"] == "ORDER-5" && fields["signature"]?.count == 64)
    }
}
