import Base
import ProviderKit
import TestSupport
import Testing

@testable import TossAuth

@Suite("Waiting for a check of a person")
struct CourseWaitTests {
    private func run(_ body: @escaping @Sendable (CourseBench) async throws -> Void) throws {
        let time = Simulation()
        // Without latency the moments of the polls are those of the plan.
        let bench = try CourseBench(time: time, provider: CourseProvider(time: time, latency: .zero))
        try time.run { try await body(bench) }
    }

    private func polls(_ bench: CourseBench, since start: Duration) -> [Int64] {
        bench.provider.names("status").map { ($0.at - start).wholeNanoseconds / 1_000_000_000 }
    }

    @Test("polls come after 0, 1, 2, 4, 6, 9, 14, 19 … seconds, and at the end of the wait the state is told as it is")
    func pauses() throws {
        try run { bench in
            let txID = try await bench.begin()
            let start = bench.time.uptime
            let state = try await bench.course.wait(for: txID, atMost: .seconds(25), deadline: .seconds(60))
            #expect(state.status == .requested && bench.time.uptime - start == .seconds(25))
            #expect(polls(bench, since: start) == [0, 1, 2, 4, 6, 9, 14, 19, 24])
        }
    }

    @Test("it returns when the status changes: to a known word, to one that nobody knows, and to an end")
    func change() throws {
        for word in ["IN_PROGRESS", "COMPLETED", "EXPIRED", "PONDERING"] {
            try run { bench in
                let txID = try await bench.begin()
                let start = bench.time.uptime
                startTask {
                    try? await bench.time.sleep(for: .seconds(3))
                    bench.provider.change(txID) { $0.status = word }
                }
                let state = try await bench.course.wait(for: txID, atMost: .seconds(30), deadline: .seconds(60))
                #expect(state.status?.rawValue == word && bench.time.uptime - start == .seconds(4))
                #expect(try await bench.course.state(of: txID)?.status?.rawValue == word)
            }
        }
    }

    @Test("a check that has come to its end is told at once, without a poll")
    func over() throws {
        try run { bench in
            let txID = try await bench.completed()
            _ = try await bench.result(txID)
            let state = try await bench.course.wait(for: txID, atMost: .seconds(30), deadline: .seconds(60))
            #expect(state.status == .completed && bench.provider.names("status").isEmpty)
        }
    }

    @Test("many who wait share their polls, never less than a second apart, and all learn of the change")
    func sharing() throws {
        try run { bench in
            let txID = try await bench.begin()
            let start = bench.time.uptime
            startTask {
                try? await bench.time.sleep(for: .seconds(20))
                bench.provider.change(txID) { $0.status = "IN_PROGRESS" }
            }
            let states = try await withThrowingTaskGroup(of: VerificationState.self) { group in
                for index in 0..<40 {
                    group.addTask {
                        try await bench.time.sleep(for: .milliseconds(Int64(index) * 170))
                        return try await bench.course.wait(for: txID, atMost: .seconds(60), deadline: .seconds(60))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(states.allSatisfy { $0.status == .inProgress })
            let moments = bench.provider.names("status").map { $0.at - start }
            #expect(zip(moments, moments.dropFirst()).allSatisfy { $1 - $0 >= .seconds(1) } && moments.count > 10)
        }
    }

    @Test("the wait is bounded by a minute and by the deadline, and ends with its task")
    func bounded() throws {
        try run { bench in
            let txID = try await bench.begin()
            var start = bench.time.uptime
            _ = try await bench.course.wait(for: txID, atMost: .seconds(600), deadline: .seconds(600))
            #expect(bench.time.uptime - start == .seconds(60))
            start = bench.time.uptime
            _ = try await bench.course.wait(for: txID, atMost: .seconds(30), deadline: .seconds(7))
            #expect(bench.time.uptime - start == .seconds(7))
            start = bench.time.uptime
            let code = Locked<TossAuthError.Code?>(nil)
            let waiting = startTask {
                let error = await courseFailure {
                    try await bench.course.wait(for: txID, atMost: .seconds(30), deadline: .seconds(60))
                }
                code.withLock { $0 = error?.code }
            }
            try await bench.time.sleep(for: .milliseconds(1_500))
            waiting.cancel()
            await waiting.value
            #expect(code.withLock { $0 } == .cancelled && bench.time.uptime - start == .milliseconds(1_500))
        }
    }

    @Test("a poll that fails is made up for by the next; a refusal is told at once")
    func failures() throws {
        try run { bench in
            let txID = try await bench.begin()
            bench.provider.fault("status", .losesCall, .answers("<html>", status: 502), .refuses(.unavailable, status: 503))
            startTask {
                try? await bench.time.sleep(for: .seconds(3))
                bench.provider.complete(txID)
            }
            #expect(try await bench.course.wait(for: txID, atMost: .seconds(30), deadline: .seconds(60)).status == .completed)
            let missing = try #require(TransactionID("unknown"))
            let start = bench.time.uptime
            let error = await courseFailure { try await bench.course.wait(for: missing, atMost: .seconds(30), deadline: .seconds(60)) }
            #expect(error?.errorCode == .requestNotFound && bench.time.uptime == start)
        }
    }

    @Test("a check that somebody else began is followed too, and a status that cannot be had is told")
    func foreign() throws {
        try run { bench in
            let txID = try await bench.begin()
            try await bench.course.forget(txID)
            let state = try await bench.course.wait(for: txID, atMost: .seconds(30), deadline: .seconds(60))
            #expect(state.status == .requested && state.requestedAt != nil && state.readsLeft == 2)
            try await bench.course.forget(txID)
            try await bench.time.sleep(for: .seconds(2))
            bench.provider.fault("status", .losesCall, .losesCall, .losesCall)
            let error = await courseFailure { try await bench.course.wait(for: txID, atMost: .seconds(2), deadline: .seconds(60)) }
            #expect(error?.outcome == .unknown && error?.code == .unreachable)
        }
    }
}
