import AppsInToss
import Base
import Cryptography
import Foundation
import ProviderKit
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport

@testable import AppsInTossSandbox

@Suite("Apps in Toss sandbox: callbacks over HTTP") struct SandboxCallbackHTTPTests {
    /// A receiver of Python's own: it answers the first call 500 and every later one 204, and prints what it got, a line of JSON each.
    private static let receiver = #"""
        import http.server, json, sys
        class Receiver(http.server.BaseHTTPRequestHandler):
            count = 0
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                Receiver.count += 1
                self.send_response(500 if Receiver.count == 1 else 204)
                self.end_headers()
                print(json.dumps({"path": self.path, "type": self.headers["Content-Type"], "proof": self.headers["Authorization"],
                    "from": self.headers["X-Forwarded-For"], "event": json.loads(body)["eventType"]}), flush=True)
            def log_message(self, *ignored): pass
        server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
        print("port", server.server_port, flush=True)
        server.serve_forever()
        """#

    @Test("A receiver in Python gets the registration, its repeat ten seconds later, and an event, each from the simulated source")
    func python() async throws {
        let receiver = try Program("/usr/bin/env", ["python3", "-c", Self.receiver])
        defer { receiver.signal(SIGTERM) }
        let port = try #require(receiver.waitFor("port ([0-9]+)"))
        let group = try EventLoopGroup(count: 1)
        let clocks = HandClocks()
        let sandbox = try await AppsInTossSandbox(
            environment: SandboxEnvironment(
                database: try Database(.memory), clocks: clocks, random: SeededRandom(seed: 1), exchange: HTTPClient(group: group),
                publicBase: { "http://127.0.0.1:8600/apps-in-toss" }))
        _ = try await sandbox.createTenant(.demo, settings: [:])
        func ask(_ method: HTTPMethod, _ path: String, _ body: JSON = [:]) async throws {
            let reply = try #require(await sandbox.control(Call(method: method, path: path, body: body.bytes), tenant: .demo))
            try #require((200...201).contains(reply.status), "\(String(decoding: reply.body, as: UTF8.self))")
        }
        try await ask(.put, "/settings", ["callback_source": "117.52.3.87", "subscription_by_clock": false])
        try await ask(
            .put, "/apps/\(AppsInTossDemonstration.app)",
            ["webhook": ["url": .string("http://127.0.0.1:\(port)/toss/hook"), "secret": .string(AppsInTossDemonstration.webhookSecret)]])
        let due = try #require(await sandbox.settle(.demo))
        #expect(due == clocks.now(.demo) + .seconds(10))
        clocks.set(due)
        _ = await sandbox.settle(.demo)
        try await ask(.post, "/subscriptions")
        _ = await sandbox.settle(.demo)
        let lines = receiver.standardOutput.split(separator: "\n").dropFirst().compactMap { try? JSON(String($0)) }
        try #require(lines.count == 3, "\(receiver.standardError)")
        #expect(
            lines.compactMap { $0["event"]?.string } == [
                "callback.registration_verification", "callback.registration_verification", "subscription.status_changed",
            ])
        #expect(lines.allSatisfy { $0["path"] == "/toss/hook" && $0["from"] == "117.52.3.87" })
        #expect(lines.allSatisfy { $0["type"]?.string?.hasPrefix("application/json") == true })
        #expect(lines[0]["proof"]?.string == "Bearer \(AppsInTossDemonstration.webhookSecret)")
        let basic = Data(AppsInTossDemonstration.webhookSecret.utf8).base64EncodedString()
        #expect(lines[2]["proof"]?.string == "Basic \(basic)")
    }
}
