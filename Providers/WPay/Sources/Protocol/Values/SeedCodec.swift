public import Base
public import Cryptography

/// Mark E: SEED-128 in CBC mode with the merchant's key and its fixed initialization vector, written in Base64 without line breaks.
///
/// The vector is fixed, so equal texts give equal ciphertexts: a ciphertext is personal data too.
public struct SeedCodec: Sendable {
    private let cipher: BlockCipher
    private let key: Secret
    private let initializationVector: [UInt8]

    /// A codec for one merchant.
    ///
    /// - Parameters:
    ///   - key: 16 bytes.
    ///   - initializationVector: 16 bytes.
    /// - Throws: ``WPayKeyError`` for a wrong length, or when this OpenSSL has no SEED.
    public init(key: Secret, initializationVector: [UInt8]) throws(WPayKeyError) {
        do throws(CipherError) {
            cipher = try BlockCipher.seedCBC()
        } catch {
            throw .seedUnavailable(error)
        }
        guard key.count == cipher.keyByteCount else { throw .seedKey }
        guard initializationVector.count == BlockCipher.blockByteCount else { throw .seedIV }
        self.key = key
        self.initializationVector = initializationVector
    }

    /// The ciphertext of the UTF-8 bytes of `text` in Base64; empty stays empty.
    ///
    /// - Throws: `CipherError` when there is no memory, or for a text of two gigabytes.
    public func encrypt(_ text: String) throws(CipherError) -> String { text.isEmpty ? "" : try encryptPadded(text) }

    /// As ``encrypt(_:)``, but with an empty text encrypted to a whole block of padding: the well-known mistake, for whoever looks for it.
    func encryptPadded(_ text: String) throws(CipherError) -> String {
        Base64.encode(try cipher.encrypt(Array(text.utf8), key: key, initializationVector: initializationVector))
    }

    /// The text behind a ciphertext; empty stays empty. Nothing when Base64, length, padding or UTF-8 are wrong: which of them is not told.
    public func decrypt(_ text: String) -> String? {
        if text.isEmpty { return "" }
        guard let bytes = Base64.decode(text),
            let plain = try? cipher.decrypt(bytes, key: key, initializationVector: initializationVector)
        else { return nil }
        return String(validating: plain, as: UTF8.self)
    }
}
