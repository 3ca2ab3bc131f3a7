import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import AppsInToss

/// Records that can be made to fail.
private final class BrokenRecords: RecordKeeper {
    private let inner = MemoryRecords(time: ConnectorClock())
    let isBroken = Locked(true)
    private static let error = RecordError(BilingualText(korean: "디스크가 가득 찼습니다.", english: "the disk is full"))

    /// The limiter's own records work all the same.
    private func check(_ name: String) throws(RecordError) {
        if name.hasPrefix("promotion/"), isBroken.withLock({ $0 }) { throw BrokenRecords.error }
    }

    func record(_ name: String) async throws(RecordError) -> [UInt8]? {
        try check(name)
        return try await inner.record(name)
    }
    func names(beginningWith prefix: String) async throws(RecordError) -> [String] { try await inner.names(beginningWith: prefix) }
    func keep(_ name: String, _ bytes: [UInt8], until end: Timestamp?) async throws(RecordError) {
        try check(name)
        try await inner.keep(name, bytes, until: end)
    }
    func forget(_ name: String) async throws(RecordError) { try await inner.forget(name) }
}

@Suite("Apps in Toss connector: promotion keys are written down before they are sent")
struct ConnectorPromotionTests {
    private static let key = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="
    private static let encodedKey = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA%3D"
    private static let body = "{\"promotionCode\":\"TEST_1\",\"key\":\"\(key)\",\"amount\":100}"

    @Test("When the call leaves, its key is on record already, as a digest, without the user")
    func before() async throws {
        let records = MemoryRecords(time: ConnectorClock())
        let seen = Locked<[String]>([])
        let exchange = ScriptedAppsInToss { _, _ in
            let names = try await records.names(beginningWith: "promotion/")
            var texts: [String] = []
            for name in names { texts.append(name + String(decoding: try await records.record(name) ?? [], as: UTF8.self)) }
            seen.withLock { $0 = texts }
            return ScriptedAppsInToss.success(["key": .string(ConnectorPromotionTests.key)])
        }
        let house = try ConnectorHouse(exchange, records: records)
        let response = try await house.call("execute-promotion", ConnectorPromotionTests.body)
        #expect(response.result == "success")
        #expect(!response.fields.contains("Bujeol-Repeated"))
        let kept = try #require(seen.withLock { $0 }.first)
        #expect(kept.contains("TEST_1") && kept.contains("\"amount\":100"))
        #expect(!kept.contains(ConnectorPromotionTests.key) && !kept.contains("443731104"))
    }

    @Test("A key that was sent before is recognised by the next process, and what is known of it can be asked for")
    func repeated() throws {
        let simulation = Simulation()
        try simulation.run {
            let records = MemoryRecords(time: simulation)
            let dying = ScriptedAppsInToss { _, _ in throw ScriptedAppsInToss.lost }
            let first = try ConnectorHouse(dying, time: simulation, records: records)
            let lost = try await first.call("execute-promotion", ConnectorPromotionTests.body)
            #expect(lost.outcome == "unknown")

            let exchange = ScriptedAppsInToss { request, _ in
                request.target.hasSuffix("/execution-result")
                    ? ScriptedAppsInToss.success("SUCCESS") : ScriptedAppsInToss.failure(.promotionKeyUsed)
            }
            let second = try ConnectorHouse(exchange, time: simulation, records: records)
            let open = await second.call(.get, "/-/promotions")
            #expect(open.outcome == "answered")
            #expect(open.connectorJSON?["open"]?.elements?.count == 1)
            #expect(open.connectorJSON?["open"]?[0]?["result"] == "unknown")
            let found = await second.call(.get, "/-/promotions?key=" + ConnectorPromotionTests.encodedKey)
            #expect(found.connectorJSON?["sent"] == true)
            #expect(found.connectorJSON?["execution"]?["promotionCode"] == "TEST_1")
            #expect(found.connectorJSON?["execution"]?["times"] == 1)

            let again = try await second.call("execute-promotion", ConnectorPromotionTests.body)
            #expect(again.fields["Bujeol-Repeated"] == "true")
            #expect(again.fields["Bujeol-Error-Code"] == "4113")
            #expect(again.result == "fail")
            // The key was used by the call whose answer was lost, and that is what is asked for.
            #expect(again.fields["Bujeol-Effect"] == "done")
            #expect(again.fields["Bujeol-Execution-Result"] == "SUCCESS")
            let after = await second.call(.get, "/-/promotions?key=" + ConnectorPromotionTests.key)
            #expect(after.connectorJSON?["execution"]?["times"] == 2)
            #expect(after.connectorJSON?["execution"]?["result"] == "done")
            let none = await second.call(.get, "/-/promotions")
            #expect(none.connectorJSON?["open"] == [])
            let other = await second.call(.get, "/-/promotions?key=b3RoZXI%3D")
            #expect(other.connectorJSON == ["sent": false, "execution": .null])
            #expect(dying.sent.first?.request.target.contains("/-/") == false)
            #expect(exchange.calls == ["execute-promotion", "execution-result"])
        }
    }

