import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import TossAuth

@Suite("Whether a check of a person has come to its end")
struct CourseEndTests {
    private let start = Timestamp(unixSeconds: 1_767_225_600)

    private func run(
        options: VerificationCourse.Options = .init(), _ body: @escaping @Sendable (CourseBench) async throws -> Void
    ) throws {
        let time = Simulation()
        let bench = try CourseBench(time: time, provider: CourseProvider(time: time, latency: .zero), options: options)
        try time.run { try await body(bench) }
    }

    @Test("a refusal that ended the check is taken back by a status that contradicts it, and by a result")
    func takenBack() throws {
        for code in [TossAuthErrorCode.requestNotFound, .expired] {
            for word in ["REQUESTED", "IN_PROGRESS", "COMPLETED"] {
                try run { bench in
                    let txID = try await bench.begin()
                    bench.provider.fault("result", .refuses(code))
                    #expect(await bench.failure(txID)?.state?.ended == code)
                    bench.provider.change(txID) { $0.status = word }
                    let state = try await bench.course.status(of: txID, deadline: .seconds(5)).state
                    #expect(state.ended == nil && state.readsLeft == 2 && !state.isOver, "\(code) \(word)")
                }
            }
        }
        try run { bench in
            let txID = try await bench.completed()
            bench.provider.fault("result", .refuses(.requestNotFound))
            #expect(await bench.failure(txID)?.state?.isOver == true)
            let result = try await bench.result(txID)
            #expect(result.state.ended == nil && result.state.readsLeft == 1)
        }
    }

    @Test("the end stands where a status only repeats it, and where the 60 minutes are over by themselves")
    func stands() throws {
        try run { bench in
            let txID = try await bench.begin()
            bench.provider.fault("result", .refuses(.expired))
            _ = await bench.failure(txID)
            bench.provider.change(txID) { $0.status = "EXPIRED" }
            #expect(try await bench.course.status(of: txID, deadline: .seconds(5)).state.ended == .expired)
        }
        try run { bench in
            let txID = try await bench.completed()
            _ = try await bench.course.status(of: txID, deadline: .seconds(5))
            try await bench.time.sleep(for: .seconds(3_599))
            bench.provider.fault("result", .refuses(.expired))
            _ = await bench.failure(txID)
            try await bench.time.sleep(for: .seconds(10))
            #expect(try await bench.course.status(of: txID, deadline: .seconds(5)).state.ended == .expired)
            // What is used up stays used up, whatever the status.
            let other = try await bench.completed()
            bench.provider.fault("result", .refuses(.readsUsedUp))
            _ = await bench.failure(other)
            #expect(try await bench.course.status(of: other, deadline: .seconds(5)).state.ended == .readsUsedUp)
        }
    }

    @Test("who waits for a check that the provider did not know is told so only after the provider was asked once more")
    func waiting() throws {
        try run { bench in
            let txID = try await bench.begin()
            bench.provider.fault("result", .refuses(.requestNotFound))
            _ = await bench.failure(txID)
            bench.provider.complete(txID)
            let state = try await bench.course.wait(for: txID, atMost: .seconds(30), deadline: .seconds(60))
            #expect(state.status == .completed && state.ended == nil && bench.provider.names("status").count == 1)
        }
        try run { bench in
            let txID = try #require(TransactionID("unknown"))
            _ = await bench.failure(txID)
            let error = await courseFailure { try await bench.course.wait(for: txID, atMost: .seconds(30), deadline: .seconds(60)) }
            #expect(error?.errorCode == .requestNotFound && bench.provider.names("status").count == 1)
        }
    }

