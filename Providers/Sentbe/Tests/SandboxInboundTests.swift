import Base
import ProviderKit
import SandboxKit
import Sentbe
import TestSupport
import Testing
import Transport

@testable import SentbeSandbox

@Suite("Sentbe sandbox: inbound people, banks and quotes") struct SandboxInboundTests {
    static let user: JSON.Members = [
        "phone_country_code": "PH", "phone_number": "0917-555-0148", "first_name": "Jose", "last_name": "Rizal", "nationality": "PH",
        "birth_date": "19610619",
    ]
    static let recipient: JSON.Members = [
        "user_id": "47", "phone_country_code": "KR", "phone_number": "010-3369-1481", "first_name": "John", "last_name": "Smith",
        "country": "KR", "birth_date": "19901111", "email": "test@sentbe.com",
        "bank_attributes": ["name": "002", "account_number": "12341234", "account_holder_name": "json"],
    ]

    static func changed(_ members: JSON.Members, _ name: String, _ value: JSON?) -> JSON {
        var members = members
        members[name] = value
        return .object(members)
    }

    @Test("Every inbound row of the tables has a handler, and needs its credentials")
    func rows() async throws {
        let house = try await SandboxHouse()
        #expect(InboundCalls.rows.count == SentbeRoutes.inbound.count)
        for row in SentbeRoutes.inbound {
            let path = row.path.replacing("{id}", with: "47").replacing("{currency}", with: "USD")
            let refused = await house.send(row.route.method, path, signature: nil, as: .init(key: "x"))
            #expect(refused.isRefusal("E0003", "key.wrong") && refused.route == row.name, "\(row.name)")
            let judgement = await house.send(row.route.method, path, signature: nil)
            let needsParameters = row.parameters.contains { $0.isRequired }
            #expect(judgement.code != "E0006" && judgement.code != "E0000", "\(row.name): \(judgement.body.text)")
            #expect(!needsParameters || judgement.isRefusal("E0005", "parameter.missing"), "\(row.name)")
        }
    }

    @Test("A user is made, shown, listed and updated with the documented members")
    func users() async throws {
        let house = try await SandboxHouse()
        let made = try await house.post("/inbound/users", .object(Self.user))
        let documented = ["id", "first_name", "last_name", "email", "created_at", "phone_country_code", "phone_number"]
        #expect(made.isSuccess && made.data.members?.names == documented)
        #expect(made.data["id"]?.integer == 48 && made.data["created_at"] == "2026-01-01T09:00:00.000+09:00")
        #expect(made.data["email"] == .null && made.data["phone_number"] == "0917-555-0148")
        let id = try #require(made.data["id"]?.integer)
        #expect(try await house.get("/inbound/users/\(id)").data == made.data)
        let updated = try await house.post(
            "/inbound/update_user_info", ["user_id": .string(String(id)), "email": "jose@example.com", "phone_number": "0917-1"])
        #expect(updated.data["email"] == "jose@example.com" && updated.data["phone_number"] == "0917-1")
        #expect(try await house.get("/inbound/users/\(id)").data["email"] == "jose@example.com")
        // Ids may be numbers too.
        #expect(try await house.post("/inbound/update_user_info", ["user_id": .number(id), "birth_date": "19610620"]).isSuccess)
        #expect(try await house.post("/inbound/update_user_info", ["user_id": "999"]).isRefusal("E0002", "user.unknown"))
    }

