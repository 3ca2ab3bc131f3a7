public import Base
import Synchronization

/// Keeps a provider's limit of calls: lets them through while there is room, has them wait in order when there is none, and turns away at once what could
/// not be sent in time.
///
/// Never more than ``RateLimit/perMinute`` calls are counted in any 60 seconds, whatever the provider's idea of a window is, and whether or not the process was
/// killed in between. A call that is let through holds its place until ``Admission/leave()`` or the release of its admission, and a window longer.
public final class RateLimiter: Sendable {
    /// The limit's name, for metrics and its record.
    public let name: String
    /// What it keeps.
    public let limit: RateLimit
    let time: any TimeSource
    let records: (any RecordKeeper)?
    let log: Log
    let connection: String
    let metrics: RateLimiterMetrics
    let state: Locked<State>

    struct State: Sendable {
        var plan: RateLimiterPlan
        var waiting: [UInt64: CheckedContinuation<WaitingEnd, Never>] = [:]
        /// When the alarm rings; nothing while none is set.
        var alarm: Duration?
        /// Which alarm is the one that counts.
        var alarmNumber = 0
        var alarmTask: Task<Void, Never>?
        var openingBegan = false
        var writing: Task<Void, Never>?
    }

    /// What ends a waiting.
    enum WaitingEnd: Sendable {
        case decided(RateLimiterPlan.Decision)
        case cancelled
    }

    /// A limiter.
    ///
    /// - Parameters:
    ///   - name: The limit's name within its connection, a–z and - only.
    ///   - limit: What to keep.
    ///   - time: The clocks.
    ///   - records: What is kept over a restart; nothing for a limit that begins anew with the process.
    ///   - log: Where failures are written.
    ///   - metrics: Where the fill level, the waiting and the refusals are counted.
    ///   - connection: The connection's name, for metrics and log.
    public init(
        name: String, limit: RateLimit, time: any TimeSource, records: (any RecordKeeper)?, log: Log = .silent,
        metrics: Metrics = Metrics(), connection: String = ""
    ) {
        self.name = name
        self.limit = limit
        self.time = time
        self.records = records
        self.log = log
        self.connection = connection
        self.metrics = RateLimiterMetrics(metrics, connection: connection, name: name, limit: limit)
        state = Locked(State(plan: RateLimiterPlan(limit, isKept: records != nil)))
    }

    /// A limiter of a connection, with its clocks, records, log and metrics.
    public convenience init(name: String, limit: RateLimit, _ environment: ConnectorEnvironment) {
        self.init(
            name: name, limit: limit, time: environment.time, records: environment.records, log: environment.log,
            metrics: environment.metrics, connection: environment.connection)
    }

    /// The admission of one call. Cheap; nothing happens before ``Admission/enter(deadline:)``.
    public func admission(_ lane: Lane) -> any Admission { LimitAdmission(self, lane) }

    /// The provider has refused a call because of its limit: nothing is sent for `length` (from a second to a day), and the pace comes back within a
    /// minute after that.
    public func blocked(for length: Duration) {
        let isNews = change { plan, now in
            defer { plan.blocked(for: length, at: now) }
            return !plan.isBlocked(at: now)
        }
        // Of many calls under way, each may be refused.
        guard isNews else { return }
        metrics.providerBlocked()
        log.warning(
            "the provider takes no calls because of its limit", .word("connection", connection), .word("limit", name),
            .seconds("duration", length))
    }

    /// How many calls the provider may be counting at this moment.
    public var used: Int { change { plan, _ in plan.used } }

    /// How many calls of a lane wait.
    public func waiting(_ lane: Lane) -> Int { state.withLock { $0.plan.waiting(lane) } }

    /// Whether the provider takes nothing at this moment because of its limit.
    public var isBlocked: Bool { change { plan, now in plan.isBlocked(at: now) } }
}

/// The admission of one call; what is released without having left leaves.
final class LimitAdmission: Admission {
    private let limiter: RateLimiter
    let lane: Lane
    /// The number of the call that was let in, until it leaves.
    private let number = Atomic<UInt64>(0)
    /// The number it waits under. Read and written under the limiter's lock.
    let waiter = Atomic<UInt64>(0)

    init(_ limiter: RateLimiter, _ lane: Lane) {
        self.limiter = limiter
        self.lane = lane
    }

    func enter(deadline: Duration) async throws(CallFailure) {
        leave()
        number.store(try await limiter.enter(self, deadline: deadline), ordering: .relaxed)
    }

    func leave() {
        let number = number.exchange(0, ordering: .relaxed)
        if number != 0 { limiter.left(number) }
    }

    deinit { leave() }
}
