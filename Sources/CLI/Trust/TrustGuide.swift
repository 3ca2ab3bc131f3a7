import Base
import Cryptography

/// How programs are brought to trust the sandbox's certificate authority, and to reach the sandbox under the providers' real host names.
struct TrustGuide: Sendable {
    /// One host name of a provider.
    struct Host: Sendable, Hashable {
        var name: String
        /// Whether callers must show a certificate there.
        var demandsCertificate: Bool
    }

    /// A caller's certificate and key, as files.
    struct Identity: Sendable, Hashable {
        var certificate: String
        var key: String
    }

    /// What is told about one kind of program.
    struct Section: Sendable {
        /// The program's name.
        var title: String
        /// What to know first.
        var note: BilingualText?
        /// Lines to paste, in the program's own language; for a shell when the program is none.
        var lines: [String]
    }

    /// Where the root certificate stands; an absolute path, so that the lines work wherever they are pasted.
    var authorityFile: String
    /// The TLS port on this machine.
    var port: Int
    /// The providers' host names.
    var hosts: [Host]
    /// A certificate that callers may show, when there is one.
    var identity: Identity?

    /// The host that the examples call: one that demands a certificate when there is one to show.
    var example: Host? { hosts.first { $0.demandsCertificate == (identity != nil) } ?? hosts.first }

    /// The name in the examples.
    private var host: String { example?.name ?? "localhost" }

    /// What the examples show of a caller, if anything is asked.
    private var shown: Identity? { example?.demandsCertificate == true ? identity : nil }

    /// Every kind of program.
    var sections: [Section] { [curl, python, node, java, go, swift, swiftElsewhere] }

    // MARK: Scripts that can be pasted into a shell

    var curl: Section {
        let trust = "curl -sS --cacert \(Self.shell(authorityFile))"
        let caller = shown.map { " --cert \(Self.shell($0.certificate)) --key \(Self.shell($0.key))" } ?? ""
        return Section(
            title: "curl", note: nil,
            lines: [
                "\(trust) https://127.0.0.1:\(port)/-/health",
                "\(trust)\(caller) --connect-to \(host):443:127.0.0.1:\(port) https://\(host)/",
                "\(trust)\(caller) --resolve \(host):\(port):127.0.0.1 https://\(host):\(port)/",
            ])
    }

    var java: Section {
        var lines = [
            "keytool -importcert -noprompt -alias bujeol -file \(Self.shell(authorityFile)) -keystore bujeol-trust.p12 -storetype PKCS12 -storepass changeit",
            "echo '127.0.0.1 \(host)' > bujeol-hosts",
        ]
        var options =
            "-Djavax.net.ssl.trustStore=bujeol-trust.p12 -Djavax.net.ssl.trustStorePassword=changeit -Djdk.net.hosts.file=bujeol-hosts"
        if let shown {
            lines.append(
                "openssl pkcs12 -export -in \(Self.shell(shown.certificate)) -inkey \(Self.shell(shown.key)) -out bujeol-caller.p12 -passout pass:changeit"
            )
            options += " -Djavax.net.ssl.keyStore=bujeol-caller.p12 -Djavax.net.ssl.keyStorePassword=changeit"
        }
        lines.append("java \(options) -jar your-program.jar")
        return Section(
            title: "Java",
            note: BilingualText(
                korean: "hosts 파일은 이름만 바꾸므로 https://\(host):\(port) 주소로 부르거나, 샌드박스를 --sandbox-tls-port 443으로 켜세요.",
                english:
                    "The hosts file changes names only: call https://\(host):\(port), or start the sandbox with --sandbox-tls-port 443."),
            lines: lines)
    }

    // MARK: Programs

    var python: Section {
        let caller = shown.map { ", cert=(\(Self.text($0.certificate)), \(Self.text($0.key)))" } ?? ""
        return Section(
            title: "Python (requests)",
            note: BilingualText(
                korean: "코드를 바꾸지 않으려면 환경 변수를 주세요: REQUESTS_CA_BUNDLE=\(Self.shell(authorityFile))",
                english: "Without a change to the code: REQUESTS_CA_BUNDLE=\(Self.shell(authorityFile)) in the environment."),
            lines: [
                "import requests, socket",
                "",
                "look_up = socket.getaddrinfo",
                "def to_sandbox(host, port, *rest, **named):",
                "    return look_up(*((\"127.0.0.1\", \(port)) if host == \(Self.text(host)) else (host, port)), *rest, **named)",
                "socket.getaddrinfo = to_sandbox",
                "",
                "reply = requests.get(\"https://\(host)/\", verify=\(Self.text(authorityFile))\(caller))",
                "print(reply.status_code)",
            ])
    }

