import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import WPay

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

@Suite("What a WPAY connection calls")
struct OutboundTests {
    private func rules(_ more: String) throws -> [OutboundRule] {
        let settings = try Settings(file: "c", source: OneFile(text: "{ \(ConnectorHouse.keys), \(more) }"))
        let environment = ConnectorEnvironment(connection: "wpay", exchange: Nobody(), time: SystemTime(), random: SeededRandom())
        return try WPayConnector.makeConnector(settings, environment).outbound
    }

    @Test("test: one host of each product; auto-pay's and that of the refunds only where they are configured")
    func test() throws {
        #expect(
            try rules("environment: \"test\"").map(\.origin.host).sorted()
                == ["stgwpay", "stgwpaycst", "stgwpaystd"].map { $0 + ".inicis.com" })
        let all = try rules("environment: \"test\", autoPayMid: \"INIautoT03\", iniAPIKey: \"k\", clientAddress: \"203.0.113.7\"")
        #expect(all.map(\.origin.host).contains("stgwpayplus.inicis.com"))
        let refunds = try #require(all.first { $0.origin.host == "deviniapi.inicis.com" })
        #expect(refunds.pathPrefix == "/stg" && refunds.isProvider && refunds.sourceRule?.english.contains("203.0.113.7") == true)
    }

    @Test("live: the mirrors too, to which a callback may send an approval")
    func live() throws {
        let rules = try rules("environment: \"live\"")
        #expect(
            rules.map(\.origin.host).sorted()
                == ["fcwpay", "fcwpaycst", "fcwpaystd", "kswpay", "kswpaycst", "kswpaystd", "wpay", "wpaycst", "wpaystd"].map {
                    $0 + ".inicis.com"
                })
        #expect(rules.allSatisfy { $0.isProvider && $0.addresses.isEmpty && $0.origin.port == 443 && $0.sourceRule == nil })
    }

    @Test("a sandbox is one place for all")
    func sandbox() throws {
        let rules = try rules("origin: \"http://127.0.0.1:8600/wpay\"")
        #expect(rules.count == 1 && !rules[0].isProvider && rules[0].pathPrefix == "/wpay")
    }
}
