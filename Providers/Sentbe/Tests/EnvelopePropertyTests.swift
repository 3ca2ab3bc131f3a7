import Base
import Cryptography
import TestSupport
import Testing

@testable import Sentbe

@Suite("Sentbe: any text survives encrypt and decrypt")
struct EnvelopePropertyTests {
    private let random = SeededRandom(seed: 20_180_705)
    private let secret = Secret("test_pw")

    /// What JSON writers treat differently: controls, quotation marks, slashes, Hangul composed and not, line separators, emoji, and the edges of every encoded length.
    private static let scalars: [Unicode.Scalar] =
        (0...0x7F).compactMap { Unicode.Scalar($0 as UInt32) }
        + [
            "\u{80}", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFD}", "\u{FFFE}", "\u{FFFF}", "\u{10000}", "\u{10FFFF}",
            "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{200D}", "\u{301}", "\u{1112}", "\u{1161}", "\u{11AB}", "한", "글", "€", "😀", "🇰", "🇷",
        ]

    private func text(_ length: Int) -> String {
        var view = String.UnicodeScalarView()
        for _ in 0..<length {
            view.append(EnvelopePropertyTests.scalars[Int(random.number(below: UInt64(EnvelopePropertyTests.scalars.count)))])
        }
        return String(view)
    }

    /// `==` takes composed and decomposed Hangul for equal; bytes do not.
    private func areIdentical(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }

    @Test("Random texts in both dialects come back byte for byte, whatever their length")
    func texts() throws {
        for length in 0..<300 {
            let text = text(length % 60)
            for dialect in SentbeDialect.allCases {
                let envelope = try SentbeEnvelope.seal(text, secret: secret, salt: random.bytes(8), dialect: dialect)
                #expect(envelope.utf8.allSatisfy { (0x20...0x7E).contains($0) })
                #expect(areIdentical(try SentbeEnvelope.openText(envelope, secret: secret).text, text))
            }
        }
    }

    @Test("Random parameters in both dialects and both encodings come back with every digit and in their order")
    func parameters() throws {
        for _ in 0..<150 {
            var members = JSON.Members()
            for index in 0..<Int(random.number(below: 6)) { members["\(index)" + text(4)] = .string(text(12)) }
            members["n"] = .number("10.00")
            let written = JSON.object(members)
            for dialect in SentbeDialect.allCases {
                for encoding in SentbeEncoding.allCases {
                    let envelope = try SentbeEnvelope.seal(
                        written.text, secret: secret, salt: random.bytes(8), dialect: dialect, encoding: encoding)
                    let opened = try SentbeEnvelope.open(envelope, secret: secret)
                    #expect(JSON.object(opened.parameters) == written)
                    #expect(opened.encoding == encoding)
                    #expect(SentbeDiagnosis.explain(envelope, secret: secret).failure == nil)
                }
            }
        }
    }

    @Test("Texts of 64 KiB, of one byte and of four bytes a character, survive too")
    func long() throws {
        for text in [String(repeating: "a", count: 65_536), String(repeating: "😀", count: 16_384), text(16_384)] {
            for dialect in SentbeDialect.allCases {
                let envelope = try SentbeEnvelope.seal(text, secret: secret, salt: random.bytes(8), dialect: dialect)
                let opened = try SentbeEnvelope.openText(envelope, secret: secret, rules: .init(longestHeader: .max))
                #expect(areIdentical(opened.text, text))
            }
        }
    }

    @Test(
        "No flipped bit of an envelope goes unnoticed or breaks the reader, and none reads as other parameters with the same secret and vector"
    )
    func flipped() throws {
        let text = "{\"user_id\":\"47\",\"amount\":\"1000\"}"
        let envelope = Array(try SentbeEnvelope.seal(text, secret: secret, salt: random.bytes(8)).utf8)
        for index in envelope.indices {
            for bit in 0..<8 {
                var altered = envelope
                altered[index] ^= 1 << UInt8(bit)
                let header = String(decoding: altered, as: UTF8.self)
                // A case of a hexadecimal digit may change without a meaning; bits of the ciphertext may not.
                if let opened = try? SentbeEnvelope.open(header, secret: secret) { #expect(opened.text == text) }
            }
        }
    }

    @Test("The quoted text is what Python's JSON writer makes of it, and openssl makes the same ciphertext of that")
    func oracle() throws {
        var lines: [String] = []
        var expected: [String] = []
        for length in 0..<40 {
            let text = text(length)
            let salt = random.bytes(8)
            lines.append("\(Hexadecimal.encode(text.utf8)) \(Hexadecimal.encode(salt))")
            for dialect in SentbeDialect.allCases {
                let envelope = try JSON(try SentbeEnvelope.seal(text, secret: secret, salt: salt, dialect: dialect))
                expected.append(try #require(envelope["ct"]?.string))
            }
        }
        let script = """
            import sys, json, subprocess, base64
            for line in sys.stdin:
                text, salt = line.rstrip("\\n").split(" ")
                text = bytes.fromhex(text).decode()
                raw = json.dumps(text, ensure_ascii=False)
                escaped = json.dumps(text).replace("/", "\\\\/").replace("\\\\u007f", "\\x7f")
                for plain in (raw, escaped):
                    out = subprocess.run(["openssl", "enc", "-aes-256-cbc", "-md", "md5", "-S", salt, "-k", "test_pw"],
                        input=plain.encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
                    if out.startswith(b"Salted__"): out = out[16:]
                    print(base64.b64encode(out).decode())
            """
        #expect(try PythonOracle.lines(script, input: lines) == expected)
    }
}
