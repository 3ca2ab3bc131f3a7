import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import Gateway

@Suite("What the gateway says when a call fails")
struct FailureTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var code: HTTPExchangeError.Code
        var outcome: HTTPExchangeError.Outcome
        var status: Int
        var problem: String

        var testDescription: String { "\(code.rawValue), \(outcome.rawValue)" }
    }

    @Test(
        "Each way in which the network fails keeps its outcome and gets its status",
        arguments: [
            Case(code: .nameNotFound, outcome: .notSent, status: 502, problem: "provider-unreachable"),
            Case(code: .connectionRefused, outcome: .notSent, status: 502, problem: "provider-unreachable"),
            Case(code: .handshakeFailed, outcome: .notSent, status: 502, problem: "provider-unreachable"),
            Case(code: .proxyRefused, outcome: .notSent, status: 502, problem: "provider-unreachable"),
            Case(code: .connectTimeout, outcome: .notSent, status: 504, problem: "provider-unreachable"),
            Case(code: .connectionLost, outcome: .unknown, status: 502, problem: "provider-unreachable"),
            Case(code: .connectionLost, outcome: .notSent, status: 502, problem: "provider-unreachable"),
            Case(code: .firstByteTimeout, outcome: .unknown, status: 504, problem: "deadline-passed"),
            Case(code: .totalTimeout, outcome: .unknown, status: 504, problem: "deadline-passed"),
            Case(code: .totalTimeout, outcome: .notSent, status: 504, problem: "deadline-passed"),
            Case(code: .malformedResponse, outcome: .unknown, status: 502, problem: "provider-unreachable"),
            Case(code: .responseTooLarge, outcome: .unknown, status: 502, problem: "provider-unreachable"),
            Case(code: .invalidRequest, outcome: .notSent, status: 400, problem: "invalid-call"),
            Case(code: .tooManyWaiting, outcome: .notSent, status: 503, problem: "provider-unreachable"),
            Case(code: .shutDown, outcome: .notSent, status: 503, problem: "shutting-down"),
        ])
    func exchangeErrors(_ failing: Case) async {
        let exchange = ScriptedExchange { _, _ in throw HTTPExchangeError(failing.code, outcome: failing.outcome, message: "gone") }
        let gateway = Gateway(connections: ["shop": NumberedConnector()], exchange: exchange, time: ManualTime())
        let response = await gateway.post("/shop/pay")
        #expect(response.status == failing.status)
        #expect(response.outcome == failing.outcome.rawValue)
        #expect(response.fields["Content-Type"] == "application/problem+json")
        #expect(response.json?["status"]?.integer == Int64(failing.status))
        #expect(response.json?["code"]?.string == failing.problem)
        #expect(response.json?["type"]?.string == "urn:bujeol:problem:\(failing.problem)")
        #expect(response.json?["outcome"]?.string == failing.outcome.rawValue)
        #expect(response.json?["cause"]?.string == failing.code.rawValue)
        #expect(exchange.sent.count == 1)
        // Nothing that a client of the provider would read as the provider's envelope.
        #expect(response.json?["code"]?.integer == nil)
    }

    @Test("After an unknown outcome the enquiry is named for money, and a repeat is called safe for a read")
    func enquiries() async {
        let gateway = Gateway { _, _ in throw HTTPExchangeError(.connectionLost, outcome: .unknown, message: "gone") }
        let pay = await gateway.post("/shop/pay").json
        #expect(pay?["detail"]?.string?.contains("ask GET /look/{id} before repeating") == true)
        #expect(pay?["detail_ko"]?.string?.contains("GET /look/{id}") == true)
        #expect(await gateway.post("/shop/wish").json?["detail"]?.string?.contains("no enquiry") == true)
        #expect(await gateway.post("/shop/elsewhere").json?["detail"]?.string?.contains("no enquiry") == true)
        #expect(await gateway.get("/shop/look/1").json?["detail"]?.string?.contains("safe") == true)
    }

    @Test("A failed proof and an unverified answer keep the connector's words, and a pause becomes Retry-After in whole seconds")
    func connectorFailures() async {
        let failure = CallFailure(
            .proofUnavailable, outcome: .notSent, status: 503, message: BilingualText(korean: "잠시 후", english: "later"), cause: "because",
            retryAfter: .milliseconds(2100))
        let exchange = ScriptedExchange { _, _ in HTTPResponse(status: 599) }
        let gateway = Gateway(
            connections: ["shop": NumberedConnector(failure: failure), "odd": NumberedConnector()], exchange: exchange, time: ManualTime())
        let response = await gateway.get("/shop/look/1")
        #expect(response.status == 503)
        #expect(response.fields["Retry-After"] == "3")
        #expect(response.json?["detail"] == "later")
        #expect(response.json?["cause"] == "because")
        #expect(exchange.sent.isEmpty)
        let unverified = await gateway.get("/odd/look/1")
        #expect(unverified.status == 502)
        #expect(unverified.outcome == "unverified")
    }

    @Test(
        "The detail comes in the language that the caller prefers, and in Korean besides",
        arguments: [
            (nil, "en"), ("ko", "ko"), ("ko-KR,ko;q=0.9,en;q=0.8", "ko"), ("en-US,en;q=0.9,ko;q=0.8", "en"), ("en;q=0.2, ko;q=0.7", "ko"),
            ("de", "en"), ("ko;q=0, en", "en"), ("ko;q=0", "en"), ("*", "en"),
        ] as [(String?, String)])
    func languages(_ accept: String?, _ expected: String) async {
        var fields = HTTPFields()
        fields["Accept-Language"] = accept
        let response = await Gateway().get("/nowhere", fields)
        #expect(response.fields["Content-Language"] == expected)
        #expect((response.json?["detail"] == response.json?["detail_ko"]) == (expected == "ko"))
    }

    @Test("An unknown connection is a 404 that lists the known ones")
    func unknownConnection() async {
        let response = await Gateway().get("/bank/look/1")
        #expect(response.status == 404)
        #expect(response.outcome == "refused")
        #expect(response.json?["code"] == "connection-unknown")
        #expect(response.json?["detail"]?.string?.contains("shop") == true)
    }

    @Test("A draining gateway takes no new call but finishes those under way")
    func draining() async throws {
        let simulation = Simulation()
        try simulation.run {
            let gateway = Gateway(time: simulation) { _, _ in
                try? await simulation.sleep(for: .seconds(2))
                return HTTPResponse(status: 200)
            }
            async let early = gateway.get("/shop/look/1")
            try await simulation.sleep(for: .seconds(1))
            #expect(gateway.callsInFlight == 1)
            gateway.drain()
            let late = await gateway.get("/shop/look/2")
            #expect(late.status == 503)
            #expect(late.outcome == "not-sent")
            #expect(late.fields["Retry-After"] != nil)
            #expect(await gateway.get("/-/ready").status == 503)
            #expect(await gateway.get("/-/health").status == 200)
            #expect(await early.status == 200)
            #expect(gateway.callsInFlight == 0)
        }
    }
}
