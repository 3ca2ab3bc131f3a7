import Base
import ProviderKit
import SandboxKit
import Sentbe
import Testing
import Transport

@testable import SentbeSandbox

@Suite("Sentbe sandbox, outbound: quotes and transfers") struct SandboxOutboundMoneyTests {
    @Test("The published sample is quoted as published")
    func quote() async throws {
        let house = try await SandboxHouse()
        let judgement = try await house.post("/outbound/check_commission", Outbound.quote())
        #expect(judgement.isSuccess && judgement.data["exchange_rate_list_id"] == 2)
        #expect(judgement.data["send_amount"] == 119_090 && judgement.data["receive_amount"] == .number("5000.0"))
        #expect(judgement.data["commission"] == 5000 && judgement.data["total_commission"] == 5000)
    }

    /// A change to the sample, and what it is refused for: by the quote and by the transfer alike.
    static let refused: [(String, JSON, String, String)] = [
        ("no user", ["user_id": .null], "E0005", "parameter.missing"), ("unknown user", ["user_id": "999"], "E0002", "user.unknown"),
        ("another's user", ["user_id": "17"], "E0101", "user.not-registered"),
        ("unknown recipient", ["recipient_id": "999"], "E0002", "recipient.unknown"),
        ("a recipient of another user", ["user_id": "16"], "E0002", "recipient.other-user"),
        ("an amount with a fraction", ["recieve_amount": "5000.0"], "E0005", "parameter.value"),
        ("an amount with commas", ["recieve_amount": "5,000"], "E0005", "parameter.value"),
        ("nothing", ["recieve_amount": "0"], "E0005", "parameter.value"),
        ("less than nothing", ["recieve_amount": "-5"], "E0005", "parameter.value"),
        ("far too much", ["recieve_amount": "1000000000001"], "E0005", "parameter.value"),
        ("more than numbers hold", ["recieve_amount": "99999999999999999999999"], "E0005", "parameter.value"),
        ("won", ["recieve_amount_currency": "KRW"], "E0005", "currency.won"),
        ("another currency", ["recieve_amount_currency": "USD"], "E0005", "currency.other"),
        ("the right spelling", ["receive_amount": "5000"], "E0005", "parameter.unpermitted"),
    ]

    @Test("What is wrong with an amount or with people is refused alike by the quote and by the transfer", arguments: refused)
    func refusals(_ row: (String, JSON, String, String)) async throws {
        let house = try await SandboxHouse()
        for (path, sample) in [("check_commission", Outbound.quote(row.1)), ("transfers", Outbound.transfer(row.1))] {
            let judgement = try await house.quick(.post, "/outbound/\(path)", sample)
            #expect(judgement.isRefusal(row.2, row.3), "\(row.0): \(judgement.body.text) \(judgement.rule ?? "")")
        }
        #expect(try await house.quick(.get, "/outbound/transfers", [:]).data.elements?.count == 1)
    }

    @Test("Who writes receive_amount as it is spelt gets a hint at recieve_amount")
    func spelling() async throws {
        let house = try await SandboxHouse()
        let right: JSON = ["user_id": "15", "recipient_id": "53", "receive_amount": "5000", "receive_amount_currency": "PHP"]
        let judgement = try await house.post("/outbound/check_commission", right)
        #expect(judgement.isRefusal("E0005", "parameter.unpermitted"))
        #expect(judgement.verdict?.reason.english.contains("receive_amount → recieve_amount") == true)
        #expect(!judgement.body.text.contains("recieve_amount"))
    }

    @Test("A transfer waits for its deposit, is announced at every step, and answers in the documented form")
    func transfer() async throws {
        let house = try await SandboxHouse()
        _ = try await house.control(.put, "/partners/1", ["callback_url": "http://127.0.0.1:9/callback"])
        let judgement = try await house.post("/outbound/transfers", Outbound.transfer())
        #expect(judgement.isSuccess && judgement.verdict == nil, "\(judgement.body.text)")
        #expect(
            judgement.data.members?.names == [
                "transfer_id", "user_id", "recipient_id", "sender_country", "send_amount", "send_amount_currency", "receive_amount",
                "receive_amount_currency", "commission", "commission_currency", "status", "virtual_account", "created_at",
            ])
        #expect(judgement.data["status"] == "Transfer Requested" && judgement.data["send_amount"] == 119_090)
        #expect(judgement.data["virtual_account"]?.string?.components(" | ") == 3)
        let id = try #require(judgement.data["transfer_id"]?.integer)
        #expect(try await house.get("/outbound/transfers/\(id)").data == judgement.data)
        #expect(try await house.get("/outbound/transfers/user/15").data.elements?.count == 2)
        #expect(try await house.get("/outbound/transfers/user/16").data == [])

