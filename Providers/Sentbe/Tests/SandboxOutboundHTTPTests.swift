import Base
import Foundation
import ProviderKit
import Sandbox
import SandboxKit
import Sentbe
import Storage
import TestSupport
import Testing
import Transport

@testable import SentbeSandbox

@Suite("Sentbe sandbox, outbound and second generation: over HTTP") struct SandboxOutboundHTTPTests {
    /// Serves a Sentbe sandbox on loopback while `body` runs.
    private func serving(_ body: (String) throws -> Void) async throws {
        let base = Locked("")
        let sandbox = try await Sandbox(
            services: [SentbeSandbox.self], database: try Database(.memory), time: SystemTime(), random: SystemRandom(),
            exchange: RecordingNetwork(), configuration: SandboxConfiguration(version: "test", baseURL: { base.withLock { $0 } }))
        let group = try EventLoopGroup(count: 1)
        let server = try HTTPServer(
            group: group, address: try #require(SocketAddress(numericHost: "127.0.0.1", port: 0)), handler: sandbox)
        base.withLock { $0 = "http://\(server.address)" }
        let outcome = Result { try body(base.withLock { $0 }) }
        await server.shutdown(deadline: .seconds(1))
        try outcome.get()
    }

    private func shell(_ script: String) throws -> String {
        let (code, output, errors) = try Program.run("/bin/sh", ["-c", script])
        #expect(code == 0, "\(errors)")
        return output
    }

    @Test("curl's own upload of a document is read, and the log shows nothing of it")
    func document() async throws {
        let directory = try TemporaryDirectory()
        let picture = directory.file("id.png")
        // With line ends and hyphens inside, and large enough to come in several pieces.
        let bytes = Outbound.picture + [UInt8](repeating: 0x0D, count: 150_000) + Array("\r\n--------------------------".utf8)
        try Data(bytes).write(to: URL(fileURLWithPath: picture))
        try await serving { base in
            let call = "curl -s \(base)/sentbe/outbound/verifications/document -H 'PARTNER-ID: 1' -H 'KEY: test_id'"
            let taken = try JSON(
                Array(shell("\(call) -F user_id=16 -F document_type=passport -F document=@\(picture)\\;type=image/png").utf8))
            #expect(taken == ["result": true, "data": ["id": "1"]])
            let refused = try JSON(Array(shell("\(call) -d user_id=16 -d document_type=passport").utf8))
            #expect(refused["errors"]?[0]?["error_code"] == "E0005")
            let documents = try JSON(Array(shell("curl -s \(base)/-/sentbe/outbound/documents").utf8))
            let digest = try shell("openssl dgst -sha256 -r \(picture)").prefix(64)
            #expect(documents[0]?["sha256"]?.string == String(digest) && documents[0]?["bytes"] == .number(bytes.count))
            let log = try JSON(Array(shell("curl -s \(base)/-/requests").utf8))["requests"]?.elements ?? []
            #expect(log.map { $0["verdict"]?["rule"]?.string } == ["document.content-type", nil])
            #expect(!JSON.array(log).text.contains("test_id") && log.allSatisfy { $0["route"] == "outbound-check-document" })
        }
    }

    @Test("A call that only curl and openssl made is taken, with the path as curl asked for it, and openssl opens the answer")
    func secondGeneration() async throws {
        try await serving { base in
            let script = """
                data=$(printf '%s' '{"user_id":"1001329"}' | openssl enc -aes-256-cbc -md md5 -salt -k 'bujeol data secret' -a -A 2>/dev/null)
                body="{\\"data\\":\\"$data\\"}"
                nonce=$(date +%s)
                sign() { printf '%s' "$1" | openssl dgst -sha256 -hmac 'bujeol hmac secret' -binary | openssl enc -a -A; }
                ask() { curl -s \(base)/sentbe/hanwha/getWebviewId -H 'Content-Type: application/json' -H 'x-api-key: bujeol-demo-api-key' \\
                    -H "x-api-nonce: $nonce" -H "x-api-signature: $1" -d "$body"; }
                ask "$(sign "$nonce/sentbe/hanwha/getWebviewId$body")" | sed 's/.*"data":"\\([^"]*\\)".*/\\1/' |
                    openssl enc -d -aes-256-cbc -md md5 -k 'bujeol data secret' -a -A 2>/dev/null
                echo
                ask "$(sign "$nonce$body")"
                """
            let lines = try shell(script).split(separator: "\n").map(String.init)
            try #require(lines.count == 2, "\(lines)")
            let opened = try JSON(lines[0])
            #expect(opened["user_id"] == "1001329")
            #expect(try JSON(lines[1])["code"] == 48)
            let token = try #require(opened["webview_id"]?.string)
            let page = try shell("curl -s '\(base)/sentbe/hanwha/webview/transfer?webview_id=\(token)'")
            #expect(page.contains("<button>송금 신청 (order)</button>"))
            let ordered = try shell(
                "curl -s '\(base)/sentbe/hanwha/webview/transfer' --data-urlencode webview_id=\(token) -d from_amount=100000 --data-urlencode 'to=VN VND'"
            )
            #expect(ordered.contains("id=\"tr_id\"") && ordered.contains("105000"))
            let log = try shell("curl -s \(base)/-/requests")
            #expect(try JSON(log)["requests"]?[2]?["verdict"]?["rule"] == "signature.other-url-form")
            // Neither what proves a call nor what it carried stands in the log.
            for secret in ["bujeol hmac", "bujeol data", token, "U2FsdGVkX1"] { #expect(!log.contains(secret), "\(secret)") }
        }
    }

    @Test("Forms of lists and of a document's id, and the scheme's own port in a signature, follow the settings")
    func forms() async throws {
        let house = try await SandboxHouse()
        try await house.set(["list_form": "first-row", "outbound_document_id_text": false, "generation2_url_form": "hostAndPath"])
        #expect(try await house.quick(.get, "/outbound/users", [:]).data["id"] == 16)
        #expect(try await house.quick(.get, "/outbound/recipients", [:]).data["id"] == 53)
        #expect(try await house.quick(.get, "/outbound/transfers", [:]).data["transfer_id"] == 49)
        #expect(try await house.quick(.get, "/outbound/remittance_codes/bank/PH", [:]).data["value"] == "10305")
        let parts: [(name: String, file: String?, body: [UInt8])] = [
            ("user_id", nil, Array("16".utf8)), ("document_type", nil, Array("passport".utf8)), ("document", "a.png", Outbound.picture),
        ]
        #expect(await house.document(parts).data == ["id": 1])
        let wish = Generation2Wish(url: "sentbe.example.test:443/hanwha/getWebviewId", host: "sentbe.example.test")
        #expect(try await house.generation2("getWebviewId", ["user_id": "1001329"], wish).isSuccess2)
    }

    @Test("Another tenant has partners, people and secrets of its own, and loses all of them when it is dropped")
    func tenants() async throws {
        let house = try await SandboxHouse()
        let tenant = try #require(TenantID(rawValue: "jobs"))
        let made = try await house.sandbox.createTenant(tenant, settings: [:])
        let caller = SandboxHouse.Caller(
            partner: made["partner_id"]?.string, key: made["access_id"]?.string, secret: try #require(made["secret_key"]?.string))
        let keys = try #require(made["partners"]?[0]?["generation2"])
        #expect(keys["api_key"]?.string?.utf8.count == 32 && keys["hmac_secret"]?.string?.utf8.count == 128)
        let created = try await house.post("/outbound/users", Outbound.user(), as: caller)
        #expect(created.isSuccess && created.tenant == tenant && created.data["id"] == 1)
        #expect(try await house.quick(.get, "/outbound/users/1", [:]).code == "E0002")
        let secret = try #require(keys["data_secret"]?.string)
        let wish = Generation2Wish(
            apiKey: keys["api_key"]?.string, secret: try #require(keys["hmac_secret"]?.string), dataSecret: secret)
        let user = try await house.generation2("createUser", SandboxGeneration2CallTests.person(), wish)
        #expect(user.isSuccess2 && user.tenant == tenant)
        let call = try house.written("checkUser", ["id_number": "9001015678901"], wish)
        #expect(await house.sandbox.tenant(of: call) == tenant && house.sandbox.route(of: call) == "generation-2-check-user")

        try await house.sandbox.removeTenant(tenant)
        let tables = OutboundTables.names + Generation2Tables.names
        for table in tables {
            let rows = try await house.database.read {
                try $0.query("SELECT COUNT(*) AS n FROM \(table) WHERE tenant = 'jobs'").first?.integer("n")
            }
            #expect(rows == 0, "\(table)")
        }
        #expect(await house.send(call).isRefusal2(48, "api-key.unknown"))
        #expect(try await house.get("/outbound/users", as: caller).code == "E0001")
        let demo = try await house.database.read { try $0.query("SELECT COUNT(*) AS n FROM sentbe_outbound_users").first?.integer("n") }
        #expect(demo == 3)
    }
}
