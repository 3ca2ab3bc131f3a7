import Base
import ProviderKit
import SandboxKit
import Sentbe
import Storage
import Testing
import Transport

@testable import SentbeSandbox

@Suite("Sentbe sandbox, outbound: users") struct SandboxOutboundUserTests {
    @Test("The published sample makes a user, sends a code at once, and is shown in the documented form")
    func create() async throws {
        let house = try await SandboxHouse()
        let judgement = try await house.post("/outbound/users", Outbound.user())
        #expect(judgement.isSuccess && judgement.route == "outbound-create-user", "\(judgement.body.text)")
        #expect(
            judgement.data.members?.names == [
                "id", "first_name", "last_name", "email", "created_at", "phone_country_code", "phone_number", "external_id",
                "verifications_status",
            ])
        #expect(judgement.data["verifications_status"] == ["mobile": "standby", "documents": "standby", "bank": "standby"])
        #expect(judgement.data["external_id"] == "30" && judgement.data["created_at"] == "2026-01-01T09:00:00.000+09:00")
        let id = try #require(judgement.data["id"]?.integer)
        #expect(try await house.code("mobile", of: id).utf8.count == 4)
        #expect(try await house.get("/outbound/users/\(id)").data == judgement.data)
        let list = try await house.get("/outbound/users").data
        #expect(list.elements?.map { $0["id"] } == [.number(id), 16, 15])
    }

    @Test("Neither the password nor the identity number is kept in clear")
    func secrets() async throws {
        let house = try await SandboxHouse()
        let id = try #require(try await house.quick(.post, "/outbound/users", Outbound.user()).data["id"]?.integer)
        let row = try await house.database.read { connection in
            try connection.query("SELECT * FROM sentbe_outbound_users WHERE id = ?", .integer(id)).first
        }
        let shown = try #require(row).values.map { "\($0)" }.joined(separator: " ")
        #expect(shown.contains("test@outbound.com") && !shown.contains("1234qwer") && !shown.contains("88010112345677"))
    }

    /// A change to the sample, and what it is refused for.
    static let refusedRows: [(String, JSON, String, String)] = [
        ("external_id missing", ["external_id": .null], "E0005", "parameter.missing"),
        ("neither number nor passport", ["identification_number": .null], "E0005", "parameter.missing"),
        ("unknown member", ["nickname": "x"], "E0005", "parameter.unpermitted"),
        ("unknown nationality", ["nationality": "XX"], "E0011", "parameter.value"),
        ("nationality in small letters", ["nationality": "kr"], "E0011", "parameter.value"),
        ("phone country", ["phone_country_code": "82"], "E0011", "parameter.value"),
        ("phone", ["phone_number": "call me"], "E0005", "parameter.value"),
        ("birth date", ["birth_date": "19880230"], "E0005", "parameter.value"),
        ("e-mail", ["email": "nobody"], "E0005", "parameter.value"),
        ("gender", ["gender": "X"], "E0005", "parameter.value"),
        ("occupation", ["occupation": "king"], "E0102", "list.value"),
        ("the right spelling of entrepreneur", ["occupation": "entrepreneur"], "E0102", "list.spelling"),
        ("funds source", ["funds_source": "lottery"], "E0102", "list.value"),
        ("purpose", ["transfer_purpose": "fun"], "E0102", "list.value"),
        ("often sent to", ["often_send_country": "ZZ"], "E0102", "list.value"),
        ("number with a hyphen", ["identification_number": "880101-1234567"], "E0103", "identity.number"),
        ("number of 12 digits", ["identification_number": "880101123456"], "E0103", "identity.number"),
        ("number of 15 digits", ["identification_number": "880101123456789"], "E0103", "identity.number"),
        ("passport", ["identification_number": .null, "passport": "M-1"], "E0103", "identity.passport"),
        (
            "address without a city", ["address_attributes": ["region": "a", "country": "KR", "line_1": "b", "postal_code": "1"]], "E0005",
            "parameter.missing"
        ),
        (
            "address elsewhere",
            ["address_attributes": ["region": "a", "country": "Korea", "line_1": "b", "city": "c", "postal_code": "1"]], "E0011",
            "parameter.value"
        ),
        ("no consents", ["agreements_attributes": .null], "E0113", "user.consents"),
        ("one consent", ["agreements_attributes": ["unique_id_info": "true"]], "E0113", "user.consents"),
        (
            "a consent that is false",
            [
                "agreements_attributes": [
                    "unique_id_info": "true", "third_party_info": "true", "electronic_financial_transactions": "true",
                    "privacy_info": "true",
                    "small_sum_foreign": "false",
                ]
            ], "E0113", "user.consents"
        ),
        ("an unknown consent", ["agreements_attributes": ["marketing": "true"]], "E0005", "parameter.unpermitted"),
        ("external_id of another user", ["external_id": "3"], "E0104", "user.external-id-taken"),
    ]

    @Test("What is wrong with a new user is refused with its own code, and nobody is made", arguments: refusedRows)
    func refusals(_ row: (String, JSON, String, String)) async throws {
        let house = try await SandboxHouse()
        let judgement = try await house.quick(.post, "/outbound/users", Outbound.user(row.1))
        #expect(judgement.isRefusal(row.2, row.3), "\(row.0): \(judgement.body.text) \(judgement.rule ?? "")")
        #expect(try await house.quick(.get, "/outbound/users", [:]).data.elements?.count == 2)
        // What somebody entered never stands in the verdict.
        let verdict = judgement.verdict?.json.text ?? ""
        #expect(!verdict.contains("1234qwer") && !verdict.contains("88010112345677") && !verdict.contains("880101-1234567"))
    }

    @Test("A real identity number of 13 digits, a passport, and true instead of \"true\" are taken")
    func accepted() async throws {
        let house = try await SandboxHouse()
        let consents = JSON.object(SentbeLists.agreements.reduce(into: JSON.Members()) { $0[$1] = true })
        for (index, change) in [
            ["identification_number": "8801011234567"], ["identification_number": .null, "passport": "M1234567"],
            ["identification_number": "88010199999999", "agreements_attributes": consents], ["passport": "M7654321", "test": "stray"],
        ].enumerated() as EnumeratedSequence<[JSON]> {
            var change = change.members ?? [:]
            change["external_id"] = .string("ok-\(index)")
            let judgement = try await house.quick(.post, "/outbound/users", Outbound.user(.object(change)))
            #expect(judgement.isSuccess, "\(judgement.body.text)")
        }
    }

    @Test("The same person is refused: at the same partner, and at another with the way to register")
    func samePerson() async throws {
        let house = try await SandboxHouse()
        #expect(try await house.quick(.post, "/outbound/users", Outbound.user()).isSuccess)
        let again = try await house.quick(.post, "/outbound/users", Outbound.user(["external_id": "31"]))
        #expect(again.isRefusal("E0107", "user.same-person") && again.verdict?.details["registered"] == true)
        let other = try await house.partner()
        let there = try await house.post("/outbound/users", Outbound.user(["external_id": "31"]), as: other)
        #expect(there.isRefusal("E0107", "user.same-person") && there.verdict?.remedy?.english.contains("registrations/mobile") == true)
    }

    @Test("Users are the partner's own: others answer E0101, unknown ids E0002, and an external_id is told apart")
    func ids() async throws {
        let house = try await SandboxHouse()
        let other = try await house.partner()
        #expect(try await house.get("/outbound/users/15", as: other).isRefusal("E0101", "user.not-registered"))
        #expect(try await house.get("/outbound/users/17").isRefusal("E0101", "user.not-registered"))
        #expect(try await house.get("/outbound/users/999").isRefusal("E0002", "user.unknown"))
        #expect(try await house.get("/outbound/users/me").isRefusal("E0002", "user.no-id"))
        #expect(try await house.get("/outbound/users/3").isRefusal("E0002", "user.external-id"))
        #expect(try await house.get("/outbound/users", as: other).data == [])
    }

    @Test("Lists come five to a page, the newest first")
    func pages() async throws {
        let house = try await SandboxHouse()
        for number in 0..<5 {
            let change: JSON = ["external_id": .string("p\(number)"), "identification_number": .string("8801011234\(100 + number)")]
            #expect(try await house.quick(.post, "/outbound/users", Outbound.user(change)).isSuccess)
        }
        func page(_ number: JSON) async throws -> [Int64] {
            try await house.quick(.get, "/outbound/users", ["page": number]).data.elements?.compactMap { $0["id"]?.integer } ?? []
        }
        #expect(try await page("1") == [22, 21, 20, 19, 18])
        #expect(try await page(2) == [16, 15])
        #expect(try await page("3") == [])
        #expect(try await house.quick(.get, "/outbound/users", ["page": "0"]).isRefusal("E0005", "parameter.value"))
    }

    @Test("An update changes what it names; a new telephone must be proved again; the password needs the old one")
    func update() async throws {
        let house = try await SandboxHouse()
        func update(_ change: JSON) async throws -> Judgement {
            try await house.quick(.post, "/outbound/update_user_info", Outbound.laid(change, over: ["user_id": "15"]))
        }
        #expect(try await update(["email": "new@example.com"]).data["email"] == "new@example.com")
        #expect(try await update(["address_attributes": ["city": "Busan"], "occupation": "student"]).isSuccess)
        #expect(try await house.checks(of: 15)["mobile"] == "completed")
        #expect(try await update(["phone_number": "010-5550-0115"]).data["verifications_status"]?["mobile"] == "completed")
        let moved = try await update(["phone_number": "010-9999-0000"])
        #expect(moved.data["verifications_status"]?["mobile"] == "standby" && moved.data["phone_number"] == "010-9999-0000")
        #expect(try await house.code("mobile", of: 15).utf8.count == 4)

        #expect(try await update([:]).isRefusal("E0005", "user.nothing-to-update"))
        #expect(try await update(["user_id": .null]).isRefusal("E0005", "parameter.missing"))
        #expect(try await update(["user_id": "999", "email": "a@b.c"]).isRefusal("E0002", "user.unknown"))
        #expect(try await update(["user_id": "17", "email": "a@b.c"]).isRefusal("E0101", "user.not-registered"))
        #expect(try await update(["occupation": "king"]).isRefusal("E0102", "list.value"))
        #expect(try await update(["address_attributes": ["country": "Korea"]]).isRefusal("E0011", "parameter.value"))
        #expect(try await update(["password": "new"]).isRefusal("E0005", "parameter.value"))
        #expect(try await update(["existing_password": "1234qwer!@"]).isRefusal("E0005", "parameter.value"))
        #expect(try await update(["password": "new", "existing_password": "wrong"]).isRefusal("E0005", "user.password"))
        #expect(try await update(["password": "new", "existing_password": "1234qwer!@"]).isSuccess)
        // Sent again it no longer fits: the first one has changed it.
        #expect(try await update(["password": "new", "existing_password": "1234qwer!@"]).isRefusal("E0005", "user.password"))
        #expect(try await update(["password": "newer", "existing_password": "new"]).isSuccess)
    }

    @Test("A customer of Sentbe becomes a partner's user by telephone, with the partner's own id")
    func registration() async throws {
        let house = try await SandboxHouse()
        func begin(_ id: String) async throws -> Judgement {
            try await house.quick(.post, "/outbound/registrations/mobile", ["id": .string(id)])
        }
        func finish(_ change: JSON) async throws -> Judgement {
            try await house.quick(
                .post, "/outbound/verifications/mobile/verify",
                Outbound.laid(change, over: ["user_id": "17", "token": "0000", "token_type": "external", "external_id": "77"]))
        }
        #expect(try await begin("999").isRefusal("E0105", "registration.unknown"))
        #expect(try await begin("15").isRefusal("E0106", "registration.done"))
        #expect(try await finish([:]).isRefusal("E0105", "code.none"))
        #expect(try await begin("17").data == true)
        #expect(try await finish(["external_id": .null]).isRefusal("E0109", "registration.external-id"))
        #expect(try await finish(["token_type": "internal"]).isRefusal("E0005", "parameter.value"))
        #expect(try await finish(["external_id": "3"]).isRefusal("E0104", "user.external-id-taken"))
        #expect(try await finish(["user_id": "999"]).isRefusal("E0002", "user.unknown"))
        let code = try await house.code("external", of: 17)
        #expect(try await finish(["token": .string(SandboxHouse.wrong(code))]).isRefusal("E0005", "code.wrong"))
        #expect(try await house.quick(.get, "/outbound/users/17", [:]).isRefusal("E0101", "user.not-registered"))
        #expect(try await finish(["token": .string(code)]).data == true)
        #expect(try await house.quick(.get, "/outbound/users/17", [:]).data["external_id"] == "77")
        #expect(try await finish(["token": .string(code)]).isRefusal("E0106", "registration.done"))
    }

    @Test("The lists are told, hold the published values, and can be set")
    func lists() async throws {
        let house = try await SandboxHouse()
        for list in SentbeLists.dataLists {
            let told = try await house.get("/outbound/data_list/\(list.type)").data.elements?.compactMap(\.string) ?? []
            #expect(Set(list.known).isSubset(of: told), "\(list.type)")
        }
        #expect(try await house.get("/outbound/data_list/colours").isRefusal("E0105", "list.unknown"))
        try await house.set(["outbound_list_occupation": ["king"]])
        #expect(try await house.get("/outbound/data_list/occupation").data == ["king"])
        #expect(try await house.quick(.post, "/outbound/users", Outbound.user()).isRefusal("E0102", "list.value"))
        #expect(try await house.quick(.post, "/outbound/users", Outbound.user(["occupation": "king"])).isSuccess)
    }
}
