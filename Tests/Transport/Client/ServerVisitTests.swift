import Base
import Cryptography
import Testing

@testable import Transport

/// What these tests trust. Made once: keys cost time.
// swift-format-ignore: NeverUseForceTry
private enum Issued {
    static let validity = CertificateValidity(from: SystemTime().now, days: 2)
    static let authority = try! CertificateAuthority(name: "Visit test authority", validity: validity)
    static let server = try! authority.issueServerIdentity(names: ["api.example.test"], validity: validity)
    static let expired = try! authority.issueServerIdentity(
        names: ["api.example.test"],
        validity: CertificateValidity(notBefore: validity.notBefore - .seconds(9 * 86_400), notAfter: validity.notBefore - .seconds(86_400))
    )
    static let client = try! authority.issueClientIdentity(name: "merchant", validity: validity)
    static let trust = TLSTrust.authorities([authority.certificate])
}

@Suite("A visit to one address of a server")
struct ServerVisitTests {
    private func visit(
        _ port: Int, host: String? = nil, trust: TLSTrust = Issued.trust, identity: TLSIdentity? = nil, limit: Duration = .seconds(60)
    ) async throws -> AddressVisit {
        let group = try EventLoopGroup(count: 1)
        let address = try #require(SocketAddress(numericHost: "127.0.0.1", port: port))
        let tls = try host.map { (context: try TLSClientContext(trust: trust, identity: identity), host: $0) }
        let result = await ServerVisitor(group: group).visit(address, tls: tls, limit: limit)
        group.stop()
        return result
    }

    private func serve(_ identity: TLSIdentity = Issued.server, _ callers: TLSServerContext.ClientCertificates = .none) throws -> RawServer
    {
        try RawServer(tls: try TLSServerContext(identity: identity, clientCertificates: callers)) { connection, _ in connection.waitForEnd()
        }
    }

    @Test("an open port is open, and both ends are told")
    func open() async throws {
        let server = try RawServer { connection, _ in connection.waitForEnd() }
        let visit = try await visit(server.port)
        guard case .open(let after) = visit.connection else {
            Issue.record("\(visit)")
            return
        }
        #expect(after >= .zero && visit.handshake == nil && visit.localAddress == "127.0.0.1" && visit.address.port == server.port)
    }

    @Test("a port at which nobody listens refuses")
    func refused() async throws {
        let listener = try Socket.listen(on: try #require(SocketAddress(numericHost: "127.0.0.1", port: 0)))
        let port = try #require(Socket.localAddress(listener)).port
        Socket.close(listener)
        let visit = try await visit(port, host: "api.example.test")
        guard case .failed(let error) = visit.connection else {
            Issue.record("\(visit)")
            return
        }
        #expect(error.reason.lowercased().contains("refused") && visit.handshake == nil && visit.localAddress == nil)
    }

    @Test("a handshake that succeeds tells the version and the server's certificate")
    func handshake() async throws {
        let server = try serve()
        let visit = try await visit(server.port, host: "api.example.test")
        #expect(visit.handshake == .done(version: "TLSv1.3", certificate: Issued.server.certificates[0].der))
    }

    @Test("another host's certificate, one of an unknown authority, and one that has run out are told apart")
    func badCertificates() async throws {
        let server = try serve()
        #expect(try await visit(server.port, host: "other.example.test").handshake == .failed(TLSError(.hostNameMismatch, "")))
        #expect(
            try await visit(server.port, host: "api.example.test", trust: .system).handshake == .failed(TLSError(.untrustedCertificate, ""))
        )
        let expired = try serve(Issued.expired)
        #expect(try await visit(expired.port, host: "api.example.test").handshake == .failed(TLSError(.certificateNotValidNow, "")))
    }

    @Test("a server that wants a certificate gets it")
    func mutual() async throws {
        let server = try serve(Issued.server, .required([Issued.authority.certificate]))
        guard case .done = try await visit(server.port, host: "api.example.test", identity: Issued.client).handshake else {
            Issue.record("the certificate was not taken")
            return
        }
    }

    @Test("a server that does not speak TLS, and one that says nothing in time")
    func noTLS() async throws {
        let plain = try RawServer { connection, _ in try connection.answer() }
        guard case .failed? = try await visit(plain.port, host: "api.example.test").handshake else {
            Issue.record("a plain server shook hands")
            return
        }
        let silent = try RawServer { connection, _ in connection.waitForEnd() }
        let visit = try await visit(silent.port, host: "api.example.test", limit: .milliseconds(50))
        guard case .open = visit.connection else {
            Issue.record("\(visit)")
            return
        }
        #expect(visit.handshake == .timedOut)
    }

    @Test("cancelling ends a visit at once, and before it began", arguments: [true, false])
    func cancelled(waits: Bool) async throws {
        let group = try EventLoopGroup(count: 1)
        let silent = try RawServer { connection, _ in connection.waitForEnd() }
        let address = try #require(SocketAddress(numericHost: "127.0.0.1", port: silent.port))
        let context = try TLSClientContext(trust: Issued.trust)
        let task = Task {
            await ServerVisitor(group: group).visit(address, tls: (context, "api.example.test"), limit: .seconds(3600))
        }
        if waits { #expect(await eventually { silent.seen.connections == 1 }) }
        task.cancel()
        let visit = await task.value
        #expect(visit.handshake == .timedOut || visit.connection == .timedOut)
        group.stop()
    }
}

@Suite("Asking for a name")
struct NameLookupTests {
    @Test("localhost is this machine")
    func localhost() async throws {
        let addresses = try #require(await NameLookup().addresses(of: "localhost", port: 443, limit: .seconds(60)))
        #expect(!addresses.isEmpty && addresses.allSatisfy { $0.isLoopback && $0.port == 443 })
    }

    @Test("a name that cannot exist has no address")
    func nobody() async {
        #expect(await NameLookup().addresses(of: "name with spaces", port: 443, limit: .seconds(60)) == [])
    }

    @Test("whoever cancels does not wait for the system")
    func cancelled() async {
        let task = Task { await NameLookup().addresses(of: "localhost", port: 443, limit: .seconds(3600)) }
        task.cancel()
        // Either was first; it must come back.
        _ = await task.value
    }
}
