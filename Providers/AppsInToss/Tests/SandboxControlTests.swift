import AppsInToss
import Base
import ProviderKit
import Sandbox
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport

@testable import AppsInTossSandbox

@Suite("Apps in Toss sandbox: the control API")
struct SandboxControlTests {
    @Test("a mini-app is made with what the console asks for, and its secrets are fresh")
    func makeApp() async throws {
        let house = try await SandboxHouse()
        let app = try await house.ask(
            .post, "/apps",
            [
                "app": "my-app", "per_minute": 6000, "scopes": ["USER_PHONE", "USER_NAME"], "terms": ["one"],
                "unlink": ["url": "http://127.0.0.1:9/u", "method": "GET", "basic_text": "t"],
                "webhook": ["url": "http://127.0.0.1:9/w", "secret": "s"],
            ])
        #expect(app["scopes"] == ["USER_NAME", "USER_PHONE"] && app["per_minute"] == 6000 && app["terms"] == ["one"])
        #expect(app["unlink"] == ["url": "http://127.0.0.1:9/u", "method": "GET", "basic_text": "t"])
        #expect(app["webhook"] == ["url": "http://127.0.0.1:9/w", "secret": "s"])
        let other = try await house.ask(.post, "/apps", [:])
        #expect(app["personal_data_key"]?.string != other["personal_data_key"]?.string)
        #expect(try await house.ask(.get, "/apps")["apps"]?.elements?.count == 3)
        #expect(try await house.control(.post, "/apps", ["app": "my-app"]).0 == 409)
    }

    @Test("most scopes need an unlink callback, as in the console, unless the setting lets go of it")
    func scopes() async throws {
        let house = try await SandboxHouse()
        let (status, answer) = try await house.control(.post, "/apps", ["app": "bare", "scopes": ["USER_NAME", "USER_PHONE"]])
        #expect(status == 400 && answer["error"]?["en"]?.string?.contains("USER_PHONE") ?? false)
        #expect(try await house.control(.post, "/apps", ["app": "bare", "scopes": ["USER_NAME", "USER_EMAIL", "USER_GENDER"]]).0 == 201)
        #expect(try await house.control(.put, "/apps/bujeol-demo", ["unlink": .null]).0 == 400)
        try await house.set(["scopes_need_unlink_callback": false])
        #expect(try await house.control(.put, "/apps/bare", ["scopes": ["USER_PHONE"]]).0 == 200)
    }

    @Test(
        "what makes no sense is refused in both languages and changes nothing",
        arguments: [
            ("/apps", ["app": "../etc"]), ("/apps", ["app": "-x"]), ("/apps", ["per_minute": 0]), ("/apps", ["per_minute": 1_000_001]),
            ("/apps", ["scopes": ["USER_SHOE_SIZE"]]), ("/apps", ["personal_data_key": "c2hvcnQ="]),
            ("/apps", ["unlink": ["url": "ftp://x"]]),
            ("/apps", ["unlink": ["url": "http://x.test", "method": "PUT"]]), ("/apps", ["webhook": "http://x.test"]),
            ("/apps", ["colour": 1]),
            ("/users", ["profile": ["birthday": "19901301"]]), ("/users", ["profile": ["gender": "X"]]), ("/users", ["user_key": -1]),
            ("/codes", ["referrer": "default"]), ("/codes", ["scopes": ["user_name"]]), ("/faults", ["result_type": "SUCCESS"]),
            ("/faults", [:]), ("/faults", ["error_code": "4110", "route": "nowhere"]), ("/faults", ["error_code": 4110, "when": "later"]),
            ("/limits", ["block_seconds": 0]), ("/anonymous-users", ["anonymous_key": "with space"]),
        ] as [(String, JSON)])
    func refused(_ path: String, _ body: JSON) async throws {
        let house = try await SandboxHouse()
        let before = try await house.ask(.get, path)
        let (status, answer) = try await house.control(.post, path, body)
        #expect(status == 400)
        #expect(answer["error"]?["ko"]?.string?.isEmpty == false && answer["error"]?["en"]?.string?.isEmpty == false)
        #expect(try await house.ask(.get, path) == before)
    }

    @Test("settings are shown with their defaults, taken together or not at all, and null brings a default back")
    func settings() async throws {
        let house = try await SandboxHouse()
        #expect(try await house.ask(.get, "/settings")["limit_model"] == "sliding-minute")
        #expect(try await house.control(.put, "/settings", ["limit_block_seconds": 5, "limit_model": "leap-year"]).0 == 400)
        #expect(try await house.ask(.get, "/settings")["limit_block_seconds"] == 60)
        try await house.set(["limit_block_seconds": 5, "error_reasons": ["4010": "누구세요"], "error_code_style": "number"])
        let refused = await house.send("login-me", through: .tls(nil))
        #expect(refused.body["error"]?["errorCode"] == "4010")
        try await house.ask(.delete, "/apps/bujeol-demo")
        let gone = await house.send("login-me")
        #expect(gone.body["error"]?["errorCode"] == 4050)
        try await house.set(["limit_block_seconds": .null])
        #expect(try await house.ask(.get, "/settings")["limit_block_seconds"] == 60)
    }

