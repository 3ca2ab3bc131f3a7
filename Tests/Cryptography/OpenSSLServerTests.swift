import Base
import Cryptography
import Foundation
import TestSupport
import Testing

/// The client's side against the `openssl s_server` command.
@Suite("TLS client against openssl s_server")
struct OpenSSLServerTests {
    /// A running `openssl s_server` on a port of its own choice.
    private final class Server {
        private let process = Process()
        private let directory: TemporaryDirectory
        let port: UInt16

        init(_ arguments: [String]) throws {
            directory = try TemporaryDirectory()
            let certificate = try directory.write("cert.pem", TestCertificates.server.certificateChainPEM)
            let key = try directory.write("key.pem", TestCertificates.server.privateKey.pem.withText { $0 })
            let root = try directory.write("root.pem", TestCertificates.authority.certificatePEM)
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments =
                ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-CAfile", root, "-www"] + arguments
            let output = Pipe()
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            process.standardInput = FileHandle.nullDevice
            try process.run()
            var text = ""
            // The whole line: half of it would end in half a port.
            while !text.contains(/ACCEPT[^\n]*\n/) {
                let chunk = output.fileHandleForReading.availableData
                guard !chunk.isEmpty else { break }
                text += String(decoding: chunk, as: UTF8.self)
            }
            let digits = text.split(separator: "ACCEPT").last?.split(separator: ":").last?.prefix { $0.isNumber } ?? ""
            port = try #require(UInt16(digits), "openssl s_server said: \(text)")
        }

        deinit {
            // The child inherits the blocked signals of the thread that started it, so that a polite request would not end it.
            kill(process.processIdentifier, SIGKILL)
        }
    }

    /// Connects, shakes hands on a blocking socket, and asks for the status page.
    private func fetch(_ arguments: [String], identity: TLSIdentity? = nil) async throws -> Page {
        try await onThread { try fetchBlocking(arguments, identity: identity) }
    }

    private struct Page: Sendable {
        var version: String
        var applicationProtocol: String?
        var text: String
    }

    private func fetchBlocking(_ arguments: [String], identity: TLSIdentity?) throws -> Page {
        let server = try Server(arguments)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = server.port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        try #require(connected == 0)
        let context = try TLSClientContext(trust: TestCertificates.trust, identity: identity)
        let session = try TLSSession(client: context, host: "server.test", descriptor: descriptor)
        while true { if case .done = try session.handshake() { break } }
        _ = try session.write(Array("GET / HTTP/1.0\r\n\r\n".utf8))
        var page: [UInt8] = []
        while case .moved = try session.read(into: &page, atMost: 16_384) {}
        return Page(
            version: session.version, applicationProtocol: session.applicationProtocol, text: String(decoding: page, as: UTF8.self))
    }

    @Test("agrees on TLS 1.2 and 1.3", arguments: ["TLSv1.2", "TLSv1.3"])
    func versions(version: String) async throws {
        let page = try await fetch([version == "TLSv1.2" ? "-tls1_2" : "-tls1_3", "-alpn", "h2,http/1.1"])
        #expect(page.version == version)
        #expect(page.applicationProtocol == "http/1.1")
        #expect(page.text.contains("HTTP/1.0 200 ok"))
        #expect(page.text.contains(version))
    }

    @Test("refuses TLS 1.1")
    func oldVersion() async throws {
        await #expect {
            try await fetch(["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])
        } throws: { error in
            let code = (error as? TLSError)?.code
            return code == .protocolFailure || code == .refusedByPeer
        }
    }

    @Test("presents its certificate when the server demands one", arguments: ["-tls1_2", "-tls1_3"])
    func clientCertificate(version: String) async throws {
        let demand = [version, "-Verify", "1", "-verify_return_error"]
        #expect(try await fetch(demand, identity: TestCertificates.client).text.contains("HTTP/1.0 200 ok"))
        await #expect(throws: TLSError(.refusedByPeer, "")) { try await fetch(demand) }
    }

    @Test("a server that offers other application protocols only ends the handshake")
    func protocolMismatch() async throws {
        await #expect(throws: TLSError(.refusedByPeer, "")) { try await fetch(["-alpn", "h2"]) }
    }
}

/// The server's side against the `openssl s_client` command, as far as one thread goes: versions and application protocols.
@Suite("TLS server against openssl s_client")
struct OpenSSLClientTests {
    private func connect(_ arguments: [String]) async throws -> (error: TLSError?, version: String?) {
        try await onThread { try connectBlocking(arguments) }
    }

    private func connectBlocking(_ arguments: [String]) throws -> (error: TLSError?, version: String?) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(listener, $0, length)
                _ = listen(listener, 1)
                _ = getsockname(listener, $0, &length)
            }
        }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl", "s_client", "-connect", "127.0.0.1:\(UInt16(bigEndian: address.sin_port))"] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer { process.waitUntilExit() }
        let descriptor = accept(listener, nil, nil)
        defer { close(descriptor) }
        let session = try TLSSession(server: TLSServerContext(identity: TestCertificates.server), descriptor: descriptor)
        do {
            while true { if case .done = try session.handshake() { return (nil, session.version) } }
        } catch {
            return (error, nil)
        }
    }

    @Test("speaks TLS 1.2 and 1.3 and nothing older")
    func versions() async throws {
        #expect(try await connect(["-tls1_2"]).version == "TLSv1.2")
        #expect(try await connect(["-tls1_3"]).version == "TLSv1.3")
        #expect(try await connect(["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]).error?.code == .protocolFailure)
    }

    @Test("takes http/1.1 from a list and refuses a caller who offers others only")
    func applicationProtocols() async throws {
        #expect(try await connect(["-alpn", "h2,http/1.1"]).error == nil)
        #expect(try await connect(["-alpn", "h2"]).error?.code == .protocolFailure)
    }
}
