import Foundation
import TestSupport
import Testing

extension BlackBox {
    @Suite("bujeol doctor") struct DoctorTests {
        private func doctor(_ arguments: String...) throws -> (code: Int32, output: String, errors: String) {
            try Program.run(bujeol, ["doctor", "--language", "en"] + arguments)
        }

        private func write(_ text: String, in directory: TemporaryDirectory) throws -> String {
            let path = directory.file("c.json5")
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            return path
        }

        private func port(_ address: String) throws -> String { try #require(address.split(separator: ":").last.map(String.init)) }

        @Test("The demo connections of a running sandbox are sound, over TLS too; when the sandbox has ended, they are not")
        func demonstration() throws {
            let directory = try TemporaryDirectory()
            let up = try Up(data: directory.file("data"))
            let secure = try #require(up.program.waitFor("TLS\\s+https://127\\.0\\.0\\.1:(\\d+)"))
            let arguments = ["--data", directory.file("data"), "--sandbox-port", try port(up.sandbox), "--sandbox-tls-port", secure]
            let well = try Program.run(bujeol, ["doctor", "--json"] + arguments)
            #expect(well.code == 0, "\(well.output)\(well.errors)")
            let report = try #require(try JSONSerialization.jsonObject(with: Data(well.output.utf8)) as? [String: Any])
            #expect(report["status"] as? String == "well")
            let connections = try #require(report["connections"] as? [[String: Any]])
            #expect(connections.count >= 3)
            for connection in connections {
                let findings = try #require(connection["findings"] as? [[String: Any]])
                let checks = Set(findings.compactMap { $0["check"] as? String })
                #expect(checks.isSuperset(of: ["port", "answer", "clock"]), "\(connection)")
            }
            let addresses = connections.flatMap { $0["findings"] as? [[String: Any]] ?? [] }
                .filter { $0["check"] as? String == "source-address" }.compactMap { ($0["facts"] as? [String: Any])?["address"] as? String }
            #expect(Set(addresses) == ["127.0.0.1"])
            #expect(up.end() == 0)
            let gone = try Program.run(bujeol, ["doctor", "--language", "ko"] + arguments)
            #expect(gone.code == 1 && gone.output.contains("bujeol up"), "\(gone.output)")
        }

        @Test("The sandbox's TLS port is sound with its authority, and a problem without")
        func trust() throws {
            let directory = try TemporaryDirectory()
            let up = try Up(data: directory.file("data"))
            let secure = try #require(up.program.waitFor("TLS\\s+(https://127\\.0\\.0\\.1:\\d+)"))
            let connection = "sentbe: { origin: '\(secure)/sentbe', partnerID: '1', accessID: 'canary-access', secretKey: 'canary-secret' }"
            let trusting = try write(
                "{ network: { trust: '\(directory.file("data/ca.pem"))' }, connections: { \(connection) } }", in: directory)
            let well = try doctor("--config", trusting, "--data", directory.file("data"))
            #expect(well.code == 0, "\(well.output)\(well.errors)")
            #expect(
                well.output.contains("server certificate valid for") && well.output.contains("the sandbox sees this machine as 127.0.0.1"))
            let untrusting = try write("{ connections: { \(connection) } }", in: directory)
            let bad = try doctor("--config", untrusting, "--data", directory.file("data"))
            #expect(bad.code == 1 && bad.output.contains("do not vouch"), "\(bad.output)")
            for output in [well.output, well.errors, bad.output, bad.errors] { #expect(!output.contains("canary-")) }
            _ = up.end()
        }

        @Test(
            "One connection with wrong settings keeps none of the others from being looked at; the exit status is that of a wrong configuration"
        )
        func misconfigured() throws {
            let directory = try TemporaryDirectory()
            let path = try write(
                """
                { connections: {
                  bootpay: { applicationID: 'a', privateKey: 'canary-key', origin: 'http://127.0.0.1:9/bootpay' },
                  sentbe: { origin: 'http://127.0.0.1:9/sentbe', partnerID: '1' } } }
                """, in: directory)
            let result = try doctor("--config", path, "--data", directory.file("data"))
            #expect(result.code == 78, "\(result.output)\(result.errors)")
            #expect(result.output.contains("c.json5:3") && result.output.contains("cannot connect to 127.0.0.1:9"))
            #expect(!(result.output + result.errors).contains("canary-key"))
            let only = try doctor("--config", path, "--connection", "bootpay", "--data", directory.file("data"))
            #expect(only.code == 1 && !only.output.contains("c.json5:3"), "\(only.output)")
            let nobody = try doctor("--config", path, "--connection", "toss")
            #expect(nobody.code == 64 && nobody.errors.contains("bootpay, sentbe"), "\(nobody.errors)")
        }

        @Test("A configuration that cannot be read: 78, in JSON too; a wrong command line: 64")
        func unreadable() throws {
            let directory = try TemporaryDirectory()
            let path = try write("{ connections: [", in: directory)
            let result = try doctor("--config", path, "--json", "--data", directory.file("data"))
            #expect(result.code == 78)
            let report = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
            #expect(report["status"] as? String == "misconfigured")
            #expect(try doctor("--nonsense").code == 64)
            #expect(try doctor("--help").output.contains("Exit status"))
        }
    }
}
