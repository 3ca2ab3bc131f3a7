import Base
import ProviderKit
import SandboxKit
import Sentbe
import Storage
import TestSupport
import Testing
import Transport

@testable import SentbeSandbox

@Suite("Sentbe sandbox: callbacks") struct SandboxCallbackTests {
    /// A house whose demo partner is told.
    private func toldHouse(_ location: StorageLocation = .memory, url: String = "http://127.0.0.1:9/setnbe_callback") async throws
        -> SandboxHouse
    {
        let house = try await SandboxHouse(location, outboundTransfers: false)
        let (status, _) = try await house.control(.put, "/partners/1", ["callback_url": .string(url)])
        try #require(status == 200)
        return house
    }

    private func send(_ house: SandboxHouse, _ external: String, to recipient: String = "10") async throws {
        let judgement = try await house.quick(.post, "/inbound/transfers", SandboxTransferTests.order(external, to: recipient))
        try #require(judgement.isSuccess, "\(judgement.body.text)")
    }

    @Test("The first state and every later one are told with the documented members, the token being the access_id")
    func states() async throws {
        let house = try await toldHouse()
        try await send(house, "23", to: "11")
        #expect(house.network.sent.isEmpty)
        _ = await house.sandbox.settle(.demo)
        let first = try #require(house.network.sent.first)
        #expect(
            String(decoding: first.request.body, as: UTF8.self)
                == #"{"token":"test_id","external_id":"23","status":"Waiting verification"}"#)
        #expect(first.request.method == .post && first.request.target == "/setnbe_callback" && first.origin.port == 9)
        #expect(first.request.fields["Content-Type"]?.hasPrefix("application/json") == true)
        _ = try await house.control(.post, "/transfers/1/verify")
        _ = await house.sandbox.settle(.demo)
        house.clocks.advance(.seconds(1))
        _ = await house.sandbox.settle(.demo)
        _ = try await house.control(.post, "/transfers/1/refund")
        #expect(await house.sandbox.settle(.demo) == nil)
        #expect(house.network.sent.map { $0.json["status"] } == ["Waiting verification", "Processing", "Complete", "Refunded"])
        #expect(house.network.sent.allSatisfy { $0.json["external_id"] == "23" && $0.json["token"] == "test_id" })
        let (_, seen) = try await house.control(.get, "/callbacks")
        #expect(seen.elements?.count == 4 && seen[0]?["state"] == "delivered" && seen[0]?["attempts"]?[0]?["status"] == 200)
        #expect(!seen.text.contains("test_id") && seen[0]?["api"] == "inbound" && seen[0]?["transfer_id"] == 1)
    }

    @Test("Without an address, or with the switch off, nobody is told")
    func silence() async throws {
        let house = try await SandboxHouse(outboundTransfers: false)
        try await send(house, "1")
        _ = await house.sandbox.settle(.demo)
        let told = try await toldHouse()
        try await told.set(["inbound_callbacks": false])
        try await send(told, "1")
        _ = await told.sandbox.settle(.demo)
        #expect(house.network.sent.isEmpty && told.network.sent.isEmpty)
        try await told.set(["inbound_callbacks": .null])
        try await send(told, "2")
        _ = await told.sandbox.settle(.demo)
        #expect(told.network.sent.count == 1)
    }

    @Test(
        "Anything but 200 is repeated after 10 seconds, 1, 5, 30 and 120 minutes, never earlier, and then given up",
        arguments: [201, 302, 500])
    func repeats(_ answer: Int) async throws {
        let house = try await toldHouse()
        try await house.set(["inbound_processing_seconds": 31_536_000])
        house.network.answers(answer)
        let start = house.clocks.now(.demo)
        try await send(house, "1")
        var moments = [Int64(0)]
        while house.network.sent.count < 20, let due = await house.sandbox.settle(.demo), due < start + .seconds(1_000_000) {
            moments.append((due - start).wholeSeconds)
            house.clocks.set(due - .nanoseconds(1))
            let count = house.network.sent.count
            _ = await house.sandbox.settle(.demo)
            #expect(house.network.sent.count == count)
            house.clocks.set(due)
        }
        #expect(moments == [0, 10, 70, 370, 2170, 9370])
        #expect(house.network.sent.count == 6)
        #expect(Set(house.network.sent.map(\.json)).count == 1)
        let (_, seen) = try await house.control(.get, "/callbacks")
        #expect(seen[0]?["state"] == "given-up" && seen[0]?["attempts"]?.elements?.count == 6)
    }

