public import Base

/// A key of 32 bytes and an initialization vector made out of a passphrase the way `openssl enc -md md5` and CryptoJS do (EVP_BytesToKey, one round).
///
/// One round of MD5 does not slow an attacker down: the passphrase must be random, not a word.
public struct PassphraseKey: Sendable {
    /// 32 bytes.
    public let key: Secret
    /// 16 bytes.
    public let initializationVector: [UInt8]

    /// The number of bytes of a salt.
    public static let saltByteCount = 8

    /// Derives both; nothing when `salt` is not ``saltByteCount`` bytes long.
    public init?(passphrase: Secret, salt: [UInt8]) {
        guard salt.count == PassphraseKey.saltByteCount else { return nil }
        var input: [UInt8] = []
        var derived: [UInt8] = []
        while derived.count < 48 {
            input = Array(derived.suffix(16))
            passphrase.append(to: &input)
            input.append(contentsOf: salt)
            derived.append(contentsOf: Digest.md5.hash(input))
        }
        key = Secret(Array(derived[..<32]))
        initializationVector = Array(derived[32...])
    }
}
