import AppsInToss
import Base
import Cryptography
import ProviderKit
import SandboxKit
import TestSupport
import Testing
import Transport

@testable import AppsInTossSandbox

@Suite("Apps in Toss sandbox: login")
struct SandboxLoginTests {
    private func exchange(_ code: String, _ house: SandboxHouse) async -> Judgement { await exchange(code, "DEFAULT", house) }

    private func exchange(_ code: String, _ referrer: String, _ house: SandboxHouse) async -> Judgement {
        await house.send("generate-token", ["authorizationCode": .string(code), "referrer": .string(referrer)])
    }

    @Test("a consent gives a code, the code gives tokens, and the tokens give the user")
    func wholeWay() async throws {
        let house = try await SandboxHouse()
        let tokens = try await house.login()
        #expect(tokens.members?.names == ["accessToken", "refreshToken", "scope", "tokenType", "expiresIn"])
        #expect(tokens["tokenType"] == "Bearer")
        #expect(tokens["expiresIn"] == 3599)
        // Separated by spaces here, by commas there.
        #expect(
            tokens["scope"]
                == "user_key user_name user_email user_gender user_birthday user_nationality user_phone user_ci")
        let me = await house.send("login-me", bearer: tokens["accessToken"]?.string)
        #expect(me.isSuccess)
        #expect(me.success["userKey"]?.integer == Int64(AppsInTossDemonstration.userKey))
        #expect(
            me.success["scope"] == "user_key,user_name,user_email,user_gender,user_birthday,user_nationality,user_phone,user_ci")
        #expect(me.success["agreedTerms"] == ["terms_tag_service", "terms_tag_privacy"])
        #expect(me.success["di"] == .null)
    }

    @Test("a code works once, for ten minutes, and only with the referrer it came with, letter by letter")
    func codes() async throws {
        let house = try await SandboxHouse()
        let code = try await house.consent(["referrer": "sandbox"])
        #expect(await exchange(code, "SANDBOX", house).isBareError("referrer.case"))
        #expect(await exchange(code, "DEFAULT", house).isBareError("referrer.wrong"))
        house.clocks.advance(.seconds(599) + .nanoseconds(999_999_999))
        #expect(await exchange(code, "sandbox", house).isSuccess)
        #expect(await exchange(code, "sandbox", house).isBareError("code.used"))
        let late = try await house.consent()
        house.clocks.advance(.seconds(600))
        #expect(await exchange(late, house).isBareError("code.expired"))
        #expect(await exchange("nonsense", house).isBareError("code.unknown"))
    }

    @Test("a wrong referrer spends the code only where the setting says so")
    func wrongReferrer() async throws {
        let house = try await SandboxHouse()
        try await house.set(["wrong_referrer_spends_code": true])
        let code = try await house.consent()
        #expect(await exchange(code, "SANDBOX", house).isBareError("referrer.wrong"))
        #expect(await exchange(code, house).isBareError("code.ended"))
    }

    @Test("one of two exchanges of one code at the same time gets tokens, never both")
    func race() async throws {
        let house = try await SandboxHouse()
        for _ in 0..<20 {
            let code = try await house.consent()
            let results = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<4 { group.addTask { await exchange(code, house).isSuccess } }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(results == 1)
        }
    }

    @Test("an access token lives an hour, a refresh token 14 days, each to the nanosecond")
    func lives() async throws {
        let house = try await SandboxHouse()
        let tokens = try await house.login()
        let (access, refresh) = (try #require(tokens["accessToken"]?.string), try #require(tokens["refreshToken"]?.string))
        let issued = house.clocks.now(.demo)
        house.clocks.set(issued + .seconds(3600) - .nanoseconds(1))
        #expect(await house.send("login-me", bearer: access).isSuccess)
        house.clocks.set(issued + .seconds(3600))
        #expect(await house.send("login-me", bearer: access).isBareError("token.expired"))
        #expect(await house.send("remove-by-access-token", bearer: access).isBareError("token.expired"))
        house.clocks.set(issued + .seconds(14 * 86_400) - .nanoseconds(1))
        let again = await house.send("refresh-token", ["refreshToken": .string(refresh)])
        #expect(again.isSuccess)
        #expect(await house.send("login-me", bearer: again.success["accessToken"]?.string).isSuccess)
        let newRefresh = try #require(again.success["refreshToken"]?.string)
        house.clocks.advance(.seconds(14 * 86_400))
        #expect(await house.send("refresh-token", ["refreshToken": .string(newRefresh)]).isBareError("token.expired"))
    }

    @Test("the old refresh token dies when it is used, or lives on where the setting says so")
    func rotation() async throws {
        let house = try await SandboxHouse()
        let refresh = try #require(try await house.login()["refreshToken"]?.string)
        func again() async -> Judgement { await house.send("refresh-token", ["refreshToken": .string(refresh)]) }
        let first = await again()
        #expect(first.isSuccess && first.success["refreshToken"]?.string != refresh)
        #expect(await again().isBareError("token.rotated"))
        try await house.set(["refresh_token_rotates": false])
        let lasting = try #require(first.success["refreshToken"])
        for _ in 0..<2 {
            let next = await house.send("refresh-token", ["refreshToken": lasting])
            #expect(next.isSuccess && next.success["refreshToken"] == lasting)
        }
    }

    @Test("what is wrong with Authorization is told in the log, and always looks the same to the caller")
    func bearers() async throws {
        let house = try await SandboxHouse()
        let tokens = try await house.login()
        let access = try #require(tokens["accessToken"]?.string)
        func ask(_ field: String) async -> Judgement { await house.send("login-me", fields: [("Authorization", field)]) }
        #expect(await house.send("login-me").isBareError("token.missing"))
        #expect(await ask(access).isBareError("token.no-bearer"))
        #expect(await ask("Basic \(access)").isBareError("token.basic"))
        #expect(await ask("Bearer \(access)x").isBareError("token.unknown"))
        #expect(await ask("Bearer \(tokens["refreshToken"]?.string ?? "")").isBareError("token.kind"))
        #expect(await ask("bearer \(access)").isSuccess)
        let refused = await ask("Bearer \(access)x")
        #expect(refused.verdict?.json.text.contains(access) == false)
    }

    @Test("status of the bare errors, the form of expiresIn and the lives are settings")
    func settings() async throws {
        let house = try await SandboxHouse()
        try await house.set([
            "login_error_status": "401", "expires_in_as_text": true, "access_token_seconds": 60, "code_seconds": 5,
            "scope_includes_user_key": false, "refresh_token_seconds": 90,
        ])
        let tokens = try await house.login(["scopes": ["USER_NAME"]])
        #expect(tokens["expiresIn"] == "59" && tokens["scope"] == "user_name")
        #expect(await house.send("login-me").isBareError("token.missing", status: 401))
        let code = try await house.consent()
        house.clocks.advance(.seconds(5))
        #expect(await exchange(code, house).isBareError("code.expired", status: 401))
        house.clocks.advance(.seconds(55))
        #expect(await house.send("login-me", bearer: tokens["accessToken"]?.string).isBareError("token.expired", status: 401))
        house.clocks.advance(.seconds(30))
        #expect(
            await house.send("refresh-token", ["refreshToken": tokens["refreshToken"] ?? .null]).isBareError("token.expired", status: 401))
    }
}

