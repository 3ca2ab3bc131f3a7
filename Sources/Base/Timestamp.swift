/// A moment of civil time, to the nanosecond, counted from 1970-01-01T00:00:00Z without leap seconds.
///
/// Protocol rules (a token's age, a reservation's hour) are judged on timestamps, so that a test or a tenant can move them.
/// How long something really took is measured with ``TimeSource/uptime`` instead.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Nanoseconds since the epoch; negative before 1970. The range reaches from 1677 to 2262.
    public var nanosecondsSinceEpoch: Int64

    /// A moment given in nanoseconds since the epoch.
    public init(nanosecondsSinceEpoch: Int64) {
        self.nanosecondsSinceEpoch = nanosecondsSinceEpoch
    }

    /// A moment given in whole seconds since the epoch, clamped to the representable range.
    public init(unixSeconds: Int64) {
        let (value, overflow) = unixSeconds.multipliedReportingOverflow(by: 1_000_000_000)
        nanosecondsSinceEpoch = overflow ? (unixSeconds < 0 ? .min : .max) : value
    }

    /// Whole seconds since the epoch, rounded towards the past.
    public var unixSeconds: Int64 {
        let quotient = nanosecondsSinceEpoch / 1_000_000_000
        return nanosecondsSinceEpoch % 1_000_000_000 < 0 ? quotient - 1 : quotient
    }

    /// Whether `left` is earlier than `right`.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.nanosecondsSinceEpoch < right.nanosecondsSinceEpoch
    }

    /// The moment `duration` after `moment`, clamped to the representable range.
    public static func + (moment: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(nanosecondsSinceEpoch: (moment.sinceEpoch + duration).wholeNanoseconds)
    }

    /// The moment `duration` before `moment`, clamped to the representable range.
    public static func - (moment: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(nanosecondsSinceEpoch: (moment.sinceEpoch - duration).wholeNanoseconds)
    }

    /// How much later `left` is than `right`; negative when it is earlier.
    public static func - (left: Timestamp, right: Timestamp) -> Duration {
        left.sinceEpoch - right.sinceEpoch
    }

    /// A `Duration` holds far more than 64 bits of nanoseconds, so nothing overflows or is cut off on the way to a result in range.
    private var sinceEpoch: Duration { .nanoseconds(nanosecondsSinceEpoch) }
}

extension Duration {
    /// The length in nanoseconds, clamped to what 64 bits hold (about 292 years).
    public var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, tooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflow) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return tooLong || overflow ? (seconds < 0 ? .min : .max) : sum
    }

    /// The length in whole seconds, rounded towards zero.
    public var wholeSeconds: Int64 { components.seconds }

    /// The length in seconds as a fraction, for figures that a person or a metric reads.
    public var fractionalSeconds: Double { Double(wholeNanoseconds) / 1e9 }
}
