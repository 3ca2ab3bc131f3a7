import Base
import Cryptography
import ProviderKit
import TestSupport
import Testing
import Transport

/// Issued once: keys cost time.
// swift-format-ignore: NeverUseForceTry
private enum ConsoleIssued {
    static let now = SystemTime().now
    static let authority = try! CertificateAuthority(name: "Doctor's console", validity: CertificateValidity(from: now, days: 900))
    static func client(_ days: Int, _ name: String = "app") -> TLSIdentity {
        try! authority.issueClientIdentity(
            name: name,
            validity: CertificateValidity(notBefore: now - .seconds(900 * 86_400), notAfter: now + .seconds(Int64(days) * 86_400 + 60)))
    }
}

/// A network that nobody may call.
private struct NobodyCalls: IdentityPresenting {
    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        Issue.record("somebody called")
        throw HTTPExchangeError(.shutDown, outcome: .notSent, message: "")
    }
    func exchange(presenting identity: TLSIdentity?, trusting trust: TLSTrust?) throws(TLSError) -> any IdentityPresenting { self }
    func connect(to origin: HTTPOrigin, timeout: Duration) async throws(HTTPExchangeError) {
        throw HTTPExchangeError(.shutDown, outcome: .notSent, message: "")
    }
    func retireConnections() {}
}

private struct NoFiles: SettingsSource {
    func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) {
        throw SystemError(call: "open", number: 2)
    }
    func environment(_ name: String) -> String? { nil }
}

@Suite("The doctor and client certificates")
struct IdentityDoctorTests {
    private func pair(_ identity: TLSIdentity, key: TLSIdentity? = nil, activeFrom: Timestamp? = nil, subject: String) -> IdentityPair {
        IdentityPair(
            certificate: .text(Secret(identity.certificateChainPEM), name: subject),
            key: .text((key ?? identity).privateKey.pem, name: subject), activeFrom: activeFrom, subject: subject)
    }

    private func keeper(_ pairs: [IdentityPair], expectedName: String? = "app") throws -> IdentityKeeper {
        let environment = ConnectorEnvironment(
            connection: "app", exchange: NobodyCalls(), time: ManualTime(ConsoleIssued.now), random: SeededRandom(seed: 1),
            identities: NobodyCalls())
        return try IdentityKeeper(
            pairs: pairs, source: NoFiles(), environment: environment,
            customs: IdentityCustoms(origin: api, trust: .authorities([ConsoleIssued.authority.certificate]), expectedName: expectedName))
    }

    @Test("a sound certificate: days left, in use, and not a byte of its key")
    func sound() throws {
        let identity = ConsoleIssued.client(389)
        let findings = try keeper([pair(identity, subject: "certificate")]).examine(at: ConsoleIssued.now)
        #expect(findings.map(\.severity) == [.good], "\(findings.text)")
        #expect(findings[0].facts["days_left"]?.integer == 389 && findings[0].facts["in_use"]?.boolean == true)
        #expect(findings[0].message.korean.contains("389일 남음") && findings[0].message.english.contains("in use"))
        let key = identity.privateKey.pem.withText { $0.split(separator: "\n")[1] }
        #expect(!"\(findings)".contains(key))
    }

    @Test("few days left are a warning, the last seven a problem, unless another pair lasts longer")
    func ending() throws {
        let worst = { (pairs: [IdentityPair]) in try keeper(pairs).examine(at: ConsoleIssued.now).worst }
        #expect(try worst([pair(ConsoleIssued.client(29), subject: "one")]) == .warning)
        #expect(try worst([pair(ConsoleIssued.client(7), subject: "one")]) == .problem)
        #expect(try worst([pair(ConsoleIssued.client(7), subject: "one"), pair(ConsoleIssued.client(300), subject: "two")]) == .warning)
    }

    @Test("a pair whose key is another's is a problem of its own; the sound one is what is shown")
    func mismatch() throws {
        let good = ConsoleIssued.client(100)
        let keeper = try keeper([
            pair(ConsoleIssued.client(200), key: ConsoleIssued.client(200), subject: "one"), pair(good, subject: "two"),
        ])
        let findings = keeper.examine(at: ConsoleIssued.now)
        #expect(findings.filter { $0.severity == .problem }.map(\.subject) == ["one"], "\(findings.text)")
        let rule = keeper.completed(OutboundRule(origin: api, purpose: calls))
        #expect(rule.identity?.fingerprint == good.fingerprint)
        guard case .authorities(let trusted)? = rule.trust else {
            Issue.record("the connection's own trust is missing")
            return
        }
        #expect(trusted == [ConsoleIssued.authority.certificate])
    }

    @Test("a pair that waits for its day says from when on it is used")
    func later() throws {
        let later = ConsoleIssued.now + .seconds(40 * 86_400)
        let findings = try keeper([
            pair(ConsoleIssued.client(50), subject: "one"), pair(ConsoleIssued.client(389), activeFrom: later, subject: "two"),
        ]).examine(at: ConsoleIssued.now)
        #expect(
            findings.filter { $0.subject == "two" }.first?.message.english.contains("in use from \(later.koreanText)") == true,
            "\(findings.text)")
        #expect(findings.filter { $0.subject == "one" }.first?.facts["in_use"]?.boolean == true)
    }
}
