import Base
public import ProviderKit
public import Transport

/// The caller's half of Toss Auth: takes the person's data in clear, encrypts it, holds the token, reads each result at most twice, and opens it.
///
/// The three calls of a check are carried by ``VerificationCourse``, since a result must be kept before it is delivered; everything else goes through with the token added.
public final class TossAuthConnector: Connector {
    /// The provider's calls but the token's, and the connection's own page.
    public let routes = TossAuthRoutes.all.filter { $0.purpose != .token }.map(\.route) + OwnPages.table.routes
    /// The longest that a call may take altogether. A read of a result that has been sent goes on behind it, and what it brings is kept.
    public var deadline: Duration { configuration.deadline }

    let configuration: Configuration
    let environment: ConnectorEnvironment
    let course: VerificationCourse
    let counters: TossAuthCounters
    private let exchange: any HTTPExchange

    /// What a call must not carry to the provider: the caller's own proof, and what a browser or a proxy would add.
    private static let ownToCaller = HTTPFieldNames(["authorization", "proxy-authorization", "cookie", "cookie2"])

    /// A connector of one client.
    ///
    /// - Throws: ``TossAuthError`` with `misconfigured` where credentials, key and place do not belong together; `TLSError` where the trusted certificates cannot be used.
    init(_ configuration: Configuration, environment: ConnectorEnvironment) throws {
        self.configuration = configuration
        self.environment = environment
        var exchange = environment.exchange
        if let trust = configuration.trust, let network = environment.identities {
            exchange = try network.exchange(presenting: nil, trusting: trust)
        }
        self.exchange = exchange
        counters = TossAuthCounters(environment.connection, environment.metrics)
        let tokens = TokenKeeper(
            credentials: configuration.credentials, exchange: exchange, time: environment.time,
            connectTimeout: configuration.options.connectTimeout, readTimeout: configuration.options.readTimeout,
            observer: TokenObserver(connection: environment.connection, log: environment.log, metrics: environment.metrics))
        // After a new client secret, what was kept under the old one cannot be opened any more: it is no secret that others know. Nor is what a sandbox gave out ever taken for the real thing.
        let records = SealedRecords(
            environment.records, secret: configuration.credentials.clientSecret,
            purpose: configuration.place.sealingPurpose(of: configuration.credentials), random: environment.random)
        course = try VerificationCourse(
            tokens: tokens, place: configuration.place, key: configuration.key, exchange: exchange, time: environment.time,
            random: environment.random, records: records, options: configuration.options, log: environment.log)
    }

    /// The row for a call; `HEAD` counts as `GET`.
    public func route(of call: Call) -> Route? {
        let method = call.method == .head ? HTTPMethod.get : call.method
        if let route = OwnPages.table.route(method, call.path) { return route }
        return TossAuthRoutes.row(method, call.path).flatMap { $0.purpose == .token ? nil : $0.route }
    }

    /// Answers what is asked about a check here, but for one who waits; refuses a call for a token, which nobody needs behind the gateway.
    public func answerItself(_ call: Call, from peer: HTTPPeer) async throws(CallFailure) -> Reply? {
        if TossAuthRoutes.row(call.method, call.path)?.purpose == .token { throw .tokensAreOurs }
        guard OwnPages.isBelow(call.path) else { return nil }
        try prove(call)
        switch try OwnPages.Question(call) {
        case .state(let txID, wait: nil): return try await state(of: txID)
        // Waiting takes the time that the caller has; that is known behind this door only.
        case .state: return nil
        case .forget(let txID): return try await forget(txID)
        }
    }

    /// Carries the three calls of a check, and one who waits for its next step.
    public func carry(_ call: Call, deadline: Duration) async throws(CallFailure) -> Reply? {
        if OwnPages.isBelow(call.path) {
            guard case .state(let txID, let wait?) = try OwnPages.Question(call) else { return nil }
            return try await state(of: txID, afterWaiting: wait, deadline: deadline)
        }
        guard let row = TossAuthRoutes.row(call.method, call.path), [.request, .status, .result].contains(row.purpose) else { return nil }
        try prove(call)
        return try await carry(call, row, deadline: deadline)
    }

    /// Adds the access token, in the place of whatever the caller sent there.
    public func prepare(_ call: Call, deadline: Duration) async throws(CallFailure) -> PreparedCall {
        try prove(call)
        let token = try await course.tokens.token(deadline: deadline)
        let name = route(of: call)?.name
        var call = call
        call.fields.removeAll(TossAuthConnector.ownToCaller)
        call.fields.append("Authorization", secret: token.secret.withBytes { Secret(Array("Bearer ".utf8) + $0) })
        call.path = configuration.place.pathPrefix + call.path
        return PreparedCall(
            call: call, origin: configuration.place.service, proof: token.generation, context: name,
            connectTimeout: configuration.options.connectTimeout,
            readTimeout: configuration.options.readTimeout, exchange: exchange)
    }

    /// Delivers every answer as it is, and says what its envelope says. After CE1000 it first asks, once, for a newer token.
    public func accept(_ reply: Reply, to prepared: PreparedCall, deadline: Duration) async throws(CallFailure) -> Acceptance {
        let name = prepared.context as? String
        switch TossAuthEnvelope.read(reply.body) {
        case .success?: return .deliver(told(reply, name, .success))
        case .refusal(let refusal)?:
            if refusal.code == .tokenInvalid, await course.tokens.hasNewer(than: prepared.proof, deadline: deadline) {
                return .proveAgain(told(reply, name, .fail, refusal.code))
            }
            return .deliver(told(reply, name, .fail, refusal.code))
        case nil: return .deliver(told(reply, name, .unknown))
        }
    }

    /// Whether a token is held or can be had; fetches one when none is.
    public func readiness() async -> Readiness { await course.tokens.readiness(deadline: min(deadline, .seconds(10))) }

    /// Looks at what an earlier life of the gateway has left: requests that were cut off are told to the log. Their checks expire by themselves.
    public func open() async throws(ConfigurationError) {
        do throws(TossAuthError) {
            let left = try await course.pendingRequests().count
            if left > 0 {
                environment.log.warning(
                    "requests were cut off before their answers came", .word("connection", environment.connection), .count("requests", left)
                )
            }
        } catch {
            environment.log.warning(
                "what was kept cannot be opened; was it kept under another client secret, id or base?",
                .word("connection", environment.connection),
                .word("code", error.code.rawValue))
        }
    }

    /// Waits for its end, and then until no read goes on behind its caller any more: what such a read brings must be kept before the records are closed.
    public func run() async {
        // Nothing ever comes of it but the end that a cancelled task makes.
        let (nothing, source) = AsyncStream<Never>.makeStream()
        for await _ in nothing {}
        source.finish()
        await course.finishReads()
    }

    /// Checks that the caller is one of the gateway's, where that is demanded.
    func prove(_ call: Call) throws(CallFailure) {
        if configuration.requireCaller { try environment.callers.demandProof(of: call) }
    }
}
