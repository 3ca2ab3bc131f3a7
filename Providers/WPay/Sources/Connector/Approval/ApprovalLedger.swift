import Base

/// What this process knows about each wtid's approval, so that none is asked for twice and none again after its net-cancel.
///
/// A second approval would be refused by WPAY, and the net-cancel that follows every refusal would then undo the first one.
struct ApprovalLedger: Sendable {
    /// How far the approval of a wtid has come.
    enum Standing: Sendable, Hashable {
        /// A call is on its way.
        case underWay
        /// It was approved.
        case approved
        /// It was net-cancelled, or the attempt to do so has no clear answer: it is dead either way.
        case undone
    }

    /// Longer than WPAY keeps a wtid open (protocol notes, section 13), and as long as a ticket is good for.
    static let lifetime = Duration.seconds(3600)
    private var standings = RecentTable<Standing>(capacity: 100_000, lifetime: lifetime)

    /// Begins an approval, unless one was begun before.
    ///
    /// - Returns: What stands in the way; nothing when it may go on.
    mutating func begin(_ wtid: String, now: Duration) -> Standing? {
        if let standing = standings.value(wtid, now: now) { return standing }
        standings.keep(.underWay, as: wtid, now: now)
        return nil
    }

    /// Nothing of the approval left: it may be begun anew.
    mutating func release(_ wtid: String, now: Duration) {
        if standings.value(wtid, now: now) == .underWay { standings.remove(wtid) }
    }

    /// The approval has come to its end, or a net-cancel has been sent for it.
    mutating func settle(_ wtid: String, as standing: Standing, now: Duration) {
        // An approval that comes in after its net-cancel was sent does not bring the wtid back to life.
        if standing == .approved, standings.value(wtid, now: now) == .undone { return }
        standings.keep(standing, as: wtid, now: now)
    }
}

/// The right to send one approval. Given back by itself when the call turns out not to have left, since then nobody settles it.
final class ApprovalLease: Sendable {
    let wtid: String
    private let ledger: Locked<ApprovalLedger>
    private let time: any TimeSource
    private let isSettled = Locked(false)

    /// The lease for `wtid`, or what stands in its way.
    static func take(
        _ wtid: String, from ledger: Locked<ApprovalLedger>, time: any TimeSource
    ) -> Result<ApprovalLease, ApprovalRefusal> {
        let now = time.uptime
        if let standing = ledger.withLock({ $0.begin(wtid, now: now) }) { return .failure(ApprovalRefusal(standing: standing)) }
        return .success(ApprovalLease(wtid, ledger, time))
    }

    private init(_ wtid: String, _ ledger: Locked<ApprovalLedger>, _ time: any TimeSource) {
        self.wtid = wtid
        self.ledger = ledger
        self.time = time
    }

    /// The call has left: the wtid is never free again.
    func settle(as standing: ApprovalLedger.Standing) {
        isSettled.withLock { $0 = true }
        let (wtid, now) = (wtid, time.uptime)
        ledger.withLock { $0.settle(wtid, as: standing, now: now) }
    }

    deinit {
        guard !isSettled.withLock({ $0 }) else { return }
        let (wtid, now) = (wtid, time.uptime)
        ledger.withLock { $0.release(wtid, now: now) }
    }
}

/// Why an approval is not sent.
struct ApprovalRefusal: Error, Sendable, Hashable {
    var standing: ApprovalLedger.Standing
}
