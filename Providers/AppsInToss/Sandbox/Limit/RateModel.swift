import Base

/// How calls within a minute are counted. The documents name a number and no way of counting, so there are three.
enum RateModelKind: String, Sendable, CaseIterable {
    /// The minutes of the clock: the count begins anew at every full minute.
    case fixedMinute = "fixed-minute"
    /// The latest 60 seconds, wherever they begin.
    case slidingMinute = "sliding-minute"
    /// A bucket that holds a minute's worth and fills evenly.
    case tokenBucket = "token-bucket"
}

/// A counter of calls: a value that is asked before each call. A clock that was put back begins it anew.
protocol RateModel: Sendable {
    /// Whether there is room for one more call at `now`; then it has been counted.
    mutating func admits(at now: Timestamp) -> Bool
    /// How long after `now` there will be room for one more call; zero when there is.
    mutating func wait(at now: Timestamp) -> Duration
    /// How many calls count at `now`.
    mutating func used(at now: Timestamp) -> Int64
}

extension RateModelKind {
    /// A counter in which nothing was counted yet.
    func model(perMinute limit: Int64) -> any RateModel {
        switch self {
        case .fixedMinute: FixedMinute(limit: limit)
        case .slidingMinute: SlidingMinute(limit: limit)
        case .tokenBucket: TokenBucket(limit: limit)
        }
    }
}

private let minute: Int64 = 60_000_000_000

/// At most `limit` calls between one full minute of the clock and the next. At the turn of a minute twice as many may pass within a moment.
struct FixedMinute: RateModel {
    let limit: Int64
    private var current = Int64.min
    private var count: Int64 = 0

    init(limit: Int64) { self.limit = limit }

    private mutating func turn(_ now: Timestamp) {
        let number = now.unixSeconds >= 0 ? now.unixSeconds / 60 : (now.unixSeconds - 59) / 60
        guard number != current else { return }
        current = number
        count = 0
    }

    mutating func admits(at now: Timestamp) -> Bool {
        turn(now)
        guard count < limit else { return false }
        count += 1
        return true
    }

    mutating func wait(at now: Timestamp) -> Duration {
        turn(now)
        guard count >= limit else { return .zero }
        return Timestamp(unixSeconds: (current + 1) * 60) - now
    }

    mutating func used(at now: Timestamp) -> Int64 {
        turn(now)
        return count
    }
}

/// At most `limit` calls in any 60 seconds. A call counts from its own moment to just before the same moment of the next minute.
struct SlidingMinute: RateModel {
    let limit: Int64
    /// The moments of the calls that count, oldest first from `first` on.
    private var moments: [Int64] = []
    private var first = 0

    init(limit: Int64) { self.limit = limit }

    private mutating func forget(_ now: Timestamp) {
        let now = now.nanosecondsSinceEpoch
        if let last = moments.last, last > now {
            moments.removeAll(keepingCapacity: true)
            first = 0
        }
        let (oldest, overflow) = now.subtractingReportingOverflow(minute)
        while first < moments.count, !overflow, moments[first] <= oldest { first += 1 }
        // Moved to the front seldom enough that each call pays for one move only.
        if first > 64, first * 2 > moments.count {
            moments.removeFirst(first)
            first = 0
        }
    }

    private var count: Int64 { Int64(moments.count - first) }

    mutating func admits(at now: Timestamp) -> Bool {
        forget(now)
        guard count < limit else { return false }
        moments.append(now.nanosecondsSinceEpoch)
        return true
    }

    mutating func wait(at now: Timestamp) -> Duration {
        forget(now)
        guard count >= limit else { return .zero }
        guard limit > 0 else { return .nanoseconds(minute) }
        // The oldest goes first; should the limit have been lowered, more than one has to go.
        let leaving = moments[first + Int(count - limit)]
        return .nanoseconds(leaving + minute - now.nanosecondsSinceEpoch)
    }

    mutating func used(at now: Timestamp) -> Int64 {
        forget(now)
        return count
    }
}

/// A bucket of `limit` tokens that fills with `limit` tokens a minute, evenly. After a rest, nearly twice `limit` calls may pass within a minute.
struct TokenBucket: RateModel {
    let limit: Int64
    /// In parts of a token: a token is as many parts as a minute has nanoseconds, so that a nanosecond brings exactly `limit` parts.
    private var parts: Int64
    private var latest: Timestamp?

    /// - Parameter limit: At most ``RateModelBounds/largest``, so that a full bucket fits 64 bits.
    init(limit: Int64) {
        self.limit = limit
        parts = limit * minute
    }

    private mutating func fill(_ now: Timestamp) {
        defer { latest = now }
        guard let latest else { return }
        let elapsed = (now - latest).wholeNanoseconds
        // Put back, or away for so long that the bucket is full.
        guard elapsed >= 0, elapsed < minute else {
            parts = limit * minute
            return
        }
        parts = min(limit * minute, parts + elapsed * limit)
    }

    mutating func admits(at now: Timestamp) -> Bool {
        fill(now)
        guard parts >= minute else { return false }
        parts -= minute
        return true
    }

    mutating func wait(at now: Timestamp) -> Duration {
        fill(now)
        guard parts < minute else { return .zero }
        guard limit > 0 else { return .nanoseconds(minute) }
        return .nanoseconds((minute - parts + limit - 1) / limit)
    }

    mutating func used(at now: Timestamp) -> Int64 {
        fill(now)
        return (limit * minute - parts + minute - 1) / minute
    }
}

/// What a limit may be.
enum RateModelBounds {
    /// The highest limit a minute: above it the bucket's arithmetic would leave 64 bits.
    static let largest: Int64 = 1_000_000
}
