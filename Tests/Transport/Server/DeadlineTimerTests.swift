import Testing

@testable import Transport

@Suite("A connection's one timer")
struct DeadlineTimerTests {
    private func deadline(_ seconds: Int) -> ServerDeadline { ServerDeadline(meaning: .idle, moment: .seconds(seconds)) }

    @Test("A deadline that moves back arms nothing anew")
    func later() {
        var timer = DeadlineTimer(longestWait: .seconds(10))
        #expect(timer.set(deadline(75), now: .seconds(0)) == .seconds(10))
        #expect(timer.set(deadline(12), now: .seconds(2)) == nil)
        #expect(timer.set(deadline(77), now: .seconds(3)) == nil)
        #expect(timer.set(nil, now: .seconds(4)) == nil)
    }

    @Test("A deadline before the armed moment arms the timer earlier")
    func earlier() {
        var timer = DeadlineTimer(longestWait: .seconds(10))
        #expect(timer.set(deadline(75), now: .seconds(0)) == .seconds(10))
        #expect(timer.set(deadline(2), now: .seconds(1)) == .seconds(1))
    }

    @Test("The timer fires on until the deadline, then reports it once")
    func fires() {
        var timer = DeadlineTimer(longestWait: .seconds(10))
        _ = timer.set(deadline(15), now: .seconds(0))
        let first = timer.fired(now: .seconds(10))
        #expect(first.passed == nil && first.wait == .seconds(5))
        let second = timer.fired(now: .seconds(15))
        #expect(second.passed?.moment == .seconds(15) && second.wait == nil)
        let third = timer.fired(now: .seconds(16))
        #expect(third.passed == nil && third.wait == nil)
        #expect(timer.set(deadline(17), now: .seconds(16)) == .seconds(1))
    }
}
