import Foundation
import TestSupport
import Testing

@Suite("The built program", .serialized)
struct UpTests {
    @Test("bujeol up answers on both ports, and every curl line that it prints works when pasted")
    func pastedLines() throws {
        let directory = try TemporaryDirectory()
        let up = try Up(data: directory.file("data"))
        #expect(try curl(up.gateway + "/bootpay/receipt/" + receipt).contains("\"status\":1"))
        // Each begins with curl, or with a variable that curl needs behind it.
        #expect(up.program.waitFor("Ctrl-C") != nil)
        let lines = up.program.standardOutput.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { $0.hasPrefix("curl ") || $0.hasPrefix("TOKEN=") }
        let pasted = try Program.run("/bin/sh", ["-c", lines.map { $0 + "; echo" }.joined(separator: "\n")])
        #expect(pasted.code == 0)
        let answers = pasted.output.split(separator: "\n")
        #expect(answers.count == lines.count, "each answers one line\n\(pasted.output)\(pasted.errors)")
        // What each provider says of success, and the gateway of what it does itself.
        let good = [
            "\"price\":11000", "\"resultCode\":\"0000\"", "\"result\":true", "\"resultType\":\"SUCCESS\"", "\"authorizationCode\"",
            "\"access_token\"",
        ]
        for answer in answers { #expect(good.contains { answer.contains($0) }, "\(answer)") }
        for provider in ["bootpay", "wpay", "sentbe", "apps-in-toss", "toss-auth"] {
            let places = ["/", "/-/"].map { up.sandbox + $0 + provider + "/" }
            #expect(lines.contains { line in places.contains { line.contains($0) } }, "\(provider) has no line for the sandbox")
            #expect(lines.contains { $0.contains(up.gateway + "/\(provider)/") }, "\(provider) has no line for the gateway")
        }
        // No more than three lines of each, and a gap in front.
        let text = up.program.standardOutput
        #expect(text.split(separator: "\n\n").dropFirst().dropLast().allSatisfy { $0.split(separator: "\n").count <= 3 }, "\(text)")
        #expect(text.contains("bujeol sandbox trust --data " + directory.file("data")))
        #expect(up.end() == 0)
    }

    @Test("The demo caller is announced where it is in force, and not where a file names other callers", arguments: ["en", "ko"])
    func announcedCaller(language: String) throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("c.json5")
        try "{ gateway: { callers: [{ id: \"shop\", key: \"shop-key\" }] } }".write(toFile: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        for (configuration, id, isAnnounced) in [(nil, "demo-shop", true), (file, "shop", false)] {
            let up = try Up(data: directory.file("data"), language: language, configuration: configuration)
            #expect(up.program.waitFor("(Ctrl-C)") != nil)
            #expect(up.program.standardOutput.contains("caller id demo-shop, key demo-shop-key\n") == isAnnounced)
            let body = "{\"application_id\":\"\(id)\",\"private_key\":\"\(id)-key\"}"
            let answer = try curl("-H", "Content-Type: application/json", "-d", body, up.gateway + "/bootpay/request/token")
            #expect(answer.contains("\"token\""), "\(answer)")
            #expect(up.end() == 0)
        }
    }

    @Test("Nothing that it prints or leaves on disk beside the sandbox's own data is readable by others")
    func permissions() throws {
        let directory = try TemporaryDirectory()
        let up = try Up(data: directory.file("data"))
        let mode = { (path: String) in try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int }
        #expect(try mode(directory.file("data")) == 0o700)
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.file("data")) {
            var isFolder: ObjCBool = false
            let path = directory.file("data/\(name)")
            _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            #expect(try mode(path) == (isFolder.boolValue ? 0o700 : 0o600), "\(name)")
            guard isFolder.boolValue else { continue }
            for inner in try FileManager.default.contentsOfDirectory(atPath: path) {
                #expect(try mode(path + "/" + inner) == 0o600, "\(inner)")
            }
        }
        #expect(up.end() == 0)
    }

    @Test("What was paid and cancelled is still so after a restart, and after kill -9")
    func durable() throws {
        let directory = try TemporaryDirectory()
        var up = try Up(data: directory.file("data"))
        let made = try curl("-d", "{\"price\": 4321}", up.sandbox + "/-/bootpay/payments")
        let members = try JSONSerialization.jsonObject(with: Data(made.utf8)) as? [String: Any]
        let identifier = try #require(members?["receipt_id"] as? String, "\(made)")
        up.program.signal(SIGKILL)
        up.program.wait()
        up = try Up(data: directory.file("data"))
        #expect(try curl(up.gateway + "/bootpay/receipt/" + identifier).contains("4321"))
        #expect(up.end() == 0)
        up = try Up(data: directory.file("data"))
        #expect(try curl(up.sandbox + "/-/bootpay/payments/" + identifier).contains("4321"))
        #expect(up.end() == 0)
    }

