import Base
import Cryptography
import TestSupport
import Testing

@Suite("AES-256-GCM")
struct AuthenticatedCipherTests {
    struct Vector: Sendable, CustomStringConvertible {
        var description: String
        var key, vector, data, plaintext, ciphertext, tag: String
    }

    private static let key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
    private static let long =
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
    private static let sealed =
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
    private static let zeros = String(repeating: "00", count: 32)

    /// The test cases for 256-bit keys in the specification of GCM that was submitted to NIST.
    static let published: [Vector] = [
        Vector(
            description: "case 13", key: zeros, vector: String(repeating: "00", count: 12), data: "", plaintext: "", ciphertext: "",
            tag: "530f8afbc74536b9a963b4f1c4cb738b"),
        Vector(
            description: "case 14", key: zeros, vector: String(repeating: "00", count: 12), data: "",
            plaintext: String(repeating: "00", count: 16), ciphertext: "cea7403d4d606b6e074ec5d3baf39d18",
            tag: "d0d1c8a799996bf0265b98b5d48ab919"),
        Vector(
            description: "case 15", key: key, vector: "cafebabefacedbaddecaf888", data: "", plaintext: long, ciphertext: sealed,
            tag: "b094dac5d93471bdec1a502270e3cc6c"),
        Vector(
            description: "case 16", key: key, vector: "cafebabefacedbaddecaf888", data: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            plaintext: String(long.dropLast(8)), ciphertext: String(sealed.dropLast(8)), tag: "76fc6ece0f4e1768cddf8853bb2d551b"),
    ]

    private func bytes(_ hexadecimal: String) throws -> [UInt8] { try #require(Hexadecimal.decode(hexadecimal)) }

    @Test("The published vectors come out in both directions", arguments: published)
    func vectors(_ vector: Vector) throws {
        let cipher = try AuthenticatedCipher.aes256GCM()
        let key = Secret(try bytes(vector.key))
        let initial = try bytes(vector.vector)
        let data = try bytes(vector.data)
        let sealed = try cipher.seal(bytes(vector.plaintext), key: key, initializationVector: initial, additionalData: data)
        #expect(Hexadecimal.encode(sealed.ciphertext) == vector.ciphertext)
        #expect(Hexadecimal.encode(sealed.tag) == vector.tag)
        let opened = try cipher.open(sealed, key: key, initializationVector: initial, additionalData: data)
        #expect(Hexadecimal.encode(opened) == vector.plaintext)
    }

    @Test("Node reads what is sealed here, and seals what is opened here, at every length around a block, with and without additional data")
    func agreesWithNode() async throws {
        let script = """
            const crypto = require("crypto")
            for (const line of require("fs").readFileSync(0, "utf8").trim().split("\\n")) {
              const [key, iv, aad, plain, sealed] = line.split(" ").map(part => Buffer.from(part, "hex"))
              const open = crypto.createDecipheriv("aes-256-gcm", key, iv)
              open.setAAD(aad)
              open.setAuthTag(sealed.subarray(sealed.length - 16))
              const text = Buffer.concat([open.update(sealed.subarray(0, sealed.length - 16)), open.final()])
              if (!text.equals(plain)) throw new Error("opened to something else")
              const seal = crypto.createCipheriv("aes-256-gcm", key, iv)
              seal.setAAD(aad)
              const out = Buffer.concat([seal.update(plain), seal.final()])
              console.log(Buffer.concat([out, seal.getAuthTag()]).toString("hex"))
            }
            """
        let cipher = try AuthenticatedCipher.aes256GCM()
        let random = SeededRandom()
        var lines: [String] = []
        var expected: [String] = []
        for length in [0, 1, 15, 16, 17, 31, 32, 33, 1000] {
            for dataLength in [0, 1, 20] {
                let (key, vector, data) = (random.bytes(32), random.bytes(12), random.bytes(dataLength))
                let plaintext = random.bytes(length)
                let sealed = try cipher.seal(plaintext, key: Secret(key), initializationVector: vector, additionalData: data)
                lines.append(
                    [key, vector, data, plaintext, sealed.ciphertext + sealed.tag].map { Hexadecimal.encode($0) }.joined(separator: " "))
                expected.append(Hexadecimal.encode(sealed.ciphertext + sealed.tag))
            }
        }
        let answer = try await Oracle.run("node", ["-e", script], input: Array(lines.joined(separator: "\n").utf8))
        try #require(answer.status == 0, "\(answer.errors)")
        #expect(answer.text.split(separator: "\n").map(String.init) == expected)
    }

    @Test("One changed bit anywhere, a shorter tag, other additional data or another key are refused in one and the same way")
    func damaged() throws {
        let cipher = try AuthenticatedCipher.aes256GCM()
        let key = Secret([UInt8](repeating: 1, count: 32))
        let vector = [UInt8](repeating: 2, count: 12)
        let good = try cipher.seal(Array("홍길동".utf8), key: key, initializationVector: vector, additionalData: [7])
        var attempts: [(AuthenticatedCipher.Sealed, Secret, [UInt8], [UInt8])] = [
            (good, key, vector, []), (good, key, vector, [7, 0]), (good, Secret([UInt8](repeating: 3, count: 32)), vector, [7]),
            (good, key, [UInt8](repeating: 3, count: 12), [7]), (.init(ciphertext: [], tag: good.tag), key, vector, [7]),
            (.init(ciphertext: good.ciphertext, tag: Array(good.tag.prefix(12))), key, vector, [7]),
            (.init(ciphertext: good.ciphertext, tag: []), key, vector, [7]),
        ]
        for index in good.ciphertext.indices {
            var bad = good
            bad.ciphertext[index] ^= 1
            attempts.append((bad, key, vector, [7]))
        }
        for index in good.tag.indices {
            var bad = good
            bad.tag[index] ^= 0x80
            attempts.append((bad, key, vector, [7]))
        }
        for (sealed, key, vector, data) in attempts {
            let error = #expect(throws: CipherError.self) {
                try cipher.open(sealed, key: key, initializationVector: vector, additionalData: data)
            }
            #expect(error?.code == .damaged)
        }
        #expect(try cipher.open(good, key: key, initializationVector: vector, additionalData: [7]) == Array("홍길동".utf8))
    }

