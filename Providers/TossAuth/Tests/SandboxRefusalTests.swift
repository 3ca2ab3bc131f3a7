import Base
import Cryptography
import Storage
import TestSupport
import Testing
import TossAuth
import Transport

@testable import TossAuthSandbox

@Suite("Toss Auth sandbox: refusals of request, status and result")
struct SandboxRefusalTests {
    /// One sound request of the vectors: its session key and its encrypted fields.
    private struct Sample {
        var body: JSON.Members
        var session: JSON

        init() throws {
            session = try #require(try JSON(PackageFiles.bytes("Providers/TossAuth/Vectors/sessions.json"))[0])
            body = ["requestType": "USER_PERSONAL", "requestUrl": "intoss://my-granite-app", "triggerType": "APP_SCHEME"]
            body["sessionKey"] = session["session_key"]
            let names = ["name": "userName", "phone": "userPhone", "birthday": "userBirthday"]
            for field in session["fields"]?.elements ?? [] {
                guard let name = names[field["member"]?.string ?? ""] else { continue }
                body[name] = field["value"]
            }
        }
    }

    @Test("the vectors' session opens against a fresh sandbox, whose key is the vectors' test key")
    func vectors() async throws {
        let house = try await SandboxHouse()
        #expect(try PrivateKey(pem: Secret(ShippedKeys.service)).publicKey == ServiceKey.sandbox.key)
        let answer = try await house.call("id-request", .object(try Sample().body), token: try await house.token())
        #expect(answer.isSuccess, "\(answer.text)")
    }

    @Test("each session key of the vectors' mistakes is refused with CE5000, and the log names the mistake and repeats nothing of it")
    func sessionKeys() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let rows = try JSON(PackageFiles.bytes("Providers/TossAuth/Vectors/refused.json"))["session_keys"]?.elements ?? []
        #expect(rows.count > 20)
        for row in rows {
            let name = row["name"]?.string ?? ""
            var body = try Sample().body
            body["sessionKey"] = row["session_key"]
            let text = try #require(row["session_key"]?.string)
            // What is no text of a session key at all is a parameter that is wrong.
            let isParameter = text.isEmpty || text.utf8.count > TossAuthLimits.longestSessionKey
            let answer = try await house.call("id-request", .object(body), token: token)
            #expect(answer.code == (isParameter ? "CE0003" : "CE5000") && answer.status == 400, "\(name): \(answer.text)")
            if !isParameter { #expect(await house.rule() == "session.\(row["cause"]?.string ?? "")", "\(name)") }
            #expect(!answer.text.contains(row["cause"]?.string ?? "-"))
        }
    }

