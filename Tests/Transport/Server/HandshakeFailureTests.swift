import Base
import Cryptography
import Foundation
import TestSupport
import Testing
import Transport

/// What a server's observer was told.
private final class Seen: Sendable {
    private let failures = Locked<[HTTPHandshakeFailure]>([])

    func note(_ failure: HTTPHandshakeFailure) { failures.withLock { $0.append(failure) } }

    /// The only failure there was; waits for it.
    func one() async throws -> HTTPHandshakeFailure {
        #expect(await eventually { !failures.withLock { $0.isEmpty } })
        return try #require(failures.withLock { $0.count == 1 ? $0.first : nil })
    }

    var count: Int { failures.withLock { $0.count } }
}

@Suite("TLS handshakes that fail")
struct HandshakeFailureTests {
    private static func configuration(_ seen: Seen, rules: TLSCallerRules = TLSCallerRules(), required: Bool = false) throws
        -> HTTPServerConfiguration
    {
        let certificates = try TestCertificates.shared.get()
        var configuration = HTTPServerConfiguration()
        configuration.tls = try TLSServerContext(
            identity: certificates.server, clientCertificates: required ? .required([certificates.authority.certificate]) : .none,
            rules: rules)
        configuration.handshakeFailed = { seen.note($0) }
        return configuration
    }

    /// All that `openssl s_client` says; it does not leave by itself, so that an alert that comes late is seen.
    private static func client(_ server: HTTPServer, _ arguments: [String], sends text: String = "") async throws -> String {
        let run = try await output(
            of: "openssl",
            ["s_client", "-connect", "127.0.0.1:\(server.address.port)", "-servername", "localhost", "-ign_eof"] + arguments,
            input: Data(text.utf8))
        return run.text + run.errors
    }

