import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import TossAuth

/// A process that ends after some number of steps: behind its end nothing that it does has an effect any more.
private final class Process: RecordKeeper, HTTPExchange {
    private let under: any RecordKeeper
    private let provider: CourseProvider
    private let stepsLeft: Locked<Int>

    init(_ under: any RecordKeeper, _ provider: CourseProvider, steps: Int) {
        self.under = under
        self.provider = provider
        stepsLeft = Locked(steps)
    }

    var hasEnded: Bool { stepsLeft.withLock { $0 <= 0 } }

    /// Takes a step; nothing more when the process has ended.
    private func step() -> Bool {
        stepsLeft.withLock { steps in
            steps -= 1
            return steps > 0
        }
    }

    private static let ended = RecordError(BilingualText(korean: "끝", english: "the process has ended"))

    func record(_ name: String) async throws(RecordError) -> [UInt8]? {
        guard step() else { throw Process.ended }
        return try await under.record(name)
    }

    func names(beginningWith prefix: String) async throws(RecordError) -> [String] {
        guard step() else { throw Process.ended }
        return try await under.names(beginningWith: prefix)
    }

    func keep(_ name: String, _ bytes: [UInt8], until end: Timestamp?) async throws(RecordError) {
        guard step() else { throw Process.ended }
        try await under.keep(name, bytes, until: end)
        // It may also end right behind the keeping.
        guard step() else { throw Process.ended }
    }

    func forget(_ name: String) async throws(RecordError) {
        guard step() else { throw Process.ended }
        try await under.forget(name)
    }

    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        guard step() else { throw HTTPExchangeError(.shutDown, outcome: .notSent, message: "ended") }
        let response = try await provider.send(request, to: origin, timeouts: timeouts)
        // The answer comes, and nobody is there.
        guard step() else { throw HTTPExchangeError(.connectionLost, outcome: .unknown, message: "ended") }
        return response
    }
}

@Suite("The end of the process in the middle of a check")
struct CourseCrashTests {
    @Test(
        "wherever the process ends while a result is read, the next process hands the result over; one that was kept is never read again, and no third read leaves"
    )
    func everyStep() throws {
        var repeated = 0
        var reread = 0
        for steps in 1...40 {
            let time = Simulation()
            let provider = try CourseProvider(time: time)
            let under = MemoryRecords(time: time)
            let outcome = try time.run {
                let txID = try await CourseBench(time: time, provider: provider, under: under).completed()
                let process = Process(under, provider, steps: steps)
                let first = try CourseBench(time: time, provider: provider, exchange: process, under: process)
                _ = await first.failure(txID)
                let readsBefore = provider.reads(txID)
                let wasKept = try await under.names(beginningWith: "result/").count == 1
                let second = try CourseBench(time: time, provider: provider, under: under)
                let told = try #require(try await second.course.state(of: txID))
                // What the ledger promises is there: the result is kept first.
                #expect(told.readsLeft <= 2 - readsBefore && (told.keptUntil != nil) == wasKept, "after \(steps) steps")
                let result = try await second.result(txID)
                #expect(result.person.name == "김토스" && result.isRepeated == wasKept && readsBefore <= 1, "after \(steps) steps")
                #expect(provider.reads(txID) == readsBefore + (wasKept ? 0 : 1))
                #expect(result.state.readsLeft <= 2 - provider.reads(txID))
                return (wasKept, provider.reads(txID) == 2)
            }
            repeated += outcome.0 ? 1 : 0
            reread += outcome.1 ? 1 : 0
        }
        #expect(repeated > 3 && reread > 0)
    }

    @Test("wherever the process ends while a check is begun, one can see that a request was under way, or has its name")
    func request() throws {
        for steps in 1...16 {
            let time = Simulation()
            let provider = try CourseProvider(time: time)
            let under = MemoryRecords(time: time)
            try time.run {
                let process = Process(under, provider, steps: steps)
                let first = try CourseBench(time: time, provider: provider, exchange: process, under: process)
                let request = try VerificationRequest.personal(
                    name: "홍길동", phone: "01012345678", birthday: "19990101", returnTo: "intoss://a", reference: "order-1")
                let started = try? await first.course.request(request, deadline: .seconds(30))
                let second = try CourseBench(time: time, provider: provider, under: under)
                let pending = try await second.course.pendingRequests()
                #expect(pending.allSatisfy { $0.reference == "order-1" })
                if !provider.names("request").isEmpty, started == nil || process.hasEnded {
                    let names = try await under.names(beginningWith: "check/")
                    #expect(!pending.isEmpty || !names.isEmpty, "after \(steps) steps")
                }
            }
        }
    }

    @Test(
        "through any mixture of reads, lost answers and ends of the process the provider gives out two results at most, although it would give out more, and what is told to be left is never too much"
    )
    func walks() throws {
        var delivered = 0
        for seed in 1...120 as ClosedRange<UInt64> {
            let time = Simulation()
            let provider = try CourseProvider(time: time)
            provider.state.withLock { $0.isGenerous = true }
            let under = MemoryRecords(time: time)
            delivered += try time.run {
                let random = SeededRandom(seed: seed)
                let txID = try await CourseBench(time: time, provider: provider, under: under).begin()
                var delivered = 0
                for _ in 0..<12 {
                    let process = Process(
                        under, provider, steps: random.number(below: 3) == 0 ? Int.max : 1 + Int(random.number(below: 40)))
                    let bench = try CourseBench(time: time, provider: provider, exchange: process, under: process)
                    for _ in 0..<4 where !process.hasEnded {
                        switch random.number(below: 9) {
                        case 0: provider.fault("result", .losesAnswer)
                        case 1: provider.fault("result", .foreignSession)
                        case 2: provider.fault("result", .refuses(.unavailable, status: 503))
                        case 3: provider.complete(txID)
                        case 4: try await time.sleep(for: .seconds(Int64(random.number(below: 600))))
                        case 8 where random.number(below: 6) == 0: _ = try? await bench.course.forget(txID)
                        case 5: _ = try? await bench.course.status(of: txID, deadline: .seconds(5))
                        default:
                            let keptBefore = try await under.names(beginningWith: "result/\(txID)").count
                            let readsBefore = provider.reads(txID)
                            let isFresh = random.number(below: 4) == 0
                            let result = try? await bench.result(txID, fresh: isFresh)
                            if keptBefore == 1, !isFresh { #expect(provider.reads(txID) == readsBefore) }
                            if let result, !process.hasEnded {
                                delivered += 1
                                #expect(result.person.name == "김토스")
                                #expect(result.state.readsLeft <= max(0, 2 - provider.reads(txID)), "seed \(seed)")
                            }
                        }
                    }
                    let look = try CourseBench(time: time, provider: provider, under: under)
                    // Where nothing is known any more, nothing was read.
                    let told = try await look.course.state(of: txID)?.readsLeft ?? TossAuthLimits.resultReads
                    #expect(told <= max(0, 2 - provider.reads(txID)), "seed \(seed)")
                }
                #expect(provider.reads(txID) <= 2 && provider.state.withLock { $0.tooMany } == 0, "seed \(seed)")
                return delivered
            }
        }
        #expect(delivered > 100)
    }
}
