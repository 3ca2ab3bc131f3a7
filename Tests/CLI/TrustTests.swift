import Base
import Cryptography
import Foundation
import ProviderKit
import Sandbox
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport

@testable import bujeol

/// A provider with a host where callers must show a certificate.
private final class StrictService: SandboxService {
    static let provider = "strict"
    static let hosts = ["api.strict.test", "open.strict.test"]
    static let hostsWithClientCertificates: Set<String> = ["api.strict.test"]

    init(environment: SandboxEnvironment) async throws {}
    func respond(to call: Call, from source: CallSource) async -> Judgement {
        Judgement(reply: Reply(status: source.peer.tls?.clientCertificate == nil ? 202 : 207, json: [:]))
    }
    func control(_ call: Call, tenant: TenantID) async -> Reply? { nil }
    func createTenant(_ tenant: TenantID, settings: JSON) async throws -> JSON { [:] }
    func removeTenant(_ tenant: TenantID) async throws {}
    func settle(_ tenant: TenantID) async -> Timestamp? { nil }
    func introduction(baseURL: String) -> [BilingualText] { [] }
}

/// Whether a program is on this machine.
private func has(_ program: String) -> Bool {
    (try? Program.run("/bin/sh", ["-c", "command -v \(program) && \(program) \(program == "keytool" ? "-help" : "--version")"]).code) == 0
}

@Suite("Trusting the sandbox")
struct TrustTests {
    /// A TLS port whose authority and callers' files stand in a folder with a quote and spaces in its name.
    private struct Port {
        let guide: TrustGuide
        let folder: String
        let server: HTTPServer
        private let group: EventLoopGroup
        private let directory: TemporaryDirectory

        init(withIdentity: Bool) async throws {
            directory = try TemporaryDirectory()
            let folder = directory.file("it's a $folder \"here\"")
            self.folder = folder
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let authority = try SandboxAuthority(directory: folder, time: SystemTime())
            let sandbox = try await Sandbox(
                services: [StrictService.self], database: Database(.memory), time: SystemTime(), random: SystemRandom(), exchange: Nobody(),
                configuration: SandboxConfiguration(version: "1", baseURL: { "http://127.0.0.1" }))
            group = try EventLoopGroup(count: 1)
            let configuration = HTTPServerConfiguration(tls: try sandbox.serverContext(authority: authority.authority))
            let address = try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
            server = try HTTPServer(group: group, address: address, configuration: configuration, handler: sandbox)
            var identity: TrustGuide.Identity?
            if withIdentity {
                let validity = CertificateValidity(from: SystemTime().now, days: 30)
                let caller = try authority.authority.issueClientIdentity(name: "app", validity: validity)
                try caller.certificateChainPEM.write(toFile: folder + "/app_public.crt", atomically: true, encoding: .utf8)
                try caller.privateKey.pem.withText { try $0.write(toFile: folder + "/app_private.key", atomically: true, encoding: .utf8) }
                identity = TrustGuide.Identity(certificate: folder + "/app_public.crt", key: folder + "/app_private.key")
            }
            guide = TrustGuide(
                authorityFile: folder + "/ca.pem", port: server.address.port,
                hosts: [
                    .init(name: "open.strict.test", demandsCertificate: false), .init(name: "api.strict.test", demandsCertificate: true),
                ],
                identity: identity)
        }

        /// What the lines of a section print, in the folder.
        func output(_ section: TrustGuide.Section, by command: String...) throws -> String {
            let script = folder + "/script"
            try section.lines.joined(separator: "\n").write(toFile: script, atomically: true, encoding: .utf8)
            let run = try Program.run(
                "/bin/sh", ["-c", "cd \"$FOLDER\" && exec \(command.joined(separator: " "))"], environment: ["FOLDER": folder])
            return run.code == 0 ? run.output : "failed: \(run.errors)\(run.output)"
        }

        func end() async {
            await server.shutdown(deadline: .zero)
            group.stop()
        }
    }

