import AppsInToss
import Base
import Cryptography
import Foundation
import TestSupport
import Testing
import Transport

@Suite("Apps in Toss: client, mutual TLS against Python's TLS server", .serialized)
struct ClientMutualTLSTests {
    /// A server that demands a client certificate, and answers login-me with the certificate's serial number as the userKey.
    private static let server = """
        import ssl, sys, json, http.server
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_GET(self):
                peer = self.connection.getpeercert()
                name = dict(part[0] for part in peer["subject"])["commonName"]
                body = json.dumps({"resultType": "SUCCESS", "success": {"userKey": int(peer["serialNumber"][-12:], 16), "scope": "user_key",
                    "agreedTerms": [name, self.path]}}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *_): pass
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        context.load_verify_locations(sys.argv[3])
        context.verify_mode = ssl.CERT_REQUIRED
        class Server(http.server.ThreadingHTTPServer):
            def finish_request(self, request, address):
                super().finish_request(context.wrap_socket(request, server_side=True), address)
            def handle_error(self, *_): pass
        server = Server(("127.0.0.1", 0), Handler)
        print("port", server.server_address[1], flush=True)
        server.serve_forever()
        """

    private struct Place {
        let directory: TemporaryDirectory
        let program: Program
        let base: String
        let authority: CertificateAuthority
        let trust: TLSTrust
        let validity: CertificateValidity

        init() throws {
            directory = try TemporaryDirectory()
            validity = CertificateValidity(from: SystemTime().now, days: 390)
            authority = try CertificateAuthority(name: "test", validity: validity)
            let server = try authority.issueServerIdentity(names: ["127.0.0.1"], validity: validity)
            let pem = try Place.write(server, to: directory, name: "server")
            let bundle = directory.file("ca.pem")
            try authority.certificate.pem.write(toFile: bundle, atomically: true, encoding: .utf8)
            let script = directory.file("server.py")
            try ClientMutualTLSTests.server.write(toFile: script, atomically: true, encoding: .utf8)
            program = try Program("/usr/bin/env", ["python3", script, pem.certificate, pem.key, bundle])
            let port = try #require(program.waitFor("port ([0-9]+)"), "\(program.standardError)")
            base = "https://127.0.0.1:\(port)/prefix"
            trust = .authorities([authority.certificate])
        }

        static func write(_ identity: TLSIdentity, to directory: TemporaryDirectory, name: String) throws -> (
            certificate: String, key: String
        ) {
            let files = (directory.file(name + "_public.crt"), directory.file(name + "_private.key"))
            try identity.certificateChainPEM.write(toFile: files.0, atomically: true, encoding: .utf8)
            let key = identity.privateKey.pem.withText { $0 }
            _ = FileManager.default.createFile(atPath: files.1, contents: Data(key.utf8), attributes: [.posixPermissions: 0o600])
            return files
        }

        func identity(_ name: String) throws -> TLSIdentity { try authority.issueClientIdentity(name: name, validity: validity) }
    }

    @Test("The two files of the console prove the mini-app, and another pair takes over without a new client")
    func files() async throws {
        let place = try Place()
        let files = try Place.write(try place.identity("shop"), to: place.directory, name: "shop")
        let client = try AppsInTossClient(
            certificate: .file(files.certificate), key: .file(files.key), trust: place.trust, base: place.base)
        let first = try await client.login.profile("t")
        #expect(first.agreedTerms == ["shop", "/prefix/api-partner/v1/apps-in-toss/user/oauth2/login-me"])
        try await client.replaceIdentity(place.identity("shop-2"))
        let second = try await client.login.profile("t")
        #expect(second.agreedTerms.first == "shop-2" && second.userKey != first.userKey)
        await client.shutDown()
    }

    @Test("A certificate out of an environment variable, in Base64 as a whole, works as well")
    func texts() async throws {
        let place = try Place()
        let identity = try place.identity("shop")
        let certificate = Base64.encode(Array(identity.certificateChainPEM.utf8))
        let key = identity.privateKey.pem.withText { $0.replacing("\n", with: "\\n") }
        let client = try AppsInTossClient(
            certificate: .text(Secret(certificate)), key: .text(Secret(key)), trust: place.trust, base: place.base)
        #expect(try await client.login.profile("t").agreedTerms.first == "shop")
        await client.shutDown()
    }

    @Test("A certificate of another authority brings no answer, and a server that is not trusted gets no request")
    func foreign() async throws {
        let place = try Place()
        let foreign = try CertificateAuthority(name: "foreign", validity: place.validity)
        let stranger = try foreign.issueClientIdentity(name: "shop", validity: place.validity)
        let refused = try AppsInTossClient(identity: stranger, trust: place.trust, base: place.base)
        let error = await clientFailure { try await refused.login.profile("t") }
        #expect(error?.code == .unreachable)
        await refused.shutDown()
        let distrustful = try AppsInTossClient(
            identity: place.identity("shop"), trust: .authorities([foreign.certificate]), base: place.base)
        let second = await clientFailure { try await distrustful.login.profile("t") }
        #expect(second?.code == .unreachable && second?.outcome == .notSent && second?.message.english.contains("certificate") == true)
        await distrustful.shutDown()
    }

    @Test("A pair that does not belong together, or whose file anybody may read, is refused with words")
    func unusable() async throws {
        let place = try Place()
        let one = try Place.write(try place.identity("one"), to: place.directory, name: "one")
        let two = try Place.write(try place.identity("two"), to: place.directory, name: "two")
        #expect(
            await clientFailure { try AppsInTossClient(certificate: .file(one.certificate), key: .file(two.key)) }?
                .code == .certificateUnusable)
        let missing = await clientFailure { () throws(AppsInTossError) in
            try AppsInTossClient(certificate: .file("/nowhere"), key: .file(two.key))
        }
        #expect(
            missing?.code == .certificateUnusable && missing?.outcome == .notSent && missing?.message.korean.contains("/nowhere") == true)
        #expect(await clientFailure { try AppsInTossClient(gateway: "127.0.0.1") }?.code == .invalidRequest)
    }
}
