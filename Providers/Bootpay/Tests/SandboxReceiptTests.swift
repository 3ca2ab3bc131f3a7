import Base
import Bootpay
import ProviderKit
import SandboxKit
import Testing
import Transport

@testable import BootpaySandbox

@Suite struct SandboxReceiptTests {
    @Test("A card receipt has the documented members in their order")
    func shape() async throws {
        let house = try await SandboxHouse()
        let sample = try sandboxVector("receipt-card.json")
        let receipt = try await house.pay([
            "receipt_id": sample["receipt_id"] ?? .null, "order_id": sample["order_id"] ?? .null, "name": sample["name"] ?? .null,
            "price": sample["price"] ?? .null, "pg": "welcome", "requested_at": "2021-02-15 10:25:36",
            "purchased_at": "2021-02-15 10:26:00",
        ])
        let data = await house.verify(receipt, token: try await house.token()).data
        let names = sample.members?.names.filter { $0 != "item_name" }
        #expect(data.members?.names == names)
        #expect(data["payment_data"]?.members?.names == sample["payment_data"]?.members?.names)
        let varying: Set<String> = ["receipt_url", "payment_data", "item_name"]
        for name in names ?? [] where !varying.contains(name) { #expect(data[name] == sample[name], "\(name)") }
        for name in sample["payment_data"]?.members?.names ?? [] where name != "tid" && name != "card_auth_no" {
            #expect(data["payment_data"]?[name] == sample["payment_data"]?[name], "\(name)")
        }
    }

    @Test("Each method brings its own payment data")
    func methods() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        for (method, names) in [
            ("card", ["card_name", "card_no", "card_quota", "card_code", "card_auth_no"]), ("bank", ["bankname", "cash_result"]),
            ("vbank", ["bankname", "accountholder", "account", "expiredate", "username", "cash_result"]), ("phone", []),
        ] {
            let data = await house.verify(try await house.pay(["method": .string(method)]), token: token).data
            let copies = ["receipt_id", "n", "p", "tid", "pg", "pm", "pg_a", "pm_a", "o_id", "p_at", "s", "g"]
            #expect(data["payment_data"]?.members?.names == names + copies)
        }
    }

