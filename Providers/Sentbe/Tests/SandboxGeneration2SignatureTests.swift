import Base
import ProviderKit
import SandboxKit
import Sentbe
import Storage
import TestSupport
import Testing
import Transport

@testable import SentbeSandbox

@Suite("Sentbe sandbox, second generation: who may call") struct SandboxGeneration2SignatureTests {
    private static let user: JSON = ["user_id": "1001329"]

    @Test("A call that openssl signed and encrypted is taken, and its answer opens with openssl")
    func oracle() async throws {
        let house = try await SandboxHouse()
        let judgement = try await house.generation2("getWebviewId", Self.user)
        #expect(judgement.isSuccess2 && judgement.tenant == .demo && judgement.route == "generation-2-webview-id")
        #expect(judgement.body.members?.names == ["error", "code", "message", "data"])
        let data = try judgement.opened()
        #expect(data["user_id"] == "1001329")
        #expect(judgement.body["data"]?.string?.hasPrefix("U2FsdGVkX1") == true)
    }

    @Test("The vector's own body and signature are taken at the vector's own second, in both forms of the url")
    func vector() async throws {
        let vector = try JSON(try PackageFiles.bytes("Providers/Sentbe/Vectors/generation-2.json"))
        let nonce = try #require(vector["nonce"]?.string)
        for (form, name) in [("path", "signature_path_form"), ("hostAndPath", "signature_host_path_form")] {
            let house = try await SandboxHouse()
            house.clocks.set(Timestamp(unixSeconds: try #require(Int64(nonce))))
            try await house.set(["generation2_url_form": .string(form)])
            // The vector's path is none of the API's, so the signature is judged, and then the path is unknown.
            var call = Call(
                method: .post, path: try #require(vector["path"]?.string),
                fields: [
                    "Host": try #require(vector["host"]?.string), "x-api-key": "bujeol-demo-api-key", "x-api-nonce": nonce,
                    "x-api-signature": try #require(vector[name]?.string),
                ], body: Array(try #require(vector["body"]?.string).utf8))
            let check = try await house.database.read { [call] connection in
                let records = Records(connection, .demo)
                return try Generation2Check(
                    call: call, keys: Generation2Demo.keys, settings: try records.settings(), now: house.clocks.now(.demo),
                    records: records,
                    prefix: ""
                ).parameters(of: "any")
            }
            #expect(JSON.object(check).text == vector["plaintext"]?.string)
            let settled = call
            try await house.database.write { connection in
                let records = Records(connection, .demo)
                try Generation2Check(
                    call: settled, keys: Generation2Demo.keys, settings: try records.settings(), now: house.clocks.now(.demo),
                    records: records, prefix: ""
                ).signature()
            }
            call.body[10] ^= 1
            let damaged = call
            await #expect(throws: Generation2Refused.self) {
                try await house.database.write { connection in
                    let records = Records(connection, .demo)
                    try Generation2Check(
                        call: damaged, keys: Generation2Demo.keys, settings: try records.settings(), now: house.clocks.now(.demo),
                        records: records, prefix: ""
                    ).signature()
                }
            }
        }
    }

    @Test("Every call needs its proof, also ping; without it nobody learns why")
    func doors() async throws {
        let house = try await SandboxHouse()
        for row in SentbeGeneration2.rows {
            var call = try house.written(
                String(row.route.path.dropFirst("/hanwha/".count)), row.route.method == .post ? Self.user : nil,
                .init(method: row.route.method))
            call.fields.removeAll("x-api-key")
            let stranger = await house.send(call)
            #expect(stranger.isRefusal2(48, "api-key.missing") && stranger.route == row.route.name && stranger.tenant == nil)
            call.fields.append("x-api-key", "somebody")
            #expect(await house.send(call).isRefusal2(48, "api-key.unknown"))
            call.fields["x-api-key"] = "bujeol-demo-api-key"
            call.fields["x-api-signature"] = "AAAA"
            let unsigned = await house.send(call)
            #expect(unsigned.isRefusal2(48, "signature.wrong") && unsigned.body["message"] == stranger.body["message"])
            call.fields.removeAll("x-api-signature")
            #expect(await house.send(call).isRefusal2(48, "signature.missing"))
            call.fields.removeAll("x-api-nonce")
            #expect(await house.send(call).isRefusal2(48, "nonce.missing"))
        }
        let ping = try await house.generation2("ping", nil, .init(method: .get))
        #expect(ping.isSuccess2 && ping.body["data"] == .some(.null))
    }

    /// What was done wrong, the rule that names it, and the first byte of the string to sign that differs.
    static let mistakeRows: [(String, Generation2Wish, String, Int64?)] = [
        ("host in the url", .init(url: "sentbe.example.test:10443/hanwha/getWebviewId"), "other-url-form", 10),
        ("whole address", .init(url: "https://sentbe.example.test:10443/hanwha/getWebviewId"), "other-url-form", 10),
        ("host without port", .init(url: "sentbe.example.test/hanwha/getWebviewId"), "other-url-form", 10),
        ("no slash in front", .init(url: "hanwha/getWebviewId"), "other-url-form", 10),
        ("without the API's prefix", .init(url: "/getWebviewId"), "other-url-form", 11),
        ("no url", .init(url: ""), "other-url-form", 10),
        ("pretty signed, compact sent", .init(signed: { data, _ in "{\n  \"data\" : \"\(data)\"\n}" }), "other-bytes", 31),
        (
            "compact signed, pretty sent",
            .init(sent: { "{\n  \"data\": \"\($0)\"\n}" }, signed: { data, _ in "{\"data\":\"\(data)\"}" }), "other-bytes", 31
        ),
        ("Python's spaces", .init(signed: { data, _ in "{\"data\": \"\(data)\"}" }), "other-bytes", 38),
        ("the plain text", .init(signed: { _, plain in plain }), "plain-body", 32),
        ("no body", .init(signed: { _, _ in "" }), "without-body", 30),
        ("no nonce", .init(signedNonce: ""), "without-nonce", 0),
        ("the url first", .init(message: { $1 + $0 + $2 }), "order", 0),
        ("the data secret", .init(secret: "bujeol data secret"), "data-secret", nil),
        ("the api key", .init(secret: "bujeol-demo-api-key"), "api-key", nil),
        ("the first generation's secret", .init(secret: "test_pw"), "first-generation-secret", nil),
        ("hexadecimal", .init(spelling: { $0 }), "hexadecimal", nil),
        ("hexadecimal in capitals", .init(spelling: { $0.uppercased() }), "hexadecimal", nil),
        (
            "base64 of hexadecimal",
            .init(spelling: { code in try Generation2Oracle.shared.base64(code.utf8.map { String($0, radix: 16) }.joined()) }),
            "base64-of-hexadecimal", nil
        ),
        ("no padding", .init(spelling: { try Generation2Oracle.shared.base64($0).replacing("=", with: "") }), "base64", nil),
        ("something else", .init(secret: "no idea"), "wrong", nil),
    ]

    @Test("Each known mistake is named, with its remedy and the first byte of the string to sign that differs", arguments: mistakeRows)
    func mistakes(_ row: (String, Generation2Wish, String, Int64?)) async throws {
        let house = try await SandboxHouse()
        let judgement = try await house.generation2("getWebviewId", Self.user, row.1)
        #expect(
            judgement.isRefusal2(48, "signature.\(row.2)") || row.2 == "base64" && judgement.isRefusal2(48, "signature.base64url"),
            "\(row.0): \(judgement.verdict?.json.text ?? "")")
        let details = judgement.verdict?.details
        #expect(details?["first_difference"]?["offset"]?.integer == row.3, "\(row.0): \(judgement.verdict?.json.text ?? "")")
        let text = judgement.verdict?.json.text ?? ""
        #expect(!text.contains("bujeol hmac secret") && !text.contains("test_pw") && !text.contains("1001329"))
        #expect(!text.contains("U2FsdGVkX1"), "\(text)")
        // What ought to have been signed can be checked by its digest.
        let call = try house.written("getWebviewId", Self.user, row.1)
        #expect(details?["bytes_expected"]?.integer == Int64("1767225600/hanwha/getWebviewId".utf8.count + call.body.count))
        #expect(judgement.body["message"] == "signature error")
    }

    @Test("A body that was sent in clear is told of nothing but the byte that differs")
    func clearBody() async throws {
        let house = try await SandboxHouse()
        let plain: JSON = ["id_number": "9001015678901"]
        let wish = Generation2Wish(url: "/checkUser", sent: { _ in plain.text })
        let judgement = try await house.generation2("checkUser", plain, wish)
        #expect(judgement.isRefusal2(48, "signature.other-url-form"))
        #expect(judgement.verdict?.json.text.contains("9001015678901") == false)
        let taken = try await house.generation2("checkUser", plain, .init(sent: { _ in plain.text }))
        #expect(taken.isRefusal2(1000, "data.missing-member") && taken.verdict?.json.text.contains("9001015678901") == false)
    }

    @Test("Two mistakes at once are found, and signing rightly the other form is taken by the setting")
    func pairs() async throws {
        let house = try await SandboxHouse()
        let wish = Generation2Wish(
            url: "sentbe.example.test:10443/hanwha/getWebviewId", signed: { data, _ in "{\n  \"data\" : \"\(data)\"\n}" })
        let judgement = try await house.generation2("getWebviewId", Self.user, wish)
        #expect(judgement.verdict?.details["mistakes"] == ["other-url-form", "other-bytes"], "\(judgement.verdict?.json.text ?? "")")
        let host = Generation2Wish(url: "sentbe.example.test:10443/hanwha/getWebviewId")
        try await house.set(["generation2_url_form": "hostAndPath"])
        #expect(try await house.generation2("getWebviewId", Self.user, host).isSuccess2)
        let path = try await house.generation2("getWebviewId", Self.user)
        #expect(path.isRefusal2(48, "signature.other-url-form"))
    }

    @Test("Behind a sandbox of several providers the path that was asked for may be signed, with its prefix")
    func prefix() async throws {
        let house = try await SandboxHouse()
        #expect(try await house.generation2("getWebviewId", Self.user, .init(url: "/sentbe/hanwha/getWebviewId")).isSuccess2)
        #expect(
            try await house.generation2("getWebviewId", Self.user, .init(url: "/other/hanwha/getWebviewId")).isRefusal2(
                48, "signature.wrong"))
    }

    @Test("However many partners there are, the secrets of sixteen are tried")
    func boundedSecrets() async throws {
        let house = try await SandboxHouse()
        for number in 100..<117 { _ = try await house.partner(["partner_id": .string(String(number))]) }
        let (_, partners) = try await house.control(.get, "/generation2/partners")
        for (partner, rule) in [("115", "signature.other-partner"), ("116", "signature.wrong")] {
            let foreign = try #require(partners.elements?.first { $0["partner_id"]?.string == partner })
            let wish = Generation2Wish(secret: try #require(foreign["hmac_secret"]?.string))
            #expect(try await house.generation2("getWebviewId", Self.user, wish).isRefusal2(48, rule))
        }
    }

    @Test("Another partner's secret, a secret before its re-issue, and a secret decoded from hexadecimal are told")
    func otherSecrets() async throws {
        let house = try await SandboxHouse()
        _ = try await house.partner()
        let (_, partners) = try await house.control(.get, "/generation2/partners")
        let foreign = try #require(partners.elements?.first { $0["partner_id"] != "1" })
        let wish = Generation2Wish(secret: try #require(foreign["hmac_secret"]?.string))
        #expect(try await house.generation2("getWebviewId", Self.user, wish).isRefusal2(48, "signature.other-partner"))
        let (_, fresh) = try await house.control(.post, "/generation2/partners/1/reissue-secrets")
        #expect(try await house.generation2("getWebviewId", Self.user).isRefusal2(48, "signature.former-secret"))
        let secret = try #require(fresh["hmac_secret"]?.string)
        let data = try #require(fresh["data_secret"]?.string)
        let judgement = try await house.generation2("getWebviewId", Self.user, .init(secret: secret, dataSecret: data))
        #expect(try judgement.isSuccess2 && judgement.opened(data)["user_id"] == "1001329")
        let decoded = try #require(Hexadecimal.decode(secret))
        let call = try house.written("getWebviewId", Self.user, .init(secret: secret, dataSecret: data))
        let message = Array("1767225600/hanwha/getWebviewId".utf8) + call.body
        let script = """
            import sys, hmac, hashlib, base64
            key, message = [bytes.fromhex(line) for line in sys.stdin]
            print(base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode())
            """
        var own = call
        own.fields["x-api-signature"] = try PythonOracle.lines(script, input: [Hexadecimal.encode(decoded), Hexadecimal.encode(message)])
            .first
        #expect(await house.send(own).isRefusal2(48, "signature.decoded-secret"))
    }

    @Test(
        "A nonce holds for 300 seconds to either side, to the very second",
        arguments: [(-301, false), (-300, true), (0, true), (300, true), (301, false)])
    func window(_ row: (late: Int64, isTaken: Bool)) async throws {
        let house = try await SandboxHouse()
        let judgement = try await house.generation2("getWebviewId", Self.user, .init(late: row.late))
        #expect(judgement.isSuccess2 == row.isTaken)
        if !row.isTaken {
            #expect(judgement.isRefusal2(48, "nonce.stale") && judgement.verdict?.details["seconds_late"] == .number(row.late))
        }
    }

    @Test("Milliseconds and texts are no nonce, and the window is a setting")
    func nonces() async throws {
        let house = try await SandboxHouse()
        func ask(_ nonce: String) async throws -> Judgement { try await house.generation2("getWebviewId", Self.user, .init(nonce: nonce)) }
        #expect(try await ask("1767225600123").isRefusal2(48, "nonce.milliseconds"))
        #expect(try await ask("2026-01-01").isRefusal2(48, "nonce.shape"))
        #expect(try await ask("-1767225600").isRefusal2(48, "nonce.shape"))
        #expect(try await ask("9999999999999999999").isRefusal2(48, "nonce.shape"))
        #expect(try await ask("0").isRefusal2(48, "nonce.stale"))
        try await house.set(["generation2_nonce_window": 0])
        #expect(try await ask("1767225600").isSuccess2)
        #expect(try await house.generation2("getWebviewId", Self.user, .init(late: 1)).isRefusal2(48, "nonce.stale"))
    }

    @Test("No pair of nonce and signature is taken twice, whatever became of the first; a new signature within one second is")
    func replay() async throws {
        let house = try await SandboxHouse()
        let call = try house.written("getWebviewId", Self.user)
        #expect(await house.send(call).isSuccess2)
        #expect(await house.send(call).isRefusal2(48, "nonce.reused"))
        // Another salt makes another body and so another signature.
        #expect(try await house.generation2("getWebviewId", Self.user).isSuccess2)
        let refused = try house.written("getWebviewId", ["user_id": "999"])
        #expect(await house.send(refused).isRefusal2(1003, "user.mismatch"))
        #expect(await house.send(refused).isRefusal2(48, "nonce.reused"))
        house.clocks.advance(.seconds(300))
        #expect(await house.send(call).isRefusal2(48, "nonce.reused"))
        house.clocks.advance(.seconds(1))
        #expect(await house.send(call).isRefusal2(48, "nonce.stale"))
        // Pairs are forgotten when the window keeps them out by itself.
        #expect(try await house.generation2("getWebviewId", Self.user).isSuccess2)
        let kept = try await house.database.read { try $0.query("SELECT COUNT(*) AS n FROM sentbe_generation2_nonces").first?.integer("n") }
        #expect(kept == 1)
        try await house.set(["generation2_nonce_once": false])
        let again = try house.written("getWebviewId", Self.user)
        #expect(await house.send(again).isSuccess2)
        #expect(await house.send(again).isSuccess2)
    }

    @Test("A body that does not open is refused, and says why in the log only")
    func bodies() async throws {
        let house = try await SandboxHouse()
        func ask(_ wish: Generation2Wish) async throws -> Judgement { try await house.generation2("getWebviewId", Self.user, wish) }
        #expect(try await ask(.init(dataSecret: "bujeol hmac secret")).isRefusal2(1000, "data.hmac-secret"))
        let wrong = try await ask(.init(dataSecret: "yet another"))
        #expect(wrong.body["code"] == 1000 && wrong.body["message"] == "invalid data")
        #expect(try await ask(.init(sent: { _ in "{}" })).isRefusal2(1000, "data.missing-member"))
        #expect(try await ask(.init(sent: { _ in "user_id=1" })).isRefusal2(1000, "data.not-an-envelope"))
        #expect(
            try await ask(.init(sent: { "{\"data\":\"\($0)\n\"}".replacing("\n", with: "\\n") })).isRefusal2(1000, "data.ct-not-base64"))
        #expect(try await ask(.init(sent: { _ in "{\"data\":\"AAAA\"}" })).isRefusal2(1000, "data.ct-length"))
        let twice = try await house.generation2("getWebviewId", .string(Self.user.text))
        #expect(twice.isRefusal2(1000, "data.not-parameters"))
    }

    @Test("Unknown paths and wrong methods are refused behind the signature, and codes and statuses are settings")
    func routes() async throws {
        let house = try await SandboxHouse()
        #expect(try await house.generation2("createuser", Self.user).isRefusal2(404, "call.unknown"))
        #expect(try await house.generation2("getWebviewId", nil, .init(method: .get)).isRefusal2(404, "call.method"))
        #expect(try await house.generation2("getVerification", Self.user).isRefusal2(404, "call.unknown"))
        try await house.set(["error_status": "mapped", "generation2_codes": ["unknown-call": 4040, "nonce": 49]])
        #expect(try await house.generation2("nothing", Self.user).isRefusal2(4040, "call.unknown", status: 404))
        #expect(try await house.generation2("ping", nil, .init(method: .get, late: 999)).isRefusal2(49, "nonce.stale", status: 401))
        #expect(try await house.control(.put, "/settings", ["generation2_codes": ["nonce": 200]]).0 == 400)
    }

    @Test("Trying keys: what was sent comes back encrypted, from clear and from data, and on request in clear")
    func tryingKeys() async throws {
        let house = try await SandboxHouse()
        let plain: JSON = ["user_id": "1", "note": "한글 / \"따옴표\""]
        var clear = Generation2Wish()
        clear.sent = { _ in plain.text }
        let encrypted = try await house.generation2("test/encrypt", plain, clear)
        #expect(try encrypted.opened() == plain)
        #expect(try await house.generation2("test/encrypt", plain).opened() == plain)
        #expect(try await house.generation2("test/decrypt", plain).opened() == plain)
        #expect(try await house.generation2("test/decrypt", plain, clear).isRefusal2(1000, "data.missing-member"))
        try await house.set(["generation2_test_decrypt_in_clear": true])
        #expect(try await house.generation2("test/decrypt", plain).body["data"] == plain)
    }
}
