import Base
import Foundation
import Sandbox
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport

@testable import BootpaySandbox

@Suite struct SandboxHTTPTests {
    /// Serves a Bootpay sandbox on loopback while `body` runs.
    private func serving(_ body: (String, Sandbox) throws -> Void) async throws {
        let base = Locked("")
        let sandbox = try await Sandbox(
            services: [BootpaySandbox.self], database: try Database(.memory), time: SystemTime(), random: SystemRandom(),
            exchange: RecordingNetwork(), configuration: SandboxConfiguration(version: "test", baseURL: { base.withLock { $0 } }))
        let group = try EventLoopGroup(count: 1)
        let server = try HTTPServer(
            group: group, address: try #require(SocketAddress(numericHost: "127.0.0.1", port: 0)), handler: sandbox)
        base.withLock { $0 = "http://\(server.address)" }
        let outcome = Result { try body(base.withLock { $0 }, sandbox) }
        await server.shutdown(deadline: .seconds(1))
        try outcome.get()
    }

    @Test("The two lines of the introduction run in a shell as they are, one after the other")
    func introduction() async throws {
        try await serving { base, sandbox in
            let lines = sandbox.introduction(baseURL: base).map(\.english).filter { $0.contains("curl ") }
            #expect(lines.count == 2)
            let script = lines.joined(separator: "; echo; ") + "; echo; echo ${#TOKEN}"
            let output = try run("/bin/sh", "-c", script).split(separator: "\n").map(String.init)
            try #require(output.count == 2, "\(output)")
            let verified = try JSON(output[0])
            #expect(verified["data"]?["status"] == 1 && verified["data"]?["price"] == 11_000)
            #expect(output[1] == "64")
        }
    }

    @Test("A refusal's verdict stands in the request log, and no credential does")
    func requestLog() async throws {
        try await serving { base, sandbox in
            let token = "-H 'Authorization: Bearer 0123'"
            let log = try run(
                "/bin/sh", "-c",
                """
                curl -s \(base)/bootpay/request/token -d 'application_id=\(DemoData.application)' --data-urlencode 'private_key=\(DemoData.privateKey)' >/dev/null
                curl -s \(base)/bootpay/receipt/\(SandboxHouse.demoReceipt) \(token) >/dev/null
                curl -s \(base)/bootpay/cancel \(token) >/dev/null
                curl -s \(base)/-/requests
                """)
            #expect(log.contains(DemoData.application) && !log.contains(DemoData.privateKey))
            #expect(log.contains("\"rule\":\"token.bearer\""))
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
