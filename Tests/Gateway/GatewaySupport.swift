import Base
import ProviderKit
import TestSupport
import Transport

@testable import Gateway

/// A network that answers by a closure and remembers what was sent.
final class ScriptedExchange: HTTPExchange {
    struct Sent: Sendable {
        var request: HTTPRequest
        var origin: HTTPOrigin
        var timeouts: HTTPTimeouts
    }

    private let state = Locked<[Sent]>([])
    private let answer: @Sendable (HTTPRequest, Int) async throws -> HTTPResponse

    /// `answer` gets the request and how many came before it.
    init(_ answer: @escaping @Sendable (HTTPRequest, Int) async throws -> HTTPResponse) { self.answer = answer }

    var sent: [Sent] { state.withLock { $0 } }

    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        let number = state.withLock { sent in
            sent.append(Sent(request: request, origin: origin, timeouts: timeouts))
            return sent.count - 1
        }
        do {
            return try await answer(request, number)
        } catch {
            throw error as? HTTPExchangeError ?? HTTPExchangeError(.invalidRequest, outcome: .unknown, message: "the test's script failed")
        }
    }
}

/// A connector with one route of each effect whose proof is a number that counts up.
final class NumberedConnector: Connector {
    let routes = [
        Route("look", .get, "/look/{id}", .reads), Route("pay", .post, "/pay", .movesMoney(enquiry: "GET /look/{id}")),
        Route("wish", .post, "/wish", .movesMoney(enquiry: nil)), Route("name", .put, "/name", .repeatable),
    ]
    let deadline: Duration
    let origin = HTTPOrigin(isSecure: true, host: "provider.example", port: 443)
    private let proofs = Locked(0)
    private let failure: CallFailure?
    private let preparation: @Sendable () async -> Void

    init(deadline: Duration = .seconds(30), failure: CallFailure? = nil, preparation: @escaping @Sendable () async -> Void = {}) {
        self.deadline = deadline
        self.failure = failure
        self.preparation = preparation
    }

    func route(of call: Call) -> Route? { RouteTable(routes).route(call.method == .head ? .get : call.method, call.path) }

    func answerItself(_ call: Call, from peer: HTTPPeer) async throws(CallFailure) -> Reply? {
        call.path == "/own" ? Reply(status: 200, json: ["own": true]) : nil
    }

    func prepare(_ call: Call, deadline: Duration) async throws(CallFailure) -> PreparedCall {
        await preparation()
        if let failure { throw failure }
        var call = call
        let proof = proofs.withLock { proofs in
            proofs += 1
            return proofs
        }
        call.fields["Authorization"] = "proof-\(proof)"
        return PreparedCall(call: call, origin: origin, proof: proof)
    }

    func accept(_ reply: Reply, to prepared: PreparedCall, deadline: Duration) async throws(CallFailure) -> Acceptance {
        switch reply.status {
        case 401: return .proveAgain(reply)
        case 599:
            throw CallFailure(
                .answerUnverified, outcome: .unverified, status: 502, message: BilingualText(korean: "검증 실패", english: "not verified"))
        default: return .deliver(reply)
        }
    }

    func readiness() async -> Readiness {
        Readiness(isReady: failure == nil, reason: BilingualText(korean: "상태", english: "state"))
    }
}

/// The caller in every test.
let peer = HTTPPeer(address: "127.0.0.1", port: 50_000)

extension Gateway {
    /// A gateway with one connection, `shop`.
    convenience init(
        _ connector: any Connector = NumberedConnector(), time: any TimeSource = ManualTime(), hosts: [String] = [],
        exchange: @escaping @Sendable (HTTPRequest, Int) async throws -> HTTPResponse = { _, _ in
            HTTPResponse(status: 200)
        }
    ) {
        self.init(
            connections: ["shop": connector], exchange: ScriptedExchange(exchange), time: time, configuration: Configuration(hosts: hosts))
    }

    func get(_ target: String, _ fields: HTTPFields = [:]) async -> HTTPResponse {
        await respond(to: HTTPRequest(method: .get, target: target, fields: fields), from: peer)
    }

    func post(_ target: String, _ fields: HTTPFields = [:], _ body: [UInt8] = []) async -> HTTPResponse {
        await respond(to: HTTPRequest(method: .post, target: target, fields: fields, body: body), from: peer)
    }
}

extension HTTPResponse {
    var json: JSON? { bytes.flatMap { try? JSON($0) } }
    var outcome: String? { fields["Bujeol-Outcome"] }
}
