import Base
import Bootpay
import ProviderKit
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport

@testable import BootpaySandbox

@Suite struct SandboxWebhookTests {
    private static let feedback: JSON = ["url": "http://127.0.0.1:9/feedback"]

    /// A house whose demo project is notified.
    private func notifiedHouse(_ location: StorageLocation = .memory) async throws -> SandboxHouse {
        let house = try await SandboxHouse(location)
        let (status, _) = try await house.control(.put, "/applications/\(DemoData.application)/feedback", Self.feedback)
        try #require(status == 200)
        return house
    }

    @Test("A paid payment is notified as a form with the documented members")
    func form() async throws {
        let house = try await notifiedHouse()
        let receipt = try await house.pay(["name": "사과 & 배", "pg": "kcp"])
        #expect(house.network.sent.isEmpty)
        #expect(await house.sandbox.settle(.demo) == nil)
        let sent = try #require(house.network.sent.first)
        #expect(house.network.sent.count == 1)
        #expect(sent.request.method == .post && sent.request.target == "/feedback" && sent.origin.description == "http://127.0.0.1:9")
        #expect(sent.request.fields["Content-Type"] == "application/x-www-form-urlencoded")
        let form = sent.form
        let documented = [
            "receipt_id", "pg", "pg_name", "method", "method_name", "receipt_url", "application_id", "name", "private_key", "order_id",
            "unit",
            "purchased_at", "price", "retry_count", "status",
        ]
        #expect(Set(form.keys.filter { !$0.hasPrefix("payment_data[") }) == Set(documented))
        #expect(form["receipt_id"] == receipt && form["name"] == "사과 & 배" && form["private_key"] == DemoData.privateKey)
        #expect(form["application_id"] == DemoData.application && form["retry_count"] == "0" && form["status"] == "1")
        #expect(form["payment_data[card_name]"] == "BC카드" && form["payment_data[o_id]"] == form["order_id"])
        let (_, seen) = try await house.control(.get, "/webhooks")
        #expect(seen[0]?["feedback"] == "S" && seen[0]?["state"] == "delivered" && seen[0]?["attempts"]?[0]?["answer"] == "OK")
        #expect(!seen.text.contains(DemoData.privateKey))
    }

    @Test("A form may write payment_data as one JSON text instead")
    func nesting() async throws {
        let house = try await notifiedHouse()
        try await house.set(["webhook_payment_data": "json"])
        let receipt = try await house.pay()
        _ = await house.sandbox.settle(.demo)
        let form = try #require(house.network.sent.first).form
        #expect(try JSON(form["payment_data"] ?? "")["receipt_id"]?.string == receipt)
    }

