import Base
import Cryptography
import Foundation
import Sandbox
import TestSupport
import Testing
import Transport

/// A sandbox behind a TLS port, and curl in front of it.
private struct Door {
    let house: House
    let server: HTTPServer
    let folder: TemporaryDirectory
    private let group: EventLoopGroup

    /// One authority for all tests: keys cost time. Its clock is the machine's, as curl's is.
    static let authority = Result {
        try CertificateAuthority(name: "Bujeol sandbox", validity: CertificateValidity(from: SystemTime().now, days: 3650))
    }

    init() async throws {
        let authority = try Self.authority.get()
        house = try await House(time: SystemTime(), services: [CounterService.self, DoorService.self])
        folder = try TemporaryDirectory()
        group = try EventLoopGroup(count: 1)
        var configuration = HTTPServerConfiguration()
        configuration.tls = try house.sandbox.serverContext(
            authority: authority, ownNames: ["sandbox.internal", "not a name", "127.0.0.9"])
        configuration.handshakeFailed = { [house] in house.sandbox.handshakeFailed($0) }
        let address = try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
        server = try HTTPServer(group: group, address: address, configuration: configuration, handler: house.sandbox)
        try authority.certificatePEM.write(toFile: folder.file("ca.pem"), atomically: true, encoding: .utf8)
    }

    func end() async {
        await server.shutdown(deadline: .zero)
        group.stop()
    }

    /// Writes a caller's certificate and key, and names them for curl.
    func caller(_ name: String, authority: CertificateAuthority? = nil, from day: Int64 = 0) throws -> [String] {
        let validity = CertificateValidity(from: SystemTime().now + .seconds(day * 86_400), days: 30)
        let identity = try (authority ?? Self.authority.get()).issueClientIdentity(name: name, validity: validity)
        try identity.certificateChainPEM.write(toFile: folder.file(name + ".crt"), atomically: true, encoding: .utf8)
        try identity.privateKey.pem.withText { try $0.write(toFile: folder.file(name + ".key"), atomically: true, encoding: .utf8) }
        return ["--cert", folder.file(name + ".crt"), "--key", folder.file(name + ".key")]
    }

    /// The answer of `https://host/hello`, with the status behind it; curl's exit code and complaint when there is none.
    func curl(_ host: String, _ arguments: [String] = []) throws -> String {
        let run = try Program.run(
            "/usr/bin/env",
            [
                "curl", "-sS", "-m", "60", "--cacert", folder.file("ca.pem"), "--connect-to", "::127.0.0.1:\(server.address.port)", "-w",
                " %{http_code}",
            ] + arguments + ["https://\(host)/hello"])
        return run.code == 0 ? run.output : "failed \(run.errors)"
    }

    /// The newest record of the log; waits for one newer than `id`.
    func newest(after id: Int = 0, tenant: String = "demo") async throws -> JSON {
        for _ in 0..<6000 {
            let records = await house.call(.get, "/-/requests?since=\(id)&tenant=\(tenant)").json["requests"]?.elements ?? []
            if let first = records.first { return first }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("nothing came into the log")
        return .null
    }
}

@Suite("The sandbox's TLS port")
struct DoorTests {
    @Test("Each host has a certificate of its own, under which only the demanding one asks for the caller's")
    func hosts() async throws {
        let door = try await Door()
        let caller = try door.caller("app")
        #expect(try door.curl("open.door.test", caller) == "{\"host\":\"open.door.test\",\"caller\":\"nobody\"} 200")
        #expect(try door.curl("strict.door.test", caller) == "{\"host\":\"strict.door.test\",\"caller\":\"app\"} 200")
        #expect(try door.curl("strict.door.test").hasPrefix("failed "))
        #expect(try door.curl("api.counter.test").hasSuffix(" 401"))
        // The sandbox's own names: asked, but nobody is turned away.
        for name in ["localhost", "sandbox.internal", "127.0.0.1", "127.0.0.9"] {
            #expect(try door.curl(name).hasSuffix(" 404"), "\(name): nothing is at /hello")
            #expect(try door.curl(name, caller).hasSuffix(" 404"))
        }
        func names(_ host: String?) throws -> String {
            let name = host.map { ["-servername", $0] } ?? ["-noservername"]
            let shown = try Program.run(
                "/bin/sh",
                [
                    "-c",
                    "openssl s_client -connect 127.0.0.1:\(door.server.address.port) \(name.joined(separator: " ")) </dev/null 2>/dev/null "
                        + "| openssl x509 -noout -ext subjectAltName",
                ])
            return shown.output.split(separator: "\n").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
        }
        #expect(try names("strict.door.test") == "DNS:strict.door.test")
        #expect(try names("OPEN.door.test") == "DNS:open.door.test")
        let all =
            "DNS:api.counter.test, DNS:strict.door.test, DNS:open.door.test, DNS:localhost, IP Address:127.0.0.1, "
            + "IP Address:0:0:0:0:0:0:0:1, DNS:sandbox.internal, IP Address:127.0.0.9"
        #expect(try names(nil) == all)
        #expect(try names("unknown.example") == all)
        await door.end()
    }

