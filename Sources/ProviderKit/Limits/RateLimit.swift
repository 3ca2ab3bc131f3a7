/// How many calls a provider takes.
public struct RateLimit: Sendable, Hashable {
    /// What no 60-second span may exceed, from 1 to 1,000,000 calls.
    public var perMinute: Int
    /// What no span of one second may exceed, from 1 to ``perMinute`` calls. A sixtieth of ``perMinute`` keeps the calls evenly spread, so that a waiting person
    /// never stands behind a whole minute's worth of others.
    public var perSecond: Int
    /// How many of ``perMinute`` are left to somebody else who calls with the same credentials, such as a second gateway.
    public var reserved: Int
    /// How much longer than the quickest a call may take to arrive although its answer is already known, or its sender does not tell of its answer. It
    /// lengthens the window: 500 ms leave 99.1 % of the limit usable.
    public var transit: Duration

    /// The span over which the provider counts.
    public static let window = Duration.seconds(60)
    /// What is added to the window for clocks that run at slightly different speeds and for providers that count both ends of it.
    public static let drift = Duration.milliseconds(10)

    /// A limit; figures outside of their ranges are taken to the nearest within.
    public init(perMinute: Int, perSecond: Int, reserved: Int = 0, transit: Duration = .milliseconds(500)) {
        self.perMinute = min(max(perMinute, 1), 1_000_000)
        self.perSecond = min(max(perSecond, 1), self.perMinute)
        self.reserved = min(max(reserved, 0), self.perMinute - 1)
        self.transit = min(max(transit, .zero), .seconds(60))
    }

    /// How many calls may be counted at any moment.
    var capacity: Int { perMinute - reserved }

    /// Reads the settings `{ perMinute: 3000, perSecond: 50, reserved: 0, transit: "500ms" }`, each of which may be left out.
    ///
    /// - Parameters:
    ///   - settings: The object; nothing for the standard.
    ///   - standard: What holds for what is left out. A smaller ``perMinute`` alone takes ``perSecond`` down with it.
    /// - Throws: ``ConfigurationError`` naming the setting that is unknown or out of range.
    public init(_ settings: Settings?, standard: RateLimit) throws(ConfigurationError) {
        guard let settings else {
            self = standard
            return
        }
        try settings.allowOnly(["perMinute", "perSecond", "reserved", "transit"])
        let perMinute = try settings.integer("perMinute", in: 1...1_000_000) ?? standard.perMinute
        let perSecond = try settings.integer("perSecond", in: 1...perMinute)
        let reserved = try settings.integer("reserved", in: 0...perMinute - 1) ?? min(standard.reserved, perMinute - 1)
        let transit = try settings.duration("transit") ?? standard.transit
        guard transit <= .seconds(60) else {
            throw settings.error(at: "transit", "\"transit\"은 60s 이하여야 합니다.", "\"transit\" must be at most 60s")
        }
        self.init(
            perMinute: perMinute, perSecond: perSecond ?? min(standard.perSecond, perMinute), reserved: reserved, transit: transit)
    }
}

/// Whom a call serves. Calls for waiting persons go first; while bulk calls wait, they get at least every tenth place.
public enum Lane: String, Sendable, Hashable, CaseIterable {
    /// Somebody waits for the answer.
    case person
    /// Nobody does: a batch, a campaign, a reconciliation.
    case bulk
}
