import Base
import ProviderKit
import Testing

@Suite struct RateLimiterPlanTests {
    private typealias Plan = RateLimiterPlan

    private func plan(_ perMinute: Int, _ perSecond: Int, transit: Duration = .milliseconds(500)) -> Plan {
        Plan(RateLimit(perMinute: perMinute, perSecond: perSecond, transit: transit), isKept: false)
    }

    /// Sends as many as go through at once, and has all of them answered.
    private func fill(_ plan: inout Plan, at moment: Duration) -> Int {
        var count = 0
        while let number = plan.admittedAtOnce(deadline: moment + .seconds(1), at: moment) {
            plan.answered(number, at: moment)
            count += 1
        }
        return count
    }

    // A macro cannot call what changes a value.
    private func advance(_ plan: inout Plan, to moment: Duration) -> [(waiter: UInt64, decision: Plan.Decision)] {
        plan.advanced(to: moment)
    }
    private func arrive(_ plan: inout Plan, _ lane: Lane, deadline: Duration, at moment: Duration) -> Plan.Arrival {
        plan.arrived(lane, deadline: deadline, at: moment)
    }
    private func atOnce(_ plan: inout Plan, deadline: Duration, at moment: Duration) -> UInt64? {
        plan.admittedAtOnce(deadline: deadline, at: moment)
    }
    private func cancel(_ plan: inout Plan, _ waiter: UInt64, _ lane: Lane) -> Bool { plan.cancelled(waiter, lane) }

    @Test("No second holds more than the burst, and no minute more than the limit")
    func bounds() {
        var plan = plan(100, 30)
        #expect(fill(&plan, at: .seconds(5)) == 30)
        #expect(fill(&plan, at: .milliseconds(5999)) == 0)
        #expect(fill(&plan, at: .seconds(6)) == 30)
        #expect(fill(&plan, at: .seconds(7)) == 30)
        #expect(fill(&plan, at: .seconds(8)) == 10)
        #expect(plan.used == 100)
        // 60 s, 500 ms for the way and 10 ms for clocks that differ.
        #expect(fill(&plan, at: .seconds(65) + .milliseconds(509)) == 0)
        #expect(fill(&plan, at: .seconds(65) + .milliseconds(510)) == 30)
    }

    @Test("A call holds its place until a window after its answer, however long that takes")
    func answers() {
        var plan = plan(2, 2)
        let slow = plan.admittedAtOnce(deadline: .seconds(9), at: .zero)
        let quick = plan.admittedAtOnce(deadline: .seconds(9), at: .zero)
        plan.answered(quick ?? 0, at: .milliseconds(100))
        #expect(fill(&plan, at: .milliseconds(60_510)) == 1)
        #expect(plan.used == 2)
        #expect(fill(&plan, at: .milliseconds(120_000)) == 0)
        plan.answered(slow ?? 0, at: .milliseconds(120_000))
        #expect(fill(&plan, at: .milliseconds(121_020)) == 1)
        #expect(fill(&plan, at: .milliseconds(180_009)) == 0)
        #expect(fill(&plan, at: .milliseconds(180_010)) == 1)
    }

    @Test("Within a lane the first to come is the first to go")
    func order() {
        var plan = plan(10, 10)
        #expect(fill(&plan, at: .zero) == 10)
        var waiters: [UInt64] = []
        for index in 0..<8 {
            guard case .waits(let number) = plan.arrived(.person, deadline: .seconds(100 + index % 3), at: .milliseconds(index)) else {
                Issue.record("was not made to wait")
                return
            }
            waiters.append(number)
        }
        #expect(plan.nextMoment == .milliseconds(60_510))
        #expect(advance(&plan, to: .milliseconds(60_509)).isEmpty)
        #expect(advance(&plan, to: .milliseconds(60_510)).map(\.waiter) == waiters)
        #expect(plan.nextMoment == nil)
    }

    @Test("Nobody overtakes those who wait, even when there is room for one more")
    func noOvertaking() {
        var plan = plan(10, 1)
        #expect(fill(&plan, at: .zero) == 1)
        guard case .waits(let first) = plan.arrived(.bulk, deadline: .seconds(50), at: .milliseconds(100)) else {
            Issue.record("was not made to wait")
            return
        }
        #expect(atOnce(&plan, deadline: .seconds(50), at: .seconds(1)) == nil)
        #expect(advance(&plan, to: .seconds(1)).map(\.waiter) == [first])
    }