    @Test("A caller's dates do not count in the handshake", arguments: [-60, 60])
    func dates(day: Int64) async throws {
        let door = try await Door()
        #expect(try door.curl("strict.door.test", door.caller("late", from: day)).hasSuffix("\"caller\":\"late\"} 200"))
        await door.end()
    }

    @Test("Asking for one host in the handshake and another in the Host field does not get around the demand")
    func misdirected() async throws {
        let door = try await Door()
        let header = ["-H", "Host: strict.door.test"]
        for name in ["open.door.test", "api.counter.test", "localhost", "127.0.0.1"] {
            let answer = try door.curl(name, header)
            #expect(answer.hasSuffix(" 421") && answer.contains("demands a client certificate") && answer.contains("인증서를 요구"), "\(answer)")
        }
        for port in ["", ":443", ":1"] {
            #expect(try door.curl("open.door.test", ["-H", "Host: STRICT.door.test" + port]).hasSuffix(" 421"))
        }
        let record = try await door.newest()
        #expect(record["verdict"]?["rule"] == "tls.misdirected" && record["status"] == 421 && record["provider"] == "door")
        #expect(record["tls"]?["server_name"] == "open.door.test")
        // Where it was asked for, the same certificate is as good as at the host itself.
        #expect(try door.curl("localhost", header + door.caller("app")).hasSuffix("\"caller\":\"app\"} 200"))
        #expect(try door.curl("open.door.test", header + door.caller("app")).hasSuffix(" 421"))
        // The other way round nothing is demanded.
        #expect(try door.curl("strict.door.test", ["-H", "Host: open.door.test"] + door.caller("app")).hasSuffix(" 200"))
        await door.end()
    }

    @Test("Every refused handshake is in the log, in words, with the name that was asked for, the address and the certificate")
    func refused() async throws {
        let door = try await Door()
        let other = try CertificateAuthority(name: "Bujeol sandbox", validity: CertificateValidity(from: SystemTime().now, days: 30))
        let port = door.server.address.port
        let openssl = "openssl s_client -ign_eof -connect 127.0.0.1:\(port) -servername strict.door.test "
        let rows: [(rule: String, name: String?, certificate: String?, act: () throws -> Void)] = [
            ("tls.certificate-missing", "strict.door.test", nil, { _ = try door.curl("strict.door.test", ["--tlsv1.3"]) }),
            ("tls.certificate-missing", "strict.door.test", nil, { _ = try door.curl("strict.door.test", ["--tls-max", "1.2"]) }),
            (
                "tls.certificate-foreign", "strict.door.test", "CN=stranger",
                { _ = try door.curl("strict.door.test", door.caller("stranger", authority: other)) }
            ),
            ("tls.certificate-foreign", nil, "CN=stranger", { _ = try door.curl("127.0.0.1", door.caller("stranger", authority: other)) }),
            (
                "tls.version", nil, nil,
                { _ = try Program.run("/bin/sh", ["-c", openssl + "-tls1_1 -cipher ALL:@SECLEVEL=0 </dev/null"]) }
            ),
            ("tls.alpn", "strict.door.test", nil, { _ = try Program.run("/bin/sh", ["-c", openssl + "-alpn h2 </dev/null"]) }),
            (
                "tls.plain-http", nil, nil,
                { _ = try Program.run("/usr/bin/env", ["curl", "-s", "-m", "60", "http://127.0.0.1:\(port)/"]) }
            ),
            (
                "tls.distrusted", "localhost", nil,
                { _ = try Program.run("/usr/bin/env", ["curl", "-s", "-m", "60", "https://localhost:\(port)/"]) }
            ),
        ]
        var last = 0
        for row in rows {
            try row.act()
            let record = try await door.newest(after: last)
            last = Int(record["id"]?.integer ?? 0)
            #expect(record["verdict"]?["rule"]?.string == row.rule, "\(record)")
            #expect(record["tls"]?["server_name"]?.string == row.name)
            #expect(record["verdict"]?["details"]?["certificate"]?["subject"]?.string == row.certificate)
            #expect(record["outcome"] == "handshake_failed" && record["status"] == .null && record["method"] == .null)
            #expect(record["address"] == "127.0.0.1")
            #expect(record["provider"]?.string == (row.name == "strict.door.test" ? "door" : nil))
            let reason = record["verdict"]?["reason"]
            #expect(reason?["ko"]?.string?.unicodeScalars.contains { (0xAC00...0xD7A3).contains($0.value) } == true)
            #expect(reason?["en"]?.string?.isEmpty == false && record["verdict"]?["remedy"]?["ko"] != nil)
        }
        let only = await door.house.call(.get, "/-/requests?rule=tls.alpn&language=en").json["requests"]?.elements
        #expect(only?.count == 1 && only?.first?["verdict"]?["reason"]?.string?.contains("ALPN") == true)
        #expect(await door.house.call(.get, "/-/requests/\(last)").json["id"]?.integer == Int64(last))
        let metrics = await door.house.call(.get, "/-/metrics").text
        #expect(metrics.contains("bujeol_sandbox_handshakes_failed_total{rule=\"tls.certificate-missing\"} 2\n"), "\(metrics)")
        #expect(await door.house.call(.delete, "/-/requests").json["deleted"]?.integer == Int64(rows.count))
        await door.end()
    }

