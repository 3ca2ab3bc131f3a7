import Base

/// The verified callbacks of the last hour: which wtids were there before, and where their approvals go.
struct CallbackMemory: Sendable {
    /// How many are remembered.
    static let capacity = 10_000
    /// For how long.
    static let lifetime = Duration.seconds(3600)
    /// For how long the application may fetch a result.
    static let resultLifetime = Duration.seconds(600)

    /// What is remembered of a callback. No personal data.
    struct Arrival: Sendable, Hashable {
        /// The callback's signature, which tells whether another one with the same wtid is the same.
        var signature: String
        /// Where approvals go; nothing for a callback that authenticates no payment.
        var destination: Destination?
    }

    /// Where the approval of an authenticated payment goes.
    enum Destination: Sendable, Hashable {
        /// To this place.
        case base(WPayBase)
        /// Nowhere: the callback named a host that is not allowed.
        case notAllowed
    }

    /// What a callback's wtid turned out to be.
    enum Novelty: Sendable, Hashable {
        /// It was not there before, as far as anybody remembers.
        case new
        /// The very same callback was there before.
        case repeated
        /// Another callback had the same wtid.
        case conflicting
    }

    private var arrivals = RecentTable<Arrival>(capacity: capacity, lifetime: lifetime)
    private var results = RecentTable<[UInt8]>(capacity: capacity, lifetime: resultLifetime)

    /// Takes a verified callback, and keeps its result unless its wtid was there before.
    mutating func take(_ wtid: String, _ arrival: Arrival, result: [UInt8], now: Duration) -> Novelty {
        if let earlier = arrivals.value(wtid, now: now) { return earlier.signature == arrival.signature ? .repeated : .conflicting }
        arrivals.keep(arrival, as: wtid, now: now)
        results.keep(result, as: wtid, now: now)
        return .new
    }

    /// Notes where the approval of a wtid goes that came in another way than by a callback.
    mutating func note(_ wtid: String, _ destination: Destination, now: Duration) {
        arrivals.keep(Arrival(signature: "", destination: destination), as: wtid, now: now)
    }

    /// Whether the callback of a wtid came to this process.
    mutating func knows(_ wtid: String, now: Duration) -> Bool { arrivals.value(wtid, now: now) != nil }

    /// Where the approval of a wtid goes; nothing for one that nobody remembers.
    mutating func destination(of wtid: String, now: Duration) -> Destination? { arrivals.value(wtid, now: now)?.destination }

    /// The result of a callback, as JSON.
    mutating func result(of wtid: String, now: Duration) -> [UInt8]? { results.value(wtid, now: now) }
}
