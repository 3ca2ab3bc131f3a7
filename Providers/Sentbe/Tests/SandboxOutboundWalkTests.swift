import Base
import SandboxKit
import Sentbe
import TestSupport
import Testing
import Transport

@testable import SentbeSandbox

@Suite("Sentbe sandbox, outbound: long walks") struct SandboxOutboundWalkTests {
    @Test(
        "Whatever happens in whatever order, no won of credit appears or is lost, no state is skipped, and every step is told once",
        arguments: 1...4 as ClosedRange<UInt64>)
    func walk(_ seed: UInt64) async throws {
        let house = try await SandboxHouse(seed: seed)
        let random = SeededRandom(seed: seed)
        _ = try await house.control(.put, "/partners/1", ["callback_url": "http://127.0.0.1:9/callback"])
        _ = try await house.control(.put, "/outbound/users/15/credit", ["amount": 12_000])
        try await house.set(["outbound_processing_seconds": 40, "outbound_aml_from": 150_000])
        let doors = ["deposit", "hold", "release", "stop", "complete", "refund", "expire", "cancel"]
        var ids: [Int64] = []
        for step in 0..<120 {
            switch random.number(below: 5) {
            case 0:
                let amount = JSON.string(String(1000 + random.number(below: 9000)))
                let rate = try await house.rateID(["recieve_amount": amount])
                let order = Outbound.transfer([
                    "recieve_amount": amount, "exchange_rate_list_id": .string(rate), "external_id": .string("w\(step)"),
                ])
                let made = try await house.quick(.post, "/outbound/transfers", order)
                ids.append(try #require(made.data["transfer_id"]?.integer, "\(made.body.text)"))
            case 1: house.clocks.advance(.seconds(Int64(random.number(below: 30_000))))
            case 2: _ = await house.sandbox.settle(.demo)
            case 3 where !ids.isEmpty:
                let id = ids[Int(random.number(below: UInt64(ids.count)))]
                let judgement = try await house.quick(.post, "/outbound/transfers/cancel", ["transfer_id": .number(id)])
                #expect(judgement.isSuccess || judgement.code == "E0009")
            default:
                guard !ids.isEmpty else { continue }
                let id = ids[Int(random.number(below: UInt64(ids.count)))]
                let door = doors[Int(random.number(below: UInt64(doors.count)))]
                #expect([200, 409].contains(try await house.control(.post, "/outbound/transfers/\(id)/\(door)").0))
            }
            try await checkCredit(house, ids)
        }
        #expect(ids.count > 10)
        _ = await house.sandbox.settle(.demo)
        try await checkTold(house)
    }

    /// What the user has and what live transfers hold is always what was given.
    private func checkCredit(_ house: SandboxHouse, _ ids: [Int64]) async throws {
        var held: Int64 = 0
        for id in ids {
            let transfer = try await house.control(.get, "/outbound/transfers/\(id)").1
            let status = try #require(transfer["status"]?.string.flatMap(OutboundStatus.init))
            let used = try #require(transfer["credit_usage_amount"]?.integer)
            held += status.isUndone ? 0 : used
            let sent = try #require(transfer["send_amount"]?.integer)
            #expect(sent > 5000 - used)
        }
        let credit = try await house.control(.get, "/outbound/users/15").1["credit"]?.integer
        #expect(credit.map { $0 + held } == 12_000)
    }

    /// The callbacks of each transfer are a path through the table of states, from its beginning.
    private func checkTold(_ house: SandboxHouse) async throws {
        var paths: [String: [OutboundStatus]] = [:]
        // In the order in which they came into being: they are sent side by side, and arrive in any.
        let (_, callbacks) = try await house.control(.get, "/callbacks?limit=1000")
        let told = try #require(callbacks.elements)
        #expect(told.count == house.network.sent.count && told.allSatisfy { $0["state"] == "delivered" })
        for callback in told.reversed() {
            let id = try #require(callback["external_id"]?.string)
            paths[id, default: []].append(try #require(callback["status"]?.string.flatMap(OutboundStatus.init)))
        }
        #expect(paths.count > 10)
        for (id, path) in paths {
            #expect(path.first == .requested, "\(id)")
            for (before, after) in zip(path, path.dropFirst()) {
                #expect(OutboundStatus.Event.allCases.contains { before.after($0) == after }, "\(id): \(before) → \(after)")
            }
        }
    }
}
