import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import AppsInToss

@Suite("Apps in Toss: client, points are granted at most once")
struct ClientPromotionTests {
    private let grant = AppsInTossPromotions.Grant(
        reference: "welcome-1", promotionCode: "TEST_1", points: 100, user: .userKey(443_731_104))

    /// A provider that grants by key, and can lose answers.
    final class Provider: Sendable {
        struct State: Sendable {
            var keys = 0
            var granted: [String: PromotionOutcome] = [:]
            var executions: [AppsInTossErrorCode?] = []
            var losesAnswers = 0
            var losesCalls = 0
            var pending = 0
        }
        let state = Locked(State())

        func answer(_ call: ClientScript.Sent) throws -> HTTPResponse {
            try state.withLock { state in
                let key = call.body?["key"]?.string ?? ""
                switch call.name {
                case "get-key":
                    state.keys += 1
                    return ClientScript.success(["key": .string("key-\(state.keys)")])
                case "execute-promotion":
                    if state.losesCalls > 0 {
                        state.losesCalls -= 1
                        throw ClientScript.lost
                    }
                    if !state.executions.isEmpty, let code = state.executions.removeFirst() { return ClientScript.failure(code) }
                    guard state.granted[key] == nil else { return ClientScript.failure(.promotionKeyUsed) }
                    state.granted[key] = .success
                    if state.losesAnswers > 0 {
                        state.losesAnswers -= 1
                        throw ClientScript.lost
                    }
                    return ClientScript.success(["key": .string(key)])
                default:
                    guard let outcome = state.granted[key] else { return ClientScript.failure(.promotionNoRecord) }
                    if state.pending > 0 {
                        state.pending -= 1
                        return ClientScript.success("PENDING")
                    }
                    return ClientScript.success(.string(outcome.rawValue))
                }
            }
        }
    }

    private func house(_ change: (inout Provider.State) -> Void = { _ in }, records: MemoryRecords = MemoryRecords()) -> (
        AppsInTossClient, ClientScript, Provider
    ) {
        let provider = Provider()
        provider.state.withLock { change(&$0) }
        let script = ClientScript { call, _ in try provider.answer(call) }
        // Without a limit: it would wait for its record on a clock that jumps whenever somebody waits.
        return (AppsInTossClient(script, limit: nil, records: records), script, provider)
    }

    @Test("A grant takes one key and one execution, and a second call of the same reference asks nothing")
    func once() async throws {
        let (client, script, _) = house()
        #expect(try await client.promotions.grant(grant) == .success)
        #expect(script.names == ["get-key", "execute-promotion", "execution-result"])
        #expect(script.sent[1].body == ["promotionCode": "TEST_1", "key": "key-1", "amount": 100])
        #expect(try await client.promotions.grant(grant) == .success)
        #expect(script.names.count == 3)
    }

    @Test("A lost answer is settled by asking: no second execution, no second key")
    func lostAnswer() async throws {
        let (client, script, _) = house { $0.losesAnswers = 1 }
        #expect(try await client.promotions.grant(grant) == .success)
        #expect(script.names == ["get-key", "execute-promotion", "execution-result"])
    }

    @Test("A lost call stays unknown in its own run, and the next run uses the same key")
    func lostCall() async throws {
        let (client, script, provider) = house { $0.losesCalls = 1 }
        let error = await clientFailure { try await client.promotions.grant(grant) }
        #expect(error?.outcome == .unknown)
        #expect(script.names == ["get-key", "execute-promotion", "execution-result"])
        #expect(try await client.promotions.grant(grant) == .success)
        #expect(Array(script.names.dropFirst(3)) == ["execution-result", "execute-promotion", "execution-result"])
        #expect(provider.state.withLock { $0.keys == 1 && $0.granted.count == 1 })
    }

    @Test("4110 is repeated with the same key at most three times", arguments: [1, 3, 4])
    func transient(_ times: Int) async throws {
        let (client, script, provider) = house { $0.executions = Array(repeating: .promotionTransient, count: times) }
        let result = try? await client.promotions.grant(grant)
        #expect(result == (times <= 3 ? .success : nil))
        #expect(script.names.filter { $0 == "execute-promotion" }.count == min(times, 3) + 1)
        #expect(provider.state.withLock { $0.keys } == 1)
        #expect(Set(script.sent.compactMap { $0.body?["key"]?.string }) == ["key-1"])
        if times > 3 {
            #expect(await clientFailure { try await client.promotions.startOver(grant) }?.code == .invalidRequest)
            #expect(try await client.promotions.grant(grant) == .success)
            #expect(provider.state.withLock { $0.keys } == 1)
        }
    }

    @Test("4113 asks for the result instead of for another key")
    func keyUsed() async throws {
        let (client, script, provider) = house { $0.granted["key-1"] = .success }
        #expect(try await client.promotions.grant(grant) == .success)
        #expect(script.names == ["get-key", "execute-promotion", "execution-result"] && provider.state.withLock { $0.keys } == 1)
        let (odd, sent, _) = house { $0.executions = [.promotionKeyUsed, .promotionKeyUsed] }
        #expect(await clientFailure { try await odd.promotions.grant(grant) }?.outcome == .unknown)
        #expect(sent.names == ["get-key", "execute-promotion", "execution-result"])
        #expect(await clientFailure { try await odd.promotions.grant(grant) }?.outcome == .unknown)
        #expect(sent.names.filter { $0 == "get-key" }.count == 1)
    }

