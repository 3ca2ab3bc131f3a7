import Base
import Cryptography
import Foundation
import TestSupport
import Testing
import Transport

@Suite("The HTTP server over TLS")
struct ServerTLSTests {
    private static func configuration(_ clients: TLSServerContext.ClientCertificates = .none) throws -> HTTPServerConfiguration {
        let certificates = try TestCertificates.shared.get()
        var configuration = HTTPServerConfiguration()
        configuration.tls = try TLSServerContext(identity: certificates.server, clientCertificates: clients)
        return configuration
    }

    /// The answers of `server` to each of `cases`, as Python's TLS sees them.
    private static func answers(_ server: HTTPServer, _ cases: [[UInt8]], version: String = "TLSv1_3") async throws -> [String] {
        let folder = try TemporaryDirectory()
        try TestCertificates.shared.get().authority.certificatePEM.write(toFile: folder.file("ca.pem"), atomically: true, encoding: .utf8)
        let order: [String: Any] = [
            "port": server.address.port, "authority": folder.file("ca.pem"), "version": version,
            "cases": cases.map { Hexadecimal.encode($0) },
        ]
        let result = try await output(of: "python3", ["-c", tlsScript], input: JSONSerialization.data(withJSONObject: order))
        let answers = try? JSONSerialization.jsonObject(with: Data(result.text.utf8)) as? [String]
        return try #require(answers, "\(result.status) \(result.text.prefix(1000)) \(result.errors)")
    }

    @Test("Every malformed request gets its status and a proper farewell")
    func malformed() async throws {
        try await withServer(Self.configuration()) { server in
            let answers = try await Self.answers(server, MalformedRequest.all.map(\.bytes))
            #expect(answers.count == MalformedRequest.all.count)
            for (request, answer) in zip(MalformedRequest.all, answers) {
                #expect(answer.hasPrefix("HTTP/1.1 \(request.status) "), "\(request.name): \(answer.prefix(60))")
            }
            #expect(server.counters.requests == 0)
        }
    }

    @Test("Requests are answered in order over both versions", arguments: [("TLSv1_2", "TLSv1.2"), ("TLSv1_3", "TLSv1.3")])
    func versions(name: String, expected: String) async throws {
        let handler = ClosureHandler { request, peer in
            HTTPResponse(
                status: 200,
                body: Array("\(request.target) \(peer.tls?.version ?? "-") \(peer.tls?.serverName ?? "-") \(peer.address)\n".utf8)
                    + request.body)
        }
        try await withServer(Self.configuration(), handler: handler) { server in
            let large = [UInt8](repeating: 0x78, count: 400_000)
            let case1 =
                Array(
                    "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 400000\r\n\r\n"
                        .utf8) + large
            let answer = try #require(try await Self.answers(server, [case1], version: name).first)
            #expect(answer.contains("/1 \(expected) localhost 127.0.0.1\n"))
            #expect(answer.hasSuffix("/2 \(expected) localhost 127.0.0.1\n" + String(repeating: "x", count: 400_000)))
        }
    }

    @Test("An oversized body gets 413 over TLS while the caller is still sending")
    func oversized() async throws {
        try await withServer(Self.configuration()) { server in
            let bytes =
                Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n".utf8) + [UInt8](repeating: 0x78, count: 200_000)
            let answer = try #require(try await Self.answers(server, [bytes]).first)
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test("curl is content, and its certificate reaches the handler when it is asked for", arguments: ["none", "optional", "required"])
    func clientCertificate(mode: String) async throws {
        let certificates = try TestCertificates.shared.get()
        let clients: TLSServerContext.ClientCertificates =
            switch mode {
            case "optional": .optional([certificates.authority.certificate])
            case "required": .required([certificates.authority.certificate])
            default: .none
            }
        let handler = ClosureHandler { _, peer in
            let isCaller = peer.tls?.clientCertificate.map { $0 == certificates.client.certificates.first?.der }
            return HTTPResponse(status: 200, body: Array("\(isCaller.map { $0 ? "caller" : "somebody" } ?? "nobody")".utf8))
        }
        try await withServer(Self.configuration(clients), loops: 2, handler: handler) { server in
            let folder = try TemporaryDirectory()
            try certificates.authority.certificatePEM.write(toFile: folder.file("ca.pem"), atomically: true, encoding: .utf8)
            let pem = certificates.client.certificates.map(\.pem).joined()
            try pem.write(toFile: folder.file("client.pem"), atomically: true, encoding: .utf8)
            try certificates.client.privateKey.pem.withText {
                try $0.write(toFile: folder.file("client.key"), atomically: true, encoding: .utf8)
            }
            let common = ["-s", "-S", "--cacert", folder.file("ca.pem")]
            let address = "https://localhost:\(server.address.port)/"
            let with = try await output(
                of: "curl",
                common + [
                    "--resolve", "localhost:\(server.address.port):127.0.0.1", "--cert", folder.file("client.pem"), "--key",
                    folder.file("client.key"), address,
                ])
            #expect(with.text == (mode == "none" ? "nobody" : "caller"))
            let without = try await output(of: "curl", common + ["--resolve", "localhost:\(server.address.port):127.0.0.1", address])
            if mode == "required" { #expect(without.status != 0) } else { #expect(without.text == "nobody") }
        }
    }

    @Test("A caller that does not speak TLS, or stops in the handshake, is let go")
    func handshake() async throws {
        var configuration = try Self.configuration()
        configuration.handshakeTimeout = .milliseconds(100)
        try await withServer(configuration) { server in
            let plain = try RawClient(server.address)
            plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(!plain.receiveAll().hasPrefix("HTTP/"))
            let silent = try RawClient(server.address)
            silent.send([0x16, 0x03, 0x01])
            #expect(silent.receiveAll() == "")
            #expect(silent.hasEnded)
            #expect(await eventually { server.counters.failedHandshakes == 2 && server.counters.openConnections == 0 })
        }
    }
}
