/// When which call may be sent: the rules of a ``RateLimiter`` without its clock, its lock and its disk.
///
/// Every moment is an uptime. Moments that come in out of order count as the latest one told so far.
public struct RateLimiterPlan: Sendable {
    /// What becomes of a call that arrives.
    public enum Arrival: Sendable, Equatable {
        /// It may be sent at once; its number is to be told to ``answered(_:at:)``.
        case admitted(UInt64)
        /// It waits, under this number of a waiter.
        case waits(UInt64)
        /// It is not to be sent.
        case refused(LimitRefusal)
    }

    /// What became of a call that waited.
    public enum Decision: Sendable, Equatable {
        /// It may be sent now; the number is to be told to ``answered(_:at:)``.
        case admitted(UInt64)
        /// It is not to be sent.
        case refused(LimitRefusal)
    }

    /// One call in so many is a bulk one while both lanes wait.
    public static let bulkTurn = 10
    /// How long it takes to come back to the full number of calls a second after the provider has blocked.
    static let recovery = Duration.seconds(60)

    /// The limit it keeps.
    public let limit: RateLimit
    private(set) var history: SendHistory
    private var persons = WaitingLane()
    private var bulk = WaitingLane()
    private var nextWaiter: UInt64 = 1
    private var sinceBulk = 0
    /// Not after the deadline of anybody who waits.
    private var earliestDeadline: Duration?
    private var latest = Duration.zero
    /// Until when the provider takes nothing; in the past while the pace still recovers.
    var blockEnd: Duration?
    private(set) var hasEnded = false
    var leases: LeaseBook

    /// A plan for one limit.
    ///
    /// - Parameters:
    ///   - limit: What may be sent.
    ///   - isKept: Whether sends must be covered by a ``LimitLease`` that was made durable before.
    public init(_ limit: RateLimit, isKept: Bool) {
        self.limit = limit
        history = SendHistory(limit)
        leases = LeaseBook(limit, isKept: isKept)
    }

    // MARK: What there is to see

    /// How many calls the provider may be counting.
    public var used: Int { history.used }

    /// How many calls wait.
    public func waiting(_ lane: Lane) -> Int { lane == .person ? persons.count : bulk.count }

    /// Whether the provider has said that it takes nothing.
    public func isBlocked(at now: Duration) -> Bool { blockEnd.map { $0 > now } ?? false }

    /// When ``advanced(to:)`` has something to do by itself; nothing when nobody waits.
    public var nextMoment: Duration? {
        guard let earliestDeadline, !(persons.isEmpty && bulk.isEmpty) else { return nil }
        guard leases.isCovered, !hasEnded else { return earliestDeadline }
        var inSecond = history.nextInSecond(at: latest, bound: pace(at: max(latest, blockEnd ?? latest)))
        if let step = nextStep { inSecond = min(inSecond, step) }
        return min(earliestDeadline, max(history.nextPlace(at: latest), inSecond, blockEnd ?? latest))
    }

    // MARK: What happens

    /// A call has come that wants to be sent before `deadline`.
    ///
    /// - Returns: Its number, to be told to ``answered(_:at:)``, when nobody waits and it may be sent at once; otherwise nothing, and nothing has happened.
    @inline(__always)
    public mutating func admittedAtOnce(deadline: Duration, at moment: Duration) -> UInt64? {
        let now = come(to: moment)
        guard persons.isEmpty, bulk.isEmpty, deadline > now, maySend(at: now) else { return nil }
        return send(at: now)
    }

    /// A call has come that wants to be sent before `deadline`.
    public mutating func arrived(_ lane: Lane, deadline: Duration, at moment: Duration) -> Arrival {
        if let number = admittedAtOnce(deadline: deadline, at: moment) { return .admitted(number) }
        let now = latest
        if let refusal = refusal(lane, deadline: deadline, at: now) { return .refused(refusal) }
        let number = nextWaiter
        nextWaiter += 1
        if lane == .person { persons.arrived(number, deadline: deadline) } else { bulk.arrived(number, deadline: deadline) }
        earliestDeadline = min(earliestDeadline ?? deadline, deadline)
        return .waits(number)
    }

    /// The time has come to be `moment`, or something has changed.
    ///
    /// - Returns: Whose waiting has ended, in the order in which they may be sent.
    public mutating func advanced(to moment: Duration) -> [(waiter: UInt64, decision: Decision)] {
        let now = come(to: moment)
        var decisions = expired(at: now)
        while !(persons.isEmpty && bulk.isEmpty), maySend(at: now), let waiter = takeNext() {
            decisions.append((waiter, .admitted(send(at: now))))
        }
        if persons.isEmpty, bulk.isEmpty { earliestDeadline = nil }
        return decisions
    }

    /// Somebody who waited has gone away.
    ///
    /// - Returns: Whether it was still waiting.
    public mutating func cancelled(_ waiter: UInt64, _ lane: Lane) -> Bool {
        lane == .person ? persons.left(waiter) : bulk.left(waiter)
    }

    /// The answer to a call has come, or it is known that none will. To be told once of each.
    public mutating func answered(_ number: UInt64, at moment: Duration) { history.answered(number, at: come(to: moment)) }

    /// The provider has refused a call because of its limit and takes nothing for `length`, from a second to a day. ``advanced(to:)`` is due.
    public mutating func blocked(for length: Duration, at moment: Duration) {
        let now = come(to: moment)
        let end = now + min(max(length, .seconds(1)), .seconds(86_400))
        blockEnd = max(blockEnd ?? end, end)
        leases.hasNews = true
    }

