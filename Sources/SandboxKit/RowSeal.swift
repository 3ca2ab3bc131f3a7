public import Base
import Cryptography
import Storage

/// Seals what a service keeps of people, so that its state on the disk shows nobody: AES-256-GCM, each text under its own name.
///
/// A text that was sealed under one name does not open under another: rows cannot be exchanged.
public struct RowSeal: Sendable {
    private let cipher: AuthenticatedCipher
    private let sealing: Secret
    private let marking: [UInt8]
    private let random: any RandomSource
    /// Whether its key was made just now: what was sealed before does not open.
    public let isNew: Bool

    /// The length of a key in bytes.
    public static let keyByteCount = 32

    /// A seal.
    ///
    /// - Parameter key: ``keyByteCount`` bytes, kept apart from what is sealed.
    /// - Throws: `CipherError` when this OpenSSL has no AES-256-GCM.
    public init(key: Secret, random: any RandomSource) throws { try self.init(key: key, random: random, isNew: false) }

    private init(key: Secret, random: any RandomSource, isNew: Bool) throws {
        self.isNew = isNew
        cipher = try AuthenticatedCipher.aes256GCM()
        sealing = Secret(key.withBytes { hmacSHA256(Array("rows".utf8), key: $0) })
        marking = key.withBytes { hmacSHA256(Array("marks".utf8), key: $0) }
        self.random = random
    }

    /// The seal whose key lies in one of a service's files; the key is made when there is none. Without a disk the key ends with the process.
    ///
    /// - Throws: `StorageError` when the file is there and holds no key: it is not replaced, since its backup would open what was sealed. A `SystemError` when the folder
    ///   cannot be used; `CipherError`.
    public init(keyFile name: String, in files: (any HandoutFiles)?, random: any RandomSource) throws {
        if let files, let kept = try files.read(name) {
            guard kept.count == RowSeal.keyByteCount else { throw RowSeal.damaged(files.path(name), kept.count) }
            try self.init(key: Secret(kept), random: random, isNew: false)
            return
        }
        let fresh = random.bytes(RowSeal.keyByteCount)
        try files?.write(name, fresh)
        try self.init(key: Secret(fresh), random: random, isNew: true)
    }

    private static func damaged(_ path: String, _ count: Int) -> StorageError {
        StorageError(
            .corrupt, file: path,
            text: BilingualText(
                korean: "저장된 개인정보를 여는 키 파일 \(path)이(가) 손상되었습니다(\(keyByteCount)바이트여야 하는데 \(count)바이트). 아무것도 덮어쓰지 않았습니다.",
                english: "The key file \(path), which opens what is kept of people, is damaged: \(count) bytes instead of \(keyByteCount). "
                    + "Nothing was overwritten."),
            remedy: BilingualText(
                korean: "백업에서 되돌리세요. 백업이 없으면 파일을 지우고 다시 시작하세요. 그러면 지금까지 봉인된 사람과 서명, 키는 다시 열 수 없습니다.",
                english:
                    "Bring the file back from a backup. Without one delete it and start again; the people, signatures and keys that were sealed "
                    + "so far can then not be opened any more."))
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
