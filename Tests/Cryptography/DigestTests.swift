import Base
import Cryptography
import Testing

@Suite("Digests")
struct DigestTests {
    /// Python's hashlib and hmac answer for all sizes at once: bytes 0, 1, 2, … modulo 251.
    private static let script = """
        import hashlib, hmac, sys
        sizes = [int(word) for word in sys.argv[1].split(",")]
        key = bytes(range(int(sys.argv[2])))
        for size in sizes:
            data = bytes(i % 251 for i in range(size))
            for name in ("sha256", "sha512", "sha1", "md5"):
                print(size, name.upper(), hashlib.new(name, data).hexdigest(), hmac.new(key, data, name).hexdigest())
        """

    private func data(_ size: Int) -> [UInt8] { (0..<size).map { UInt8($0 % 251) } }

    @Test("equal Python's hashlib and hmac on sizes around every block boundary", arguments: [0, 1, 20, 63, 64, 65, 127, 128, 129, 200])
    func againstPython(keySize: Int) async throws {
        let sizes = [0, 1, 3, 54, 55, 56, 57, 63, 64, 65, 111, 112, 113, 119, 120, 127, 128, 129, 1000, 65_537]
        let answer = try await Oracle.run("python3", ["-c", Self.script, sizes.map(String.init).joined(separator: ","), "\(keySize)"])
        #expect(answer.status == 0)
        let lines = answer.text.split(separator: "\n")
        #expect(lines.count == sizes.count * Digest.allCases.count)
        let key = (0..<keySize).map { UInt8($0) }
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            let digest = try #require(Digest(rawValue: words[1]))
            let bytes = data(try #require(Int(words[0])))
            #expect(Hexadecimal.encode(digest.hash(bytes)) == words[2])
            #expect(Hexadecimal.encode(digest.authenticate(bytes, key: key)) == words[3])
            #expect(digest.hash(bytes).count == digest.byteCount)
        }
    }

    @Test("HMAC-SHA256 equals RFC 4231, test case 2")
    func publishedVector() {
        let tag = hmacSHA256(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
        #expect(Hexadecimal.encode(tag) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test("constant-time comparison finds a difference at every place and in the length")
    func comparison() {
        let bytes = data(40)
        #expect(constantTimeEquals(bytes, bytes))
        #expect(constantTimeEquals([], []))
        #expect(!constantTimeEquals(bytes, Array(bytes.dropLast())))
        for index in bytes.indices {
            var other = bytes
            other[index] ^= 0x10
            #expect(!constantTimeEquals(bytes, other))
        }
    }
}

@Suite("Base64")
struct Base64Tests {
    @Test("equals the openssl command on every length up to 100")
    func againstOpenSSL() async throws {
        let lengths = [0, 1, 2, 3, 4, 5, 47, 48, 49, 97, 98, 99, 100]
        for length in lengths {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
            let expected = try await Oracle.run("openssl", ["base64", "-A"], input: bytes).text
            #expect(Base64.encode(bytes) == expected)
            #expect(Base64.decode(expected) == bytes)
        }
    }

    @Test("decodes every text that it encodes, all byte values included")
    func roundTrip() {
        let all = (0..<256).map { UInt8($0) }
        for length in 0...256 { #expect(Base64.decode(Base64.encode(Array(all.prefix(length)))) == Array(all.prefix(length))) }
    }

    @Test("whatever one byte of a text is changed into, what is read writes that very text again")
    func canonical() {
        for text in ["QUJDREVGRw==", "QUJDREVGR0g=", "QUJDREVGR0hJ"] {
            for place in text.utf8.indices {
                for byte in UInt8.min...UInt8.max {
                    var changed = Array(text.utf8)
                    changed[text.utf8.distance(from: text.startIndex, to: place)] = byte
                    if let read = Base64.decode(changed) { #expect(Base64.encoded(read) == changed) }
                }
            }
        }
    }

    @Test(
        "refuses what is not canonical",
        arguments: [
            "A", "AA", "AAA", "AA=A", "A===", "====", "AB==", "AAB=", "AA==AAAA", "AA= =", "AAA\n", " AAA", "AA-_", "AAAAA===", "가==",
        ])
    func refusals(text: String) { #expect(Base64.decode(text) == nil) }
}