    /// Nothing is to be sent any more. ``advanced(to:)`` is due.
    public mutating func ended(at moment: Duration) {
        _ = come(to: moment)
        hasEnded = true
    }

    /// Sends of an earlier life of the process, by when they were certainly counted, ascending.
    mutating func inherit(_ groups: [(moment: Duration, count: Int)], at now: Duration) {
        _ = come(to: now)
        for group in groups { history.inherited(group.count, countedAt: min(group.moment, now + limit.transit)) }
    }

    /// Sends that an earlier life of the process may have made at the very last.
    mutating func inherit(unknown count: Int, at now: Duration) { history.inheritedUnknown(count, at: come(to: now)) }

    // MARK: The rules

    /// Puts everything that time alone changes into its state at `moment`.
    @inline(__always)
    private mutating func come(to moment: Duration) -> Duration {
        latest = max(latest, moment)
        history.advanced(to: latest)
        if let end = blockEnd, end + RateLimiterPlan.recovery <= latest { blockEnd = nil }
        return latest
    }

    @inline(__always)
    private func maySend(at now: Duration) -> Bool {
        guard leases.isCovered, history.used < limit.capacity, !hasEnded else { return false }
        if let blockEnd, blockEnd > now { return false }
        return history.nextInSecond(at: now, bound: pace(at: now)) <= now
    }

    private mutating func send(at now: Duration) -> UInt64 {
        leases.used()
        return history.sent(at: now)
    }

    /// How many calls a second may hold: after a block a tenth at first, and a tenth more with every tenth of the recovery.
    private func pace(at now: Duration) -> Int {
        guard let blockEnd else { return limit.perSecond }
        let steps = max(0, Int((now - blockEnd) / (RateLimiterPlan.recovery / 10))) + 1
        return max(1, limit.perSecond * min(steps, 10) / 10)
    }

    /// When the pace rises next.
    private var nextStep: Duration? {
        guard let blockEnd, latest >= blockEnd else { return nil }
        let step = RateLimiterPlan.recovery / 10
        return blockEnd + step * (Int((latest - blockEnd) / step) + 1)
    }

    /// Persons first, but every tenth time a bulk call that waits.
    private mutating func takeNext() -> UInt64? {
        if bulk.isEmpty {
            sinceBulk = 0
            return persons.next()
        }
        if persons.isEmpty || sinceBulk >= RateLimiterPlan.bulkTurn - 1 {
            sinceBulk = 0
            return bulk.next()
        }
        sinceBulk += 1
        return persons.next()
    }

    /// Turns away everybody whose deadline has passed, or will pass before anything can be sent.
    private mutating func expired(at now: Duration) -> [(waiter: UInt64, decision: Decision)] {
        let standstill = hasEnded || leases.isBroken
        guard let earliestDeadline else { return [] }
        let moment = standstill ? Duration.seconds(Int64.max) : max(now, blockEnd ?? now)
        guard earliestDeadline <= moment else { return [] }
        let (first, second) = (persons.expired(by: moment), bulk.expired(by: moment))
        self.earliestDeadline = [first.earliest, second.earliest].compactMap { $0 }.min()
        let refusal = standstill ? self.standstill : LimitRefusal(isBlocked(at: now) ? .blocked : .full, retryAfter: moment - now)
        return (first.numbers + second.numbers).map { ($0, .refused(refusal ?? LimitRefusal(.full, retryAfter: .zero))) }
    }

    private var standstill: LimitRefusal? {
        if hasEnded { return LimitRefusal(.ended, retryAfter: .seconds(1)) }
        return leases.isBroken ? LimitRefusal(.unrecorded, retryAfter: .seconds(1)) : nil
    }

    /// Why a call that has just come need not wait, since its turn would not come before its deadline even if nobody came after it.
    private func refusal(_ lane: Lane, deadline: Duration, at now: Duration) -> LimitRefusal? {
        if let standstill { return standstill }
        let ahead: Int
        switch lane {
        case .person: ahead = persons.count + min(bulk.count, (sinceBulk + persons.count) / (RateLimiterPlan.bulkTurn - 1))
        case .bulk:
            let turns = (bulk.count + 1) * (RateLimiterPlan.bulkTurn - 1) - min(sinceBulk, RateLimiterPlan.bulkTurn - 1)
            ahead = bulk.count + min(persons.count, turns)
        }
        let turn = history.turn(behind: ahead, notBefore: max(now, blockEnd ?? now), at: now)
        guard turn >= deadline else { return nil }
        return LimitRefusal(isBlocked(at: now) ? .blocked : .full, retryAfter: turn - now)
    }
}

/// Why a call is not let through, and when a repeat may be.
public struct LimitRefusal: Sendable, Hashable {
    /// Why.
    public enum Reason: String, Sendable {
        /// As many calls as the provider takes are under way, counted or in front of it.
        case full
        /// The provider has said that it takes nothing for a while.
        case blocked
        /// What is sent could not be recorded, so that a restart might exceed the limit.
        case unrecorded
        /// The program is ending.
        case ended
    }

    /// Why.
    public var reason: Reason
    /// After how long its turn would have come.
    public var retryAfter: Duration

    /// A refusal.
    public init(_ reason: Reason, retryAfter: Duration) {
        self.reason = reason
        self.retryAfter = retryAfter
    }
}
