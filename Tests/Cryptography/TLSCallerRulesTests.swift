import Base
import Cryptography
import Foundation
import Testing

@Suite("What a TLS server asks of callers' certificates")
struct TLSCallerRulesTests {
    private static let authorities = [TestCertificates.authority.certificate]

    private func pair(
        _ identity: TLSIdentity?, _ rules: TLSCallerRules = TLSCallerRules(), host: String = "server.test",
        names: (any TLSNameDirectory)? = nil
    ) throws -> TLSPair {
        let server = try TLSServerContext(
            identity: TestCertificates.server, clientCertificates: .required(Self.authorities), rules: rules, names: names)
        let pair = try TLSPair(
            client: TLSClientContext(trust: TestCertificates.trust, identity: identity), host: host, server: server)
        pair.handshake()
        return pair
    }

    private static func caller(shiftInDays days: Int64) throws -> TLSIdentity {
        try TestCertificates.authority.issueClientIdentity(
            name: "caller", validity: CertificateValidity(from: TestCertificates.now + .seconds(days * 86_400), days: 30))
    }

    /// What the client learns when it reads, which with TLS 1.3 is after its own side of the handshake is done.
    private func alert(_ pair: TLSPair) -> String {
        if let error = pair.clientError { return error.message }
        var buffer: [UInt8] = []
        do {
            _ = try pair.client.read(into: &buffer, atMost: 100)
            return "nothing"
        } catch {
            return error.message
        }
    }

    @Test("Dates count by default, and not at all when they are left to others", arguments: [-60, 60])
    func dates(shift: Int64) throws {
        let identity = try Self.caller(shiftInDays: shift)
        let strict = try pair(identity)
        #expect(strict.serverError?.code == .certificateNotValidNow)
        #expect(strict.server.refusedCertificate == identity.certificates[0])
        #expect(strict.server.objection == nil)
        let lenient = try pair(identity, TLSCallerRules(checksDates: false))
        #expect(lenient.serverError == nil && lenient.clientError == nil)
        #expect(lenient.server.peerCertificate == identity.certificates[0].der)
    }

    @Test("Without dates, issuer, signature and purpose count all the same")
    func otherChecks() throws {
        let rules = TLSCallerRules(checksDates: false)
        let foreign = try TestCertificates.otherAuthority.issueClientIdentity(name: "stranger", validity: TestCertificates.validity)
        let root = TestCertificates.otherAuthority
        let own = try TLSIdentity(certificateChainPEM: root.certificatePEM, privateKeyPEM: root.privateKeyPEM)
        let twin = try CertificateAuthority(name: "Bujeol test authority", validity: TestCertificates.validity)
        let lookalike = try twin.issueClientIdentity(name: "caller", validity: TestCertificates.validity)
        let cases: [(TLSIdentity, TLSError.Detail)] = [
            (foreign, .foreignIssuer), (own, .selfSigned), (TestCertificates.server, .wrongPurpose), (lookalike, .foreignIssuer),
        ]
        for (identity, detail) in cases {
            let refused = try pair(identity, rules)
            #expect(refused.serverError?.code == .untrustedCertificate)
            #expect(refused.serverError?.detail == detail)
            #expect(refused.server.refusedCertificate == identity.certificates[0])
        }
        let nobody = try pair(nil, rules)
        #expect(nobody.serverError?.code == .missingCertificate && nobody.server.refusedCertificate == nil)
    }

    @Test("A certificate whose bytes were changed after it was signed is refused")
    func changed() throws {
        let identity = TestCertificates.client
        var bytes = identity.certificates[0].der
        // The last byte belongs to the signature.
        bytes[bytes.count - 1] ^= 1
        let changed = try TLSIdentity(certificates: [Certificate(der: bytes)], privateKey: identity.privateKey)
        let refused = try pair(changed, TLSCallerRules(checksDates: false))
        #expect(refused.serverError?.code == .untrustedCertificate && refused.serverError?.detail == .badSignature)
    }

    @Test(
        "A judge's objection ends the handshake with the alert that it names",
        arguments: [
            (TLSCertificateObjection.Alert.expired, "alert certificate expired"), (.revoked, "alert certificate revoked"),
            (.unknown, "alert certificate unknown"),
        ])
    func objections(alert: TLSCertificateObjection.Alert, text: String) throws {
        let asked = Locked<[String]>([])
        let rules = TLSCallerRules(checksDates: false) { certificate, name in
            asked.withLock { $0.append("\(certificate.commonName ?? "") at \(name ?? "nobody")") }
            return TLSCertificateObjection(alert, cause: 42)
        }
        let refused = try pair(try Self.caller(shiftInDays: -60), rules)
        #expect(refused.serverError?.code == .untrustedCertificate)
        #expect(refused.serverError?.detail == .objection)
        #expect(refused.server.objection?.cause as? Int == 42)
        #expect(self.alert(refused).hasSuffix(text), "\(self.alert(refused))")
        #expect(asked.withLock { $0 } == ["caller at server.test"])
        // Whoever is refused anyway is not brought before the judge.
        _ = try pair(try TestCertificates.otherAuthority.issueClientIdentity(name: "stranger", validity: TestCertificates.validity), rules)
        #expect(asked.withLock { $0.count } == 1)
    }

    @Test("The rules of the context that the server name leads to are the ones that count, in both directions")
    func switching() throws {
        let old = try Self.caller(shiftInDays: -60)
        let judged = Locked(0)
        let lenient = TLSCallerRules(checksDates: false) { _, _ in
            judged.withLock { $0 += 1 }
            return nil
        }
        for (first, second, passes) in [(lenient, TLSCallerRules(), false), (TLSCallerRules(), lenient, true)] {
            let inner = try TLSServerContext(
                identity: TestCertificates.server, clientCertificates: .required(Self.authorities), rules: second)
            let switched = try pair(old, first, names: Always(context: inner))
            #expect((switched.serverError == nil) == passes, "\(String(describing: switched.serverError))")
        }
        #expect(judged.withLock { $0 } == 1)
    }

    private struct Always: TLSNameDirectory {
        let context: TLSServerContext
        func choice(forServerName serverName: String?) -> TLSNameChoice { .context(context) }
    }
}