    @Test("Values of users are judged")
    func userValues() async throws {
        let house = try await SandboxHouse()
        let wrong: [(String, JSON, String)] = [
            ("birth_date", "19610631", "E0005"), ("birth_date", "1961-06-19", "E0005"), ("nationality", "PHL", "E0011"),
            ("nationality", "XX", "E0011"), ("phone_country_code", "63", "E0005"), ("phone_number", "call me", "E0005"),
            ("email", "nobody", "E0005"), ("email", "a@b@c", "E0005"), ("first_name", ["x": 1], "E0005"),
            ("first_name", "a\u{7}b", "E0005"),
            ("first_name", .string(String(repeating: "가", count: 67)), "E0005"),
        ]
        for (name, value, code) in wrong {
            let judgement = try await house.post("/inbound/users", Self.changed(Self.user, name, value))
            #expect(judgement.isRefusal(code, "parameter.value"), "\(name) \(value.text): \(judgement.body.text)")
            #expect(judgement.verdict?.details["parameter"]?.string == name)
            // The value itself stays out of the log.
            if let text = value.string { #expect(judgement.verdict?.json.text.contains(text) == false) }
        }
        for name in ["first_name", "last_name", "nationality", "birth_date", "phone_number", "phone_country_code"] {
            #expect(try await house.post("/inbound/users", Self.changed(Self.user, name, nil)).isRefusal("E0005", "parameter.missing"))
        }
        #expect(try await house.get("/inbound/users").data.elements?.count == 1)
    }

    @Test("Lists come five rows a page, the newest first, and end empty")
    func pages() async throws {
        let house = try await SandboxHouse()
        for _ in 0..<11 { #expect(try await house.quick(.post, "/inbound/users", .object(Self.user)).isSuccess) }
        func ids(_ page: JSON?) async throws -> [Int64] {
            try await house.get("/inbound/users", page.map { ["page": $0] }).data.elements?.compactMap { $0["id"]?.integer } ?? [-1]
        }
        #expect(try await ids(nil) == [58, 57, 56, 55, 54])
        #expect(try await ids("1") == [58, 57, 56, 55, 54])
        #expect(try await ids(2) == [53, 52, 51, 50, 49])
        #expect(try await ids("3") == [48, 47])
        #expect(try await ids("4") == [])
        for page: JSON in ["0", "-1", "x", "1.5", ["1"]] {
            #expect(try await house.get("/inbound/users", ["page": page]).isRefusal("E0005", "parameter.value"), "\(page.text)")
        }
        try await house.set(["page_size": 3, "list_order": "oldest-first"])
        #expect(try await ids("2") == [50, 51, 52])
    }

    @Test("A recipient is made and shown with the documented members, its bank by a code of either kind")
    func recipients() async throws {
        let house = try await SandboxHouse()
        let made = try await house.post("/inbound/recipients", .object(Self.recipient))
        let documented = [
            "id", "first_name", "last_name", "email", "created_at", "phone_country_code", "phone_number", "birth_date", "bank_attributes",
        ]
        #expect(made.isSuccess && made.data.members?.names == documented, "\(made.body.text)")
        #expect(made.data["bank_attributes"]?.members?.names == ["name", "account_number", "account_holder_name", "branch"])
        #expect(made.data["bank_attributes"]?["branch"] == .null && made.data["id"] == 12)
        #expect(try await house.get("/inbound/recipients/12").data == made.data)
        #expect(try await house.get("/inbound/recipients").data.elements?.compactMap { $0["id"]?.integer } == [12, 11, 10])
        func bank(_ code: String) async throws -> Judgement {
            let bank: JSON = ["name": .string(code), "account_number": "1-2-3-4", "account_holder_name": "홍길동", "branch": "본점"]
            return try await house.post("/inbound/recipients", Self.changed(Self.recipient, "bank_attributes", bank))
        }
        #expect(try await bank("10316").data["bank_attributes"]?["branch"] == "본점")
        #expect(try await bank("999").isRefusal("E0012", "bank.unknown"))
        #expect(try await bank("새마을은행").isRefusal("E0012", "bank.name"))
        try await house.set(["inbound_bank_codes": "three-digits"])
        #expect(try await bank("10316").isRefusal("E0012", "bank.unknown"))
        #expect(try await bank("002").isSuccess)
        try await house.set(["inbound_bank_codes": "longer"])
        #expect(try await bank("002").isRefusal("E0012", "bank.unknown"))
        #expect(try await bank("10316").isSuccess)
    }

    @Test("Recipients live in Korea, belong to an existing user, and have an account number")
    func recipientRules() async throws {
        let house = try await SandboxHouse()
        func ask(_ name: String, _ value: JSON?) async throws -> Judgement {
            try await house.post("/inbound/recipients", Self.changed(Self.recipient, name, value))
        }
        #expect(try await ask("country", "PH").isRefusal("E0011", "recipient.country"))
        #expect(try await ask("country", "Korea").isRefusal("E0011", "parameter.value"))
        #expect(try await ask("user_id", "48").isRefusal("E0002", "user.unknown"))
        #expect(try await ask("user_id", "abc").isRefusal("E0002", "user.no-id"))
        #expect(try await ask("bank_attributes", nil).isRefusal("E0005", "parameter.missing"))
        #expect(try await ask("bank_attributes", ["name": "002"]).isRefusal("E0005", "parameter.missing"))
        let bank: JSON = ["name": "002", "account_number": "abc", "account_holder_name": "x"]
        #expect(try await ask("bank_attributes", bank).isRefusal("E0005", "parameter.value"))
        try await house.set(["inbound_countries": ["KR", "PH"]])
        #expect(try await ask("country", "PH").isSuccess)
        #expect(try await house.get("/inbound/recipients/99").isRefusal("E0002", "recipient.unknown"))
        #expect(try await house.get("/inbound/recipients/99").message == "Invalid recipient id")
    }

    @Test("A recipient can be changed until it has verified")
    func recipientUpdates() async throws {
        let house = try await SandboxHouse()
        let change: JSON = ["recipient_id": "11", "email": "new@example.com", "bank_attributes": ["name": "004", "branch": "서울"]]
        let changed = try await house.post("/inbound/update_recipient_info", change)
        #expect(changed.data["email"] == "new@example.com" && changed.data["bank_attributes"]?["name"] == "004")
        #expect(
            changed.data["bank_attributes"]?["account_number"] == "1002-555-654321" && changed.data["bank_attributes"]?["branch"] == "서울")
        let unknownBank: JSON = ["recipient_id": "11", "bank_attributes": ["name": "000"]]
        #expect(try await house.post("/inbound/update_recipient_info", unknownBank).isRefusal("E0012", "bank.unknown"))
        let (status, body) = try await house.control(.post, "/recipients/11/verify")
        #expect(status == 200 && body["verified_at"]?.string != nil)
        #expect(try await house.post("/inbound/update_recipient_info", change).isRefusal("E0010", "recipient.verified"))
        let other: JSON = ["recipient_id": "77"]
        #expect(try await house.post("/inbound/update_recipient_info", other).isRefusal("E0002", "recipient.unknown"))
    }

    @Test("One partner sees nothing of another's, and is told so in the log only")
    func partners() async throws {
        let house = try await SandboxHouse()
        let other = try await house.partner()
        for path in ["/inbound/users/47", "/inbound/recipients/10"] {
            let judgement = try await house.get(path, as: other)
            #expect(judgement.code == "E0002" && judgement.rule?.hasSuffix(".other-partner") == true)
        }
        #expect(try await house.get("/inbound/users", as: other).data == [])
        #expect(
            try await house.get("/inbound/balances", as: other).data.elements?.map { $0["amount"] } == [.number("0.0"), .number("0.0")])
        let mine = try await house.post("/inbound/recipients", .object(Self.recipient), as: other)
        #expect(mine.isRefusal("E0002", "user.other-partner") && mine.message == "Invalid user id")
        // Another partner's secret is recognised as such.
        let mixed = SandboxHouse.Caller(partner: other.partner, key: other.key, secret: "test_pw")
        let judgement = try await house.post("/inbound/users", .object(Self.user), as: mixed)
        #expect(judgement.code == "E0004" && judgement.verdict?.details["mistake"] == "other-secret")
        #expect(judgement.verdict?.details["detail"]?.text.contains("partner 1") == true)
    }

