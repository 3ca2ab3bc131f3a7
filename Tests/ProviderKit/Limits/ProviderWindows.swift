import Base

/// A provider's idea of a limit, written without a look at the limiter: it counts every call at the moment it arrives, and says whether it takes it.
protocol ProviderWindow {
    mutating func takes(callAt moment: Duration) -> Bool
}

/// Minutes that begin on the minute, or anywhere else.
struct FixedWindow: ProviderWindow {
    let limit: Int
    let offset: Duration
    private var minute = Int.min
    private var count = 0

    init(limit: Int, offset: Duration = .zero) {
        self.limit = limit
        self.offset = offset
    }

    mutating func takes(callAt moment: Duration) -> Bool {
        let current = Int(((moment - offset) / .seconds(60)).rounded(.down))
        if current != minute { (minute, count) = (current, 0) }
        count += 1
        return count <= limit
    }
}

/// The calls of the last sixty seconds, both ends counted.
struct SlidingWindow: ProviderWindow {
    let limit: Int
    private var calls: [Duration] = []
    private var first = 0
    private(set) var most = 0

    init(limit: Int) { self.limit = limit }

    mutating func takes(callAt moment: Duration) -> Bool {
        calls.append(moment)
        while calls[first] < moment - .seconds(60) { first += 1 }
        most = max(most, calls.count - first)
        return calls.count - first <= limit
    }
}

/// A bucket of `limit` tokens, full at first, that fills evenly within a minute.
struct TokenBucket: ProviderWindow {
    let limit: Int
    private var tokens: Double
    private var latest: Duration?

    init(limit: Int) {
        self.limit = limit
        tokens = Double(limit)
    }

    mutating func takes(callAt moment: Duration) -> Bool {
        let passed = (moment - (latest ?? moment)).fractionalSeconds
        latest = moment
        tokens = min(Double(limit), tokens + passed * Double(limit) / 60)
        guard tokens >= 1 - 1e-9 else { return false }
        tokens -= 1
        return true
    }
}
