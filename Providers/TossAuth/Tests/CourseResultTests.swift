import Base
import Cryptography
import ProviderKit
import TestSupport
import Testing

@testable import TossAuth

@Suite("The result of a check of a person")
struct CourseResultTests {
    private func run(
        latency: Duration = .milliseconds(40), options: VerificationCourse.Options = .init(),
        clientID: String = TossAuthDemonstration.clientID, secret: Secret = CourseBench.secret,
        _ body: @escaping @Sendable (CourseBench) async throws -> Void
    ) throws {
        let time = Simulation()
        let provider = try CourseProvider(time: time, latency: latency)
        let bench = try CourseBench(time: time, provider: provider, clientID: clientID, secret: secret, options: options)
        try time.run { try await body(bench) }
    }

    @Test("the person is opened, every other member stays as the provider sent it, and a second call hands the same over without a read")
    func handedOver() throws {
        try run { bench in
            let txID = try await bench.completed()
            let first = try await bench.result(txID)
            #expect(!first.isRepeated && first.person.name == "김토스" && first.person.isTestPersona && first.state.readsLeft == 1)
            #expect(first.signature == "TUlJ" && first.signatureFinding == .unchecked)
            let content = try #require(first.answer()["success"])
            #expect(content["mystery"]?.integer == 7 && content["userIdentifier"]?.isNull == true && content["txId"]?.string == txID.text)
            #expect(content["personalData"]?["birthday"]?.string == "19930324" && content["personalData"]?["ci2"]?.isNull == true)
            let second = try await bench.result(txID)
            #expect(second.isRepeated && second.answer() == first.answer() && second.state.readsLeft == 1)
            #expect(bench.provider.reads(txID) == 1)
            #expect(!"\(first)".contains("김토스") && !String(reflecting: first).contains("김토스"))
        }
    }

    @Test("a fresh read is spent on purpose; a third is refused here, and the kept result stays")
    func fresh() throws {
        try run { bench in
            let txID = try await bench.completed()
            _ = try await bench.result(txID)
            let again = try await bench.result(txID, fresh: true)
            #expect(!again.isRepeated && again.state.readsLeft == 0 && bench.provider.reads(txID) == 2)
            let refused = await bench.failure(txID, fresh: true)
            #expect(refused?.code == .readsUsedUp && refused?.outcome == .refused && refused?.callFailure.status == 410)
            #expect(bench.provider.names("result").count == 2)
            // There is no need to start over while the result can be had.
            #expect(refused?.startOver == false)
            #expect(try await bench.result(txID).isRepeated)
        }
    }

    @Test("what the provider would refuse is refused here without so much as a token")
    func hopeless() throws {
        try run { bench in
            let txID = try await bench.completed()
            bench.provider.fault("result", .losesAnswer, .losesAnswer)
            for _ in 0..<2 { _ = await bench.failure(txID) }
            let next = try CourseBench(time: bench.time, provider: bench.provider, under: bench.under)
            let tokens = bench.provider.state.withLock { $0.tokens }
            #expect(await next.failure(txID)?.code == .readsUsedUp)
            #expect(bench.provider.state.withLock { $0.tokens } == tokens)
        }
    }

    @Test("a check that is forgotten while its result is read stays forgotten: the caller gets the result, and nothing is kept")
    func forgottenWhileReading() throws {
        try run { bench in
            let txID = try await bench.completed()
            bench.provider.fault("result", .delays(.seconds(5)))
            startTask {
                try? await bench.time.sleep(for: .seconds(2))
                _ = try? await bench.course.forget(txID)
            }
            let result = try await bench.result(txID)
            #expect(result.person.name == "김토스" && result.state.readsLeft == 1 && result.state.keptUntil == nil)
            #expect(try await bench.under.names(beginningWith: "") == ["check/\(txID)"])
            let record = try #require(try await bench.records.record("check/\(txID)"))
            #expect(try !JSON(record).text.contains("TUlJ"))
            // What is read after that is kept as ever.
            #expect(try await bench.result(txID).state.readsLeft == 0)
            #expect(try await bench.result(txID).isRepeated)
        }
    }

