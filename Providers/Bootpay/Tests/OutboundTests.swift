import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import Bootpay

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

@Suite("What a Bootpay connection calls")
struct OutboundTests {
    private func rules(_ more: String = "") throws -> [OutboundRule] {
        let settings = try Settings(file: "c", source: OneFile(text: "{ applicationID: \"a\", privateKey: \"k\"\(more) }"))
        let environment = ConnectorEnvironment(connection: "bootpay", exchange: Nobody(), time: ManualTime(), random: SeededRandom())
        return try BootpayConnector.makeConnector(settings, environment).outbound
    }

    @Test("the production host, whose addresses Bootpay does not document; its allow-list is told of")
    func production() throws {
        let rules = try rules()
        #expect(rules.map(\.origin.description) == ["https://api.bootpay.co.kr"])
        #expect(rules[0].isProvider && rules[0].addresses.isEmpty && rules[0].sourceRule?.korean.contains("접근 허용 IP") == true)
        #expect(try BootpayHosts.all.allSatisfy { try self.rules(", origin: \"https://\($0)\"")[0].isProvider })
    }

    @Test("a sandbox is none of Bootpay's hosts, and keeps its path")
    func sandbox() throws {
        let rules = try rules(", origin: \"http://127.0.0.1:8600/bootpay\"")
        #expect(rules.count == 1 && !rules[0].isProvider && rules[0].pathPrefix == "/bootpay" && rules[0].origin.port == 8600)
    }
}
