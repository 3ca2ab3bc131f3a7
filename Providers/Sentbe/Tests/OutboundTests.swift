import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import Sentbe

private struct OneFile: SettingsSource {
    var text: String
    func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) { (Array(text.utf8), false) }
    func environment(_ name: String) -> String? { nil }
}

/// The network of a connector that is only looked at.
private struct Nobody: HTTPExchange {
    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        throw HTTPExchangeError(.shutDown, outcome: .notSent, message: "nobody is called")
    }
}

@Suite("What a Sentbe connection calls")
struct OutboundTests {
    private func rules(_ text: String) throws -> [OutboundRule] {
        let settings = try Settings(file: "c", source: OneFile(text: text))
        let environment = ConnectorEnvironment(connection: "sentbe", exchange: Nobody(), time: ManualTime(), random: SeededRandom())
        return try SentbeConnector.makeConnector(settings, environment).outbound
    }

    private let first = "partnerID: \"1\", accessID: \"a\", secretKey: \"s\""

    @Test(
        "the host that came with the registration; one on this machine is a sandbox",
        arguments: [
            ("https://api.example/base", true), ("http://127.0.0.1:8600/sentbe", false), ("http://localhost:8600/sentbe", false),
            ("http://[::1]:8600/sentbe", false), ("http://sandbox.localhost/sentbe", false), ("http://128.0.0.1/sentbe", true),
        ])
    func places(origin: String, isProvider: Bool) throws {
        let rules = try rules("{ \(first), origin: \"\(origin)\" }")
        #expect(rules.count == 1 && rules[0].isProvider == isProvider && rules[0].addresses.isEmpty)
        #expect(rules[0].clockTolerances.isEmpty && rules[0].sourceRule?.english.contains("E0001") == true)
    }

    @Test("the second generation minds the clock")
    func clock() throws {
        let text = "{ generation: 2, apiKey: \"k\", hmacSecret: \"h\", dataSecret: \"d\", origin: \"https://api.example\" }"
        #expect(try rules(text)[0].clockTolerances.map(\.limit) == [SentbeGeneration2.nonceWindow])
    }
}
