import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import Sentbe

@Suite("Sentbe: callbacks are believed only as far as the fetched transfer bears them out")
struct ConnectorCallbackTests {
    private static func callback(_ externalID: String = "23", _ status: String = "Complete", token: String = "test_id") -> String {
        "{\"token\":\"\(token)\",\"external_id\":\"\(externalID)\",\"status\":\"\(status)\"}"
    }

    /// A provider that makes transfer 5 and then shows it in a state.
    private static func provider(status: String, list: [JSON] = [], taken: Int = 200) -> ScriptedSentbe {
        ScriptedSentbe { request, _ in
            if request.target.hasPrefix("/from-sentbe") { return HTTPResponse(status: taken) }
            if request.method == .post { return ScriptedSentbe.success(SentbeHouse.payout(id: 5)) }
            if request.target.hasSuffix("/inbound/transfers") { return ScriptedSentbe.success(.array(list)) }
            if request.target.hasSuffix("/outbound/transfers") { return ScriptedSentbe.failure(.notSupported) }
            return ScriptedSentbe.success(SentbeHouse.payout(id: 5, status: status))
        }
    }

    @Test("A callback for a transfer of this connection leads to one fetch by its id, and the fetched state goes to the application")
    func handedOn() async throws {
        let exchange = ConnectorCallbackTests.provider(status: "Processing")
        let house = SentbeHouse(exchange, application: "/from-sentbe")
        _ = await house.call(.post, "/inbound/transfers", SentbeHouse.transfer)
        let response = await house.call(.post, "/callback", ConnectorCallbackTests.callback())
        #expect(response.status == 200)
        #expect(exchange.sent.map(\.request.target) == ["/prefix/inbound/transfers", "/prefix/inbound/transfers/5", "/from-sentbe"])
        let handed = try JSON(exchange.sent[2].request.body)
        #expect(exchange.sent[2].origin.host == "shop.example")
        #expect(handed["external_id"] == "23")
        #expect(handed["transfer_id"] == "5")
        #expect(handed["status"] == ["claimed": "Complete", "confirmed": "Processing"])
        #expect(handed["transfer"]?["transfer_info"]?["status"] == "Processing")
        #expect(!exchange.sent[2].request.fields.contains("KEY"))
    }

