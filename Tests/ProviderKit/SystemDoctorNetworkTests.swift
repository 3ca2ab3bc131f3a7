import Base
import Cryptography
import ProviderKit
import TestSupport
import Testing
import Transport

/// What these tests trust. Made once: keys cost time.
// swift-format-ignore: NeverUseForceTry
private enum DoctorServer {
    static let validity = CertificateValidity(from: SystemTime().now, days: 40)
    static let authority = try! CertificateAuthority(name: "Doctor test authority", validity: validity)
    static let server = try! authority.issueServerIdentity(names: ["127.0.0.1"], validity: validity)
    static let client = try! authority.issueClientIdentity(name: "app", validity: validity)
    static let stranger = try! CertificateAuthority(name: "Somebody else", validity: validity).issueClientIdentity(
        name: "app", validity: validity)
    static let trust = TLSTrust.authorities([authority.certificate])
}

private struct NotFound: HTTPHandler {
    func respond(to request: HTTPRequest, from peer: HTTPPeer) async -> HTTPResponse { HTTPResponse(status: 404) }
}

@Suite("The doctor on real sockets")
struct SystemDoctorNetworkTests {
    /// What the doctor finds at a server with TLS on loopback.
    private func findings(
        callers: TLSServerContext.ClientCertificates = .none, serverTime: any TimeSource = SystemTime(),
        _ change: (inout OutboundRule) -> Void
    ) async throws -> [DoctorFinding] {
        let group = try EventLoopGroup(count: 1)
        var configuration = HTTPServerConfiguration()
        configuration.tls = try TLSServerContext(identity: DoctorServer.server, clientCertificates: callers)
        let server = try HTTPServer(
            group: group, address: socket("127.0.0.1", 0), configuration: configuration, time: serverTime, handler: NotFound())
        var rule = OutboundRule(origin: HTTPOrigin(isSecure: true, host: "127.0.0.1", port: server.address.port), purpose: calls)
        change(&rule)
        let network = SystemDoctorNetwork(group: group, configuration: HTTPClient.Configuration())
        let doctor = Doctor(network: network, time: SystemTime(), random: SystemRandom(), limit: .seconds(60))
        let findings = await doctor.examine([PlacedConnector(outbound: [rule])])
        await server.shutdown(deadline: .seconds(1))
        group.stop()
        return findings[0]
    }

    @Test("a sound server is found sound, with the days that its certificate has left")
    func sound() async throws {
        let findings = try await findings { $0.trust = DoctorServer.trust }
        #expect(findings.filter { $0.severity > .note }.isEmpty, "\(findings.text)")
        #expect(findings.only(.tls).first?.facts["days_left"]?.integer == 39)
        #expect(findings.only(.answer).first?.facts["status"]?.integer == 404)
        #expect(findings.only(.clock).map(\.severity) == [.good])
    }

    @Test("the system does not know the authority: said so, once")
    func untrusted() async throws {
        let findings = try await findings { _ in }
        let problems = findings.filter { $0.severity == .problem }
        #expect(problems.count == 1 && problems.first?.facts["code"]?.string == "untrusted-certificate", "\(findings.text)")
        #expect(problems.first?.facts["judged_by"]?.string == "system")
    }

    @Test("a client certificate that is wanted is shown; none, and a stranger's, are noticed")
    func mutual() async throws {
        let required = TLSServerContext.ClientCertificates.required([DoctorServer.authority.certificate])
        let good = try await findings(callers: required) { rule in
            rule.trust = DoctorServer.trust
            rule.identity = DoctorServer.client
        }
        #expect(good.filter { $0.severity > .note }.isEmpty && good.only(.tls).text.contains("client certificate shown"), "\(good.text)")
        for identity in [nil, DoctorServer.stranger] {
            let bad = try await findings(callers: required) { rule in
                rule.trust = DoctorServer.trust
                rule.identity = identity
            }
            #expect(bad.filter { $0.severity == .problem }.count == 1, "\(bad.text)")
        }
    }

    @Test("a server whose clock is ten minutes behind is found")
    func skew() async throws {
        let late = ShiftedTime(by: .seconds(-600))
        let findings = try await findings(serverTime: late) { $0.trust = DoctorServer.trust }
        let clock = try #require(findings.only(.clock).first)
        let (middle, around) = (try #require(clock.facts["skew_ms"]?.integer), try #require(clock.facts["uncertainty_ms"]?.integer))
        #expect(clock.severity == .problem && clock.message.english.contains("ahead of"), "\(findings.text)")
        #expect(abs(middle - 600_000) <= around + 1)
    }

    @Test("with a proxy the request goes through it, and its refusal is told as the proxy's")
    func proxy() async throws {
        let group = try EventLoopGroup(count: 1)
        let refusing = try HTTPServer(
            group: group, address: socket("127.0.0.1", 0), configuration: HTTPServerConfiguration(), handler: NotFound())
        let configuration = HTTPClient.Configuration(proxy: HTTPClient.Proxy(host: "127.0.0.1", port: refusing.address.port))
        let doctor = Doctor(
            network: SystemDoctorNetwork(group: group, configuration: configuration), time: SystemTime(), random: SystemRandom(),
            limit: .seconds(60))
        let findings = await doctor.examine([PlacedConnector(outbound: [OutboundRule(origin: api, purpose: calls)])])
        #expect(findings[0].only(.answer).text.contains("through the proxy 127.0.0.1:\(refusing.address.port)"), "\(findings[0].text)")
        await refusing.shutdown(deadline: .seconds(1))
        group.stop()
    }

    @Test("cancelling ends an examination of a place that never answers")
    func cancelled() async throws {
        let group = try EventLoopGroup(count: 1)
        let listener = try Socket.listen(on: socket("127.0.0.1", 0))
        let port = try #require(Socket.localAddress(listener)).port
        let doctor = Doctor(
            network: SystemDoctorNetwork(group: group, configuration: HTTPClient.Configuration()), time: SystemTime(),
            random: SystemRandom(),
            limit: .seconds(3600))
        let rule = OutboundRule(origin: HTTPOrigin(isSecure: true, host: "127.0.0.1", port: port), purpose: calls)
        let task = Task { await doctor.examine([PlacedConnector(outbound: [rule])]) }
        task.cancel()
        let findings = await task.value
        #expect(findings[0].contains { $0.severity == .problem })
        Socket.close(listener)
        group.stop()
    }
}

/// The machine's clocks, but the civil one off.
private struct ShiftedTime: TimeSource {
    let shift: Duration

    init(by shift: Duration) { self.shift = shift }

    var now: Timestamp { SystemTime().now + shift }
    var uptime: Duration { SystemTime().uptime }
    func sleep(for duration: Duration) async throws { try await SystemTime().sleep(for: duration) }
}
