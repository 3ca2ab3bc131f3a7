import Base
import Cryptography
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import AppsInToss

/// A certificate with its key; made once, since keys cost time.
// swift-format-ignore: NeverUseForceTry
private let issued: TLSIdentity = {
    let validity = CertificateValidity(from: SystemTime().now, days: 100)
    return try! CertificateAuthority(name: "console", validity: validity).issueClientIdentity(name: "shop", validity: validity)
}()

private struct ThreeFiles: SettingsSource {
    var text: String
    func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) {
        switch path {
        case "shop.crt": (Array(issued.certificateChainPEM.utf8), true)
        case "shop.key": (issued.privateKey.pem.withBytes { $0 }, false)
        default: (Array(text.utf8), false)
        }
    }
    func environment(_ name: String) -> String? { nil }
}

/// The network of a connector that is only looked at.
private struct Nobody: IdentityPresenting {
    private let error = HTTPExchangeError(.shutDown, outcome: .notSent, message: "nobody is called")
    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        throw error
    }
    func exchange(presenting identity: TLSIdentity?, trusting trust: TLSTrust?) throws(TLSError) -> any IdentityPresenting { self }
    func connect(to origin: HTTPOrigin, timeout: Duration) async throws(HTTPExchangeError) { throw error }
    func retireConnections() {}
}

@Suite("What an Apps in Toss connection calls")
struct OutboundTests {
    private func connector(_ more: String = "") throws -> any Connector {
        let settings = try Settings(
            file: "c", source: ThreeFiles(text: "{ certificate: \"shop.crt\", key: { file: \"shop.key\" }\(more) }"))
        return try AppsInTossConnector.makeConnector(
            settings,
            ConnectorEnvironment(
                connection: "toss", exchange: Nobody(), time: SystemTime(), random: SeededRandom(), identities: Nobody()))
    }

    @Test("both hosts at port 443, each with the three addresses of the firewall table, and the certificate that calls present")
    func provider() throws {
        let rules = try connector().outbound
        #expect(
            rules.map { [$0.origin.description] + $0.addresses } == [
                ["https://apps-in-toss-api.toss.im", "117.52.3.192", "211.115.96.192", "106.249.5.192"],
                ["https://pay-apps-in-toss-api.toss.im", "117.52.3.195", "211.115.96.195", "106.249.5.195"],
            ])
        #expect(rules.allSatisfy { $0.isProvider && $0.identity?.fingerprint == issued.fingerprint && $0.origin.port == 443 })
    }

    @Test("a sandbox is one place for all, without documented addresses")
    func sandbox() throws {
        let rules = try connector(", base: \"https://127.0.0.1:8643/apps-in-toss\"").outbound
        #expect(rules.count == 1 && !rules[0].isProvider && rules[0].addresses.isEmpty && rules[0].pathPrefix == "/apps-in-toss")
        #expect(rules[0].identity?.fingerprint == issued.fingerprint)
    }

    @Test(
        "a refusal of the certificate inside a 200 is noticed, another answer is not",
        arguments: [
            (#"{"resultType":"FAIL","error":{"errorCode":"4010","reason":"x"}}"#, "4010"),
            (#"{"resultType":"FAIL","error":{"errorCode":4050,"reason":"x"}}"#, "4050"),
            (#"{"resultType":"FAIL","error":{"errorCode":"NOT_FOUND","reason":"x"}}"#, nil),
            (#"{"resultType":"SUCCESS","success":{}}"#, nil),
            ("<html>", nil), ("", nil),
        ] as [(String, String?)])
    func remark(body: String, code: String?) throws {
        let rule = try #require(try connector().outbound.first)
        let finding = rule.remark?(HTTPResponse(status: 200, body: Array(body.utf8)))
        #expect(finding?.facts["code"]?.string == code)
        #expect(finding.map { $0.severity == .problem && $0.remedy != nil } ?? true)
    }

    @Test("what the certificate says of itself is told")
    func examine() async throws {
        let findings = await (try connector(", app: \"shop\"")).examine(SystemTime())
        #expect(findings.map(\.severity) == [.good] && findings[0].facts["name"]?.string == "shop")
    }
}
