public import Base

/// What is known of one check of a person, and above all how often its result has been read: a value, to which events are told with their moments, and which decides.
///
/// The provider gives a result out twice at most, within 60 minutes. A read counts from the moment it is begun until it is certain that it did not: a clear refusal and a call that
/// never left give it back, an outcome that nobody knows does not. So ``readsLeft`` may be too low, and is never too high.
public struct VerificationLedger: Sendable, Equatable {
    /// One read of the result that counts.
    public struct Read: Sendable, Equatable {
        /// What became of it.
        public enum Outcome: String, Sendable {
            /// It was begun, and no end of it is known: under way, or cut off by the end of the process.
            case started
            /// The result was opened.
            case succeeded
            /// The provider gave an answer that could not be believed.
            case unverified
            /// No answer came, or none that says whether the provider has counted.
            case unknown
        }

        /// Which attempt it was, counted from 1; those that were refused have had numbers too.
        public var number: Int
        /// When it was begun, by this machine's clock.
        public var startedAt: Timestamp
        /// What became of it.
        public var outcome: Outcome
    }

    /// What is to be done about a wish to read.
    public enum Decision: Sendable, Equatable {
        /// The provider may be asked.
        case send
        /// The provider would refuse, and is not asked.
        case refuse(Obstacle)
    }

    /// Why the provider would refuse a read.
    public enum Obstacle: Sendable, Equatable {
        /// Both reads are used up, or may be.
        case readsUsedUp
        /// The 60 minutes are over.
        case deadlinePassed
    }

    /// The check's name.
    public let txID: TransactionID
    /// How the person is checked; nothing for a check that somebody else began.
    public private(set) var requestType: AuthRequestType?
    /// The application's own word for it, such as an order or a user.
    public private(set) var reference: String?
    /// When it was heard of first, by this machine's clock.
    public let begunAt: Timestamp
    /// When it was begun, by the provider's clock.
    public private(set) var requestedAt: Timestamp?
    /// The status that was reported last.
    public private(set) var status: AuthStatus?
    /// When the person finished, by the provider's clock; known from the first result on.
    public private(set) var completedAt: Timestamp?
    /// Whether it goes by the older paths without `/id`, outside Apps in Toss.
    var usesOlderPath = false
    /// The reads that count.
    public private(set) var reads: [Read] = []
    /// The refusal by which the provider ended it: nothing more comes of this check, unless a later answer of the provider's contradicts it.
    public private(set) var ended: TossAuthErrorCode?
    /// The person's signature, Base64 of DER, as the result brought it.
    public private(set) var signature: String?
    /// Until when the opened result is kept, by this machine's clock; nothing when none is.
    public private(set) var keptUntil: Timestamp?

    private(set) var clock: ProviderClock
    /// Whether ``clock`` was ever read off an answer; otherwise it is this machine's, for want of a better one.
    private(set) var isClockMeasured: Bool
    /// The latest moment of the provider's clock at which the person had certainly finished; and the earliest at which not.
    private var completedBy: Timestamp?
    private var openUntil: Timestamp?
    /// The session of the read under way, for as long as its answer may come.
    private var session: Secret?
    private var lastRead = 0
    /// The last read that had been begun when the check was forgotten: nothing of what it and those before it bring is kept.
    private var forgottenReads = 0

    /// A check that the provider has just begun.
    ///
    /// - Parameters:
    ///   - requestedAt: The provider's `requestedDt`; with the two moments of this machine's clock around the call it tells how the two clocks stand.
    init(
        txID: TransactionID, requestType: AuthRequestType?, reference: String?, requestedAt: Timestamp?, asked: Timestamp,
        received: Timestamp
    ) {
        self.txID = txID
        self.requestType = requestType
        self.reference = reference
        self.requestedAt = requestedAt
        begunAt = received
        status = .requested
        clock = requestedAt.map { ProviderClock(reading: $0, asked: asked, received: received) } ?? .same
        isClockMeasured = requestedAt != nil
        openUntil = requestedAt
    }

