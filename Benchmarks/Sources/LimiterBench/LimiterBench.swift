import Base
import ProviderKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Prints what a limit costs a call: the decision alone, and the whole way through a limiter with its clock, its lock and its metrics.
@main
struct LimiterBench {
    static func main() async throws {
        print("limiter: CPU per call in nanoseconds, medians of 9 rounds (from, to); bar 100 for a decision, goal 55")
        report("decision, window nearly empty", rounds { decisions(callsPerSecond: 1000) })
        report("decision and answer, 3,000 a minute in use", rounds { decisionsAndAnswers() })
        var whole: [Double] = []
        for _ in 0..<9 { whole.append(try await alone()) }
        report("whole way in and out, alone", whole)
        for callers in [2, 8] {
            var contended: [Double] = []
            for _ in 0..<9 { contended.append(try await together(callers)) }
            report("whole way in and out, \(callers) callers at once", contended)
        }
        var waiting: [Double] = []
        for _ in 0..<9 { waiting.append(queued()) }
        report("one comes and one goes, 1,000 waiting", waiting)
    }

    private static func rounds(_ body: () -> Double) -> [Double] { (0..<9).map { _ in body() } }

    private static func report(_ name: String, _ figures: [Double]) {
        let sorted = figures.sorted()
        func text(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
        print(
            name + String(repeating: " ", count: max(1, 48 - name.count)) + text(sorted[sorted.count / 2])
                + "  (\(text(sorted[0])), \(text(sorted[sorted.count - 1])))")
    }

    /// Decisions of a plan whose window never fills.
    private static func decisions(callsPerSecond: Int) -> Double {
        var plan = RateLimiterPlan(RateLimit(perMinute: 1_000_000, perSecond: 1_000_000), isKept: false)
        let step = Duration.seconds(1) / callsPerSecond
        var now = Duration.zero
        return cost(200_000) {
            now += step
            guard plan.admittedAtOnce(deadline: now + .seconds(30), at: now) != nil else { preconditionFailure("was not let in") }
        }
    }

    /// Decisions of a plan that is as full as it gets without anybody waiting: every call also frees the place of an older one.
    private static func decisionsAndAnswers() -> Double {
        var plan = RateLimiterPlan(RateLimit(perMinute: 3000, perSecond: 50), isKept: false)
        var now = Duration.zero
        func one() {
            now += .microseconds(20_200)
            guard let number = plan.admittedAtOnce(deadline: now + .seconds(30), at: now) else { preconditionFailure("was not let in") }
            plan.answered(number, at: now + .milliseconds(10))
        }
        for _ in 0..<10_000 { one() }
        return cost(200_000, one)
    }

    /// A saturated plan: one call comes and must wait, and one that waits has its turn.
    private static func queued() -> Double {
        var plan = RateLimiterPlan(RateLimit(perMinute: 3000, perSecond: 50), isKept: false)
        for _ in 0..<1000 { _ = plan.arrived(.person, deadline: .seconds(1_000_000), at: .zero) }
        var now = Duration.zero
        func one() {
            now += .microseconds(20_200)
            for (_, decision) in plan.advanced(to: now) {
                guard case .admitted(let number) = decision else { preconditionFailure("was turned away") }
                plan.answered(number, at: now)
            }
            guard case .waits = plan.arrived(.person, deadline: .seconds(1_000_000), at: now) else { preconditionFailure("need not wait") }
        }
        for _ in 0..<10_000 { one() }
        return cost(20_000, one)
    }

    private static func alone() async throws -> Double {
        let limiter = RateLimiter(
            name: "calls", limit: RateLimit(perMinute: 1_000_000, perSecond: 1_000_000), time: SystemTime(), records: nil)
        let count = 200_000
        let start = processSeconds()
        for _ in 0..<count {
            let admission = limiter.admission(.person)
            try await admission.enter(deadline: .seconds(30))
            admission.leave()
        }
        return (processSeconds() - start) / Double(count) * 1e9
    }

    private static func together(_ callers: Int) async throws -> Double {
        let limiter = RateLimiter(
            name: "calls", limit: RateLimit(perMinute: 1_000_000, perSecond: 1_000_000), time: SystemTime(), records: nil)
        let count = 400_000 / callers
        let start = processSeconds()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<callers {
                group.addTask {
                    for _ in 0..<count {
                        let admission = limiter.admission(.person)
                        try await admission.enter(deadline: .seconds(30))
                        admission.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        return (processSeconds() - start) / Double(count * callers) * 1e9
    }

    private static func cost(_ count: Int, _ body: () -> Void) -> Double {
        let start = processSeconds()
        for _ in 0..<count { body() }
        return (processSeconds() - start) / Double(count) * 1e9
    }

    private static func processSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
