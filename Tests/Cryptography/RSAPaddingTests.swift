import Base
import Cryptography
import Testing

@Suite("RSA paddings")
struct RSAPaddingTests {
    @Test("OAEP is recognised with its digest, and another key's, a cut or a random block is nothing")
    func recognised() throws {
        let key = try PrivateKey.generateRSA(bits: 2048)
        let message = Secret("AES_GCM$key$vector")
        for digest in [Digest.sha1, .sha256, .sha512] {
            let block = try key.publicKey.encryptOAEP(message, digest: digest)
            let found = try #require(key.recognisePadding(of: block))
            #expect(found.padding == .oaep(padding: digest, mask: digest, hasLabel: false) && found.plaintext == message)
            #expect(key.recognisePadding(of: Array(block.dropLast())) == nil)
        }
        let stranger = try PrivateKey.generateRSA(bits: 2048)
        let block = try stranger.publicKey.encryptOAEP(message)
        // A number above the modulus is refused by RSA itself; below, no padding makes sense of it.
        #expect(key.recognisePadding(of: block) == nil)
        #expect(key.recognisePadding(of: [UInt8](repeating: 0xFF, count: 256)) == nil)
        #expect(key.recognisePadding(of: [UInt8](repeating: 0, count: 255) + [1]) == nil)
        #expect(key.recognisePadding(of: []) == nil)
    }

    @Test("A key on a curve has no RSA padding")
    func otherKind() throws {
        #expect(try PrivateKey.generate().recognisePadding(of: [UInt8](repeating: 1, count: 256)) == nil)
    }
}
