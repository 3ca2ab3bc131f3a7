import Base
import Cryptography
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import Sentbe

@Suite("Sentbe: a connection of the second generation")
struct ConnectorGeneration2Tests {
    private static let credentials = SecondGenerationCredentials(
        apiKey: Secret("api-key"), hmacSecret: Secret("hmac-secret"), dataSecret: Secret("data-secret"))

    private static func answer(_ code: Int, _ data: JSON) -> HTTPResponse {
        let reply = SentbeGeneration2.Reply(code: .init(rawValue: code), message: "m", data: data)
        let body = (try? reply.body(secret: credentials.dataSecret, salt: [1, 2, 3, 4, 5, 6, 7, 8])) ?? []
        return HTTPResponse(status: 200, fields: ["Content-Type": "application/json"], body: body)
    }

    @Test("A call is encrypted and signed over the very bytes that are sent, and its answer opened")
    func call() async throws {
        for form in SentbeGeneration2.URLForm.allCases {
            let exchange = ScriptedSentbe { _, _ in ConnectorGeneration2Tests.answer(200, ["user_id": "7", "rate": .number("1100.00")]) }
            var credentials = ConnectorGeneration2Tests.credentials
            credentials.urlForm = form
            let house = SentbeHouse(exchange, second: credentials)
            let response = await house.call(.post, "/hanwha/getWebviewId", "{ \"user_id\": \"1001329\" }", ["X-Api-Key": "mine"])
            let sent = try #require(exchange.sent.first)
            #expect(sent.request.target == "/prefix/hanwha/getWebviewId")
            #expect(sent.request.fields.values("x-api-key") == ["api-key"])
            let nonce = try #require(sent.request.fields["x-api-nonce"])
            #expect(nonce == String(house.time.now.unixSeconds))
            let url = form == .path ? "/hanwha/getWebviewId" : "partner.example:443/hanwha/getWebviewId"
            let code = hmacSHA256(Array((nonce + url).utf8) + sent.request.body, key: Array("hmac-secret".utf8))
            #expect(sent.request.fields["x-api-signature"] == Base64.encode(code))
            #expect(try SentbeGeneration2.parameters(sent.request.body, secret: credentials.dataSecret) == ["user_id": "1001329"])
            #expect(!sent.request.fields.contains("SIGNATURE") && !sent.request.fields.contains("PARTNER-ID"))
            #expect(response.result == "success")
            #expect(response.json?["data"] == ["user_id": "7", "rate": .number("1100.00")])
            #expect(response.fields["Content-Length"] == nil)
        }
    }

    @Test("Two pings within one second are two messages, since they carry two nonces")
    func pings() async throws {
        let exchange = ScriptedSentbe { _, _ in ConnectorGeneration2Tests.answer(200, .null) }
        let house = SentbeHouse(exchange, second: ConnectorGeneration2Tests.credentials)
        for _ in 0..<3 { _ = await house.call(.get, "/hanwha/ping") }
        #expect(Set(exchange.sent.compactMap { $0.request.fields["x-api-signature"] }).count == 3)
        #expect(exchange.sent.allSatisfy { $0.request.body.isEmpty })
        #expect(await house.call(.get, "/hanwha/ping?a=1").outcome == "refused")
    }

    @Test("A refusal's code is told; an answer that does not open is unverified, one from elsewhere unreadable")
    func answers() async {
        let exchange = ScriptedSentbe { _, number in
            switch number {
            case 0: ConnectorGeneration2Tests.answer(48, .null)
            case 1: HTTPResponse(status: 200, body: Array("{\"error\":false,\"code\":200,\"message\":\"\",\"data\":\"AAAA\"}".utf8))
            default: HTTPResponse(status: 502, body: Array("<html>".utf8))
            }
        }
        let house = SentbeHouse(exchange, second: ConnectorGeneration2Tests.credentials)
        let refused = await house.call(.post, "/hanwha/checkUser", "{}")
        #expect(refused.result == "fail")
        #expect(refused.fields["Bujeol-Error-Code"] == "48")
        let damaged = await house.call(.post, "/hanwha/checkUser", "{}")
        #expect(damaged.outcome == "unverified")
        let foreign = await house.call(.post, "/hanwha/checkUser", "{}")
        #expect(foreign.result == "unreadable")
        #expect(foreign.bytes == Array("<html>".utf8))
    }

