import Base
import ProviderKit
import Testing
import Transport

@testable import bujeol

/// Files and variables that exist in a test only.
private struct MadeUpSource: SettingsSource {
    var files: [String: (text: String, isReadableByOthers: Bool)] = [:]
    var variables: [String: String] = [:]

    func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) {
        guard let file = files[path] else { throw SystemError(call: "open", number: 2) }
        return (Array(file.text.utf8), file.isReadableByOthers)
    }

    func environment(_ name: String) -> String? { variables[name] }
}

@Suite("The configuration file")
struct ConfigurationTests {
    private func read(_ text: String, readableByOthers: Bool = false, variables: [String: String] = [:]) throws -> Configuration {
        try Configuration(
            file: "c.json5", source: MadeUpSource(files: ["c.json5": (text, readableByOthers)], variables: variables))
    }

    private func complaint(_ text: String, readableByOthers: Bool = false) -> String {
        do {
            let configuration = try read(text, readableByOthers: readableByOthers)
            try configuration.checkConnections()
            return "accepted"
        } catch {
            return (error as? ConfigurationFailure)?.problems.map(\.english).joined(separator: "\n") ?? "\(error)"
        }
    }

    @Test("Everything in the documented example is understood")
    func example() throws {
        let configuration = try read(
            """
            {
              gateway: { address: "::1", port: 1, hosts: ["payments.internal"], drain: "5s",
                callers: [{ name: "shop", id: "shop-id", key: "shop-key" }] }, // a comment
              sandbox: { address: "127.0.0.1", port: 2, tlsPort: 3 },
              connections: { pay: { provider: "bootpay", applicationID: "a", privateKey: { env: "KEY" } } },
            }
            """, variables: ["KEY": "k"])
        #expect(configuration.gatewayAddress == "::1")
        #expect(configuration.gatewayPort == 1)
        #expect(configuration.gatewayHosts == ["payments.internal"])
        #expect(configuration.drain == .seconds(5))
        #expect(configuration.callers.caller(id: "shop-id", key: "shop-key")?.name == "shop")
        #expect(configuration.sandboxPort == 2)
        #expect(configuration.sandboxTLSPort == 3)
        #expect(configuration.connections.map(\.name) == ["pay"])
        #expect(configuration.connections.first?.provider.name == "bootpay")
    }

    @Test(
        "A mistake is named with its file and line",
        arguments: [
            ("{\n  gatway: {} }", "c.json5:2: unknown setting \"gatway\""),
            ("{\n\n  gateway: { port: 70000 } }", "c.json5:3: \"port\" must be a whole number"),
            ("{ gateway: { address: \"localhost\" } }", "c.json5:1: \"address\" must be an address in numbers"),
            ("{ connections: {\n  nobody: {} } }", "c.json5:2: there is no provider \"nobody\""),
            ("{ connections: {\n  \"Boot pay\": { provider: \"bootpay\" } } }", "c.json5:2: the connection's name"),
            ("{ connections: {\n  bootpay: { applicationID: \"a\" } } }", "c.json5:2: "),
            ("{ gateway: [", "c.json5:1: this is not JSON5"),
            ("{ network: { trust: \"/nowhere.pem\" } }", "c.json5:1: the certificates in /nowhere.pem cannot be read"),
            (
                "{ gateway: { callers: [\n{ id: \"a\", key: \"k\" },\n{ id: \"a\", key: \"l\" }] } }",
                "c.json5:3: another caller has the same id"
            ),
        ])
    func mistakes(text: String, expected: String) {
        #expect(complaint(text).hasPrefix(expected), "\(complaint(text))")
    }

    @Test("A literal secret in a file that others can read is refused, and the secret is not in the complaint")
    func literalSecret() {
        let text = "{ connections: {\n bootpay: { applicationID: \"a\", privateKey: \"canary-1234\" } } }"
        #expect(complaint(text) == "accepted")
        let refusal = complaint(text, readableByOthers: true)
        #expect(refusal.hasPrefix("c.json5:2: the secret \"privateKey\" stands in a file that others can read"))
        #expect(!refusal.contains("canary-1234"))
    }
}
