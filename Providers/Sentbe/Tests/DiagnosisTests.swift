import Base
import Cryptography
import Testing

@testable import Sentbe

/// Each mistake is made here the way a writer makes it, with the primitives and not with the diagnosis's own code.
@Suite("Sentbe: known mistakes are named")
struct DiagnosisTests {
    private let secret = Secret("test_pw")
    private let salt: [UInt8] = [0x29, 0x34, 0x6d, 0x32, 0x2c, 0xb2, 0x6b, 0x23]
    private let text = "{\"user_id\":\"47\",\"recipient_id\":\"10\",\"external_id\":\"23\"}"

    private var right: String { (try? SentbeEnvelope.seal(text, secret: secret, salt: salt)) ?? "" }
    private var plaintext: [UInt8] { SentbeDialect.rubyAndJavaScript.quoted(text) }
    private var rightParts: (ct: String, iv: String, s: String) {
        let json = (try? JSON(right)) ?? .null
        return (json["ct"]?.string ?? "", json["iv"]?.string ?? "", json["s"]?.string ?? "")
    }

    private func envelope(ct: String? = nil, iv: String? = nil, s: String? = nil) -> String {
        let parts = rightParts
        return JSON.object(["ct": .string(ct ?? parts.ct), "iv": .string(iv ?? parts.iv), "s": .string(s ?? parts.s)]).text
    }

    private func encrypted(_ plaintext: [UInt8], key: [UInt8], vector: [UInt8], iv: [UInt8]? = nil) throws -> String {
        let bytes = try BlockCipher.aes256CBC().encrypt(plaintext, key: Secret(key), initializationVector: vector)
        return envelope(ct: Base64.encode(bytes), iv: Hexadecimal.encode(iv ?? vector))
    }

    private func md5(_ parts: [UInt8]...) -> [UInt8] { Digest.md5.hash(Array(parts.joined())) }
    private func explain(_ header: String, others: [SentbeDiagnosis.OtherSecret] = []) -> SentbeDiagnosis {
        SentbeDiagnosis.explain(header, secret: secret, others: others)
    }

    @Test("A right envelope has neither a failure nor a mistake nor a remark")
    func right_() {
        let diagnosis = explain(right)
        #expect(diagnosis.opened?.text == text)
        #expect(diagnosis.failure == nil && diagnosis.mistake == nil && diagnosis.remarks.isEmpty)
    }

    @Test("'+' turned into a space: named, repaired, and the first differing byte is the first such space")
    func plus() throws {
        let header = String(decoding: right.utf8.map { $0 == UInt8(ascii: "+") ? 0x20 : $0 }, as: UTF8.self)
        let diagnosis = explain(header)
        #expect(diagnosis.mistake?.id == "plus-became-space")
        #expect(diagnosis.recovered == text)
        #expect(diagnosis.expected == right)
        let place = try #require(Array(right.utf8).firstIndex(of: UInt8(ascii: "+")))
        #expect(diagnosis.difference?.offset == place)
        #expect(diagnosis.difference?.expected == UInt8(ascii: "+"))
        #expect(diagnosis.difference?.received == 0x20)
    }

