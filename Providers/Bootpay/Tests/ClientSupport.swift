import Base
import BootpaySandbox
import ProviderKit
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport

/// The real Bootpay sandbox as a network: in one process, on the simulated clock, with latency.
final class SandboxNetwork: HTTPExchange {
    let sandbox: BootpaySandbox
    private let simulation: Simulation
    private let counts = Locked<[String: Int]>([:])

    private struct Clocks: TenantClocks {
        var simulation: Simulation
        var ahead: Duration

        func now(_ tenant: TenantID) -> Timestamp { simulation.now + ahead }
    }

    private struct Nowhere: HTTPExchange {
        func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
            throw HTTPExchangeError(.connectionRefused, outcome: .notSent, message: "no webhooks here")
        }
    }

    /// - Parameter ahead: How far the sandbox's clock is ahead of the simulation's.
    init(_ simulation: Simulation, ahead: Duration = .zero) async throws {
        self.simulation = simulation
        let database = try Database(.memory, executor: simulation)
        sandbox = try await BootpaySandbox(
            environment: SandboxEnvironment(
                database: database, clocks: Clocks(simulation: simulation, ahead: ahead), random: SeededRandom(seed: 7),
                exchange: Nowhere(), publicBase: { "http://127.0.0.1:8600/bootpay" }))
        _ = try await sandbox.createTenant(.demo, settings: [:])
    }

    /// How many calls were answered, by path or by status.
    func count(_ what: String) -> Int { counts.withLock { $0[what] ?? 0 } }

    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        let latency = Duration.milliseconds(10 + (count("calls") * 37) % 190)
        try? await simulation.sleep(for: latency / 2)
        let source = CallSource(peer: HTTPPeer(address: "127.0.0.1", port: 40_000), host: origin.host)
        let reply = await sandbox.respond(to: Call(request), from: source).reply
        counts.withLock { counts in
            for what in ["calls", request.target, "status \(reply.status)"] { counts[what, default: 0] += 1 }
        }
        try? await simulation.sleep(for: latency / 2)
        return reply.response
    }

    /// A call of the control API; its body.
    func control(_ method: HTTPMethod, _ path: String, _ body: JSON) async throws -> JSON {
        let call = Call(method: method, path: path, fields: ["Content-Type": "application/json"], body: body.bytes)
        let reply = try #require(await sandbox.control(call, tenant: .demo))
        try #require((200...299).contains(reply.status), "\(String(decoding: reply.body, as: UTF8.self))")
        return try JSON(reply.body)
    }

    /// Makes a payment and gives its receipt's id.
    func pay(_ payment: JSON = [:]) async throws -> String {
        try #require(try await control(.post, "/payments", payment)["receipt_id"]?.string)
    }
}

/// A network that answers by a closure and counts.
final class ScriptedNetwork: HTTPExchange {
    private let answer: @Sendable (HTTPRequest) throws -> HTTPResponse
    private let log = Locked<[HTTPRequest]>([])

    init(_ answer: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse) { self.answer = answer }

    /// Answers every call but the token call by the closure.
    convenience init(afterToken answer: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse) {
        self.init { request in
            guard request.target == "/request/token" else { return try answer(request) }
            let body = #"{"status":200,"code":0,"message":"","data":{"token":"t0ken","server_time":1767225600,"expired_at":1767227400}}"#
            return HTTPResponse(status: 200, body: Array(body.utf8))
        }
    }

    /// What was sent, token calls left out.
    var calls: [HTTPRequest] { log.withLock { $0.filter { $0.target != "/request/token" } } }
    /// How many token calls there were.
    var tokenCalls: Int { log.withLock { $0.count { $0.target == "/request/token" } } }

    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        log.withLock { $0.append(request) }
        do {
            return try answer(request)
        } catch {
            throw error as? HTTPExchangeError ?? HTTPExchangeError(.invalidRequest, outcome: .unknown, message: "the test's script failed")
        }
    }
}
