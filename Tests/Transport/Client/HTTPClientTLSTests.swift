import Base
import Cryptography
import Foundation
import Testing

@testable import Transport

/// What the TLS tests of this target trust. Made once: keys cost time.
// swift-format-ignore: NeverUseForceTry
private enum Identities {
    static let validity = CertificateValidity(from: SystemTime().now, days: 2)
    static let authority = try! CertificateAuthority(name: "Client test authority", validity: validity)
    static let server = try! authority.issueServerIdentity(names: ["localhost", "127.0.0.1", "api.example.test"], validity: validity)
    static let client = try! authority.issueClientIdentity(name: "merchant", validity: validity)
    static let other = try! authority.issueClientIdentity(name: "other merchant", validity: validity)
    static let trust = TLSTrust.authorities([authority.certificate])
}

@Suite("HTTPClient over TLS")
struct HTTPClientTLSTests {
    private func server(_ certificates: TLSServerContext.ClientCertificates = .none) throws -> RawServer {
        let context = try TLSServerContext(identity: Identities.server, clientCertificates: certificates)
        return try RawServer(tls: context) { connection, _ in
            while true { try connection.answer(connection.readRequest().split(separator: "\r\n").first.map(String.init) ?? "") }
        }
    }

    private func origin(_ server: RawServer, host: String = "127.0.0.1") -> HTTPOrigin {
        HTTPOrigin(isSecure: true, host: host, port: server.port)
    }

