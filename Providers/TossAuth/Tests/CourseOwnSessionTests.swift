import Base
import ProviderKit
import TestSupport
import Testing

@testable import TossAuth

@Suite("Applications that encrypt by themselves")
struct CourseOwnSessionTests {
    private func run(_ body: @escaping @Sendable (CourseBench) async throws -> Void) throws {
        let time = Simulation()
        let bench = try CourseBench(time: time, provider: CourseProvider(time: time))
        try time.run { try await body(bench) }
    }

    /// A body with a session that nobody else has.
    private static func body(_ bench: CourseBench, _ txID: TransactionID) throws -> JSON {
        let session = try ResultSession(for: bench.provider.opener.publicKey, random: SystemRandom())
        return ["txId": .string(txID.text), "sessionKey": .string(session.sessionKey)]
    }

    private static func pass(
        _ bench: CourseBench, _ txID: TransactionID, deadline: Duration = .seconds(30)
    ) async throws -> PassedAnswer {
        try await bench.course.passResult(of: txID, body(bench, txID), deadline: deadline)
    }

    @Test("their reads pass untouched, count like all others, and a third is refused here")
    func counting() throws {
        try run { bench in
            let txID = try await bench.completed()
            let first = try await CourseOwnSessionTests.pass(bench, txID)
            #expect(first.state.readsLeft == 1 && first.state.keptUntil == nil)
            let content = try JSON(first.reply.body)["success"]
            #expect(content?["personalData"]?["name"]?.string?.hasPrefix("v1$") == true)
            bench.provider.fault("result", .losesAnswer)
            let lost = await courseFailure { try await CourseOwnSessionTests.pass(bench, txID) }
            #expect(lost?.outcome == .unknown && lost?.state?.readsLeft == 0)
            let third = await courseFailure { try await CourseOwnSessionTests.pass(bench, txID) }
            #expect(third?.code == .readsUsedUp && bench.provider.names("result").count == 2)
            #expect(await bench.failure(txID)?.code == .readsUsedUp)
        }
    }

    @Test("a read of theirs and one of ours at one time are two reads, one after the other, and neither gets the other's answer")
    func oneAtATime() throws {
        try run { bench in
            let txID = try await bench.completed()
            bench.provider.fault("result", .delays(.seconds(3)))
            let passed = Locked<Int?>(nil)
            let task = startTask {
                let answer = try? await CourseOwnSessionTests.pass(bench, txID)
                passed.withLock { $0 = answer?.reply.status }
            }
            try await bench.time.sleep(for: .seconds(1))
            let ours = await bench.failure(txID)
            #expect(ours?.code == .readUnderWay && ours?.outcome == .notSent)
            await task.value
            #expect(passed.withLock { $0 } == 200)
            #expect(try await bench.result(txID).state.readsLeft == 0)
        }
    }

    @Test("a deadline that passes while their read is under way is told as unknown, since it may have counted")
    func deadline() throws {
        try run { bench in
            let txID = try await bench.completed()
            bench.provider.fault("result", .delays(.seconds(8)))
            let error = await courseFailure { try await CourseOwnSessionTests.pass(bench, txID, deadline: .seconds(2)) }
            #expect(error?.outcome == .unknown)
            #expect(try await bench.course.state(of: txID)?.readsLeft == 1)
        }
    }
}
