import Base
import TestSupport
import Testing

@testable import TossAuth

@Suite("The ledger of a check of a person")
struct CourseLedgerTests {
    private let start = Timestamp(unixSeconds: 1_767_225_600)
    private let txID = TransactionID.random(SeededRandom())

    /// A ledger of a provider whose clock shows what this machine's shows.
    private func ledger() -> VerificationLedger {
        VerificationLedger(
            txID: txID, requestType: .userPersonal, reference: "order-1", requestedAt: start, asked: start, received: start)
    }

    private func restored(_ ledger: VerificationLedger) throws -> VerificationLedger {
        try #require(VerificationLedger(JSON(ledger.json.bytes)))
    }

    @Test("reads that succeed and reads of unknown outcome count, clear refusals and calls that never left do not")
    func counting() {
        var ledger = ledger()
        #expect(ledger.readsLeft == 2)
        let refused = ledger.readStarted(session: Secret("s"), at: start)
        #expect(ledger.readsLeft == 1)
        ledger.readRefused(refused, .notCompleted)
        #expect(ledger.readsLeft == 2 && ledger.ended == nil)
        ledger.readNotSent(ledger.readStarted(session: Secret("s"), at: start))
        #expect(ledger.readsLeft == 2)
        ledger.readLost(ledger.readStarted(session: Secret("s"), at: start))
        #expect(ledger.readsLeft == 1 && ledger.decision(at: start) == .send)
        ledger.readUnverified(ledger.readStarted(session: Secret("s"), at: start))
        #expect(ledger.readsLeft == 0 && ledger.decision(at: start) == .refuse(.readsUsedUp))
    }

    @Test("the session is there while the answer may come, and gone after every end of its read")
    func session() throws {
        for end in 0..<6 {
            var ledger = ledger()
            let number = ledger.readStarted(session: Secret("canary"), at: start)
            #expect(try restored(ledger).session(ofRead: number) == Secret("canary"))
            switch end {
            case 0: ledger.readRefused(number, .expired)
            case 1: ledger.readNotSent(number)
            case 2: ledger.readLost(number)
            case 3: ledger.readUnverified(number)
            case 4: ledger.wasInterrupted()
            default:
                ledger.readSucceeded(
                    number, VerificationFacts(completedAt: start, requestedAt: start, signature: "s"), at: start, keptUntil: start)
            }
            #expect(ledger.session(ofRead: number) == nil && !ledger.json.text.contains("canary"))
        }
    }

    @Test("codes by which the provider ends a check leave no read; used-up reads and a passed deadline are then refused here")
    func ended() {
        for (code, decision) in [
            (TossAuthErrorCode.requestNotFound, VerificationLedger.Decision.send), (.readsUsedUp, .refuse(.readsUsedUp)),
            (.expired, .refuse(.deadlinePassed)),
        ] {
            var ledger = ledger()
            ledger.readRefused(ledger.readStarted(session: Secret("s"), at: start), code)
            #expect(ledger.ended == code && ledger.readsLeft == 0 && ledger.decision(at: start) == decision)
        }
    }

    @Test("a known completion refuses reads from the first moment at which the provider's clock may show 60 minutes later")
    func knownDeadline() {
        var ledger = ledger()
        let completed = start + .seconds(30)
        ledger.readSucceeded(
            ledger.readStarted(session: Secret("s"), at: start), VerificationFacts(completedAt: completed, requestedAt: start),
            at: completed, keptUntil: nil)
        #expect(ledger.resultDeadline == completed + .seconds(3600))
        // The reply that told the clock may have been written up to a second after what it says.
        #expect(ledger.decision(at: completed + .seconds(3599) - .nanoseconds(1)) == .send)
        #expect(ledger.decision(at: completed + .seconds(3599)) == .refuse(.deadlinePassed))
    }

    @Test("the provider's clock decides, however far it is from this machine's")
    func otherClock() {
        for ahead in [-86_400, -1, 0, 1, 7_200] {
            let provider = start + .seconds(ahead)
            var ledger = VerificationLedger(
                txID: txID, requestType: .userNone, reference: nil, requestedAt: provider, asked: start, received: start + .milliseconds(20)
            )
            ledger.readSucceeded(
                ledger.readStarted(session: Secret("s"), at: start), VerificationFacts(completedAt: provider), at: start, keptUntil: nil)
            #expect(ledger.decision(at: start + .seconds(3598)) == .send)
            #expect(ledger.decision(at: start + .seconds(3600)) == .refuse(.deadlinePassed))
        }
    }