    @Test("a result that cannot be kept is handed over all the same, and its read counts")
    func fullDisk() throws {
        let time = Simulation()
        let provider = try CourseProvider(time: time)
        let disk = FullDisk(MemoryRecords(time: time))
        let bench = try CourseBench(time: time, provider: provider, under: disk)
        try time.run {
            let txID = try await bench.completed()
            disk.refuses("result/")
            let first = try await bench.result(txID)
            #expect(first.person.name == "김토스" && first.state.readsLeft == 1 && first.state.keptUntil == nil)
            #expect(try await bench.course.state(of: txID)?.readsLeft == 1)
            let second = try await bench.result(txID)
            #expect(!second.isRepeated && second.state.readsLeft == 0)
            #expect(await bench.failure(txID)?.code == .readsUsedUp)
            // Where not even the beginning of a read can be kept, none is sent.
            let other = try await bench.completed()
            disk.refuses("check/")
            let calls = provider.calls.count
            let error = await bench.failure(other)
            #expect(error?.code == .recordsUnavailable && error?.outcome == .notSent && provider.calls.count == calls)
            // Nor a request of which nothing could be known afterwards.
            disk.refuses("request/")
            let begun = await courseFailure { try await bench.begin() }
            #expect(begun?.code == .recordsUnavailable && provider.calls.count == calls)
        }
    }

    @Test("every read has a session of its own")
    func sessions() throws {
        try run { bench in
            let txID = try await bench.completed()
            for _ in 0..<2 { _ = try await bench.result(txID, fresh: true) }
            let keys = bench.provider.names("result").compactMap { $0.body["sessionKey"]?.string }
            #expect(Set(keys).count == 2)
        }
    }

    @Test("a lost answer costs a read, and two lost answers leave nothing: then one starts over")
    func lost() throws {
        try run { bench in
            let txID = try await bench.completed()
            bench.provider.fault("result", .losesAnswer, .losesAnswer)
            let first = await bench.failure(txID)
            #expect(first?.outcome == .unknown && first?.state?.readsLeft == 1 && first?.startOver == false && first?.askAgainLater == true)
            let second = await bench.failure(txID)
            #expect(second?.outcome == .unknown && second?.state?.readsLeft == 0 && second?.startOver == true)
            let third = await bench.failure(txID)
            #expect(third?.code == .readsUsedUp && third?.startOver == true && bench.provider.names("result").count == 2)
        }
    }

    @Test("after one lost answer the second read brings the result")
    func second() throws {
        try run { bench in
            let txID = try await bench.completed()
            bench.provider.fault("result", .losesAnswer)
            #expect(await bench.failure(txID) != nil)
            #expect(try await bench.result(txID).state.readsLeft == 0)
            #expect(try await bench.result(txID).isRepeated)
        }
    }

    @Test("what leaves the outcome open counts as a read; a clear refusal and a call that never left cost nothing")
    func costs() throws {
        try run { bench in
            let open: [CourseProvider.Fault] = [
                .refuses(.unavailable, status: 503), .refuses(.maintenance, status: 200), .answers("<html>", status: 502),
                .answers("{}", status: 200), .losesCall, .refuses(TossAuthErrorCode(rawValue: "CE9999"), status: 500),
                .refuses(TossAuthErrorCode(rawValue: ""), status: 400), .delays(.seconds(11)),
            ]
            for fault in open {
                let txID = try await bench.completed()
                bench.provider.fault("result", fault)
                let error = await bench.failure(txID)
                #expect(error?.outcome == .unknown && error?.state?.readsLeft == 1, "\(fault)")
                #expect(bench.provider.names("result").filter { $0.body["txId"]?.string == txID.text }.count == 1, "\(fault)")
            }
            let clear: [CourseProvider.Fault] = [
                .refuses(.notCompleted), .refuses(.sessionFault, status: 500), .refuses(.noPermission, status: 403),
                .refuses(TossAuthErrorCode(rawValue: "CE9999")), .unreachable,
            ]
            for fault in clear {
                let txID = try await bench.completed()
                bench.provider.fault("result", fault)
                let error = await bench.failure(txID)
                #expect(error?.outcome == (error?.code == .refused ? .refused : .notSent) && error?.state?.readsLeft == 2, "\(fault)")
                #expect(try await bench.result(txID).state.readsLeft == 1)
            }
        }
    }

