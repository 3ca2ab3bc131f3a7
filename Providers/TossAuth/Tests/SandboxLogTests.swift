import Base
import ProviderKit
import SandboxKit
import TestSupport
import Testing
import TossAuth
import Transport

@testable import TossAuthSandbox

@Suite("Toss Auth sandbox: what the request log shows of a call")
struct SandboxLogTests {
    private static let bearer = ["Content-Type": "application/json"] as HTTPFields

    /// The body of the latest call as the log shows it.
    private func body(_ house: SandboxHouse) async -> JSON { await house.latest()["request"]?["body"] ?? .null }

    private func log(_ house: SandboxHouse) async -> String { await house.send(.get, "/-/requests?limit=1000").text }

    @Test("a member shows its value only where that looks like what belongs there, in whichever call it stands")
    func values() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let id = try await house.begin(token)
        _ = try await house.status(id, token)
        #expect(await body(house) == ["txId": .string(id)])
        for call in ["id-status", "id-result", "id-request", "certificate-validate", "status"] {
            let wrong: JSON = [
                "txId": "홍길동", "memo": "박비밀씨", "requestType": "01077778888", "triggerType": "19770707", "requestUrl": "https://a.test/홍길동",
                "userName": ["first": "박비밀씨", "박비밀씨": 1], "phoneDigits": 1_077_778_888, "list": ["박비밀씨", ["홍길동": 1]],
            ]
            _ = try await house.call(call, wrong, token: token)
            #expect(await body(house)["txId"] == "[redacted]", "\(call)")
        }
        _ = try await house.call("id-status", ["txId": "01077778888"], token: token)
        _ = try await house.call("id-request", ["requestUrl": "https://a.test/x?who=19770707"], token: token)
        _ = try await house.call("id-status", ["박비밀씨"], token: token)
        let text = await log(house)
        for secret in ["홍길동", "박비밀씨", "01077778888", "1077778888", "19770707"] { #expect(!text.contains(secret), "\(secret)") }
    }

    @Test("what is harmless in a call is shown: its kind, its trigger, where it comes back to, and whose it is")
    func harmless() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let form = await body(house)
        #expect(form["client_id"]?.string == TossAuthDemonstration.clientID)
        #expect(form["grant_type"] == "client_credentials" && form["scope"] == "ca" && form["client_secret"] == "[redacted]")
        _ = try await house.call("id-request", .object(try house.personalRequest()), token: token)
        let shown = await body(house)
        #expect(shown["requestType"] == "USER_PERSONAL" && shown["triggerType"] == "APP_SCHEME")
        #expect(shown["requestUrl"]?.string == TossAuthDemonstration.requestURL)
        for name in ["userName", "userPhone", "userBirthday", "sessionKey"] { #expect(shown[name] == "[redacted]", "\(name)") }
    }

    @Test(
        "the right words stay in the explanation of a wrong one that is a part of them",
        arguments: ["USER_PERSON", "USER_NONE ", "USER_NON"])
    func rightWords(kind: String) async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let call = try await house.call("id-request", ["requestType": .string(kind), "requestUrl": "intoss://a"], token: token)
        #expect(call.code == "CE0003")
        let verdict = await house.latest()["verdict"] ?? .null
        let text = String(decoding: verdict.bytes, as: UTF8.self)
        #expect(text.contains("USER_PERSONAL") && text.contains("USER_NONE"), "\(text)")
        #expect(!text.contains("[redacted]"), "\(text)")
    }

    @Test("a secret or a person in the place of a name is shown neither in the log's body and query nor in a verdict")
    func names() async throws {
        let house = try await SandboxHouse()
        let secret = "sk1b1c2d3e4f5061728394a5b6c7d8e9f"
        let form = SandboxHouse.form() + [(name: secret, value: ""), (name: secret, value: "1")]
        #expect(await house.tokenCall(form).status == 400)
        #expect(await house.rule() == "token.parameter-repeated")
        _ = await house.tokenCall(SandboxHouse.form() + [(name: secret, value: "")])
        _ = await house.send(.post, "/toss-auth/token?\(secret)=1", [], ["Content-Type": "application/x-www-form-urlencoded"])
        let token = try await house.token()
        _ = await house.send(
            .post, "/toss-auth/api/v2/sign/user/auth/id/status?\(secret)", (["홍길동": "1"] as JSON).bytes,
            ["Authorization": "Bearer \(token)", "Content-Type": "application/json"])
        _ = await house.send(.post, "/toss-auth/nowhere", ([secret: "홍길동"] as JSON).bytes, Self.bearer)
        let text = await log(house)
        #expect(!text.contains(secret) && !text.contains("홍길동"))
    }

    @Test("a body of thousands of members is refused as such, without reading them one by one, also from whoever has no token")
    func manyMembers() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let many = JSON.object(JSON.Members((0..<5000).map { ("member\($0)", .string("value-\($0)")) }))
        #expect(try await house.call("id-request", many, token: token).code == "CE0003")
        #expect(await house.rule() == "body.too-many")
        #expect(await body(house).string?.contains("5000") == true)
        #expect(try await house.call("id-request", many, token: nil).code == "CE1000")
        let pairs = (0..<5000).map { (name: "n\($0)", value: "v\($0)") }
        #expect(await house.tokenCall(SandboxHouse.form() + pairs).json == ["error": "invalid_request"])
        #expect(await house.rule() == "token.too-many")
        // As many as any call could need are read.
        let some = JSON.object(
            JSON.Members(
                [("requestType", "USER_NONE"), ("requestUrl", "intoss://a")] + (0..<150).map { ("m\($0)", .string("value-\($0)")) }))
        #expect(try await house.call("id-request", some, token: token).isSuccess)
    }
}
