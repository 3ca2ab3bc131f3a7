import Base
import BootpaySandbox
import Gateway
import ProviderKit
import SandboxKit
import TestSupport
import Testing
import Transport

@testable import Bootpay

/// The same ten hours as with the model provider, with this project's own sandbox judging every call.
@Suite("Ten simulated hours against the Bootpay sandbox")
struct SimulationOfSandboxTests {
    // Every fifth second where the provider's clock is off: a judge with a database takes its time, and the model provider has every second of those too.
    @Test(
        "No caller sees a 401, and the token calls are the fewest possible",
        arguments: [(Duration.zero, 1), (.seconds(40), 5), (.seconds(-40), 5)])
    func hours(_ ahead: Duration, _ step: Int) throws {
        let simulation = Simulation(start: Timestamp(unixSeconds: 1_767_225_600) + .milliseconds(370))
        try simulation.run {
            let network = try await SandboxNetwork(simulation, ahead: ahead)
            let connector = BootpayConnector(
                BootpayConnector.Configuration(
                    applicationID: BootpayDemonstration.applicationID, privateKey: Secret(BootpayDemonstration.privateKey)),
                environment: ConnectorEnvironment(connection: "bootpay", exchange: network, time: simulation, random: SeededRandom()))
            let gateway = Gateway(connections: ["bootpay": connector], exchange: network, time: simulation)
            let request = HTTPRequest(method: .get, target: "/bootpay/receipt/\(BootpayDemonstration.receipts[0])")
            let peer = HTTPPeer(address: "127.0.0.1", port: 50_000)
            var calls = 0
            for second in stride(from: 0, to: SimulationOfHoursTests.seconds, by: step) {
                try await simulation.sleep(for: .seconds(second) - simulation.uptime)
                // Each token is replaced when it is between 1501 and 1507 seconds old, so the 24 roll-overs lie within these spans.
                let crowd = second % 1502 < 120 ? 8 : 1
                let bad = await withTaskGroup(of: Int.self) { group in
                    for _ in 0..<crowd { group.addTask { await gateway.respond(to: request, from: peer).status == 200 ? 0 : 1 } }
                    return await group.reduce(0, +)
                }
                #expect(bad == 0, "at second \(second)")
                calls += crowd
            }
            #expect(network.count("status 401") == 0)
            #expect(network.count("/request/token") == SimulationOfHoursTests.leastTokenCalls)
            #expect(network.count("calls") == calls + SimulationOfHoursTests.leastTokenCalls)
        }
    }
}