    @Test("while the last read is under way nothing is over")
    func underWay() throws {
        try run { bench in
            let txID = try await bench.completed()
            bench.provider.fault("result", .losesAnswer, .delays(.seconds(5)))
            #expect(await bench.failure(txID)?.state?.readsLeft == 1)
            let late = await bench.failure(txID, deadline: .seconds(1))
            #expect(late?.code == .deadlinePassed && late?.outcome == .unknown && late?.startOver == false)
            let during = try #require(try await bench.course.state(of: txID))
            #expect(during.readsLeft == 0 && !during.isOver)
            #expect(try await bench.course.status(of: txID, deadline: .seconds(2)).state.isOver == false)
            try await bench.time.sleep(for: .seconds(10))
            #expect(try await bench.result(txID).isRepeated)
        }
        try run { bench in
            let txID = try await bench.completed()
            bench.provider.fault("result", .losesAnswer, .losesAnswer)
            for _ in 0..<2 { _ = await bench.failure(txID) }
            #expect(try await bench.course.state(of: txID)?.isOver == true)
        }
    }

    @Test("what is forgotten takes the person with it and leaves the count, so that no third read becomes possible")
    func forgotten() throws {
        try run { bench in
            let txID = try await bench.begin("order-canary")
            bench.provider.complete(txID)
            bench.provider.state.withLock { $0.isGenerous = true }
            for left in [1, 0] {
                #expect(try await bench.result(txID).state.readsLeft == left)
                #expect(try await bench.course.forget(txID))
                #expect(try await bench.course.forget(txID) == false)
                let state = try #require(try await bench.course.state(of: txID))
                #expect(state.readsLeft == left && state.keptUntil == nil && state.reference == nil && state.isOver == (left == 0))
                let record = try #require(try await bench.records.record("check/\(txID)"))
                for word in ["TUlJ", "order-canary", "AES_GCM"] { #expect(try !JSON(record).text.contains(word)) }
                #expect(try await bench.under.names(beginningWith: "result/").isEmpty)
            }
            #expect(await bench.failure(txID)?.code == .readsUsedUp)
            #expect(bench.provider.names("result").count == 2)
            // With its day it is gone altogether.
            try await bench.time.sleep(for: .seconds(86_400))
            #expect(try await bench.course.state(of: txID) == nil)
        }
    }

    @Test("what the caller is told of a read that goes on holds for a gateway that keeps nothing, too")
    func keepsNothing() throws {
        for (keep, promises) in [(Duration.seconds(60), true), (.zero, false)] {
            try run(options: .init(keepResult: keep)) { bench in
                let txID = try await bench.completed()
                bench.provider.fault("result", .delays(.seconds(5)))
                let late = await bench.failure(txID, deadline: .seconds(1))
                #expect(late?.message.english.contains("without a further read") == promises)
                #expect(late?.message.english.contains("nothing is kept") == !promises)
                #expect(late?.message.korean.contains("보관하지 않") == !promises)
            }
        }
    }

    @Test("a read that did not leave because of somebody else's shorter deadline is begun anew by who has time left")
    func joined() throws {
        let time = Simulation()
        let provider = try CourseProvider(time: time)
        let bench = try CourseBench(time: time, provider: provider, exchange: SlowTokens(provider, time))
        try time.run {
            let txID = TransactionID.random(SeededRandom())
            provider.state.withLock { $0.checks[txID.text] = CourseProvider.Check(type: "USER_NONE", requestedAt: time.now) }
            provider.complete(txID)
            let hurried = startTask { _ = await bench.failure(txID, deadline: .seconds(1)) }
            try await time.sleep(for: .milliseconds(500))
            let result = try await bench.result(txID)
            #expect(result.person.name == "김토스" && result.state.readsLeft == 1)
            await hurried.value
            #expect(provider.reads(txID) == 1)
        }
    }
}

/// A network on which tokens take their time.
private struct SlowTokens: HTTPExchange {
    let provider: CourseProvider
    let time: any TimeSource

    init(_ provider: CourseProvider, _ time: any TimeSource) {
        self.provider = provider
        self.time = time
    }

    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        if request.target.hasSuffix("/token") {
            do { try await time.sleep(for: .seconds(3)) } catch {
                throw HTTPExchangeError(.cancelled, outcome: .unknown, message: "cancelled")
            }
        }
        return try await provider.send(request, to: origin, timeouts: timeouts)
    }
}