    @Test("A refused connection is repeated too, and the pauses are a setting")
    func refused() async throws {
        let house = try await toldHouse()
        try await house.set(["callback_pauses": [7], "inbound_processing_seconds": 31_536_000])
        house.network.refuses()
        try await send(house, "1")
        let now = house.clocks.now(.demo)
        #expect(await house.sandbox.settle(.demo) == now + .seconds(7))
        house.network.answers(200)
        house.clocks.advance(.seconds(7))
        _ = await house.sandbox.settle(.demo)
        let (_, seen) = try await house.control(.get, "/callbacks")
        #expect(seen[0]?["attempts"]?[0]?["problem"]?.string?.contains("connection-refused") == true)
        #expect(seen[0]?["attempts"]?[1]?["accepted"] == true && seen[0]?["state"] == "delivered")
        try await house.set(["callback_pauses": []])
        house.network.answers(500)
        try await send(house, "2")
        _ = await house.sandbox.settle(.demo)
        #expect(try await house.control(.get, "/callbacks").1[0]?["state"] == "given-up")
    }

    @Test("What was not delivered is sent after a restart; after hours of standstill one repeat at a time")
    func restart() async throws {
        let directory = try TemporaryDirectory()
        let house = try await toldHouse(.file(directory.file("state.db")))
        house.network.answers(500)
        try await house.set(["inbound_processing_seconds": 31_536_000])
        try await send(house, "1")
        _ = await house.sandbox.settle(.demo)
        await house.database.close()
        house.clocks.advance(.seconds(6 * 3600))
        let again = try await SandboxHouse(.file(directory.file("state.db")), seed: 2, clocks: house.clocks, outboundTransfers: false)
        again.network.answers(500)
        let now = house.clocks.now(.demo)
        #expect(await again.sandbox.settle(.demo) == now + .seconds(60))
        #expect(again.network.sent.count == 1)
        again.network.answers(200)
        house.clocks.advance(.seconds(60))
        _ = await again.sandbox.settle(.demo)
        #expect(again.network.sent.count == 2 && again.network.sent.last?.json["external_id"] == "1")
    }

    @Test("A clock that leaps leaves the same callbacks as one that walks, each as of its own moment")
    func leap() async throws {
        let house = try await toldHouse()
        try await send(house, "1", to: "11")
        try await send(house, "2")
        house.clocks.advance(.seconds(200_000))
        _ = await house.sandbox.settle(.demo)
        let (_, seen) = try await house.control(.get, "/callbacks")
        let rows = try #require(seen.elements).reversed().map { "\($0["external_id"]?.string ?? "") \($0["status"]?.string ?? "")" }
        #expect(Array(rows) == ["1 Waiting verification", "2 Processing", "2 Complete", "1 Expired"])
        #expect(seen[0]?["created_at"] == "2026-01-02T00:00:00.000Z" && seen[1]?["created_at"] == "2026-01-01T00:00:01.000Z")
    }

    @Test("Two settlings at once send nothing twice")
    func atOnce() async throws {
        let house = try await toldHouse()
        _ = try await house.control(.post, "/wallet", ["amount": "100000"])
        for number in 0..<40 { try await send(house, "\(number)") }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = await house.sandbox.settle(.demo) } }
        }
        _ = await house.sandbox.settle(.demo)
        #expect(house.network.sent.count == 40)
        #expect(Set(house.network.sent.compactMap { $0.json["external_id"]?.string }).count == 40)
    }

    @Test("Addresses are http or https, with nothing that a request line cannot carry")
    func targets() {
        #expect(CallbackTarget("https://shop.example.com")?.target == "/")
        #expect(CallbackTarget("http://shop.example.com:8080/a/b?c=d#e")?.target == "/a/b?c=d")
        #expect(CallbackTarget("https://shop.example.com?x=1")?.target == "/?x=1")
        for text in ["ftp://a/", "//a/", "/a", "", "http://", "http://a b/", "http://a/\r\nX: y", "http://a:99999/", "javascript:alert(1)"]
        {
            #expect(CallbackTarget(text) == nil, "\(text)")
        }
    }
}