    @Test("Persons go before bulk calls, which get every tenth place while they wait")
    func lanes() {
        var plan = plan(1000, 1000)
        #expect(fill(&plan, at: .zero) == 1000)
        var bulk: Set<UInt64> = []
        for index in 0..<200 {
            let lane: Lane = index < 100 ? .bulk : .person
            guard case .waits(let number) = plan.arrived(lane, deadline: .seconds(100), at: .milliseconds(index)) else {
                Issue.record("was not made to wait")
                return
            }
            if lane == .bulk { bulk.insert(number) }
        }
        let order = plan.advanced(to: .seconds(61)).map { bulk.contains($0.waiter) ? "b" : "p" }.joined()
        #expect(order == String(repeating: "pppppppppb", count: 11) + "p" + String(repeating: "b", count: 89))
    }

    @Test("A bulk call never starves, however many persons keep coming")
    func noStarvation() {
        var plan = plan(600, 10)
        _ = fill(&plan, at: .zero)
        guard case .waits(let bulk) = plan.arrived(.bulk, deadline: .seconds(100), at: .zero) else {
            Issue.record("was not made to wait")
            return
        }
        var admitted: [UInt64] = []
        for tick in 1...30 {
            for _ in 0..<30 { _ = plan.arrived(.person, deadline: .seconds(100), at: .milliseconds(tick * 100)) }
            admitted += plan.advanced(to: .milliseconds(tick * 100)).map(\.waiter)
        }
        #expect(admitted.firstIndex(of: bulk) == 9)
    }

    @Test("A call whose turn comes just before its deadline waits, and one whose turn comes at its deadline is turned away at once")
    func deadlines() {
        var plan = plan(20, 10)
        #expect(fill(&plan, at: .zero) == 10)
        #expect(fill(&plan, at: .seconds(1)) == 10)
        let turn = Duration.milliseconds(60_510)
        #expect(arrive(&plan, .person, deadline: turn, at: .seconds(2)) == .refused(LimitRefusal(.full, retryAfter: turn - .seconds(2))))
        for index in 0..<10 {
            guard case .waits = plan.arrived(.person, deadline: turn + .nanoseconds(1), at: .seconds(2)) else {
                Issue.record("\(index) was not made to wait")
                return
            }
        }
        // The eleventh has ten ahead of it, and the next second to wait for.
        let next = turn + .seconds(1)
        #expect(arrive(&plan, .person, deadline: next, at: .seconds(2)) == .refused(LimitRefusal(.full, retryAfter: next - .seconds(2))))
        #expect(arrive(&plan, .person, deadline: next + .nanoseconds(1), at: .seconds(2)) == .waits(11))
        #expect(advance(&plan, to: turn).count == 10)
        #expect(advance(&plan, to: next).map(\.decision) == [.admitted(31)])
    }

    @Test("The turn is foreseen through several windows: one who waits goes exactly then, and one who could not is turned away")
    func foresight() {
        var plan = plan(7, 3, transit: .seconds(1))
        var turns: [Duration] = []
        _ = fill(&plan, at: .zero)
        for _ in 0..<40 {
            guard case .refused(let refusal) = plan.arrived(.person, deadline: .milliseconds(1), at: .zero) else {
                Issue.record("was not turned away")
                return
            }
            turns.append(refusal.retryAfter)
            _ = plan.arrived(.person, deadline: .seconds(100_000), at: .zero)
        }
        var moments: [Duration] = []
        while let moment = plan.nextMoment {
            for (_, decision) in plan.advanced(to: moment) {
                guard case .admitted(let number) = decision else {
                    Issue.record("was turned away")
                    return
                }
                plan.answered(number, at: moment)
                moments.append(moment)
            }
        }
        #expect(moments == turns)
    }

