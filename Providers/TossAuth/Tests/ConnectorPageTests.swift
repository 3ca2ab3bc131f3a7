import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import TossAuth

@Suite("Toss Auth connector: the page of a check")
struct ConnectorPageTests {
    @Test("It tells how a check stands, asks nobody, and holds nothing of the person")
    func state() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            let txID = try await house.completed(["Bujeol-Reference": "order-7"])
            let before = house.wire.sent.count
            let page = await house.call(.get, "/-/transactions/\(txID)")
            #expect(page.status == 200)
            #expect(page.fields["Bujeol-Outcome"] == "answered")
            #expect(page.fields["Cache-Control"] == "no-store")
            let json = try #require(page.houseJSON)
            #expect(json["status"] == "REQUESTED" && json["requestType"] == "USER_NONE" && json["reference"] == "order-7")
            #expect(json["readsLeft"]?.integer == 2 && json["isOver"] == false && json["completedDt"]?.isNull == true)
            #expect(house.wire.sent.count == before)
            #expect(await house.result(txID).status == 200)
            let read = await house.call(.get, "/-/transactions/\(txID)")
            #expect(read.houseJSON?["status"] == "COMPLETED")
            #expect(read.houseJSON?["readsLeft"]?.integer == 1)
            #expect(read.houseJSON?["keptUntil"]?.string?.hasSuffix("+09:00") == true)
            #expect(read.fields["Bujeol-Result-Deadline"] == read.houseJSON?["resultDeadline"]?.string)
            for word in ["김토스", "1993", "CI01", "FEMALE"] { #expect(!read.houseText.contains(word)) }
            #expect(await house.call(.head, "/-/transactions/\(txID)").status == 200)
        }
    }

    @Test("Who waits learns of a change soon after it, and of none at the end of the wait or of the deadline")
    func waiting() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            let begun = await house.call(.request, ConnectorHouse.oneTouch)
            let txID = try #require(begun.houseJSON?["success"]?["txId"]?.string.flatMap { TransactionID($0) })
            async let waiting = house.call(.get, "/-/transactions/\(txID)?wait=25s")
            async let other = house.call(.get, "/-/transactions/\(txID)?wait=25s")
            try await simulation.sleep(for: .seconds(7))
            let changed = simulation.uptime
            house.provider.complete(txID)
            for page in [await waiting, await other] {
                #expect(page.houseJSON?["status"] == "COMPLETED")
                #expect(page.fields["Bujeol-Outcome"] == "answered")
            }
            #expect(simulation.uptime - changed < .seconds(6))
            #expect(house.provider.names("status").count < 10)
            // One that has finished is told at once, without a poll.
            let polls = house.provider.names("status").count
            #expect(await house.call(.get, "/-/transactions/\(txID)?wait=25s").houseJSON?["status"] == "COMPLETED")
            #expect(house.provider.names("status").count == polls)

            let next = await house.call(.request, ConnectorHouse.oneTouch)
            let slow = try #require(next.houseJSON?["success"]?["txId"]?.string)
            for (fields, seconds) in [([:], 3), (["Bujeol-Deadline": "2s"], 2)] as [(HTTPFields, Int)] {
                let started = simulation.uptime
                let page = await house.call(.get, "/-/transactions/\(slow)?wait=3s", "", fields)
                #expect(page.houseJSON?["status"] == "REQUESTED")
                #expect((Duration.seconds(seconds) ... .seconds(seconds + 1)).contains(simulation.uptime - started))
            }
        }
    }

    @Test("A check that is not known here is asked for where somebody waits; the provider's refusal is told with its code")
    func unknown() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            let txID = try await house.completed()
            #expect(await house.call(.delete, "/-/transactions/\(txID)").houseJSON?["forgotten"] == true)
            #expect(await house.call(.delete, "/-/transactions/\(txID)").houseJSON?["forgotten"] == false)
            let gone = await house.call(.get, "/-/transactions/\(txID)")
            #expect(gone.status == 404)
            #expect(gone.houseJSON?["code"] == "transaction-unknown")
            #expect(await house.call(.get, "/-/transactions/\(txID)?wait=1s").houseJSON?["status"] == "COMPLETED")
            let refused = await house.call(.get, "/-/transactions/never?wait=1s")
            #expect(refused.status == 400)
            #expect(refused.houseJSON?["errorCode"] == "CE3100")
            #expect(refused.fields["Bujeol-Outcome"] == "refused")
        }
    }

    @Test(
        "Forgetting a check forgets its kept result and not the count: the next call is a read of its own, and the page tells what is left")
    func forgetting() throws {
        let simulation = Simulation()
        try simulation.run {
            let records = MemoryRecords(time: simulation)
            let house = try ConnectorHouse(simulation, records: records)
            let txID = try await house.completed()
            #expect(await house.result(txID).status == 200)
            #expect(await house.call(.delete, "/-/transactions/\(txID)").status == 200)
            #expect(try await records.names(beginningWith: "") == ["check/\(txID)"])
            let page = await house.call(.get, "/-/transactions/\(txID)")
            #expect(page.houseJSON?["readsLeft"]?.integer == 1 && page.houseJSON?["keptUntil"]?.isNull == true)
            #expect(!(await house.result(txID)).fields.contains("Bujeol-Repeated"))
            #expect(house.provider.reads(txID) == 2)
            #expect(await house.call(.delete, "/-/transactions/\(txID)").status == 200)
            #expect(await house.call(.get, "/-/transactions/\(txID)").houseJSON?["isOver"] == true)
            #expect(await house.result(txID).status == 410)
            #expect(house.provider.names("result").count == 2)
        }
    }

    @Test("What makes no sense below /-/ is refused in words that help, and nothing is asked of the provider")
    func nonsense() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            let txID = try await house.completed()
            let before = house.wire.sent.count
            let path = "/-/transactions/\(txID)"
            for query in [
                "wait=61s", "wait=30", "wait=-1s", "wait=", "wait=1s&wait=2s", "wait=1s&x=1", "x=1", "wait", "wait=soon", "wait=1d",
            ] {
                let response = await house.call(.get, path + "?" + query)
                #expect(response.status == 400, "\(query)")
                #expect(response.houseText.contains("?wait=30s"))
            }
            #expect(await house.call(.delete, path + "?wait=1s").status == 400)
            #expect(await house.call(.post, path).status == 400)
            for other in ["/-", "/-/", "/-/transactions", "/-/transactions/", "/-/transactions/a/b", "/-/else", "/-/transactions/a%2Fb"] {
                let response = await house.call(.get, other)
                #expect(response.status == 404, "\(other)")
                #expect(response.fields["Bujeol-Outcome"] == "refused")
            }
            #expect(house.wire.sent.count == before)
        }
    }
}
