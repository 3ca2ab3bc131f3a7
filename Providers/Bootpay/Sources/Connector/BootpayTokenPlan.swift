import Base
import ProviderKit

/// When to use, fetch and renew the one access token of an application. A value: events go in with their moment, actions come out.
///
/// Bootpay hands out the same token until it is 25 minutes old and kills it at 30, so there is one useful moment to renew: as soon as the provider's
/// clock says that five minutes are left. The plan follows the provider's clock, not this machine's: each token reply tells it, and from then on the plan counts on.
/// As Bootpay cuts off fractions of a second, the plan knows the provider's clock only to within a second and the round trip; it assumes the late end
/// of that span when it asks whether a token still lives, and the early end when it asks whether a renewal could bring a new one.
struct BootpayTokenPlan: Sendable {
    /// The figures that the plan goes by.
    struct Rules: Sendable, Hashable {
        /// How long before its end a token is renewed. More than 5 minutes would bring the same token back.
        var renewalMargin: Duration = .seconds(300)
        /// A token is not used for a call in its last moments, since it has to live until the call arrives.
        var transit: Duration = .seconds(1)
        /// The shortest pause before asking again when a renewal brought the same token.
        var renewalSpacing: Duration = .seconds(30)
        /// For how long a token that the provider has just confirmed is not asked for again although calls with it are refused.
        var confirmationMemory: Duration = .seconds(5)
        /// The pause after a first failed fetch; it doubles with each further one.
        var failurePause: Duration = .milliseconds(500)
        /// The longest pause after failed fetches.
        var longestFailurePause: Duration = .seconds(15)
        /// The pause after the provider refused the credentials for the first time; it doubles with each further one.
        var refusalPause: Duration = .seconds(5)
        /// The longest pause after refused credentials.
        var longestRefusalPause: Duration = .seconds(60)
    }

    /// A moment by both clocks of this machine.
    struct Moment: Sendable, Hashable {
        var civil: Timestamp
        var uptime: Duration

        /// How much time has passed, by the clock that says more: the steady one stands still while a machine is suspended, and the civil one may be set
        /// back. Counting too much only means asking for a token too early.
        static func - (later: Moment, earlier: Moment) -> Duration {
            max(later.civil - earlier.civil, later.uptime - earlier.uptime)
        }
    }

    /// A token with what is known of its life.
    struct HeldToken: Sendable {
        /// The token as it goes into `Authorization`.
        var secret: Secret
        /// Which of the plan's tokens it is, counted from 1; the same token handed out again keeps its number.
        var generation: Int
        var serverTime: Timestamp
        var expiresAt: Timestamp
        var asked: Moment
        var received: Moment

        /// How long it certainly still lives; negative when it may be dead.
        func remaining(at now: Moment) -> Duration {
            // The server's clock was read after `asked`, and showed up to a second more than the whole seconds it wrote.
            expiresAt - (serverTime + .seconds(1) + (now - asked))
        }

        /// How far the provider's clock is ahead of this machine's, to within a second.
        var skew: Duration {
            serverTime + .milliseconds(500) - (asked.civil + (received.civil - asked.civil) / 2)
        }
    }

    /// One fetch: which it is, and the credentials to make it with.
    struct Fetch: Sendable {
        var number: Int
        var credentials: BootpayCredentials
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

    /// What to do about a call that was refused with 401.
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

