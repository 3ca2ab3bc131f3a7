import Base
import Cryptography
import Foundation
import Testing

@Suite("TLS sessions")
struct TLSSessionTests {
    private func pair(
        trust: TLSTrust = TestCertificates.trust, clientIdentity: TLSIdentity? = nil, host: String = "server.test",
        serverIdentity: TLSIdentity = TestCertificates.server, clientCertificates: TLSServerContext.ClientCertificates = .none,
        names: (any TLSNameDirectory)? = nil
    ) throws -> TLSPair {
        let client = try TLSClientContext(trust: trust, identity: clientIdentity)
        let server = try TLSServerContext(identity: serverIdentity, clientCertificates: clientCertificates, names: names)
        let pair = try TLSPair(client: client, host: host, server: server)
        pair.handshake()
        return pair
    }

    @Test("agree, name the server and the protocol, and carry bytes both ways", arguments: ["server.test", "a.wild.test"])
    func agreement(host: String) throws {
        let pair = try pair(host: host)
        #expect(pair.clientError == nil && pair.serverError == nil)
        #expect(pair.client.version == "TLSv1.3")
        #expect(pair.server.serverName == host)
        #expect(pair.client.applicationProtocol == "http/1.1")
        #expect(pair.server.applicationProtocol == "http/1.1")
        #expect(pair.client.peerCertificate == TestCertificates.server.certificates[0].der)
        #expect(pair.server.peerCertificate == nil)
        // More than sockets and records hold, so that writes stop in the middle.
        let bytes = (0..<1_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }
        #expect(try TLSPair.transfer(bytes, from: pair.client, to: pair.server) == bytes)
        #expect(try TLSPair.transfer(bytes, from: pair.server, to: pair.client) == bytes)
    }

    @Test("accept IP addresses that the certificate bears, and send no server name for them", arguments: ["127.0.0.1", "::1"])
    func addresses(host: String) throws {
        let pair = try pair(host: host)
        #expect(pair.clientError == nil && pair.serverError == nil)
        #expect(pair.server.serverName == nil)
    }

    @Test(
        "refuse a certificate of another host",
        arguments: ["other.test", "127.0.0.2", "::2", "server.test.other", "wild.test", "a.b.wild.test", "TestServer"])
    func wrongHost(host: String) throws {
        let pair = try pair(host: host)
        #expect(pair.clientError?.code == .hostNameMismatch)
        #expect(pair.serverError?.code == .refusedByPeer)
    }

    @Test("do not take the common name for a host name")
    func commonName() throws {
        let identity = try TestCertificates.authority.issueServerIdentity(names: ["server.test"], validity: TestCertificates.validity)
        #expect(identity.certificates[0].subject == "CN=server.test")
        // A client's certificate has a common name and no alternative names.
        let nameless = try TestCertificates.authority.issueClientIdentity(name: "server.test", validity: TestCertificates.validity)
        let pair = try pair(serverIdentity: nameless)
        #expect(pair.clientError != nil)
    }

    @Test("refuse an authority that is not trusted, in words")
    func untrusted() throws {
        let pair = try pair(trust: .authorities([TestCertificates.otherAuthority.certificate]))
        #expect(pair.clientError?.code == .untrustedCertificate)
        #expect(pair.clientError?.message == "certificate verify failed: unable to get local issuer certificate")
        #expect(try self.pair(trust: .system).clientError?.code == .untrustedCertificate)
    }

    @Test("refuse a certificate that has expired or is not valid yet", arguments: [-60, 60])
    func expired(shiftInDays: Int64) throws {
        let start = TestCertificates.now + .seconds(shiftInDays * 86_400)
        let identity = try TestCertificates.authority.issueServerIdentity(
            names: ["server.test"], validity: CertificateValidity(from: start, days: 30))
        #expect(try pair(serverIdentity: identity).clientError?.code == .certificateNotValidNow)
    }

    @Test("refuse a client's certificate that serves as a server's")
    func wrongPurpose() throws {
        #expect(try pair(serverIdentity: TestCertificates.client).clientError?.code == .untrustedCertificate)
    }

