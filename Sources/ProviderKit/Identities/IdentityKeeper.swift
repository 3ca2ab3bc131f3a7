internal import Base
internal import Cryptography
public import Transport

/// Keeps the client certificates of one connection: checks them, presents the right one, watches their files, and lets a new one take over
/// without a failed call.
///
/// It is a network itself: what is sent through ``exchange`` presents whatever is right at that moment, also when the call has waited in between.
/// Calls pay one short lock and two atomic counts for that. ``run()`` watches the files; without it, ``reload()`` still works.
public final class IdentityKeeper: HTTPExchange {
    /// One content that a pair's files had, ready to be presented.
    struct Holding {
        var identity: PresentedIdentity
        var slot: Int
        /// Why the provider refused it in a trial, or why it could not be tried.
        var trialResult: TrialResult?
    }

    /// What is known about the files of one pair.
    struct Sight {
        var watch = IdentityWatch()
        /// The findings about what the files hold now.
        var check: IdentityCheck?
    }

    struct State {
        var plan: IdentityPlan
        var sights: [Sight]
        var holdings: [IdentityPlan.Name: Holding] = [:]
        var trialTask: Task<Void, Never>?
        var trialWaiters: [CheckedContinuation<Void, Never>] = []
        /// When what is presented was last changed.
        var changedAt: Duration?
    }

    let pairs: [IdentityPair]
    let customs: IdentityCustoms
    let source: any SettingsSource
    let network: any IdentityPresenting
    let time: any TimeSource
    let instruments: IdentityInstruments
    let state: Locked<State>
    /// What calls present. A lock of its own, taken within `state`'s where both are, so that no call waits for a file.
    let presented: Locked<PresentedIdentity?> = Locked(nil)

    /// A keeper of the pairs that the settings of a connection name.
    ///
    /// - Parameters:
    ///   - settings: The connection's; ``IdentityPair/settingNames`` are read.
    ///   - environment: What the connector was given. Without a network for certificates (a check of the settings) every pair must be good;
    ///     with one, the gateway starts as soon as one of them is.
    ///   - customs: What the connector knows of its provider.
    /// - Throws: ``ConfigurationError`` naming the line of a pair that cannot be used.
    public convenience init(
        settings: Settings, environment: ConnectorEnvironment, customs: IdentityCustoms
    ) throws(ConfigurationError) {
        let pairs = try IdentityPair.all(in: settings)
        guard !pairs.isEmpty else {
            throw settings.error(
                "\"certificate\"와 \"key\" 설정이 필요합니다. 제공사 콘솔에서 발급받은 두 파일을 지정하세요.",
                "\"certificate\" and \"key\" are missing: name the two files that the provider's console issued")
        }
        try self.init(pairs: pairs, source: settings.source, environment: environment, customs: customs)
    }

    /// A keeper of these pairs, for a program that has no settings file.
    ///
    /// - Throws: ``ConfigurationError`` when none of the pairs can be used.
    public init(
        pairs: [IdentityPair], source: any SettingsSource, environment: ConnectorEnvironment, customs: IdentityCustoms
    ) throws(ConfigurationError) {
        self.pairs = pairs
        self.customs = customs
        self.source = source
        network = environment.identities ?? NoIdentityNetwork()
        time = environment.time
        instruments = IdentityInstruments(
            connection: environment.connection, subjects: pairs.map(\.subject), log: environment.log, metrics: environment.metrics)
        var policy = IdentityPlan.Policy()
        policy.margin = customs.margin
        state = Locked(
            State(
                plan: IdentityPlan(activeFrom: pairs.map(\.activeFrom), policy: policy), sights: pairs.map { _ in Sight() }))
        look(isAsked: true)
        try verifyStart(mustAllBeGood: environment.identities == nil)
    }

    /// The network that presents the right certificate. Always the same one, and cheap to ask for.
    public var exchange: any HTTPExchange { self }

    /// Looks at the files once more before the first call.
    ///
    /// - Throws: ``ConfigurationError`` when nothing can be presented.
    public func open() async throws(ConfigurationError) {
        look(isAsked: true)
        try verifyStart(mustAllBeGood: false)
    }

    /// Watches the files and the calendar until the task is cancelled.
    public func run() async {
        do {
            while true {
                try await time.sleep(for: look(isAsked: false))
            }
        } catch {
            state.withLock { $0.trialTask }?.cancel()
        }
    }

    // MARK: Calls

    /// Sends a request with the certificate that is right at this moment.
    ///
    /// When the server refuses the certificate before anything was sent, and another takes its place for that, the request goes out with that one.
    /// - Throws: `HTTPExchangeError`, as the network does.
    public func send(
        _ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts
    ) async throws(HTTPExchangeError) -> HTTPResponse {
        let identity = try begin()
        let start = time.uptime
        do throws(HTTPExchangeError) {
            return try await send(request, to: origin, timeouts: timeouts, with: identity)
        } catch {
            guard error.code == .handshakeFailed else { throw error }
            handle(.callRefused(identity.name))
            var rest = timeouts
            rest.total -= time.uptime - start
            guard error.outcome == .notSent, rest.total > .zero else { throw error }
            let other = try begin()
            guard other !== identity else {
                end(other)
                throw error
            }
            return try await send(request, to: origin, timeouts: rest, with: other)
        }
    }

    private func send(
        _ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts, with identity: PresentedIdentity
    ) async throws(HTTPExchangeError) -> HTTPResponse {
        defer { end(identity) }
        let response = try await identity.network.send(request, to: origin, timeouts: timeouts)
        judge(response, identity)
        return response
    }

    private func begin() throws(HTTPExchangeError) -> PresentedIdentity {
        let identity = presented.withLock { presented in
            presented?.callBegan()
            return presented
        }
        guard let identity else {
            throw HTTPExchangeError(.handshakeFailed, outcome: .notSent, message: "there is no certificate to present")
        }
        return identity
    }

    private func end(_ identity: PresentedIdentity) { if identity.callEnded() { handle(.callsEnded(identity.name)) } }

    private func judge(_ response: HTTPResponse, _ identity: PresentedIdentity) {
        guard let verdict = customs.verdict else {
            if identity.isObserved, response.status < 500 { accepted(identity) }
            return
        }
        switch verdict(response) {
        case .accepted: if identity.isObserved { accepted(identity) }
        case .refused: refused(identity)
        case .unclear: break
        }
    }

    private func accepted(_ identity: PresentedIdentity) {
        identity.isObserved = false
        handle(.callAccepted(identity.name))
    }

    private func refused(_ identity: PresentedIdentity) {
        identity.isObserved = true
        handle(.callRefused(identity.name))
    }

    /// Notes that the provider refused a call because of its certificate, for a connector that learns of it later than from the answer.
    ///
    /// It is taken to be about what is presented now, and therefore ignored shortly after a change and while older calls are under way.
    public func refusedByProvider() {
        let now = time.uptime
        let name = state.withLock { state -> IdentityPlan.Name? in
            guard state.plan.draining.isEmpty, let changedAt = state.changedAt, now - changedAt >= .seconds(5) else { return nil }
            return state.plan.presented
        }
        guard let identity = presented.withLock({ $0 }), identity.name == name else { return }
        refused(identity)
    }
}