    /// What became of a fetch.
    enum Settlement: Sendable {
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
            case .dropped: .failure(.waitCancelled)
            }
        }
    }

    private(set) var credentials: BootpayCredentials
    private(set) var held: HeldToken?
    private(set) var lastFailure: CallFailure?
    private let rules: Rules
    private var flight: Int?
    private var fetches = 0
    private var generations = 0
    private var failures = 0
    /// Before this moment of `uptime` nothing is asked: a fetch has failed, or has brought the same token.
    private var nextAsk = Duration.zero
    /// Before this moment of `uptime` a refused call is no reason to ask: the provider has just confirmed the token.
    private var confirmedUntil = Duration.zero

    init(credentials: BootpayCredentials, rules: Rules = Rules()) {
        self.credentials = credentials
        self.rules = rules
    }

    /// A call wants a token.
    mutating func tokenWanted(at now: Moment) -> Action {
        if let held, isAlive(held, at: now) {
            if flight == nil, now.uptime >= nextAsk, isDue(held, at: now) { return .useAndFetch(held, begin()) }
            return .use(held)
        }
        if flight != nil { return .wait }
        if let failure = rememberedFailure(at: now) { return .fail(failure) }
        return .fetch(begin())
    }

    /// A call that carried the token of that generation was refused with 401.
    mutating func tokenRefused(generation: Int, at now: Moment) -> RefusalAction {
        if let held, held.generation != generation, isAlive(held, at: now) { return .proveAgain }
        if flight != nil { return .wait }
        if now.uptime < confirmedUntil || rememberedFailure(at: now) != nil { return .deliver }
        return .fetch(begin())
    }

    /// A fetch brought a token.
    mutating func fetchSucceeded(_ fetch: Fetch, _ token: BootpayToken, asked: Moment, at now: Moment) -> Settlement {
        guard fetch.number == flight else { return .dropped }
        flight = nil
        let isSame = held.map { $0.secret == token.token } ?? false
        let candidate = HeldToken(
            secret: token.token, generation: isSame ? generations : generations + 1, serverTime: token.serverTime,
            expiresAt: token.expiresAt, asked: asked, received: now)
        let remaining = candidate.remaining(at: now) - rules.transit
        guard remaining > .zero else { return fail(.deadTokenReceived, at: now) }
        generations = candidate.generation
        held = candidate
        failures = 0
        lastFailure = nil
        // A token that is due for renewal the moment it arrives must not be asked for in a tight loop.
        nextAsk = isDue(candidate, at: now) ? now.uptime + max(.seconds(1), min(rules.renewalSpacing, remaining / 2)) : .zero
        if isSame { confirmedUntil = now.uptime + rules.confirmationMemory }
        return .held(candidate, isNew: !isSame)
    }

    /// A fetch brought no token. One that is held goes on serving for as long as it lives.
    mutating func fetchFailed(_ fetch: Fetch, _ failure: CallFailure, at now: Moment) -> Settlement {
        guard fetch.number == flight else { return .dropped }
        flight = nil
        return fail(failure, at: now)
    }

    /// The configuration names other credentials now. What was fetched with the old ones is dropped.
    ///
    /// - Returns: The fetch that takes the place of one under way; nothing when none was, or the credentials are the same.
    mutating func credentialsReplaced(by new: BootpayCredentials) -> Fetch? {
        guard new != credentials else { return nil }
        credentials = new
        held = nil
        lastFailure = nil
        failures = 0
        nextAsk = .zero
        confirmedUntil = .zero
        return flight == nil ? nil : begin()
    }

    /// What a call that meant to wait gets when no fetch is under way any more; nothing while one is.
    func settledResult(at now: Moment) -> Result<HeldToken, CallFailure>? {
        guard flight == nil else { return nil }
        if let held, isAlive(held, at: now) { return .success(held) }
        return .failure(lastFailure ?? .deadTokenReceived)
    }

    private func isAlive(_ token: HeldToken, at now: Moment) -> Bool { token.remaining(at: now) > rules.transit }

    private func isDue(_ token: HeldToken, at now: Moment) -> Bool {
        // `expired_at` has lost its fraction too, so the token is 25 minutes old for certain only a second later.
        token.serverTime + (now - token.received) >= token.expiresAt - rules.renewalMargin + .seconds(1)
    }

    private func rememberedFailure(at now: Moment) -> CallFailure? {
        guard var failure = lastFailure, now.uptime < nextAsk else { return nil }
        failure.retryAfter = nextAsk - now.uptime
        return failure
    }

    private mutating func begin() -> Fetch {
        fetches += 1
        flight = fetches
        return Fetch(number: fetches, credentials: credentials)
    }

    private mutating func fail(_ failure: CallFailure, at now: Moment) -> Settlement {
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