    @Test("A pending grant is asked about ten times at 500 ms and then left for later")
    func pending() async throws {
        let (client, script, _) = house { $0.pending = 10 }
        #expect(try await client.promotions.grant(grant) == .pending)
        #expect(script.names.filter { $0 == "execution-result" }.count == 10)
        #expect(try await client.promotions.grant(grant) == .success)
        #expect(script.names.filter { $0 == "execute-promotion" }.count == 1)
    }

    @Test("A failed grant needs the application's word for another key")
    func failed() async throws {
        let (client, _, provider) = house()
        provider.state.withLock { $0.granted["key-1"] = .failed }
        provider.state.withLock { $0.executions = [.promotionKeyUsed] }
        #expect(try await client.promotions.grant(grant) == .failed)
        #expect(await clientFailure { try await client.promotions.grant(grant) }?.code == .promotionKeySpent)
        #expect(provider.state.withLock { $0.keys } == 1)
        try await client.promotions.startOver(grant)
        #expect(try await client.promotions.grant(grant) == .success)
        #expect(provider.state.withLock { $0.keys } == 2)
        #expect(await clientFailure { try await client.promotions.startOver(grant) }?.code == .invalidRequest)
    }

    @Test("A key that has died unused is spent, and only then may the grant start over")
    func expiredKey() async throws {
        let (client, script, _) = house { $0.executions = [.promotionNotRunning, .promotionNoRecord] }
        #expect(await clientFailure { try await client.promotions.grant(grant) }?.errorCode == .promotionNotRunning)
        #expect(await clientFailure { try await client.promotions.startOver(grant) }?.code == .invalidRequest)
        #expect(await clientFailure { try await client.promotions.grant(grant) }?.code == .promotionKeySpent)
        try await client.promotions.startOver(grant)
        #expect(try await client.promotions.grant(grant) == .success)
        #expect(script.names.filter { $0 == "get-key" }.count == 2)
    }

    @Test("After the process was killed at any point, the same reference goes on with the same key")
    func restart() async throws {
        let records = MemoryRecords()
        let (first, _, provider) = house({ $0.losesAnswers = 1 }, records: records)
        _ = try await first.promotions.grant(grant)
        let script = ClientScript { call, _ in try provider.answer(call) }
        let second = AppsInTossClient(script, records: records)
        #expect(try await second.promotions.grant(grant) == .success)
        #expect(script.sent.isEmpty)
        var other = grant
        other.points = 200
        #expect(await clientFailure { try await second.promotions.grant(other) }?.code == .invalidRequest)
    }

    @Test("A key that cannot be kept is not used")
    func unkept() async throws {
        struct Broken: RecordKeeper {
            func record(_ name: String) async throws(RecordError) -> [UInt8]? { nil }
            func names(beginningWith prefix: String) async throws(RecordError) -> [String] { [] }
            func keep(_ name: String, _ bytes: [UInt8], until end: Timestamp?) async throws(RecordError) {
                throw RecordError(BilingualText(korean: "디스크", english: "disk"))
            }
            func forget(_ name: String) async throws(RecordError) {}
        }
        let provider = Provider()
        let script = ClientScript { call, _ in try provider.answer(call) }
        let client = AppsInTossClient(script, limit: nil, records: Broken())
        #expect(await clientFailure { try await client.promotions.grant(grant) }?.code == .recordsUnavailable)
        #expect(script.names == ["get-key"])
    }

    @Test("Whatever the provider answers, one run takes at most one key, and a granted key is never executed again", arguments: 0..<40)
    func anything(_ seed: UInt64) async throws {
        let random = SeededRandom(seed: seed)
        let codes: [AppsInTossErrorCode] = [
            .promotionTransient, .promotionKeyUsed, .promotionNoRecord, .promotionNotRunning, .internalError, .limitExceeded, "",
        ]
        let executedAfterwards = Locked(false)
        let isGranted = Locked(false)
        let script = ClientScript { call, _ in
            if call.name == "get-key" { return ClientScript.success(["key": "k"]) }
            if call.name == "execute-promotion" { executedAfterwards.withLock { $0 = $0 || isGranted.withLock { $0 } } }
            switch random.bytes(1)[0] % 8 {
            case 0: throw ClientScript.lost
            case 1: throw ClientScript.unreachable
            case 2: return ClientScript.success(call.name == "execution-result" ? "PENDING" : ["key": "k"])
            case 3 where call.name == "execution-result":
                isGranted.withLock { $0 = true }
                return ClientScript.success("SUCCESS")
            case 4 where call.name == "execution-result": return ClientScript.success("FAILED")
            default: return ClientScript.failure(codes[Int(random.bytes(1)[0]) % codes.count])
            }
        }
        let client = AppsInTossClient(script, limit: nil)
        for _ in 0..<6 {
            let before = script.names.count
            let outcome = try? await client.promotions.grant(grant)
            let run = script.names[before...]
            #expect(run.filter { $0 == "execute-promotion" }.count <= 4)
            if outcome == .success { #expect(run.last == "execution-result" || run.isEmpty) }
        }
        #expect(script.names.filter { $0 == "get-key" }.count <= 6)
        let keys = Set(script.sent.filter { $0.name == "execute-promotion" }.compactMap { $0.body?["key"]?.string })
        #expect(keys.count <= 1)
        #expect(!executedAfterwards.withLock { $0 })
    }
}