    private struct Nobody: HTTPExchange {
        func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
            throw HTTPExchangeError(.connectionRefused, outcome: .notSent, message: "there is no network")
        }
    }

    @Test(
        "The lines for curl, Python and Node.js work as they are pasted, with a caller's certificate and without", arguments: [true, false])
    func pasted(withIdentity: Bool) async throws {
        let port = try await Port(withIdentity: withIdentity)
        let status = withIdentity ? "207" : "202"
        #expect(port.guide.example?.demandsCertificate == withIdentity)
        var shell = port.guide.curl
        #expect(shell.lines.count == 3)
        shell.lines = shell.lines.map { $0 + " -o /dev/null -w '%{http_code}\\n'" }
        #expect(try port.output(shell, by: "sh script") == "200\n\(status)\n\(status)\n")
        if (try? Program.run("/usr/bin/env", ["python3", "-c", "import requests"]).code) == 0 {
            #expect(try port.output(port.guide.python, by: "python3 script") == "\(status)\n")
        }
        if has("node") { #expect(try port.output(port.guide.node, by: "node script") == "\(status)\n") }
        await port.end()
    }

    @Test("The variables of the environment that are named make unchanged programs trust the authority")
    func environment() async throws {
        let port = try await Port(withIdentity: false)
        let address = "https://localhost:\(port.server.address.port)/-/health"
        let variable = { (note: BilingualText?) -> String in
            let text = note?.english ?? ""
            return String(text[(text.range(of: ": ")?.upperBound ?? text.startIndex)...].prefix { $0 != ";" })
                .replacingOccurrences(of: " in the environment.", with: "")
        }
        let python = TrustGuide.Section(
            title: "",
            lines: ["\(variable(port.guide.python.note)) python3 -c 'import requests; print(requests.get(\"\(address)\").status_code)'"])
        if (try? Program.run("/usr/bin/env", ["python3", "-c", "import requests"]).code) == 0 {
            #expect(try port.output(python, by: "sh script") == "200\n")
        }
        let script = "require(\"https\").get(\"\(address)\", reply => { console.log(reply.statusCode); reply.resume(); })"
        let node = TrustGuide.Section(title: "", lines: ["\(variable(port.guide.node.note)) node -e '\(script)'"])
        if has("node") { #expect(try port.output(node, by: "sh script") == "200\n") }
        await port.end()
    }

    @Test("Java reaches the real host name with the stores that the lines make", .enabled(if: has("keytool") && has("java")))
    func java() async throws {
        let port = try await Port(withIdentity: true)
        let program = """
            public class Ask {
                public static void main(String[] words) throws Exception {
                    var link = (javax.net.ssl.HttpsURLConnection) new java.net.URL(words[0]).openConnection();
                    System.out.println(link.getResponseCode());
                }
            }
            """
        try program.write(toFile: port.folder + "/Ask.java", atomically: true, encoding: .utf8)
        var section = port.guide.java
        let last = section.lines.removeLast()
        #expect(try !port.output(section, by: "sh script").hasPrefix("failed"))
        let made = try FileManager.default.contentsOfDirectory(atPath: port.folder)
        #expect(made.contains("bujeol-trust.p12") && made.contains("bujeol-caller.p12") && made.contains("bujeol-hosts"))
        // Without a compiler the program cannot be made.
        if has("javac") {
            section.lines = [
                last.replacingOccurrences(
                    of: "-jar your-program.jar", with: "Ask.java https://api.strict.test:\(port.server.address.port)/")
            ]
            #expect(try port.output(section, by: "sh script") == "207\n")
        }
        await port.end()
    }

    @Test("Go reaches the real host name", .enabled(if: (try? Program.run("/bin/sh", ["-c", "go version"]).code) == 0))
    func go() async throws {
        let port = try await Port(withIdentity: true)
        #expect(try port.output(port.guide.go, by: "sh -c 'cp script ask.go && go run ask.go'") == "207\n")
        await port.end()
    }

    @Test("A shell and a program take back what was quoted", arguments: ["/plain/path", "it's", "a b", "$x `y` \"z\" \\", ""])
    func quoting(word: String) throws {
        #expect(try Program.run("/bin/sh", ["-c", "printf %s \(TrustGuide.shell(word))"]).output == word)
        #expect(try Program.run("/usr/bin/env", ["python3", "-c", "print(\(TrustGuide.text(word)), end='')"]).output == word)
    }

    @Test("An authority that is about to expire is announced, and one that has expired is not used")
    func expiry() throws {
        let directory = try TemporaryDirectory()
        let authority = try SandboxAuthority(directory: directory.path, time: SystemTime())
        let end = authority.authority.certificate.notAfter
        // What a tenant's clock of years ago signs is good as well.
        #expect(authority.authority.certificate.notBefore == Timestamp(unixSeconds: 946_684_800))
        #expect(authority.daysLeft(at: end - .seconds(86_400 * 31)) == 31)
        #expect(authority.warning(at: end - .seconds(86_400 * 31)) == nil)
        let soon = try #require(authority.warning(at: end - .seconds(86_400 * 3)))
        #expect(soon.english.contains("in 3 days") && soon.english.contains("ca.key") && soon.korean.contains("3일 뒤"))
        #expect(throws: Never.self) { try authority.checkExpiry(at: end - .seconds(1)) }
        let error = #expect(throws: StartFailure.self) { try authority.checkExpiry(at: end + .seconds(1)) }
        #expect(error?.message.english.contains("has expired") == true)
    }
}