    @Test("A refused repeat neither settles a sending whose answer was lost nor undoes one that was granted")
    func refusedRepeat() throws {
        let simulation = Simulation()
        try simulation.run {
            let records = MemoryRecords(time: simulation)
            let lost = try ConnectorHouse(ScriptedAppsInToss { _, _ in throw ScriptedAppsInToss.lost }, time: simulation, records: records)
            #expect(try await lost.call("execute-promotion", ConnectorPromotionTests.body).outcome == "unknown")
            let refusing = try ConnectorHouse(
                ScriptedAppsInToss { _, _ in ScriptedAppsInToss.failure(.promotionTransient) }, time: simulation, records: records)
            #expect(try await refusing.call("execute-promotion", ConnectorPromotionTests.body).result == "fail")
            let open = await refusing.call(.get, "/-/promotions")
            #expect(open.connectorJSON?["open"]?.elements?.count == 1)
            #expect(open.connectorJSON?["open"]?[0]?["result"] == "unknown")

            let granting = try ConnectorHouse(time: simulation, records: records)
            #expect(try await granting.call("execute-promotion", ConnectorPromotionTests.body).result == "success")
            #expect(try await refusing.call("execute-promotion", ConnectorPromotionTests.body).result == "fail")
            let found = await refusing.call(.get, "/-/promotions?key=" + ConnectorPromotionTests.encodedKey)
            #expect(found.connectorJSON?["execution"]?["result"] == "success")
            #expect(found.connectorJSON?["execution"]?["times"] == 4)
            #expect(await refusing.call(.get, "/-/promotions").connectorJSON?["open"] == [])
        }
    }

    @Test("A key that cannot be written down is not sent")
    func unrecorded() async throws {
        let records = BrokenRecords()
        let house = try ConnectorHouse(records: records)
        let refused = try await house.call("execute-promotion", ConnectorPromotionTests.body)
        #expect(refused.status == 503)
        #expect(refused.outcome == "not-sent")
        #expect(refused.text.contains("the disk is full"))
        #expect(house.exchange.sent.isEmpty)
        #expect(await house.call(.get, "/-/promotions?key=YQ").status == 503)
        // Nothing else depends on it.
        #expect(try await house.call("execute-payment").status == 200)
        records.isBroken.withLock { $0 = false }
        #expect(try await house.call("execute-promotion", ConnectorPromotionTests.body).status == 200)
    }

    @Test("A key that the limit kept back was never sent, and is not said to have been")
    func keptBack() async throws {
        let house = try ConnectorHouse(settings: ", limit: { perMinute: 1 }")
        _ = try await house.call("login-me")
        let refused = try await house.call("execute-promotion", ConnectorPromotionTests.body, ["Bujeol-Deadline": "1s"])
        #expect(refused.status == 429)
        let found = await house.call(.get, "/-/promotions?key=" + ConnectorPromotionTests.encodedKey)
        #expect(found.connectorJSON?["sent"] == false)
    }

    @Test("What is no question is refused, and nothing below /-/ ever goes to the provider")
    func questions() async throws {
        let house = try ConnectorHouse()
        for query in ["?key=", "?key=a&key=b", "?kez=a", "?key=%G"] {
            #expect(await house.call(.get, "/-/promotions" + query).status == 400)
        }
        #expect(await house.call(.post, "/-/promotions").status == 405)
        for path in ["/-/", "/-", "/-/callbacks/unlink", "/-/callbacks/subscription", "/-/other"] {
            #expect(await house.call(.post, path, "{}").status == 404, "\(path)")
        }
        #expect(house.exchange.sent.isEmpty)
    }
}
