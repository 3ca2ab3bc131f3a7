import Base
import Cryptography
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import bujeol

/// Files that exist in a test only.
private struct ListedFiles: SettingsSource {
    var files: [String: String]

    func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) {
        guard let text = files[path] else { throw SystemError(call: "open", number: 2) }
        return (Array(text.utf8), false)
    }

    func environment(_ name: String) -> String? { nil }
}

@Suite("The settings of the listener for callbacks")
struct CallbackListenerTests {
    private func read(_ text: String, files: [String: String] = [:]) throws -> CallbackListener? {
        try Configuration(file: "c.json5", source: ListedFiles(files: files.merging(["c.json5": text]) { $1 })).callbackListener
    }

    private func complaint(_ text: String, files: [String: String] = [:]) -> String {
        do {
            _ = try read(text, files: files)
            return "accepted"
        } catch {
            return (error as? ConfigurationFailure)?.problems.map(\.english).joined(separator: "\n") ?? "\(error)"
        }
    }

    private func pem(_ identity: TLSIdentity) -> String {
        identity.privateKey.pem.withBytes { String(decoding: Array($0), as: UTF8.self) }
    }

    @Test("Without the setting there is no such listener; an empty one listens on loopback and believes nobody")
    func defaults() throws {
        #expect(try read("{}") == nil)
        let listener = try #require(try read("{ gateway: { callbacks: {} } }"))
        #expect(listener.address == "127.0.0.1")
        #expect(listener.port == 8701)
        #expect(listener.trustedProxies.isEmpty)
        #expect(listener.tls == nil)
    }

    @Test("Address, port, proxies and certificate are read")
    func everything() throws {
        let validity = CertificateValidity(from: Timestamp(unixSeconds: 1_767_225_600), days: 36_500)
        let authority = try CertificateAuthority(name: "t", validity: validity)
        let identity = try authority.issueServerIdentity(names: ["shop.example.kr"], validity: validity)
        let files = ["c.pem": identity.certificateChainPEM, "k.pem": pem(identity)]
        let text = """
            { gateway: { callbacks: { address: "0.0.0.0", port: 0, trustedProxies: ["127.0.0.1", "10.0.0.0/8"],
              tls: { certificate: "c.pem", key: { file: "k.pem" } } } } }
            """
        let listener = try #require(try read(text, files: files))
        #expect(listener.address == "0.0.0.0")
        #expect(listener.port == 0)
        #expect(listener.trustedProxies.map(\.description) == ["127.0.0.1", "10.0.0.0/8"])
        #expect(listener.tls != nil)
        let other = try authority.issueServerIdentity(names: ["shop.example.kr"], validity: validity)
        let mixed = complaint(text, files: ["c.pem": identity.certificateChainPEM, "k.pem": pem(other)])
        #expect(mixed.hasPrefix("c.json5:2: the certificate and its key cannot be used"), "\(mixed)")
        #expect(complaint(text, files: ["k.pem": pem(identity)]).hasPrefix("c.json5:2: the certificate's file c.pem cannot be read"))
    }

    @Test(
        "A mistake is named with its line and what would be right",
        arguments: [
            (
                "{ gateway: { callbacks: {\n trustedProxies: [\"10.0.0.0/33\"] } } }",
                "c.json5:2: \"10.0.0.0/33\" is neither an address nor a range"
            ),
            ("{ gateway: { callbacks: {\n\n adress: \"::1\" } } }", "c.json5:3: unknown setting \"adress\""),
            ("{ gateway: { callbacks: {\n tls: { certificate: \"c.pem\" } } } }", "c.json5:2: \"key\" is missing"),
            ("{ gateway: { callbacks: { address: \"localhost\" } } }", "c.json5:1: \"address\" must be an address in numbers"),
        ])
    func mistakes(_ text: String, _ expected: String) {
        #expect(complaint(text).hasPrefix(expected), "\(complaint(text))")
    }
}