        // Callbacks are sent side by side, so each is sent before the next comes into being.
        _ = await house.sandbox.settle(.demo)
        #expect(try await house.control(.post, "/outbound/transfers/\(id)/deposit", ["amount": 119_089]).0 == 409)
        #expect(try await house.control(.post, "/outbound/transfers/\(id)/deposit", ["amount": 119_090]).0 == 200)
        #expect(try await house.status(ofTransfer: id) == "Processing")
        _ = await house.sandbox.settle(.demo)
        house.clocks.advance(.seconds(1))
        #expect(try await house.status(ofTransfer: id) == "Complete")
        _ = await house.sandbox.settle(.demo)
        let told = house.network.sent.map { "\($0.json["external_id"]?.string ?? "") \($0.json["status"]?.string ?? "")" }
        #expect(told.filter { $0.hasPrefix("2 ") } == ["2 Transfer Requested", "2 Processing", "2 Complete"])
        #expect(house.network.sent.allSatisfy { $0.json["token"] == "test_id" })
    }

    @Test("A transfer expires after a day to the very moment, and a late deposit is refused")
    func expiry() async throws {
        let house = try await SandboxHouse()
        let id = try await house.outboundTransfer("day")
        house.clocks.advance(.seconds(86_399))
        #expect(try await house.status(ofTransfer: id) == "Transfer Requested")
        house.clocks.advance(.seconds(1))
        #expect(try await house.status(ofTransfer: id) == "Expired")
        #expect(try await house.control(.post, "/outbound/transfers/\(id)/deposit").0 == 409)
        #expect(
            try await house.quick(.post, "/outbound/transfers/cancel", ["transfer_id": .number(id)]).isRefusal("E0009", "transfer.state"))
    }

    /// Control moves that bring a fresh transfer into each state.
    static let ways: [(status: String, moves: [String])] = [
        ("Transfer Requested", []), ("Processing", ["deposit"]), ("AML filtered", ["deposit", "hold"]),
        ("Complete", ["deposit", "complete"]),
        ("Canceled", ["cancel"]), ("Expired", ["expire"]), ("Refunded", ["deposit", "complete", "refund"]),
    ]

    @Test("In every state every move and every call does what the table of states says, and nothing else", arguments: ways)
    func states(_ way: (status: String, moves: [String])) async throws {
        let events: [(door: String, event: OutboundStatus.Event)] = [
            ("deposit", .deposited), ("hold", .held), ("release", .released), ("stop", .stopped), ("complete", .paidOut),
            ("refund", .paidBack),
            ("expire", .timeRanOut), ("cancel", .cancelled),
        ]
        #expect(Set(events.map(\.event)) == Set(OutboundStatus.Event.allCases))
        let status = try #require(OutboundStatus(rawValue: way.status))
        let house = try await SandboxHouse()
        try await house.set(["outbound_processing_seconds": false])
        func fresh(_ name: String) async throws -> Int64 {
            let id = try await house.outboundTransfer(name)
            for move in way.moves { #expect(try await house.control(.post, "/outbound/transfers/\(id)/\(move)").0 == 200) }
            #expect(try await house.status(ofTransfer: id) == way.status)
            return id
        }
        for (door, event) in events {
            let id = try await fresh("door-\(door)")
            let (answer, body) = try await house.control(.post, "/outbound/transfers/\(id)/\(door)")
            let expected = status.after(event)
            #expect(answer == (expected == nil ? 409 : 200), "\(way.status) \(door)")
            #expect(try await house.status(ofTransfer: id) == (expected ?? status).rawValue)
            if let expected { #expect(body["status"]?.string == expected.rawValue) }
        }
        let id = try await fresh("cancel-call")
        let cancel = try await house.quick(.post, "/outbound/transfers/cancel", ["transfer_id": .string(String(id))])
        if status == .requested {
            #expect(cancel.isSuccess && cancel.data["status"] == "Canceled")
        } else {
            #expect(cancel.isRefusal("E0009", "transfer.state"))
            #expect(try await house.status(ofTransfer: id) == way.status)
        }
        // Reading and listing do not change it, and its external_id stays used.
        let taken = try await house.quick(
            .post, "/outbound/transfers",
            Outbound.transfer(["external_id": "cancel-call", "exchange_rate_list_id": .string(try await house.rateID())]))
        #expect(taken.isRefusal("E0013", "transfer.external-id-taken"))
    }

    @Test("A rate holds for less than ten minutes", arguments: [(599_999, true), (600_000, false)])
    func rateLifetime(_ row: (milliseconds: Int, isTaken: Bool)) async throws {
        let house = try await SandboxHouse()
        let id = try await house.rateID()
        house.clocks.advance(.milliseconds(row.milliseconds))
        let judgement = try await house.quick(.post, "/outbound/transfers", Outbound.transfer(["exchange_rate_list_id": .string(id)]))
        #expect(judgement.isSuccess == row.isTaken)
        if !row.isTaken { #expect(judgement.isRefusal("E0115", "rate.expired")) }
    }

    @Test(
        "The quote's rate holds although the rate has changed; another amount is computed anew and pointed out; unknown rates are refused")
    func rates() async throws {
        let house = try await SandboxHouse()
        let old = try await house.rateID()
        try await house.set(["outbound_rates": ["PHP": "30"]])
        let other: JSON = ["recieve_amount": "4000", "exchange_rate_list_id": .string(old)]
        let judgement = try await house.quick(.post, "/outbound/transfers", Outbound.transfer(other))
        #expect(judgement.isSuccess && judgement.rule == "rate.other-quote" && judgement.data["send_amount"] == 96_272)
        let fresh = try await house.quick(.post, "/outbound/check_commission", Outbound.quote())
        #expect(fresh.data["send_amount"] == 155_000)
        for id in ["999", "0", "-1", "x"] {
            let change: JSON = ["exchange_rate_list_id": .string(id), "external_id": "r"]
            #expect(try await house.quick(.post, "/outbound/transfers", Outbound.transfer(change)).isRefusal("E0115", "rate.unknown"))
        }
        try await house.set(["outbound_rates": ["USD": "1100"]])
        #expect(try await house.quick(.post, "/outbound/check_commission", Outbound.quote()).isRefusal("E0110", "currency.no-rate"))
        for wrong in [["PHP": "0"], ["PHP": .number("22.818")], ["KRW": "1"], "22"] as [JSON] {
            #expect(try await house.control(.put, "/settings", ["outbound_rates": wrong]).0 == 400)
        }
    }

    @Test("A rate of another partner, or for another currency, is none")
    func foreignRate() async throws {
        let house = try await SandboxHouse()
        let thai: JSON = [
            "country": "TH", "external_id": "th",
            "bank_attributes": ["name": "200601", "account_number": "12345678", "account_holder_name": "x"],
        ]
        let made = try await house.quick(.post, "/outbound/recipients", Outbound.recipient(thai))
        let recipient = try #require(made.data["id"]?.integer)
        let change: JSON = ["recipient_id": .number(recipient), "recieve_amount_currency": "THB", "external_id": "th"]
        #expect(try await house.quick(.post, "/outbound/transfers", Outbound.transfer(change)).isRefusal("E0115", "rate.other"))
    }

    @Test("Only who is verified in every way and up to date may send")
    func standing() async throws {
        let house = try await SandboxHouse()
        func send() async throws -> Judgement { try await house.quick(.post, "/outbound/transfers", Outbound.transfer()) }
        for check in ["mobile", "documents", "bank"] {
            _ = try await house.control(.post, "/outbound/users/15/\(check)/reset")
            let judgement = try await send()
            #expect(judgement.isRefusal("E0112", "user.not-verified") && judgement.verdict?.details["open"] == [.string(check)])
            _ = try await house.control(.post, "/outbound/users/15/\(check)/approve")
        }
        #expect(try await house.control(.post, "/outbound/users/15/outdate").0 == 200)
        #expect(try await send().isRefusal("E0111", "user.outdated"))
        #expect(try await house.quick(.post, "/outbound/update_user_info", ["user_id": "15", "email": "a@b.kr"]).isSuccess)
        try await house.set(["outbound_limit_krw": 119_089])
        #expect(try await send().isRefusal("E0115", "transfer.limit"))
        try await house.set(["outbound_limit_krw": 119_090])
        #expect(try await send().isSuccess)
    }

    @Test("A credit pays the commission once, and comes back with a transfer that ends without a payout")
    func credit() async throws {
        let house = try await SandboxHouse()
        func credit() async throws -> JSON? { try await house.control(.get, "/outbound/users/15").1["credit"] }
        #expect(try await house.control(.put, "/outbound/users/15/credit", ["amount": 6000]).1["credit"] == 6000)
        let quote = try await house.quick(.post, "/outbound/check_commission", Outbound.quote())
        #expect(quote.data["credit_usage_amount"] == 5000 && quote.data["send_amount"] == 114_090)
        let first = try await house.outboundTransfer("c1")
        #expect(try await credit() == 1000)
        let second = try await house.outboundTransfer("c2")
        #expect(try await credit() == 0)
        #expect(try await house.quick(.get, "/outbound/transfers/\(second)", [:]).data["send_amount"] == 118_090)
        #expect(try await house.quick(.post, "/outbound/transfers/cancel", ["transfer_id": .number(first)]).isSuccess)
        #expect(try await credit() == 5000)
        house.clocks.advance(.seconds(86_400))
        #expect(try await house.status(ofTransfer: second) == "Expired")
        #expect(try await credit() == 6000)
    }

    @Test("The filter holds what is large, once, and lets it go on when it is released")
    func filter() async throws {
        let house = try await SandboxHouse()
        try await house.set(["outbound_aml_from": 119_090])
        let id = try await house.outboundTransfer("large")
        _ = try await house.control(.post, "/outbound/transfers/\(id)/deposit")
        house.clocks.advance(.seconds(1))
        #expect(try await house.status(ofTransfer: id) == "AML filtered")
        #expect(try await house.control(.post, "/outbound/transfers/\(id)/release").0 == 200)
        house.clocks.advance(.seconds(1))
        #expect(try await house.status(ofTransfer: id) == "Complete")
    }

    @Test("Transfers are the partner's own; an external_id where an id belongs is told apart")
    func ids() async throws {
        let house = try await SandboxHouse()
        let other = try await house.partner()
        #expect(try await house.get("/outbound/transfers/49", as: other).isRefusal("E0002", "transfer.other-partner"))
        #expect(
            try await house.post("/outbound/transfers/cancel", ["transfer_id": "49"], as: other).isRefusal(
                "E0002", "transfer.other-partner"))
        #expect(try await house.get("/outbound/transfers/999").isRefusal("E0002", "transfer.unknown"))
        #expect(try await house.get("/outbound/transfers/1").isRefusal("E0002", "transfer.external-id"))
        #expect(try await house.get("/outbound/transfers/x").isRefusal("E0002", "transfer.no-id"))
        #expect(try await house.get("/outbound/transfers", as: other).data == [])
    }

    @Test("What is wrong with a value is told before what is wrong with an id, and an id is digits and nothing else")
    func order() async throws {
        let house = try await SandboxHouse()
        let rows: [(String, JSON)] = [
            ("check_commission", Outbound.quote(["user_id": "999", "recieve_amount": "1.5"])),
            ("transfers", Outbound.transfer(["user_id": "999", "recieve_amount": "1.5"])),
            ("update_user_info", ["user_id": "999", "email": "nobody"]), ("update_user_info", ["user_id": "999", "password": "x"]),
            ("recipients", Outbound.recipient(["user_id": "999", "phone_number": "none"])),
            ("banks", ["user_id": "999", "name": "10305", "account_number": "x", "account_holder_name": "a"]),
        ]
        for (path, body) in rows { #expect(try await house.quick(.post, "/outbound/\(path)", body).code == "E0005", "\(path)") }
        for id in ["+15", "%2B15", "015x", "15%20", "-15", "１５"] {
            #expect(try await house.quick(.get, "/outbound/users/\(id)", [:]).isRefusal("E0002", "user.no-id"), "\(id)")
            let quote = try await house.quick(.post, "/outbound/check_commission", Outbound.quote(["recipient_id": .string(id)]))
            #expect(quote.code == "E0002", "\(id)")
        }
    }

    @Test("Every error of the outbound table can be ordered, for every call, and strikes as often as ordered")
    func faults() async throws {
        let house = try await SandboxHouse()
        let codes = SentbeErrorCode.rows.filter { $0.apis.contains(.outbound) }.map(\.code.rawValue)
        #expect(codes.count == 26)
        for code in codes {
            _ = try await house.control(.post, "/outbound/faults", ["code": .string(code), "call": "outbound-quote"])
            #expect(try await house.quick(.post, "/outbound/check_commission", Outbound.quote()).isRefusal(code, "fault.ordered"))
            #expect(try await house.quick(.post, "/outbound/check_commission", Outbound.quote()).isSuccess)
        }
        _ = try await house.control(.post, "/outbound/faults", ["code": "E0108", "call": "outbound-check-bank", "count": 2])
        let bank: JSON = ["user_id": "16", "name": "10305", "account_number": "123456", "account_holder_name": "a"]
        for _ in 0..<2 { #expect(try await house.quick(.post, "/outbound/banks", bank).isRefusal("E0108", "fault.ordered")) }
        #expect(try await house.checks(of: 16)["bank"] == "standby")
        #expect(try await house.quick(.post, "/outbound/banks", bank).isSuccess)
        // A read that is struck writes all the same.
        _ = try await house.control(.post, "/outbound/faults", ["code": "E0000"])
        #expect(try await house.quick(.get, "/outbound/users", [:]).isRefusal("E0000", "fault.ordered"))
        #expect(try await house.quick(.get, "/outbound/users", [:]).isSuccess)
        _ = try await house.control(.post, "/outbound/faults", ["code": "E0000", "count": 5])
        #expect(try await house.control(.delete, "/outbound/faults").1 == [])
        #expect(try await house.quick(.get, "/outbound/users", [:]).isSuccess)
        for wrong in [["code": "E0014"], ["code": "E0000", "call": "none"], ["code": "E0000", "count": 0], [:]] as [JSON] {
            #expect(try await house.control(.post, "/outbound/faults", wrong).0 == 400)
        }
    }

    @Test("HTTP statuses follow the codes where the tenant wants it")
    func mapped() async throws {
        let house = try await SandboxHouse()
        try await house.set(["error_status": "mapped"])
        #expect(try await house.get("/outbound/users/999").isRefusal("E0002", "user.unknown", status: 404))
        #expect(try await house.get("/outbound/data_list/x").isRefusal("E0105", "list.unknown", status: 404))
        #expect(try await house.get("/outbound/nothing").isRefusal("E0006", "call.unknown", status: 405))
        _ = try await house.control(.post, "/outbound/faults", ["code": "E0110"])
        #expect(
            try await house.quick(.post, "/outbound/check_commission", Outbound.quote()).isRefusal("E0110", "fault.ordered", status: 500))
    }

    @Test("Every row of the outbound table has its rules, and every one is behind the front's door")
    func everyRoute() async throws {
        let house = try await SandboxHouse()
        for route in SentbeRoutes.outbound {
            #expect(OutboundCalls.rows.contains { $0.route.name == route.name }, "\(route.name)")
            let path = route.path.replacing("{", with: "").replacing("}", with: "")
            let stranger = try await house.send(route.route.method, path, nil, as: .init(key: "wrong"))
            #expect(stranger.code == "E0003" && stranger.route == route.name)
            if route.carrier == .envelope {
                let damaged = await house.send(route.route.method, path, signature: "{}")
                #expect(damaged.code == "E0004", "\(route.name)")
            }
        }
    }
}

extension String {
    /// How many pieces it has between separators.
    fileprivate func components(_ separator: String) -> Int { split(separator: separator).count }
}