    @Test("There are no callbacks of the first generation here")
    func noCallbacks() async {
        let exchange = ScriptedSentbe { _, _ in ConnectorGeneration2Tests.answer(200, .null) }
        let house = SentbeHouse(exchange, second: ConnectorGeneration2Tests.credentials)
        _ = await house.call(.post, "/callback", "{}")
        #expect(exchange.sent.count == 1)
    }

    /// Sentbe's question for a code, as it would be signed for the gateway's address.
    private func question(
        nonce: Int64, key: String = "api-key", secret: String = "hmac-secret", path: String = "/sentbe/getVerification",
        data: String = "data-secret"
    ) throws -> (body: String, fields: HTTPFields) {
        let sealed = try SentbeGeneration2.seal(Array("{\"user_id\":\"7\"}".utf8), secret: Secret(data), salt: [8, 7, 6, 5, 4, 3, 2, 1])
        let body = SentbeGeneration2.body(sealed)
        let signature = SentbeGeneration2.signature(nonce: String(nonce), url: path, body: body, secret: Secret(secret))
        return (String(decoding: body, as: UTF8.self), ["x-api-key": key, "x-api-nonce": String(nonce), "x-api-signature": signature])
    }

    @Test("Sentbe's question for a verification code is verified, put to the application in clear, and its answer encrypted")
    func verification() async throws {
        let exchange = ScriptedSentbe { _, _ in HTTPResponse(status: 200, body: Array("{\"verification_code\":\"0042\"}".utf8)) }
        let house = SentbeHouse(exchange, application: "/codes", second: ConnectorGeneration2Tests.credentials)
        let now = house.time.now.unixSeconds
        let (body, fields) = try question(nonce: now)
        let response = await house.call(.post, "/getVerification", body, fields)
        #expect(response.status == 200)
        let reply = try SentbeGeneration2.Reply(response.bytes ?? [], secret: Secret("data-secret"))
        #expect(reply.code == .success)
        #expect(reply.data == ["verification_code": "0042"])
        #expect(exchange.sent.map(\.request.target) == ["/codes"])
        #expect(try JSON(exchange.sent[0].request.body) == ["call": "getVerification", "user_id": "7"])
    }

    @Test("A question with a wrong key, signature, path or time is refused with 48 and reaches nobody")
    func forgedQuestions() async throws {
        let exchange = ScriptedSentbe()
        let house = SentbeHouse(exchange, application: "/codes", second: ConnectorGeneration2Tests.credentials)
        let now = house.time.now.unixSeconds
        let forged: [(body: String, fields: HTTPFields)] = [
            try question(nonce: now, key: "api-kez"), try question(nonce: now, secret: "other"),
            try question(nonce: now, path: "/getVerification"),
            try question(nonce: now - 301), try question(nonce: now + 301), try question(nonce: .min), (try question(nonce: now).body, [:]),
        ]
        for (body, fields) in forged {
            let response = await house.call(.post, "/getVerification", body, fields)
            #expect(response.status == 401)
            #expect(try SentbeGeneration2.Reply(response.bytes ?? [], secret: Secret("data-secret")).code == .signatureError)
        }
        let (body, fields) = try question(nonce: now, data: "other")
        #expect(await house.call(.post, "/getVerification", body, fields).status == 400)
        #expect(exchange.sent.isEmpty)
        let right = try question(nonce: now + 300)
        let none = SentbeHouse(exchange, second: ConnectorGeneration2Tests.credentials)
        #expect(await none.call(.post, "/getVerification", right.body, right.fields).status == 503)
        let silent = SentbeHouse(
            ScriptedSentbe { _, _ in HTTPResponse(status: 204) }, application: "/codes", second: ConnectorGeneration2Tests.credentials)
        #expect(await silent.call(.post, "/getVerification", right.body, right.fields).status == 503)
    }
}
