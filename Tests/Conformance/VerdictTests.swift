import Base
import Bootpay
import ProviderKit
import TestSupport
import Testing
import Transport

@Suite("Verdicts, as GET /-/requests shows them")
struct VerdictTests {
    @Test("Each kind of refusal says only what Bootpay says, and the log says which rule it was and how to mend it, in Korean and English")
    func refusals() async throws {
        try await RunningHouse.run { house in
            let token = try #require(try await house.askForToken()["token"]?.string)
            try await house.control(.put, "bootpay/settings", ["partial_cancel_guard": true])
            let receipt = try await house.pay()
            let small = try await house.pay()
            let account = try await house.pay(["price": 10_000, "method": "vbank", "status": 1])
            func call(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil, token: String? = token) async throws -> RunningHouse.Answer
            {
                try await house.sandbox(method, "/bootpay" + path, body, token: token)
            }
            let partial: JSON = ["receipt_id": .string(receipt), "price": 2000, "cancel_id": "once"]
            #expect(try await call(.post, "/cancel", partial).status == 200)
            let key: JSON = .string(Credentials.demo.applicationID)
            let refused: [(Int, RunningHouse.Answer)] = [
                (401, try await call(.get, "/receipt/x", token: nil)),
                (401, try await call(.get, "/receipt/x", token: String(repeating: "0", count: 64))),
                (401, try await call(.get, "/receipt/x", token: "Bearer " + token)),
                (401, try await call(.post, "/request/token", ["application_id": key, "private_key": "wrong"], token: nil)),
                (401, try await call(.post, "/request/token", ["application_id": "wrong", "private_key": "wrong"], token: nil)),
                (400, try await call(.post, "/request/token", ["application_id": key], token: nil)),
                (404, try await call(.get, "/receipt/0123456789abcdef01234567")),
                (404, try await call(.get, "/cancel")),
                (422, try await call(.post, "/cancel", partial)),
                (422, try await call(.post, "/cancel", ["receipt_id": .string(receipt), "price": 2000])),
                (422, try await call(.post, "/cancel", ["receipt_id": .string(small), "price": 1000])),
                (422, try await call(.post, "/cancel", ["receipt_id": .string(account), "price": 2000])),
                (422, try await call(.post, "/submit", ["receipt_id": .string(receipt)])),
                (400, try await call(.post, "/submit", [:])),
            ]
            let log = try await house.control(.get, "requests?kind=refused&limit=100")["requests"]?.elements ?? []
            try #require(log.count == refused.count, "\(log.count)")
            var rules: Set<String> = []
            for ((status, answer), entry) in zip(refused, log.reversed()) {
                #expect(answer.status == status, "\(answer.text)")
                #expect(answer.json["status"]?.integer == Int64(status) && (answer.json["code"]?.integer ?? 0) < 0)
                #expect(entry["status"]?.integer == Int64(status))
                let verdict = try #require(entry["verdict"])
                for part in ["reason", "remedy"] {
                    // A remedy may be missing where the reason says all.
                    if part == "remedy", verdict[part] == nil { continue }
                    let korean = try #require(verdict[part]?["ko"]?.string, "\(verdict.text)")
                    let english = try #require(verdict[part]?["en"]?.string)
                    #expect(korean.unicodeScalars.contains { (0xAC00...0xD7A3).contains($0.value) }, "\(korean)")
                    #expect(
                        !english.isEmpty && english.unicodeScalars.allSatisfy { !(0xAC00...0xD7A3).contains($0.value) }, "\(english)"
                    )
                    #expect(!answer.text.contains(korean) && !answer.text.contains(english))
                }
                rules.insert(try #require(verdict["rule"]?.string))
            }
            // Each refusal has a rule of its own, but for the two that lack a field and name it in the details.
            #expect(rules.count == refused.count - 1, "\(rules.sorted())")
            // One and the same answer for a wrong key, an unknown id and a foreign address.
            #expect(refused[3].1.text == refused[4].1.text)
            try await house.control(
                .put, "bootpay/applications/\(Credentials.demo.applicationID)/allow-list", ["allow": ["203.0.113.0/24"]])
            let foreign = try await call(
                .post, "/request/token", ["application_id": key, "private_key": .string(Credentials.demo.privateKey)], token: nil)
            #expect(foreign.status == 401 && foreign.text == refused[3].1.text)
            let entry = try await house.control(.get, "requests?limit=1&language=en")["requests"]?[0]
            #expect(entry?["verdict"]?["reason"]?.string?.contains("127.0.0.1") == true, "\(entry?.text ?? "")")
        }
    }
}
