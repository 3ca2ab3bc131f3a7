/// Why a cipher could not do its work. Which byte was wrong is never told: that would let an attacker find out the plaintext.
public struct CipherError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong.
    public enum Code: String, Sendable {
        /// The ciphertext cannot be what this key wrote.
        case damaged
        /// The key or the initialization vector has the wrong number of bytes.
        case wrongKeyLength = "wrong-key-length"
        /// The key is of another kind than the operation needs, or has an unusable size.
        case wrongKeyKind = "wrong-key-kind"
        /// The plaintext is longer than the key can take.
        case tooLong = "too-long"
        /// This OpenSSL does not have the cipher.
        case unavailable
        /// OpenSSL has no memory.
        case outOfMemory = "out-of-memory"
    }

    /// What went wrong.
    public let code: Code
    /// The same in a sentence, without anything secret.
    public let description: String

    private init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    static let damaged = CipherError(.damaged, "the ciphertext cannot be decrypted with this key")
    static let wrongKeyLength = CipherError(.wrongKeyLength, "the key or the initialization vector has the wrong length")
    static let outOfMemory = CipherError(.outOfMemory, "OpenSSL has no memory")

    static let tooLong = CipherError(.tooLong, "the plaintext is longer than the key can take")

    static func wrongKeyKind(_ description: String) -> CipherError { CipherError(.wrongKeyKind, description) }

    static func unavailable(rsa operation: RSAOperation) -> CipherError {
        let what =
            switch operation {
            case .encrypt(let digest), .decrypt(let digest): "RSA-OAEP with \(digest.rawValue)"
            case .decryptBare: "RSA without padding"
            case .sign(let digest), .verify(let digest): "RSA signatures with \(digest.rawValue)"
            }
        return CipherError(.unavailable, "this OpenSSL has no \(what), or a policy forbids it")
    }

    static func unavailable(_ cipher: String) -> CipherError {
        CipherError(
            .unavailable,
            "this OpenSSL has no \(cipher); SEED needs OpenSSL's legacy provider (Debian 13: the package openssl-provider-legacy)")
    }

    /// Whether both went wrong in the same way.
    public static func == (left: CipherError, right: CipherError) -> Bool { left.code == right.code }
}