    @Test("refuse a caller without a certificate when one is required")
    func missingClientCertificate() throws {
        let pair = try pair(clientCertificates: .required([TestCertificates.authority.certificate]))
        #expect(pair.serverError?.code == .missingCertificate)
        // With TLS 1.3 the client learns it with its first read.
        var buffer: [UInt8] = []
        #expect(throws: TLSError(.refusedByPeer, "")) { try pair.client.read(into: &buffer, atMost: 100) }
    }

    @Test("let a caller go without a certificate when it is optional, and show the one it presents")
    func clientCertificates() throws {
        let authorities = [TestCertificates.authority.certificate]
        let without = try pair(clientCertificates: .optional(authorities))
        #expect(without.clientError == nil && without.serverError == nil)
        #expect(without.server.peerCertificate == nil)
        for policy in [TLSServerContext.ClientCertificates.optional(authorities), .required(authorities)] {
            let with = try pair(clientIdentity: TestCertificates.client, clientCertificates: policy)
            #expect(with.serverError == nil)
            #expect(with.server.peerCertificate == TestCertificates.client.certificates[0].der)
        }
    }

    @Test("refuse a client certificate of another authority, optional or required")
    func foreignClientCertificate() throws {
        let foreign = try TestCertificates.otherAuthority.issueClientIdentity(name: "stranger", validity: TestCertificates.validity)
        let authorities = [TestCertificates.authority.certificate]
        #expect(try pair(clientIdentity: foreign, clientCertificates: .optional(authorities)).serverError?.code == .untrustedCertificate)
        #expect(try pair(clientIdentity: foreign, clientCertificates: .required(authorities)).serverError?.code == .untrustedCertificate)
    }

    @Test("let the server name choose the certificate and whether callers are asked for theirs")
    func nameDirectory() throws {
        let strict = try TestCertificates.authority.issueServerIdentity(names: ["strict.test"], validity: TestCertificates.validity)
        let directory = try Directory(
            strict: TLSServerContext(identity: strict, clientCertificates: .required([TestCertificates.authority.certificate])))
        let usual = try pair(names: directory)
        #expect(usual.clientError == nil && usual.serverError == nil)
        #expect(usual.client.peerCertificate == TestCertificates.server.certificates[0].der)

        let refused = try pair(host: "nobody.test", names: directory)
        #expect(refused.serverError != nil)
        #expect(refused.clientError?.code == .refusedByPeer)

        let anonymous = try pair(host: "strict.test", names: directory)
        #expect(anonymous.serverError?.code == .missingCertificate)

        let known = try pair(clientIdentity: TestCertificates.client, host: "Strict.Test", names: directory)
        #expect(known.clientError == nil && known.serverError == nil)
        #expect(known.client.peerCertificate == strict.certificates[0].der)
        #expect(known.server.peerCertificate == TestCertificates.client.certificates[0].der)
        #expect(known.server.serverName == "strict.test")
    }

    @Test("tell a farewell from a connection that was cut")
    func ends() throws {
        var buffer: [UInt8] = []
        let polite = try pair()
        #expect(try polite.server.read(into: &buffer, atMost: 100) == .wantsRead)
        _ = try polite.client.shutdown()
        #expect(try polite.server.read(into: &buffer, atMost: 100) == .closed)

        let rude = try pair()
        rude.cutClient()
        #expect(throws: TLSError(.truncated, "")) { try rude.server.read(into: &buffer, atMost: 100) }
        #expect(throws: (any Error).self) { for _ in 0..<3 { _ = try rude.server.write([1, 2, 3]) } }
        #expect(buffer.isEmpty)
    }

    @Test("append to what is in the buffer and hold back what does not fit")
    func buffering() throws {
        let pair = try pair()
        #expect(try pair.client.write(Array("hello, world".utf8), from: 7) == .moved(5))
        var buffer = Array("hello, ".utf8)
        #expect(try pair.server.read(into: &buffer, atMost: 2) == .moved(2))
        #expect(pair.server.hasBufferedBytes)
        #expect(try pair.server.read(into: &buffer, atMost: 100) == .moved(3))
        #expect(String(decoding: buffer, as: UTF8.self) == "hello, world")
        #expect(!pair.server.hasBufferedBytes)
    }

    private struct Directory: TLSNameDirectory {
        let strict: TLSServerContext
        func choice(forServerName serverName: String?) -> TLSNameChoice {
            switch serverName {
            case "strict.test": .context(strict)
            case "server.test": .current
            default: .refused
            }
        }
    }
}
