import Base
import Bootpay
import ProviderKit
import SandboxKit
import Testing
import Transport

@testable import BootpaySandbox

@Suite struct SandboxLinkTests {
    private static let base = "http://127.0.0.1:8600/bootpay"

    private func link(_ house: SandboxHouse, _ more: JSON.Members = [:]) async throws -> String {
        var body: JSON.Members = ["price": 3000, "order_id": "LINK-1", "name": "사과 <b>한 상자</b>"]
        for name in more.names { body[name] = more[name] }
        let judgement = await house.post("/request/payment", .object(body), token: try await house.token())
        let url = try #require(judgement.data.string, "\(judgement.body.text)")
        try #require(url.hasPrefix(Self.base + "/sandbox/pay/"))
        return String(url.dropFirst(Self.base.count))
    }

    private func press(_ house: SandboxHouse, _ path: String, _ action: String) async -> Judgement {
        await house.send(.post, path, type: "application/x-www-form-urlencoded", body: "action=\(action)")
    }

    private func text(_ judgement: Judgement) -> String { String(decoding: judgement.reply.body, as: UTF8.self) }

    @Test("The reply's data is the address itself; the page pays and makes the receipt")
    func pays() async throws {
        let house = try await SandboxHouse()
        _ = try await house.control(.put, "/applications/\(DemoData.application)/feedback", ["url": "http://127.0.0.1:9/"])
        let path = try await link(house, ["pg": "kcp", "method": "card", "params": ["a": 1], "tax_free": "500"])
        let page = await house.send(.get, path)
        #expect(page.reply.status == 200 && page.tenant == .demo && page.route == "payment-page")
        #expect(text(page).contains("&lt;b&gt;한 상자&lt;/b&gt;") && !text(page).contains("<b>"))
        #expect(text(page).contains("3000원"))
        let done = await press(house, path, "pay")
        #expect(done.reply.status == 200)
        let (_, payments) = try await house.control(.get, "/payments?limit=1")
        let receipt = try #require(payments[0]?["receipt_id"]?.string)
        #expect(text(done).contains(receipt))
        let data = await house.verify(receipt, token: try await house.token()).data
        #expect(
            data["status"] == 1 && data["price"] == 3000 && data["pg"] == "kcp" && data["params"] == ["a": 1] && data["tax_free"] == 500)
        _ = await house.sandbox.settle(.demo)
        #expect(house.network.sent.map { $0.form["receipt_id"] } == [receipt])
        // A second press changes nothing.
        #expect(text(await press(house, path, "fail")).contains(receipt))
        #expect(try await house.control(.get, "/payments").1.elements?.count == 4)
    }

    @Test("Failing makes a failed receipt, and a virtual account waits for its deposit without a notice")
    func otherEnds() async throws {
        let house = try await SandboxHouse()
        _ = try await house.control(.put, "/applications/\(DemoData.application)/feedback", ["url": "http://127.0.0.1:9/"])
        _ = await press(house, try await link(house), "fail")
        #expect(try await house.control(.get, "/payments?limit=1").1[0]?["status"] == -1)
        _ = await press(house, try await link(house, ["methods": ["vbank", "card"], "account_expire_at": "2026-01-10"]), "pay")
        let (_, payments) = try await house.control(.get, "/payments?limit=1")
        #expect(payments[0]?["status"] == 2 && payments[0]?["payment_data"]?["expiredate"] == "2026-01-10 23:59:59")
        #expect(payments[0]?["sandbox"]?["due_at"] == "2026-01-10T14:59:59.000Z")
        _ = await house.sandbox.settle(.demo)
        #expect(house.network.sent.isEmpty)
    }

    @Test("With a return address the page goes on there with a form")
    func returns() async throws {
        let house = try await SandboxHouse()
        let path = try await link(house, ["return_url": "https://shop.example.com/done?a=\"><script>"])
        let html = text(await press(house, path, "pay"))
        #expect(html.contains("action=\"https://shop.example.com/done?a=&quot;&gt;&lt;script&gt;\""))
        for name in ["receipt_id", "order_id", "status"] { #expect(html.contains("name=\"\(name)\"")) }
    }

    @Test("Combining marks do not hide a character that must be escaped")
    func escaping() {
        #expect(PaymentPage.escaped("<\u{301}script\">&'") == "&lt;\u{301}script&quot;&gt;&amp;&#39;")
    }

    @Test("A link expires when it was given minutes, is unknown otherwise, and takes two buttons only")
    func edges() async throws {
        let house = try await SandboxHouse()
        let path = try await link(house, ["extra": ["expire": 5]])
        house.clocks.advance(.seconds(299))
        #expect(await house.send(.get, path).reply.status == 200)
        #expect(await press(house, path, "steal").reply.status == 400)
        house.clocks.advance(.seconds(1))
        #expect(await press(house, path, "pay").reply.status == 410)
        #expect(await house.send(.get, "/sandbox/pay/unknown").reply.status == 404)
        #expect(try await house.control(.get, "/payments").1.elements?.count == 3)
        #expect(house.sandbox.isPage(Call(method: .get, path: path)) && !house.sandbox.isPage(Call(method: .post, path: path)))
    }

    @Test(
        "What a link cannot be made of is refused",
        arguments: [
            (["price": 99], "charge.price"), (["price": ""], "field.missing"), (["pg": "paypal"], "field.value"),
            (["method": "cash"], "field.value"), (["methods": ["cash"]], "field.value"),
            (["return_url": "javascript:alert(1)"], "field.value"),
            (["account_expire_at": "10.01.2026"], "field.value"), (["extra": ["expire": 0]], "field.value"),
            (["tax_free": 3001], "field.value"),
        ] as [(JSON, String)])
    func refused(_ change: JSON, _ rule: String) async throws {
        let house = try await SandboxHouse()
        var body: JSON.Members = ["price": 3000, "order_id": "LINK-1", "name": "사과"]
        for name in change.members?.names ?? [] { body[name] = change[name] }
        let judgement = await house.post("/request/payment", .object(body), token: try await house.token())
        #expect(judgement.isRefusal(rule == "charge.price" ? .priceInvalid : .invalidRequest, rule))
    }

    @Test("The Python client's flattened form makes a link, with a warning about what was lost")
    func flattened() async throws {
        let house = try await SandboxHouse()
        let judgement = await house.send(
            .post, "/request/payment", token: try await house.token(), type: "application/x-www-form-urlencoded",
            body:
                "pg=kcp&method=card&price=1000.0&order_id=1&name=x&user_info=email&user_info=phone&extra=expire&methods=card&methods=vbank")
        #expect(judgement.isSuccess && judgement.verdict?.rule == "body.flattened" && judgement.verdict?.isBilingual == true)
        #expect(judgement.verdict?.details["fields"] == ["user_info", "extra"])
    }
}
