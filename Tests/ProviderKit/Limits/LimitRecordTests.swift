import Base
import TestSupport
import Testing

@testable import ProviderKit

@Suite struct LimitRecordTests {
    private let start = Timestamp(unixSeconds: 1_767_225_600)
    private let limit = RateLimit(perMinute: 10, perSecond: 10)

    private func opened(_ record: LimitRecord?, isReadable: Bool = true, at now: Duration, civil: Timestamp) -> RateLimiterPlan {
        var plan = RateLimiterPlan(limit, isKept: true)
        plan.restored(record, isReadable: isReadable, at: now, civil: civil)
        let lease = plan.leaseAsked(at: now, civil: civil)
        plan.leaseWritten(LimitLease(record: lease.record, count: 100))
        return plan
    }

    private func fill(_ plan: inout RateLimiterPlan, at moment: Duration) -> Int {
        var count = 0
        while let number = plan.admittedAtOnce(deadline: .seconds(1_000_000), at: moment) {
            plan.answered(number, at: moment)
            count += 1
        }
        return count
    }

    /// Seven calls at 100 s, answered at once, and one at 101 s whose answer is still out at 110 s, when all of it is written down.
    private func written() throws -> LimitRecord {
        var plan = opened(nil, at: .seconds(100), civil: start)
        for _ in 0..<7 { plan.answered(plan.admittedAtOnce(deadline: .seconds(200), at: .seconds(100)) ?? 0, at: .seconds(100)) }
        _ = plan.admittedAtOnce(deadline: .seconds(200), at: .seconds(101))
        _ = plan.advanced(to: .seconds(110))
        return try #require(plan.finalRecord(at: .seconds(110), civil: start + .seconds(10)))
    }

    @Test("A record says when the calls were counted and how many may still be on their way, and its bytes say the same")
    func bytes() throws {
        let record = try written()
        #expect(record.counted == [LimitRecord.Group(offset: .milliseconds(-9500), count: 7)])
        #expect(record.unknown == 1)
        #expect(LimitRecord(record.bytes) == record)
        for text in [
            "", "{}", "[]", "{\"version\":2}",
            String(decoding: record.bytes, as: UTF8.self).replacing("\"unknown\":1", with: "\"unknown\":-1"),
            String(decoding: record.bytes, as: UTF8.self).replacing(",7]", with: "]"),
        ] { #expect(LimitRecord(Array(text.utf8)) == nil) }
    }

    @Test("After a restart the same calls still hold their places, and those whose fate nobody knows count as made just now")
    func restart() throws {
        var plan = opened(try written(), at: .seconds(130), civil: start + .seconds(30))
        #expect(plan.used == 8)
        #expect(fill(&plan, at: .seconds(130)) == 2)
        #expect(fill(&plan, at: .milliseconds(160_509)) == 0)
        #expect(fill(&plan, at: .milliseconds(160_510)) == 7)
        #expect(fill(&plan, at: .milliseconds(190_509)) == 0)
        #expect(fill(&plan, at: .milliseconds(190_510)) == 3)
    }

    @Test(
        "Of the uptime and the civil time the one counts by which less has passed",
        arguments: [
            // Uptime and civil time at the restart, both in seconds after those at the writing, and how old the record counts as.
            (20, 20, 20), (20, 3600, 20), (20, -3600, 0), (20, 5, 5),
            // The machine was started anew 30 s ago.
            (-80, 50, 30), (-80, 7200, 30), (-80, -10, 0),
        ])
    func clocks(uptime: Int, civil: Int, age: Int) throws {
        let record = try written()
        #expect(record.age(uptime: .seconds(110 + uptime), civil: record.civil + .seconds(civil)) == .seconds(age))
    }

    @Test("A clock that was set forward over the restart frees nothing, and one that was set back keeps everything for a window at most")
    func steppedClock() throws {
        let record = try written()
        var forward = opened(record, at: .seconds(111), civil: record.civil + .seconds(86_400))
        #expect(fill(&forward, at: .seconds(111)) == 2)
        var back = opened(record, at: .seconds(500), civil: record.civil - .seconds(86_400))
        #expect(fill(&back, at: .seconds(500)) == 2)
        #expect(fill(&back, at: .milliseconds(550_509)) == 0)
        #expect(fill(&back, at: .milliseconds(550_510)) == 7)
        #expect(fill(&back, at: .milliseconds(560_510)) == 3)
    }

    @Test("A record that cannot be read counts as a whole window's calls made just now, and none as nothing")
    func unreadable() {
        var plan = opened(nil, isReadable: false, at: .seconds(5), civil: start)
        #expect(fill(&plan, at: .seconds(65)) == 0)
        #expect(fill(&plan, at: .milliseconds(65_510)) == 10)
        var empty = opened(nil, at: .seconds(5), civil: start)
        #expect(fill(&empty, at: .seconds(5)) == 10)
    }

    @Test("A smaller limit after the restart waits until what was sent under the larger one fits in")
    func smallerLimit() throws {
        let record = LimitRecord(
            uptime: .zero, civil: start,
            counted: [
                .init(offset: .seconds(-50), count: 2000), .init(offset: .seconds(-40), count: 6), .init(offset: .seconds(-30), count: 3),
            ],
            unknown: 0, blockEnd: nil)
        var plan = opened(record, at: .zero, civil: start)
        #expect(plan.used == 10)
        #expect(fill(&plan, at: .milliseconds(10_010)) == 1)
        #expect(fill(&plan, at: .milliseconds(20_010)) == 6)
    }

    @Test("A provider's block goes on after the restart, and so does the slow beginning after it")
    func block() throws {
        var plan = opened(nil, at: .seconds(100), civil: start)
        plan.blocked(for: .seconds(60), at: .seconds(100))
        let record = try #require(plan.finalRecord(at: .seconds(110), civil: start + .seconds(10)))
        var next = opened(LimitRecord(record.bytes), at: .seconds(120), civil: start + .seconds(20))
        #expect(fill(&next, at: .milliseconds(159_999)) == 0)
        #expect(fill(&next, at: .seconds(160)) == 1)
        var later = opened(LimitRecord(record.bytes), at: .seconds(172), civil: start + .seconds(72))
        #expect(fill(&later, at: .seconds(172)) == 3)
    }

    @Test("No send is made that is not covered by what was written before, and the next block is asked for in good time")
    func coverage() {
        var plan = RateLimiterPlan(RateLimit(perMinute: 3000, perSecond: 50), isKept: true)
        #expect(!plan.leaseIsDue)
        #expect(fill(&plan, at: .zero) == 0)
        plan.restored(nil, isReadable: true, at: .zero, civil: start)
        let first = plan.leaseAsked(at: .zero, civil: start)
        #expect(first.count == 50)
        #expect(first.record.unknown == 50)
        #expect(fill(&plan, at: .zero) == 0)
        plan.leaseWritten(first)
        #expect(!plan.leaseIsDue)
        for _ in 0..<25 { plan.answered(plan.admittedAtOnce(deadline: .seconds(9), at: .zero) ?? 0, at: .zero) }
        #expect(plan.leaseIsDue)
        let second = plan.leaseAsked(at: .zero, civil: start)
        #expect(!plan.leaseIsDue)
        #expect(second.record.unknown == 75)
        #expect(second.record.counted.map(\.count) == [25])
        // What was covered before may be sent while the disk writes.
        #expect(fill(&plan, at: .zero) == 25)
        #expect(fill(&plan, at: .seconds(1)) == 0)
        plan.leaseWritten(second)
        #expect(fill(&plan, at: .seconds(1)) == 50)
    }
}
