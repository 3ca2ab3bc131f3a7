import Base
import Testing

@testable import TossAuthSandbox

@Suite("Toss Auth sandbox: the state machine of an identity check")
struct SandboxTransactionTests {
    private typealias Status = Transaction.Status
    private static let start = Timestamp(unixSeconds: 1_784_160_000)
    private static let limits = Transaction.ReadLimits(count: 2, window: .seconds(3600))

    private static func after(_ seconds: Int64) -> Timestamp { start + .seconds(seconds) }

    private static func fresh(approvesAfter: Duration? = nil, person: String? = nil, lifetime: Duration = .seconds(600)) -> Transaction {
        Transaction(
            id: "t", client: "c", kind: .none, requestURL: "intoss://a", person: person, at: start, lifetime: lifetime,
            approvesAfter: approvesAfter)
    }

    /// A transaction in a state that the status call does not tell apart.
    enum Stage: String, CaseIterable {
        case requested, opened, denied, deniedAtOnce, completed, expired, ended
    }

    private static func transaction(_ stage: Stage) throws -> (Transaction, now: Timestamp) {
        var made = fresh()
        switch stage {
        case .requested: return (made, after(1))
        case .opened: try made.open(at: after(1))
        case .denied: try made.deny(at: after(1), .stays)
        case .deniedAtOnce: try made.deny(at: after(1), .expires)
        case .completed: try made.approve(as: "p", at: after(1))
        case .expired: return (made, after(600))
        case .ended: try made.expire(at: after(1))
        }
        return (made, after(2))
    }

    @Test(
        "each move in each state leads where the table says, or is refused with what is possible",
        arguments: [
            (Stage.requested, [Status.inProgress, .completed, .inProgress, .expired]),
            (.opened, [.inProgress, .completed, .inProgress, .expired]),
            (.denied, [nil, nil, nil, .expired]), (.deniedAtOnce, [nil, nil, nil, nil]),
            (.completed, [nil, nil, nil, nil]), (.expired, [nil, nil, nil, nil]), (.ended, [nil, nil, nil, nil]),
        ] as [(Stage, [Transaction.Status?])])
    func table(_ stage: Stage, _ expected: [Transaction.Status?]) throws {
        for (move, expected) in zip(Transaction.Move.allCases, expected) {
            var (made, now) = try Self.transaction(stage)
            let before = made
            do {
                switch move {
                case .open: try made.open(at: now)
                case .approve: try made.approve(as: "p", at: now)
                case .deny: try made.deny(at: now, .stays)
                case .expire: try made.expire(at: now)
                }
                #expect(made.status(at: now) == expected, "\(stage) \(move)")
            } catch {
                #expect(expected == nil, "\(stage) \(move)")
                #expect(error == Transaction.WrongMove(move: move, status: before.status(at: now), possible: before.possibleMoves(at: now)))
                #expect(made == before)
            }
        }
    }

    @Test(
        "time runs out to the second, and not a moment before",
        arguments: [(599, Status.requested), (600, .expired)] as [(Int64, Transaction.Status)])
    func expiry(_ seconds: Int64, _ status: Transaction.Status) {
        #expect(Self.fresh().status(at: Self.after(seconds)) == status)
        #expect(Self.fresh().status(at: Self.after(600) - .nanoseconds(1)) == .requested)
    }

    @Test("a check that is completed does not run out")
    func completedStays() throws {
        let (made, _) = try Self.transaction(.completed)
        #expect(made.status(at: Self.after(100_000)) == .completed)
    }

    @Test("two reads are given, a third is not, and a refused one costs nothing")
    func reads() throws {
        var made = Self.fresh()
        #expect(made.read(at: Self.after(1), Self.limits) == .notFinished)
        try made.approve(as: "p", at: Self.after(1))
        #expect(made.read(at: Self.after(2), Self.limits) == .given(readsLeft: 1))
        #expect(made.read(at: Self.after(3), Self.limits) == .given(readsLeft: 0))
        #expect(made.read(at: Self.after(4), Self.limits) == .usedUp)
        #expect(made.read(at: Self.after(5), Self.limits) == .usedUp)
        #expect(made.reads == 2)
        #expect(made.read(at: Self.after(3601), Self.limits) == .usedUpAndTooLate)
    }

    @Test("the hour counts from the completion that the replies tell, and is over at its very end")
    func window() throws {
        var made = Self.fresh()
        // Told to the second, so counted from there.
        try made.approve(as: "p", at: Self.after(10) + .milliseconds(900))
        #expect(made.completedAt == Self.after(10))
        var late = made
        #expect(made.read(at: Self.after(3610) - .nanoseconds(1), Self.limits) == .given(readsLeft: 1))
        #expect(late.read(at: Self.after(3610), Self.limits) == .tooLate)
        #expect(late.reads == 0)
    }

    @Test("an expired check gives no result, however the time ended")
    func expiredResult() throws {
        for stage in [Stage.expired, .ended, .deniedAtOnce] {
            var (made, now) = try Self.transaction(stage)
            #expect(made.read(at: now, Self.limits) == .expired)
        }
    }

    @Test("an approval that comes by itself is dated when it came, not when somebody looked")
    func automatic() {
        let made = Self.fresh(approvesAfter: .seconds(5), person: "p")
        #expect(made.settled(at: Self.after(4)).status(at: Self.after(4)) == .requested)
        let later = made.settled(at: Self.after(5000))
        #expect(later.completedAt == Self.after(5))
        #expect(later.status(at: Self.after(5000)) == .completed)
        // Too late, said no, or nobody there: nothing comes.
        let late = Self.fresh(approvesAfter: .seconds(600), person: "p").settled(at: Self.after(700))
        #expect(late.status(at: Self.after(700)) == .expired)
        #expect(Self.fresh(approvesAfter: .seconds(5)).settled(at: Self.after(9)).completedAt == nil)
        var denied = made
        #expect(throws: Never.self) { try denied.deny(at: Self.after(1), .stays) }
        #expect(denied.settled(at: Self.after(9)).completedAt == nil)
    }

    @Test("what was signed names the check and its moments, and the caller's own text")
    func content() throws {
        var made = Transaction(
            id: "t", client: "c", kind: .none, requestURL: "intoss://a", nonce: "내 문구", person: nil, at: Self.start, lifetime: .seconds(600)
        )
        #expect(made.signedContent == nil)
        try made.approve(as: "p", at: Self.after(87))
        #expect(
            made.signedContent.map { String(decoding: $0, as: UTF8.self) }
                == #"{"txId":"t","requestedDt":"2026-07-16T09:00:00+09:00","completedDt":"2026-07-16T09:01:27+09:00","nonce":"내 문구"}"#)
        #expect(made.signedContent(.json) == made.signedContent && made.signedContent(.transaction) == Array("t".utf8))
    }
}
