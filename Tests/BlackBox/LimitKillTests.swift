import Foundation
import TestSupport
import Testing

@Suite("The limit of the built program", .serialized)
struct LimitKillTests {
    private static let perMinute = 10

    /// A connection to the sandbox's demo mini-app, with real certificates.
    private func configure(_ directory: TemporaryDirectory, sandboxData data: String, secure: String) throws -> String {
        let file = directory.file("gateway.json5")
        try """
        { connections: { "apps-in-toss": { app: "bujeol-demo", certificate: "\(data)/apps-in-toss/bujeol-demo_public.crt",
          key: { file: "\(data)/apps-in-toss/bujeol-demo_private.key" }, base: "\(secure)/apps-in-toss", trust: "\(data)/ca.pem",
          limit: { perMinute: \(Self.perMinute), perSecond: \(Self.perMinute) } } } }
        """.write(toFile: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        return file
    }

    @Test("Killed again and again in the middle of its calls, the gateway never makes more of them in a minute than the provider takes")
    func killed() throws {
        let directory = try TemporaryDirectory()
        let data = directory.file("sandbox")
        let sandbox = try Program(
            bujeol, ["sandbox", "--sandbox-port", "0", "--sandbox-tls-port", "0", "--data", data, "--language", "en"])
        let plain = try #require(sandbox.waitFor("sandbox\\s+(http://\\S+)"), "\(sandbox.standardError)")
        let secure = try #require(sandbox.waitFor("TLS\\s+(https://[^,\\s]+)"))
        let changed = try curl(
            "-X", "PUT", "-d", "{\"per_minute\": \(Self.perMinute)}", plain + "/-/apps-in-toss/apps/bujeol-demo")
        #expect(changed.contains("\"per_minute\":\(Self.perMinute)"), "\(changed)")
        let file = try configure(directory, sandboxData: data, secure: secure)
        for _ in 0..<5 {
            let gateway = try Program(
                bujeol, ["gateway", "--config", file, "--gateway-port", "0", "--data", directory.file("gateway"), "--language", "en"])
            let address = try #require(gateway.waitFor("gateway\\s+(http://\\S+)"), "\(gateway.standardError)")
            let call =
                "curl -s -o /dev/null -m 10 -X POST -H 'Bujeol-Deadline: 2s' -H 'x-toss-user-key: 443731104' "
                + "\(address)/apps-in-toss/api-partner/v1/apps-in-toss/promotion/execute-promotion/get-key"
            let calls = try Program("/bin/sh", ["-c", "seq 60 | xargs -P 12 -I{} \(call)"])
            Thread.sleep(forTimeInterval: Double.random(in: 0.1...0.5))
            gateway.signal(SIGKILL)
            gateway.wait()
            calls.wait()
        }
        let limits = try curl(plain + "/-/apps-in-toss/limits")
        let used = limits.firstMatch(of: /"used":(\d+)/).flatMap { Int($0.1) }
        #expect((1...Self.perMinute).contains(try #require(used, "\(limits)")))
        #expect(limits.contains("\"blocked_until\":null"), "\(limits)")
        let requests = try curl(plain + "/-/requests?provider=apps-in-toss&limit=1000")
        #expect(requests.contains("get-key"))
        #expect(!requests.contains("4095"))
        print("killed 5 times: the provider counted \(used ?? 0) calls of \(Self.perMinute) a minute")
        sandbox.signal(SIGTERM)
        #expect(sandbox.wait() == 0)
    }
}