    /// A check that somebody else began, or of which nothing is kept any more.
    init(foreign txID: TransactionID, at now: Timestamp) {
        self.txID = txID
        begunAt = now
        clock = .same
        isClockMeasured = false
    }

    /// A check of which things are kept that cannot be read: how often its result was read is not known any more, so that no read may be left.
    init(uncounted txID: TransactionID, at now: Timestamp) {
        self.init(foreign: txID, at: now)
        for _ in 0..<TossAuthLimits.resultReads { readLost(readStarted(session: nil, at: now)) }
        personForgotten()
    }

    // MARK: What is known

    /// How many reads the provider certainly still grants; for a check that somebody else began, as far as is known here.
    public var readsLeft: Int { ended == nil ? max(0, TossAuthLimits.resultReads - reads.count) : 0 }

    /// Whether an opened result may be kept beside it.
    var mayHaveResult: Bool { keptUntil != nil || reads.contains { $0.outcome == .started } }

    /// Until when the result can certainly be read, by the provider's clock: exact once a result has come, and before that counted from the last moment at which the person had
    /// not finished, as far as the provider's own clock is known. Nothing while the person is at it, or when nothing is known.
    public var resultDeadline: Timestamp? {
        if let completedAt { return completedAt + TossAuthLimits.resultTime }
        guard status == .completed else { return nil }
        return (openUntil ?? requestedAt).map { $0 + TossAuthLimits.resultTime }
    }

    /// When the provider gives the result out no longer, by this machine's clock; nothing before the first result.
    var localDeadline: Timestamp? { completedAt.map { clock.local(of: $0 + TossAuthLimits.resultTime) } }

    /// When it can be forgotten altogether, by this machine's clock: a day after it was heard of.
    public var end: Timestamp { begunAt + .seconds(86_400) }

    /// Whether the result may be asked for.
    ///
    /// A deadline of which only a bound is known refuses nothing until it has certainly passed; one that is known refuses from the first moment at which the provider's clock may have
    /// reached it.
    public func decision(at now: Timestamp) -> Decision {
        if reads.count >= TossAuthLimits.resultReads || ended == .readsUsedUp { return .refuse(.readsUsedUp) }
        if ended == .expired { return .refuse(.deadlinePassed) }
        return isDeadlinePassed(at: now) ? .refuse(.deadlinePassed) : .send
    }

    /// Whether the 60 minutes are over by what is known of the person's end and of the provider's clock.
    private func isDeadlinePassed(at now: Timestamp) -> Bool {
        guard let last = completedAt ?? completedBy else { return false }
        return clock.latest(at: now) >= last + TossAuthLimits.resultTime
    }

    /// Whether what a read brings is to be forgotten.
    func isForgotten(read number: Int) -> Bool { number <= forgottenReads }

    /// Whether there is anything in it that still counts once the person is forgotten.
    var hasCount: Bool { !reads.isEmpty || ended != nil }

    /// The session of the read of that number, while its answer may come.
    func session(ofRead number: Int) -> Secret? { number == lastRead ? session : nil }

    // MARK: What has happened

    /// The provider has begun the same check once more: with a name that is known already.
    mutating func requestRepeated(by newer: VerificationLedger) {
        requestType = newer.requestType ?? requestType
        reference = newer.reference ?? reference
        usesOlderPath = newer.usesOlderPath
    }