    var node: Section {
        let caller = shown.map { ", cert: fs.readFileSync(\(Self.text($0.certificate))), key: fs.readFileSync(\(Self.text($0.key)))" } ?? ""
        return Section(
            title: "Node.js",
            note: BilingualText(
                korean: "코드를 바꾸지 않으려면 환경 변수를 주세요: NODE_EXTRA_CA_CERTS=\(Self.shell(authorityFile))",
                english: "Without a change to the code: NODE_EXTRA_CA_CERTS=\(Self.shell(authorityFile)) in the environment."),
            lines: [
                "const https = require(\"https\"), fs = require(\"fs\");",
                "const agent = new https.Agent({ ca: fs.readFileSync(\(Self.text(authorityFile)))\(caller) });",
                "const lookup = (name, options, done) =>",
                "  options.all ? done(null, [{ address: \"127.0.0.1\", family: 4 }]) : done(null, \"127.0.0.1\", 4);",
                "https.get({ host: \(Self.text(host)), port: \(port), path: \"/\", agent, lookup }, reply => {",
                "  console.log(reply.statusCode);",
                "  reply.resume();",
                "});",
            ])
    }

    var go: Section {
        var lines = [
            "package main",
            "",
            "import (\"context\"; \"crypto/tls\"; \"crypto/x509\"; \"fmt\"; \"log\"; \"net\"; \"net/http\"; \"os\")",
            "",
            "func main() {",
            "\tpem, err := os.ReadFile(\(Self.text(authorityFile)))",
            "\tif err != nil { log.Fatal(err) }",
            "\tsettings := &tls.Config{RootCAs: x509.NewCertPool()}",
            "\tsettings.RootCAs.AppendCertsFromPEM(pem)",
        ]
        if let shown {
            lines += [
                "\tcaller, err := tls.LoadX509KeyPair(\(Self.text(shown.certificate)), \(Self.text(shown.key)))",
                "\tif err != nil { log.Fatal(err) }",
                "\tsettings.Certificates = []tls.Certificate{caller}",
            ]
        }
        lines += [
            "\tdial := func(ctx context.Context, network, address string) (net.Conn, error) {",
            "\t\tif address == \"\(host):443\" { address = \"127.0.0.1:\(port)\" }",
            "\t\treturn (&net.Dialer{}).DialContext(ctx, network, address)",
            "\t}",
            "\tclient := &http.Client{Transport: &http.Transport{TLSClientConfig: settings, DialContext: dial}}",
            "\treply, err := client.Get(\"https://\(host)/\")",
            "\tif err != nil { log.Fatal(err) }",
            "\tfmt.Println(reply.StatusCode)",
            "}",
        ]
        return Section(
            title: "Go",
            note: BilingualText(
                korean: "리눅스에서 코드를 바꾸지 않으려면 환경 변수를 주세요. 시스템 인증 기관 대신 이것만 믿습니다: SSL_CERT_FILE=\(Self.shell(authorityFile))",
                english:
                    "On Linux, without a change to the code: SSL_CERT_FILE=\(Self.shell(authorityFile)), which takes the place of the system's authorities."
            ),
            lines: lines)
    }

    var swift: Section {
        var lines = [
            "import Cryptography",
            "import Foundation",
            "import Transport",
            "",
            "let trust = try TLSTrust.bundle(pem: String(contentsOfFile: \(Self.text(authorityFile)), encoding: .utf8))",
        ]
        if let shown {
            lines += [
                "let caller = try TLSIdentity(",
                "    certificateChainPEM: String(contentsOfFile: \(Self.text(shown.certificate)), encoding: .utf8),",
                "    privateKeyPEM: Secret(String(contentsOfFile: \(Self.text(shown.key)), encoding: .utf8)))",
            ]
            lines.insert("import Base", at: 0)
        }
        lines += [
            "let origin = HTTPOrigin(isSecure: true, host: \(Self.text(host)), port: 443)",
            "let configuration = HTTPClient.Configuration(",
            "    trust: trust, \(shown == nil ? "" : "identity: caller, ")addressOverrides: [origin: SocketAddress(numericHost: \"127.0.0.1\", port: \(port))!])",
            "let client = try HTTPClient(group: EventLoopGroup(), configuration: configuration)",
            "let reply = try await client.send(HTTPRequest(method: .get, target: \"/\"), to: origin, timeouts: HTTPTimeouts())",
            "print(reply.status)",
        ]
        return Section(title: "Swift (Bujeol)", note: nil, lines: lines)
    }

    var swiftElsewhere: Section {
        let caller = shown.map { caller in
            "; tls.certificateChain = NIOSSLCertificate.fromPEMFile(\(Self.text(caller.certificate))).map { .certificate($0) }"
                + "; tls.privateKey = .file(\(Self.text(caller.key)))"
        }
        return Section(
            title: "Swift (AsyncHTTPClient, URLSession)", note: nil,
            lines: [
                "// AsyncHTTPClient: tls.trustRoots = .file(\(Self.text(authorityFile)))\(caller ?? ""); configuration.dnsOverride = [\(Self.text(host)): \"127.0.0.1\"]",
                "// URLSession on Linux: URLSessionCertificateAuthorityInfoFile=\(Self.shell(authorityFile)) in the environment; on macOS: "
                    + "SecTrustSetAnchorCertificates in the delegate's answer to NSURLAuthenticationMethodServerTrust",
            ])
    }

    // MARK: Quoting

    /// A word as a shell takes it.
    static func shell(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "/._-+:@%=".utf8.contains(byte)
            }
        return isPlain ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    /// A text as Python, JavaScript, Go and Swift write it between double quotes.
    static func text(_ text: String) -> String { JSON.string(text).text }
}