    @Test("Banks are an object of codes and labels, balances are exact numbers with a fraction")
    func banksAndBalances() async throws {
        let house = try await SandboxHouse()
        let banks = try await house.get("/inbound/banks").data
        #expect(banks["10316"] == ["label": "새마을은행"] && banks["002"]?["label"]?.string != nil && banks["020"] != nil)
        let judgement = try await house.get("/inbound/balances")
        #expect(
            String(decoding: judgement.reply.body, as: UTF8.self)
                == #"{"result":true,"data":[{"amount":10000.0,"currency":"USD"},{"amount":1000000.0,"currency":"KRW"}]}"#)
        #expect(try await house.get("/inbound/balances/KRW").data == [["amount": .number("1000000.0"), "currency": "KRW"]])
        for currency in ["EUR", "usd"] {
            #expect(try await house.get("/inbound/balances/\(currency)").isRefusal("E0007", "currency.unavailable"))
        }
    }

    static func quote(_ amount: JSON, _ transfer: String = "USD", _ fee: String = "USD", currency: String = "KRW") -> JSON {
        [
            "transfer_info": ["send_amount": amount, "send_amount_currency": .string(currency)],
            "wallet_info": ["transfer_currency": .string(transfer), "fee_currency": .string(fee)],
        ]
    }

