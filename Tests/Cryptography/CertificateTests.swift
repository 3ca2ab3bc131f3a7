import Base
import Cryptography
import Foundation
import TestSupport
import Testing

@Suite("Certificates")
struct CertificateTests {
    private let authority = TestCertificates.authority

    @Test("issued for a server pass openssl verify for their names and purpose, and for no other")
    func serverChain() async throws {
        let directory = try TemporaryDirectory()
        let root = try directory.write("root.pem", authority.certificatePEM)
        let other = try directory.write("other.pem", TestCertificates.otherAuthority.certificatePEM)
        let leaf = try directory.write("leaf.pem", TestCertificates.server.certificateChainPEM)
        func verify(_ arguments: String...) async throws -> Int32 {
            try await Oracle.run("openssl", ["verify", "-x509_strict", "-CAfile", root] + arguments + [leaf]).status
        }
        #expect(try await verify("-purpose", "sslserver") == 0)
        #expect(try await verify("-verify_hostname", "server.test") == 0)
        #expect(try await verify("-verify_hostname", "x.wild.test") == 0)
        #expect(try await verify("-verify_ip", "127.0.0.1") == 0)
        #expect(try await verify("-verify_ip", "::1") == 0)
        #expect(try await verify("-verify_hostname", "other.test") != 0)
        #expect(try await verify("-purpose", "sslclient") != 0)
        #expect(try await Oracle.run("openssl", ["verify", "-CAfile", other, leaf]).status != 0)
    }

    @Test("issued for a client pass openssl verify for that purpose only")
    func clientChain() async throws {
        let directory = try TemporaryDirectory()
        let root = try directory.write("root.pem", authority.certificatePEM)
        let leaf = try directory.write("leaf.pem", TestCertificates.client.certificateChainPEM)
        #expect(try await Oracle.run("openssl", ["verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", root, leaf]).status == 0)
        #expect(try await Oracle.run("openssl", ["verify", "-purpose", "sslserver", "-CAfile", root, leaf]).status != 0)
    }

