public import Base
import Cryptography

/// The three secrets that a merchant gets for its id (MID).
public struct WPayKeys: Sendable {
    /// What stands behind the last `hashKey=` of every signed message; 32 characters of text.
    public let hashKey: Secret
    /// Encrypts and decrypts E fields.
    public let seed: SeedCodec

    /// Keys in bytes.
    ///
    /// - Parameters:
    ///   - hashKey: The text; 32 characters as WPAY hands it out, at least one here.
    ///   - seedKey: 16 bytes.
    ///   - seedIV: 16 bytes.
    /// - Throws: ``WPayKeyError`` naming what is wrong, or that this OpenSSL has no SEED.
    public init(hashKey: Secret, seedKey: Secret, seedIV: [UInt8]) throws(WPayKeyError) {
        let isText = hashKey.withBytes { bytes in !bytes.isEmpty && bytes.allSatisfy { (0x21...0x7E).contains($0) } }
        guard isText else { throw .hashKey }
        self.hashKey = hashKey
        seed = try SeedCodec(key: seedKey, initializationVector: seedIV)
    }

    /// Keys as WPAY mails them.
    ///
    /// - Parameters:
    ///   - hashKey: 32 characters.
    ///   - seedKey: 16 bytes in Base64, 24 characters.
    ///   - seedIV: 16 ASCII characters.
    /// - Throws: ``WPayKeyError`` naming what is wrong, or that this OpenSSL has no SEED.
    public init(hashKey: Secret, seedKey: Secret, seedIV: Secret) throws(WPayKeyError) {
        guard let key = seedKey.withText({ Base64.decode($0) }) else { throw .seedKey }
        let vector = seedIV.withBytes { $0 }
        guard vector.allSatisfy({ $0 < 0x80 }) else { throw .seedIV }
        try self.init(hashKey: hashKey, seedKey: Secret(key), seedIV: vector)
    }
}

/// Why keys cannot be used.
public struct WPayKeyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Which of them.
    public enum Code: String, Sendable {
        /// The hashKey is empty or has other characters than printable ASCII.
        case hashKey = "hash-key"
        /// The SEED key is not 16 bytes in Base64.
        case seedKey = "seed-key"
        /// The initialization vector is not 16 ASCII characters.
        case seedIV = "seed-iv"
        /// This OpenSSL cannot encrypt with SEED.
        case seedUnavailable = "seed-unavailable"
    }

    /// Which of them.
    public let code: Code
    /// What is wrong and what would be right, without the key.
    public let message: BilingualText

    /// Whether both are about the same.
    public static func == (left: WPayKeyError, right: WPayKeyError) -> Bool { left.code == right.code }

    /// Code and the English message.
    public var description: String { "\(code.rawValue): \(message.english)" }

    private init(_ code: Code, _ korean: String, _ english: String) {
        self.code = code
        message = BilingualText(korean: korean, english: english)
    }

    static let hashKey = WPayKeyError(
        .hashKey, "hashKey는 공백 없는 ASCII 문자열이어야 합니다(이니시스가 주는 값은 32자).",
        "the hashKey must be ASCII text without spaces (WPAY hands out 32 characters)")
    static let seedKey = WPayKeyError(
        .seedKey, "SEED 키는 16바이트를 Base64로 적은 24자여야 합니다.", "the SEED key must be 16 bytes in Base64, that is 24 characters")
    static let seedIV = WPayKeyError(.seedIV, "SEED IV는 ASCII 16자여야 합니다.", "the SEED IV must be 16 ASCII characters")

    static func seedUnavailable(_ error: CipherError) -> WPayKeyError {
        WPayKeyError(
            .seedUnavailable,
            "이 OpenSSL에는 SEED가 없습니다. OpenSSL의 legacy provider가 필요합니다(Debian 13: openssl-provider-legacy 패키지).",
            error.description)
    }
}