    @Test(
        "Every state can be made, and shows its number and words", arguments: PaymentStatus.words.keys.sorted { $0.rawValue < $1.rawValue })
    func states(_ status: PaymentStatus) async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        var payment: JSON.Members = ["status": .number(status.rawValue)]
        if status == .billingKeyIssued { payment["method"] = "card_rebill" }
        let byNumber = try await house.pay(.object(payment))
        payment["status"] = .string(status.description)
        let byWord = try await house.pay(.object(payment))
        for receipt in [byNumber, byWord] {
            let data = await house.verify(receipt, token: token).data
            #expect(data["status"]?.integer == Int64(status.rawValue))
            #expect(data["status_en"]?.string == PaymentStatus.words[status]?.english)
            #expect(data["status_ko"]?.string == PaymentStatus.words[status]?.korean)
        }
    }

    @Test("Unknown receipts and another project's are not found")
    func notFound() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let unknown = await house.verify("000000000000000000000000", token: token)
        #expect(unknown.isRefusal(.notFound, "receipt.not-found"))
        let (_, other) = try await house.control(.post, "/applications", ["name": "second"])
        let receipt = try await house.pay(["application_id": other["application_id"] ?? .null])
        let foreign = await house.verify(receipt, token: token)
        #expect(foreign.isRefusal(.notFound, "receipt.other-project"))
        #expect(foreign.body == unknown.body)
    }

    @Test("params come back as they went in")
    func params() async throws {
        let house = try await SandboxHouse()
        let params: JSON = ["a": [1, .number("2.50"), .null], "b": "부절"]
        let receipt = try await house.pay(["params": params])
        #expect(await house.verify(receipt, token: try await house.token()).data["params"] == params)
    }

    @Test("Approving on the server takes state 2 to paid, and nothing else")
    func submit() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let receipt = try await house.pay(["status": 2])
        let submitted = await house.send(
            .post, "/submit.json", token: token, type: "application/x-www-form-urlencoded", body: "receipt_id=\(receipt)")
        #expect(submitted.isSuccess && submitted.data["status"] == 1 && submitted.data["purchased_at"] == "2026-01-01 09:00:00")
        let again = await house.post("/submit", ["receipt_id": .string(receipt)], token: token)
        #expect(again.isRefusal(.wrongState, "submit.state"))
        let account = try await house.pay(["status": 2, "method": "vbank"])
        #expect(await house.post("/submit", ["receipt_id": .string(account)], token: token).isRefusal(.wrongState, "submit.state"))
        #expect(try await house.control(.post, "/payments", ["status": 2, "pg": "payapp"]).0 == 400)
    }

    @Test("An approval that nobody gives lapses after 30 minutes, whether settled or only looked at")
    func lapse() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let looked = try await house.pay(["status": 2])
        house.clocks.advance(.seconds(1799))
        #expect(await house.status(looked, token: token) == 2)
        house.clocks.advance(.seconds(1))
        let renewed = try await house.token()
        #expect(await house.status(looked, token: renewed) == -1)
        #expect(await house.post("/submit", ["receipt_id": .string(looked)], token: renewed).isRefusal(.wrongState, "submit.state"))
        let settled = try await house.pay(["status": 2])
        let due = await house.sandbox.settle(.demo)
        #expect(due == house.clocks.now(.demo) + .seconds(1800))
        house.clocks.advance(.seconds(1800))
        #expect(await house.sandbox.settle(.demo) == nil)
        #expect(try await house.control(.get, "/payments/\(settled)").1["status"] == -1)
    }

    @Test(
        "The gateway may refuse an approval or fall silent",
        arguments: [("refuse", -2), ("timeout-not-done", 2), ("timeout-done", 1)] as [(String, Int64)])
    func submitSwitches(_ outcome: String, _ status: Int64) async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let receipt = try await house.pay(["status": 2])
        try await house.set(["gateway_approval": .string(outcome)])
        let judgement = await house.post("/submit", ["receipt_id": .string(receipt)], token: token)
        #expect(judgement.reply.status == 500 && judgement.code == -15000)
        #expect(await house.status(receipt, token: token) == status)
    }

    @Test("An identity check shows the person; a payment's receipt has none")
    func identity() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let receipt = try await house.pay(["method": "auth", "payment_data": ["username": "성춘향"]])
        let judgement = await house.send(.get, "/certificate/\(receipt)", token: token)
        #expect(judgement.isSuccess)
        #expect(judgement.data["method"] == "auth" && judgement.data["pg"] == "danal")
        #expect(judgement.data["certificate"]?.members?.names == ["username", "phone", "birth", "gender", "unique", "di"])
        #expect(judgement.data["certificate"]?["username"] == "성춘향")
        #expect(judgement.data["payment_data"]?["unique"] == judgement.data["certificate"]?["unique"])
        let card = await house.send(.get, "/certificate/\(SandboxHouse.demoReceipt)", token: token)
        #expect(card.isRefusal(.notFound, "identity.other-method"))
        #expect(await house.send(.get, "/certificate/", token: token).isRefusal(.notFound, "receipt.empty"))
        let waiting = try await house.pay(["method": "auth", "status": 0])
        #expect(await house.send(.get, "/certificate/\(waiting)", token: token).isRefusal(.wrongState, "identity.state"))
    }

    @Test("A parcel is noted on a paid receipt only")
    func escrow() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let body = #"{"delivery_no": 1234, "delivery_corp": "우체국"}"#
        let started = await house.send(.put, "/delivery/start/\(SandboxHouse.demoReceipt)", token: token, body: body)
        #expect(started.isSuccess && started.body["data"] == nil)
        #expect(await house.verify(token: token).data["escrow_status_en"] == "delivery_start")
        let (_, seen) = try await house.control(.get, "/payments/\(SandboxHouse.demoReceipt)")
        #expect(seen["sandbox"]?["delivery"] == ["delivery_no": "1234", "delivery_corp": "우체국"])
        let unpaid = try await house.pay(["status": 0])
        #expect(await house.send(.put, "/delivery/start/\(unpaid)", token: token).isRefusal(.wrongState, "escrow.state"))
        #expect(await house.send(.put, "/delivery/start/none", token: token).isRefusal(.notFound, "receipt.not-found"))
    }

    @Test("The published demo values work: token, verify of all three receipts, partial cancel")
    func demo() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        var seen: Set<String> = []
        for receipt in [SandboxHouse.demoReceipt, "612e09260d681b0021e61ab9", "6100e8e7019943003850f9b0"] {
            let data = await house.verify(receipt, token: token).data
            #expect(data["status"] == 1 && data["status_ko"] == "결제완료")
            seen.insert("\(data["price"]?.text ?? "") \(data["pg"]?.text ?? "")")
            let cancel = await house.post("/cancel", ["receipt_id": .string(receipt), "price": 2000], token: token)
            #expect(cancel.isSuccess)
        }
        #expect(seen.count == 3)
        let lines = house.sandbox.introduction(baseURL: "http://127.0.0.1:8600/bootpay").map(\.english)
        #expect(lines.filter { $0.contains("http://127.0.0.1:8600/bootpay/") }.count == 2)
        #expect(lines.contains { $0.contains(DemoData.privateKey) })
    }

    @Test("Test payments are taken back behind Bootpay's back when that is switched on")
    func testPayments() async throws {
        let house = try await SandboxHouse()
        try await house.set(["test_payment_seconds": 600])
        let receipt = try await house.pay()
        house.clocks.advance(.seconds(600))
        let token = try await house.token()
        #expect(await house.status(receipt, token: token) == 1)
        let judgement = await house.post("/cancel", ["receipt_id": .string(receipt)], token: token)
        #expect(judgement.isRefusal(.alreadyCancelled, "cancel.at-gateway"))
    }
}