    @Test("requests and responses pass, and the connection is used again")
    func exchange() async throws {
        let server = try server()
        try await withClient(HTTPClient.Configuration(trust: Identities.trust)) { (client) async throws in
            for _ in 0..<10 { #expect(try await client.post(origin(server)).text == "POST / HTTP/1.1") }
        }
        #expect(server.seen.connections == 1 && server.seen.requests == 10)
    }

    @Test("large bodies pass in both directions")
    func largeBodies() async throws {
        let context = try TLSServerContext(identity: Identities.server)
        let server = try RawServer(tls: context) { connection, _ in
            let request = try connection.readRequest()
            try connection.answer(String(request.split(separator: "\r\n\r\n")[1]))
        }
        let body = (0..<3_000_000).map { UInt8(0x61 + $0 % 26) }
        let response = try await withClient(HTTPClient.Configuration(trust: Identities.trust)) {
            try await $0.post(origin(server), body: body)
        }
        #expect(response.bytes == body)
    }

    @Test("another host's certificate, an untrusted authority, and a server without TLS: not sent")
    func refusedByUs() async throws {
        let server = try server()
        let resolver = FixedResolver(["wrong.example.test": ["127.0.0.1"]])
        let configuration = HTTPClient.Configuration(trust: Identities.trust)
        let wrong = try await withClient(configuration, resolver: resolver) {
            await $0.failure(origin(server, host: "wrong.example.test"))
        }
        #expect(wrong == HTTPExchangeError(.handshakeFailed, .notSent))
        #expect(wrong?.message.lowercased().contains("hostname mismatch") == true)
        let untrusted = try await withClient { await $0.failure(origin(server)) }
        #expect(untrusted == HTTPExchangeError(.handshakeFailed, .notSent))
        let plain = try RawServer { connection, _ in try connection.answer() }
        let noTLS = try await withClient(configuration) { await $0.failure(origin(plain)) }
        #expect(noTLS == HTTPExchangeError(.handshakeFailed, .notSent))
        #expect(server.seen.requests == 0)
    }

    @Test("a server that never finishes the handshake: connect timeout, not sent")
    func silentHandshake() async throws {
        let server = try RawServer { connection, _ in connection.waitForEnd() }
        let error = try await withClient(HTTPClient.Configuration(trust: Identities.trust)) {
            await $0.failure(origin(server), timeouts: HTTPTimeouts(connect: .milliseconds(50)))
        }
        #expect(error == HTTPExchangeError(.connectTimeout, .notSent))
    }

    @Test("a client certificate is presented when the server requires one; without it the exchange fails and nothing was received")
    func clientCertificate() async throws {
        let server = try server(.required([Identities.authority.certificate]))
        let configuration = HTTPClient.Configuration(trust: Identities.trust)
        try await withClient(configuration) { (client) async throws in
            // With TLS 1.3 the refusal comes after the first bytes of the request were handed to TLS.
            #expect(await client.failure(origin(server)) == HTTPExchangeError(.handshakeFailed, .unknown))
            #expect(server.seen.requests == 0)
            let merchant = try client.presenting(Identities.client)
            #expect(try await merchant.post(origin(server)).status == 200)
        }
    }

    @Test("clients with different certificates never share a connection, and with the same one they do")
    func credentials() async throws {
        let server = try server(.required([Identities.authority.certificate]))
        let configuration = HTTPClient.Configuration(trust: Identities.trust, identity: Identities.client)
        try await withClient(configuration) { (client) async throws in
            let other = try client.presenting(Identities.other)
            let same = try client.presenting(Identities.client)
            for _ in 0..<3 {
                _ = try await client.get(origin(server))
                _ = try await other.get(origin(server))
                _ = try await same.get(origin(server))
            }
        }
        #expect(server.seen.connections == 2 && server.seen.requests == 9)
    }

    @Test("a body that ends with the connection counts only when TLS said farewell", arguments: [true, false])
    func truncation(isPolite: Bool) async throws {
        let context = try TLSServerContext(identity: Identities.server)
        let server = try RawServer(tls: context) { connection, _ in
            try connection.readRequest()
            try connection.write("HTTP/1.1 200 OK\r\n\r\nhalf")
            if isPolite { connection.closePolitely() } else { connection.close() }
        }
        try await withClient(HTTPClient.Configuration(trust: Identities.trust)) { (client) async throws in
            if isPolite {
                #expect(try await client.get(origin(server)).text == "half")
            } else {
                #expect(await client.failure(origin(server)) == HTTPExchangeError(.connectionLost, .unknown))
            }
        }
    }

    @Test("a pooled connection that died is replaced before anything is written; under a POST it is unknown")
    func stale() async throws {
        let context = try TLSServerContext(identity: Identities.server)
        let server = try RawServer(tls: context) { connection, index in
            try connection.readRequest()
            try connection.answer()
            if index == 1 { return connection.part() }
            try connection.readRequest()
        }
        try await withClient(HTTPClient.Configuration(trust: Identities.trust)) { (client) async throws in
            #expect(try await client.post(origin(server)).text == "ok")
            #expect(await eventually { server.seen.partings == 1 })
            #expect(try await client.post(origin(server)).text == "ok")
            #expect(await client.failure(origin(server)) == HTTPExchangeError(.connectionLost, .unknown))
        }
        #expect(server.seen.connections == 2 && server.seen.requests == 3)
    }

    @Test("an override leads a real host name elsewhere, and its certificate is still checked for that name")
    func addressOverride() async throws {
        let server = try server()
        let origin = HTTPOrigin(isSecure: true, host: "api.example.test", port: 443)
        let wrong = HTTPOrigin(isSecure: true, host: "bad.example.test", port: 443)
        let configuration = HTTPClient.Configuration(
            trust: Identities.trust, addressOverrides: [origin: server.address, wrong: server.address])
        try await withClient(configuration) { (client) async throws in
            #expect(try await client.get(origin).status == 200)
            #expect(await client.failure(wrong) == HTTPExchangeError(.handshakeFailed, .notSent))
        }
    }

    @Test("through a proxy: the tunnel is asked for with credentials, then TLS goes end to end", arguments: [true, false])
    func proxy(isSecure: Bool) async throws {
        let server =
            isSecure ? try server() : try RawServer { connection, _ in while true { try connection.answer(connection.readRequest()) } }
        let proxy = try PythonProxy()
        let configuration = HTTPClient.Configuration(
            trust: Identities.trust, proxy: HTTPClient.Proxy(host: "127.0.0.1", port: proxy.port, credentials: Secret("user:open sesame")))
        let target = HTTPOrigin(isSecure: isSecure, host: "127.0.0.1", port: server.port)
        try await withClient(configuration) { (client) async throws in
            for _ in 0..<3 { #expect(try await client.post(target).text.hasPrefix("POST / HTTP/1.1")) }
        }
        #expect(server.seen.connections == 1 && server.seen.requests == 3)
        #expect(proxy.log() == ["CONNECT 127.0.0.1:\(server.port) HTTP/1.1"])
    }

    @Test("a proxy that refuses: not sent, with its status but without the credentials in the text")
    func proxyRefusal() async throws {
        let server = try server()
        let proxy = try PythonProxy()
        for credentials in [nil, Secret("user:wrong")] {
            let configuration = HTTPClient.Configuration(
                trust: Identities.trust, proxy: HTTPClient.Proxy(host: "127.0.0.1", port: proxy.port, credentials: credentials))
            let error = try await withClient(configuration) { await $0.failure(origin(server)) }
            #expect(error == HTTPExchangeError(.proxyRefused, .notSent))
            #expect(error?.message.contains("407") == true && error?.message.contains("wrong") == false)
        }
        #expect(server.seen.connections == 0)
    }

    @Test(
        "a proxy that answers nonsense, hangs up, or speaks before it is spoken to: not sent",
        arguments: ["nonsense\r\n\r\n", "", "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"])
    func brokenProxy(answer: String) async throws {
        let proxy = try RawServer { connection, _ in
            try connection.readRequest()
            try connection.write(answer)
        }
        let configuration = HTTPClient.Configuration(proxy: HTTPClient.Proxy(host: "127.0.0.1", port: proxy.port))
        let error = try await withClient(configuration) {
            await $0.failure(HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 1))
        }
        #expect(error == HTTPExchangeError(.proxyRefused, .notSent))
    }
}

/// A small CONNECT proxy in Python that wants credentials and prints the request line of each tunnel it opens.
private final class PythonProxy {
    private let process = Process()
    private let output = Pipe()
    let port: Int