    /// A status call was answered.
    mutating func statusReported(_ reported: AuthStatus, requestedAt: Timestamp?, asked: Timestamp, received: Timestamp) {
        self.requestedAt = self.requestedAt ?? requestedAt
        // Answers may overtake each other; a person who has finished has finished.
        if completedAt == nil, status?.isFinal != true || reported.isFinal { status = reported }
        if reported == .completed {
            let bound = clock.latest(at: max(asked, received))
            completedBy = min(completedBy ?? bound, bound)
        } else if reported == .requested || reported == .inProgress, isClockMeasured {
            let bound = clock.earliest(at: min(asked, received))
            openUntil = max(openUntil ?? bound, bound)
        }
        // A check of which the provider tells how far it has come is neither unknown to it nor expired; but one that has finished may be so long over that its result is not to be had.
        guard [.requested, .inProgress, .completed].contains(reported) else { return }
        if ended == .requestNotFound || (ended == .expired && !isDeadlinePassed(at: received)) { ended = nil }
    }

    /// A read is about to be sent. Kept before it leaves, so that the end of the process does not lose it.
    ///
    /// - Parameter session: The session that opens the answer; nothing where the application has it.
    /// - Returns: The read's number.
    mutating func readStarted(session: Secret?, at now: Timestamp) -> Int {
        lastRead += 1
        self.session = session
        reads.append(Read(number: lastRead, startedAt: now, outcome: .started))
        return lastRead
    }

    /// The result has been opened, and is kept until `keptUntil`.
    ///
    /// - Parameter received: When it came, by this machine's clock. That it came at all proves where the provider's clock stood.
    mutating func readSucceeded(_ number: Int, _ facts: VerificationFacts, at received: Timestamp, keptUntil: Timestamp?) {
        finish(number, .succeeded)
        status = .completed
        ended = nil
        if let moment = completedAt ?? facts.completedAt {
            let isFirst = completedAt == nil
            if (isFirst && !isClockMeasured) || !clock.agrees(with: moment, givenOutAt: received) {
                clock = ProviderClock(givingOut: moment, received: received)
            }
        }
        completedAt = completedAt ?? facts.completedAt
        requestedAt = requestedAt ?? facts.requestedAt
        if isForgotten(read: number) { return }
        signature = facts.signature ?? signature
        if let keptUntil { self.keptUntil = keptUntil }
    }

    /// The provider refused the read without counting it.
    mutating func readRefused(_ number: Int, _ code: TossAuthErrorCode) {
        giveBack(number)
        if code.row?.advice == .startOver { ended = code }
    }

    /// The read did not leave.
    mutating func readNotSent(_ number: Int) { giveBack(number) }

    /// Nobody knows whether the provider has counted the read.
    mutating func readLost(_ number: Int) { finish(number, .unknown) }

    /// The provider's answer to the read cannot be believed.
    mutating func readUnverified(_ number: Int) { finish(number, .unverified) }

    /// The process in which reads were under way has ended: their answers will not come.
    mutating func wasInterrupted() { for read in reads where read.outcome == .started { finish(read.number, .unknown) } }

    /// An opened result of that read is kept although nothing is known of it here: the process ended between the two.
    mutating func resultFound(ofRead number: Int, _ facts: VerificationFacts, openedAt: Timestamp, until end: Timestamp) {
        guard keptUntil == nil || reads.contains(where: { $0.number == number && $0.outcome == .started }) else { return }
        if !reads.contains(where: { $0.number == number }) {
            lastRead = max(lastRead, number)
            reads.append(Read(number: number, startedAt: begunAt, outcome: .started))
        }
        readSucceeded(number, facts, at: openedAt, keptUntil: end)
    }

    /// The opened result is kept no longer.
    mutating func resultForgotten() { keptUntil = nil }

    /// Everything that is the person's or the application's is forgotten; the reads still count.
    mutating func personForgotten() {
        reference = nil
        signature = nil
        session = nil
        keptUntil = nil
        forgottenReads = lastRead
    }

    private mutating func finish(_ number: Int, _ outcome: Read.Outcome) {
        if number == lastRead { session = nil }
        guard let index = reads.firstIndex(where: { $0.number == number }) else { return }
        reads[index].outcome = outcome
    }

