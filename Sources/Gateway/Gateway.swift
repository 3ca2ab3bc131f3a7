public import Base
public import ProviderKit
import Synchronization
public import Transport

/// The caller's half of every provider behind one address: takes plain calls under `/<connection>/…`, has them proven, sends them, and passes the answers through.
///
/// It knows connectors only, never a provider. It is an ``HTTPHandler``, so it answers behind a server as well as called directly. What it answers on its
/// own account is a problem document (RFC 9457) with a `Bujeol-Outcome` field, which nobody can take for a provider's answer; a provider's answer
/// passes byte for byte with `Bujeol-Outcome: delivered`.
public final class Gateway: HTTPHandler {
    /// What the gateway as a whole is configured with.
    public struct Configuration: Sendable {
        /// Host names besides the loopback's under which callers may address the gateway, without ports.
        public var hosts: [String]
        /// The longest time to have a connection to a provider, TLS included.
        public var connectTimeout: Duration
        /// Who is believed about the address that a call comes from.
        public var trustedProxies: TrustedProxies

        /// A configuration; by default the loopback's names only, 5 seconds to connect, and no proxies.
        public init(
            hosts: [String] = [], connectTimeout: Duration = .seconds(5), trustedProxies: TrustedProxies = TrustedProxies()
        ) {
            self.hosts = hosts
            self.connectTimeout = connectTimeout
            self.trustedProxies = trustedProxies
        }
    }

    let connections: [GatewayConnection]
    let metrics: Metrics
    private let browserGuard: BrowserGuard
    private let trustedProxies: TrustedProxies
    private let broker: Broker
    private let time: any TimeSource
    private let log: Log
    private let inFlight: Gauge
    private let refusals: Counter
    private let draining = Atomic<Bool>(false)

    /// A gateway of these connections.
    ///
    /// - Parameters:
    ///   - connections: The connectors by the names that callers' paths begin with.
    ///   - exchange: The network.
    ///   - time: The clocks.
    ///   - log: Where failures are written.
    ///   - metrics: Where calls are counted; `/-/metrics` shows all of it.
    ///   - configuration: The rest.
    public init(
        connections: [String: any Connector], exchange: any HTTPExchange, time: any TimeSource, log: Log = .silent,
        metrics: Metrics = Metrics(), configuration: Configuration = Configuration()
    ) {
        self.connections = connections.sorted { $0.key < $1.key }.map { GatewayConnection($0.key, $0.value, metrics) }
        self.metrics = metrics
        self.time = time
        self.log = log
        browserGuard = BrowserGuard(hosts: configuration.hosts)
        trustedProxies = configuration.trustedProxies
        broker = Broker(exchange: exchange, time: time, connectTimeout: configuration.connectTimeout)
        inFlight = metrics.gauge("bujeol_gateway_calls_in_flight", help: "Calls that have not been answered yet.")
        refusals = metrics.counter("bujeol_gateway_refusals_total", help: "Requests refused before they met a connection.")
    }

    /// Has every connector take up what it kept over a restart. To be called once, before the first call.
    ///
    /// - Throws: `ConfigurationError` of the first that cannot.
    public func open() async throws(ConfigurationError) {
        for connection in connections { try await connection.connector.open() }
    }

    /// Has the connectors do what is to be done beside the calls, until the task is cancelled. To be called once, after ``open()``.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            for connection in connections { group.addTask { await connection.connector.run() } }
        }
    }

    /// Refuses new calls from now on, with outcome `not-sent`; those under way go on. `/-/ready` says so.
    public func drain() { draining.store(true, ordering: .relaxed) }

    /// Whether ``drain()`` was called.
    public var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// How many calls have not been answered yet.
    public var callsInFlight: Int { Int(inFlight.value) }

    /// Answers one request: a call under a connection's name, or one of the gateway's own pages.
    public func respond(to request: HTTPRequest, from peer: HTTPPeer) async -> HTTPResponse {
        let addressed = addressed(request)
        let failure = browserGuard.refusal(of: request, isPage: addressed.map { $0.0.connector.isPage($0.1) } ?? false)
        if let failure { return refuse(failure, request) }
        guard let (connection, call) = addressed else { return await page(request) }
        if isDraining { return refuse(.draining, request) }
        return await serve(call, connection, request, from: trustedProxies.caller(of: request.fields, from: peer))
    }

    /// Answers a request from outside: a callback or a page of a connection, and nothing else.
    func respond(toOutsider request: HTTPRequest, from peer: HTTPPeer) async -> HTTPResponse {
        guard let (connection, call) = addressed(request) else { return refuse(.nothingHere, request) }
        let isPage = connection.connector.isPage(call)
        guard isPage || connection.connector.isCallback(call) else { return refuse(.nothingHere, request) }
        if let failure = BrowserGuard.refusalOfPage(request, isPage: isPage) { return refuse(failure, request) }
        if isDraining { return refuse(.draining, request) }
        return await serve(call, connection, request, from: trustedProxies.caller(of: request.fields, from: peer))
    }

    private func serve(_ call: Call, _ connection: GatewayConnection, _ request: HTTPRequest, from peer: HTTPPeer) async -> HTTPResponse {
        let started = time.uptime
        inFlight.add(1)
        defer { inFlight.add(-1) }
        let route = connection.connector.route(of: call)
        let instruments = connection.instruments(for: route)
        do throws(CallFailure) {
            if route == nil, let path = PathSpelling.meant(call, connection.connector) { throw .oddlySpelt(path) }
            let (response, isOwn) = try await broker.carry(call, from: peer, route, connection.connector, started: started)
            instruments.answered(response.status, isOwn: isOwn, after: time.uptime - started)
            return response
        } catch {
            let duration = time.uptime - started
            instruments.failed(error.outcome, after: duration)
            log.warning(
                "call failed", .word("connection", connection.name), .word("route", route?.name ?? "unknown"),
                .word("code", error.code.rawValue), .word("outcome", error.outcome.rawValue), .word("cause", error.cause ?? ""),
                .seconds("duration", duration))
            return error.response(to: request)
        }
    }

    /// The connection that a target's first segment names, and the call that is left when that segment is taken away.
    private func addressed(_ request: HTTPRequest) -> (GatewayConnection, Call)? {
        guard let connection = connections.first(where: { $0.isAddressed(by: request.target) }) else { return nil }
        let target = request.target
        let start = target.utf8.index(target.startIndex, offsetBy: connection.name.utf8.count + 1)
        let bytes = target.utf8.span
        let mark = bytes.indices.first { bytes[$0] == UInt8(ascii: "?") }.map { target.utf8.index(target.startIndex, offsetBy: $0) }
        let path = target[start..<(mark ?? target.endIndex)]
        let query = mark.map { String(target[target.utf8.index(after: $0)...]) }
        let call = Call(
            method: request.method, path: path.isEmpty ? "/" : String(path), query: query, fields: request.fields, body: request.body)
        return (connection, call)
    }

    func noteReload() { log.info("looked at the files of all secrets again", .count("connections", connections.count)) }

    func note(_ connection: String, _ finding: ReloadFinding) {
        log.info(
            "reloaded", .word("connection", connection), .word("setting", finding.subject), .word("result", finding.result.rawValue))
    }

    func refuse(_ failure: CallFailure, _ request: HTTPRequest) -> HTTPResponse {
        refusals.add()
        return failure.response(to: request)
    }
}
