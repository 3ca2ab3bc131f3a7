import Foundation
import TestSupport
import Testing

extension Up {
    /// Has the next verify take `duration`, begins one through the gateway, and returns when the sandbox has it.
    func slowCall(_ duration: String) throws -> Program {
        let fault = try curl(
            "-d", "{\"kind\":\"delay\",\"duration\":\"\(duration)\",\"provider\":\"bootpay\",\"route\":\"verify\"}", sandbox + "/-/faults")
        #expect(fault.contains("\"id\""), "\(fault)")
        let call = try Program("/usr/bin/env", ["curl", "-sS", "-m", "120", gateway + "/bootpay/receipt/" + receipt])
        let limit = ContinuousClock.now + .seconds(60)
        while try curl(sandbox + "/-/faults").contains("\"kind\"") {
            try #require(ContinuousClock.now < limit, "the call did not arrive: \(call.standardError)\(program.standardError)")
            Thread.sleep(forTimeInterval: 0.02)
        }
        return call
    }
}

/// A provider in another program that gives out a token at once and holds everything else back until it is told otherwise.
struct HeldProvider {
    let program: Program
    let port: String
    private let sign: String

    private static let script = """
        import http.server, json, os, sys, time
        class Provider(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                now = int(time.time())
                self.answer({"status": 200, "code": 0, "message": "", "data": {"token": "t" * 64, "server_time": now, "expired_at": now + 1800}})
            def do_GET(self):
                print("asked", flush=True)
                while not os.path.exists(sys.argv[1]): time.sleep(0.01)
                self.answer({"status": 200, "code": 0, "message": "", "data": {"receipt_id": self.path.split("/")[-1]}})
            def answer(self, value):
                body = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *arguments): pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider)
        print("port", server.server_port, flush=True)
        server.serve_forever()
        """

    init(in directory: TemporaryDirectory) throws {
        sign = directory.file("let-go")
        program = try Program("/usr/bin/env", ["python3", "-c", Self.script, sign])
        port = try #require(program.waitFor("port (\\d+)"), "\(program.standardError)")
    }

    /// Lets it answer what it holds back.
    func letGo() throws { try Data().write(to: URL(fileURLWithPath: sign)) }

    func end() {
        program.signal(SIGKILL)
        program.wait()
    }
}
