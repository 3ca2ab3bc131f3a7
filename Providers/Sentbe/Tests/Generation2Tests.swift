import Base
import Cryptography
import TestSupport
import Testing

@testable import Sentbe

@Suite("Sentbe: the second generation's signature and body")
struct Generation2Tests {
    private let secret = Secret("bujeol hmac secret")
    private let dataSecret = Secret("bujeol data secret")
    private let salt: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]

    private func vector(_ name: String) throws -> String {
        let json = try JSON(PackageFiles.bytes("Providers/Sentbe/Vectors/generation-2.json"))
        return try #require(json[name]?.string)
    }

    @Test("The vector's body and both forms of its signature come out")
    func vectors() throws {
        let salt = try #require(Hexadecimal.decode(try vector("salt_hex")))
        let plain = try vector("plaintext")
        let data = try SentbeGeneration2.seal(Array(plain.utf8), secret: Secret(try vector("data_secret")), salt: salt)
        #expect(data == (try vector("data")))
        let body = SentbeGeneration2.body(data)
        #expect(String(decoding: body, as: UTF8.self) == (try vector("body")))
        #expect(try SentbeGeneration2.open(data, secret: Secret(try vector("data_secret"))) == Array(plain.utf8))
        #expect(try SentbeGeneration2.parameters(body, secret: Secret(try vector("data_secret")))["user_id"] == "1001329")
        let hmac = Secret(try vector("hmac_secret"))
        for form in SentbeGeneration2.URLForm.allCases {
            let url = form.text(authority: try vector("host"), path: try vector("path"))
            let expected = try vector(form == .path ? "signature_path_form" : "signature_host_path_form")
            #expect(SentbeGeneration2.signature(nonce: try vector("nonce"), url: url, body: body, secret: hmac) == expected)
            #expect(SentbeGeneration2.verifies(expected, nonce: try vector("nonce"), url: url, body: body, secret: hmac))
        }
    }

    @Test("A signature over anything else does not verify")
    func refusals() {
        let body = SentbeGeneration2.body("AAAA")
        let right = SentbeGeneration2.signature(nonce: "1700000000", url: "/hanwha/ping", body: body, secret: secret)
        func verifies(_ signature: String, _ nonce: String = "1700000000", _ url: String = "/hanwha/ping", _ body: [UInt8]? = nil) -> Bool {
            SentbeGeneration2.verifies(signature, nonce: nonce, url: url, body: body ?? SentbeGeneration2.body("AAAA"), secret: secret)
        }
        #expect(verifies(right))
        #expect(!verifies(right, "1700000001"))
        #expect(!verifies(right, "1700000000", "/hanwha/pong"))
        #expect(!verifies(right, "1700000000", "/hanwha/ping", body + [0x0A]))
        #expect(!verifies(String(right.dropLast(2)) + "=="))
        #expect(!verifies(""))
    }

    @Test("Damaged data, a missing mark and a foreign secret are refused")
    func damagedData() throws {
        let data = try SentbeGeneration2.seal(Array("{}".utf8), secret: dataSecret, salt: salt)
        func code(_ data: String, _ secret: Secret) -> SentbeEnvelopeError.Code? {
            do throws(SentbeEnvelopeError) { _ = try SentbeGeneration2.open(data, secret: secret) } catch { return error.code }
            return nil
        }
        #expect(code(data, dataSecret) == nil)
        #expect(code(data + "\n", dataSecret) == .ciphertextNotBase64)
        #expect(code(Base64.encode(Array((Base64.decode(data) ?? [])[16...])), dataSecret) == .ciphertextLength)
        #expect(code(data, secret) != nil)
        #expect(code("", dataSecret) == .ciphertextLength)
    }

    @Test("A body with a name twice, inside or outside, is refused")
    func namesTwice() throws {
        let data = try SentbeGeneration2.seal(Array("{\"a\":1,\"a\":2}".utf8), secret: dataSecret, salt: salt)
        #expect(throws: SentbeEnvelopeError.nameTwice) {
            try SentbeGeneration2.parameters(SentbeGeneration2.body(data), secret: dataSecret)
        }
        #expect(throws: SentbeEnvelopeError.memberTwice) {
            try SentbeGeneration2.parameters(Array("{\"data\":\"\(data)\",\"data\":\"\(data)\"}".utf8), secret: dataSecret)
        }
    }

    @Test("An answer survives its encryption; an empty or missing data is none")
    func replies() throws {
        let reply = SentbeGeneration2.Reply(code: .success, message: "OK", data: ["user_id": "1"])
        #expect(try SentbeGeneration2.Reply(try reply.body(secret: dataSecret, salt: salt), secret: dataSecret) == reply)
        let refusal = try SentbeGeneration2.Reply(Array("{\"error\":true,\"code\":\"48\",\"message\":\"x\"}".utf8), secret: dataSecret)
        #expect(refusal.code == .signatureError)
        #expect(refusal.data.isNull)
        #expect(throws: SentbeEnvelopeError.notAnEnvelope) { try SentbeGeneration2.Reply(Array("<html>".utf8), secret: dataSecret) }
    }

    @Test("Each known mistake of signing is named")
    func mistakes() throws {
        let plain = Array("{\"user_id\":\"1\"}".utf8)
        let data = try SentbeGeneration2.seal(plain, secret: dataSecret, salt: salt)
        let body = SentbeGeneration2.body(data)
        let nonce = "1700000000", path = "/hanwha/createUser", authority = "127.0.0.1:8600"
        func code(_ text: [UInt8], _ secret: Secret) -> [UInt8] { secret.withBytes { hmacSHA256(text, key: $0) } }
        func message(_ nonce: String, _ url: String, _ body: [UInt8]) -> [UInt8] { Array((nonce + url).utf8) + body }
        let right = message(nonce, path, body)
        let pretty = Array("{\n  \"data\": \"\(data)\"\n}".utf8)
        let cases: [(String?, String)] = [
            ("hexadecimal", Hexadecimal.encode(code(right, secret))),
            ("base64-of-hexadecimal", Base64.encode(Array(Hexadecimal.encode(code(right, secret)).utf8))),
            ("other-url-form", Base64.encode(code(message(nonce, authority + path, body), secret))),
            ("without-body", Base64.encode(code(message(nonce, path, []), secret))),
            ("other-bytes", Base64.encode(code(message(nonce, path, pretty), secret))),
            ("plain-body", Base64.encode(code(message(nonce, path, plain), secret))),
            ("data-secret", Base64.encode(code(right, dataSecret))),
            ("without-nonce", Base64.encode(code(message("", path, body), secret))), (nil, Base64.encode([UInt8](repeating: 1, count: 32))),
        ]
        for (id, signature) in cases {
            let mistake = SentbeGeneration2.explain(
                signature, nonce: nonce, form: .path, authority: authority, path: path, body: body, secret: secret, dataSecret: dataSecret)
            #expect(mistake?.id == id)
        }
    }
}