    @Test(
        "A quote converts at the rate, rounds up to the cent, and adds the distribution cost",
        arguments: [
            ("500000", "454.55"), ("1100", "1.0"), ("1101", "1.01"), ("1", "0.01"), ("1111111111", "1010101.01"),
            ("1111111112", "1010101.02"), ("110", "0.1"),
        ])
    func quotes(_ won: String, _ dollars: String) async throws {
        let house = try await SandboxHouse()
        let judgement = try await house.post("/inbound/check_commission", Self.quote(.string(won)))
        #expect(judgement.data["transfer_info"] == ["receive_amount": .number("\(won).0"), "receive_amount_currency": "KRW"])
        #expect(
            judgement.data["billing_info"] == [
                ["amount": .number(dollars), "currency": "USD", "desc": "transfer"],
                ["amount": .number("2.5"), "currency": "USD", "desc": "distribution cost"],
            ])
        let inWon = try await house.post("/inbound/check_commission", Self.quote(.string(won), "KRW", "KRW"))
        #expect(inWon.data["billing_info"]?[0]?["amount"] == .number("\(won).0"))
        #expect(inWon.data["billing_info"]?[1] == ["amount": .number("2750.0"), "currency": "KRW", "desc": "distribution cost"])
    }

    @Test("A quote's amount is the text of a whole number, and its currencies are known")
    func quoteRules() async throws {
        let house = try await SandboxHouse()
        for amount: JSON in [
            "0", "-1", "1.5", "1,000", "1e3", "+5", "abc", "1000000000001", "99999999999999999999", 0, .number("1.5"), ["1"],
        ] {
            let judgement = try await house.post("/inbound/check_commission", Self.quote(amount))
            #expect(judgement.isRefusal("E0005", "parameter.value"), "\(amount.text): \(judgement.body.text)")
        }
        let number = try await house.post("/inbound/check_commission", Self.quote(5000))
        #expect(number.isSuccess && number.rule == "amount.number")
        for wrong in [Self.quote("5000", "EUR"), Self.quote("5000", "USD", "JPY"), Self.quote("5000", currency: "USD")] {
            #expect(try await house.post("/inbound/check_commission", wrong).isRefusal("E0007", "currency.unavailable"))
        }
        try await house.set(["inbound_usd_rate": "1234.56", "inbound_fee_usd": "0", "inbound_fee_krw": 99])
        let changed = try await house.post("/inbound/check_commission", Self.quote("1000000"))
        #expect(
            changed.data["billing_info"]?[0]?["amount"] == .number("810.01")
                && changed.data["billing_info"]?[1]?["amount"] == .number("0.0"))
    }

    @Test("Money is read and written exactly")
    func money() {
        for (text, hundredths) in [("0", 0), ("1100", 110_000), ("1100.5", 110_050), ("0.01", 1), ("1000000000000", 100_000_000_000_000)] {
            #expect(Money(text)?.hundredths == Int64(hundredths))
        }
        for text in ["", ".", "1.", ".5", "1.234", "-1", "+1", "1e3", "1 000", "1000000000000.01", "99999999999999999999", "１"] {
            #expect(Money(text) == nil, "\(text)")
        }
        #expect([0, 1, 10, 100, 9_091, -250].map { Money(hundredths: $0).text } == ["0.0", "0.01", "0.1", "1.0", "90.91", "-2.5"])
        #expect(Money.largest.converted(at: Money(hundredths: 1)).hundredths == 10_000_000_000_000_000)
        #expect(Money.zero.converted(at: Money(hundredths: 110_000)) == .zero)
    }
}

extension SandboxInboundTests {
    @Test("Values are judged before ids, and ids before everything else")
    func order() async throws {
        let house = try await SandboxHouse()
        var members = Self.recipient
        members["country"] = "PH"
        members["bank_attributes"] = ["name": "999", "account_number": "x", "account_holder_name": "y"]
        members["user_id"] = "48"
        #expect(try await house.post("/inbound/recipients", .object(members)).code == "E0005")
        members["bank_attributes"] = ["name": "999", "account_number": "1234", "account_holder_name": "y"]
        #expect(try await house.post("/inbound/recipients", .object(members)).code == "E0002")
        members["user_id"] = "47"
        #expect(try await house.post("/inbound/recipients", .object(members)).code == "E0011")
        members["country"] = "KR"
        #expect(try await house.post("/inbound/recipients", .object(members)).code == "E0012")
        #expect(try await house.quick(.post, "/inbound/transfers", SandboxTransferTests.order("1")).isSuccess)
        var order = SandboxTransferTests.order("1", to: "99", "x").members ?? [:]
        order["wallet_info"] = ["transfer_currency": "EUR", "fee_currency": "USD"]
        #expect(try await house.post("/inbound/transfers", .object(order)).code == "E0005")
        order["transfer_info"] = ["send_amount": "1000000000000", "send_amount_currency": "KRW"]
        #expect(try await house.post("/inbound/transfers", .object(order)).code == "E0002")
        order["recipient_id"] = "10"
        #expect(try await house.post("/inbound/transfers", .object(order)).code == "E0007")
        order["wallet_info"] = ["transfer_currency": "USD", "fee_currency": "USD"]
        #expect(try await house.post("/inbound/transfers", .object(order)).code == "E0013")
        order["external_id"] = "2"
        #expect(try await house.post("/inbound/transfers", .object(order)).code == "E0014")
    }
}