    @Test(
        "a result proves where the provider's clock stood: one that contradicts what is known of it corrects it, and one that does not leaves it"
    )
    func clockProved() {
        // What is known at most is beyond the hour, what is known at least is not: the clock stands.
        for (opened, corrects) in [(3_599, false), (3_600, false), (3_601, true), (7_200, true), (-2, true), (0, false)] {
            var ledger = ledger()
            let (known, received) = (ledger.clock, start + .seconds(Int64(opened)))
            ledger.readSucceeded(
                ledger.readStarted(session: nil, at: start), VerificationFacts(completedAt: start), at: received, keptUntil: nil)
            #expect((ledger.clock != known) == corrects, "\(opened)")
            if corrects {
                #expect(ledger.decision(at: received + .seconds(3_600) - .nanoseconds(1)) == .send)
                #expect(ledger.decision(at: received + .seconds(3_600)) == .refuse(.deadlinePassed))
                #expect(ledger.localDeadline == received + .seconds(3_600))
            }
        }
        // A clock that nobody has measured is taken from the first result, and not from the second again.
        var foreign = VerificationLedger(foreign: txID, at: start)
        for seconds in [1_000, 2_000] as [Int64] {
            foreign.readSucceeded(
                foreign.readStarted(session: nil, at: start), VerificationFacts(completedAt: start), at: start + .seconds(seconds),
                keptUntil: nil)
            #expect(foreign.localDeadline == start + .seconds(4_600) && !foreign.isClockMeasured)
        }
    }

    @Test(
        "before the first read the deadline told is counted from the last moment at which the person had not finished, and refuses from the first at which they had"
    )
    func boundedDeadline() {
        var ledger = ledger()
        #expect(ledger.resultDeadline == nil)
        func report(_ status: AuthStatus, _ second: Int64) {
            let moment = start + .seconds(second)
            ledger.statusReported(status, requestedAt: start, asked: moment, received: moment)
        }
        report(.inProgress, 100)
        #expect(ledger.resultDeadline == nil && ledger.status == .inProgress)
        report(.completed, 500)
        report(.completed, 900)
        report(.inProgress, 901)
        #expect(ledger.status == .completed)
        #expect(ledger.resultDeadline == start + .seconds(100 + 3600) || ledger.resultDeadline == start + .seconds(901 + 3600))
        #expect(ledger.decision(at: start + .seconds(500 + 3599)) == .send)
        #expect(ledger.decision(at: start + .seconds(500 + 3600)) == .refuse(.deadlinePassed))
    }

    @Test("a result that is kept although the ledger does not know is taken for the success of its read")
    func reconciled() throws {
        var ledger = ledger()
        let number = ledger.readStarted(session: Secret("s"), at: start)
        let facts = VerificationFacts(["completedDt": "2026-01-01T09:00:30+09:00", "signature": "MII"])
        ledger.resultFound(ofRead: number, facts, openedAt: start, until: start + .seconds(60))
        #expect(ledger.reads.map(\.outcome) == [.succeeded] && ledger.keptUntil == start + .seconds(60) && ledger.signature == "MII")
        let same = ledger
        ledger.resultFound(ofRead: number, facts, openedAt: start, until: start + .seconds(99))
        #expect(ledger == same)
        // Nothing at all was known of the read: it has been spent all the same.
        var foreign = VerificationLedger(foreign: txID, at: start)
        foreign.resultFound(ofRead: 1, facts, openedAt: start, until: start + .seconds(60))
        #expect(foreign.readsLeft == 1 && foreign.readStarted(session: Secret("s"), at: start) == 2)
    }

