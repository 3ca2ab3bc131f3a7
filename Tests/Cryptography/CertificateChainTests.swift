import Base
import Cryptography
import Foundation
import TestSupport
import Testing

@Suite("Chains of certificates")
struct CertificateChainTests {
    private static let moment = Timestamp(unixSeconds: 1_800_000_000)
    private static let validity = CertificateValidity(from: moment, days: 30)

    private func refusal(
        _ certificate: Certificate, _ authorities: [Certificate], _ intermediates: [Certificate] = [], at moment: Timestamp = moment
    ) -> CertificateChainError? {
        do throws(CertificateChainError) {
            try certificate.verify(authorities: authorities, intermediates: intermediates, at: moment)
            return nil
        } catch { return error }
    }

    /// A root of ours, and what the openssl program issued below it: an issuer, a leaf by that, and one by the leaf.
    private func issue() async throws -> (root: Certificate, issuer: Certificate, leaf: Certificate, below: Certificate) {
        let directory = try TemporaryDirectory()
        let now = Timestamp(unixSeconds: Int64(Date().timeIntervalSince1970))
        let authority = try CertificateAuthority(name: "root", validity: .init(from: now, days: 30))
        _ = try directory.write("root.pem", authority.certificatePEM)
        _ = try authority.privateKeyPEM.withText { try directory.write("root.key", $0) }
        var result = [authority.certificate]
        for (name, issuer, rules) in [
            ("issuer", "root", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign"),
            ("leaf", "issuer", "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature"),
            ("below", "leaf", "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature"),
        ] {
            let settings = try directory.write("\(name).cnf", rules)
            let request = try await Oracle.run(
                "openssl",
                ["req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=\(name)", "-keyout", directory.file("\(name).key")])
            try #require(request.status == 0, "\(request.errors)")
            let certificate = try await Oracle.run(
                "openssl",
                [
                    "x509", "-req", "-days", "5", "-CA", directory.file("\(issuer).pem"), "-CAkey", directory.file("\(issuer).key"),
                    "-extfile", settings, "-out", directory.file("\(name).pem"),
                ], input: request.output)
            try #require(certificate.status == 0, "\(certificate.errors)")
            result += try Certificate.all(pem: String(contentsOfFile: directory.file("\(name).pem"), encoding: .utf8))
        }
        return (result[0], result[1], result[2], result[3])
    }

    @Test(
        "a leaf is believed through an issuer that is given, or itself trusted; not without it, and not through a certificate that may not issue"
    )
    func intermediates() async throws {
        let (root, issuer, leaf, below) = try await issue()
        let moment = leaf.notBefore
        #expect(refusal(leaf, [root], [issuer], at: moment) == nil)
        #expect(refusal(leaf, [root], at: moment) == .untrusted)
        #expect(refusal(leaf, [issuer], at: moment) == nil)
        #expect(refusal(leaf, [], [root, issuer], at: moment) == .untrusted, "a root that merely came along is nobody's word")
        #expect(refusal(below, [root], [leaf, issuer], at: moment) != nil)
        #expect(refusal(leaf, [root], [issuer], at: leaf.notAfter + .seconds(1)) == .expired)
    }

    @Test("what an authority issues is believed from its first second to the last but one, and by that authority only")
    func moments() throws {
        let authority = try CertificateAuthority(name: "one", validity: Self.validity)
        let other = try CertificateAuthority(name: "one", validity: Self.validity)
        for identity in [
            try authority.issueSignerIdentity(name: "남궁하늘", validity: Self.validity),
            try authority.issueServerIdentity(names: ["a.test"], validity: Self.validity),
        ] {
            let certificate = identity.certificates[0]
            for moment in [Self.validity.notBefore, Self.moment, Self.validity.notAfter - .seconds(1)] {
                #expect(refusal(certificate, [authority.certificate], at: moment) == nil)
            }
            #expect(refusal(certificate, [authority.certificate], at: Self.validity.notAfter) == .expired)
            #expect(refusal(certificate, [authority.certificate], at: Self.validity.notBefore - .seconds(1)) == .notYetValid)
            #expect(refusal(certificate, [other.certificate]) == .untrusted)
            #expect(certificate.maySign)
        }
        #expect(!authority.certificate.maySign)
    }
}