    @Test("Who stops waiting leaves no hole, and who is turned away at its deadline neither")
    func noHoles() {
        var plan = plan(4, 4)
        #expect(fill(&plan, at: .zero) == 4)
        var waiters: [UInt64] = []
        for index in 0..<400 {
            let deadline: Duration = index % 4 == 1 ? .milliseconds(61_000) : .seconds(100_000)
            if case .waits(let number) = plan.arrived(.person, deadline: deadline, at: .zero) {
                waiters.append(number)
            } else {
                waiters.append(0)
            }
        }
        for (index, waiter) in waiters.enumerated() where index % 4 == 2 { #expect(cancel(&plan, waiter, .person)) }
        #expect(!cancel(&plan, waiters[2], .person))
        #expect(plan.waiting(.person) == waiters.count { $0 != 0 } - 100)
        let expected = waiters.enumerated().filter { $0.element != 0 && $0.offset % 4 != 2 && $0.offset % 4 != 1 || $0.offset == 1 }
        let first = plan.advanced(to: .milliseconds(60_510)).map(\.waiter)
        #expect(first == expected.prefix(4).map(\.element))
    }

    @Test(
        "While the provider blocks nothing goes, who cannot wait that long is turned away at once, and afterwards the pace rises by tenths")
    func block() {
        var plan = plan(6000, 100)
        _ = fill(&plan, at: .zero)
        guard case .waits(let short) = plan.arrived(.person, deadline: .seconds(20), at: .milliseconds(10)),
            case .waits(let long) = plan.arrived(.person, deadline: .seconds(40), at: .milliseconds(10))
        else {
            Issue.record("was not made to wait")
            return
        }
        plan.blocked(for: .seconds(30), at: .milliseconds(20))
        #expect(plan.isBlocked(at: .seconds(30)))
        let refusal = LimitRefusal(.blocked, retryAfter: .seconds(30))
        let decisions = plan.advanced(to: .milliseconds(20))
        #expect(decisions.map(\.waiter) == [short])
        #expect(decisions.map(\.decision) == [.refused(refusal)])
        #expect(arrive(&plan, .bulk, deadline: .milliseconds(30_020), at: .milliseconds(20)) == .refused(refusal))
        #expect(plan.nextMoment == .milliseconds(30_020))
        // A shorter block does not end a longer one.
        plan.blocked(for: .seconds(5), at: .milliseconds(30))
        #expect(advance(&plan, to: .milliseconds(30_019)).isEmpty)
        #expect(advance(&plan, to: .milliseconds(30_020)).map(\.waiter) == [long])
        #expect(fill(&plan, at: .milliseconds(30_020)) == 9)
        #expect(fill(&plan, at: .milliseconds(31_020)) == 10)
        #expect(fill(&plan, at: .milliseconds(36_020)) == 20)
        #expect(fill(&plan, at: .milliseconds(84_020)) == 100)
        #expect(fill(&plan, at: .milliseconds(90_020)) == 100)
    }

    @Test("At its end everybody is told so, and nobody is let in")
    func end() {
        var plan = plan(1, 1)
        _ = fill(&plan, at: .zero)
        _ = plan.arrived(.person, deadline: .seconds(100), at: .zero)
        plan.ended(at: .seconds(1))
        #expect(advance(&plan, to: .seconds(1)).map(\.decision) == [.refused(LimitRefusal(.ended, retryAfter: .seconds(1)))])
        #expect(arrive(&plan, .bulk, deadline: .seconds(500), at: .seconds(100)) == .refused(LimitRefusal(.ended, retryAfter: .seconds(1))))
    }

    @Test("Moments that come in out of order change nothing")
    func disorder() {
        var plan = plan(10, 10)
        #expect(fill(&plan, at: .seconds(10)) == 10)
        #expect(fill(&plan, at: .seconds(1)) == 0)
        #expect(fill(&plan, at: .milliseconds(70_509)) == 0)
        #expect(fill(&plan, at: .milliseconds(70_510)) == 10)
    }

    @Test("A part of the limit can be left to somebody else")
    func reserve() {
        var plan = Plan(RateLimit(perMinute: 10, perSecond: 10, reserved: 4), isKept: false)
        #expect(fill(&plan, at: .zero) == 6)
        #expect(RateLimit(perMinute: 10, perSecond: 50, reserved: 12).perSecond == 10)
    }
}
