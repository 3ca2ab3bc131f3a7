import Foundation
import TestSupport
import Testing

/// A merchant's receiver of webhooks in another program: it answers what stands in the file `answer` and prints the count of each repeat.
private let receiver = """
    import http.server, sys, urllib.parse
    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            print("got", form["retry_count"][0], form["receipt_id"][0], self.path, flush=True)
            answer = open(sys.argv[1], "rb").read()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
        def log_message(self, *arguments): pass
    server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    print("port", server.server_port, flush=True)
    server.serve_forever()
    """

extension BlackBox {
    @Suite("Webhooks of the built program") struct WebhookTests {
        @Test("A webhook without OK is sent again by the moved clock, survives kill -9 with its count, and ends with OK")
        func durable() throws {
            let directory = try TemporaryDirectory()
            try "error".write(toFile: directory.file("answer"), atomically: true, encoding: .utf8)
            let merchant = try Program("/usr/bin/env", ["python3", "-c", receiver, directory.file("answer")])
            let port = try #require(merchant.waitFor("port (\\d+)"), "\(merchant.standardError)")
            defer {
                merchant.signal(SIGKILL)
                merchant.wait()
            }
            var up = try Up(data: directory.file("data"))
            func clock(_ move: String) throws {
                let answer = try curl("-d", move, up.sandbox + "/-/clock")
                #expect(answer.contains("\"frozen\":true"), "\(answer)")
            }
            func counts() -> [Substring] {
                merchant.standardOutput.split(separator: "\n").filter { $0.hasPrefix("got") }.map { $0.split(separator: " ")[1] }
            }
            try clock("{\"freeze\":true,\"set\":\"2026-01-01T00:00:00Z\"}")
            let place = try curl(
                "-X", "PUT", "-d", "{\"url\":\"http://127.0.0.1:\(port)/feedback\"}",
                up.sandbox + "/-/bootpay/applications/5b8f6a4d396fa665fdc2b5ea/feedback")
            #expect(place.contains(port), "\(place)")
            _ = try curl("-d", "{\"price\":5000}", up.sandbox + "/-/bootpay/payments")
            #expect(merchant.waitFor("got 0 [0-9a-f]{24} /feedback") != nil)
            try clock("{\"advance\":\"1m\"}")
            #expect(merchant.waitFor("got 1") != nil)

            up.program.signal(SIGKILL)
            up.program.wait()
            up = try Up(data: directory.file("data"))
            try clock("{\"advance\":\"1m59s\"}")
            #expect(counts() == ["0", "1"])
            try clock("{\"advance\":\"1s\"}")
            #expect(merchant.waitFor("got 2") != nil)
            try "OK".write(toFile: directory.file("answer"), atomically: true, encoding: .utf8)
            try clock("{\"advance\":\"4m\"}")
            #expect(merchant.waitFor("got 3") != nil)
            try clock("{\"advance\":\"2d\"}")
            #expect(try curl(up.sandbox + "/-/bootpay/webhooks").contains("\"feedback\":\"S\""))
            #expect(counts() == ["0", "1", "2", "3"])
            #expect(up.end() == 0)
        }
    }
}