    @Test("A wrong token, or what is no callback, leads to no fetch at all")
    func refused() async {
        let exchange = ConnectorCallbackTests.provider(status: "Complete")
        let house = SentbeHouse(exchange)
        #expect(await house.call(.post, "/callback", ConnectorCallbackTests.callback(token: "test_ie")).status == 403)
        #expect(await house.call(.post, "/callback", ConnectorCallbackTests.callback(token: "")).status == 403)
        for body in ["", "{}", "[]", "{\"token\":\"test_id\"}"] { #expect(await house.call(.post, "/callback", body).status == 400) }
        #expect(await house.call(.post, "/callback", String(repeating: " ", count: 20_000)).status == 413)
        #expect(exchange.sent.isEmpty)
        #expect(await house.call(.get, "/callbacks").json?["callbacks"] == [])
    }

    @Test("The application's refusal and a failed fetch are answered with 503, so that the callback comes again; the next one is handed on")
    func repeats() async throws {
        let refusing = ConnectorCallbackTests.provider(status: "Complete", taken: 500)
        let house = SentbeHouse(refusing, application: "/from-sentbe")
        _ = await house.call(.post, "/inbound/transfers", SentbeHouse.transfer)
        for _ in 0..<2 { #expect(await house.call(.post, "/callback", ConnectorCallbackTests.callback()).status == 503) }
        #expect(refusing.sent.count { $0.request.target == "/from-sentbe" } == 2)

        let failing = ScriptedSentbe { request, number in
            if request.method == .post { return ScriptedSentbe.success(SentbeHouse.payout(id: 5)) }
            switch number {
            case 1: throw ScriptedSentbe.lost
            case 2: return ScriptedSentbe.failure(.internalError)
            case 3: return HTTPResponse(status: 502, body: Array("<html>".utf8))
            // Another transfer than the one that was asked for.
            case 4: return ScriptedSentbe.success(SentbeHouse.payout(id: 6))
            default: return ScriptedSentbe.success(SentbeHouse.payout(id: 5, status: "Complete"))
            }
        }
        let other = SentbeHouse(failing)
        _ = await other.call(.post, "/inbound/transfers", SentbeHouse.transfer)
        for _ in 0..<4 {
            let response = await other.call(.post, "/callback", ConnectorCallbackTests.callback())
            #expect(response.status == 503)
            #expect(response.outcome == "unverified")
        }
        #expect(await other.call(.post, "/callback", ConnectorCallbackTests.callback()).status == 200)
        #expect(await other.call(.get, "/callbacks").json?["callbacks"]?.elements?.count == 1)
    }

    @Test("The same state is handed on once, however often the callback comes; a new state again")
    func idempotent() async {
        let status = Locked("Processing")
        let exchange = ScriptedSentbe { request, _ in
            if request.target == "/from-sentbe" { return HTTPResponse(status: 204) }
            return ScriptedSentbe.success(SentbeHouse.payout(id: 5, status: status.withLock { $0 }))
        }
        let house = SentbeHouse(exchange, application: "/from-sentbe")
        _ = await house.call(.post, "/inbound/transfers", SentbeHouse.transfer)
        func handed() -> Int { exchange.sent.count { $0.request.target == "/from-sentbe" } }
        for _ in 0..<3 { #expect(await house.call(.post, "/callback", ConnectorCallbackTests.callback()).status == 200) }
        #expect(handed() == 1)
        status.withLock { $0 = "Complete" }
        // An old callback that arrives late brings the newest state.
        _ = await house.call(.post, "/callback", ConnectorCallbackTests.callback("23", "Waiting verification"))
        #expect(handed() == 2)
        #expect((try? JSON(exchange.sent.last?.request.body ?? []))?["status"]?["confirmed"] == "Complete")
    }

    @Test("After a lost answer the transfer is found among the newest pages by user, recipient and amount")
    func searched() async throws {
        let rows = [
            SentbeHouse.payout(id: 9, user: "48"), SentbeHouse.payout(id: 8, amount: "1000000.5"),
            SentbeHouse.payout(id: 7, status: "Processing", amount: "1000000.00"),
        ]
        let exchange = ScriptedSentbe { request, number in
            if number == 0 { throw ScriptedSentbe.lost }
            return ScriptedSentbe.success(request.target.hasSuffix("/transfers") ? .array(rows) : rows[2])
        }
        let house = SentbeHouse(exchange)
        #expect(await house.call(.post, "/inbound/transfers", SentbeHouse.transfer).outcome == "unknown")
        #expect(await house.call(.post, "/callback", ConnectorCallbackTests.callback()).status == 200)
        let kept = try #require(await house.call(.get, "/callbacks").json?["callbacks"]?[0])
        #expect(kept["transfer_id"] == "7")
        #expect(kept["status"]?["confirmed"] == "Processing")
        #expect(exchange.sent[1].parameters == ["page": "1"])
        // Found once, it is fetched by its id from then on.
        _ = await house.call(.post, "/callback", ConnectorCallbackTests.callback())
        #expect(exchange.sent.last?.request.target == "/prefix/inbound/transfers/7")
    }

    /// What becomes of a callback for a transfer whose answer got lost, when the provider's newest page shows these rows.
    private static func confirmed(after rows: [JSON], page: Int = 1) async throws -> JSON {
        let exchange = ScriptedSentbe { request, number in
            if number == 0 { throw ScriptedSentbe.lost }
            return ScriptedSentbe.success(.array(number == page ? rows : (0..<5).map { SentbeHouse.payout(id: 900 + $0, user: "99") }))
        }
        let house = SentbeHouse(exchange)
        #expect(await house.call(.post, "/inbound/transfers", SentbeHouse.transfer).outcome == "unknown")
        #expect(await house.call(.post, "/callback", ConnectorCallbackTests.callback()).status == 200)
        return try #require(await house.call(.get, "/callbacks").json?["callbacks"]?[0])
    }

    @Test("An older transfer of the same amount to the same person is not taken for the one whose answer got lost")
    func older() async throws {
        for moment in ["2025-12-31T09:00:00.000+09:00", "2026-01-01T08:58:59.000+09:00", "", "soon"] {
            let kept = try await ConnectorCallbackTests.confirmed(after: [SentbeHouse.payout(id: 3, status: "Complete", at: moment)])
            #expect(kept["transfer_id"]?.isNull == true && kept["status"]?["confirmed"]?.isNull == true, "\(moment)")
        }
        let mixed = try await ConnectorCallbackTests.confirmed(after: [
            SentbeHouse.payout(id: 3, status: "Complete", at: "2025-12-31T09:00:00.000+09:00"), SentbeHouse.payout(id: 7),
        ])
        #expect(mixed["transfer_id"] == "7" && mixed["status"]?["confirmed"] == "Waiting verification")
        // The provider's clock may be a little behind.
        let behind = try await ConnectorCallbackTests.confirmed(after: [SentbeHouse.payout(id: 7, at: "2026-01-01T08:59:01.000+09:00")])
        #expect(behind["transfer_id"] == "7")
    }

    @Test("Of two transfers that could both be the one whose answer got lost neither is believed; one that shows on two pages is one")
    func ambiguous() async throws {
        let rows = [SentbeHouse.payout(id: 8, status: "Complete"), SentbeHouse.payout(id: 7)]
        let kept = try await ConnectorCallbackTests.confirmed(after: rows)
        #expect(kept["transfer_id"]?.isNull == true && kept["status"]?["confirmed"]?.isNull == true)
        let exchange = ScriptedSentbe { _, number in
            if number == 0 { throw ScriptedSentbe.lost }
            let others = (0..<4).map { SentbeHouse.payout(id: 900 + $0, user: "99") }
            return ScriptedSentbe.success(.array(number == 2 ? others + [SentbeHouse.payout(id: 8)] : [SentbeHouse.payout(id: 7)] + others))
        }
        let house = SentbeHouse(exchange)
        _ = await house.call(.post, "/inbound/transfers", SentbeHouse.transfer)
        _ = await house.call(.post, "/callback", ConnectorCallbackTests.callback())
        // Page 2 shows another that fits.
        #expect(await house.call(.get, "/callbacks").json?["callbacks"]?[0]?["transfer_id"]?.isNull == true)
        let repeated = ScriptedSentbe { _, number in
            if number == 0 { throw ScriptedSentbe.lost }
            return ScriptedSentbe.success(.array((0..<5).map { SentbeHouse.payout(id: 7 + $0, user: $0 == 0 ? "47" : "99") }))
        }
        let other = SentbeHouse(repeated)
        _ = await other.call(.post, "/inbound/transfers", SentbeHouse.transfer)
        _ = await other.call(.post, "/callback", ConnectorCallbackTests.callback())
        #expect(await other.call(.get, "/callbacks").json?["callbacks"]?[0]?["transfer_id"] == "7")
    }

    @Test("A repeat of a call whose answer got lost does not make the first one too old")
    func repeatedCall() async throws {
        let exchange = ScriptedSentbe { _, number in
            if number < 2 { throw ScriptedSentbe.lost }
            return ScriptedSentbe.success([SentbeHouse.payout(id: 7)])
        }
        let house = SentbeHouse(exchange)
        _ = await house.call(.post, "/inbound/transfers", SentbeHouse.transfer)
        house.time.advance(by: .seconds(3600))
        _ = await house.call(.post, "/inbound/transfers", SentbeHouse.transfer)
        _ = await house.call(.post, "/callback", ConnectorCallbackTests.callback())
        #expect(await house.call(.get, "/callbacks").json?["callbacks"]?[0]?["transfer_id"] == "7")
    }

    @Test("Two external_ids that look alike and differ in their bytes are two transfers")
    func lookAlike() {
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        let memory = TransferMemory()
        memory.learned(composed, api: .inbound, transferID: "1")
        #expect(memory.entry(decomposed) == nil)
        #expect(memory.isTaken(.inbound, "1", by: decomposed))
    }

    @Test("A transfer that nobody here knows is handed on as unconfirmed after a bounded search")
    func unknown() async throws {
        let full = (0..<5).map { SentbeHouse.payout(id: 100 + $0) }
        let exchange = ConnectorCallbackTests.provider(status: "Complete", list: full)
        let house = SentbeHouse(exchange)
        #expect(await house.call(.post, "/callback", ConnectorCallbackTests.callback("nobody's")).status == 200)
        // One page of each product: no row shows an external_id, so that no further page could help.
        #expect(exchange.sent.map(\.request.target) == ["/prefix/inbound/transfers", "/prefix/outbound/transfers"])
        let kept = try #require(await house.call(.get, "/callbacks").json?["callbacks"]?[0])
        #expect(kept["external_id"] == "nobody's")
        #expect(kept["status"] == ["claimed": "Complete", "confirmed": nil])
        #expect(kept["transfer"] == nil || kept["transfer"]?.isNull == true)
    }

    @Test("The search for a transfer whose answer got lost ends after the newest pages")
    func boundedSearch() async throws {
        let full = (0..<5).map { SentbeHouse.payout(id: 100 + $0, user: "99") }
        let exchange = ScriptedSentbe { _, number in
            if number == 0 { throw ScriptedSentbe.lost }
            return ScriptedSentbe.success(.array(full))
        }
        let house = SentbeHouse(exchange)
        _ = await house.call(.post, "/inbound/transfers", SentbeHouse.transfer)
        #expect(await house.call(.post, "/callback", ConnectorCallbackTests.callback()).status == 200)
        #expect(exchange.sent.dropFirst().compactMap { $0.parameters?["page"]?.string } == ["1", "2", "3", "4"])
        #expect(await house.call(.get, "/callbacks").json?["callbacks"]?[0]?["status"]?["confirmed"]?.isNull == true)
    }

    @Test("A row that does show its external_id is believed by that alone")
    func shownExternalID() async throws {
        var row = SentbeHouse.payout(id: 44, status: "Refunded", user: "99")
        if case .object(var members) = row, case .object(var info)? = members["transfer_info"] {
            info["external_id"] = "shown"
            members["transfer_info"] = .object(info)
            row = .object(members)
        }
        let house = SentbeHouse(ConnectorCallbackTests.provider(status: "Complete", list: [SentbeHouse.payout(id: 1), row]))
        _ = await house.call(.post, "/callback", ConnectorCallbackTests.callback("shown"))
        #expect(await house.call(.get, "/callbacks").json?["callbacks"]?[0]?["transfer_id"] == "44")
    }

    @Test("The memory of transfers is bounded and forgets the oldest first")
    func bounded() {
        let memory = TransferMemory()
        for number in 0...TransferMemory.capacity { memory.learned("\(number)", api: .inbound, transferID: "t\(number)") }
        #expect(memory.entry("0") == nil)
        #expect(memory.entry("1")?.transferID == "t1")
        #expect(memory.entry("\(TransferMemory.capacity)") != nil)
        #expect(memory.isTaken(.inbound, "t1", by: "other"))
        #expect(!memory.isTaken(.inbound, "t0", by: "other"))
        #expect(!memory.isTaken(.outbound, "t1", by: "other"))
    }
}