    @Test("Faults in the form of ct are named and the text is recovered")
    func ciphertextForms() {
        let ct = rightParts.ct
        var wrapped = ""
        for (index, letter) in ct.enumerated() { wrapped += (index > 0 && index % 60 == 0 ? "\n" : "") + String(letter) }
        let urlSafe = ct.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }.map(String.init).joined()
        let percent = ct.map { $0 == "+" ? "%2B" : $0 == "/" ? "%2F" : $0 == "=" ? "%3D" : String($0) }.joined()
        let bytes = Base64.decode(ct) ?? []
        let cases = [
            ("wrapped-base64", wrapped + "\n"), ("wrapped-base64", wrapped.map { $0 == "\n" ? "\r\n" : String($0) }.joined()),
            ("url-safe-base64", urlSafe), ("base64-percent-encoded", percent),
            ("base64-without-padding", String(ct.prefix { $0 != "=" })), ("ct-in-hexadecimal", Hexadecimal.encode(bytes)),
            ("ct-salted", Base64.encode(Array("Salted__".utf8) + salt + bytes)),
        ]
        for (id, ct) in cases {
            let diagnosis = explain(envelope(ct: ct))
            #expect(diagnosis.mistake?.id == id)
            #expect(diagnosis.recovered == text)
            #expect(diagnosis.expected == right)
            #expect(diagnosis.difference != nil)
        }
    }

    @Test("Faults of the header as a whole are named")
    func headerForms() {
        let percent = right.utf8.map { byte in
            let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + Hexadecimal.encode([byte]).uppercased()
        }.joined()
        let bytes = Base64.decode(rightParts.ct) ?? []
        let cases: [(id: String, header: String, isRecovered: Bool)] = [
            ("plain-parameters", text, true), ("percent-encoded", percent, true),
            ("envelope-in-base64", Base64.encode(Array(right.utf8)), true), ("envelope-quoted", JSON.string(right).text, true),
            ("envelope-quoted", "'\(right)'", true), ("openssl-salted", Base64.encode(Array("Salted__".utf8) + salt + bytes), true),
            ("cut-off", String(right.prefix(150)), false),
            ("missing-member", "{\"ct\":\"\(rightParts.ct)\",\"iv\":\"\(rightParts.iv)\"}", false),
            ("member-twice", right.dropLast() + ",\"s\":\"\(rightParts.s)\"}", false),
            ("too-long", String(repeating: "a", count: 20_000), false),
        ]
        for item in cases {
            let diagnosis = explain(item.header)
            #expect(diagnosis.mistake?.id == item.id)
            #expect((diagnosis.recovered == text) == item.isRecovered)
        }
    }

    @Test("Faults of vector and salt are named and the text is recovered")
    func vectorForms() throws {
        let derived = try #require(PassphraseKey(passphrase: secret, salt: salt))
        let key = derived.key.withBytes { $0 }
        let chain = key + derived.initializationVector
        var altered = derived.initializationVector
        altered[0] ^= 1
        let own = [UInt8](repeating: 0x5A, count: 16)
        // A key of [0..32] leaves 15 bytes for the vector; runtimes fill up with a zero or refuse.
        let shifted = Array(chain[33..<48])
        let cases: [(String, String)] = [
            ("altered-vector", envelope(iv: Hexadecimal.encode(altered))), ("own-vector", try encrypted(plaintext, key: key, vector: own)),
            ("key-of-33-bytes", try encrypted(plaintext, key: key, vector: shifted + [0])),
            ("key-of-33-bytes", try encrypted(plaintext, key: key, vector: shifted + [0], iv: shifted)),
            ("salt-and-vector-swapped", envelope(iv: rightParts.s, s: rightParts.iv)),
            ("hexadecimal-in-base64", envelope(iv: Base64.encode(derived.initializationVector), s: Base64.encode(salt))),
        ]
        for (id, header) in cases {
            let diagnosis = explain(header)
            #expect(diagnosis.mistake?.id == id)
            #expect(diagnosis.recovered == text)
            #expect(diagnosis.expected == right)
            #expect(diagnosis.difference != nil)
        }
        #expect(explain(envelope(iv: Hexadecimal.encode(altered))).difference?.offset == Array(right.utf8).count - 16 - 7 - 2 - 31)
    }

    @Test("Wrong ways from the secret to the key are named and the text is recovered")
    func keyForms() throws {
        let pw = Array("test_pw".utf8)
        let zeros = [UInt8](repeating: 0, count: 16)
        let own = [UInt8](repeating: 0x5A, count: 16)
        let sha = Digest.sha256.hash(pw + salt)
        let hexSalt = Array(Hexadecimal.encode(salt).utf8)
        let one = md5(pw, hexSalt), two = md5(one, pw, hexSalt), three = md5(two, pw, hexSalt)
        let bare = md5(pw), bare2 = md5(bare, pw), bare3 = md5(bare2, pw)
        let round = md5(pw, salt)
        let cases: [(String, String)] = [
            ("secret-as-key", try encrypted(plaintext, key: pw + [UInt8](repeating: 0, count: 25), vector: own)),
            ("secret-as-key", try encrypted(plaintext, key: Digest.sha256.hash(pw), vector: own)),
            ("secret-as-key", try encrypted(plaintext, key: Array(Hexadecimal.encode(md5(pw)).utf8), vector: zeros, iv: own)),
            (
                "derived-with-sha256",
                try encrypted(plaintext, key: sha, vector: Array(Digest.sha256.hash(sha + pw + salt).prefix(16)))
            ),
            ("salt-as-text", try encrypted(plaintext, key: one + two, vector: three)),
            ("without-salt", try encrypted(plaintext, key: bare + bare2, vector: bare3)),
            ("rounds-not-chained", try encrypted(plaintext, key: round + round, vector: round)),
        ]
        for (id, header) in cases {
            let diagnosis = explain(header)
            #expect(diagnosis.mistake?.id == id)
            #expect(diagnosis.recovered == text)
            #expect(diagnosis.expected == right)
        }
    }

    @Test("Another secret is named by its name, one with a line break as such, and an unknown one as unknown")
    func otherSecrets() throws {
        let other = SentbeDiagnosis.OtherSecret(name: .init(korean: "access_id", english: "the access_id"), secret: Secret("test_id"))
        let withOther = try SentbeEnvelope.seal(text, secret: Secret("test_id"), salt: salt)
        let diagnosis = explain(withOther, others: [other])
        #expect(diagnosis.mistake?.id == "other-secret")
        #expect(diagnosis.detail?.english.contains("the access_id") == true)
        #expect(diagnosis.recovered == text)
        #expect(explain(withOther).mistake?.id == "wrong-secret")
        let withBreak = try SentbeEnvelope.seal(text, secret: Secret("test_pw\n"), salt: salt)
        #expect(explain(withBreak).mistake?.id == "secret-with-space")
    }

    @Test("What was wrong with the content is named")
    func contents() throws {
        let derived = try #require(PassphraseKey(passphrase: secret, salt: salt))
        let key = derived.key.withBytes { $0 }
        func sealed(_ bytes: [UInt8]) throws -> String { try encrypted(bytes, key: key, vector: derived.initializationVector) }
        func quoted(_ text: String) -> [UInt8] { SentbeDialect.php.quoted(text) }
        let euckr = Array("{\"name\":\"".utf8) + [0xC8, 0xAB, 0xB1, 0xE6, 0xB5, 0xBF] + Array("\"}".utf8)
        let cases: [(String, String)] = [
            ("triple-encoding", try sealed(quoted(String(decoding: quoted(text), as: UTF8.self)))),
            ("form-parameters", try sealed(quoted("user_id=47&page=1"))), ("form-parameters", try sealed(Array("user_id=47".utf8))),
            ("printed-object", try sealed(quoted("{'user_id': '47'}"))), ("printed-object", try sealed(Array("{\"a\"=>1}".utf8))),
            ("not-an-object", try sealed(quoted("[1]"))), ("name-twice", try sealed(quoted("{\"a\":1,\"a\":2}"))),
            ("not-utf8", try sealed(euckr)), ("damaged-ciphertext", try sealed([0x80, 0x01])),
        ]
        for (id, header) in cases { #expect(explain(header).mistake?.id == id) }
        let single = try SentbeEnvelope.seal(text, secret: secret, salt: salt, encoding: .single)
        let refused = SentbeDiagnosis.explain(single, secret: secret, rules: .init(takesSingleEncoding: false))
        #expect(refused.mistake?.id == "single-encoding")
        #expect(refused.expected == right)
        #expect(refused.difference?.offset == 7)
    }

    @Test("A damaged ciphertext under the right secret is not taken for a wrong secret")
    func damaged() {
        var bytes = Base64.decode(rightParts.ct) ?? []
        bytes[bytes.count - 1] ^= 1
        #expect(explain(envelope(ct: Base64.encode(bytes))).mistake?.id == "damaged-ciphertext")
    }

    @Test("What a reader puts up with is remarked upon")
    func remarks() throws {
        func remarks(_ text: String, secret: Secret = Secret("test_pw"), encoding: SentbeEncoding = .double) throws -> [String] {
            let header = try SentbeEnvelope.seal(text, secret: secret, salt: salt, encoding: encoding)
            return SentbeDiagnosis.explain(header, secret: secret).remarks.map(\.id)
        }
        #expect(try remarks(text, encoding: .single) == ["single-encoding"])
        #expect(try remarks("{ \"a\":1}") == ["not-compact"])
        #expect(try remarks("{\"a b\":\"c d\"}") == [])
        #expect(try remarks("{\"a\":\"\\\"\"}") == ["escapes"])
        #expect(try remarks("{\"a\":\"\(String(repeating: "x", count: 5_000))\"}") == ["long-header"])
        #expect(try remarks("{\"a\":1}", secret: Secret("비밀")) == ["secret-not-ascii"])
    }

    @Test("Every mistake has its own id, a name and a remedy in both languages")
    func table() {
        #expect(Set(SentbeMistake.all.map(\.id)).count == SentbeMistake.all.count)
        for mistake in SentbeMistake.all {
            for text in [mistake.name, mistake.remedy] {
                #expect(text.korean.unicodeScalars.contains { (0xAC00...0xD7A3).contains($0.value) })
                #expect(!text.english.isEmpty && text.english.utf8.allSatisfy { $0 < 0x80 || text.english.contains("‖") })
            }
        }
    }
}