    @Test("say their subject, issuer, names and dates as the openssl command does")
    func description() async throws {
        let validity = CertificateValidity(
            notBefore: try #require(Timestamp(internetText: "2026-02-28T23:59:59Z")),
            notAfter: try #require(Timestamp(internetText: "2051-03-01T00:00:01Z")))
        let identity = try authority.issueServerIdentity(
            names: ["xn--o39a.test", "b.test"], validity: validity)
        let certificate = identity.certificates[0]
        #expect(certificate.subject == "CN=xn--o39a.test")
        #expect(certificate.issuer == "CN=Bujeol test authority")
        #expect(certificate.dnsNames == ["xn--o39a.test", "b.test"])
        #expect(certificate.ipAddresses.isEmpty)
        #expect(!certificate.isAuthority && authority.certificate.isAuthority)
        #expect(certificate.notBefore == validity.notBefore)
        #expect(certificate.notAfter == validity.notAfter)
        #expect(TestCertificates.server.certificates[0].ipAddresses == ["127.0.0.1", "::1"])

        let answer = try await Oracle.run(
            "openssl", ["x509", "-noout", "-startdate", "-enddate", "-fingerprint", "-sha256", "-dateopt", "iso_8601"],
            input: Array(certificate.pem.utf8))
        let fingerprint = Hexadecimal.encode(certificate.fingerprint)
        #expect(answer.text.contains("notBefore=2026-02-28 23:59:59Z"))
        #expect(answer.text.contains("notAfter=2051-03-01 00:00:01Z"))
        #expect(answer.text.replacing(":", with: "").lowercased().contains("fingerprint=\(fingerprint)"))
    }

    @Test("survive being written as PEM and read again, as an authority and as an identity")
    func persistence() throws {
        let restored = try CertificateAuthority(certificatePEM: authority.certificatePEM, privateKeyPEM: authority.privateKeyPEM)
        #expect(restored.certificate == authority.certificate)
        let issued = try restored.issueServerIdentity(names: ["again.test"], validity: TestCertificates.validity)
        let copy = try TLSIdentity(certificateChainPEM: issued.certificateChainPEM, privateKeyPEM: issued.privateKey.pem)
        #expect(copy.fingerprint == issued.fingerprint)
        let context = try TLSServerContext(identity: copy)
        let pair = try TLSPair(client: TLSClientContext(trust: TestCertificates.trust), host: "again.test", server: context)
        pair.handshake()
        #expect(pair.clientError == nil && pair.serverError == nil)
    }

    @Test("keys are written as PKCS#8 that the openssl command reads, and never printed")
    func keyForm() async throws {
        let pem = authority.privateKeyPEM.withText { $0 }
        #expect(pem.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
        let answer = try await Oracle.run("openssl", ["pkey", "-noout", "-text"], input: Array(pem.utf8))
        #expect(answer.text.contains("prime256v1"))
        #expect("\(try PrivateKey(pem: authority.privateKeyPEM))" == "[redacted]")
    }

    @Test("keys and certificates of other kinds, made by the openssl command, can be used", arguments: ["rsa:2048", "ed25519"])
    func foreignKinds(kind: String) async throws {
        let directory = try TemporaryDirectory()
        let (key, certificate) = (directory.path + "/key.pem", directory.path + "/cert.pem")
        let made = try await Oracle.run(
            "openssl",
            ["req", "-x509", "-newkey", kind, "-nodes", "-subj", "/O=Bujeol/CN=foreign.test", "-addext", "subjectAltName=DNS:foreign.test"]
                + ["-keyout", key, "-out", certificate, "-days", "2"])
        #expect(made.status == 0, "\(made.errors)")
        let chain = try String(contentsOfFile: certificate, encoding: .utf8)
        let identity = try TLSIdentity(certificateChainPEM: chain, privateKeyPEM: Secret(String(contentsOfFile: key, encoding: .utf8)))
        #expect(identity.certificates[0].subject == "CN=foreign.test,O=Bujeol")
        let pair = try TLSPair(
            client: TLSClientContext(trust: .bundle(pem: chain)), host: "foreign.test", server: TLSServerContext(identity: identity))
        pair.handshake()
        #expect(pair.clientError == nil && pair.serverError == nil)
    }

    @Test("a locked key is refused without asking for the passphrase")
    func lockedKey() async throws {
        let made = try await Oracle.run(
            "openssl", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-aes256", "-pass", "pass:x"])
        #expect(made.text.contains("ENCRYPTED PRIVATE KEY"))
        #expect(throws: CertificateError(.malformedKey, "")) { try PrivateKey(pem: Secret(made.output)) }
    }

    @Test("unfit input is refused with its own code")
    func refusals() throws {
        let validity = TestCertificates.validity
        #expect(throws: CertificateError(.malformedCertificate, "")) { try Certificate.all(pem: "no certificate here") }
        let broken = authority.certificatePEM.replacing("M", with: "N")
        #expect(throws: CertificateError(.malformedCertificate, "")) { try Certificate.all(pem: authority.certificatePEM + broken) }
        #expect(throws: CertificateError(.malformedCertificate, "")) { try Certificate(der: [0x30, 0x03, 0x02, 0x01]) }
        #expect(throws: CertificateError(.malformedKey, "")) { try PrivateKey(pem: Secret("-----BEGIN PRIVATE KEY-----\nAAAA\n")) }
        #expect(throws: CertificateError(.keyMismatch, "")) {
            try TLSIdentity(certificates: [authority.certificate], privateKey: TestCertificates.server.privateKey)
        }
        #expect(throws: CertificateError(.malformedCertificate, "")) {
            try CertificateAuthority(
                certificatePEM: TestCertificates.server.certificateChainPEM, privateKeyPEM: TestCertificates.server.privateKey.pem)
        }
        for name in ["", "a b.test", "a,DNS:evil.test", "*", "a..test", ".", "x.*.test", String(repeating: "a", count: 64) + ".test"] {
            #expect(throws: CertificateError(.invalidName, "")) { try authority.issueServerIdentity(names: [name], validity: validity) }
        }
        #expect(throws: CertificateError(.invalidName, "")) { try authority.issueServerIdentity(names: [], validity: validity) }
        #expect(throws: CertificateError(.invalidName, "")) { try authority.issueClientIdentity(name: "", validity: validity) }
        let backwards = CertificateValidity(notBefore: validity.notAfter, notAfter: validity.notBefore)
        #expect(throws: CertificateError(.invalidValidity, "")) { try authority.issueClientIdentity(name: "x", validity: backwards) }
    }

    @Test("a bundle keeps its order and ignores what stands between")
    func bundle() throws {
        let text = "# one\n" + authority.certificatePEM + "text\n" + TestCertificates.otherAuthority.certificatePEM
        #expect(try Certificate.all(pem: text) == [authority.certificate, TestCertificates.otherAuthority.certificate])
    }
}
