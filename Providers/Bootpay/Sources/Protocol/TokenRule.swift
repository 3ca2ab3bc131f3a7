public import Base

/// Bootpay's rule for access tokens: the same token is handed out until it is 25 minutes old, then a new one, while the old one lives to its
/// thirtieth minute. So at most two are valid at once, and a freshly fetched token has between 5 and 30 minutes left.
///
/// Source: the published token document. What happens at exactly 25:00 and 30:00 is not documented; here a token of exactly `renewalAge` is replaced and one
/// of exactly `lifetime` is dead.
public struct TokenRule: Sendable, Hashable {
    /// The age from which a new token is handed out instead; 25 minutes.
    public var renewalAge: Duration
    /// The age at which a token dies; 30 minutes.
    public var lifetime: Duration

    /// A rule; the defaults are the documented ones.
    public init(renewalAge: Duration = .seconds(1500), lifetime: Duration = .seconds(1800)) {
        self.renewalAge = renewalAge
        self.lifetime = lifetime
    }

    /// Whether a token first issued at `issued` is still handed out to whoever asks. One from the future is not: the clock was set back, and its
    /// expiry would promise more than the lifetime.
    public func isHandedOut(issued: Timestamp, now: Timestamp) -> Bool {
        let age = now - issued
        return age >= .zero && age < renewalAge
    }

    /// Whether a token first issued at `issued` still opens doors.
    public func isValid(issued: Timestamp, now: Timestamp) -> Bool { now - issued < lifetime }

    /// When a token first issued at `issued` dies, in whole seconds as the reply states it.
    public func expiry(issued: Timestamp) -> Timestamp { Timestamp(unixSeconds: (issued + lifetime).unixSeconds) }
}

/// The tokens of one application as their issuer keeps them: the newest, and the one before it while that lives.
///
/// The sandbox judges calls by it, and the gateway issues its own tokens to callers by it. `Token` is whatever the issuer keeps of a token.
public struct IssuedTokens<Token: Sendable & Hashable>: Sendable, Hashable {
    /// A token with the moment of its first issue.
    public struct Issue: Sendable, Hashable {
        /// The token.
        public var token: Token
        /// When it was issued first.
        public var issued: Timestamp

        /// A token issued at a moment.
        public init(token: Token, issued: Timestamp) {
            self.token = token
            self.issued = issued
        }
    }

    /// What is known of a token that somebody shows.
    public enum Standing: Sendable, Hashable {
        /// It opens doors; `age` since its first issue.
        case valid(age: Duration)
        /// It was issued but has died; `age` since its first issue.
        case expired(age: Duration)
        /// It was never issued, or so long ago that nothing is kept of it.
        case unknown
    }

    /// The newest token.
    public private(set) var current: Issue?
    /// The one before it; kept after its death so that a refusal can say what it was.
    public private(set) var previous: Issue?

    /// No token yet, or what was kept of earlier ones.
    public init(current: Issue? = nil, previous: Issue? = nil) {
        self.current = current
        self.previous = previous
    }

    /// Somebody with the right credentials asked for a token: the newest if it is young enough, otherwise a fresh one.
    ///
    /// - Parameter age: How old a fresh token is said to be already; real callers are often handed an aged one.
    public mutating func tokenRequested(
        now: Timestamp, rule: TokenRule, age: Duration = .zero, makeToken: () -> Token
    ) -> Issue {
        if let current, rule.isHandedOut(issued: current.issued, now: now) { return current }
        previous = current
        let issue = Issue(token: makeToken(), issued: now - age)
        current = issue
        return issue
    }

    /// What `token` is worth at `now`.
    public func standing(of token: Token, now: Timestamp, rule: TokenRule) -> Standing {
        for issue in [current, previous].compactMap({ $0 }) where issue.token == token {
            let age = now - issue.issued
            return rule.isValid(issued: issue.issued, now: now) ? .valid(age: age) : .expired(age: age)
        }
        return .unknown
    }

    /// Forgets every token, as a re-issued key may demand.
    public mutating func revokeAll() {
        current = nil
        previous = nil
    }
}