    @Test("A charge is notified at its own address, as JSON when it asked for that, and never with the private key")
    func json() async throws {
        let house = try await notifiedHouse()
        let token = try await house.token()
        let key = try await house.billingKey(token: token)
        let more: JSON.Members = ["feedback_url": "http://127.0.0.1:8/charge", "feedback_content_type": "json"]
        let judgement = await house.post("/subscribe/billing", SandboxHouse.charge(key, more), token: token)
        #expect(judgement.isSuccess && judgement.verdict?.rule == "feedback.loopback" && judgement.verdict?.kind == .warned)
        _ = await house.sandbox.settle(.demo)
        let sent = try #require(house.network.sent.first)
        #expect(house.network.sent.count == 1 && sent.origin.port == 8)
        #expect(sent.request.fields["Content-Type"]?.hasPrefix("application/json") == true)
        let members = try #require(try JSON(sent.request.body).members)
        #expect(
            members.names == [
                "receipt_id", "price", "card_no", "card_code", "card_name", "card_quota", "receipt_url", "item_name", "order_id", "url",
                "tax_free", "payment_name", "pg", "pg_name", "method", "method_name", "payment_group", "payment_group_name", "requested_at",
                "purchased_at", "status", "payment_data",
            ])
        #expect(members["payment_group"] == "card")
        // A charge that names no address is notified nowhere.
        _ = await house.post("/subscribe/billing", SandboxHouse.charge(key), token: token)
        _ = await house.sandbox.settle(.demo)
        #expect(house.network.sent.count == 1)
    }

    @Test("Virtual accounts are notified when the money comes, not when they are issued")
    func deposit() async throws {
        let house = try await notifiedHouse()
        let receipt = try await house.pay(["method": "vbank", "status": 2])
        _ = await house.sandbox.settle(.demo)
        #expect(house.network.sent.isEmpty)
        #expect(try await house.control(.post, "/payments/\(receipt)/deposit").0 == 200)
        _ = await house.sandbox.settle(.demo)
        #expect(house.network.sent.map { $0.form["status"] } == ["1"])
        #expect(try await house.control(.post, "/payments/\(receipt)/deposit").0 == 409)
    }

    @Test("Cancels through the API are notified, those on the gateway's console are not")
    func cancels() async throws {
        let house = try await notifiedHouse()
        let token = try await house.token()
        _ = await house.post("/cancel", ["receipt_id": .string(SandboxHouse.demoReceipt), "price": 2000], token: token)
        _ = await house.post("/cancel", ["receipt_id": .string(SandboxHouse.demoReceipt)], token: token)
        _ = try await house.control(.post, "/payments/612e09260d681b0021e61ab9/cancel-at-gateway")
        _ = await house.sandbox.settle(.demo)
        #expect(house.network.sent.compactMap { $0.form["status"] }.sorted() == ["1", "20"])
    }

    @Test("Without OK it is sent eleven times with growing pauses, the count rising and the rest the same")
    func repeats() async throws {
        let house = try await notifiedHouse()
        house.network.answers(200, "{\"success\":true}")
        let start = house.clocks.now(.demo)
        _ = try await house.pay()
        var moments: [Int64] = [0]
        var next = await house.sandbox.settle(.demo)
        while let due = next, moments.count < 50 {
            moments.append((due - start).wholeSeconds)
            house.clocks.set(due - .nanoseconds(1))
            let count = house.network.sent.count
            _ = await house.sandbox.settle(.demo)
            #expect(house.network.sent.count == count, "sent early")
            house.clocks.set(due)
            next = await house.sandbox.settle(.demo)
        }
        #expect(moments == [0, 60, 180, 420, 900, 1860, 3780, 7380, 10_980, 14_580, 18_180])
        let forms = house.network.sent.map(\.form)
        #expect(forms.map { $0["retry_count"] } == (0...10).map { String($0) })
        var rest = forms
        for index in rest.indices { rest[index]["retry_count"] = nil }
        #expect(Set(rest).count == 1)
        let (_, seen) = try await house.control(.get, "/webhooks")
        #expect(seen[0]?["state"] == "given-up" && seen[0]?["feedback"] == "N" && seen[0]?["attempts"]?.elements?.count == 11)
    }

    @Test(
        "Only a 2xx whose body is OK counts, white space aside",
        arguments: [
            (200, "OK", true), (201, " OK\r\n", true), (299, "\tOK", true), (200, "ok", false), (200, "\"OK\"", false), (200, "", false),
            (200, "OK.", false), (500, "OK", false), (302, "OK", false), (404, "OK", false), (200, "O K", false),
        ])
    func answers(_ status: Int, _ body: String, _ isAccepted: Bool) async throws {
        let house = try await notifiedHouse()
        house.network.answers(status, body)
        _ = try await house.pay()
        #expect((await house.sandbox.settle(.demo) == nil) == isAccepted)
    }

    @Test("Nobody listening is an attempt like any other; a later OK ends it")
    func nobody() async throws {
        let house = try await notifiedHouse()
        house.network.refuses()
        _ = try await house.pay()
        _ = await house.sandbox.settle(.demo)
        house.network.answers(200, "OK")
        house.clocks.advance(.seconds(60))
        #expect(await house.sandbox.settle(.demo) == nil)
        #expect(house.network.sent.map { $0.form["retry_count"] } == ["0", "1"])
        let (_, seen) = try await house.control(.get, "/webhooks")
        #expect(seen[0]?["attempts"]?[0]?["status"] == .null && seen[0]?["attempts"]?[0]?["feedback"] == "N")
        #expect(seen[0]?["attempts"]?[0]?["answer"]?.string?.contains("connection-refused") == true)
        #expect(seen[0]?["attempts"]?[1]?["feedback"] == "S")
    }

    @Test("What was not delivered is sent after a restart, with its count")
    func restart() async throws {
        let directory = try TemporaryDirectory()
        let house = try await notifiedHouse(.file(directory.file("state.db")))
        house.network.answers(500, "later")
        let receipt = try await house.pay()
        let due = try #require(await house.sandbox.settle(.demo))
        await house.database.close()
        let again = try await SandboxHouse(.file(directory.file("state.db")), seed: 2, clocks: house.clocks)
        #expect(await again.sandbox.settle(.demo) == due)
        #expect(again.network.sent.isEmpty)
        house.clocks.set(due)
        #expect(await again.sandbox.settle(.demo) == nil)
        #expect(again.network.sent.map { $0.form["retry_count"] } == ["1"])
        #expect(again.network.sent.first?.form["receipt_id"] == receipt)
    }

    @Test(
        "After hours of standstill one repeat is sent, and the next after its whole pause: a receiver that starts up as well is not given up on"
    )
    func standstill() async throws {
        let directory = try TemporaryDirectory()
        let house = try await notifiedHouse(.file(directory.file("state.db")))
        house.network.answers(500, "later")
        _ = try await house.pay()
        _ = await house.sandbox.settle(.demo)
        await house.database.close()
        house.clocks.advance(.seconds(6 * 3600))
        let again = try await SandboxHouse(.file(directory.file("state.db")), seed: 2, clocks: house.clocks)
        again.network.answers(500, "starting")
        let now = house.clocks.now(.demo)
        #expect(await again.sandbox.settle(.demo) == now + .seconds(120))
        #expect(again.network.sent.map { $0.form["retry_count"] } == ["1"])
        again.network.answers(200, "OK")
        house.clocks.advance(.seconds(120))
        #expect(await again.sandbox.settle(.demo) == nil)
        #expect(again.network.sent.map { $0.form["retry_count"] } == ["1", "2"])
    }

    @Test("Two settlings at once send nothing twice")
    func atOnce() async throws {
        let house = try await notifiedHouse()
        for _ in 0..<40 { _ = try await house.pay() }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = await house.sandbox.settle(.demo) } }
        }
        #expect(house.network.sent.count == 40)
        #expect(Set(house.network.sent.compactMap { $0.form["receipt_id"] }).count == 40)
    }

    @Test("The schedule grows by its factor up to its limit, and ends")
    func schedule() {
        let schedule = WebhookSchedule(firstPause: 10, factor: 3, longestPause: 100, repeats: 4)
        #expect((0...6).map { schedule.pause(before: $0)?.wholeSeconds } == [nil, 10, 30, 90, 100, nil, nil])
        #expect(WebhookSchedule(firstPause: 500, longestPause: 100).pause(before: 1) == .seconds(100))
        #expect(WebhookSchedule(firstPause: 1, factor: 10, longestPause: .max, repeats: 100).pause(before: 100) == .seconds(Int64.max))
        #expect(WebhookSchedule(repeats: 0).pause(before: 1) == nil)
    }

    @Test("Addresses are http or https, with nothing that a request line cannot carry")
    func targets() {
        #expect(CallbackTarget("https://shop.example.com")?.target == "/")
        #expect(CallbackTarget("http://shop.example.com:8080/a/b?c=d#e")?.target == "/a/b?c=d")
        #expect(CallbackTarget("https://shop.example.com?x=1")?.target == "/?x=1")
        for text in ["ftp://a/", "//a/", "/a", "", "http://", "http://a b/", "http://a/\r\nX: y", "http://a:99999/", "javascript:alert(1)"]
        {
            #expect(CallbackTarget(text) == nil, "\(text)")
        }
        for text in ["http://localhost/", "http://127.0.0.1:3000/x", "http://127.9.9.9/", "http://[::1]:80/", "http://LOCALHOST/"] {
            #expect(CallbackTarget(text)?.isLoopback == true, "\(text)")
        }
        #expect(CallbackTarget("http://[::ffff:127.0.0.1]/")?.isLoopback == true)
        #expect(CallbackTarget("http://128.0.0.1/")?.isLoopback == false)
    }
}
