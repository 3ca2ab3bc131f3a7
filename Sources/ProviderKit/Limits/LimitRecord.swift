import Base

/// What a limit needs to know after a restart: what may have been sent before it, and when.
struct LimitRecord: Sendable, Equatable {
    struct Group: Sendable, Equatable {
        /// Before the writing when negative.
        var offset: Duration
        var count: Int
    }

    /// The uptime at the writing, which begins anew when the machine does.
    var uptime: Duration
    /// The civil time at the writing, which may be set.
    var civil: Timestamp
    /// Sends that have been answered, by when they were certainly counted, ascending.
    var counted: [Group]
    /// Sends under way, and those that may be made on the strength of this record.
    var unknown: Int
    /// When the provider's block ends or ended.
    var blockEnd: Duration?

    private static let version = 1

    var bytes: [UInt8] {
        var members: JSON.Members = [
            "version": .number(LimitRecord.version), "uptime": .number(uptime.wholeNanoseconds),
            "civil": .number(civil.nanosecondsSinceEpoch), "unknown": .number(unknown),
            "counted": .array(counted.map { .array([.number($0.offset.wholeNanoseconds), .number($0.count)]) }),
        ]
        if let blockEnd { members["blockEnd"] = .number(blockEnd.wholeNanoseconds) }
        return JSON.object(members).bytes
    }

    init(uptime: Duration, civil: Timestamp, counted: [Group], unknown: Int, blockEnd: Duration?) {
        self.uptime = uptime
        self.civil = civil
        self.counted = counted
        self.unknown = unknown
        self.blockEnd = blockEnd
    }

    /// Nothing when these are not the bytes of a record of this version.
    init?(_ bytes: [UInt8]) {
        guard let json = try? JSON(bytes), json["version"]?.integer == Int64(LimitRecord.version),
            let uptime = json["uptime"]?.integer, let civil = json["civil"]?.integer, let elements = json["counted"]?.elements,
            let unknown = LimitRecord.count(json["unknown"])
        else { return nil }
        var groups: [Group] = []
        for element in elements {
            guard let offset = element[0]?.integer, let count = LimitRecord.count(element[1]) else { return nil }
            guard groups.last.map({ $0.offset <= .nanoseconds(offset) }) ?? true else { return nil }
            groups.append(Group(offset: .nanoseconds(offset), count: count))
        }
        self.init(
            uptime: .nanoseconds(uptime), civil: Timestamp(nanosecondsSinceEpoch: civil), counted: groups, unknown: unknown,
            blockEnd: json["blockEnd"]?.integer.map { .nanoseconds($0) })
    }

    private static func count(_ json: JSON?) -> Int? {
        guard let count = json?.integer, (0...1_000_000_000).contains(count) else { return nil }
        return Int(count)
    }

    /// How much time has certainly passed since the writing.
    ///
    /// The uptime of a machine that has not been started anew tells it exactly. Of one that has, at least its new uptime has passed. Neither can be trusted where the
    /// record was carried to another machine, and the civil time cannot be trusted where it was set: so the shorter of the two counts.
    func age(uptime: Duration, civil: Timestamp) -> Duration {
        let onThisMachine = uptime >= self.uptime ? uptime - self.uptime : uptime
        return max(.zero, min(onThisMachine, civil - self.civil))
    }
}

/// A record that covers sends which have not been made yet.
struct LimitLease: Sendable {
    /// What is to be written.
    var record: LimitRecord
    /// How many sends it covers.
    var count: Int
}

extension RateLimiterPlan {
    /// Whether something is to be written down.
    var leaseIsDue: Bool { leases.isDue && !hasEnded }

    /// What is to be written down now; to be followed by ``leaseWritten(_:)`` or ``leaseFailed()``.
    ///
    /// - Parameters:
    ///   - now: The uptime.
    ///   - civil: The civil time at that moment.
    mutating func leaseAsked(at now: Duration, civil: Timestamp) -> LimitLease {
        let count = leases.asked(waiting: waiting(.person) + waiting(.bulk))
        return LimitLease(record: record(at: now, civil: civil, covering: leases.left + count), count: count)
    }

    /// The lease is on the disk. ``advanced(to:)`` is due.
    mutating func leaseWritten(_ lease: LimitLease) { leases.written(lease.count) }

    /// The lease could not be written: none is due before ``leaseRested()``. ``advanced(to:)`` is due.
    mutating func leaseFailed() { leases.failed() }

    /// Another attempt may be made.
    mutating func leaseRested() { leases.rested() }

    /// What an earlier life of the process left could not be read.
    mutating func openingFailed() {
        leases = LeaseBook(limit, isKept: true)
        leases.failed()
    }

    /// What is known at the end, when nothing is sent any more: no sends beyond those made. Nothing when what an earlier life left was never taken over.
    func finalRecord(at now: Duration, civil: Timestamp) -> LimitRecord? {
        leases.isOpen ? record(at: now, civil: civil, covering: 0) : nil
    }

    private func record(at now: Duration, civil: Timestamp, covering ahead: Int) -> LimitRecord {
        let (counted, unanswered) = history.summary(grain: .milliseconds(500))
        return LimitRecord(
            uptime: now, civil: civil, counted: counted.map { LimitRecord.Group(offset: $0.moment - now, count: $0.count) },
            unknown: ahead + unanswered, blockEnd: blockEnd.map { $0 - now })
    }

    /// Takes over what an earlier life of the process wrote down.
    ///
    /// - Parameters:
    ///   - record: Nothing when there was none.
    ///   - isReadable: Whether it could be read; what could not counts as a whole window's calls made just now.
    mutating func restored(_ record: LimitRecord?, isReadable: Bool, at now: Duration, civil: Timestamp) {
        leases.isOpen = true
        guard let record else {
            if !isReadable { inherit(unknown: limit.capacity, at: now) }
            return
        }
        let age = record.age(uptime: now, civil: civil)
        inherit(record.counted.map { (now - age + $0.offset, $0.count) }, at: now)
        inherit(unknown: record.unknown, at: now)
        if let end = record.blockEnd, end + RateLimiterPlan.recovery > age { blockEnd = now + (end - age) }
    }
}
