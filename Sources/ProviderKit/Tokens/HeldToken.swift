public import Base

/// An access token as it was just fetched, with what its provider says of its life.
public struct FetchedToken: Sendable {
    /// The token itself.
    public var secret: Secret
    /// How long it certainly lives, counted from the moment at which the token call was begun: the provider dated it no earlier.
    public var life: Duration
    /// From when on a renewal brings a newer one, counted from the moment at which the reply was there; earlier than its end.
    public var renewAfter: Duration
    /// The provider's clock as the reply tells it, at the middle of the span that its precision leaves open; nothing where replies do not tell it.
    public var providerTime: Timestamp?

    /// A token with its life.
    public init(secret: Secret, life: Duration, renewAfter: Duration, providerTime: Timestamp? = nil) {
        self.secret = secret
        self.life = life
        self.renewAfter = renewAfter
        self.providerTime = providerTime
    }
}

/// A moment by both clocks of this machine.
struct TokenMoment: Sendable, Hashable {
    var civil: Timestamp
    var uptime: Duration

    /// How much time has passed, by the clock that says more: the steady one stands still while a machine is suspended, and the civil one may be set
    /// back. Counting too much only means asking for a token too early.
    static func - (later: TokenMoment, earlier: TokenMoment) -> Duration {
        max(later.civil - earlier.civil, later.uptime - earlier.uptime)
    }
}

/// A token that is held, with what is known of its life.
public struct HeldToken: Sendable {
    /// The token as the provider gave it.
    public let secret: Secret
    /// Which of the keeper's tokens it is, counted from 1; the same token handed out again keeps its number.
    public let generation: Int
    private let fetched: FetchedToken
    private let asked: TokenMoment
    private let received: TokenMoment

    init(_ fetched: FetchedToken, generation: Int, asked: TokenMoment, received: TokenMoment) {
        secret = fetched.secret
        self.fetched = fetched
        self.generation = generation
        self.asked = asked
        self.received = received
    }

    /// How long it certainly still lives; negative when it may be dead.
    func remaining(at now: TokenMoment) -> Duration { fetched.life - (now - asked) }

    /// Whether a renewal can bring a newer one.
    func isDue(at now: TokenMoment) -> Bool { now - received >= fetched.renewAfter }

    /// How far the provider's clock is ahead of this machine's; nothing where the provider does not tell its clock.
    var skew: Duration? {
        fetched.providerTime.map { $0 - (asked.civil + (received.civil - asked.civil) / 2) }
    }
}
