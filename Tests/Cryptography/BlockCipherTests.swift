import Base
import Testing

@testable import Cryptography

@Suite("Block ciphers")
struct BlockCipherTests {
    private static let vector = Array("MADE-UP-IV-16-BY".utf8)

    private func openssl(_ cipher: String, _ arguments: [String], input: [UInt8]) async throws -> [UInt8] {
        let result = try await Oracle.run(
            "openssl", ["enc", "-\(cipher)", "-provider", "default", "-provider", "legacy"] + arguments, input: input)
        try #require(result.status == 0, "\(result.errors)")
        return result.output
    }

    @Test(
        "openssl reads what AES and SEED write, and the other way round, at every length around a block",
        arguments: ["aes-256-cbc", "seed-cbc"])
    func agreesWithOpenSSL(name: String) async throws {
        let cipher = try name == "seed-cbc" ? BlockCipher.seedCBC() : BlockCipher.aes256CBC()
        let key = (0..<cipher.keyByteCount).map { UInt8($0 * 7 & 0xFF) }
        let options = ["-K", Hexadecimal.encode(key), "-iv", Hexadecimal.encode(Self.vector)]
        for length in [0, 1, 15, 16, 17, 31, 32, 33, 1000] {
            let plaintext = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 31) }
            let written = try cipher.encrypt(plaintext, key: Secret(key), initializationVector: Self.vector)
            #expect(try await openssl(name, options + ["-d"], input: written) == plaintext)
            let foreign = try await openssl(name, options, input: plaintext)
            #expect(foreign == written)
            #expect(try cipher.decrypt(foreign, key: Secret(key), initializationVector: Self.vector) == plaintext)
        }
    }

    @Test("SEED gives the block of RFC 4269, appendix B.1")
    func standardBlock() throws {
        let zeros = [UInt8](repeating: 0, count: 16)
        let block = try BlockCipher.seedCBC().encrypt(Array(0...15), key: Secret(zeros), initializationVector: zeros)
        #expect(Hexadecimal.encode(Array(block.prefix(16))) == "5ebac6e0054e166819aff1cc6d346cdb")
    }

    @Test("A damaged ciphertext is refused in one way, whatever is wrong with it")
    func damaged() throws {
        let cipher = try BlockCipher.aes256CBC()
        let key = Secret([UInt8](repeating: 1, count: 32))
        let good = try cipher.encrypt(Array("0123456789abcdef0".utf8), key: key, initializationVector: Self.vector)
        var flipped = good
        flipped[15] ^= 1
        for bad in [[], Array(good.dropLast()), flipped, Array(good.prefix(16))] {
            let error = #expect(throws: CipherError.self) { try cipher.decrypt(bad, key: key, initializationVector: Self.vector) }
            #expect(error?.code == .damaged)
        }
    }

    @Test("A key or a vector of the wrong length is refused")
    func wrongLengths() throws {
        let cipher = try BlockCipher.aes256CBC()
        for (key, vector) in [(16, 16), (33, 16), (32, 15), (0, 16)] {
            let error = #expect(throws: CipherError.self) {
                try cipher.encrypt(
                    [1], key: Secret([UInt8](repeating: 0, count: key)), initializationVector: [UInt8](repeating: 0, count: vector))
            }
            #expect(error?.code == .wrongKeyLength)
        }
    }

    @Test("A passphrase gives the key and vector that openssl derives from it")
    func passphrase() async throws {
        let salt: [UInt8] = [0x29, 0x34, 0x6d, 0x32, 0x2c, 0xb2, 0x6b, 0x23]
        for passphrase in ["test_pw", "", "비밀번호 🔑"] {
            let derived = try #require(PassphraseKey(passphrase: Secret(passphrase), salt: salt))
            let answer = try await Oracle.run(
                "openssl", ["enc", "-aes-256-cbc", "-md", "md5", "-S", Hexadecimal.encode(salt), "-pass", "pass:" + passphrase, "-P"])
            let text = answer.text.uppercased()
            let key = derived.key.withBytes { Hexadecimal.encode($0) }
            #expect(text.contains("KEY=" + key.uppercased()))
            #expect(text.contains("IV =" + Hexadecimal.encode(derived.initializationVector).uppercased()))
        }
        #expect(PassphraseKey(passphrase: Secret("x"), salt: [1, 2, 3]) == nil)
    }
}
