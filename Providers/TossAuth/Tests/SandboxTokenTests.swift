import Base
import Cryptography
import ProviderKit
import Storage
import TestSupport
import Testing
import TossAuth
import Transport

@testable import TossAuthSandbox

@Suite("Toss Auth sandbox: access tokens")
struct SandboxTokenTests {
    @Test("the published form call gives a JWT of a year with the claims of the published sample")
    func published() async throws {
        let house = try await SandboxHouse()
        let answer = await house.tokenCall(SandboxHouse.form())
        #expect(answer.status == 200)
        #expect(answer.json.members?.names == ["access_token", "scope", "token_type", "expires_in"])
        #expect(answer.json["scope"] == "ca" && answer.json["token_type"] == "Bearer" && answer.json["expires_in"] == 31_536_000)
        let token = try #require(answer.json["access_token"]?.string)
        // Python's standard library takes the token apart; the signature is judged by the package cryptography.
        let publicKey = try PrivateKey(pem: Secret(ShippedKeys.tokens)).publicKey.pem
        let lines = try PythonOracle.lines(
            """
            import sys, base64, json
            from cryptography.hazmat.primitives.asymmetric import padding
            from cryptography.hazmat.primitives import hashes, serialization
            token, pem = sys.stdin.read().split("\\n", 1)
            head, body, mark = token.split(".")
            raw = lambda t: base64.urlsafe_b64decode(t + "=" * (-len(t) % 4))
            serialization.load_pem_public_key(pem.encode()).verify(
                raw(mark), (head + "." + body).encode(), padding.PKCS1v15(), hashes.SHA256())
            print(raw(head).decode())
            claims = json.loads(raw(body))
            print(" ".join(claims))
            print(claims["sub"] == claims["aud"], claims["scope"], claims["iss"], claims["nbf"] == claims["iat"], claims["exp"] - claims["iat"])
            print(claims["iat"], claims["sub"], len(claims["jti"]), claims["jti"][14])
            """, input: Array("\(token)\n\(publicKey)".utf8))
        #expect(
            lines == [
                #"{"kid":"cert","alg":"RS256"}"#, "sub aud nbf scope iss exp iat jti", "True ['ca'] https://cert.toss.im True 31536000",
                "1784160000 \(TossAuthDemonstration.clientID) 36 4",
            ])
    }

    @Test("what is wrong with a token call is told as RFC 6749 says, and the true reason in the log")
    func refusals() async throws {
        let house = try await SandboxHouse()
        func with(_ name: String, _ value: String?) -> [(name: String, value: String)] {
            SandboxHouse.form().compactMap { pair in pair.name == name ? value.map { (name: name, value: $0) } : pair }
        }
        let unknown = "test_00000000000000000000000000000000"
        for (form, status, error, rule) in [
            (with("client_secret", "wrong"), 401, "invalid_client", "token.secret"),
            (with("client_id", unknown), 401, "invalid_client", nil),
            (with("grant_type", "password"), 400, "unsupported_grant_type", "token.grant"),
            (with("scope", "sharelink:read"), 400, "invalid_scope", "token.scope-unknown"),
            (with("scope", nil), 400, "invalid_request", "token.parameter-missing"),
            (with("grant_type", nil), 400, "invalid_request", "token.parameter-missing"),
            (with("client_secret", nil), 400, "invalid_request", "token.parameter-missing"),
            (with("client_secret", ""), 400, "invalid_request", "token.parameter-missing"),
            (SandboxHouse.form() + [(name: "scope", value: "ca")], 400, "invalid_request", "token.parameter-repeated"),
        ] as [([(name: String, value: String)], Int, String, String?)] {
            let answer = await house.tokenCall(form)
            #expect(answer.status == status && answer.json == ["error": .string(error)], "\(answer.text)")
            if let rule { #expect(await house.rule() == rule) }
        }
        let json: JSON = ["grant_type": "client_credentials"]
        let noForm = await house.send(.post, "/toss-auth/token", json.bytes, ["Content-Type": "application/json"])
        #expect(noForm.status == 400 && noForm.json == ["error": "invalid_request"])
        let noType = await house.tokenCall(SandboxHouse.form(), contentType: nil)
        #expect(noType.json == ["error": "invalid_request"])
        #expect(await house.tokenCall(SandboxHouse.form(), contentType: "Application/X-WWW-Form-URLEncoded; charset=UTF-8").status == 200)
        try await house.set(["error_statuses": ["invalid_client": 400]])
        #expect(await house.tokenCall(with("client_secret", "wrong")).status == 400)
    }

    @Test("credentials in a Basic field are taken only where a setting says so")
    func basic() async throws {
        let house = try await SandboxHouse()
        let basic = Base64.encode(Array("\(TossAuthDemonstration.clientID):\(TossAuthDemonstration.clientSecret)".utf8))
        let form = [(name: "grant_type", value: "client_credentials"), (name: "scope", value: "ca")]
        #expect(await house.tokenCall(form, ["Authorization": "Basic \(basic)"]).json == ["error": "invalid_request"])
        #expect(await house.rule() == "token.basic")
        try await house.set(["basic_credentials": true])
        #expect(await house.tokenCall(form, ["Authorization": "Basic \(basic)"]).status == 200)
    }

    @Test("lifetimes: a year for test credentials, an hour for live ones, or what a client was given")
    func lifetimes() async throws {
        let house = try await SandboxHouse()
        let tenant = try await house.makeTenant("shop")
        func life(_ credentials: SandboxHouse.Credentials) async -> Int64? {
            await house.tokenCall(SandboxHouse.form(credentials)).json["expires_in"]?.integer
        }
        #expect(await life(tenant.test) == 31_536_000)
        #expect(await life(tenant.live) == 3600)
        let own: JSON = ["client_id": "own-client", "client_secret": "own-secret", "token_seconds": 7]
        try await house.ask(.post, "/clients", own, tenant: "shop")
        let credentials = SandboxHouse.Credentials(id: "own-client", secret: "own-secret")
        #expect(await life(credentials) == 7)
        let token = try await house.token(credentials)
        house.time.advance(by: .seconds(6))
        #expect(try await house.call("id-request", SandboxHouse.oneTouch, token: token).isSuccess)
        house.time.advance(by: .seconds(1))
        #expect(try await house.call("id-request", SandboxHouse.oneTouch, token: token).code == "CE1000")
        #expect(await house.rule(tenant: "shop") == "token.expired")
    }

    @Test(
        "a token that is missing, malformed, changed, of another key, algorithm or scope, revoked or of nobody opens nothing: CE1000, as documented"
    )
    func wrongTokens() async throws {
        let house = try await SandboxHouse()
        try await house.set(["other_scopes": ["sharelink:read"]])
        let good = try await house.token()
        let parts = good.split(separator: ".").map(String.init)
        let other = try PrivateKey.generateRSA(bits: 2048)
        func forged(_ header: JSON, _ sign: ([UInt8]) throws -> [UInt8]) rethrows -> String {
            let signed = "\(URLBase64.encode(header.bytes)).\(parts[1])"
            return "\(signed).\(URLBase64.encode(try sign(Array(signed.utf8))))"
        }
        let claims = try JSON(try #require(URLBase64.decode(parts[1][...])))
        var longer = try #require(claims.members)
        longer["exp"] = 9_999_999_999
        let publicKey = Array(try PrivateKey(pem: Secret(ShippedKeys.tokens)).publicKey.pem.utf8)
        let tokens: [(String, String)] = [
            ("not a token", "token.not-bearer"), ("abc", "token.malformed"), (parts[0] + "." + parts[1] + ".", "token.signature"),
            ("\(parts[0]).\(URLBase64.encode(JSON.object(longer).bytes)).\(parts[2])", "token.signature"),
            (forged(["alg": "none"]) { _ in [] }, "token.algorithm"),
            (forged(["alg": "HS256"]) { hmacSHA256($0, key: publicKey) }, "token.algorithm"),
            (try forged(["kid": "cert", "alg": "RS256"]) { try other.signRSASHA256($0) }, "token.signature"),
            (try await house.token(scope: "sharelink:read"), "token.scope"),
        ]
        for (token, rule) in tokens {
            for call in ["id-request", "id-status", "id-result", "certificate-validate"] {
                let answer = try await house.call(call, SandboxHouse.oneTouch, token: token)
                #expect(answer.status == 401)
                #expect(
                    answer.text
                        == #"{"resultType":"FAIL","error":{"errorType":0,"errorCode":"CE1000","reason":"토큰이 유효하지 않습니다.","data":{},"title":null},"success":null}"#
                )
            }
            // What names no client of ours stands in nobody's log.
            if rule != "token.malformed", rule != "token.not-bearer" { #expect(await house.rule() == rule, "\(rule)") }
        }
        #expect(try await house.call("id-request", SandboxHouse.oneTouch, token: nil).code == "CE1000")
        let basic = try await house.call("id-request", SandboxHouse.oneTouch, token: nil, fields: ["Authorization": "Basic \(good)"])
        #expect(basic.code == "CE1000")
        #expect(try await house.call("id-request", SandboxHouse.oneTouch, token: good).isSuccess)
    }

    @Test("revoking counts from this very moment, and a token of the same second that was fetched after it is good")
    func revocation() async throws {
        let house = try await SandboxHouse()
        let old = try await house.token()
        #expect(try await house.ask(.post, "/tokens/revoke", [:])["revoked"] == [.string(TossAuthDemonstration.clientID)])
        #expect(try await house.call("id-request", SandboxHouse.oneTouch, token: old).code == "CE1000")
        #expect(await house.rule() == "token.revoked")
        let fresh = try await house.token()
        #expect(try await house.call("id-request", SandboxHouse.oneTouch, token: fresh).isSuccess)
        try await house.ask(.delete, "/clients/\(TossAuthDemonstration.clientID)")
        #expect(try await house.call("id-request", SandboxHouse.oneTouch, token: fresh).code == "CE1000")
        #expect(await house.tokenCall(SandboxHouse.form()).json == ["error": "invalid_client"])
    }

    @Test(
        "tokens of before a reset, or of a client that was deleted, stay bad when the same id comes back; those of an untouched client outlive a restart"
    )
    func madeAnew() async throws {
        let directory = try TemporaryDirectory()
        let path = StorageLocation.file(directory.file("state.db"))
        let (time, files) = (ManualTime(SandboxHouse.start), KeptFiles())
        let house = try await SandboxHouse(path, time: time, files: files)
        func code(_ house: SandboxHouse, _ token: String) async throws -> String? {
            try await house.call("id-request", SandboxHouse.oneTouch, token: token).code
        }
        let first = try await house.token()
        try await house.ask(.post, "/tokens/revoke", [:])
        #expect(await house.send(.post, "/-/reset").status == 200)
        #expect(try await code(house, first) == "CE1000")
        #expect(await house.rule() == "token.revoked")
        let own: JSON = ["client_id": "own-client", "client_secret": "own-secret"]
        let credentials = SandboxHouse.Credentials(id: "own-client", secret: "own-secret")
        try await house.ask(.post, "/clients", own)
        let second = try await house.token(credentials)
        #expect(try await code(house, second) == nil)
        try await house.ask(.delete, "/clients/own-client")
        #expect(try await code(house, second) == "CE1000")
        try await house.ask(.post, "/clients", own)
        #expect(try await code(house, second) == "CE1000")
        let kept = try await house.token(credentials)
        await house.database.close()
        let later = try await SandboxHouse(path, time: time, files: files, seed: 2)
        #expect(try await code(later, kept) == nil)
        #expect(try await code(later, second) == "CE1000")
    }

    @Test("a token is for whom it says: key, issuer and audience must be this service's, and it begins to be good by the tenant's clock")
    func claims() async throws {
        let house = try await SandboxHouse()
        let good = try await house.token()
        let parts = good.split(separator: ".").map(String.init)
        let payload = try #require(URLBase64.decode(parts[1][...]))
        let claims = try #require(try JSON(payload).members)
        // The key that signs tokens is shipped, so anybody can make these.
        let key = try PrivateKey(pem: Secret(ShippedKeys.tokens))
        func token(_ header: JSON, _ changes: JSON.Members) throws -> String {
            var payload = claims
            for name in changes.names { payload[name] = changes[name] == .null ? nil : changes[name] }
            let signed = "\(URLBase64.encode(header.bytes)).\(URLBase64.encode(JSON.object(payload).bytes))"
            return "\(signed).\(URLBase64.encode(try key.signRSASHA256(Array(signed.utf8))))"
        }
        let header: JSON = ["kid": "cert", "alg": "RS256"]
        #expect(try await house.call("id-request", SandboxHouse.oneTouch, token: try token(header, [:])).isSuccess)
        for (header, changes, rule) in [
            (["kid": "other", "alg": "RS256"], [:], "token.issuer"), (["alg": "RS256"], [:], "token.issuer"),
            (header, ["iss": "https://example.com"], "token.issuer"), (header, ["iss": nil], "token.issuer"),
            (header, ["aud": "somebody"], "token.issuer"), (header, ["aud": nil], "token.issuer"),
            (header, ["nbf": 1_784_160_001], "token.not-yet"), (header, ["nbf": nil], "token.malformed"),
        ] as [(JSON, JSON.Members, String)] {
            let answer = try await house.call("id-request", SandboxHouse.oneTouch, token: try token(header, changes))
            #expect(answer.code == "CE1000" && answer.status == 401, "\(changes.names)")
            if rule != "token.malformed" { #expect(await house.rule() == rule, "\(changes.names)") }
        }
        // A clock that was set back makes a token of the future of it.
        #expect(await house.send(.post, "/-/clock", (["set": "2026-07-15T00:00:00Z"] as JSON).bytes).status == 200)
        #expect(try await house.call("id-request", SandboxHouse.oneTouch, token: good).code == "CE1000")
        #expect(await house.rule() == "token.not-yet")
        #expect(await house.latest()["verdict"]?["reason"]?["en"]?.string?.contains("clock") == true)
        #expect(try await house.call("id-request", SandboxHouse.oneTouch, token: try await house.token()).isSuccess)
    }
}
