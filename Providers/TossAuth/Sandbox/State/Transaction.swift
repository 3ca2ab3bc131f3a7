import Base
import SandboxKit

/// One identity check from its request to its last read: a pure value. Moments go in, and what has come of them is computed; nothing is scheduled.
struct Transaction: Equatable, Sendable {
    /// What the person is asked for.
    enum Kind: String, Sendable, CaseIterable {
        /// The caller named the person.
        case personal = "USER_PERSONAL"
        /// One touch: whoever approves.
        case none = "USER_NONE"
    }

    /// Where it stands, as the status call says it.
    enum Status: String, Sendable, CaseIterable {
        case requested = "REQUESTED"
        case inProgress = "IN_PROGRESS"
        case completed = "COMPLETED"
        case expired = "EXPIRED"
    }

    /// What a person, or time made to pass, does with it.
    enum Move: String, Sendable, CaseIterable {
        case open, approve, deny, expire
    }

    /// A move that is not possible where the transaction stands.
    struct WrongMove: Error, Equatable {
        var move: Move
        var status: Status
        /// What is possible instead.
        var possible: [Move]
    }

    /// How often, and for how long after its completion, a result is given.
    struct ReadLimits: Equatable, Sendable {
        var count: Int64
        var window: Duration
    }

    /// What a result call comes to.
    enum Reading: Equatable, Sendable {
        /// Given; so many reads are left.
        case given(readsLeft: Int64)
        case notFinished
        /// Its time was over before the person had approved.
        case expired
        /// Given as often as allowed.
        case usedUp
        /// Too long after its completion.
        case tooLate
        /// Too long after, and given as often as allowed.
        case usedUpAndTooLate
    }

    /// `txId`: a UUID.
    let id: String
    /// Whose: `client_id`.
    let client: String
    let kind: Kind
    /// Where the mini-app comes back to.
    let requestURL: String
    /// The caller's own text for the signed content.
    var nonce: String?
    /// ``Person/id`` of who approves or has approved; nothing while nobody knows.
    var person: String?
    /// To the second, as the replies write it.
    let requestedAt: Timestamp
    /// From when on it can no longer be approved.
    private(set) var expiresAt: Timestamp
    private(set) var openedAt: Timestamp?
    private(set) var deniedAt: Timestamp?
    /// To the second, as the replies write it: the time for the result counts from it.
    private(set) var completedAt: Timestamp?
    /// When it is approved by itself; nothing for never.
    private(set) var approvesAt: Timestamp?
    /// How often its result was given.
    private(set) var reads: Int64

    /// A new transaction.
    ///
    /// - Parameters:
    ///   - lifetime: How long it can be approved.
    ///   - approvesAfter: After what time the known person approves by itself; nothing for never.
    init(
        id: String, client: String, kind: Kind, requestURL: String, nonce: String? = nil, person: String?, at moment: Timestamp,
        lifetime: Duration, approvesAfter: Duration? = nil
    ) {
        let start = moment.toTheSecond
        self.init(
            id: id, client: client, kind: kind, requestURL: requestURL, nonce: nonce, person: person, requestedAt: start,
            expiresAt: start + lifetime, openedAt: nil, deniedAt: nil, completedAt: nil, approvesAt: approvesAfter.map { start + $0 },
            reads: 0)
    }

    /// A transaction as it was kept.
    init(
        id: String, client: String, kind: Kind, requestURL: String, nonce: String?, person: String?, requestedAt: Timestamp,
        expiresAt: Timestamp, openedAt: Timestamp?, deniedAt: Timestamp?, completedAt: Timestamp?, approvesAt: Timestamp?, reads: Int64
    ) {
        self.id = id
        self.client = client
        self.kind = kind
        self.requestURL = requestURL
        self.nonce = nonce
        self.person = person
        self.requestedAt = requestedAt
        self.expiresAt = expiresAt
        self.openedAt = openedAt
        self.deniedAt = deniedAt
        self.completedAt = completedAt
        self.approvesAt = approvesAt
        self.reads = reads
    }

    // MARK: Where it stands

    func status(at now: Timestamp) -> Status {
        if completedAt != nil { return .completed }
        if now >= expiresAt { return .expired }
        return openedAt == nil ? .requested : .inProgress
    }

    /// What can be done with it.
    func possibleMoves(at now: Timestamp) -> [Move] {
        switch status(at: now) {
        case .completed, .expired: return []
        case .requested, .inProgress: return deniedAt == nil ? Move.allCases : [.expire]
        }
    }

    /// The same transaction with what time alone has brought about: the approval that was to come by itself.
    func settled(at now: Timestamp) -> Transaction {
        guard let approvesAt, approvesAt <= now, approvesAt < expiresAt, person != nil, deniedAt == nil, completedAt == nil else {
            return self
        }
        var settled = self
        settled.openedAt = openedAt ?? approvesAt
        settled.completedAt = approvesAt
        return settled
    }

    // MARK: Moves

    /// The person looks at it; looking again changes nothing.
    mutating func open(at now: Timestamp) throws(WrongMove) {
        try allow(.open, at: now)
        openedAt = openedAt ?? now.toTheSecond
    }

    /// The person approves, also without a look before.
    mutating func approve(as person: String, at now: Timestamp) throws(WrongMove) {
        try allow(.approve, at: now)
        self.person = person
        openedAt = openedAt ?? now.toTheSecond
        completedAt = now.toTheSecond
    }

    /// The person says no, which is final. There is no state for it: it stays where it is until its time is over, or is over at once.
    mutating func deny(at now: Timestamp, _ denial: ServiceSettingList.Denial) throws(WrongMove) {
        try allow(.deny, at: now)
        openedAt = openedAt ?? now.toTheSecond
        deniedAt = now.toTheSecond
        if denial == .expires { expiresAt = now }
    }

    /// Its time is over now.
    mutating func expire(at now: Timestamp) throws(WrongMove) {
        try allow(.expire, at: now)
        expiresAt = now
    }

    private func allow(_ move: Move, at now: Timestamp) throws(WrongMove) {
        let possible = possibleMoves(at: now)
        guard possible.contains(move) else { throw WrongMove(move: move, status: status(at: now), possible: possible) }
    }

    // MARK: Reads

    /// How many reads are left; time does not count here.
    func readsLeft(_ limits: ReadLimits) -> Int64 { max(0, limits.count - reads) }

    /// From when on the result is no longer given; nothing before completion.
    func resultDeadline(_ limits: ReadLimits) -> Timestamp? { completedAt.map { $0 + limits.window } }

    /// A result call. The read counts with the answer that it is given, whether or not that arrives.
    mutating func read(at now: Timestamp, _ limits: ReadLimits) -> Reading {
        switch status(at: now) {
        case .requested, .inProgress: return .notFinished
        case .expired: return .expired
        case .completed: break
        }
        let isTooLate = resultDeadline(limits).map { now >= $0 } ?? true
        switch (readsLeft(limits) == 0, isTooLate) {
        case (true, true): return .usedUpAndTooLate
        case (false, true): return .tooLate
        case (true, false): return .usedUp
        case (false, false):
            reads += 1
            return .given(readsLeft: readsLeft(limits))
        }
    }
}

extension Timestamp {
    /// The moment without its fraction of a second.
    fileprivate var toTheSecond: Timestamp { Timestamp(unixSeconds: unixSeconds) }
}
