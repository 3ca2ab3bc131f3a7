import Foundation
import TestSupport
import Testing

/// A configuration file of a gateway, readable by its owner only unless told otherwise.
private func write(_ text: String, _ name: String, in directory: TemporaryDirectory, mode: Int = 0o600) throws -> String {
    let path = directory.file(name)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    return path
}

/// A gateway alone, with the configuration at `path`.
private func gateway(_ path: String, environment: [String: String] = [:]) throws -> (program: Program, address: String) {
    let program = try Program(
        bujeol, ["gateway", "--config", path, "--gateway-port", "0", "--language", "en"], environment: environment)
    return (program, try #require(program.waitFor("gateway\\s+(http://\\S+)"), "\(program.standardError)"))
}

extension BlackBox {
    @Suite("Running and ending the built program") struct RunTests {
        @Test("Ctrl-C ends it like SIGTERM: what is in flight is answered first, new connections are not taken")
        func interrupt() throws {
            let directory = try TemporaryDirectory()
            let provider = try HeldProvider(in: directory)
            defer { provider.end() }
            let path = try write(
                """
                { connections: { bootpay: { applicationID: 'abc', privateKey: 'abc', origin: 'http://127.0.0.1:\(provider.port)' } } }
                """, "up.json5", in: directory)
            let up = try Up(data: directory.file("data"), configuration: path)
            let call = try Program("/usr/bin/env", ["curl", "-sS", "-m", "120", up.gateway + "/bootpay/receipt/" + receipt])
            #expect(provider.program.waitFor("asked") != nil, "\(up.program.standardError)")
            up.program.signal(SIGINT)
            #expect(try isLeft(up.gateway + "/-/health"))
            #expect(call.standardOutput == "")
            try provider.letGo()
            #expect(up.program.wait() == 0)
            #expect(call.wait() == 0)
            #expect(call.standardOutput.contains(receipt), "\(call.standardOutput)\(call.standardError)")
        }

        @Test("SIGHUP and POST /-/reload have it look at its secrets again, and neither ends it, several at a time included")
        func hangUp() throws {
            let directory = try TemporaryDirectory()
            let up = try Up(data: directory.file("data"))
            defer { _ = up.end() }
            func looks() -> Int { up.program.standardError.components(separatedBy: "looked at the files of all secrets again").count - 1 }
            func waitForLooks(_ count: Int) throws {
                let limit = ContinuousClock.now + .seconds(60)
                while looks() < count { try #require(ContinuousClock.now < limit, "\(up.program.standardError)") }
            }
            up.program.signal(SIGHUP)
            try waitForLooks(1)
            let answer = try curl("-X", "POST", "-w", " %{http_code}", up.gateway + "/-/reload")
            #expect(answer.contains("\"rejected\":false") && answer.hasSuffix(" 200"), "\(answer)")
            try waitForLooks(2)
            for _ in 0..<5 { up.program.signal(SIGHUP) }
            try waitForLooks(3)
            #expect(try curl("-o", "/dev/null", "-w", "%{http_code}", up.gateway + "/-/reload") == "405")
            #expect(try curl(up.gateway + "/-/health").contains("ok"))
        }

        @Test("A second signal ends it at once, whatever is in flight", arguments: [SIGINT, SIGTERM])
        func secondSignal(_ second: Int32) throws {
            let directory = try TemporaryDirectory()
            let up = try Up(data: directory.file("data"))
            let call = try up.slowCall("10m")
            up.program.signal(SIGINT)
            // Two of one kind that come together would be one.
            #expect(try isLeft(up.gateway + "/-/health"))
            let began = ContinuousClock.now
            up.program.signal(second)
            #expect(up.program.wait() == 130)
            // Without the second one it would wait for the call for 20 seconds.
            #expect(ContinuousClock.now - began < .seconds(15))
            #expect(call.wait() != 0)
        }

        #if os(Linux)
            @Test("5,000 calls through the gateway, a tenth of them broken off by the provider, leave no descriptor behind")
            func descriptors() throws {
                let directory = try TemporaryDirectory()
                let up = try Up(data: directory.file("data"))
                func open() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/\(up.program.identifier)/fd").count }
                /// Calls from eight connections at once, which the gateway keeps whatever the provider does; prints how often each outcome came.
                func call(_ count: Int) throws -> String {
                    let script = """
                        import collections, http.client, sys, threading
                        host, path, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
                        seen, lock = collections.Counter(), threading.Lock()
                        def work():
                            connection = http.client.HTTPConnection(host, timeout=60)
                            connection.connect()
                            connection.auto_open = 0
                            for _ in range(count // 8):
                                connection.request("GET", path)
                                answer = connection.getresponse()
                                answer.read()
                                with lock: seen[answer.getheader("Bujeol-Outcome")] += 1
                            connection.close()
                        threads = [threading.Thread(target=work) for _ in range(8)]
                        [thread.start() for thread in threads]
                        [thread.join() for thread in threads]
                        print(" ".join(f"{name}={seen[name]}" for name in sorted(seen)))
                        """
                    let host = up.gateway.replacingOccurrences(of: "http://", with: "")
                    let run = try Program.run(
                        "/usr/bin/env", ["python3", "-c", script, host, "/bootpay/receipt/" + receipt, String(count)])
                    #expect(run.code == 0, "\(run.errors)")
                    return run.output.trimmingCharacters(in: .whitespacesAndNewlines)
                }
                // One call opens what is opened once and for all. From then on only the connections to the sandbox may stay open, both ends in this process: one
                // from this call, and from each of the two runs as many as there were calls at one moment, at most eight.
                #expect(try curl(up.gateway + "/bootpay/receipt/" + receipt).contains("\"status\":1"))
                let most = try open() + 2 * (8 + 8)
                #expect(try call(400) == "delivered=400")
                for kind in ["truncate", "drop"] {
                    _ = try curl("-d", "{\"kind\":\"\(kind)\",\"times\":250,\"route\":\"verify\"}", up.sandbox + "/-/faults")
                }
                #expect(try call(5000) == "delivered=4500 unknown=500")
                // What was broken off is closed within the server's lingering time.
                let limit = ContinuousClock.now + .seconds(60)
                while try open() > most, ContinuousClock.now < limit { Thread.sleep(forTimeInterval: 0.05) }
                #expect(try open() <= most)
                #expect(up.end() == 0)
            }
        #endif

        @Test("The sandbox runs alone, without a gateway")
        func sandboxAlone() throws {
            let directory = try TemporaryDirectory()
            let program = try Program(
                bujeol,
                ["sandbox", "--sandbox-port", "0", "--sandbox-tls-port", "0", "--data", directory.file("data"), "--language", "en"])
            let sandbox = try #require(program.waitFor("sandbox\\s+(http://\\S+)"), "\(program.standardError)")
            #expect(program.waitFor("Ctrl-C") != nil)
            #expect(!program.standardOutput.contains("gateway  http"))
            #expect(try curl(sandbox + "/-/health").contains("\"ok\""))
            #expect(try curl(sandbox + "/bootpay/receipt/" + receipt).contains("401"))
            program.signal(SIGINT)
            #expect(program.wait() == 0)
        }

        @Test("The gateway runs alone; a provider that cannot be reached is a problem document that says nothing was sent")
        func gatewayAlone() throws {
            let directory = try TemporaryDirectory()
            let key = "CanaryKey+/0123456789abcdefghijklmnopqrstuv="
            let path = try write(
                "{ connections: { shop: { provider: 'bootpay', applicationID: 'abc', privateKey: { env: 'SHOP_KEY' }, origin: 'http://127.0.0.1:1' } } }",
                "gateway.json5", in: directory, mode: 0o644)
            let (program, address) = try gateway(path, environment: ["SHOP_KEY": key])
            for arguments in [["\(address)/shop/receipt/x"], ["-d", "{\"receipt_id\":\"x\"}", "\(address)/shop/cancel"]] {
                let answer = try Program.run("/usr/bin/env", ["curl", "-sS", "-i", "-m", "60"] + arguments).output
                #expect(answer.contains("application/problem+json") && answer.contains("Bujeol-Outcome: not-sent"), "\(answer)")
                #expect(!answer.contains(key))
            }
            #expect(try curl(address + "/-/health").contains("ok"))
            let ready = try Program.run("/usr/bin/env", ["curl", "-sS", "-i", "-m", "60", address + "/-/ready"]).output
            #expect(ready.contains(" 503 ") && ready.contains("\"ready\":false"), "\(ready)")
            #expect(!FileManager.default.fileExists(atPath: directory.file(".bujeol")))
            let visible = try arguments(of: program)
            #expect(visible.contains("bujeol") && !visible.contains(key))
            program.signal(SIGTERM)
            #expect(program.wait() == 0)
            #expect(program.standardError.contains("token not received"))
            #expect(!(program.standardError + program.standardOutput).contains(key))
        }

        @Test("Callbacks have a listener of their own, over TLS, which lets in nothing else")
        func callbacks() throws {
            let directory = try TemporaryDirectory()
            let made = try Program.run(
                "/usr/bin/env",
                [
                    "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=shop.example.kr", "-addext",
                    "subjectAltName=DNS:shop.example.kr", "-keyout", directory.file("key.pem"), "-out", directory.file("certificate.pem"),
                ])
            #expect(made.code == 0, "\(made.errors)")
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: directory.file("key.pem"))
            let path = try write(
                """
                {
                  gateway: { callbacks: { port: 0, tls: { certificate: '\(directory.file("certificate.pem"))', key: { file: '\(directory.file("key.pem"))' } } } },
                  connections: { shop: { provider: 'sentbe', partnerID: '1', accessID: 'a', secretKey: 'b', origin: 'http://127.0.0.1:1' } },
                }
                """, "callbacks.json5", in: directory)
            let (program, address) = try gateway(path)
            let door = try #require(program.waitFor("callbacks\\s+https://127.0.0.1:(\\d+)"))
            func ask(_ target: String) throws -> String {
                try curl(
                    "-i", "--cacert", directory.file("certificate.pem"), "--resolve", "shop.example.kr:\(door):127.0.0.1", "-d", "{}",
                    "https://shop.example.kr:\(door)\(target)")
            }
            // The connection itself has read this one, and found no callback in it.
            #expect(try ask("/shop/callback").contains("this is no callback"))
            #expect(try ask("/shop/inbound/transfers").contains(" 404 "))
            #expect(try ask("/-/health").contains(" 404 "))
            #expect(try curl(address + "/-/health").contains("ok"))
            program.signal(SIGTERM)
            #expect(program.wait() == 0)
        }

        @Test("A gateway without a single connection says so instead of serving nothing")
        func noConnections() throws {
            let directory = try TemporaryDirectory()
            for text in ["{}", "{ connections: {} }"] {
                let path = try write(text, "empty.json5", in: directory)
                let run = try Program.run(bujeol, ["gateway", "--config", path, "--gateway-port", "0", "--language", "en"])
                #expect(run.code == 78)
                #expect(run.errors.contains("empty.json5") && run.errors.contains("connections"), "\(run.errors)")
            }
        }

        @Test("A gateway that other machines can reach warns of each connection that anybody could call")
        func openToOthers() throws {
            let directory = try TemporaryDirectory()
            let connection = "provider: 'bootpay', applicationID: 'abc', privateKey: 'abc'"
            let callers = "callers: [ { id: 'a', key: 'b' } ]"
            let rows = [
                ("0.0.0.0", "{ shop: { \(connection) }, own: { \(connection), requireCaller: true } }", ["shop"]),
                ("127.0.0.1", "{ shop: { \(connection) } }", []), ("::1", "{ shop: { \(connection) } }", []),
            ]
            for (address, connections, expected) in rows where address != "::1" || hasIPv6Loopback {
                let path = try write(
                    "{ gateway: { address: '\(address)', \(callers) }, connections: \(connections) }", "open.json5", in: directory)
                let (program, _) = try gateway(path)
                #expect(program.waitFor("Ctrl-C") != nil)
                program.signal(SIGTERM)
                #expect(program.wait() == 0)
                let warnings = program.standardError.split(separator: "\n").filter { $0.contains("requireCaller") }
                #expect(warnings.count == expected.count, "\(address): \(program.standardError)")
                for name in expected { #expect(warnings.contains { $0.contains("\"\(name)\"") }) }
            }
        }

        @Test("The gateway reaches the sandbox over TLS when it trusts its authority, and sends nothing when it does not")
        func overTLS() throws {
            let directory = try TemporaryDirectory()
            let up = try Up(data: directory.file("data"))
            let port = try #require(up.program.waitFor("https://127\\.0\\.0\\.1:(\\d+)"))
            for (network, outcome) in [("network: { trust: '\(directory.file("data/ca.pem"))' }, ", "delivered"), ("", "not-sent")] {
                let path = try write(
                    """
                    { \(network)connections: { bootpay: { applicationID: '5b8f6a4d396fa665fdc2b5ea',
                      privateKey: 'rm6EYECr6aroQVG2ntW0A6LpWnkTgP4uQ3H18sDDUYw=', origin: 'https://localhost:\(port)/bootpay' } } }
                    """, "tls.json5", in: directory)
                let (program, address) = try gateway(path)
                let answer = try Program.run("/usr/bin/env", ["curl", "-sS", "-i", "-m", "60", address + "/bootpay/receipt/" + receipt])
                    .output
                #expect(answer.contains("Bujeol-Outcome: \(outcome)\r\n"), "\(answer)")
                #expect(answer.contains(outcome == "delivered" ? "\"status\":1" : "handshake-failed"))
                program.signal(SIGTERM)
                #expect(program.wait() == 0)
            }
            #expect(try curl(up.sandbox + "/-/requests?route=verify").components(separatedBy: "\"route\":\"verify\"").count == 2)
            #expect(up.end() == 0)
        }

        @Test("On the TLS port the Host field decides whose call it is; without one, the name of the handshake does")
        func names() throws {
            let directory = try TemporaryDirectory()
            let up = try Up(data: directory.file("data"))
            let port = try #require(up.program.waitFor("https://127\\.0\\.0\\.1:(\\d+)"))
            func ask(_ name: String, _ request: String) throws -> String {
                try Program.run(
                    "/bin/sh",
                    [
                        "-c",
                        "printf '\(request)\\r\\nConnection: close\\r\\n\\r\\n' | openssl s_client -quiet -verify_return_error -CAfile \(directory.file("data/ca.pem")) "
                            + "-verify_hostname \(name) -servername \(name) -connect 127.0.0.1:\(port) 2>/dev/null",
                    ]
                ).output
            }
            for name in ["api.bootpay.co.kr", "dev-api.bootpay.co.kr", "stage-api.bootpay.co.kr", "test-api.bootpay.co.kr"] {
                #expect(try ask(name, "GET /receipt/x HTTP/1.1\\r\\nHost: \(name)").contains("-2400"), "\(name)")
                // The whole path is Bootpay's there, the control API's too.
                #expect(try ask(name, "GET /-/health HTTP/1.1\\r\\nHost: \(name)").contains("-2400") == false)
                #expect(try ask(name, "GET /-/health HTTP/1.1\\r\\nHost: \(name)").contains("404"))
            }
            #expect(try ask("api.bootpay.co.kr", "GET /receipt/x HTTP/1.0").contains("-2400"))
            #expect(try ask("localhost", "GET /receipt/x HTTP/1.1\\r\\nHost: api.bootpay.co.kr:443").contains("-2400"))
            #expect(try ask("api.bootpay.co.kr", "GET /-/health HTTP/1.1\\r\\nHost: localhost").contains("\"ok\""))
            #expect(try ask("api.bootpay.co.kr", "GET /-/health HTTP/1.1\\r\\nHost: evil.example").contains("403"))
            #expect(try ask("evil.example", "GET /receipt/x HTTP/1.1\\r\\nHost: evil.example") == "")
            #expect(up.end() == 0)
        }

        @Test("A key written into a file that others can read is refused with exit code 78, and not repeated")
        func literalSecret() throws {
            let directory = try TemporaryDirectory()
            let key = "CanaryKey+/0123456789abcdefghijklmnopqrstuv="
            let text = "{\n  connections: {\n    bootpay: { applicationID: 'abc', privateKey: '\(key)' },\n  },\n}"
            for mode in [0o644, 0o640, 0o604] {
                let path = try write(text, "open.json5", in: directory, mode: mode)
                for command in ["check", "gateway"] {
                    let run = try Program.run(bujeol, [command, "--config", path, "--gateway-port", "0", "--language", "en"])
                    #expect(run.code == 78)
                    #expect(run.errors.contains("open.json5:3:") && run.errors.contains("chmod 600"), "\(run.errors)")
                    #expect(!(run.errors + run.output).contains(key))
                }
            }
            let path = try write(text, "closed.json5", in: directory)
            #expect(try Program.run(bujeol, ["check", "--config", path]).code == 0)
            let loose = try write(key, "key", in: directory, mode: 0o644)
            let reference = try write(
                "{ connections: { bootpay: { applicationID: 'abc', privateKey: { file: '\(loose)' } } } }", "ref.json5", in: directory)
            let run = try Program.run(bujeol, ["check", "--config", reference, "--language", "en"])
            #expect(run.code == 78 && run.errors.contains("can be read by others") && !run.errors.contains(key), "\(run.errors)")
        }

        @Test("A caller that the gateway demands a token of gets nowhere without one, nor with a wrong key")
        func requireCaller() throws {
            let directory = try TemporaryDirectory()
            let up = try Up(data: directory.file("data"))
            let path = try write(
                """
                { gateway: { callers: [ { name: 'shop', id: 'shop-1', key: 'CallerKeyCanary0001' } ] },
                  connections: { bootpay: { applicationID: '5b8f6a4d396fa665fdc2b5ea', privateKey: 'rm6EYECr6aroQVG2ntW0A6LpWnkTgP4uQ3H18sDDUYw=',
                    origin: '\(up.sandbox)/bootpay', requireCaller: true } } }
                """, "gateway.json5", in: directory)
            let (program, address) = try gateway(path)
            func ask(_ key: String) throws -> String {
                try curl(
                    "-H", "Content-Type: application/json", "-d", "{\"application_id\":\"shop-1\",\"private_key\":\"\(key)\"}",
                    address + "/bootpay/request/token")
            }
            #expect(try curl(address + "/bootpay/receipt/" + receipt).contains("\"refused\""))
            #expect(
                try curl("-H", "Authorization: " + String(repeating: "0", count: 64), address + "/bootpay/receipt/" + receipt).contains(
                    "\"refused\""))
            #expect(try ask("CallerKeyCanary0002").contains("caller-unknown"))
            let answer = try JSONSerialization.jsonObject(with: Data(try ask("CallerKeyCanary0001").utf8)) as? [String: Any]
            let token = try #require((answer?["data"] as? [String: Any])?["token"] as? String)
            #expect(try curl("-H", "Authorization: " + token, address + "/bootpay/receipt/" + receipt).contains("\"status\":1"))
            // The gateway's token is worth nothing at the provider itself.
            #expect(try curl("-H", "Authorization: " + token, up.sandbox + "/bootpay/receipt/" + receipt).contains("401"))
            program.signal(SIGTERM)
            #expect(program.wait() == 0)
            #expect(!program.standardError.contains("CallerKeyCanary") && !program.standardError.contains(token))
            #expect(up.end() == 0)
        }
    }
}