    @Test("a ledger survives its record, and a record that is none gives nothing")
    func record() throws {
        var ledger = ledger()
        ledger.statusReported(.completed, requestedAt: start, asked: start, received: start)
        ledger.readLost(ledger.readStarted(session: Secret("s"), at: start))
        ledger.readSucceeded(
            ledger.readStarted(session: Secret("s"), at: start),
            VerificationFacts(completedAt: start, requestedAt: start, signature: "MII"), at: start, keptUntil: start + .seconds(9))
        #expect(try restored(ledger) == ledger)
        ledger.personForgotten()
        #expect(try restored(ledger) == ledger && ledger.readsLeft == 0)
        let members = try #require(ledger.json.members)
        for name in ["layout", "txId", "begun", "clock", "measured", "last", "reads"] {
            var damaged = members
            damaged[name] = nil
            #expect(VerificationLedger(.object(damaged)) == nil, "\(name)")
        }
        for json: JSON in [.null, [], ["layout": 2], "x"] { #expect(VerificationLedger(json) == nil) }
    }

    @Test("an opened result is kept to the provider's deadline, to the application's wish, and for a minute in any case")
    func keeping() {
        let deadline = start + .seconds(1_000)
        #expect(KeptResult.end(openedAt: start, deadline: deadline, atMost: .seconds(3600)) == deadline)
        #expect(KeptResult.end(openedAt: start, deadline: deadline, atMost: .seconds(100)) == start + .seconds(100))
        #expect(KeptResult.end(openedAt: deadline - .seconds(1), deadline: deadline, atMost: .seconds(3600)) == deadline + .seconds(59))
        #expect(KeptResult.end(openedAt: start, deadline: nil, atMost: .seconds(7_200)) == start + .seconds(3600))
        #expect(KeptResult.end(openedAt: start, deadline: deadline, atMost: .zero) == start)
    }

    // MARK: Random walks

    /// A provider that counts for itself, and a process that may end at any moment.
    private struct World {
        var random: SeededRandom
        var ledger: VerificationLedger
        /// How far the provider's clock really is ahead.
        var ahead: Duration
        var now: Timestamp
        var completed: Timestamp?
        var reads = 0
        var keptRead: Int?
        var sent = 0

        var providerNow: Timestamp { now + ahead }
        func chance(_ percent: UInt64) -> Bool { random.number(below: 100) < percent }
    }

    private func world(_ seed: UInt64) -> World {
        let random = SeededRandom(seed: seed)
        let ahead = Duration.milliseconds(Int64(random.number(below: 200_000)) - 100_000)
        let trip = Duration.milliseconds(Int64(random.number(below: 3_000)))
        let written = Duration.milliseconds(Int64(random.number(below: UInt64(trip.wholeNanoseconds / 1_000_000 + 1))))
        let requested = Timestamp(unixSeconds: (start + written + ahead).unixSeconds)
        let ledger = VerificationLedger(
            txID: txID, requestType: .userNone, reference: nil, requestedAt: requested, asked: start, received: start + trip)
        return World(random: random, ledger: ledger, ahead: ahead, now: start + trip)
    }

    /// One wish to read, in which anything may happen.
    private func read(_ world: inout World) throws {
        world.ledger.wasInterrupted()
        switch world.ledger.decision(at: world.now) {
        case .refuse(.readsUsedUp): #expect(world.ledger.readsLeft == 0)
        case .refuse(.deadlinePassed):
            // Never refused much too early: by what the clock is not known to at most.
            let slack = world.ledger.clock.most - world.ledger.clock.least
            if world.ledger.ended != .expired {
                let completed = try #require(world.completed)
                #expect(world.providerNow + slack + .seconds(1) >= completed + .seconds(3600))
            }
        case .send:
            let number = world.ledger.readStarted(session: Secret("s"), at: world.now)
            world.ledger = try restored(world.ledger)
            if world.chance(10) { return }
            if world.chance(10) {
                world.ledger.readNotSent(number)
                return
            }
            // The call leaves.
            if let completed = world.ledger.completedAt { #expect(world.providerNow < completed + .seconds(3600)) }
            world.sent += 1
            guard let completed = world.completed else {
                world.ledger.readRefused(number, .notCompleted)
                return
            }
            guard world.providerNow < completed + .seconds(3600) else {
                world.ledger.readRefused(number, .expired)
                return
            }
            world.reads += 1
            if world.chance(15) { return }
            if world.chance(25) {
                world.ledger.readLost(number)
                return
            }
            world.keptRead = number
            if world.chance(30) { return }
            world.ledger.readSucceeded(
                number, VerificationFacts(completedAt: Timestamp(unixSeconds: completed.unixSeconds)), at: world.now,
                keptUntil: world.now + .seconds(9_999))
        }
    }

    @Test(
        "whatever happens, in whatever order and with whatever ends of the process: at most two reads count, what is told to be left is never too much, no read leaves after a known deadline, and an opened result is never forgotten"
    )
    func walks() throws {
        var total = 0
        var refusals = 0
        for seed in 1...800 as ClosedRange<UInt64> {
            var world = world(seed)
            for _ in 0..<40 {
                switch world.random.number(below: 6) {
                case 0: world.now = world.now + .milliseconds(Int64(world.random.number(below: 900_000)))
                case 1:
                    world.now = world.now + .milliseconds(Int64(world.random.number(below: 2_000)))
                    if world.completed == nil, world.chance(50) { world.completed = world.providerNow }
                case 2:
                    let asked = world.now
                    world.now = world.now + .milliseconds(Int64(world.random.number(below: 500)))
                    world.ledger.statusReported(
                        world.completed == nil ? .inProgress : .completed, requestedAt: nil, asked: asked, received: world.now)
                default: try read(&world)
                }
                if world.chance(20) { world.ledger = try restored(world.ledger) }
                if let kept = world.keptRead {
                    world.ledger.resultFound(
                        ofRead: kept, VerificationFacts(["completedDt": .string(TossAuthTime.text(world.completed ?? world.now))]),
                        openedAt: world.now, until: world.now + .seconds(9_999))
                    #expect(world.ledger.keptUntil != nil)
                }
                #expect(world.reads <= 2, "seed \(seed)")
                #expect(world.ledger.readsLeft <= 2 - world.reads, "seed \(seed)")
                if let told = world.ledger.resultDeadline, let completed = world.completed, world.ledger.status == .completed {
                    #expect(told <= completed + .seconds(3600), "seed \(seed)")
                }
            }
            total += world.reads
            if world.ledger.decision(at: world.now) != .send { refusals += 1 }
        }
        // The walks do go somewhere.
        #expect(total > 400 && refusals > 200)
    }
}
