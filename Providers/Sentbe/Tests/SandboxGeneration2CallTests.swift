import Base
import ProviderKit
import SandboxKit
import Sentbe
import Storage
import TestSupport
import Testing
import Transport

@testable import SentbeSandbox

@Suite("Sentbe sandbox, second generation: users, amounts, web views") struct SandboxGeneration2CallTests {
    static func person(_ changes: JSON = [:]) -> JSON {
        Outbound.laid(
            changes,
            over: [
                "agreements": ["version": 1, "list": ["SSFCTS", "EFTS", "PRIVACY", "CAUTIONS", "CLAIMS"]],
                "phone": ["iso": "KR", "number": .number("821055500329")], "user_name": ["first": "Ana", "middle": "", "last": "Reyes"],
                "gender": 2, "account_number": "05012345678901", "account_holder_name": "ANA REYES", "birth_date": "19900101",
                "nationality_iso": "PH", "id_number": "9001015678901", "id_type": 1, "email": "ana@example.com",
                "often_send_country_iso": "PH", "occupation": 1, "funds_source": 1, "transfer_purpose": 1,
            ])
    }

    // MARK: Users

    @Test("A user is made, found, opened and deleted")
    func users() async throws {
        let house = try await SandboxHouse()
        let before = try await house.generation2("checkUser", ["id_number": "9001015678901"]).opened()
        #expect(
            before.text
                == #"{"id_number":"9001015678901","sign_status":false,"sentbe_exist_status":false,"phone":"","remittable_status":false,"user_id":"","account_number":""}"#
        )
        let made = try await house.generation2("createUser", Self.person()).opened()
        #expect(made.members?.names == ["user_id", "webview_id", "verification_id"] && made["user_id"] == "1001331")
        let checked = try await house.generation2("checkUser", ["id_number": "9001015678901"]).opened()
        #expect(checked["sign_status"] == true && checked["sentbe_exist_status"] == true && checked["remittable_status"] == false)
        #expect(checked["user_id"] == "1001331" && checked["account_number"] == "05012345678901" && checked["phone"] == "821055500329")
        #expect(try await house.generation2("createUser", Self.person()).isRefusal2(1002, "user.exists"))
        #expect(try await house.generation2("deleteUser", ["user_id": "1001331"]).isSuccess2)
        #expect(try await house.generation2("getWebviewId", ["user_id": "1001331"]).isRefusal2(1003, "user.mismatch"))
        #expect(try await house.generation2("deleteUser", ["user_id": "1001331"]).isRefusal2(1003, "user.mismatch"))
        #expect(try await house.generation2("checkUser", ["id_number": "9001015678901"]).opened()["sentbe_exist_status"] == false)
    }

    @Test("A customer of Sentbe is taken over, not made anew")
    func migration() async throws {
        let house = try await SandboxHouse()
        let number = Generation2Demo.customerNumber
        let before = try await house.generation2("checkUser", ["id_number": .string(number)]).opened()
        #expect(before["sentbe_exist_status"] == true && before["sign_status"] == false && before["user_id"] == "1001330")
        let anew = try await house.generation2("createUser", Self.person(["id_number": .string(number)]))
        #expect(anew.isRefusal2(1002, "user.customer"))
        let change: JSON = ["user_id": "1001330", "agreements": .null, "id_number": .null, "id_type": .null]
        #expect(try await house.generation2("migrationUser", Self.person(["user_id": "999"])).isRefusal2(1003, "user.mismatch"))
        let moved = try await house.generation2("migrationUser", Self.person(change)).opened()
        #expect(moved.members?.names == ["user_id", "webview_id"] && moved["user_id"] == "1001330")
        #expect(try await house.generation2("checkUser", ["id_number": .string(number)]).opened()["sign_status"] == true)
        #expect(try await house.control(.post, "/generation2/users", ["id_number": "9101015678901"]).0 == 201)
        #expect(try await house.control(.post, "/generation2/users", ["id_number": "9101015678901"]).0 == 409)
    }

    @Test("A person is the same with and without hyphens in id_number")
    func hyphens() async throws {
        let house = try await SandboxHouse()
        let checked = try await house.generation2("checkUser", ["id_number": "880101-2345677"]).opened()
        #expect(checked["sign_status"] == true && checked["user_id"] == "1001329" && checked["id_number"] == "880101-2345677")
        let anew = try await house.generation2("createUser", Self.person(["id_number": "880101-2345677"]))
        #expect(anew.isRefusal2(1002, "user.exists"))
    }

    @Test("Users are one partner's; another learns that the person exists and no more")
    func foreign() async throws {
        let house = try await SandboxHouse()
        _ = try await house.partner()
        let (_, partners) = try await house.control(.get, "/generation2/partners")
        let other = try #require(partners.elements?.first { $0["partner_id"] != "1" })
        let data = try #require(other["data_secret"]?.string)
        let wish = Generation2Wish(
            apiKey: other["api_key"]?.string, secret: try #require(other["hmac_secret"]?.string), dataSecret: data)
        #expect(try await house.generation2("getWebviewId", ["user_id": "1001329"], wish).isRefusal2(1003, "user.mismatch"))
        let checked = try await house.generation2("checkUser", ["id_number": .string(Generation2Demo.userNumber)], wish).opened(data)
        #expect(
            checked["sentbe_exist_status"] == true && checked["sign_status"] == false && checked["user_id"] == "" && checked["phone"] == "")
        let change = Self.person(["user_id": "1001329"])
        #expect(try await house.generation2("migrationUser", change, wish).isRefusal2(1003, "user.mismatch"))
    }

    /// A change to the sample, and the rule that refuses it.
    static let refused: [(String, JSON, String)] = [
        ("no consents", ["agreements": .null], "user.consents"),
        ("a consent missing", ["agreements": ["version": 1, "list": ["SSFCTS", "EFTS", "PRIVACY", "CAUTIONS"]]], "user.consents"),
        ("no version", ["agreements": ["list": ["SSFCTS", "EFTS", "PRIVACY", "CAUTIONS", "CLAIMS"]]], "user.consents"),
        ("no id_number", ["id_number": .null], "parameter.value"), ("a short id_number", ["id_number": "1234"], "parameter.value"),
        ("no id_type", ["id_type": .null], "parameter.value"), ("no phone", ["phone": .null], "parameter.value"),
        ("a phone that is a text", ["phone": "010"], "parameter.value"), ("no name", ["user_name": ["first": "Ana"]], "parameter.value"),
        ("no account", ["account_number": ""], "parameter.value"), ("no holder", ["account_holder_name": .null], "parameter.value"),
        ("a birth date", ["birth_date": "19900230"], "parameter.value"), ("no birth date", ["birth_date": .null], "parameter.value"),
        ("a nationality", ["nationality_iso": "Philippines"], "parameter.value"), ("an e-mail", ["email": "ana"], "parameter.value"),
        ("an occupation in words", ["occupation": "student"], "parameter.value"),
    ]

    @Test("What is wrong with a new user is refused, and nobody is made", arguments: refused)
    func refusals(_ row: (String, JSON, String)) async throws {
        let house = try await SandboxHouse()
        let judgement = try await house.generation2("createUser", Self.person(row.1))
        #expect(judgement.isRefusal2(1001, row.2), "\(row.0): \(judgement.body.text) \(judgement.verdict?.json.text ?? "")")
        #expect(try await house.control(.get, "/generation2/users").1.elements?.count == 2)
        #expect(judgement.verdict?.json.text.contains("9001015678901") == false)
    }

    // MARK: Amounts

    @Test("Amounts are exact from either side: won rounded up, what is received rounded down")
    func calculation() async throws {
        let house = try await SandboxHouse()
        func ask(_ amount: JSON, _ currency: String, id: JSON = .null) async throws -> Judgement {
            try await house.generation2(
                "getCalculation",
                [
                    "input_amount": amount, "input_currency": .string(currency), "from_currency": "KRW", "to_currency": "PHP",
                    "to_country": "PH", "exchange_rate_id": id,
                ])
        }
        let first = try await ask(1_000_000, "KRW", id: 1_905_202_000)
        #expect(first.isSuccess2 && first.rule == "rate.unknown")
        let data = try first.opened()
        #expect(
            data.text
                == #"{"exchange_rate_id":"1905202001","from_amount":1000000.0,"from_currency":"KRW","to_amount":43825.05,"to_currency":"PHP","transfer_fee":5000.0,"base_rate":22.818}"#
        )
        let oracle = try PythonOracle.lines(
            """
            from decimal import Decimal as D, ROUND_FLOOR, ROUND_CEILING
            print((D(1000000) / D("22.818")).quantize(D("0.01"), ROUND_FLOOR))
            print((D("43825.05") * D("22.818")).quantize(D(1), ROUND_CEILING))
            """, input: [] as [String])
        #expect(oracle.first == "43825.05")
        let back = try await ask("43825.05", "PHP", id: "1905202001")
        #expect(back.verdict == nil)
        #expect(try back.opened()["from_amount"] == .number("\(oracle[1]).0"))
        #expect(try back.opened()["exchange_rate_id"] == "1905202001")
        // The rate holds for ten minutes, although another is in force.
        try await house.set(["outbound_rates": ["PHP": "20"]])
        house.clocks.advance(.seconds(599))
        #expect(try await ask(1000, "KRW", id: "1905202001").opened()["base_rate"] == .number("22.818"))
        house.clocks.advance(.seconds(1))
        let late = try await ask(1000, "KRW", id: "1905202001")
        #expect(try late.rule == "rate.expired" && late.opened()["base_rate"] == .number("20.0"))

        for wrong in ["0", "-1", "1.5", "1e30", "text", ""] {
            let judgement = try await ask(.string(wrong), "KRW")
            #expect(judgement.isRefusal2(1001, "parameter.value"), "\(wrong)")
        }
        #expect(try await ask("1.234", "PHP").isRefusal2(1001, "parameter.value"))
        #expect(try await ask("1", "USD").isRefusal2(1001, "parameter.value"))
        // A won buys less than a hundredth: nothing would arrive.
        try await house.set(["outbound_rates": ["PHP": "1000"]])
        #expect(try await ask(1, "KRW").isRefusal2(1001, "parameter.value"))
        let elsewhere: JSON = [
            "input_amount": 1, "input_currency": "KRW", "from_currency": "KRW", "to_currency": "PHP", "to_country": "VN",
        ]
        #expect(try await house.generation2("getCalculation", elsewhere).isRefusal2(1001, "parameter.value"))
    }

    // MARK: Web views

    private func open(_ house: SandboxHouse, _ view: String, _ token: String) async -> Judgement {
        await house.send(Call(method: .get, path: "/hanwha/webview/\(view)", query: "webview_id=\(token)"))
    }

    private func press(_ house: SandboxHouse, _ view: String, _ token: String, _ fields: [(name: String, value: String)]) async -> Judgement
    {
        let form = FormText.encode([(name: "webview_id", value: token)] + fields)
        return await house.send(
            Call(
                method: .post, path: "/hanwha/webview/\(view)", fields: ["Content-Type": "application/x-www-form-urlencoded"],
                body: Array(form.utf8)))
    }

    private func token(_ house: SandboxHouse, _ user: String = "1001329") async throws -> String {
        try #require(try await house.generation2("getWebviewId", ["user_id": .string(user)]).opened()["webview_id"]?.string)
    }

    @Test("A webview_id is a token that Python verifies, and it opens every page for ten minutes", arguments: [(599, true), (600, false)])
    func tokens(_ row: (seconds: Int64, isTaken: Bool)) async throws {
        let house = try await SandboxHouse()
        let token = try await token(house)
        let claims = try Generation2Oracle.shared.claims(token)
        #expect(claims["exp"] == 1_767_226_200 && claims["user_id"] == "1001329" && claims["jti"]?.string?.utf8.count == 32)
        house.clocks.advance(.seconds(row.seconds))
        for view in SentbeGeneration2.webViews {
            let judgement = await open(house, view, token)
            #expect(judgement.reply.status == (row.isTaken ? 200 : 401) && judgement.route == "generation-2-webview-\(view)")
            #expect(judgement.tenant == .demo && judgement.reply.fields["Content-Type"] == "text/html; charset=utf-8")
            if !row.isTaken { #expect(judgement.rule == "webview.expired") }
            let buttons = judgement.html.components(of: "<button")
            #expect(buttons == (row.isTaken && view != "user" ? 1 : 0), "\(view)")
        }
    }

    @Test("Altered, foreign, unsigned and missing tokens open nothing")
    func strangers() async throws {
        let house = try await SandboxHouse()
        let token = try await token(house)
        let parts = token.split(separator: ".").map(String.init)
        let none = WebviewToken.encode(Array(#"{"alg":"none","typ":"JWT"}"#.utf8))
        let other = WebviewToken.make(.init(end: 9_999_999_999, id: "0123", user: "1001329"), key: Secret("bujeol hmac secret"))
        // Another letter in the middle of the signature, where no stray bits can hide it.
        let place = parts[2].index(parts[2].startIndex, offsetBy: 20)
        let altered = parts[2].replacingCharacter(at: place, with: parts[2][place] == "A" ? "B" : "A")
        let rows = [
            ("", "webview.unknown"), ("a.b.c", "webview.unknown"), (other, "webview.unknown"),
            ("\(none).\(parts[1]).", "webview.algorithm"),
            ("\(none).\(parts[1]).\(parts[2])", "webview.algorithm"), ("\(parts[0]).\(parts[1]).\(altered)", "webview.signature"),
            ("\(token).x", "webview.unknown"),
        ]
        for (text, rule) in rows {
            let judgement = await open(house, "user", text)
            #expect(judgement.reply.status == 401 && judgement.rule == rule, "\(text): \(judgement.rule ?? "")")
        }
        let missing = await house.send(Call(method: .get, path: "/hanwha/webview/user"))
        #expect(missing.reply.status == 401 && missing.rule == "webview.missing")
        #expect(try await house.generation2("deleteUser", ["user_id": "1001329"]).isSuccess2)
        #expect(await open(house, "user", token).rule == "webview.unknown")
        #expect(await house.send(Call(method: .get, path: "/hanwha/webview/secrets")).isRefusal2(48, "api-key.missing"))
    }

    @Test("A token that its holder has signed again with another end or user opens nothing, and no number in it breaks the sandbox")
    func resigned() async throws {
        let house = try await SandboxHouse()
        let token = try await token(house)
        let claims = try #require(WebviewToken.claims(token))
        let key = Secret("bujeol hmac secret")
        for end in [Int64.min, -1, 0, claims.end - 1, claims.end + 1, 9_999_999_999, .max] {
            let judgement = await open(house, "user", WebviewToken.make(.init(end: end, id: claims.id, user: claims.user), key: key))
            #expect(judgement.reply.status == 401 && judgement.rule == "webview.altered", "\(end): \(judgement.rule ?? "")")
        }
        let other = WebviewToken.make(.init(end: claims.end, id: claims.id, user: "1001330"), key: key)
        #expect(await open(house, "user", other).rule == "webview.altered")
        #expect(await open(house, "user", token).reply.status == 200)
    }

    @Test("A deleted user's number is nobody's ever after: its transfers must not become the next user's")
    func deletedNumbers() async throws {
        let house = try await SandboxHouse()
        let first = try await house.generation2("createUser", Self.person()).opened()
        let id = try #require(first["user_id"]?.string)
        #expect(try await house.generation2("deleteUser", ["user_id": .string(id)]).isSuccess2)
        let second = try await house.generation2("createUser", Self.person()).opened()
        #expect(second["user_id"]?.string != id)
        let (_, customer) = try await house.control(.post, "/generation2/users", ["id_number": "9101015678901"])
        #expect(customer["user_id"] != second["user_id"] && customer["user_id"]?.string != id)
    }

    @Test("Only the pages may be opened from another site")
    func pages() async throws {
        let house = try await SandboxHouse()
        #expect(house.sandbox.isPage(Call(method: .get, path: "/hanwha/webview/user", query: "webview_id=x")))
        #expect(!house.sandbox.isPage(Call(method: .post, path: "/hanwha/webview/user")))
        #expect(!house.sandbox.isPage(Call(method: .get, path: "/hanwha/ping")))
        #expect(!house.sandbox.isPage(Call(method: .get, path: "/hanwha/webview/other")))
    }

    @Test("A registration is finished with the sandbox's own code while nobody else can be asked")
    func ownCode() async throws {
        let house = try await SandboxHouse()
        let made = try await house.generation2("createUser", Self.person()).opened()
        let token = try #require(made["webview_id"]?.string)
        #expect(await open(house, "user", token).html.components(of: "<button") == 1)
        let (_, users) = try await house.control(.get, "/generation2/users")
        let code = try #require(users[0]?["verification_code"]?.string)
        let wrong = await press(house, "user", token, [("verification_code", SandboxHouse.wrong(code))])
        #expect(wrong.reply.status == 400 && wrong.rule == "verification.code")
        #expect(await press(house, "user", token, [("verification_code", "")]).reply.status == 400)
        #expect(await press(house, "transfer", token, [("from_amount", "1000"), ("to", "PH PHP")]).rule == "webview.not-verified")
        #expect(await press(house, "user", token, [("verification_code", code)]).reply.status == 200)
        #expect(try await house.generation2("checkUser", ["id_number": "9001015678901"]).opened()["remittable_status"] == true)
        #expect(await open(house, "user", token).html.contains("가입이 끝났습니다"))
    }

    @Test("A transfer is ordered in the web view, listed there, and received when the partner reports the withdrawal")
    func transfers() async throws {
        let house = try await SandboxHouse()
        let token = try await token(house)
        let ordered = await press(house, "transfer", token, [("from_amount", "1000000"), ("to", "PH PHP")])
        #expect(ordered.reply.status == 200)
        let (_, transfers) = try await house.control(.get, "/generation2/transfers")
        let id = try #require(transfers[0]?["tr_id"]?.string)
        #expect(
            ordered.html.contains(id) && transfers[0]?["withdrawal_amount"] == 1_005_000
                && transfers[0]?["to_amount"] == .number("43825.05"))
        #expect(await open(house, "transfer_list", token).html.contains("REQUESTED"))
        func report(_ change: JSON) async throws -> Judgement {
            try await house.generation2(
                "getResult",
                Outbound.laid(change, over: ["tr_id": .string(id), "user_id": "1001329", "withdrawal_amount": 1_005_000, "tr_no": "N1"]))
        }
        #expect(try await report(["tr_id": "TR0"]).isRefusal2(1003, "transfer.mismatch"))
        #expect(try await report(["user_id": "1"]).isRefusal2(1003, "user.mismatch"))
        #expect(try await report(["withdrawal_amount": 1_000_000]).isRefusal2(1004, "transfer.amount"))
        #expect(try await report(["tr_no": .null]).isRefusal2(1001, "parameter.value"))
        #expect(try await report([:]).opened() == ["status": "RECEIVED"])
        #expect(try await report([:]).opened() == ["status": "RECEIVED"])
        #expect(try await report(["tr_no": "N2"]).isRefusal2(1002, "transfer.tr-no"))
        #expect(await open(house, "transfer_list", token).html.contains("RECEIVED"))
        for fields in [[("from_amount", "1.5"), ("to", "PH PHP")], [("from_amount", "1000"), ("to", "Mars")]] {
            let judgement = await press(house, "transfer", token, fields.map { (name: $0.0, value: $0.1) })
            #expect(judgement.reply.status == 400 && judgement.rule == "webview.transfer")
        }
        #expect(await press(house, "transfer_list", token, []).reply.status == 405)
    }
}

extension String {
    /// How often `piece` stands in it.
    fileprivate func components(of piece: String) -> Int { ranges(of: piece).count }

    fileprivate func replacingCharacter(at place: Index, with other: Character) -> String {
        self[..<place] + String(other) + self[index(after: place)...]
    }
}
