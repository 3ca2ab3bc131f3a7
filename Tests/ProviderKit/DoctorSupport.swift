import Base
import Cryptography
import ProviderKit
import TestSupport
import Testing
import Transport

/// A network that is made up, and remembers what was done on it.
final class MadeUpNetwork: DoctorNetwork {
    struct Requests: Sendable {
        var asked: [(request: HTTPRequest, origin: HTTPOrigin)] = []
        var visited: [SocketAddress] = []
        var resolved: [String] = []
        var busy = 0
        var busiest = 0
    }

    let proxy: String?
    let trustsSystem: Bool
    let log = Locked(Requests())
    private let names: [String: NameAnswer]
    private let visits: [String: (AddressVisit.Connection, AddressVisit.Handshake?)]
    private let answer: @Sendable (HTTPRequest, HTTPOrigin) -> Result<HTTPResponse, HTTPExchangeError>

    init(
        names: [String: NameAnswer] = [:], visits: [String: (AddressVisit.Connection, AddressVisit.Handshake?)] = [:],
        proxy: String? = nil, trustsSystem: Bool = true,
        answer: @escaping @Sendable (HTTPRequest, HTTPOrigin) -> Result<HTTPResponse, HTTPExchangeError> = { _, _ in
            .success(HTTPResponse(status: 404))
        }
    ) {
        self.names = names
        self.visits = visits
        self.proxy = proxy
        self.trustsSystem = trustsSystem
        self.answer = answer
    }

    func addresses(of host: String, port: Int, limit: Duration) async -> NameAnswer {
        log.withLock { log in
            log.resolved.append(host)
            log.busy += 1
            log.busiest = max(log.busiest, log.busy)
        }
        await Task.yield()
        log.withLock { log in log.busy -= 1 }
        return names[host] ?? .none
    }

    func visit(_ address: SocketAddress, host: String?, trust: TLSTrust?, identity: TLSIdentity?, limit: Duration) async -> AddressVisit {
        log.withLock { log in log.visited.append(address) }
        let (connection, handshake) = visits[address.host] ?? (.open(after: .milliseconds(3)), nil)
        return AddressVisit(
            address: address, connection: connection, handshake: handshake, localAddress: connection == .timedOut ? nil : "10.0.0.5")
    }

    func ask(
        _ request: HTTPRequest, of origin: HTTPOrigin, trust: TLSTrust?, identity: TLSIdentity?, limit: Duration
    ) async -> Result<HTTPResponse, HTTPExchangeError> {
        log.withLock { log in log.asked.append((request, origin)) }
        return answer(request, origin)
    }
}

/// A connector that calls places and says things about itself.
struct PlacedConnector: Connector {
    let routes: [Route] = []
    let deadline: Duration = .seconds(1)
    var outbound: [OutboundRule]
    var own: [DoctorFinding] = []

    func route(of call: Call) -> Route? { nil }
    func answerItself(_ call: Call, from peer: HTTPPeer) async throws(CallFailure) -> Reply? { nil }
    func prepare(_ call: Call, deadline: Duration) async throws(CallFailure) -> PreparedCall {
        PreparedCall(call: call, origin: HTTPOrigin(isSecure: true, host: "api.example", port: 443))
    }
    func accept(_ reply: Reply, to prepared: PreparedCall, deadline: Duration) async throws(CallFailure) -> Acceptance { .deliver(reply) }
    func readiness() async -> Readiness { Readiness(isReady: true, reason: BilingualText(korean: "", english: "")) }
    func examine(_ time: any TimeSource) async -> [DoctorFinding] { own }
}

let calls = BilingualText(korean: "호출", english: "calls")
let api = HTTPOrigin(isSecure: true, host: "api.example", port: 443)

func socket(_ host: String, _ port: Int = 443) -> SocketAddress {
    SocketAddress(numericHost: host, port: port) ?? { preconditionFailure("no address: \(host)") }()
}

extension [DoctorFinding] {
    func only(_ check: DoctorFinding.Check) -> [DoctorFinding] { filter { $0.check == check } }
    var worst: DoctorFinding.Severity { map(\.severity).max() ?? .good }
    var text: String { map { "\($0.severity) \($0.check.rawValue) \($0.subject): \($0.message.english)" }.joined(separator: "\n") }
}
