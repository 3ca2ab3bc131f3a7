import Base
import Bootpay
import ProviderKit
import SandboxKit
import Testing
import Transport

@testable import BootpaySandbox

@Suite struct SandboxCancelTests {
    /// A payment of 10,000 won, what is asked, and what comes of it.
    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var pg = "inicis"
        var method = "card"
        var price: Int64 = 10_000
        var taxFree: Int64 = 0
        var status: PaymentStatus = .paid
        var ask: JSON
        var outcome: Outcome

        enum Outcome: Sendable {
            case cancels(Int64, taxFree: Int64, leaves: PaymentStatus)
            case refuses(BootpayRefusal, String)
        }

        var testDescription: String { name }
    }

    static let rows: [Row] = [
        Row(name: "full, no price", ask: [:], outcome: .cancels(10_000, taxFree: 0, leaves: .cancelled)),
        Row(name: "full, price as an empty text", ask: ["price": ""], outcome: .cancels(10_000, taxFree: 0, leaves: .cancelled)),
        Row(name: "full, price null", ask: ["price": .null], outcome: .cancels(10_000, taxFree: 0, leaves: .cancelled)),
        Row(name: "full by its price", ask: ["price": 10_000], outcome: .cancels(10_000, taxFree: 0, leaves: .cancelled)),
        Row(name: "partial", ask: ["price": 1001], outcome: .cancels(1001, taxFree: 0, leaves: .paid)),
        Row(name: "partial of exactly 1,000", ask: ["price": 1000], outcome: .refuses(.partialTooSmall, "cancel.partial-minimum")),
        Row(name: "partial of 0", ask: ["price": 0], outcome: .refuses(.partialTooSmall, "cancel.partial-minimum")),
        Row(name: "negative", ask: ["price": -2000], outcome: .refuses(.partialTooSmall, "cancel.partial-minimum")),
        Row(
            name: "the smallest number there is", taxFree: 5000, ask: ["price": .number(Int64.min)],
            outcome: .refuses(.invalidRequest, "field.value")),
        Row(name: "more than was paid", ask: ["price": 10_001], outcome: .refuses(.cancelTooLarge, "cancel.too-large")),
        Row(name: "a fraction of a won", ask: ["price": .number("1500.5")], outcome: .refuses(.invalidRequest, "field.value")),
        Row(name: "a price in words", ask: ["price": "이천원"], outcome: .refuses(.invalidRequest, "field.value")),
        Row(name: "all of a payment below the minimum", price: 500, ask: [:], outcome: .cancels(500, taxFree: 0, leaves: .cancelled)),
        Row(
            name: "a gateway that cannot cancel in part", pg: "welcome", ask: ["price": 2000],
            outcome: .refuses(.partialImpossible, "cancel.partial-gateway")),
        Row(name: "all at such a gateway", pg: "welcome", ask: [:], outcome: .cancels(10_000, taxFree: 0, leaves: .cancelled)),
        Row(
            name: "a method that cannot be cancelled in part", method: "bank", ask: ["price": 2000],
            outcome: .refuses(.partialImpossible, "cancel.partial-method")),
        Row(
            name: "the taxed part goes first", taxFree: 4000, ask: ["price": 6000],
            outcome: .cancels(6000, taxFree: 0, leaves: .paid)),
        Row(
            name: "the tax-free part follows when it must", taxFree: 4000, ask: ["price": 7000],
            outcome: .cancels(7000, taxFree: 1000, leaves: .paid)),
        Row(
            name: "a tax-free part that was named", taxFree: 4000, ask: ["price": 3000, "tax_free": 3000],
            outcome: .cancels(3000, taxFree: 3000, leaves: .paid)),
        Row(
            name: "more tax-free than there is", taxFree: 2000, ask: ["price": 3000, "tax_free": 2001],
            outcome: .refuses(.cancelTooLarge, "cancel.tax-free")),
        Row(
            name: "tax-free above the price", taxFree: 9000, ask: ["price": 1500, "tax_free": 2000],
            outcome: .refuses(.cancelTooLarge, "cancel.tax-free")),
        Row(name: "not paid yet", status: .ready, ask: [:], outcome: .refuses(.wrongState, "cancel.state")),
        Row(name: "before approval", status: .awaitingApproval, ask: [:], outcome: .refuses(.wrongState, "cancel.state")),
        Row(name: "failed", status: .failed, ask: [:], outcome: .refuses(.wrongState, "cancel.state")),
        Row(name: "cancelled before", status: .cancelled, ask: [:], outcome: .refuses(.alreadyCancelled, "cancel.already-cancelled")),
        Row(name: "virtual account without refund", method: "vbank", ask: [:], outcome: .refuses(.invalidRequest, "cancel.refund")),
        Row(
            name: "virtual account, half a refund", method: "vbank", ask: ["refund": ["account": "1"]],
            outcome: .refuses(.invalidRequest, "field.missing")),
        Row(
            name: "virtual account, no such bank", method: "vbank",
            ask: ["refund": ["account": "1", "accountholder": "홍길동", "bankcode": "999"]],
            outcome: .refuses(.invalidRequest, "field.value")),
        Row(
            name: "virtual account with refund", method: "vbank",
            ask: ["refund": ["account": "1", "accountholder": "홍길동", "bankcode": "088"]],
            outcome: .cancels(10_000, taxFree: 0, leaves: .cancelled)),
    ]

    @Test("A cancel is decided by the receipt's state, the amounts and the gateway", arguments: rows)
    func table(_ row: Row) async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let receipt = try await house.pay([
            "pg": .string(row.pg), "method": .string(row.method), "price": .number(row.price), "tax_free": .number(row.taxFree),
            "status": .number(row.status.rawValue),
        ])
        var body: JSON.Members = ["receipt_id": .string(receipt), "name": "tester", "reason": "test"]
        for name in row.ask.members?.names ?? [] { body[name] = row.ask[name] }
        let judgement = await house.post("/cancel", .object(body), token: token)
        let after = await house.verify(receipt, token: token).data
        switch row.outcome {
        case .cancels(let price, let taxFree, let leaves):
            #expect(judgement.isSuccess, "\(judgement.body.text)")
            #expect(
                judgement.data.members?.names == [
                    "receipt_id", "request_cancel_price", "remain_price", "remain_tax_free", "cancelled_price", "cancelled_tax_free",
                    "revoked_at", "tid",
                ])
            #expect(judgement.data["request_cancel_price"]?.integer == price)
            #expect(judgement.data["remain_price"]?.integer == row.price - price)
            #expect(judgement.data["cancelled_tax_free"]?.integer == (leaves == .cancelled ? row.taxFree : taxFree))
            #expect(judgement.data["revoked_at"] == "2026-01-01 09:00:00")
            #expect(after["status"]?.integer == Int64(leaves.rawValue))
            #expect(after["cancelled_price"]?.integer == price)
        case .refuses(let refusal, let rule):
            #expect(judgement.isRefusal(refusal, rule), "\(judgement.verdict?.rule ?? "") \(judgement.body.text)")
            #expect(after["status"]?.integer == Int64(row.status.rawValue))
            #expect(after["cancelled_price"]?.integer == (row.status == .cancelled ? row.price : 0))
        }
    }

    @Test("Partial cancels add up, and a cancel without price then takes the remainder")
    func remainder() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let receipt: JSON = .string(SandboxHouse.demoReceipt)
        for (price, left) in [(2000, 9000), (3000, 6000)] as [(Int64, Int64)] {
            let partial = await house.post("/cancel", ["receipt_id": receipt, "price": .number(price)], token: token)
            #expect(partial.data["remain_price"]?.integer == left)
            #expect(await house.status(SandboxHouse.demoReceipt, token: token) == 1)
        }
        let rest = await house.post("/cancel", ["receipt_id": receipt], token: token)
        #expect(rest.data["request_cancel_price"] == 6000 && rest.data["cancelled_price"] == 11_000 && rest.data["remain_price"] == 0)
        let after = await house.verify(token: token).data
        #expect(after["status"] == 20 && after["status_ko"] == "결제취소" && after["revoked_at"] == "2026-01-01 09:00:00")
        let again = await house.post("/cancel", ["receipt_id": receipt], token: token)
        #expect(again.isRefusal(.alreadyCancelled, "cancel.already-cancelled"))
        #expect(again.body["message"]?.string?.contains("기취소된 건입니다") == true)
    }

    @Test("A cancel_id works once in a project; a refused cancel does not use it up")
    func dedupe() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        func cancel(_ receipt: String, _ price: Int64, _ id: String) async -> Judgement {
            await house.post(
                "/cancel", ["receipt_id": .string(receipt), "price": .number(price), "cancel_id": .string(id)], token: token)
        }
        #expect(await cancel(SandboxHouse.demoReceipt, 500, "a").isRefusal(.partialTooSmall, "cancel.partial-minimum"))
        #expect(await cancel(SandboxHouse.demoReceipt, 2000, "a").isSuccess)
        #expect(await cancel(SandboxHouse.demoReceipt, 2000, "a").isRefusal(.cancelRepeated, "cancel.repeated"))
        #expect(await cancel("612e09260d681b0021e61ab9", 2000, "a").isRefusal(.cancelRepeated, "cancel.repeated"))
        #expect(await cancel(SandboxHouse.demoReceipt, 2000, "b").isSuccess)
        #expect(await house.verify(token: token).data["cancelled_price"] == 4000)
        // Another project has its own ids.
        let (_, other) = try await house.control(.post, "/applications", ["name": "second"])
        let otherToken = try await house.token([
            "application_id": other["application_id"] ?? .null, "private_key": other["private_key"] ?? .null,
        ])
        let otherReceipt = try await house.pay(["application_id": other["application_id"] ?? .null])
        let body: JSON = ["receipt_id": .string(otherReceipt), "cancel_id": "a"]
        #expect(await house.post("/cancel", body, token: otherToken).isSuccess)
        try await house.set(["cancel_id_dedupe": false])
        #expect(await cancel(SandboxHouse.demoReceipt, 2000, "a").isSuccess)
    }

    @Test("The same cancel_id, sent by many at once, cancels once")
    func concurrently() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let body: JSON = ["receipt_id": .string(SandboxHouse.demoReceipt), "price": 2000, "cancel_id": "once"]
        let successes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 { group.addTask { await house.post("/cancel", body, token: token).isSuccess } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(successes == 1)
        #expect(await house.verify(token: token).data["cancelled_price"] == 2000)
    }

    @Test("The guard holds ten seconds when it is on, and is off by default")
    func guardSwitch() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let body: JSON = ["receipt_id": .string(SandboxHouse.demoReceipt), "price": 1500]
        #expect(await house.post("/cancel", body, token: token).isSuccess)
        #expect(await house.post("/cancel", body, token: token).isSuccess)
        try await house.set(["partial_cancel_guard": true])
        #expect(await house.post("/cancel", body, token: token).isRefusal(.cancelTooSoon, "cancel.guard"))
        house.clocks.advance(.milliseconds(9999))
        #expect(await house.post("/cancel", body, token: token).isRefusal(.cancelTooSoon, "cancel.guard"))
        house.clocks.advance(.milliseconds(1))
        #expect(await house.post("/cancel", body, token: token).isSuccess)
        // The whole remainder is not a partial cancel.
        #expect(await house.post("/cancel", ["receipt_id": .string(SandboxHouse.demoReceipt)], token: token).isSuccess)
    }

    @Test("An empty price cancels everything and leaves a warning")
    func emptyPrice() async throws {
        let house = try await SandboxHouse()
        let judgement = await house.post(
            "/cancel", ["receipt_id": .string(SandboxHouse.demoReceipt), "price": ""], token: try await house.token())
        #expect(judgement.isSuccess && judgement.data["request_cancel_price"] == 11_000)
        #expect(judgement.verdict?.kind == .warned && judgement.verdict?.rule == "cancel.empty-price")
        #expect(judgement.verdict?.isBilingual == true)
    }

    @Test("A payment cancelled on the gateway's console stays paid, and the API then says it was cancelled already")
    func atGateway() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let (status, _) = try await house.control(.post, "/payments/\(SandboxHouse.demoReceipt)/cancel-at-gateway")
        #expect(status == 200)
        #expect(await house.status(SandboxHouse.demoReceipt, token: token) == 1)
        let judgement = await house.post("/cancel", ["receipt_id": .string(SandboxHouse.demoReceipt)], token: token)
        #expect(judgement.isRefusal(.alreadyCancelled, "cancel.at-gateway"))
        #expect(await house.status(SandboxHouse.demoReceipt, token: token) == 1)
    }

    @Test(
        "Switches make the gateway refuse, or fall silent with either outcome",
        arguments: [
            ("refuse", "gateway.refused", 1, 0, false), ("timeout-not-done", "gateway.timeout", 1, 0, false),
            ("timeout-done", "gateway.timeout", 20, 11_000, true), ("timeout-pending", "gateway.timeout", -30, 0, true),
        ] as [(String, String, Int64, Int64, Bool)])
    func switches(_ outcome: String, _ rule: String, _ status: Int64, _ cancelled: Int64, _ usesID: Bool) async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        try await house.set(["gateway_cancel": .string(outcome)])
        let body: JSON = ["receipt_id": .string(SandboxHouse.demoReceipt), "cancel_id": "x"]
        #expect(await house.post("/cancel", body, token: token).isRefusal(.gatewayRefused, rule))
        let after = await house.verify(token: token).data
        #expect(after["status"]?.integer == status && after["cancelled_price"]?.integer == cancelled)
        try await house.set(["gateway_cancel": "normal"])
        let other: JSON = ["receipt_id": "612e09260d681b0021e61ab9", "cancel_id": "x"]
        #expect(await house.post("/cancel", other, token: token).isSuccess == !usesID)
    }

    @Test("A cancel that runs at the gateway ends by itself, in full or in part, and is notified then")
    func pending() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        _ = try await house.control(
            .put, "/applications/\(DemoData.application)/feedback", ["url": "http://127.0.0.1:9/feedback"])
        try await house.set(["gateway_cancel": "timeout-pending"])
        _ = await house.post("/cancel", ["receipt_id": .string(SandboxHouse.demoReceipt), "price": 3000], token: token)
        _ = await house.post("/cancel", ["receipt_id": "612e09260d681b0021e61ab9"], token: token)
        #expect(await house.status(SandboxHouse.demoReceipt, token: token) == -30)
        let again = await house.post("/cancel", ["receipt_id": .string(SandboxHouse.demoReceipt)], token: token)
        #expect(again.isRefusal(.wrongState, "cancel.state"))
        house.clocks.advance(.seconds(60))
        #expect(house.network.sent.isEmpty)
        // Seen at once, settled or not.
        let partial = await house.verify(token: token).data
        #expect(partial["status"] == 1 && partial["cancelled_price"] == 3000)
        #expect(await house.status("612e09260d681b0021e61ab9", token: token) == 20)
        _ = await house.sandbox.settle(.demo)
        #expect(Set(house.network.sent.compactMap { $0.form["status"] }) == ["1", "20"])
    }

    @Test("Phone bills only within their month, KCP only with Bootpay registered, and never above the unsettled balance")
    func gatewayRules() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let old = try await house.pay(["method": "phone", "purchased_at": "2025-12-31 23:59:59"])
        let new = try await house.pay(["method": "phone", "purchased_at": "2026-01-01 00:00:00"])
        #expect(await house.post("/cancel", ["receipt_id": .string(old)], token: token).isRefusal(.gatewayRefused, "cancel.phone-month"))
        #expect(await house.post("/cancel", ["receipt_id": .string(new)], token: token).isSuccess)
        try await house.set(["kcp_address_registered": false, "unsettled_balance": 5000])
        let kcp = await house.post("/cancel", ["receipt_id": "612e09260d681b0021e61ab9", "price": 2000], token: token)
        #expect(kcp.isRefusal(.gatewayRefused, "cancel.kcp-address") && kcp.body["message"]?.string?.contains("8012") == true)
        let large = await house.post("/cancel", ["receipt_id": .string(SandboxHouse.demoReceipt), "price": 5001], token: token)
        #expect(large.isRefusal(.gatewayRefused, "cancel.balance"))
        let fits = await house.post("/cancel", ["receipt_id": .string(SandboxHouse.demoReceipt), "price": 5000], token: token)
        #expect(fits.isSuccess)
    }

    @Test("A refund flattened by a form cannot be used, and says so")
    func flattenedRefund() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let receipt = try await house.pay(["method": "vbank"])
        let form = "application/x-www-form-urlencoded"
        let flat = await house.send(
            .post, "/cancel", token: token, type: form, body: "receipt_id=\(receipt)&refund=account&refund=accountholder&refund=bankcode")
        #expect(flat.isRefusal(.invalidRequest, "cancel.refund"))
        let bracketed = await house.send(
            .post, "/cancel", token: token, type: form,
            body: "receipt_id=\(receipt)&refund[account]=1&refund[accountholder]=x&refund%5Bbankcode%5D=004")
        #expect(bracketed.isSuccess)
    }
}