    @Test("A key that is set up once opens message after message, a refused one between them or not, each with its own vector and data")
    func opener() throws {
        let cipher = try AuthenticatedCipher.aes256GCM()
        let random = SeededRandom()
        let key = Secret(random.bytes(32))
        let opener = try cipher.opener(key: key)
        for length in [0, 1, 16, 40, 0, 300] {
            let (vector, data, plaintext) = (random.bytes(12), random.bytes(length / 2), random.bytes(length))
            let sealed = try cipher.seal(plaintext, key: key, initializationVector: vector, additionalData: data)
            func open(_ ciphertext: [UInt8], _ tag: [UInt8], _ vector: [UInt8], _ data: [UInt8]) throws(CipherError) -> [UInt8] {
                try opener.open(ciphertext.span, tag: tag.span, initializationVector: vector.span, additionalData: data.span)
            }
            #expect(try open(sealed.ciphertext, sealed.tag, vector, data) == plaintext)
            for (ciphertext, tag, vector, data) in [
                (sealed.ciphertext + [0], sealed.tag, vector, data), (sealed.ciphertext, sealed.tag, vector, data + [0]),
                (sealed.ciphertext, Array(sealed.tag.dropLast()), vector, data), (sealed.ciphertext, sealed.tag, random.bytes(12), data),
            ] {
                let error = #expect(throws: CipherError.self) { try open(ciphertext, tag, vector, data) }
                #expect(error?.code == .damaged)
            }
            #expect(try open(sealed.ciphertext, sealed.tag, vector, data) == plaintext)
            let error = #expect(throws: CipherError.self) { try open(sealed.ciphertext, sealed.tag, Array(vector.dropLast()), data) }
            #expect(error?.code == .wrongKeyLength)
        }
        #expect(throws: CipherError.self) { _ = try cipher.opener(key: Secret(random.bytes(16))) }
    }

    @Test("A key or a vector of the wrong length is refused before anything is done")
    func wrongLengths() throws {
        let cipher = try AuthenticatedCipher.aes256GCM()
        for (key, vector) in [(16, 12), (33, 12), (32, 16), (32, 0), (0, 12)] {
            let error = #expect(throws: CipherError.self) {
                try cipher.seal(
                    [1], key: Secret([UInt8](repeating: 0, count: key)), initializationVector: [UInt8](repeating: 0, count: vector))
            }
            #expect(error?.code == .wrongKeyLength)
        }
    }
}