    @Test("The real host name on the TLS port is served under a certificate of the sandbox's own authority")
    func realHostName() throws {
        let directory = try TemporaryDirectory()
        let up = try Up(data: directory.file("data"))
        let port = try #require(up.program.waitFor("https://127\\.0\\.0\\.1:(\\d+)"))
        let body = "{\"application_id\":\"5b8f6a4d396fa665fdc2b5ea\",\"private_key\":\"rm6EYECr6aroQVG2ntW0A6LpWnkTgP4uQ3H18sDDUYw=\"}"
        let answer = try Program.run(
            "/usr/bin/env",
            [
                "curl", "-sS", "-m", "20", "--cacert", directory.file("data/ca.pem"), "--connect-to",
                "api.bootpay.co.kr:443:127.0.0.1:\(port)",
                "-H", "Content-Type: application/json", "-d", body, "https://api.bootpay.co.kr/request/token",
            ])
        #expect(answer.output.contains("\"expired_at\""), "\(answer.output)\(answer.errors)")
        #expect(up.end() == 0)
    }

    @Test("A call that is in flight when the program is told to end gets its answer first")
    func graceful() throws {
        let directory = try TemporaryDirectory()
        let up = try Up(data: directory.file("data"))
        let call = try up.slowCall("1s")
        #expect(up.end() == 0)
        #expect(call.wait() == 0)
        #expect(call.standardOutput.contains(receipt), "\(call.standardOutput)\(call.standardError)")
    }

    @Test("A port that is taken is named in the complaint")
    func portTaken() throws {
        let directory = try TemporaryDirectory()
        let up = try Up(data: directory.file("one"))
        let port = try #require(up.sandbox.split(separator: ":").last)
        let second = try Program.run(
            bujeol,
            ["up", "--sandbox-port", String(port), "--gateway-port", "0", "--sandbox-tls-port", "0", "--data", directory.file("two")])
        #expect(second.code == 70)
        #expect(second.errors.contains(String(port)), "\(second.errors)")
        #expect(up.end() == 0)
    }

    @Test("Two programs on one data directory are told so")
    func dataInUse() throws {
        let directory = try TemporaryDirectory()
        let up = try Up(data: directory.file("data"))
        let second = try Program.run(
            bujeol, ["up", "--sandbox-port", "0", "--gateway-port", "0", "--sandbox-tls-port", "0", "--data", directory.file("data")])
        #expect(second.code == 70)
        #expect(second.errors.contains("sandbox.sqlite"), "\(second.errors)")
        #expect(up.end() == 0)
    }

    @Test("Wrong arguments end with 64, a wrong configuration with 78, and Korean is spoken where it is asked for")
    func exitCodes() throws {
        #expect(try Program.run(bujeol, ["fly"]).code == 64)
        #expect(try Program.run(bujeol, ["gateway"]).code == 64)
        let directory = try TemporaryDirectory()
        try "{ gatway: 1 }".write(toFile: directory.file("c.json5"), atomically: true, encoding: .utf8)
        let check = try Program.run(bujeol, ["check", "--config", directory.file("c.json5")], environment: ["LC_ALL": "ko_KR.UTF-8"])
        #expect(check.code == 78)
        #expect(check.errors.contains("알 수 없는 설정"), "\(check.errors)")
        let help = try Program.run(bujeol, ["help"], environment: ["LC_ALL": "ko_KR.UTF-8"])
        #expect(help.code == 0)
        #expect(help.output.contains("게이트웨이"))
    }

    @Test("No secret of the demo data can be seen in the process list or in the log")
    func secretsStayInside() throws {
        let directory = try TemporaryDirectory()
        let up = try Up(data: directory.file("data"))
        _ = try curl(up.gateway + "/bootpay/receipt/" + receipt)
        let key = "rm6EYECr6aroQVG2ntW0A6LpWnkTgP4uQ3H18sDDUYw="
        let visible = try arguments(of: up.program)
        #expect(visible.contains("bujeol") && !visible.contains(key))
        #expect(up.end() == 0)
        #expect(!up.program.standardError.contains(key))
    }
}
