public import Base
import Cryptography

/// Records that whoever reads the disk cannot read: AES-256-GCM around another keeper's records.
///
/// Each keep takes a fresh initialization vector, and the record's name is signed with it, so that a record that was put under another name is refused as a damaged one is.
/// The names themselves stay in clear and must hold nothing personal. The key comes from a secret that outlives the process and a word for the purpose; with another secret the
/// records cannot be opened, and nothing is lost by trying.
public struct SealedRecords: RecordKeeper {
    private let records: any RecordKeeper
    private let random: any RandomSource
    private let cipher: Result<AuthenticatedCipher, CipherError>
    private let key: Secret

    /// The first byte of every sealed record: this layout.
    private static let version: UInt8 = 1
    /// How many bytes a record grows by when it is sealed.
    public static let growth = 1 + AuthenticatedCipher.vectorByteCount + AuthenticatedCipher.tagByteCount

    /// A keeper around another.
    ///
    /// - Parameters:
    ///   - records: Where the sealed records are kept.
    ///   - secret: What the key is made of. It must not be guessable: whoever guesses it reads everything.
    ///   - purpose: A constant word. Two keepers of one secret and different words cannot read each other's records.
    ///   - random: Where the initialization vectors come from.
    public init(_ records: any RecordKeeper, secret: Secret, purpose: String, random: any RandomSource) {
        self.records = records
        self.random = random
        key = secret.withBytes { Secret(hmacSHA256(Array("bujeol sealed records: \(purpose)".utf8), key: $0)) }
        do throws(CipherError) {
            cipher = .success(try AuthenticatedCipher.aes256GCM())
        } catch {
            cipher = .failure(error)
        }
    }

    /// The record of that name, opened.
    ///
    /// - Throws: ``RecordError`` also for a record that is damaged, was sealed with another secret, or belongs to another name. It stays where it is.
    public func record(_ name: String) async throws(RecordError) -> [UInt8]? {
        guard let bytes = try await records.record(name) else { return nil }
        let cipher = try ready()
        let vectorEnd = 1 + AuthenticatedCipher.vectorByteCount
        guard bytes.count >= SealedRecords.growth, bytes[0] == SealedRecords.version else { throw SealedRecords.unreadable(name) }
        let sealed = AuthenticatedCipher.Sealed(
            ciphertext: Array(bytes[vectorEnd..<bytes.count - AuthenticatedCipher.tagByteCount]),
            tag: Array(bytes.suffix(AuthenticatedCipher.tagByteCount)))
        do throws(CipherError) {
            return try cipher.open(
                sealed, key: key, initializationVector: Array(bytes[1..<vectorEnd]), additionalData: Array(name.utf8))
        } catch {
            throw SealedRecords.unreadable(name)
        }
    }

    /// The names that begin with `prefix`; they are not sealed.
    public func names(beginningWith prefix: String) async throws(RecordError) -> [String] {
        try await records.names(beginningWith: prefix)
    }

    /// Seals a record and keeps it, in place of an older one of that name.
    ///
    /// - Parameters:
    ///   - name: 1 to 200 bytes, kept in clear; nothing personal and no secret.
    ///   - bytes: At most 1 MiB less ``growth``; they may be secret and personal.
    ///   - end: When it may be forgotten by itself; nothing for never.
    public func keep(_ name: String, _ bytes: [UInt8], until end: Timestamp?) async throws(RecordError) {
        let cipher = try ready()
        let vector = random.bytes(AuthenticatedCipher.vectorByteCount)
        let sealed: AuthenticatedCipher.Sealed
        do throws(CipherError) {
            sealed = try cipher.seal(bytes, key: key, initializationVector: vector, additionalData: Array(name.utf8))
        } catch {
            throw SealedRecords.unavailable(error)
        }
        try await records.keep(name, [SealedRecords.version] + vector + sealed.ciphertext + sealed.tag, until: end)
    }

    /// Forgets a record, readable or not; fine when there is none.
    public func forget(_ name: String) async throws(RecordError) { try await records.forget(name) }

    private func ready() throws(RecordError) -> AuthenticatedCipher {
        do throws(CipherError) {
            return try cipher.get()
        } catch {
            throw SealedRecords.unavailable(error)
        }
    }

    private static func unreadable(_ name: String) -> RecordError {
        RecordError(
            BilingualText(
                korean: "봉인된 기록 \"\(name)\"을(를) 열 수 없습니다. 기록이 손상되었거나, 다른 비밀 값으로 봉인되었거나, 다른 이름의 기록이 옮겨진 것입니다. 기록은 그대로 남아 있습니다.",
                english:
                    "the sealed record \"\(name)\" cannot be opened: it is damaged, was sealed with another secret, or was moved here from another name; it is left as it is"
            ))
    }

    private static func unavailable(_ error: CipherError) -> RecordError {
        RecordError(BilingualText(korean: "기록을 봉인할 수 없습니다: \(error)", english: "records cannot be sealed: \(error)"))
    }
}