@Suite("Apps in Toss sandbox: personal data")
struct SandboxLoginPersonalDataTests {
    /// Decrypts fields of login-me, one `key|additional data|field` a line.
    private static let script = """
        import sys, base64
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        for line in sys.stdin.read().splitlines():
            key, aad, field = line.split("|")
            raw = base64.b64decode(field, validate=True)
            print(AESGCM(base64.b64decode(key)).decrypt(raw[:12], raw[12:], aad.encode()).decode())
        """

    @Test("Python decrypts every field of login-me with the key and the additional data of the mini-app")
    func oracle() async throws {
        let house = try await SandboxHouse()
        let tokens = try await house.login()
        let me = await house.send("login-me", bearer: tokens["accessToken"]?.string)
        let names = ["name", "phone", "birthday", "ci", "gender", "nationality", "email"]
        let fields = try names.map { try #require(me.success[$0]?.string) }
        let lines = fields.map { "\(AppsInTossDemonstration.personalDataKey)|\(AppsInTossDemonstration.additionalData)|\($0)" }
        let plain = try PythonOracle.lines(Self.script, input: lines)
        #expect(plain[0...2] == ["홍길동", "01012345678", "19900101"])
        #expect(plain[3].utf8.count == 88)
        #expect(plain[4...6] == ["MALE", "LOCAL", "gildong@example.com"])
    }

    @Test("no two fields have the same initialization vector, neither within an answer nor from answer to answer")
    func vectors() async throws {
        let house = try await SandboxHouse()
        let access = try #require(try await house.login()["accessToken"]?.string)
        var vectors: Set<[UInt8]> = []
        for _ in 0..<20 {
            let me = await house.send("login-me", bearer: access)
            for name in TossUser.profileMembers {
                let bytes = try #require(me.success[name]?.string.flatMap { Base64.decode($0) })
                vectors.insert(Array(bytes.prefix(12)))
            }
        }
        #expect(vectors.count == 140)
    }

    @Test("every mini-app has a key and additional data of its own, which can be set and issued anew")
    func keys() async throws {
        let house = try await SandboxHouse()
        let (door, _) = try await house.makeApp("second", ["scopes": ["USER_NAME"], "additional_data": "앱인토스-시험-AAD"])
        func field() async throws -> String {
            let code = try await house.consent(["app": "second"])
            let tokens = await house.send("generate-token", ["authorizationCode": .string(code), "referrer": "DEFAULT"], through: door)
            let me = await house.send("login-me", bearer: tokens.success["accessToken"]?.string, through: door)
            return try #require(me.success["name"]?.string)
        }
        func key() async throws -> String { try #require(try await house.ask(.get, "/apps/second")["personal_data_key"]?.string) }
        let name = try await house.ask(.get, "/users?app=second")["users"]?[0]?["profile"]?["name"]?.string
        #expect(try PythonOracle.lines(Self.script, input: ["\(try await key())|앱인토스-시험-AAD|\(try await field())"]) == [name])
        let old = try await key()
        try await house.ask(.post, "/apps/second/reissue-personal-data-key")
        #expect(try await key() != old)
        #expect(throws: PythonOracle.Failure.self) {
            try PythonOracle.lines(Self.script, input: ["\(AppsInTossDemonstration.personalDataKey)|TOSS|\(old)"])
        }
        #expect(try PythonOracle.lines(Self.script, input: ["\(try await key())|앱인토스-시험-AAD|\(try await field())"]) == [name])
    }

    @Test("what was not agreed to, and what the user does not have, is null")
    func nulls() async throws {
        let house = try await SandboxHouse()
        let tokens = try await house.login(["user_key": 443_731_105, "scopes": ["USER_NAME", "USER_EMAIL"], "terms": []])
        let me = await house.send("login-me", bearer: tokens["accessToken"]?.string)
        #expect(me.success["name"]?.string != nil)
        // Agreed to, but the user has no address.
        #expect(me.success["email"] == .null)
        for name in ["phone", "birthday", "ci", "gender", "nationality", "di"] { #expect(me.success[name] == .null, "\(name)") }
        #expect(me.success["scope"] == "user_key,user_name,user_email")
        #expect(me.success["agreedTerms"] == [])
    }
}