    private static let script = """
        import base64, select, socket, sys, threading
        good = b"Basic " + base64.b64encode(b"user:open sesame")
        def pump(one, other):
            while True:
                for source in select.select([one, other], [], [])[0]:
                    data = source.recv(65536)
                    if not data: return
                    (other if source is one else one).sendall(data)
        def serve(client):
            try:
                head = b""
                while b"\\r\\n\\r\\n" not in head: head += client.recv(4096)
                lines = head.split(b"\\r\\n")
                if b"Proxy-Authorization: " + good not in lines:
                    client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\\r\\nProxy-Authenticate: Basic\\r\\nContent-Length: 2\\r\\n\\r\\nno")
                    return
                host, port = lines[0].split(b" ")[1].rsplit(b":", 1)
                server = socket.create_connection((host.decode(), int(port)))
                print(lines[0].decode(), flush=True)
                client.sendall(b"HTTP/1.0 200 Connection established\\r\\n\\r\\n")
                pump(client, server)
                server.close()
            except OSError: pass
            finally: client.close()
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        print(listener.getsockname()[1], flush=True)
        while True: threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
        """

    init() throws {
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.script]
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    /// Ends the proxy and returns the request lines of the tunnels it opened.
    func log() -> [String] {
        end()
        let rest = (try? output.fileHandleForReading.readToEnd()) ?? Data()
        return String(decoding: rest, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// The child inherits the blocked signals of the thread that started it, so that a polite request would not end it.
    private func end() { kill(process.processIdentifier, SIGKILL) }

    deinit { end() }
}