    @Test(
        "A service may refuse a certificate in the handshake; the alert is its choice, and its verdict is in the log of its tenant",
        arguments: [("certificate_expired", "alert certificate expired"), ("certificate_revoked", "alert certificate revoked")])
    func objection(alert: String, heard: String) async throws {
        let door = try await Door()
        await door.house.makeTenant("ci-7")
        let caller = try door.caller("app")
        await door.house.call(.post, "/-/door/refuse?tenant=ci-7", ["alert": .string(alert)])
        for (index, name) in ["strict.door.test", "localhost"].enumerated() {
            let answer = try door.curl(name, caller)
            #expect(answer.hasPrefix("failed ") && answer.contains(heard), "\(answer)")
            let record = try await door.newest(after: index, tenant: "ci-7")
            #expect(record["verdict"]?["rule"] == "door.closed" && record["tenant_known"] == true)
            #expect(record["verdict"]?["details"]?["name"] == "app")
            #expect(record["verdict"]?["details"]?["host"]?.string == (index == 0 ? name : ""))
        }
        await door.house.call(.post, "/-/door/refuse?tenant=ci-7", [:])
        #expect(try door.curl("strict.door.test", caller).hasSuffix(" 200"))
        await door.end()
    }

    @Test("However many handshakes fail, the log keeps the calls, and tells how many failures it left out")
    func flood() async throws {
        let time = ManualTime(House.start)
        let house = try await House(time: time)
        await house.counter(.post, "/count")
        let failure = HTTPHandshakeFailure(
            address: "192.0.2.1", port: 1, serverName: nil, error: TLSError(.protocolFailure, "x", detail: .notTLS))
        var silent = failure
        silent.hasReceived = false
        for _ in 0..<5000 {
            house.sandbox.handshakeFailed(failure)
            house.sandbox.handshakeFailed(silent)
        }
        var records = await house.call(.get, "/-/requests?limit=1000").json["requests"]?.elements ?? []
        #expect(records.count == 61 && records.last?["provider"] == "counter")
        time.advance(by: .seconds(1))
        house.sandbox.handshakeFailed(failure)
        house.sandbox.handshakeFailed(failure)
        records = await house.call(.get, "/-/requests?limit=1000").json["requests"]?.elements ?? []
        #expect(records.count == 62)
        #expect(records.first?["verdict"]?["details"]?["unlogged_before"] == 4940)
        for _ in 0..<500 {
            time.advance(by: .seconds(1))
            house.sandbox.handshakeFailed(failure)
        }
        records = await house.call(.get, "/-/requests?limit=1000").json["requests"]?.elements ?? []
        #expect(records.count == 201 && records.last?["provider"] == "counter", "\(records.count)")
        let metrics = await house.call(.get, "/-/metrics").text
        #expect(metrics.contains("bujeol_sandbox_handshakes_failed_total{rule=\"tls.not-tls\"} 5502\n"))
        #expect(metrics.contains("bujeol_sandbox_handshakes_failed_total{rule=\"tls.silent\"} 5000\n"))
    }

    @Test("Certificates of the TLS port are issued anew before they expire, and never for names that nobody has")
    func renewal() async throws {
        let time = ManualTime(House.start)
        let authority = try CertificateAuthority(name: "Bujeol sandbox", validity: CertificateValidity(from: House.start, days: 800))
        let house = try await House(time: time, services: [DoorService.self])
        let group = try EventLoopGroup(count: 1)
        let configuration = HTTPServerConfiguration(tls: try house.sandbox.serverContext(authority: authority))
        let address = try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
        let server = try HTTPServer(group: group, address: address, configuration: configuration, handler: house.sandbox)
        func shown(_ name: String) throws -> Certificate {
            let client = "openssl s_client -connect 127.0.0.1:\(server.address.port) -servername \(name) </dev/null 2>/dev/null"
            let pem = try Program.run("/bin/sh", ["-c", client + " | openssl x509"]).output
            return try #require(try Certificate.all(pem: pem).first)
        }
        let first = try shown("open.door.test")
        #expect(first.notAfter == House.start + .seconds(390 * 86_400))
        #expect(try shown("open.door.test") == first)
        let all = try shown("one.example")
        for number in 0..<5 { #expect(try shown("name-\(number).example") == all) }
        time.advance(by: .seconds(255 * 86_400))
        #expect(try shown("open.door.test") == first)
        time.advance(by: .seconds(10 * 86_400))
        let second = try shown("open.door.test")
        #expect(second != first && second.notAfter == House.start + .seconds((265 + 390) * 86_400))
        #expect(try shown("one.example") != all)
        // Nothing is valid for longer than the authority itself.
        time.advance(by: .seconds(300 * 86_400))
        #expect(try shown("open.door.test").notAfter == authority.certificate.notAfter)
        await server.shutdown(deadline: .zero)
        group.stop()
    }
}