    private mutating func giveBack(_ number: Int) {
        if number == lastRead { session = nil }
        reads.removeAll { $0.number == number && $0.outcome == .started }
    }
}

// MARK: As a record

extension VerificationLedger {
    private static let layout: Int64 = 1

    /// What is kept. It holds the session of a read under way, so that it may be kept sealed only.
    var json: JSON {
        var members: JSON.Members = [
            "layout": .number(VerificationLedger.layout), "txId": .string(txID.text), "begun": .moment(begunAt),
            "clock": [.number(clock.least.wholeNanoseconds), .number(clock.most.wholeNanoseconds)],
            "measured": .boolean(isClockMeasured), "last": .number(lastRead),
        ]
        members["type"] = requestType.map { .string($0.rawValue) }
        members["olderPath"] = usesOlderPath ? true : nil
        members["reference"] = reference.map { .string($0) }
        members["requested"] = requestedAt.map { .moment($0) }
        members["status"] = status.map { .string($0.rawValue) }
        members["completed"] = completedAt.map { .moment($0) }
        members["completedBy"] = completedBy.map { .moment($0) }
        members["openUntil"] = openUntil.map { .moment($0) }
        members["ended"] = ended.map { .string($0.rawValue) }
        members["signature"] = signature.map { .string($0) }
        members["keptUntil"] = keptUntil.map { .moment($0) }
        members["forgotten"] = forgottenReads > 0 ? .number(forgottenReads) : nil
        members["session"] = session.map { $0.withText { .string($0) } }
        members["reads"] = .array(
            reads.map { ["number": .number($0.number), "started": .moment($0.startedAt), "outcome": .string($0.outcome.rawValue)] })
        return .object(members)
    }

    /// Reads what was kept; nothing when it is no ledger.
    init?(_ json: JSON) {
        guard json["layout"]?.integer == VerificationLedger.layout, let txID = json["txId"]?.string.flatMap({ TransactionID($0) }),
            let begun = json["begun"]?.moment, let least = json["clock"]?[0]?.integer, let most = json["clock"]?[1]?.integer,
            let measured = json["measured"]?.boolean, let last = json["last"]?.integer.flatMap({ Int(exactly: $0) }),
            let reads = json["reads"]?.elements
        else { return nil }
        self.txID = txID
        begunAt = begun
        clock = ProviderClock(least: .nanoseconds(least), most: .nanoseconds(most))
        isClockMeasured = measured
        lastRead = last
        requestType = json["type"]?.string.map { AuthRequestType(rawValue: $0) }
        reference = json["reference"]?.string
        usesOlderPath = json["olderPath"]?.boolean ?? false
        requestedAt = json["requested"]?.moment
        status = json["status"]?.string.map { AuthStatus(rawValue: $0) }
        completedAt = json["completed"]?.moment
        completedBy = json["completedBy"]?.moment
        openUntil = json["openUntil"]?.moment
        ended = json["ended"]?.string.map { TossAuthErrorCode(rawValue: $0) }
        signature = json["signature"]?.string
        keptUntil = json["keptUntil"]?.moment
        forgottenReads = json["forgotten"]?.integer.flatMap { Int(exactly: $0) } ?? 0
        session = json["session"]?.string.map { Secret($0) }
        for read in reads {
            guard let number = read["number"]?.integer.flatMap({ Int(exactly: $0) }), let started = read["started"]?.moment,
                let outcome = read["outcome"]?.string.flatMap({ Read.Outcome(rawValue: $0) })
            else { return nil }
            self.reads.append(Read(number: number, startedAt: started, outcome: outcome))
        }
    }
}

extension JSON {
    /// A moment to the nanosecond, for our own records.
    static func moment(_ moment: Timestamp) -> JSON { .number(moment.nanosecondsSinceEpoch) }
    /// A moment out of our own records.
    var moment: Timestamp? { integer.map { Timestamp(nanosecondsSinceEpoch: $0) } }
}
