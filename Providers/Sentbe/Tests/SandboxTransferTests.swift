import Base
import ProviderKit
import SandboxKit
import Sentbe
import Storage
import TestSupport
import Testing
import Transport

@testable import SentbeSandbox

@Suite("Sentbe sandbox: inbound transfers") struct SandboxTransferTests {
    private typealias Status = InboundTransfer.Status
    private typealias Move = InboundTransfer.Move

    static func order(_ external: String, to recipient: String = "10", _ amount: String = "500000", _ currency: String = "USD") -> JSON {
        [
            "user_id": "47", "recipient_id": .string(recipient), "external_id": .string(external),
            "transfer_info": ["send_amount": .string(amount), "send_amount_currency": "KRW"],
            "wallet_info": ["transfer_currency": .string(currency), "fee_currency": .string(currency)],
        ]
    }

    /// Makes a transfer and gives its id.
    private func make(_ house: SandboxHouse, _ external: String, to recipient: String = "10", _ amount: String = "500000") async throws
        -> Int64
    {
        let judgement = try await house.quick(.post, "/inbound/transfers", Self.order(external, to: recipient, amount))
        return try #require(judgement.data["transfer_info"]?["transfer_id"]?.integer, "\(judgement.body.text)")
    }

    private func status(_ house: SandboxHouse, _ id: Int64) async throws -> String? {
        try await house.get("/inbound/transfers/\(id)").data["transfer_info"]?["status"]?.string
    }

    /// The balances in hundredths.
    private func balances(_ house: SandboxHouse) async throws -> [String: Int64] {
        let rows = try await house.get("/inbound/balances").data.elements ?? []
        return Dictionary(
            uniqueKeysWithValues: rows.map { row in
                guard case .number(let digits)? = row["amount"] else { return ("", 0) }
                return (row["currency"]?.string ?? "", Money(digits)?.hundredths ?? -1)
            })
    }