    @Test("not finished means later, used up and expired mean starting over, and neither is asked again after such a word")
    func words() throws {
        try run { bench in
            let txID = try await bench.begin()
            let early = await bench.failure(txID)
            #expect(early?.errorCode == .notCompleted && early?.askAgainLater == true && early?.startOver == false)
            #expect(early?.reply?.status == 400)
            for (code, local) in [(TossAuthErrorCode.readsUsedUp, TossAuthError.Code.readsUsedUp), (.expired, .resultDeadlinePassed)] {
                let txID = try await bench.completed()
                bench.provider.fault("result", .refuses(code))
                #expect(await bench.failure(txID)?.startOver == true)
                let calls = bench.provider.calls.count
                let error = await bench.failure(txID)
                #expect(error?.code == local && error?.startOver == true && bench.provider.calls.count == calls)
            }
            let missing = await bench.failure(try #require(TransactionID("unknown")))
            #expect(missing?.errorCode == .requestNotFound && missing?.startOver == true)
        }
    }

    @Test("a refused token is replaced and the call repeated once, with another session, at the price of one read")
    func renewal() throws {
        try run { bench in
            let txID = try await bench.completed()
            bench.provider.state.withLock { $0.refusedTokens = ["t1"] }
            let result = try await bench.result(txID)
            #expect(result.state.readsLeft == 1)
            let calls = bench.provider.names("result")
            #expect(calls.map(\.token) == ["t1", "t2"] && calls[0].body["sessionKey"] != calls[1].body["sessionKey"])
        }
    }

    @Test("a token that is refused for ever is repeated once only, and the refusal costs nothing")
    func deadToken() throws {
        try run { bench in
            let txID = try await bench.completed()
            bench.provider.state.withLock { $0.refusedTokens = Set((1...9).map { "t\($0)" }) }
            let error = await bench.failure(txID)
            #expect(error?.errorCode == .tokenInvalid && error?.state?.readsLeft == 2)
            #expect(bench.provider.names("result").count == 2)
        }
    }

    @Test(
        "an answer that this session cannot open, that names another check, or that is not completed is refused as unverified and costs a read"
    )
    func unverified() throws {
        try run { bench in
            let faults: [CourseProvider.Fault] = [
                .foreignSession, .edits { $0["txId"] = "another" }, .edits { $0["status"] = "IN_PROGRESS" },
                .edits { $0["personalData"] = nil }, .edits { $0["personalData"] = ["name": "김토스"] },
            ]
            for fault in faults {
                let txID = try await bench.completed()
                bench.provider.fault("result", fault)
                let error = await bench.failure(txID)
                #expect(error?.code == .answerUnverified && error?.outcome == .unverified && error?.state?.readsLeft == 1, "\(fault)")
                #expect(try await bench.result(txID).person.name == "김토스")
            }
        }
    }

    @Test("a real person under test credentials, and the test's person under live ones, are delivered to nobody")
    func persona() throws {
        try run { bench in
            let txID = try await bench.completed()
            bench.provider.change(txID) { $0.person["ci"] = "canary-ci" }
            let error = await bench.failure(txID)
            #expect(error?.code == .answerUnverified && error?.message.english.contains("canary-ci") == false)
            #expect(error?.state?.readsLeft == 1 && error?.state?.keptUntil == nil)
        }
        try run(clientID: "live", secret: Secret("live-secret")) { bench in
            let txID = try await bench.completed()
            #expect(await bench.failure(txID)?.code == .answerUnverified)
            bench.provider.change(txID) { $0.person["ci"] = "canary-ci" }
            #expect(try await bench.result(txID).person.connectingInformation == "canary-ci")
        }
    }

    @Test("60 minutes after completion a further read is refused here, by the provider's clock, and the kept result is gone")
    func deadline() throws {
        for ahead in [Duration.zero, .seconds(86_400), .seconds(-5_000)] {
            try run { bench in
                bench.provider.state.withLock { $0.ahead = ahead }
                let txID = try await bench.completed()
                let completed = bench.time.now
                let first = try await bench.result(txID)
                #expect(first.state.resultDeadline == Timestamp(unixSeconds: (completed + ahead + .seconds(3600)).unixSeconds))
                try await bench.time.sleep(for: .seconds(3595))
                #expect(try await bench.result(txID).isRepeated)
                try await bench.time.sleep(for: .seconds(5))
                let calls = bench.provider.calls.count
                #expect(await bench.failure(txID)?.code == .resultDeadlinePassed)
                #expect(bench.provider.calls.count == calls)
                for name in try await bench.under.names(beginningWith: "result/") { #expect(try await bench.under.record(name) == nil) }
            }
        }
    }

    @Test("a shorter keeping forgets the result earlier; then a call spends the second read")
    func shorter() throws {
        try run(options: .init(keepResult: .seconds(60))) { bench in
            let txID = try await bench.completed()
            _ = try await bench.result(txID)
            try await bench.time.sleep(for: .seconds(59))
            #expect(try await bench.result(txID).isRepeated)
            try await bench.time.sleep(for: .seconds(1))
            let second = try await bench.result(txID)
            #expect(!second.isRepeated && second.state.readsLeft == 0)
        }
        try run(options: .init(keepResult: .zero)) { bench in
            let txID = try await bench.completed()
            _ = try await bench.result(txID)
            #expect(try await bench.under.names(beginningWith: "result/").isEmpty)
            #expect(try await bench.course.state(of: txID)?.keptUntil == nil)
        }
    }

    @Test("a check of which nothing was read is gone altogether when it is forgotten, and was there")
    func forgotten() throws {
        try run { bench in
            let txID = try await bench.completed()
            #expect(try await bench.course.forget(txID))
            #expect(try await bench.course.state(of: txID) == nil)
            #expect(try await bench.course.forget(txID) == false)
            #expect(try await bench.under.names(beginningWith: "").isEmpty)
        }
    }

    @Test("records sealed with another secret are refused, nothing is lost, and nothing is sent")
    func otherSecret() throws {
        try run { bench in
            let txID = try await bench.completed()
            _ = try await bench.result(txID)
            let other = try CourseBench(
                time: bench.time, provider: bench.provider, under: bench.under, secret: Secret("test_another"))
            let calls = bench.provider.names("result").count
            #expect(await other.failure(txID)?.code == .recordsUnavailable)
            #expect(bench.provider.names("result").count == calls)
            #expect(try await bench.result(txID).isRepeated)
            #expect(try await other.course.forget(txID))
            #expect(try await other.course.forget(txID) == false)
            // Nobody can tell any more how often it was read.
            #expect(await other.failure(txID)?.code == .readsUsedUp)
            #expect(bench.provider.names("result").count == calls)
        }
    }
}

/// Records that take no more under some names.
final class FullDisk: RecordKeeper {
    private let under: any RecordKeeper
    private let prefixes = Locked<[String]>([])

    init(_ under: any RecordKeeper) { self.under = under }

    func refuses(_ prefix: String) { prefixes.withLock { $0.append(prefix) } }

    func record(_ name: String) async throws(RecordError) -> [UInt8]? { try await under.record(name) }
    func names(beginningWith prefix: String) async throws(RecordError) -> [String] { try await under.names(beginningWith: prefix) }
    func forget(_ name: String) async throws(RecordError) { try await under.forget(name) }

    func keep(_ name: String, _ bytes: [UInt8], until end: Timestamp?) async throws(RecordError) {
        guard !prefixes.withLock({ $0.contains { name.hasPrefix($0) } }) else {
            throw RecordError(BilingualText(korean: "가득 찼습니다", english: "the disk is full"))
        }
        try await under.keep(name, bytes, until: end)
    }
}
