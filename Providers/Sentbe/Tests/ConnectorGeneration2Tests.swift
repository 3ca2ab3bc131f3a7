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
}
