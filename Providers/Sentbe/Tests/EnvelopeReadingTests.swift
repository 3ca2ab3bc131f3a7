import Base
import Cryptography
import Testing

@testable import Sentbe

@Suite("Sentbe: reading envelopes")
struct EnvelopeReadingTests {
    private let secret = Secret("test_pw")
    private let salt: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]

    /// An envelope of any bytes, right but for what is in it.
    private func envelope(of plaintext: [UInt8]) throws -> String {
        let derived = try #require(PassphraseKey(passphrase: secret, salt: salt))
        return try SentbeEnvelope.write(
            plaintext, key: derived.key, vector: derived.initializationVector, salt: salt, dialect: .rubyAndJavaScript)
    }

    private func code(_ header: String, _ rules: SentbeEnvelope.Rules = .init()) -> SentbeEnvelopeError.Code? {
        do throws(SentbeEnvelopeError) { _ = try SentbeEnvelope.open(header, secret: secret, rules: rules) } catch { return error.code }
        return nil
    }

    private func members() throws -> [(name: String, value: String)] {
        let json = try JSON(try SentbeEnvelope.seal("{\"a\":\"1\"}", secret: secret, salt: salt))
        return try ["ct", "iv", "s"].map { ($0, try #require(json[$0]?.string)) }
    }

    private func text(_ members: [(name: String, value: String)], separator: String = ",") -> String {
        "{" + members.map { "\"\($0.name)\":\"\($0.value)\"" }.joined(separator: separator) + "}"
    }

    @Test("Order of members, white space, escaped slashes and foreign members do not matter")
    func forms() throws {
        let members = try members()
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] { #expect(code(text(order.map { members[$0] })) == nil) }
        #expect(code(" " + text(members, separator: " ,\t") + "\n") == nil)
        #expect(code(text(members + [("v", "2")])) == nil)
        let escaped = members.map { ($0.name, $0.value.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "\\/")) }
        #expect(code(text(escaped)) == nil)
    }

    @Test("A member that is missing, not a text, or written twice is refused")
    func memberFaults() throws {
        let members = try members()
        for index in 0..<3 {
            var without = members
            without.remove(at: index)
            #expect(code(text(without)) == .missingMember)
        }
        #expect(code("{\"ct\":1,\"iv\":\"\",\"s\":\"\"}") == .missingMember)
        #expect(code(text(members + [members[0]])) == .memberTwice)
        // The same name, written with an escape.
        #expect(code(text(members + [("\\u0069v", members[1].value)])) == .memberTwice)
        for other in ["", "[]", "null", "\"{}\"", "{\"ct\":", "a"] { #expect(code(other) == .notAnEnvelope) }
    }

    @Test("base64 must be strict, of a positive multiple of 16 bytes")
    func ciphertextForms() throws {
        let members = try members()
        func with(_ ct: String) -> SentbeEnvelopeError.Code? { code(text([("ct", ct), members[1], members[2]])) }
        let ct = members[0].value
        #expect(with(ct + "\\n") == .ciphertextNotBase64)
        #expect(with(" " + ct) == .ciphertextNotBase64)
        #expect(with(String(ct.dropLast())) == .ciphertextNotBase64)
        #expect(with("") == .ciphertextLength)
        #expect(with(Base64.encode([UInt8](repeating: 0, count: 15))) == .ciphertextLength)
    }

    @Test("Salt and vector must have their lengths, in hexadecimal of either case")
    func hexadecimalForms() throws {
        let members = try members()
        func with(iv: String? = nil, s: String? = nil) -> SentbeEnvelopeError.Code? {
            code(text([members[0], ("iv", iv ?? members[1].value), ("s", s ?? members[2].value)]))
        }
        #expect(with(iv: members[1].value.uppercased(), s: members[2].value.uppercased()) == nil)
        #expect(with(s: "01020304050607") == .saltForm)
        #expect(with(s: "010203040506070809") == .saltForm)
        #expect(with(s: "010203040506070g") == .saltForm)
        #expect(with(iv: String(members[1].value.dropLast(2))) == .vectorForm)
        #expect(with(iv: members[1].value + "00") == .vectorForm)
    }

    @Test("Every single altered digit of the vector is refused, although the content would decrypt")
    func alteredVector() throws {
        let members = try members()
        for index in members[1].value.indices {
            var vector = members[1].value
            vector.replaceSubrange(index...index, with: vector[index] == "0" ? "1" : "0")
            #expect(code(text([members[0], ("iv", vector), members[2]])) == .vectorDiffers)
        }
    }

    @Test("A header longer than the cap is refused before it is read; one of just its length is not")
    func cap() throws {
        let header = text(try members())
        #expect(code(header, .init(longestHeader: header.utf8.count)) == nil)
        #expect(code(header, .init(longestHeader: header.utf8.count - 1)) == .tooLong)
    }

    @Test(
        "What was encrypted decides: text and object hold parameters, nothing and null and an empty list hold none, the rest is refused",
        arguments: [
            ("\"{\\\"a\\\":1}\"", nil, 1), ("{\"a\":1}", nil, 1), ("\n{\"a\":1}\n", nil, 1), ("", nil, 0), ("\"\"", nil, 0),
            ("null", nil, 0),
            ("\"null\"", nil, 0), ("[]", nil, 0), ("\"[]\"", nil, 0), ("{}", nil, 0), ("\"{}\"", nil, 0), ("\" \\n\"", nil, 0),
            ("[1]", .notParameters, 0), ("\"[1]\"", .notParameters, 0), ("1", .notParameters, 0), ("true", .notParameters, 0),
            ("\"1\"", .notParameters, 0), ("\"a=1\"", .notParameters, 0), ("a=1", .notJSON, 0), ("{\"a\":1}x", .notJSON, 0),
            ("{\"a\":1,\"a\":2}", .nameTwice, 0), ("\"{\\\"a\\\":1,\\\"\\\\u0061\\\":2}\"", .nameTwice, 0),
            ("{\"x\":{\"a\":1,\"a\":2}}", .nameTwice, 0), ("{\"x\":[{\"a\":1},{\"a\":2}]}", nil, 1),
            ("{\"x\":\"{\\\"a\\\":1,\\\"a\\\":2}\"}", nil, 1),
        ] as [(String, SentbeEnvelopeError.Code?, Int)])
    func content(_ plaintext: String, _ refusal: SentbeEnvelopeError.Code?, _ count: Int) throws {
        let header = try envelope(of: Array(plaintext.utf8))
        #expect(code(header) == refusal)
        if refusal == nil { #expect(try SentbeEnvelope.open(header, secret: secret).parameters.count == count) }
    }

    @Test("Bytes that are not UTF-8 are refused at step 6")
    func notUTF8() throws { #expect(code(try envelope(of: [0x7B, 0xB0, 0xA1, 0x7D])) == .notUTF8) }

    @Test("A reader that takes double encoding only says so")
    func onlyDouble() throws {
        let single = try SentbeEnvelope.seal("{\"a\":1}", secret: secret, salt: salt, encoding: .single)
        #expect(code(single, .init(takesSingleEncoding: false)) == .singleEncoding)
        #expect(code(single) == nil)
    }

    @Test("Numbers keep their digits and members their order")
    func lossless() throws {
        let text = "{\"z\":1000000.0,\"a\":\"1\",\"m\":{\"b\":1e3,\"a\":null}}"
        let opened = try SentbeEnvelope.open(try SentbeEnvelope.seal(text, secret: secret, salt: salt), secret: secret)
        #expect(JSON.object(opened.parameters).text == text)
        #expect(opened.salt == salt)
    }

    @Test("Neither an error nor what was opened prints any of the content")
    func redacted() throws {
        let opened = try SentbeEnvelope.open(try SentbeEnvelope.seal("{\"name\":\"canary\"}", secret: secret, salt: salt), secret: secret)
        var dumped = ""
        dump(opened, to: &dumped)
        #expect(!"\(opened) \(String(reflecting: opened)) \(dumped)".contains("canary"))
        let error = #expect(throws: SentbeEnvelopeError.self) {
            try SentbeEnvelope.open(try envelope(of: Array("canary".utf8)), secret: secret)
        }
        #expect(error.map { !"\($0) \($0.message)".contains("canary") } == true)
    }

    @Test("A salt of another length is refused instead of being cut")
    func saltLength() {
        for count in [0, 7, 9, 16] {
            #expect(throws: SentbeEnvelopeError.saltLength) {
                try SentbeEnvelope.seal("{}", secret: secret, salt: [UInt8](repeating: 1, count: count))
            }
        }
    }
}
