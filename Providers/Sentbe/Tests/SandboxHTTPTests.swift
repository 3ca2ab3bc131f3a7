import Base
import Foundation
import Sandbox
import SandboxKit
import Sentbe
import Storage
import TestSupport
import Testing
import Transport

@testable import SentbeSandbox

@Suite("Sentbe sandbox: over HTTP") struct SandboxHTTPTests {
    /// Serves a Sentbe sandbox on loopback while `body` runs.
    private func serving(_ body: (String, Sandbox) throws -> Void) async throws {
        let base = Locked("")
        let sandbox = try await Sandbox(
            services: [SentbeSandbox.self], database: try Database(.memory), time: SystemTime(), random: SystemRandom(),
            exchange: RecordingNetwork(), configuration: SandboxConfiguration(version: "test", baseURL: { base.withLock { $0 } }))
        let group = try EventLoopGroup(count: 1)
        let server = try HTTPServer(
            group: group, address: try #require(SocketAddress(numericHost: "127.0.0.1", port: 0)), handler: sandbox)
        base.withLock { $0 = "http://\(server.address)" }
        let outcome = Result { try body(base.withLock { $0 }, sandbox) }
        await server.shutdown(deadline: .seconds(1))
        try outcome.get()
    }

    @Test("The lines of the introduction run in a shell as they are")
    func introduction() async throws {
        try await serving { base, sandbox in
            let lines = sandbox.introduction(baseURL: base).map(\.english).filter { $0.contains("curl ") }
            #expect(lines.count == 2)
            let output = try run("/bin/sh", "-c", lines.joined(separator: "; echo; ")).split(separator: "\n").map(String.init)
            try #require(output.count == 2, "\(output)")
            #expect(try JSON(output[0])["data"]?[0] == ["amount": .number("10000.0"), "currency": "USD"])
            let made = try JSON(output[1])
            #expect(made["result"] == true && made["data"]?["first_name"] == "John" && made["data"]?["bank_attributes"]?["name"] == "002")
        }
    }

    @Test("A header of 16 KiB passes the HTTP layer and is judged")
    func longHeader() async throws {
        try await serving { base, _ in
            let envelope = try EnvelopeOracle.shared.envelope("{}", secret: "test_pw")
            let padded = String(repeating: " ", count: (16 << 10) - envelope.utf8.count) + "x"
            let directory = try TemporaryDirectory()
            let file = directory.file("headers")
            // Spaces around a field's value do not belong to it, so the padding stands inside the object.
            let inside = "{" + padded.dropLast() + envelope.dropFirst()
            for (header, code) in [(inside, nil), (inside.replacing("{", with: "{  ", maxReplacements: 1), "E0004")] as [(String, String?)]
            {
                try Data("SIGNATURE: \(header)\n".utf8).write(to: URL(fileURLWithPath: file))
                let answer = try run(
                    "/usr/bin/env", "curl", "-s", "\(base)/sentbe/inbound/balances", "-H", "PARTNER-ID: 1", "-H", "KEY: test_id", "-H",
                    "@\(file)")
                #expect(try JSON(answer)["errors"]?[0]?["error_code"]?.string == code, "\(header.utf8.count): \(answer)")
            }
        }
    }

    @Test("The log holds the diagnosis of a refused envelope, and neither secrets nor personal data")
    func requestLog() async throws {
        try await serving { base, _ in
            let sample = DemoData.sampleParameters
            let good = try EnvelopeOracle.shared.envelope(sample, secret: "test_pw")
            let bad = try EnvelopeOracle.shared.envelope(sample, secret: "test_id")
            let headers = "-H 'PARTNER-ID: 1' -H 'KEY: test_id'"
            let script = """
                curl -s -X POST \(base)/sentbe/inbound/recipients \(headers) -H 'SIGNATURE: \(good)' >/dev/null
                curl -s -X POST \(base)/sentbe/inbound/recipients \(headers) -H 'SIGNATURE: \(bad)' >/dev/null
                curl -s -X POST \(base)/sentbe/inbound/recipients \(headers) -H 'Content-Type: application/json' -d '\(sample)' >/dev/null
                curl -s -X POST \(base)/sentbe/inbound/transfers -H 'PARTNER-ID: 1' -H 'KEY: test_pw' >/dev/null
                curl -s -X POST \(base)/sentbe/inbound/recipient \(headers) -d '\(sample)' >/dev/null
                curl -s \(base)/-/requests
                """
            let log = try run("/bin/sh", "-c", script)
            let records = try #require(try JSON(log)["requests"]?.elements)
            #expect(
                records.map { $0["verdict"]?["rule"]?.string } == [
                    "call.unknown", "key.secret", "parameter.misplaced", "signature.other-secret", nil,
                ])
            #expect(records[3]["verdict"]?["details"]?["step"] == 4 && records[3]["route"] == "inbound-create-recipient")
            #expect(records.allSatisfy { $0["tenant_known"] == true })
            for secret in [
                "test_pw", "test_id", "12341234", "19901111", "test@sentbe.com", "010-3369-1481", "Smith", "John",
                String(good.dropFirst(7).prefix(40)),
                String(bad.dropFirst(7).prefix(40)),
            ] {
                #expect(!log.contains(secret), "\(secret)")
            }
            // What the operator asks for is shown.
            let shown = try run(
                "/bin/sh", "-c",
                """
                curl -s -X PUT \(base)/-/sentbe/settings -d '{"log_parameters":true}' >/dev/null
                curl -s -X POST \(base)/sentbe/inbound/recipients \(headers) -H 'SIGNATURE: \(try EnvelopeOracle.shared.envelope(#"{"user_id":"47","country":"KR"}"#, secret: "test_pw"))' >/dev/null
                curl -s '\(base)/-/requests?limit=1'
                """)
            #expect(try JSON(shown)["requests"]?[0]?["verdict"]?["details"]?["parameters"] == ["user_id": "47", "country": "KR"])
        }
    }

    @Test("The whole sandbox copes with a provider that has no host names")
    func noHosts() async throws {
        #expect(SentbeSandbox.hosts.isEmpty)
        try await serving { base, _ in
            #expect(try run("/usr/bin/env", "curl", "-s", base).contains("\(base)/sentbe/"))
            let json = try JSON(try run("/usr/bin/env", "curl", "-s", "-H", "Accept: application/json", base))
            #expect(json["providers"]?[0]?["hosts"] == [])
        }
    }

    @Test("The clock moves transfers on, and what a reset leaves is the demo data")
    func clock() async throws {
        try await serving { base, _ in
            let order = SandboxTransferTests.order("1", to: "11").text
            let script = """
                curl -s \(base)/-/clock -d '{"freeze":true}' >/dev/null
                curl -s -X POST \(base)/sentbe/inbound/transfers -H 'PARTNER-ID: 1' -H 'KEY: test_id' \
                -H 'SIGNATURE: \(try EnvelopeOracle.shared.envelope(order, secret: "test_pw"))' >/dev/null
                curl -s \(base)/-/clock -d '{"advance":"1d"}' >/dev/null
                curl -s \(base)/-/sentbe/transfers/1; echo
                curl -s -X POST \(base)/-/reset; echo
                curl -s \(base)/-/sentbe/transfers
                """
            let lines = try run("/bin/sh", "-c", script).split(separator: "\n").map(String.init)
            try #require(lines.count == 3, "\(lines)")
            #expect(try JSON(lines[0])["transfer_info"]?["status"] == "Expired")
            #expect(try JSON(lines[1])["sentbe"]?["secret_key"] == "test_pw")
            #expect(lines[2] == "[]")
        }
    }

    private func run(_ program: String, _ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
