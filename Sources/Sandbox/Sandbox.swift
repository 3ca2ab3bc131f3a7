public import Base
public import Cryptography
import ProviderKit
public import SandboxKit
public import Storage
public import Transport

/// The provider's half: services of several providers behind one door, with tenants, clocks, faults and a log of the calls.
///
/// It needs no socket: a test hands requests to ``respond(to:from:)``; a server does the same. Call ``run()`` beside it, so that things
/// happen when they come due by running clocks.
///
/// Where a request goes is told by its host and path. Under a real provider's host name the whole path is the provider's. Under any other
/// name `/<provider>/…` is that provider's, `/-/…` is the control API, and `/` says what is where.
///
/// A call made by a webhook's receiver must not move the clock of, or reset, the tenant whose webhook it is answering: both wait for the webhook.
public final class Sandbox: HTTPHandler {
    let router: Router
    private let guardian: BrowserGuard
    let services: [any SandboxService]
    let handshakes: HandshakeDesk
    let time: any TimeSource
    let log: Log
    private let desk: CallDesk
    private let controlAPI: ControlAPI
    private let index: IndexPage
    private let scheduler: Scheduler

    /// Opens a sandbox: takes up the tenants it had, or makes the demo tenant.
    ///
    /// - Parameters:
    ///   - services: The providers to play, each name once.
    ///   - database: Where state is kept; the sandbox's own tables belong to the owner `sandbox`.
    ///   - time: The machine's clocks.
    ///   - random: Where names of tenants and the services' credentials come from.
    ///   - exchange: The network, for the services' webhooks.
    ///   - log: Where to write what happens.
    ///   - metrics: Where calls are counted.
    ///   - authority: Issues the certificates of servers and callers.
    ///   - files: Each provider's folder of files for the developer.
    ///   - configuration: How the sandbox is set up.
    /// - Throws: `StorageError` when state cannot be opened; what a service throws when it cannot make its data.
    public init(
        services types: [any SandboxService.Type], database: Database, time: any TimeSource, random: any RandomSource,
        exchange: any HTTPExchange, log: Log = .silent, metrics: Metrics = Metrics(), authority: CertificateAuthority? = nil,
        files: @Sendable (_ provider: String) -> (any HandoutFiles)? = { _ in nil }, configuration: SandboxConfiguration
    ) async throws {
        precondition(Set(types.map { $0.provider }).count == types.count, "two services have the same provider's name")
        let clocks = Clocks(time: time)
        let board = AgendaBoard()
        var services: [any SandboxService] = []
        for type in types {
            let provider = type.provider
            let environment = SandboxEnvironment(
                database: database, clocks: clocks, random: random, exchange: exchange, log: log, authority: authority,
                files: files(provider),
                scheduleChanged: { tenant in board.change { $0.scheduleChanged(tenant) } },
                publicBase: { "\(configuration.baseURL())/\(provider)" })
            services.append(try await type.init(environment: environment))
        }
        let turns = Turns()
        let faults = Locked(FaultPlan())
        let requests = RequestLog(capacity: configuration.requestLogCapacity)
        let settlement = Settlement(
            services: services, clocks: clocks, board: board, time: time, log: log, maximumSteps: configuration.maximumClockSteps)
        let tenants = Tenants(
            table: try await TenantTable(database), settlement: settlement, turns: turns, random: random,
            limit: configuration.maximumTenants
        ) { tenant in
            _ = faults.withLock { $0.removeAll(tenant) }
            requests.removeAll(tenant)
        }
        try await tenants.open()

        self.services = services
        self.time = time
        self.log = log
        router = Router(types)
        guardian = BrowserGuard(configuration)
        desk = CallDesk(
            services: services, redactors: services.map { Redactor($0.redactedFields) }, tenants: tenants, clocks: clocks, faults: faults,
            requests: requests, metrics: CallMetrics(metrics, providers: services.map { $0.provider }), time: time)
        handshakes = HandshakeDesk(
            router: router, services: services, tenants: tenants, clocks: clocks, requests: requests, metrics: metrics, time: time)
        controlAPI = ControlAPI(
            services: services, configuration: configuration, tenants: tenants, clocks: clocks, faults: faults, requests: requests,
            metrics: metrics, time: time, started: time.uptime)
        index = IndexPage(services: services, configuration: configuration)
        scheduler = Scheduler(settlement: settlement, turns: turns, clocks: clocks, board: board, time: time)
    }

    /// Has the services do what comes due by running clocks, until the task is cancelled. To be called once.
    public func run() async { await scheduler.run() }

    /// Lines for a person, printed when the sandbox starts, by provider: its demo credentials and what to try.
    ///
    /// - Parameter baseURL: Where the plain port is reached, such as `http://127.0.0.1:8600`.
    public func introductions(baseURL: String) -> [(provider: String, lines: [BilingualText])] {
        services.map { ($0.provider, $0.introduction(baseURL: "\(baseURL)/\($0.provider)")) }
    }

    /// The lines of ``introductions(baseURL:)`` of all providers, one after the other.
    public func introduction(baseURL: String) -> [BilingualText] { introductions(baseURL: baseURL).flatMap { $0.lines } }

    /// Answers a request.
    public func respond(to request: HTTPRequest, from peer: HTTPPeer) async -> HTTPResponse {
        let host = Router.host(request, peer)
        let isSecure = peer.tls != nil
        switch router.destination(request, host: host) {
        case .provider(let place, let call):
            let objection = guardian.objection(
                toProviderCall: request, host: host, isSecure: isSecure, isProviderHost: router.isProviderHost(host),
                isPage: services[place].isPage(call))
            if let objection { return objection.reply.response }
            let source = CallSource(peer: peer, host: host)
            if let tls = peer.tls, tls.clientCertificate == nil, router.demandsCertificate(host) {
                return desk.refuseMisdirected(call, service: place, source: source)
            }
            return await desk.respond(to: call, service: place, source: source)
        case .control(let call):
            if let objection = guardian.objection(request, host: host, isSecure: isSecure, isOpenToLinks: false) {
                return objection.reply.response
            }
            return await controlAPI.respond(to: call).response
        case .index(let call):
            if let objection = guardian.objection(request, host: host, isSecure: isSecure, isOpenToLinks: true) {
                return objection.reply.response
            }
            return index.respond(to: call).response
        case .nobody:
            let names = services.map { "/\($0.provider)/…" }.joined(separator: ", ")
            return ControlError(
                status: 404, korean: "이 주소에는 아무것도 없습니다. 있는 것: /, /-/…, \(names)",
                english: "There is nothing at this address; there are: /, /-/…, \(names)"
            ).reply.response
        }
    }
}
