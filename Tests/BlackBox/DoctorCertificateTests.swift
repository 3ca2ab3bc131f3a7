import Foundation
import TestSupport
import Testing

extension BlackBox {
    /// Against the sandbox's own door for client certificates, with pairs that it and openssl have issued.
    @Suite("bujeol doctor and client certificates") struct DoctorCertificateTests {
        private struct Finding {
            var check: String
            var severity: String
            var message: String
            var facts: [String: Any]
        }

        private func doctor(_ arguments: [String]) throws -> (code: Int32, findings: [Finding], output: String) {
            let result = try Program.run(bujeol, ["doctor", "--json"] + arguments)
            let report = try #require(
                try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any], "\(result.output)\(result.errors)")
            let connections = try #require(report["connections"] as? [[String: Any]])
            let findings = connections.flatMap { $0["findings"] as? [[String: Any]] ?? [] }.map { finding in
                Finding(
                    check: finding["check"] as? String ?? "", severity: finding["severity"] as? String ?? "",
                    message: (finding["message"] as? [String: String])?["en"] ?? "", facts: finding["facts"] as? [String: Any] ?? [:])
            }
            return (result.code, findings, result.output + result.errors)
        }

        @Test(
            "A certificate of the sandbox is counted in days, shown and taken; disabled in the sandbox's console it is a problem, and why is said"
        )
        func demonstration() throws {
            let directory = try TemporaryDirectory()
            let up = try Up(data: directory.file("data"))
            let secure = try #require(up.program.waitFor("TLS\\s+https://127\\.0\\.0\\.1:(\\d+)"))
            let arguments = ["--data", directory.file("data"), "--sandbox-tls-port", secure, "--connection", "apps-in-toss"]
            let well = try doctor(arguments)
            #expect(well.code == 0, "\(well.output)")
            let certificate = try #require(well.findings.first { $0.check == "certificate" })
            // The oracle counts whole days from now to the end by itself.
            let pem = directory.file("data/apps-in-toss/bujeol-demo_public.crt")
            let days = try #require(certificate.facts["days_left"] as? Int)
            func isValid(afterDays days: Int) throws -> Bool {
                try Program.run("/usr/bin/env", ["openssl", "x509", "-in", pem, "-noout", "-checkend", String(days * 86_400)]).code == 0
            }
            #expect(days > 380)
            #expect(try isValid(afterDays: days - 1))
            #expect(try !isValid(afterDays: days + 1))
            #expect(well.findings.contains { $0.check == "tls" && $0.message.contains("client certificate shown") })
            #expect(try curl("-f", "-X", "POST", up.sandbox + "/-/apps-in-toss/certificates/1/disable").contains("disabled"))
            let disabled = try doctor(arguments)
            #expect(disabled.code == 1)
            #expect(
                disabled.findings.contains {
                    $0.check == "certificate" && $0.severity == "problem" && $0.facts["code"] as? String == "4010"
                })
            #expect(up.end() == 0)
        }

        @Test("A pair that somebody else has issued is refused in the handshake, and its few days are counted; its key stands nowhere")
        func stranger() throws {
            let directory = try TemporaryDirectory()
            let up = try Up(data: directory.file("data"))
            let secure = try #require(up.program.waitFor("TLS\\s+https://127\\.0\\.0\\.1:(\\d+)"))
            let issued = try Program.run(
                "/usr/bin/env",
                [
                    "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", directory.file("k.pem"), "-out",
                    directory.file("c.pem"), "-days", "20", "-subj", "/CN=bujeol-demo",
                ])
            #expect(issued.code == 0)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: directory.file("k.pem"))
            let path = directory.file("c.json5")
            try """
            { connections: { toss: { provider: 'apps-in-toss', app: 'bujeol-demo', certificate: '\(directory.file("c.pem"))',
              key: { file: '\(directory.file("k.pem"))' }, base: 'https://127.0.0.1:\(secure)/apps-in-toss', trust: '\(directory.file("data/ca.pem"))' } } }
            """.write(toFile: path, atomically: true, encoding: .utf8)
            let result = try doctor(["--config", path, "--data", directory.file("data")])
            #expect(result.code == 1, "\(result.output)")
            #expect(result.findings.contains { $0.check == "certificate" && $0.severity == "warning" && $0.message.contains("19 day") })
            #expect(result.findings.contains { $0.severity == "problem" && $0.message.contains("client certificate") })
            let key = try String(contentsOfFile: directory.file("k.pem"), encoding: .utf8).split(separator: "\n")[1]
            #expect(!result.output.contains(key))
            _ = up.end()
        }
    }
}