    @Test("A transfer to a verified recipient is processed at once, is billed exactly, and is shown without its external_id")
    func transfer() async throws {
        let house = try await SandboxHouse(outboundTransfers: false)
        let judgement = try await house.post("/inbound/transfers", Self.order("23"))
        #expect(judgement.isSuccess && judgement.verdict == nil, "\(judgement.body.text)")
        #expect(judgement.data.members?.names == ["transfer_info", "billing_info"])
        #expect(
            judgement.data["transfer_info"] == [
                "user_id": 47, "recipient_id": 10, "transfer_id": 1, "sender_country": "PH", "receive_amount": .number("500000.0"),
                "receive_amount_currency": "KRW", "status": "Processing", "created_at": "2026-01-01T09:00:00.000+09:00",
            ])
        #expect(try await balances(house) == ["USD": 1_000_000 - 45_455 - 250, "KRW": 100_000_000])
        #expect(try await house.get("/inbound/transfers/1").data == judgement.data)
        #expect(try await house.get("/inbound/transfers").data == [judgement.data])
        #expect(house.scheduled.withLock { $0 } == [.demo])
        #expect(!String(decoding: judgement.reply.body, as: UTF8.self).contains("external_id"))
    }

    @Test(
        "A currency in look-alike letters is none: the Kelvin sign counts as a K where texts are compared, and is another byte in every table"
    )
    func lookAlike() async throws {
        let house = try await SandboxHouse(outboundTransfers: false)
        let kelvin = "\u{212A}RW"
        try #require(kelvin == "KRW")
        for currency in ["transfer_currency", "fee_currency"] {
            var order = try #require(Self.order("k", to: "10", "500000", "KRW").members)
            var wallet = try #require(order["wallet_info"]?.members)
            wallet[currency] = .string(kelvin)
            order["wallet_info"] = .object(wallet)
            let judgement = try await house.post("/inbound/transfers", .object(order))
            #expect(judgement.isRefusal("E0007", "currency.unavailable"), "\(judgement.body.text)")
        }
        #expect(try await house.get("/inbound/balances/%E2%84%AARW").isRefusal("E0007", "currency.unavailable"))
        #expect(try await balances(house) == ["USD": 1_000_000, "KRW": 100_000_000])
    }

    @Test("Time completes it after a second, neither a nanosecond earlier, and whether somebody settles or only looks")
    func completion() async throws {
        let house = try await SandboxHouse(outboundTransfers: false)
        let start = house.clocks.now(.demo)
        let id = try await make(house, "1")
        #expect(await house.sandbox.settle(.demo) == start + .seconds(1))
        house.clocks.set(start + .seconds(1) - .nanoseconds(1))
        #expect(try await status(house, id) == "Processing")
        house.clocks.set(start + .seconds(1))
        #expect(try await status(house, id) == "Complete")
        #expect(await house.sandbox.settle(.demo) == nil)
    }

    @Test("An unverified recipient has 24 hours: a nanosecond less still waits, then it expires and the wallet has its money again")
    func expiry() async throws {
        let house = try await SandboxHouse(outboundTransfers: false)
        let before = try await balances(house)
        let start = house.clocks.now(.demo)
        let id = try await make(house, "1", to: "11")
        let late = try await make(house, "2", to: "11")
        #expect(try await status(house, id) == "Waiting verification")
        #expect(try await balances(house) != before)
        house.clocks.set(start + .seconds(86_400) - .nanoseconds(1))
        #expect(try await status(house, id) == "Waiting verification")
        house.clocks.set(start + .seconds(86_400))
        #expect(try await status(house, id) == "Expired")
        #expect(try await status(house, late) == "Expired")
        #expect(try await balances(house) == before)
        house.clocks.advance(.seconds(86_400))
        #expect(await house.sandbox.settle(.demo) == nil)
        #expect(try await balances(house) == before)
        // The link is dead: verifying the person now changes nothing about them.
        #expect(try await house.control(.post, "/transfers/\(id)/verify").0 == 409)
        #expect(try await house.control(.post, "/recipients/11/verify").0 == 200)
        #expect(try await status(house, id) == "Expired")
        #expect(try await balances(house) == before)
    }

    @Test("One verification lets everything go on that waited for that recipient, and later transfers skip it")
    func verification() async throws {
        let house = try await SandboxHouse(outboundTransfers: false)
        let waiting = [try await make(house, "1", to: "11"), try await make(house, "2", to: "11")]
        let (code, shown) = try await house.control(.post, "/transfers/\(waiting[0])/verify")
        #expect(code == 200 && shown["transfer_info"]?["status"] == "Processing" && shown["external_id"] == "1")
        for id in waiting { #expect(try await status(house, id) == "Processing") }
        #expect(try await status(house, try await make(house, "3", to: "11")) == "Processing")
        house.clocks.advance(.seconds(1))
        for id in waiting { #expect(try await status(house, id) == "Complete") }
    }

    @Test("Every move from every state: allowed ones lead where the documentation says, the others are refused and change nothing")
    func moves() async throws {
        let allowed: [String: [String: String]] = [
            "Waiting verification": ["verify": "Processing", "expire": "Expired", "cancel": "Canceled"],
            "Processing": ["complete": "Complete", "aml": "AML filtered"],
            "AML filtered": ["release": "Processing", "cancel": "Canceled", "refund": "Refunded"],
            "Complete": ["refund": "Refunded"],
        ]
        // How a fresh transfer gets into each state.
        let ways: [Status: [Move]] = [
            .waiting: [], .processing: [.verify], .filtered: [.verify, .aml], .complete: [.verify, .complete], .canceled: [.cancel],
            .expired: [.expire], .refunded: [.verify, .complete, .refund],
        ]
        for state in Status.allCases {
            for move in Move.allCases {
                let house = try await SandboxHouse(outboundTransfers: false)
                let before = try await balances(house)
                let id = try await make(house, "1", to: "11")
                let billed = try await balances(house)
                for step in try #require(ways[state]) {
                    #expect(try await house.control(.post, "/transfers/\(id)/\(step.rawValue)").0 == 200)
                }
                try #require(try await status(house, id) == state.rawValue)
                let wasCredited = try await balances(house) == before
                #expect(wasCredited == state.isCreditedBack, "\(state)")
                let (code, body) = try await house.control(.post, "/transfers/\(id)/\(move.rawValue)")
                let target = allowed[state.rawValue]?[move.rawValue]
                #expect(code == (target == nil ? 409 : 200), "\(state) \(move): \(body.text)")
                #expect(try await status(house, id) == target ?? state.rawValue, "\(state) \(move)")
                let isCredited = ["Canceled", "Expired", "Refunded"].contains(target ?? state.rawValue)
                #expect(try await balances(house) == (isCredited ? before : billed), "\(state) \(move)")
            }
        }
    }

    @Test("The filter holds large transfers, and one that it let go is not held again")
    func filter() async throws {
        let house = try await SandboxHouse(outboundTransfers: false)
        try await house.set(["inbound_aml_from": 500_000])
        let small = try await make(house, "1", to: "10", "499999")
        let large = try await make(house, "2")
        house.clocks.advance(.seconds(1))
        #expect(try await status(house, small) == "Complete")
        #expect(try await status(house, large) == "AML filtered")
        #expect(await house.sandbox.settle(.demo) == nil)
        #expect(try await house.control(.post, "/transfers/\(large)/release").0 == 200)
        house.clocks.advance(.seconds(1))
        #expect(try await status(house, large) == "Complete")
    }

    @Test("A used external_id is E0013 for the same partner, and another partner's own")
    func externalIDs() async throws {
        let house = try await SandboxHouse(outboundTransfers: false)
        #expect(try await house.post("/inbound/transfers", Self.order("23")).isSuccess)
        let before = try await balances(house)
        let again = try await house.post("/inbound/transfers", Self.order("23", to: "10", "1000"))
        #expect(again.isRefusal("E0013", "transfer.external-id-used") && again.message == "Invalid external id")
        #expect(again.verdict?.details["transfer_id"] == 1)
        #expect(try await balances(house) == before)
        // Also after it has ended.
        _ = try await house.control(.post, "/transfers/1/complete")
        #expect(try await house.post("/inbound/transfers", Self.order("23")).code == "E0013")
        #expect(try await house.post("/inbound/transfers", Self.order(String(repeating: "x", count: 101))).code == "E0013")
        #expect(try await house.post("/inbound/transfers", Self.order("")).isRefusal("E0005", "parameter.missing"))
        // `e` with an accent in one character and in two are different ids.
        #expect(try await house.post("/inbound/transfers", Self.order("\u{E9}", to: "10", "1000")).isSuccess)
        #expect(try await house.post("/inbound/transfers", Self.order("e\u{301}", to: "10", "1000")).isSuccess)
        try await house.set(["inbound_external_id_once": false])
        #expect(try await house.post("/inbound/transfers", Self.order("23", to: "10", "1000")).isSuccess)
    }

    @Test("Wrong ids are E0002, and an external_id in the path is recognised")
    func ids() async throws {
        let house = try await SandboxHouse(outboundTransfers: false)
        _ = try await make(house, "ORDER-7")
        #expect(try await house.get("/inbound/transfers/99").isRefusal("E0002", "transfer.unknown"))
        #expect(try await house.get("/inbound/transfers/99").message == "Invalid transfer id")
        #expect(try await house.get("/inbound/transfers/ORDER-7").isRefusal("E0002", "transfer.external-id"))
        for id in ["x", "9223372036854775808", "1%00", "-1", "+1", "%2B1", "1.0", "１"] {
            #expect(try await house.get("/inbound/transfers/\(id)").code == "E0002", "\(id)")
        }
        #expect(try await house.post("/inbound/transfers", Self.order("2", to: "12")).isRefusal("E0002", "recipient.unknown"))
        var members = Self.order("3").members ?? [:]
        members["user_id"] = "48"
        #expect(try await house.post("/inbound/transfers", .object(members)).isRefusal("E0002", "user.unknown"))
        #expect(try await house.get("/inbound/transfers/1", as: house.partner()).isRefusal("E0002", "transfer.other-partner"))
    }

    @Test("The wallet pays to the last cent, never more, and a refused transfer takes nothing")
    func wallet() async throws {
        let house = try await SandboxHouse(outboundTransfers: false)
        // 1,100 won are a dollar, and the cost is 2.50: leave exactly that.
        #expect(try await house.control(.post, "/wallet", ["currency": "USD", "amount": "-9996.51"]).0 == 200)
        let short = try await house.post("/inbound/transfers", Self.order("1", to: "10", "1100"))
        #expect(short.isRefusal("E0014", "wallet.short"))
        #expect(short.verdict?.details["needed"] == .number("3.5") && short.verdict?.details["balance"] == .number("3.49"))
        #expect(try await balances(house)["USD"] == 349)
        #expect(try await house.control(.post, "/wallet", ["amount": .number("0.01")]).0 == 200)
        #expect(try await house.post("/inbound/transfers", Self.order("1", to: "10", "1100")).isSuccess)
        #expect(try await balances(house)["USD"] == 0)
        #expect(try await house.control(.post, "/wallet", ["amount": "-0.01"]).0 == 409)
        // Two currencies: when the second holds too little, the first keeps its own.
        _ = try await house.control(.post, "/wallet", ["currency": "KRW", "amount": "-999999"])
        _ = try await house.control(.post, "/wallet", ["amount": "100"])
        var mixed = Self.order("2", to: "10", "1100").members ?? [:]
        mixed["wallet_info"] = ["transfer_currency": "USD", "fee_currency": "KRW"]
        #expect(try await house.post("/inbound/transfers", .object(mixed)).isRefusal("E0014", "wallet.short"))
        #expect(try await balances(house) == ["USD": 10_000, "KRW": 100])
        #expect(try await house.get("/inbound/transfers").data.elements?.count == 1)
    }

    @Test("A refund may keep the distribution cost")
    func refundWithoutFee() async throws {
        let house = try await SandboxHouse(outboundTransfers: false)
        try await house.set(["inbound_refund_fee": false])
        let id = try await make(house, "1")
        house.clocks.advance(.seconds(1))
        #expect(try await house.control(.post, "/transfers/\(id)/refund").0 == 200)
        #expect(try await balances(house)["USD"] == 1_000_000 - 250)
    }

    @Test("Twenty transfers at once for the money of three: three pass, and the wallet is never below nothing")
    func atOnce() async throws {
        let house = try await SandboxHouse(outboundTransfers: false)
        _ = try await house.control(.post, "/wallet", ["amount": "-9989.5"])
        let codes = await withTaskGroup(of: String.self) { group in
            for number in 0..<20 {
                group.addTask {
                    (try? await house.quick(.post, "/inbound/transfers", Self.order("\(number)", to: "10", "1100")).code ?? "ok") ?? "?"
                }
            }
            return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
        }
        #expect(codes == ["ok": 3, "E0014": 17])
        #expect(try await balances(house)["USD"] == 0)
    }

    @Test("Whatever happens to transfers in whatever order, not a cent appears or is lost", arguments: [1, 2, 3] as [UInt64])
    func conservation(_ seed: UInt64) async throws {
        let house = try await SandboxHouse(seed: seed, outboundTransfers: false)
        let random = SeededRandom(seed: seed)
        func pick(_ bound: Int) -> Int { Int(random.number(below: UInt64(bound))) }
        try await house.set(["inbound_aml_from": 600_000, "inbound_processing_seconds": 5])
        // Recipients enough that some are verified, some never, and some while money waits for them.
        for _ in 0..<20 {
            _ = try await house.quick(.post, "/inbound/recipients", .object(SandboxInboundTests.recipient))
        }
        var paidIn: [String: Int64] = ["USD": 1_000_000, "KRW": 100_000_000]
        var count = 0
        for step in 0..<300 {
            switch pick(10) {
            case 0...3:
                let currency = ["USD", "KRW"][pick(2)]
                let recipient = String(10 + pick(22))
                let order = Self.order("\(step)", to: recipient, "\(1 + pick(900_000))", currency)
                let judgement = try await house.quick(.post, "/inbound/transfers", order)
                #expect(judgement.isSuccess || judgement.code == "E0014")
                if judgement.isSuccess { count += 1 }
            case 4...6 where count > 0:
                let move = Move.allCases[pick(Move.allCases.count)]
                let (status, _) = try await house.control(.post, "/transfers/\(1 + pick(count))/\(move.rawValue)")
                #expect(status == 200 || status == 409)
            case 7:
                let amount = Int64(pick(50_000))
                let currency = ["USD", "KRW"][pick(2)]
                let (status, _) = try await house.control(
                    .post, "/wallet", ["currency": .string(currency), "amount": .string(Money(hundredths: amount).text)])
                #expect(status == 200)
                paidIn[currency, default: 0] += amount
            case 8: house.clocks.advance(.seconds([1, 5, 3600, 86_400][pick(4)]))
            default: _ = await house.sandbox.settle(.demo)
            }
            guard step % 10 == 9 else { continue }
            let held = try await balances(house)
            #expect(held.values.allSatisfy { $0 >= 0 })
            #expect(held == (try await expected(house, paidIn)), "step \(step)")
        }
        #expect(count > 20)
        let (_, shown) = try await house.control(.get, "/transfers?limit=1000")
        let ends = Set((shown.elements ?? []).compactMap { $0["transfer_info"]?["status"]?.string })
        #expect(ends.isSuperset(of: ["Complete", "Expired", "Canceled", "Refunded"]), "the run met every way in which a transfer ends")
    }

    /// What the wallets must hold: what was paid in without the bills of transfers that have not come back. Read from the tables by itself.
    private func expected(_ house: SandboxHouse, _ paidIn: [String: Int64]) async throws -> [String: Int64] {
        try await house.database.read { connection in
            var left = paidIn
            for row in try connection.query("SELECT status, billing FROM sentbe_inbound_transfers") {
                guard !["Canceled", "Expired", "Refunded"].contains(row.text("status") ?? "") else { continue }
                for line in try JSON(row.text("billing") ?? "").elements ?? [] {
                    left[line["currency"]?.string ?? "", default: 0] -= line["amount"]?.integer ?? 0
                }
            }
            for row in try connection.query(
                "SELECT currency, SUM(amount) AS sum FROM sentbe_inbound_wallet_entries GROUP BY currency")
            {
                let currency = row.text("currency") ?? ""
                #expect(row.integer("sum") == left[currency], "the ledger of \(currency) comes to what is left")
            }
            return left
        }
    }
}