    @Test("openssl s_client without a certificate, with old versions, or with h2 alone is told so, and the observer learns which it was")
    func opensslClient() async throws {
        let cases: [(arguments: [String], alert: String, code: TLSError.Code, detail: TLSError.Detail?, name: String?)] = [
            (["-tls1_2"], "handshake failure", .missingCertificate, nil, "localhost"),
            (["-tls1_3"], "certificate required", .missingCertificate, nil, "localhost"),
            (["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], "protocol version", .protocolFailure, .oldVersion, nil),
            (["-alpn", "h2"], "no application protocol", .protocolFailure, .applicationProtocol, "localhost"),
        ]
        for row in cases {
            let seen = Seen()
            try await withServer(Self.configuration(seen, required: true)) { server in
                let said = try await Self.client(server, row.arguments)
                #expect(said.contains("alert " + row.alert), "\(row.arguments): \(said.suffix(600))")
                let failure = try await seen.one()
                #expect(failure.error?.code == row.code && failure.error?.detail == row.detail, "\(row.arguments): \(failure)")
                #expect(failure.serverName == row.name && failure.address == "127.0.0.1" && failure.hasReceived)
                #expect(server.counters.failedHandshakes == 1)
            }
        }
    }

    @Test("Plain HTTP, other bytes, nothing at all, and a client that does not trust the server are told apart")
    func others() async throws {
        let rows: [(bytes: String, detail: TLSError.Detail)] = [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", .plainHTTP), ("SSH-2.0-OpenSSH\r\n", .notTLS),
        ]
        for row in rows {
            let seen = Seen()
            try await withServer(Self.configuration(seen)) { server in
                let plain = try RawClient(server.address)
                plain.send(row.bytes)
                _ = plain.receiveAll()
                #expect(try await seen.one().error?.detail == row.detail)
            }
        }
        let silent = Seen()
        try await withServer(Self.configuration(silent)) { server in
            do { _ = try RawClient(server.address) }
            let failure = try await silent.one()
            #expect(!failure.hasReceived && failure.error?.code == .truncated)
        }
        let distrusted = Seen()
        try await withServer(Self.configuration(distrusted)) { server in
            let run = try await output(of: "curl", ["-sS", "https://localhost:\(server.address.port)/"])
            #expect(run.status == 60, "\(run)")
            let failure = try await distrusted.one()
            #expect(failure.error?.code == .refusedByPeer && failure.error?.detail == .peerDistrusts)
        }
    }

    @Test("A handshake that takes too long is reported without an error")
    func slow() async throws {
        let seen = Seen()
        var configuration = try Self.configuration(seen)
        configuration.handshakeTimeout = .milliseconds(100)
        try await withServer(configuration) { server in
            let client = try RawClient(server.address)
            client.send([0x16, 0x03, 0x01])
            #expect(client.receiveAll() == "")
            let failure = try await seen.one()
            #expect(failure.error == nil && failure.hasReceived)
        }
    }

    @Test("A caller that sends its request at once reads the alert, not a reset", arguments: ["TLSv1_2", "TLSv1_3"])
    func alertArrives(version: String) async throws {
        let seen = Seen()
        try await withServer(Self.configuration(seen, required: true)) { server in
            let folder = try TemporaryDirectory()
            try TestCertificates.shared.get().authority.certificatePEM.write(
                toFile: folder.file("ca.pem"), atomically: true, encoding: .utf8)
            let script = """
                import socket, ssl, sys
                context = ssl.create_default_context(cafile=sys.argv[2])
                context.minimum_version = context.maximum_version = ssl.TLSVersion.\(version)
                for _ in range(20):
                    try:
                        with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=60) as plain:
                            with context.wrap_socket(plain, server_hostname="localhost") as secure:
                                secure.sendall(b"POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 60000\\r\\n\\r\\n" + b"x" * 60000)
                                secure.recv(10)
                        print("accepted")
                    except ssl.SSLError as error:
                        print("alert" if "ALERT" in str(error) else error)
                    except OSError as error:
                        print(type(error).__name__)
                """
            let run = try await output(of: "python3", ["-c", script, String(server.address.port), folder.file("ca.pem")])
            #expect(run.text == String(repeating: "alert\n", count: 20), "\(run)")
            #expect(seen.count == 20)
        }
    }

    @Test(
        "Nobody resumes a session past the question for a certificate, with session ids, with tickets, by either version",
        arguments: ["-tls1_2", "-tls1_3"])
    func resumption(version: String) async throws {
        let objects = Locked(false)
        let asked = Locked(0)
        let rules = TLSCallerRules(checksDates: false) { _, _ in
            asked.withLock { $0 += 1 }
            return objects.withLock { $0 } ? TLSCertificateObjection(.revoked) : nil
        }
        let seen = Seen()
        try await withServer(Self.configuration(seen, rules: rules, required: true)) { server in
            let certificates = try TestCertificates.shared.get()
            let folder = try TemporaryDirectory()
            try certificates.client.certificateChainPEM.write(toFile: folder.file("client.pem"), atomically: true, encoding: .utf8)
            try certificates.client.privateKey.pem.withText {
                try $0.write(toFile: folder.file("client.key"), atomically: true, encoding: .utf8)
            }
            let session = folder.file("session")
            func ask(_ arguments: [String] = []) async throws -> String {
                try await Self.client(
                    server, ["-cert", folder.file("client.pem"), "-key", folder.file("client.key"), version] + arguments,
                    sends: "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            }
            // No session to be kept means no file.
            func again() async throws -> String {
                try await ask(FileManager.default.fileExists(atPath: session) ? ["-sess_in", session] : [])
            }
            let first = try await ask(["-sess_out", session])
            #expect(first.contains("HTTP/1.1 200") && first.contains("New, TLSv1"), "\(first.suffix(800))")
            let second = try await again()
            #expect(second.contains("HTTP/1.1 200") && second.contains("New, TLSv1") && !second.contains("Reused"), "\(second.suffix(800))")
            #expect(asked.withLock { $0 } == 2)
            objects.withLock { $0 = true }
            let third = try await again()
            #expect(third.contains("alert certificate revoked") && !third.contains("HTTP/1.1 200"), "\(third.suffix(800))")
            #expect(try await seen.one().error?.detail == .objection)
        }
    }
}
