import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import Gateway

/// A connector that has a page, and asks what became of a lost call.
private final class AskingConnector: Connector {
    let routes = [Route("pay", .post, "/pay", .movesMoney(enquiry: nil))]
    let deadline = Duration.seconds(5)
    let resolutionLimit = Duration.seconds(60)
    let answer: Reply?
    let asked = Locked<[String]>([])

    init(answer: Reply?) { self.answer = answer }

    func route(of call: Call) -> Route? { call.path == "/pay" ? routes[0] : nil }

    func isPage(_ call: Call) -> Bool { call.path == "/return" && call.method == .post }

    func answerItself(_ call: Call, from peer: HTTPPeer) async throws(CallFailure) -> Reply? {
        guard call.path == "/return" else { return nil }
        var reply = Reply(status: 400, json: ["page": .string(call.fields["Origin"] ?? "program")])
        if call.query == "bad" { reply.fields.append("Bujeol-Outcome", "unverified") }
        return reply
    }

    func prepare(_ call: Call, deadline: Duration) async throws(CallFailure) -> PreparedCall {
        PreparedCall(
            call: call, origin: HTTPOrigin(isSecure: true, host: "provider.example", port: 443),
            context: call.fields["Bujeol-Order"] ?? "order 7", connectTimeout: .seconds(1), readTimeout: .seconds(2))
    }

    func accept(_ reply: Reply, to prepared: PreparedCall, deadline: Duration) async throws(CallFailure) -> Acceptance {
        var reply = reply
        reply.fields.append("Bujeol-Seen", "\(prepared.context ?? "")|\(reply.fields["Bujeol-Forged"] ?? "")")
        return .deliver(reply)
    }

    func resolve(_ failure: CallFailure, of prepared: PreparedCall) async throws(CallFailure) -> Acceptance {
        asked.withLock { $0.append(prepared.context as? String ?? "") }
        if let answer { return .deliver(answer) }
        var failure = failure
        failure.details = ["undone": true]
        throw failure
    }

    func readiness() async -> Readiness { Readiness(isReady: true, reason: BilingualText(korean: "", english: "")) }
}

@Suite("Calls without an answer, and pages")
struct ResolutionTests {
    private func gateway(_ connector: AskingConnector, outcome: HTTPExchangeError.Outcome) -> Gateway {
        let exchange = ScriptedExchange { _, _ in throw HTTPExchangeError(.firstByteTimeout, outcome: outcome, message: "nothing came") }
        return Gateway(connections: ["shop": connector], exchange: exchange, time: SystemTime())
    }

    private func send(_ gateway: Gateway, _ target: String, _ fields: HTTPFields = [:]) async throws -> (HTTPResponse, JSON?) {
        var fields = fields
        fields.append("Host", "127.0.0.1:8700")
        let response = await gateway.respond(to: HTTPRequest(method: .post, target: target, fields: fields), from: peer)
        guard case .bytes(let bytes) = response.body else { return (response, nil) }
        return (response, try? JSON(bytes))
    }

    @Test("A call whose answer is lost is resolved, and what is found out stands in the problem document")
    func undone() async throws {
        let connector = AskingConnector(answer: nil)
        let (response, json) = try await send(gateway(connector, outcome: .unknown), "/shop/pay")
        #expect(response.fields["Bujeol-Outcome"] == "unknown")
        #expect(json?["undone"] == true)
        #expect(connector.asked.withLock { $0 } == ["order 7"])
    }

    @Test("An answer that the enquiry brings is delivered")
    func found() async throws {
        var answer = Reply(status: 200, json: ["paid": true])
        for name in ["Bujeol-Outcome", "Transfer-Encoding", "Connection", "X-Hop", "Bujeol-Seen"] { answer.fields.append(name, "X-Hop") }
        let connector = AskingConnector(answer: answer)
        let (response, json) = try await send(gateway(connector, outcome: .unknown), "/shop/pay")
        #expect(response.fields.values("Bujeol-Outcome") == ["delivered"] && response.fields.contains("Bujeol-Seen"))
        for name in ["Transfer-Encoding", "Connection", "X-Hop"] { #expect(!response.fields.contains(name)) }
        #expect(json?["paid"] == true)
    }

    @Test("A call that never left needs no resolving")
    func notSent() async throws {
        let connector = AskingConnector(answer: nil)
        let (response, _) = try await send(gateway(connector, outcome: .notSent), "/shop/pay")
        #expect(response.fields["Bujeol-Outcome"] == "not-sent")
        #expect(connector.asked.withLock { $0 }.isEmpty)
    }

    @Test("A browser may be led to a declared page from another site, but a script there may not fetch it, and nothing else opens")
    func pages() async throws {
        let gateway = gateway(AskingConnector(answer: nil), outcome: .notSent)
        let navigation: HTTPFields = ["Origin": "https://pay.example", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"]
        let script: HTTPFields = ["Origin": "https://pay.example", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"]
        #expect(try await send(gateway, "/shop/return", navigation).0.fields["Bujeol-Outcome"] == "answered")
        #expect(try await send(gateway, "/shop/return", script).0.status == 403)
        #expect(try await send(gateway, "/shop/pay", navigation).0.status == 403)
    }

    @Test("A connector reads what the caller asks of the gateway, and says what it found; neither goes to the provider or comes from it")
    func ownFields() async throws {
        let exchange = ScriptedExchange { _, _ in HTTPResponse(status: 200, fields: ["Bujeol-Forged": "1", "Bujeol-Seen": "2"]) }
        let gateway = Gateway(connections: ["shop": AskingConnector(answer: nil)], exchange: exchange, time: SystemTime())
        let response = try await send(gateway, "/shop/pay", ["Bujeol-Order": "order 8", "Cookie": "a=b"]).0
        #expect(response.fields.values("Bujeol-Seen") == ["order 8|"])
        #expect(!response.fields.contains("Bujeol-Forged"))
        #expect(exchange.sent[0].request.fields == [:])
    }

    @Test("A connector may be less patient than the gateway, never more")
    func patience() async throws {
        let exchange = ScriptedExchange { _, _ in HTTPResponse(status: 200) }
        let gateway = Gateway(
            connections: ["shop": AskingConnector(answer: nil)], exchange: exchange, time: ManualTime(),
            configuration: Gateway.Configuration(connectTimeout: .milliseconds(500)))
        _ = try await send(gateway, "/shop/pay")
        _ = try await send(gateway, "/shop/pay", ["Bujeol-Deadline": "1500ms"])
        #expect(exchange.sent.map(\.timeouts.connect) == [.milliseconds(500), .milliseconds(500)])
        #expect(exchange.sent.map(\.timeouts.firstByte) == [.seconds(2), .milliseconds(1500)])
        #expect(exchange.sent.map(\.timeouts.total) == [.seconds(5), .milliseconds(1500)])
    }

    @Test("A page learns which site sent the browser")
    func pageOrigin() async throws {
        let gateway = gateway(AskingConnector(answer: nil), outcome: .notSent)
        let navigation: HTTPFields = ["Origin": "https://pay.example", "Sec-Fetch-Mode": "navigate"]
        #expect(try await send(gateway, "/shop/return", navigation).1?["page"] == "https://pay.example")
    }

    @Test("A connector's own answer may carry an outcome of its own")
    func ownOutcome() async throws {
        let gateway = gateway(AskingConnector(answer: nil), outcome: .notSent)
        #expect(try await send(gateway, "/shop/return?bad").0.fields["Bujeol-Outcome"] == "unverified")
    }
}
