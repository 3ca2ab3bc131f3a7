import Base

/// What became of a fetch.
enum TokenSettlement: Sendable {
    /// This token is held now; whether it is another one than before.
    case held(HeldToken, isNew: Bool)
    /// No token came.
    case failed(CallFailure)
    /// The credentials were replaced while it was under way: its result counts for nothing, and another fetch is under way.
    case dropped

    /// What those who waited for the fetch are told.
    var result: Result<HeldToken, CallFailure> {
        switch self {
        case .held(let token, _): .success(token)
        case .failed(let failure): .failure(failure)
        case .dropped: .failure(.tokenWaitCancelled)
        }
    }
}

/// When to use, fetch and renew the one access token that belongs to some credentials. A value: events go in with their moment, actions come out.
///
/// How long a token lives and from when on a newer one is to be had is told by whoever fetched it, see ``FetchedToken``; the plan counts on from there by this
/// machine's clocks.
struct TokenPlan<Credentials: Sendable & Equatable>: Sendable {
    /// One fetch: which it is, and the credentials to make it with.
    struct Fetch: Sendable {
        var number: Int
        var credentials: Credentials
    }

    /// What to do with a call that wants a token.
    enum Action: Sendable {
        /// Use this token.
        case use(HeldToken)
        /// Use this token, and fetch the next one in the background.
        case useAndFetch(HeldToken, Fetch)
        /// Fetch a token now; the call waits for it.
        case fetch(Fetch)
        /// Wait for the fetch that is under way.
        case wait
        /// Fail at once: a fetch has just failed, and it is too early for another.
        case fail(CallFailure)
    }

    /// What to do about a call that was refused for its token.
    enum RefusalAction: Sendable {
        /// A newer token exists: proving the call again is worth while.
        case proveAgain
        /// Ask once whether there is a newer token.
        case fetch(Fetch)
        /// The fetch that is under way will tell.
        case wait
        /// No newer token is to be had: the refusal is the answer.
        case deliver
    }

    private(set) var credentials: Credentials
    private(set) var held: HeldToken?
    /// The last token that was given up because a call was refused for it, until another comes.
    private var dropped: HeldToken?
    private(set) var lastFailure: CallFailure?
    private let rules: TokenRules
    private var flight: Int?
    private var fetches = 0
    private var generations = 0
    private var failures = 0
    /// Before this moment of `uptime` nothing is asked: a fetch has failed, or has brought the same token.
    private var nextAsk = Duration.zero
    /// Before this moment of `uptime` a refused call is no reason to ask: the provider has just confirmed the token.
    private var confirmedUntil = Duration.zero

    init(credentials: Credentials, rules: TokenRules) {
        self.credentials = credentials
        self.rules = rules
    }

    /// A call wants a token.
    mutating func tokenWanted(at now: TokenMoment) -> Action {
        if let held, isAlive(held, at: now) {
            if flight == nil, now.uptime >= nextAsk, held.isDue(at: now) { return .useAndFetch(held, begin()) }
            return .use(held)
        }
        if flight != nil { return .wait }
        if let failure = rememberedFailure(at: now) { return .fail(failure) }
        return .fetch(begin())
    }

    /// A call that carried the token of that generation was refused for its token.
    mutating func tokenRefused(generation: Int, at now: TokenMoment) -> RefusalAction {
        if let held, held.generation != generation, isAlive(held, at: now) { return .proveAgain }
        if flight != nil { return .wait }
        if now.uptime < confirmedUntil || rememberedFailure(at: now) != nil { return .deliver }
        if rules.refusedTokenIsDead, let held {
            dropped = held
            self.held = nil
        }
        return .fetch(begin())
    }

    /// A fetch brought a token.
    mutating func fetchSucceeded(_ fetch: Fetch, _ token: FetchedToken, asked: TokenMoment, at now: TokenMoment) -> TokenSettlement {
        guard fetch.number == flight else { return .dropped }
        flight = nil
        let isSame = (held ?? dropped).map { $0.secret == token.secret } ?? false
        let candidate = HeldToken(token, generation: isSame ? generations : generations + 1, asked: asked, received: now)
        let remaining = candidate.remaining(at: now) - rules.transit
        guard remaining > .zero else { return fail(.deadTokenReceived(from: rules.provider), at: now) }
        generations = candidate.generation
        held = candidate
        failures = 0
        lastFailure = nil
        // A token that is due for renewal the moment it arrives must not be asked for in a tight loop.
        nextAsk = candidate.isDue(at: now) ? now.uptime + max(.seconds(1), min(rules.renewalSpacing, remaining / 2)) : .zero
        // Where each fetch brings another token, the one that has just taken a refused one's place counts as confirmed too: who refuses it as well refuses something else.
        if isSame || dropped != nil { confirmedUntil = now.uptime + rules.confirmationMemory }
        dropped = nil
        return .held(candidate, isNew: !isSame)
    }

    /// A fetch brought no token. One that is held goes on serving for as long as it lives.
    mutating func fetchFailed(_ fetch: Fetch, _ failure: CallFailure, at now: TokenMoment) -> TokenSettlement {
        guard fetch.number == flight else { return .dropped }
        flight = nil
        return fail(failure, at: now)
    }

    /// The configuration names other credentials now. What was fetched with the old ones is dropped.
    ///
    /// - Returns: The fetch that takes the place of one under way; nothing when none was, or the credentials are the same.
    mutating func credentialsReplaced(by new: Credentials) -> Fetch? {
        guard new != credentials else { return nil }
        credentials = new
        held = nil
        dropped = nil
        lastFailure = nil
        failures = 0
        nextAsk = .zero
        confirmedUntil = .zero
        return flight == nil ? nil : begin()
    }

    /// What a call that meant to wait gets when no fetch is under way any more; nothing while one is.
    func settledResult(at now: TokenMoment) -> Result<HeldToken, CallFailure>? {
        guard flight == nil else { return nil }
        if let held, isAlive(held, at: now) { return .success(held) }
        return .failure(lastFailure ?? .deadTokenReceived(from: rules.provider))
    }

    private func isAlive(_ token: HeldToken, at now: TokenMoment) -> Bool { token.remaining(at: now) > rules.transit }

    private func rememberedFailure(at now: TokenMoment) -> CallFailure? {
        guard var failure = lastFailure, now.uptime < nextAsk else { return nil }
        failure.retryAfter = nextAsk - now.uptime
        return failure
    }

    private mutating func begin() -> Fetch {
        fetches += 1
        flight = fetches
        return Fetch(number: fetches, credentials: credentials)
    }

    private mutating func fail(_ failure: CallFailure, at now: TokenMoment) -> TokenSettlement {
        let isRefusal = failure.code == .credentialsRefused
        let first = isRefusal ? rules.refusalPause : rules.failurePause
        let longest = isRefusal ? rules.longestRefusalPause : rules.longestFailurePause
        let doubled = first * (1 << min(failures, 16))
        // What the provider itself asks for is honoured, within reason.
        let pause = max(min(doubled, longest), min(failure.retryAfter ?? .zero, .seconds(60)))
        failures += 1
        nextAsk = now.uptime + pause
        var remembered = failure
        remembered.retryAfter = pause
        lastFailure = remembered
        return .failed(remembered)
    }
}
