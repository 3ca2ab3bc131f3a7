import Base
import Bootpay
import ProviderKit
import SandboxKit
import Testing
import Transport

@testable import BootpaySandbox

@Suite struct SandboxBillingTests {
    @Test("A card is stored with its number masked, at the gateways that do so over REST")
    func issue() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        for gateway in BootpayGateway.table {
            var card = SandboxHouse.card.members ?? [:]
            card["pg"] = .string(gateway.alias)
            let judgement = await house.post("/request/card_rebill", .object(card), token: token)
            if ["nicepay", "payapp", "welcome"].contains(gateway.alias) {
                #expect(judgement.isSuccess)
                #expect(
                    judgement.data.members?.names == ["billing_key", "pg", "pg_name", "method", "method_name", "data", "e_at", "c_at"])
                #expect(judgement.data["method"] == "card_rebill_rest" && judgement.data["data"]?["card_no"] == "557042******1074")
                #expect((judgement.data["data"]?["card_cl"] != nil) == (gateway.alias == "nicepay"))
                #expect(judgement.data["e_at"] == "2030-12-31 23:59:59" && judgement.data["c_at"] == "2026-01-01 09:00:00")
            } else {
                #expect(judgement.isRefusal(.invalidRequest, "field.value"))
                #expect(judgement.verdict?.details["allowed"] == ["nicepay", "payapp", "welcome"])
            }
        }
    }

    @Test(
        "What is wrong with a card is named, but never repeated",
        arguments: [
            ("card_no", "1234"), ("card_no", "5570-4212-3456-107x"), ("card_pw", "1"), ("card_pw", "ab"), ("expire_year", "2030"),
            ("expire_month", "13"), ("identify_number", "840101-1234567"),
        ])
    func badCard(_ name: String, _ value: String) async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        var card = SandboxHouse.card.members ?? [:]
        card[name] = .string(value)
        let judgement = await house.post("/request/card_rebill", .object(card), token: token)
        #expect(judgement.isRefusal(.invalidRequest, "field.value"))
        #expect(judgement.verdict?.json.text.contains(value) == false || value.utf8.count < 3)
        card[name] = nil
        let missing = await house.post("/request/card_rebill", .object(card), token: token)
        #expect(missing.isRefusal(.invalidRequest, "field.missing") && missing.verdict?.details["fields"] == [.string(name)])
    }

    @Test("payapp wants a person; an expired card, a switch and raw_data are answered by the gateway")
    func issueRules() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        func issue(_ changes: JSON.Members) async -> Judgement {
            var card = SandboxHouse.card.members ?? [:]
            for name in changes.names { card[name] = changes[name] }
            return await house.post("/request/card_rebill", .object(card), token: token)
        }
        let person = await issue(["pg": "payapp", "user_info": ["phone": "01012345678"]])
        #expect(person.isRefusal(.invalidRequest, "field.missing") && person.verdict?.details["fields"] == ["user_info.username"])
        #expect(await issue(["expire_year": "25", "expire_month": "12"]).isRefusal(.gatewayRefused, "card.expired"))
        #expect(await issue(["expire_year": "26", "expire_month": "1"]).isSuccess)
        #expect(await issue(["extra": ["expire_month": 14]]).data["e_at"] == "2027-03-01 09:00:00")
        try await house.set(["gateway_refuses_billing_keys": true])
        #expect(await issue([:]).isRefusal(.gatewayRefused, "gateway.refused"))
        #expect(await issue([:]).body["data"] == nil)
        #expect(await issue(["extra": ["raw_data": 1]]).data["ResultCode"] != nil)
    }

    @Test(
        "A test charge is made at the issue and taken back after ten minutes",
        arguments: [("nicepay", 100), ("payapp", 1000)] as [(String, Int64)])
    func testCharge(_ gateway: String, _ price: Int64) async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        _ = try await house.billingKey(gateway, token: token, extra: ["subscribe_test_payment": 1])
        let (_, before) = try await house.control(.get, "/payments?limit=1")
        #expect(before[0]?["price"]?.integer == price && before[0]?["status"] == 1)
        house.clocks.advance(.seconds(600))
        let (_, after) = try await house.control(.get, "/payments?limit=1")
        #expect(after[0]?["status"] == 20 && after[0]?["cancelled_price"]?.integer == price)
    }

    @Test("A charge makes a receipt that can be verified and cancelled")
    func charge() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let key = try await house.billingKey(token: token)
        let judgement = await house.post("/subscribe/billing", SandboxHouse.charge(key, ["params": ["a": 1]]), token: token)
        #expect(judgement.isSuccess)
        #expect(
            judgement.data.members?.names == [
                "receipt_id", "price", "card_no", "card_code", "card_name", "card_quota", "params", "item_name", "order_id", "url",
                "payment_name", "pg", "pg_name", "method", "method_name", "requested_at", "purchased_at", "status",
            ])
        #expect(judgement.data["method"] == "card_rebill" && judgement.data["status"] == 1 && judgement.data["params"] == ["a": 1])
        let receipt = try #require(judgement.data["receipt_id"]?.string)
        #expect(await house.verify(receipt, token: token).data["item_name"] == "정기권")
        #expect(await house.post("/cancel", ["receipt_id": .string(receipt), "price": 1500], token: token).isSuccess)
    }

    @Test(
        "Instalments are 0 or 2 to 12 months, and only from 50,000 won",
        arguments: [
            ("0", 100, true), ("00", 3000, true), ("1", 100_000, false), ("2", 50_000, true), ("2", 49_999, false), ("12", 50_000, true),
            ("13", 50_000, false), ("3", 100_000, true),
        ] as [(String, Int64, Bool)])
    func quota(_ quota: String, _ price: Int64, _ isAllowed: Bool) async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let key = try await house.billingKey(token: token)
        let body = SandboxHouse.charge(key, price: price, ["quota": .string(quota)])
        for path in ["/subscribe/billing", "/subscribe/billing/reserve"] {
            var body = body.members ?? [:]
            body["execute_at"] = 1_900_000_000
            let judgement = await house.post(path, .object(body), token: token)
            #expect(isAllowed ? judgement.isSuccess : judgement.isRefusal(.priceInvalid, "charge.quota"))
        }
    }

    @Test("Less than 100 won: nicepay's own published refusal, the general one elsewhere")
    func smallPrice() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let sample = try sandboxVector("refused-amount.json")
        let nicepay = try await house.billingKey(token: token)
        let raw = await house.post(
            "/subscribe/billing", SandboxHouse.charge(nicepay, price: 99, ["extra": ["raw_data": "1"]]), token: token)
        #expect(raw.isRefusal(.gatewayAmount, "charge.price"))
        for name in ["status", "code", "message"] { #expect(raw.body[name] == sample[name]) }
        #expect(raw.data["ResultCode"] == sample["data"]?["ResultCode"] && raw.data.members?.names == sample["data"]?.members?.names)
        #expect(await house.post("/subscribe/billing", SandboxHouse.charge(nicepay, price: 99), token: token).body["data"] == nil)
        let welcome = try await house.billingKey("welcome", token: token)
        let other = await house.post("/subscribe/billing", SandboxHouse.charge(welcome, price: 99), token: token)
        #expect(other.isRefusal(.priceInvalid, "charge.price"))
    }

    @Test("A deleted, unknown or expired key cannot be charged")
    func keys() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let key = try await house.billingKey(token: token)
        let deleted = await house.send(.delete, "/subscribe/billing/\(key)", token: token)
        #expect(deleted.isSuccess && deleted.body["data"] == nil)
        #expect(await house.post("/subscribe/billing", SandboxHouse.charge(key), token: token).isRefusal(.notFound, "billing-key.deleted"))
        #expect(await house.send(.delete, "/subscribe/billing/\(key)", token: token).isRefusal(.notFound, "billing-key.deleted"))
        let unknown = await house.send(.delete, "/subscribe/billing/abc", token: token)
        #expect(unknown.isRefusal(.notFound, "billing-key.not-found"))
        let short = try await house.billingKey(token: token, extra: ["expire_month": 1])
        house.clocks.advance(.seconds(40 * 86_400))
        let expired = await house.post("/subscribe/billing", SandboxHouse.charge(short), token: try await house.token())
        #expect(expired.isRefusal(.gatewayRefused, "billing-key.expired"))
    }

    @Test("GET finds a key by its receipt, DELETE takes the key; the wrong kind of id is recognised")
    func twoKindsOfID() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let (status, made) = try await house.control(.post, "/payments", ["method": "card_rebill"])
        #expect(status == 201 && made["status"] == 11)
        let (receipt, key) = (made["receipt_id"]?.string ?? "", made["billing_key"]?.string ?? "")
        let found = await house.send(.get, "/subscribe/billing/\(receipt)", token: token)
        #expect(found.isSuccess && found.data["billing_key"]?.string == key && found.data["method"] == "card_rebill")
        #expect(await house.send(.get, "/subscribe/billing/\(key)", token: token).isRefusal(.notFound, "receipt.is-billing-key"))
        #expect(await house.send(.delete, "/subscribe/billing/\(receipt)", token: token).isRefusal(.notFound, "billing-key.is-receipt"))
        let none = await house.send(.get, "/subscribe/billing/\(SandboxHouse.demoReceipt)", token: token)
        #expect(none.isRefusal(.notFound, "billing-key.none-for-receipt"))
        #expect(await house.post("/subscribe/billing", SandboxHouse.charge(key), token: token).isSuccess)
        #expect(await house.send(.delete, "/subscribe/billing/\(key)", token: token).isSuccess)
        #expect(await house.status(receipt, token: token) == -11)
    }

    @Test(
        "A charge that the gateway refuses or does not answer",
        arguments: [("refuse", 0), ("timeout-not-done", 0), ("timeout-done", 1)] as [(String, Int)])
    func chargeSwitches(_ outcome: String, _ receipts: Int) async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let key = try await house.billingKey(token: token)
        let (_, before) = try await house.control(.get, "/payments")
        try await house.set(["gateway_approval": .string(outcome)])
        #expect(await house.post("/subscribe/billing", SandboxHouse.charge(key), token: token).code == -15000)
        let (_, after) = try await house.control(.get, "/payments")
        #expect((after.elements?.count ?? 0) - (before.elements?.count ?? 0) == receipts)
    }

    @Test("A reservation runs at its moment, makes a receipt and notifies its address")
    func reservation() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let key = try await house.billingKey(token: token)
        let at = house.clocks.now(.demo).unixSeconds + 3600
        let judgement = await house.post(
            "/subscribe/billing/reserve",
            SandboxHouse.charge(
                key,
                [
                    "execute_at": .number("\(at).734"), "scheduler_type": "oneshot", "feedback_url": "https://shop.example.com/hook?x=1",
                    "feedback_content_type": "json",
                ]), token: token)
        #expect(judgement.isSuccess && judgement.verdict == nil)
        #expect(
            judgement.data.members?.names == [
                "reserve_id", "billing_key", "item_name", "price", "purchase_count", "purchase_limit", "execute_at", "status",
            ])
        #expect(
            judgement.data["price"] == .number("3000.0") && judgement.data["status"] == 0 && judgement.data["execute_at"]?.integer == at)
        #expect(house.scheduled.withLock { $0.contains(.demo) })
        #expect(await house.sandbox.settle(.demo) == Timestamp(unixSeconds: at))
        house.clocks.advance(.seconds(3599))
        _ = await house.sandbox.settle(.demo)
        #expect(house.network.sent.isEmpty)
        // A clock that leaps leaves the receipt as of the reserved moment.
        house.clocks.advance(.seconds(5000))
        #expect(await house.sandbox.settle(.demo) == nil)
        let (_, reservations) = try await house.control(.get, "/reservations")
        #expect(reservations[0]?["status"] == 1 && reservations[0]?["purchase_count"] == 1)
        let receipt = try #require(reservations[0]?["receipt_id"]?.string)
        let data = await house.verify(receipt, token: try await house.token()).data
        #expect(data["status"] == 1 && data["purchased_at"]?.string == Timestamp(unixSeconds: at).koreanText)
        let sent = try #require(house.network.sent.first)
        #expect(sent.origin.description == "https://shop.example.com" && sent.request.target == "/hook?x=1")
        #expect(try JSON(sent.request.body)["receipt_id"]?.string == receipt)
        let again = await house.send(
            .delete, "/subscribe/billing/reserve/\(reservations[0]?["reserve_id"]?.string ?? "")", token: try await house.token())
        #expect(again.isRefusal(.reservationEnded, "reservation.ended"))
    }

    @Test("Five reservations wait for a key and no sixth; a cancelled one makes room and never runs")
    func limit() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let key = try await house.billingKey(token: token)
        let body = SandboxHouse.charge(key, ["execute_at": .number(house.clocks.now(.demo).unixSeconds + 60)])
        var ids: [String] = []
        for _ in 0..<5 {
            let judgement = await house.post("/subscribe/billing/reserve", body, token: token)
            ids.append(try #require(judgement.data["reserve_id"]?.string))
        }
        let sixth = await house.post("/subscribe/billing/reserve", body, token: token)
        #expect(sixth.isRefusal(.tooManyReservations, "reservation.limit"))
        let cancelled = await house.send(.delete, "/subscribe/billing/reserve/\(ids[0])", token: token)
        #expect(cancelled.isSuccess && cancelled.body["data"] == nil)
        let again = await house.send(.delete, "/subscribe/billing/reserve/\(ids[0])", token: token)
        #expect(again.isRefusal(.reservationEnded, "reservation.ended"))
        #expect(await house.post("/subscribe/billing/reserve", body, token: token).isSuccess)
        house.clocks.advance(.seconds(60))
        _ = await house.sandbox.settle(.demo)
        let (_, reservations) = try await house.control(.get, "/reservations")
        #expect(reservations.elements?.compactMap { $0["status"]?.integer }.sorted() == [1, 1, 1, 1, 1, 3])
    }

    @Test("A reservation whose key is gone, or that the gateway refuses, ends in state 2 and makes no receipt")
    func failedReservation() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let body = [try await house.billingKey(token: token), try await house.billingKey(token: token)].map {
            SandboxHouse.charge($0, ["execute_at": "1767225660", "feedback_url": "http://127.0.0.1:9/"])
        }
        for body in body { #expect(await house.post("/subscribe/billing/reserve", body, token: token).isSuccess) }
        let (_, before) = try await house.control(.get, "/payments")
        _ = await house.send(.delete, "/subscribe/billing/\(body[0]["billing_key"]?.string ?? "")", token: token)
        try await house.set(["gateway_approval": "refuse"])
        house.clocks.advance(.seconds(60))
        _ = await house.sandbox.settle(.demo)
        let (_, reservations) = try await house.control(.get, "/reservations")
        #expect(reservations.elements?.map { $0["status"] } == [2, 2])
        #expect(Set(reservations.elements?.compactMap { $0["failure"]?.string } ?? []) == ["billing-key.deleted", "gateway.refused"])
        #expect(try await house.control(.get, "/payments").1 == before)
        #expect(house.network.sent.isEmpty)
    }

    @Test("A reservation in the past runs at once, with a warning; milliseconds and other schedulers are refused")
    func reservationEdges() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let key = try await house.billingKey(token: token)
        let past = await house.post("/subscribe/billing/reserve", SandboxHouse.charge(key, ["execute_at": 1_500_000_000]), token: token)
        #expect(past.isSuccess && past.verdict?.rule == "reservation.past" && past.verdict?.kind == .warned)
        _ = await house.sandbox.settle(.demo)
        let (_, payments) = try await house.control(.get, "/payments?limit=1")
        #expect(payments[0]?["purchased_at"] == "2026-01-01 09:00:00")
        let milliseconds = SandboxHouse.charge(key, ["execute_at": 1_767_225_660_000])
        #expect(await house.post("/subscribe/billing/reserve", milliseconds, token: token).isRefusal(.invalidRequest, "field.value"))
        let cron = SandboxHouse.charge(key, ["execute_at": 1_900_000_000, "scheduler_type": "cron"])
        #expect(await house.post("/subscribe/billing/reserve", cron, token: token).isRefusal(.invalidRequest, "field.value"))
        let unknown = await house.send(.delete, "/subscribe/billing/reserve/abc", token: token)
        #expect(unknown.isRefusal(.notFound, "reservation.not-found"))
    }

    @Test("Months are added as a calendar does")
    func months() {
        func adding(_ months: Int, _ text: String) -> String? {
            Timestamp(koreanText: text).map { KoreanCalendar.adding(months, to: $0).koreanText }
        }
        #expect(adding(1, "2026-01-31 10:20:30") == "2026-02-28 10:20:30")
        #expect(adding(1, "2028-01-31 10:20:30") == "2028-02-29 10:20:30")
        #expect(adding(1, "2026-01-05 10:20:30") == "2026-02-05 10:20:30")
        #expect(adding(12, "2026-12-31 23:59:59") == "2027-12-31 23:59:59")
        #expect(adding(3, "2026-08-31 00:00:00") == "2026-11-30 00:00:00")
        #expect(KoreanCalendar.endOfMonth(year: 2026, month: 12)?.koreanText == "2026-12-31 23:59:59")
        #expect(
            Timestamp(koreanText: "2026-01-01 08:59:59").map { KoreanCalendar.endOfDay(3, after: $0).koreanText } == "2026-01-04 23:59:59")
    }
}
