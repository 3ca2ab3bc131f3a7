import Base
import ProviderKit
import TestSupport
import Testing

@testable import TossAuth

@Suite("A provider's clock that nobody has measured, or that has moved")
struct CourseClockTests {
    private func run(_ body: @escaping @Sendable (CourseBench) async throws -> Void) throws {
        let time = Simulation()
        let bench = try CourseBench(time: time, provider: CourseProvider(time: time))
        try time.run { try await body(bench) }
    }

    /// A check that its person has finished, the provider's clock being that far ahead; `isForeign`: begun by somebody else.
    private static func completed(_ bench: CourseBench, ahead: Duration, isForeign: Bool) async throws -> TransactionID {
        if isForeign { bench.provider.state.withLock { $0.ahead = ahead } }
        let txID = try await bench.begin()
        if isForeign { try await bench.course.forget(txID) }
        bench.provider.state.withLock { $0.ahead = ahead }
        bench.provider.complete(txID)
        return txID
    }

    @Test("a first result proves where the provider's clock stood: it is kept for its hour, and the second read is not refused too early")
    func behind() throws {
        for isForeign in [true, false] {
            for ahead in [Duration.seconds(-7_200), .seconds(-86_400 * 3)] {
                try run { bench in
                    let txID = try await CourseClockTests.completed(bench, ahead: ahead, isForeign: isForeign)
                    let first = try await bench.result(txID)
                    #expect(first.state.readsLeft == 1)
                    try await bench.time.sleep(for: .seconds(3_000))
                    #expect(try await bench.result(txID).isRepeated, "foreign: \(isForeign), \(ahead)")
                    #expect(try await bench.result(txID, fresh: true).state.readsLeft == 0)
                }
            }
        }
    }

    @Test("a provider's clock that was set forward refuses a read after its hour here, without a call")
    func ahead() throws {
        for isForeign in [true, false] {
            try run { bench in
                let txID = try await CourseClockTests.completed(bench, ahead: .seconds(7_200), isForeign: isForeign)
                _ = try await bench.result(txID)
                try await bench.time.sleep(for: .seconds(3_601))
                let calls = bench.provider.calls.count
                #expect(await bench.failure(txID, fresh: true)?.code == .resultDeadlinePassed, "foreign: \(isForeign)")
                #expect(bench.provider.calls.count == calls)
            }
        }
    }

    @Test("before the first read no deadline is told that only this machine's clock speaks for")
    func deadline() throws {
        try run { bench in
            let txID = try await CourseClockTests.completed(bench, ahead: .seconds(-7_200), isForeign: true)
            let completed = bench.provider.now
            bench.provider.change(txID) { $0.status = "IN_PROGRESS" }
            _ = try await bench.course.status(of: txID, deadline: .seconds(5))
            bench.provider.change(txID) { $0.status = "COMPLETED" }
            let state = try await bench.course.status(of: txID, deadline: .seconds(5)).state
            #expect(state.status == .completed)
            if let told = state.resultDeadline { #expect(told <= completed + .seconds(3_600)) }
        }
    }
}
