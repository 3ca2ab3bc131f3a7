import Base
import Gateway
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import TossAuth

@Suite("Toss Auth connector: a graceful stop")
struct ConnectorStopTests {
    @Test(
        "A stop waits for a read that goes on behind its caller: what it brings is kept, and handed over after the restart without the second read"
    )
    func readBehindItsCaller() throws {
        let simulation = Simulation()
        try simulation.run {
            let kept = MemoryRecords(time: simulation)
            let disk = FullDisk(kept)
            let house = try ConnectorHouse(simulation, records: disk)
            let running = startTask { await house.gateway.run() }
            let txID = try await house.completed()
            house.provider.fault("result", .delays(.seconds(5)))
            let late = await house.result(txID, ["Bujeol-Deadline": "1s"])
            #expect(late.status == 504)
            house.gateway.drain()
            running.cancel()
            await running.value
            // Nothing more can be kept: the file is closed.
            disk.refuses("")
            try await simulation.sleep(for: .seconds(30))
            let next = try ConnectorHouse(simulation, provider: house.provider, records: kept)
            let again = await next.result(txID)
            #expect(again.status == 200 && again.fields["Bujeol-Repeated"] == "true")
            #expect(house.provider.reads(txID) == 1)
        }
    }

    @Test("A stop while nothing is read takes no time")
    func idle() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try ConnectorHouse(simulation)
            let running = startTask { await house.gateway.run() }
            let txID = try await house.completed()
            #expect(await house.result(txID).status == 200)
            let moment = simulation.uptime
            running.cancel()
            await running.value
            #expect(simulation.uptime == moment)
        }
    }
}
