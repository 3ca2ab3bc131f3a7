import Base
import SandboxKit
import Sentbe
import Testing
import Transport

@testable import SentbeSandbox

@Suite("Sentbe sandbox, outbound: recipients") struct SandboxOutboundRecipientTests {
    private func create(_ house: SandboxHouse, _ changes: JSON = [:]) async throws -> Judgement {
        try await house.quick(.post, "/outbound/recipients", Outbound.recipient(changes))
    }

    @Test("The published sample makes a recipient and answers as published, in the table's letters")
    func sample() async throws {
        let house = try await SandboxHouse()
        let judgement = try await house.post("/outbound/recipients", Outbound.recipient())
        #expect(judgement.isSuccess, "\(judgement.body.text) \(judgement.verdict?.json.text ?? "")")
        var data = judgement.data.members ?? [:]
        #expect(data["created_at"] == "2026-01-01T09:00:00.000+09:00" && data["id"] == 54)
        data["id"] = 53
        data["created_at"] = "2018-06-19T13:45:33.000+09:00"
        #expect(
            JSON.object(data).text
                == #"{"id":53,"first_name":"firsrt","last_name":"last","email":null,"created_at":"2018-06-19T13:45:33.000+09:00","phone_country_code":"KR","phone_number":"010-3333-4442","birth_date":null,"receive_method":"Bank","receive_method_info":{"name":"10305","account_number":"1234567890123456","account_holder_name":"홍길동테스트","branch":"123"}}"#
        )
        #expect(try await house.get("/outbound/recipients/54").data == judgement.data)
        #expect(try await house.get("/outbound/recipients").data.elements?.count == 2)
        #expect(try await house.get("/outbound/recipients/user/15").data.elements?.count == 2)
        #expect(try await house.get("/outbound/recipients/user/16").data == [])
    }

    @Test("All four ways of receiving, in every country that has them, with what GET params asks for and nothing else")
    func everyCorridor() async throws {
        let house = try await SandboxHouse()
        var made = 0
        for corridor in Corridor.table {
            for method in corridor.methods {
                let told = try await house.quick(.get, "/outbound/params/\(corridor.country)/\(method.rawValue)", [:])
                let request = try #require(Self.request(told.data["required"], corridor, method))
                let judgement = try await house.quick(.post, "/outbound/recipients", request)
                #expect(judgement.isSuccess && judgement.verdict == nil, "\(request.text) \(judgement.verdict?.json.text ?? "")")
                #expect(judgement.data["receive_method"]?.string == method.rawValue)
                #expect(judgement.data["receive_method_info"]?.members?.names == OutboundRecipient.shown(method))
                // Each required field is one: without it the call is refused by name.
                for name in Self.names(told.data["required"]) {
                    let judgement = try await house.quick(.post, "/outbound/recipients", Self.without(name, request))
                    #expect(judgement.code == "E0005", "\(corridor.country) \(method) without \(name)")
                    #expect(judgement.verdict?.details["parameters"] == [.string(name)] || name == "country" || name == "receive_method")
                }
                made += 1
            }
        }
        #expect(made == Corridor.table.reduce(0) { $0 + $1.methods.count } && made >= 15)
    }

    /// A request that has exactly what a list of required fields names.
    private static func request(_ required: JSON?, _ corridor: Corridor, _ method: SentbeReceiveMethod) -> JSON? {
        guard let elements = required?.elements else { return nil }
        let values: [String: JSON] = [
            "country": .string(corridor.country), "receive_method": .string(method.pathText), "user_id": "15", "phone_country_code": "KR",
            "phone_number": "010-0000-0000", "identification_number": "110101199003070011", "account_number": "12345678",
            "account_type": "current", "card_number": "4000123412341234", "external_id": .string("\(corridor.country)-\(method.rawValue)"),
        ]
        var members = JSON.Members()
        for element in elements {
            if let name = element.string { members[name] = values[name] ?? "Text" }
            for group in element.members?.names ?? [] {
                var inner = JSON.Members()
                for name in element[group]?.elements?.compactMap(\.string) ?? [] { inner[name] = values[name] ?? "Text" }
                if group == method.attributes {
                    inner["name"] = RemittanceCode.list(method, corridor.country).first.map { .string($0.value) }
                }
                members[group] = .object(inner)
            }
        }
        return .object(members)
    }

    private static func names(_ required: JSON?) -> [String] {
        (required?.elements ?? []).flatMap { element -> [String] in
            element.string.map { [$0] }
                ?? (element.members?.names ?? []).flatMap { group in
                    (element[group]?.elements ?? []).compactMap(\.string).map { "\(group).\($0)" }
                }
        }
    }

    private static func without(_ name: String, _ request: JSON) -> JSON {
        let parts = name.split(separator: ".").map(String.init)
        var members = request.members ?? [:]
        if parts.count == 1 {
            members[name] = nil
        } else {
            var inner = members[parts[0]]?.members ?? [:]
            inner[parts[1]] = nil
            members[parts[0]] = .object(inner)
        }
        return .object(members)
    }

    /// A change to the sample, and what it is refused for.
    static let refused: [(String, JSON, String, String)] = [
        ("unknown user", ["user_id": "999"], "E0002", "user.unknown"),
        ("another's user", ["user_id": "17"], "E0101", "user.not-registered"),
        ("Korea", ["country": "KR"], "E0011", "country.unknown"), ("small letters", ["country": "ph"], "E0011", "country.case"),
        ("nowhere", ["country": "FR"], "E0011", "country.unknown"),
        ("carrier pigeon", ["receive_method": "pigeon"], "E0012", "method.unknown"),
        ("a method that the country has not", ["country": "TH", "receive_method": "pickup"], "E0012", "method.unknown"),
        ("an unknown bank", ["bank_attributes": bank(["name": "1"])], "E0012", "code.unknown"),
        ("a bank by its name", ["bank_attributes": bank(["name": "BDO Unibank"])], "E0012", "code.name"),
        ("a bank of another country", ["bank_attributes": bank(["name": "200201"])], "E0012", "code.unknown"),
        ("a type of account", ["bank_attributes": bank(["account_type": "gold"])], "E0005", "parameter.value"),
        ("a number of an account", ["bank_attributes": bank(["account_number": "12/34"])], "E0005", "parameter.value"),
        ("an unknown member", ["bank_attributes": bank(["swift": "X"])], "E0005", "parameter.unpermitted"),
        ("no account at all", ["bank_attributes": .null], "E0005", "recipient.missing"),
        ("an address elsewhere", ["address_attributes": ["country": "Mars", "city": "a", "region": "b"]], "E0011", "parameter.value"),
        ("a telephone's country", ["phone_country_code": "63"], "E0011", "parameter.value"),
        ("a telephone", ["phone_number": "none"], "E0005", "parameter.value"),
        ("no first name", ["first_name": ""], "E0005", "parameter.missing"),
        ("an external_id that is taken", ["external_id": "2"], "E0104", "recipient.external-id-taken"),
        ("a name of the methods misspelt", ["recieve_method": "bank"], "E0005", "parameter.unpermitted"),
    ]

    private static func bank(_ changes: JSON) -> JSON {
        Outbound.laid(
            changes,
            over: ["account_type": "savings", "account_number": "1234567890", "account_holder_name": "x", "name": "10305"])
    }

    @Test("What is wrong with a recipient is refused with its own code, and nobody is made", arguments: refused)
    func refusals(_ row: (String, JSON, String, String)) async throws {
        let house = try await SandboxHouse()
        let judgement = try await create(house, row.1)
        #expect(judgement.isRefusal(row.2, row.3), "\(row.0): \(judgement.body.text) \(judgement.rule ?? "")")
        #expect(try await house.quick(.get, "/outbound/recipients", [:]).data.elements?.count == 1)
    }

    @Test("Fields of another method are ignored with a warning")
    func superfluous() async throws {
        let house = try await SandboxHouse()
        let judgement = try await create(house, ["debit_card_attributes": ["name": "100002", "card_number": "4000123412341234"]])
        #expect(judgement.isSuccess && judgement.rule == "recipient.superfluous")
        #expect(judgement.data["receive_method_info"]?["card_number"] == nil)
    }

    @Test("Recipients are the partner's own")
    func foreign() async throws {
        let house = try await SandboxHouse()
        let other = try await house.partner()
        #expect(try await house.get("/outbound/recipients/53", as: other).isRefusal("E0002", "recipient.other-partner"))
        #expect(try await house.get("/outbound/recipients/99").isRefusal("E0002", "recipient.unknown"))
        #expect(try await house.get("/outbound/recipients/x").isRefusal("E0002", "recipient.no-id"))
        #expect(try await house.get("/outbound/recipients", as: other).data == [])
        #expect(try await house.get("/outbound/recipients/user/15", as: other).isRefusal("E0101", "user.not-registered"))
    }

    @Test("GET params tells what all countries need, what one needs, and what one method needs")
    func params() async throws {
        let house = try await SandboxHouse()
        let all = try await house.get("/outbound/params").data
        let country = try await house.get("/outbound/params/PH").data
        let method = try await house.get("/outbound/params/PH/bank").data
        #expect(method == RecipientFields.of("PH", .bank).json)
        #expect(Set(Self.names(all["required"])).isSubset(of: Self.names(country["required"])))
        #expect(Set(Self.names(country["required"])).isSubset(of: Self.names(method["required"])))
        #expect(try await house.get("/outbound/params/XX").isRefusal("E0011", "country.unknown"))
        #expect(try await house.get("/outbound/params/ph").isRefusal("E0011", "country.case"))
        #expect(try await house.get("/outbound/params/TH/Pickup").isRefusal("E0012", "method.unknown"))
        try await house.set(["outbound_receive_countries": ["TH"]])
        #expect(try await house.get("/outbound/params").data == RecipientFields.of("TH", .bank).json)
        #expect(try await house.get("/outbound/params/PH").isRefusal("E0011", "country.unknown"))
    }

    @Test("The codes come under both paths, five to a page, by method and by country")
    func codes() async throws {
        let house = try await SandboxHouse()
        for path in ["outbound", "inbound"] {
            let first = try await house.get("/\(path)/remittance_codes/bank/PH")
            #expect(first.isSuccess && first.route == "\(path)-codes-of-country")
            #expect(first.data.elements?.count == 5 && first.data[0]?["value"] == "10305")
            let second = try await house.get("/\(path)/remittance_codes/bank/PH", ["page": "2"])
            #expect(second.data.elements?.count == 2)
            #expect(try await house.get("/\(path)/remittance_codes/bank/PH", ["page": 999_999_999]).data == [])
            #expect(try await house.get("/\(path)/remittance_codes/debit_card").data[0]?["label"] == "中国银联")
            #expect(try await house.get("/\(path)/remittance_codes/home_delivery/VN").data.elements?.count == 1)
            #expect(try await house.get("/\(path)/remittance_codes/bank/KR").data[0]?["label_ko"] == "산업은행")
            #expect(try await house.get("/\(path)/remittance_codes/pigeon").isRefusal("E0012", "method.unknown"))
            #expect(try await house.get("/\(path)/remittance_codes/bank/XX").isRefusal("E0011", "country.unknown"))
        }
    }
}
