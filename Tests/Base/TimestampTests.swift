import Base
import Testing

@Suite("Moments and lengths of time")
struct TimestampTests {
    @Test("whole seconds are rounded towards the past")
    func wholeSeconds() {
        for (nanoseconds, seconds) in [(0, 0), (999_999_999, 0), (1_000_000_000, 1), (-1, -1), (-1_000_000_000, -1), (-1_000_000_001, -2)]
            as [(Int64, Int64)]
        {
            #expect(Timestamp(nanosecondsSinceEpoch: nanoseconds).unixSeconds == seconds)
        }
        #expect(Timestamp(nanosecondsSinceEpoch: .min).unixSeconds == -9_223_372_037)
    }

    @Test("moments beyond the range become its ends")
    func clamping() {
        let (first, last) = (Timestamp(nanosecondsSinceEpoch: .min), Timestamp(nanosecondsSinceEpoch: .max))
        #expect(Timestamp(unixSeconds: .max) == last)
        #expect(Timestamp(unixSeconds: .min) == first)
        #expect(Timestamp(unixSeconds: 9_223_372_036).unixSeconds == 9_223_372_036)
        #expect(last + .nanoseconds(1) == last)
        #expect(first - .nanoseconds(1) == first)
        #expect(first + .nanoseconds(-1) == first)
        #expect(last - .nanoseconds(-1) == last)
        #expect(Timestamp(unixSeconds: 0) + .seconds(Int64.max) == last)
        #expect(Timestamp(unixSeconds: 0) - .seconds(Int64.max) == first)
    }

    @Test("lengths longer than 292 years are still exact where the result is in range")
    func longLengths() {
        let (first, last) = (Timestamp(nanosecondsSinceEpoch: .min), Timestamp(nanosecondsSinceEpoch: .max))
        let whole = last - first
        #expect(whole == .nanoseconds(Int64.max) - .nanoseconds(Int64.min))
        #expect(first + whole == last)
        #expect(last - whole == first)
        #expect(first - last == .zero - whole)
        #expect(
            first + .seconds(10_000_000_000)
                == Timestamp(nanosecondsSinceEpoch: .min + 5_000_000_000_000_000_000 + 5_000_000_000_000_000_000))
    }

    @Test("adding, taking away and comparing are consistent")
    func arithmetic() {
        let moment = Timestamp(unixSeconds: 1_767_225_600)
        #expect(moment + .milliseconds(1500) - .seconds(1) == moment + .milliseconds(500))
        #expect((moment + .seconds(90)) - moment == .seconds(90))
        #expect(moment - (moment + .seconds(90)) == .seconds(-90))
        #expect(moment < moment + .nanoseconds(1) && moment > moment - .nanoseconds(1))
    }

    @Test("a length in nanoseconds is exact, negative too, and stops at what 64 bits hold")
    func nanoseconds() {
        #expect(Duration.milliseconds(1500).wholeNanoseconds == 1_500_000_000)
        #expect(Duration.milliseconds(-1500).wholeNanoseconds == -1_500_000_000)
        #expect(Duration.nanoseconds(Int64.max).wholeNanoseconds == .max)
        #expect(Duration.nanoseconds(Int64.min).wholeNanoseconds == .min)
        #expect((Duration.nanoseconds(Int64.max) + .nanoseconds(1)).wholeNanoseconds == .max)
        #expect((Duration.nanoseconds(Int64.min) - .nanoseconds(1)).wholeNanoseconds == .min)
        #expect(Duration.seconds(Int64.max).wholeNanoseconds == .max)
        #expect(Duration.seconds(Int64.min).wholeNanoseconds == .min)
        #expect(Duration.zero.wholeNanoseconds == 0)
    }

    @Test("a length in seconds is rounded towards zero, as a fraction it is not rounded")
    func seconds() {
        #expect(Duration.milliseconds(1999).wholeSeconds == 1)
        #expect(Duration.milliseconds(-1999).wholeSeconds == -1)
        #expect(Duration.milliseconds(250).fractionalSeconds == 0.25)
        #expect(Duration.milliseconds(-250).fractionalSeconds == -0.25)
    }

    @Test("the machine's clocks run forward, and a sleep lasts at least as long as asked")
    func systemTime() async throws {
        let time = SystemTime()
        let (before, start) = (time.now, time.uptime)
        try await time.sleep(for: .milliseconds(5))
        #expect(time.uptime - start >= .milliseconds(5))
        #expect(before > Timestamp(unixSeconds: 1_700_000_000))
        try await time.sleep(for: .zero)
        try await time.sleep(for: .seconds(-1))
    }

    @Test("a sleep that is cancelled throws, a length of zero included")
    func cancelledSleep() async {
        for duration in [Duration.seconds(600), .zero] {
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                try await SystemTime().sleep(for: duration)
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}
