public import Base
import Cryptography

/// Seals what a service keeps of people, so that its state on the disk shows nobody: AES-256-GCM, each text under its own name.
///
/// A text that was sealed under one name does not open under another: rows cannot be exchanged.
public struct RowSeal: Sendable {
    private let cipher: AuthenticatedCipher
    private let sealing: Secret
    private let marking: [UInt8]
    private let random: any RandomSource

    /// The length of a key in bytes.
    public static let keyByteCount = 32

    /// A seal.
    ///
    /// - Parameter key: ``keyByteCount`` bytes, kept apart from what is sealed.
    /// - Throws: `CipherError` when this OpenSSL has no AES-256-GCM.
    public init(key: Secret, random: any RandomSource) throws {
        cipher = try AuthenticatedCipher.aes256GCM()
        sealing = Secret(key.withBytes { hmacSHA256(Array("rows".utf8), key: $0) })
        marking = key.withBytes { hmacSHA256(Array("marks".utf8), key: $0) }
        self.random = random
    }

    /// The seal whose key lies in one of a service's files; the key is made when there is none. Without a disk the key ends with the process.
    ///
    /// - Throws: a `SystemError` when the folder cannot be used; `CipherError`.
    public init(keyFile name: String, in files: (any HandoutFiles)?, random: any RandomSource) throws {
        if let files, let kept = try files.read(name), kept.count == RowSeal.keyByteCount {
            try self.init(key: Secret(kept), random: random)
            return
        }
        let fresh = random.bytes(RowSeal.keyByteCount)
        try files?.write(name, fresh)
        try self.init(key: Secret(fresh), random: random)
    }

    /// The sealed form of `bytes`: the vector, the ciphertext and the tag.
    public func seal(_ bytes: [UInt8], name: String) throws -> [UInt8] {
        let vector = random.bytes(AuthenticatedCipher.vectorByteCount)
        let sealed = try cipher.seal(bytes, key: sealing, initializationVector: vector, additionalData: Array(name.utf8))
        return vector + sealed.ciphertext + sealed.tag
    }

    /// What was sealed under that name with this key; nothing when it was not, or has been changed.
    public func open(_ bytes: [UInt8], name: String) -> [UInt8]? {
        let (vector, tag) = (AuthenticatedCipher.vectorByteCount, AuthenticatedCipher.tagByteCount)
        guard bytes.count >= vector + tag else { return nil }
        let sealed = AuthenticatedCipher.Sealed(ciphertext: Array(bytes.dropFirst(vector).dropLast(tag)), tag: Array(bytes.suffix(tag)))
        return try? cipher.open(sealed, key: sealing, initializationVector: Array(bytes.prefix(vector)), additionalData: Array(name.utf8))
    }

    /// A mark by which something can be found again without being told by it: 32 bytes, the same for the same text and name.
    public func mark(_ text: String, name: String) -> [UInt8] { hmacSHA256(Array("\(name)\u{0}\(text)".utf8), key: marking) }
}
