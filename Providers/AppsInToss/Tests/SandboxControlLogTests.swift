import AppsInToss
import Base
import Cryptography
import ProviderKit
import Sandbox
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport

@testable import AppsInTossSandbox

@Suite("Apps in Toss sandbox: the request log")
struct SandboxControlLogTests {
    /// The service behind the sandbox's own front, which keeps the request log.
    private struct Front {
        let sandbox: Sandbox

        init() async throws {
            sandbox = try await Sandbox(
                services: [AppsInTossSandbox.self], database: try Database(.memory), time: ManualTime(), random: SeededRandom(seed: 3),
                exchange: RecordingNetwork(), configuration: SandboxConfiguration(version: "test", baseURL: { "http://127.0.0.1:8600" }))
        }

        func send(_ method: HTTPMethod, _ target: String, _ body: JSON? = nil, _ fields: [(String, String)] = []) async throws -> JSON {
            var request = HTTPRequest(method: method, target: target, fields: ["Host": "127.0.0.1:8600"], body: body?.bytes ?? [])
            for (name, value) in fields { request.fields.append(name, value) }
            let response = await sandbox.respond(to: request, from: HTTPPeer(address: "127.0.0.1", port: 4000))
            return try JSON(try #require(response.bytes))
        }

        func call(_ name: String, _ body: JSON? = nil, _ fields: [(String, String)] = []) async throws -> JSON {
            let row = try #require(AppsInTossRoutes.row(named: name))
            return try await send(
                row.route.method, "/apps-in-toss" + row.path, body,
                [("Bujeol-Mini-App", AppsInTossDemonstration.app), ("Content-Type", "application/json")] + fields)
        }
    }

    @Test("codes, tokens, personal data, keys and Basic texts never stand in the log, rejected values neither")
    func redaction() async throws {
        let front = try await Front()
        let code = try #require(try await front.send(.post, "/-/apps-in-toss/codes")["authorizationCode"]?.string)
        // Refused first, so that the code also went through a refusal.
        _ = try await front.call("generate-token", ["authorizationCode": .string(code), "referrer": "default"])
        let tokens = try await front.call("generate-token", ["authorizationCode": .string(code), "referrer": "DEFAULT"])
        let access = try #require(tokens["success"]?["accessToken"]?.string)
        let refresh = try #require(tokens["success"]?["refreshToken"]?.string)
        let me = try await front.call("login-me", nil, [("Authorization", "Bearer \(access)")])
        _ = try await front.call("refresh-token", ["refreshToken": .string(access)])
        _ = try await front.call("refresh-token", ["refresh_token": .string(refresh)])
        _ = try await front.call("remove-by-user-key", ["userKey": "01012345678"])
        _ = try await front.send(.post, "/apps-in-toss/api-partner/v1/\(code)", ["name": "홍길동"], [("Bujeol-Mini-App", "bujeol-demo")])
        let log = try await front.send(.get, "/-/requests?limit=50").text
        var secrets = [code, access, refresh, "홍길동", "01012345678", "gildong", AppsInTossDemonstration.personalDataKey]
        secrets += ["name", "phone", "birthday", "ci", "gender", "nationality", "email"].compactMap { me["success"]?[$0]?.string }
        secrets.append(AppsInTossDemonstration.unlinkBasicText)
        #expect(secrets.count == 15)
        // The path of a call that does not exist is shown; it was the only place where the code could stand.
        let shown = log.replacing("/api-partner/v1/\(code)", with: "")
        for secret in secrets { #expect(!shown.contains(secret), "\(secret)") }
        #expect(log.contains("referrer.case") && log.contains("token.kind") && log.contains("call.unknown"))
    }

    @Test("what becomes of a call is found in the log under its route, with the reason in both languages")
    func verdict() async throws {
        let front = try await Front()
        _ = try await front.call("login-me")
        let log = try await front.send(.get, "/-/requests?rule=token.missing")
        let record = log["requests"]?[0]
        #expect(record?["route"] == "login-me" && record?["tenant_known"] == true && record?["status"] == 400)
        #expect(record?["verdict"]?["reason"]?["ko"] == "Authorization 헤더가 없습니다.")
    }

    @Test("the sandbox's own faults strike callers who are known by their mini-app, also before the service acts")
    func faults() async throws {
        let front = try await Front()
        let tenant = try await front.send(.post, "/-/tenants", ["name": "job-1", "apps-in-toss": ["app": "mine"]])
        #expect(tenant["apps-in-toss"]?["app"] == "mine", "\(tenant.text)")
        _ = try await front.send(
            .post, "/-/faults?tenant=job-1", ["kind": "status", "status": 503, "body": "{}", "route": "login-me"])
        let path = try #require(AppsInTossRoutes.row(named: "login-me")?.path)
        let other = try await front.send(.get, "/apps-in-toss" + path, nil, [("Bujeol-Mini-App", "bujeol-demo")])
        #expect(other["error"] == "invalid_grant")
        let struck = try await front.send(.get, "/apps-in-toss" + path, nil, [("Bujeol-Mini-App", "mine")])
        #expect(struck == [:])
    }
}