    @Test("each field of the vectors' mistakes is refused with CE5000, and the log names the field and the mistake")
    func fields() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        try await house.set(["session_reuse": "warn"])
        let sample = try Sample()
        let rows = try JSON(PackageFiles.bytes("Providers/TossAuth/Vectors/refused.json"))["fields"]?.elements ?? []
        var count = 0
        for row in rows {
            guard let text = row["value"]?.string, !text.isEmpty, text.utf8.count <= TossAuthLimits.longestField,
                row["session"] == nil || row["session"] == sample.session["name"]
            else { continue }
            let name = row["name"]?.string ?? ""
            var body = sample.body
            body["userName"] = .string(text)
            let answer = try await house.call("id-request", .object(body), token: token)
            #expect(answer.code == "CE5000" && answer.status == 400, "\(name): \(answer.text)")
            #expect(await house.rule() == "session.\(row["cause"]?.string ?? "")", "\(name)")
            #expect(await house.latest()["verdict"]?["details"]?["field"] == "userName")
            count += 1
        }
        #expect(count > 20)
    }

    @Test("a body that is no JSON object, or lacks a member, or has a wrong one, is refused with CE0003 before the session is opened")
    func bodies() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        func change(_ name: String, _ value: JSON?) throws -> JSON {
            var body = try Sample().body
            body[name] = value
            return .object(body)
        }
        var cases: [(JSON, String)] = [
            ([1], "body.no-object"), (try change("requestType", "USER"), "field.wrong-word"),
            (try change("triggerType", "SMS"), "field.wrong-word"), (try change("requestUrl", 7), "field.no-text"),
            (try change("nonce", 7), "field.no-text"), (try change("expireSeconds", "600"), "field.no-number"),
        ]
        for name in ["requestType", "requestUrl", "triggerType", "userName", "userPhone", "userBirthday", "sessionKey"] {
            for value in [nil, .null, ""] as [JSON?] { cases.append((try change(name, value), "field.missing")) }
        }
        for (body, rule) in cases {
            let answer = try await house.call("id-request", body, token: token)
            #expect(answer.code == "CE0003" && answer.status == 400, "\(answer.text)")
            #expect(await house.rule() == rule)
        }
        // None of them has used the session up.
        #expect(try await house.call("id-request", .object(try Sample().body), token: token).isSuccess)
        for call in ["id-status", "id-result"] {
            #expect(try await house.call(call, [:], token: token).code == "CE0003")
            #expect(await house.rule() == "field.missing")
        }
        #expect(try await house.call("id-result", ["txId": "a"], token: token).code == "CE0003")
        let path = "/toss-auth" + TossAuthRoutes.row(for: .request).path
        let fields: HTTPFields = ["Authorization": "Bearer \(token)", "Content-Type": "application/json"]
        for (bytes, rule) in [([], "body.empty"), (Array("{".utf8), "body.no-json")] as [([UInt8], String)] {
            #expect(await house.send(.post, path, bytes, fields).code == "CE0003")
            #expect(await house.rule() == rule)
        }
    }

    @Test("a name, number or birthday that cannot be one is refused with CE0003 when it has been decrypted, without a word of it")
    func claims() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let opener = try SessionOpener(privateKey: PrivateKey(pem: Secret(ShippedKeys.service)))
        for (part, text) in [("userName", "   "), ("userPhone", "010-1234-5678"), ("userPhone", "010123456"), ("userBirthday", "19990230")]
        {
            var body = try house.personalRequest()
            let session = try opener.open(try #require(body["sessionKey"]?.string))
            body[part] = .string(try session.seal(text))
            let answer = try await house.call("id-request", .object(body), token: token)
            #expect(answer.code == "CE0003")
            #expect(await house.rule() == "claim.\(part)")
            #expect(!(await house.latest().text.contains(text)))
        }
    }

    @Test(
        "a session that was used is refused, in a request and in a result, by its id or by its key, also where the first use was refused; another client may use it"
    )
    func reuse() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let body = JSON.object(try house.personalRequest())
        #expect(try await house.call("id-request", body, token: token).isSuccess)
        #expect(try await house.call("id-request", body, token: token).code == "CE5000")
        #expect(await house.rule() == "session.reused")
        let id = try await house.begin(token)
        let session = try ResultSession(for: .sandbox, random: house.random)
        let result: JSON = ["txId": .string(id), "sessionKey": .string(session.sessionKey)]
        #expect(try await house.call("id-result", result, token: token).code == "CE3102")
        try await house.move(id, "approve")
        #expect(try await house.call("id-result", result, token: token).code == "CE5000")
        #expect(try await house.ask(.get, "/transactions/\(id)")["reads"] == 0)
        // The same key under another id: what RSA encrypted does not name the id.
        let block = try #require(session.sessionKey.split(separator: "$").last)
        let renamed = "v1$00000000-0000-4000-8000-000000000000$\(block)"
        #expect(
            try await house.call("id-result", ["txId": .string(id), "sessionKey": .string(renamed)], token: token).code == "CE5000")
        try await house.set(["session_reuse": "warn"])
        #expect(try await house.call("id-result", result, token: token).isSuccess)
        #expect(await house.rule() == "session.reused")
        let other = try await house.makeTenant("other")
        #expect(try await house.call("id-request", body, token: try await house.token(other.test)).isSuccess)
    }

    @Test("sessions are forgotten after their time, and beyond their number")
    func forgetting() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        try await house.set(["session_memory_seconds": 60, "session_memory_count": 10])
        let body = JSON.object(try house.personalRequest())
        #expect(try await house.call("id-request", body, token: token).isSuccess)
        house.time.advance(by: .seconds(60))
        #expect(try await house.call("id-request", body, token: token).code == "CE5000")
        house.time.advance(by: .seconds(1))
        #expect(try await house.call("id-request", body, token: token).isSuccess)
        for _ in 0..<140 { _ = try await house.call("id-request", .object(try house.personalRequest()), token: token) }
        let kept = try await house.database.read { try $0.query("SELECT count(*) AS n FROM toss_auth_sessions").first?.integer("n") }
        #expect((kept ?? 0) < 2 * 10 + 2 * 64 + 2)
        #expect(try await house.call("id-request", body, token: token).isSuccess)
    }

    @Test("ordered refusals come with their code: for the next call, for a call of one kind, or for everybody who asks for a number")
    func ordered() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        for (code, status) in [("CE0001", 503), ("CE0002", 503), ("CE1001", 403), ("CE3006", 400), ("CE3200", 400), ("CE3002", 400)] {
            try await house.ask(.post, "/refusals", ["code": .string(code)])
            let answer = try await house.call("id-request", SandboxHouse.oneTouch, token: token)
            #expect(answer.code == code && answer.status == status)
            #expect(await house.rule() == "refusal.ordered")
        }
        let id = try await house.begin(token)
        try await house.move(id, "approve")
        try await house.ask(.post, "/refusals", ["code": "CE0001", "call": "result", "times": 2])
        #expect(try await house.status(id, token).isSuccess)
        for _ in 0..<2 { #expect(try await house.result(id, token).answer.code == "CE0001") }
        #expect(try await house.result(id, token).answer.isSuccess)
        try await house.ask(.post, "/refusals", ["code": "CE3100", "call": "status"])
        #expect(try await house.status(id, token).code == "CE3100")
        try await house.ask(.post, "/refusals", ["code": "CE3000", "phone": "01099998888"])
        for _ in 0..<2 {
            #expect(
                try await house.call("id-request", .object(try house.personalRequest(phone: "01099998888")), token: token).code == "CE3000")
        }
        #expect(try await house.call("id-request", .object(try house.personalRequest()), token: token).isSuccess)
        #expect(try await house.ask(.get, "/refusals")["refusals"]?[0]?["by_phone"] == true)
        #expect(try await house.ask(.delete, "/refusals") == ["deleted": 1])
        for wrong in [[:], ["code": 7], ["code": "CE1", "call": "token"], ["code": "CE1", "phone": "x"], ["code": "CE1", "times": 0]]
            as [JSON]
        {
            #expect(await house.control(.post, "/refusals", wrong).status == 400)
        }
    }

    @Test("codes, statuses and words of every refusal are settings")
    func settings() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        try await house.set([
            "error_codes": ["parameter": "CE0009"], "error_statuses": ["request-unknown": 200], "error_reasons": ["CE0009": "다른 문구"],
        ])
        let answer = try await house.call("id-request", [:], token: token)
        #expect(answer.code == "CE0009" && answer.json["error"]?["reason"] == "다른 문구" && answer.status == 400)
        #expect(try await house.status("none", token).status == 200)
        #expect(await house.control(.post, "/settings", ["error_codes": ["parameters": "CE1"]]).status == 400)
    }

    @Test("status calls are unlimited, or limited by a setting to so many a minute for each client")
    func statusLimit() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let id = try await house.begin(token)
        for _ in 0..<20 { #expect(try await house.status(id, token).isSuccess) }
        try await house.set(["status_limit_per_minute": 3])
        for _ in 0..<3 { #expect(try await house.status(id, token).isSuccess) }
        #expect(try await house.status(id, token).status == 429)
        #expect(await house.rule() == "status.too-often")
        house.time.advance(by: .seconds(60))
        #expect(try await house.status(id, token).isSuccess)
    }

    @Test("what a call has no use for is accepted and warned of; the document's own session keys are recognised")
    func warnings() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let extra: JSON = ["requestType": "USER_NONE", "requestUrl": "intoss://a", "orderId": "7"]
        #expect(try await house.call("id-request", extra, token: token).isSuccess)
        #expect(await house.rule() == "field.unknown")
        var body = try house.personalRequest()
        body["requestType"] = "USER_NONE"
        #expect(try await house.call("id-request", .object(body), token: token).success.members?.count == 2)
        #expect(await house.rule() == "field.ignored")
        #expect(
            try await house.call("id-request", SandboxHouse.oneTouch, token: token, fields: ["Content-Type": "text/plain"]).isSuccess)
        #expect(await house.rule() == "body.content-type")
        let samples = try JSON(PackageFiles.bytes("Providers/TossAuth/Vectors/samples.json")).elements ?? []
        let keys = samples.flatMap { $0["values"]?.elements ?? [] }.filter { $0["member"] == "sessionKey" }.compactMap {
            $0["value"]?.string
        }
        #expect(keys.count == 2)
        for key in keys {
            let answer = try await house.call(
                "id-result", ["txId": "c1ce9214-9878-4751-b433-0c96641b0e13", "sessionKey": .string(key)], token: token)
            #expect(answer.code == "CE5000")
            #expect(await house.rule() == "session.published-sample")
        }
        // The request of the document works as it is printed, as often as it is sent, but with test credentials only and to the letter.
        var published: JSON.Members = [
            "requestType": "USER_PERSONAL", "requestUrl": "intoss://my-granite-app", "triggerType": "APP_SCHEME",
        ]
        for value in samples[0]["values"]?.elements ?? [] { published[value["member"]?.string ?? ""] = value["value"] }
        for _ in 0..<2 { #expect(try await house.call("id-request", .object(published), token: token).isSuccess) }
        #expect(await house.rule() == "request.published-sample")
        let live = try await house.token(try await house.makeTenant("shop").live)
        #expect(try await house.call("id-request", .object(published), token: live).code == "CE5000")
        published["userName"] = published["userPhone"]
        #expect(try await house.call("id-request", .object(published), token: token).code == "CE5000")
    }

    @Test("a session that only bears the id of a published sample is judged by what is wrong with it")
    func sampleByWholeText() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let samples = try JSON(PackageFiles.bytes("Providers/TossAuth/Vectors/samples.json")).elements ?? []
        let key = try #require(
            samples.flatMap { $0["values"]?.elements ?? [] }.first { $0["member"] == "sessionKey" }?["value"]?.string)
        let parts = key.split(separator: "$").map(String.init)
        try #require(parts.count == 3)
        let own = Base64.encode(SeededRandom(seed: 9).bytes(512))
        let answer = try await house.call(
            "id-result", ["txId": "c1ce9214-9878-4751-b433-0c96641b0e13", "sessionKey": .string("\(parts[0])$\(parts[1])$\(own)")],
            token: token)
        #expect(answer.code == "CE5000")
        let rule = await house.rule() ?? ""
        #expect(rule.hasPrefix("session.") && rule != "session.published-sample", "\(rule)")
    }

    @Test("a path that is none says what was meant; of the signing of documents, that it is another product which is not here")
    func paths() async throws {
        let house = try await SandboxHouse()
        func words(_ path: String) async -> (ko: String, en: String) {
            _ = await house.send(.post, "/toss-auth\(path)")
            let verdict = await house.latest()["verdict"]
            #expect(verdict?["rule"] == "call.unknown")
            return (verdict?["reason"]?["ko"]?.string ?? "", verdict?["reason"]?["en"]?.string ?? "")
        }
        for call in ["request", "status", "result"] {
            let said = await words("/api/v2/sign/doc/\(call)")
            #expect(!said.en.contains("/id/") && said.en.contains("electronic signatures") && said.ko.contains("전자서명"))
        }
        #expect(await words("/api/v1/sign/user/auth/id/status").en.contains("/api/v2/sign/user/auth/id/status was probably meant"))
    }

    @Test("unknown members whose names may not be shown are counted")
    func unshowableNames() async throws {
        let house = try await SandboxHouse()
        let token = try await house.token()
        let body: JSON = ["requestType": "USER_NONE", "requestUrl": "intoss://a", "홍길동": "1", "010-1234-5678": "1"]
        #expect(try await house.call("id-request", body, token: token).isSuccess)
        #expect(await house.rule() == "field.unknown")
        let reason = await house.latest()["verdict"]?["reason"]
        #expect(reason?["ko"]?.string?.contains("2개") == true && reason?["en"]?.string?.contains("2 ") == true)
        #expect(!(reason?.text ?? "").contains("홍길동") && !(reason?.text ?? "").contains("1234"))
    }
}