    @Test("an ordered resultType comes instead of the answer, before or after the call was carried out, as often as ordered")
    func faults() async throws {
        let house = try await SandboxHouse()
        let code = try await house.consent()
        func exchange() async -> Judgement {
            await house.send("generate-token", ["authorizationCode": .string(code), "referrer": "DEFAULT"])
        }
        try await house.ask(.post, "/faults", ["result_type": "HTTP_TIMEOUT", "route": "generate-token", "times": 2])
        #expect(await house.send("login-me").isBareError("token.missing"))
        for _ in 0..<2 { #expect(await exchange().isRefusal("INTERNAL_ERROR", "fault.before", resultType: "HTTP_TIMEOUT")) }
        #expect(try await house.ask(.get, "/faults") == ["faults": []])
        try await house.ask(.post, "/faults", ["result_type": "NETWORK_ERROR", "when": "after"])
        #expect(await exchange().isRefusal("INTERNAL_ERROR", "fault.after", resultType: "NETWORK_ERROR"))
        // It was carried out: the code is spent.
        #expect(await exchange().isBareError("code.used"))
        try await house.ask(.post, "/faults", ["error_code": "4110"])
        #expect(await house.send("login-me").isRefusal("4110", "fault.before"))
        try await house.ask(.post, "/faults", ["error_code": 4095])
        let limited = await house.send("login-me")
        #expect(limited.isRefusal("4095", "fault.before") && limited.body["error"]?["data"]?["retryAfterSeconds"] == 60)
        try await house.ask(.post, "/faults", ["error_code": "INTERNAL_ERROR"])
        #expect(await house.send("login-me").isRefusal("INTERNAL_ERROR", "fault.before", status: 500))
        try await house.ask(.post, "/faults", ["error_code": "USER_NOT_FOUND"])
        #expect(try await house.ask(.delete, "/faults") == ["deleted": 1])
        #expect(await house.send("login-me").isBareError("token.missing"))
    }

    @Test("users are made with a made-up person, changed member by member, and belong to one mini-app")
    func users() async throws {
        let house = try await SandboxHouse()
        let user = try await house.ask(.post, "/users", ["profile": ["name": "김시험", "email": .null], "refuses_push": true])
        let key = try #require(user["user_key"]?.integer)
        #expect(user["profile"]?["name"] == "김시험" && user["profile"]?["email"] == nil && user["profile"]?["ci"]?.string?.utf8.count == 88)
        #expect(user["state"] == "known" && user["refuses_push"] == true)
        let changed = try await house.ask(.put, "/users/\(key)", ["profile": ["email": "a@example.com"]])
        #expect(changed["profile"]?["email"] == "a@example.com" && changed["profile"]?["name"] == "김시험")
        _ = try await house.makeApp("second")
        #expect(try await house.control(.get, "/users/\(key)?app=second").0 == 404)
        let anonymous = try await house.ask(.post, "/anonymous-users", ["app": "second"])
        #expect(anonymous["anonymous_key"]?.string?.utf8.count == 44)
        #expect(try await house.ask(.get, "/anonymous-users?app=second")["anonymous_users"]?.elements?.count == 1)
    }

    @Test("codes and tokens are listed without their texts, with what became of them")
    func lists() async throws {
        let house = try await SandboxHouse()
        let tokens = try await house.login()
        let code = try await house.consent(["referrer": "SANDBOX"])
        let codes = try await house.ask(.get, "/codes")
        #expect(codes["codes"]?.elements?.count == 2 && !codes.text.contains(code))
        #expect(codes["codes"]?.elements?.compactMap { $0["spent_by"]?.string } == ["generate-token"])
        let listed = try await house.ask(.get, "/tokens")
        #expect(listed["tokens"]?.elements?.count == 2)
        #expect(!listed.text.contains(try #require(tokens["accessToken"]?.string)))
    }

    @Test("another world's calls and things stay apart, and removing it leaves nothing behind")
    func removal() async throws {
        let house = try await SandboxHouse()
        let job = try #require(TenantID(rawValue: "job-9"))
        _ = try await house.sandbox.createTenant(job, settings: ["app": "only", "settings": ["limit_block_seconds": 1]])
        try await house.ask(.post, "/users", [:], tenant: job)
        _ = try await house.consent(tenant: job)
        #expect(try await house.ask(.get, "/settings", tenant: job)["limit_block_seconds"] == 1)
        #expect(try await house.ask(.get, "/settings")["limit_block_seconds"] == 60)
        try await house.sandbox.removeTenant(job)
        let left = try await house.database.read { connection in
            try SandboxParts.all.flatMap(\.tables).filter { table in
                try !connection.query("SELECT 1 FROM \(table) WHERE tenant = 'job-9' LIMIT 1").isEmpty
            }
        }
        #expect(left.isEmpty)
    }
}
