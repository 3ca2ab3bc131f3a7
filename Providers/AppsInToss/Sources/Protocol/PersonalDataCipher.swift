public import Base
import Cryptography

/// Encrypts and decrypts the personal data in login-me: `base64(IV 12 ‖ ciphertext ‖ tag 16)`, AES-256-GCM.
///
/// The key is the same for every field and every user, so that each field needs an initialization vector of its own. Toss Auth's fields look alike and are another thing:
/// `v1$id$…`, the vector outside, a key for each call.
public struct PersonalDataCipher: Sendable {
    /// The key's length in bytes.
    public static let keyByteCount = AuthenticatedCipher.keyByteCount
    /// The length in bytes of the initialization vector that every field begins with.
    public static let vectorByteCount = AuthenticatedCipher.vectorByteCount
    /// The length in bytes of the shortest field: that of an empty text.
    static let leastByteCount = vectorByteCount + AuthenticatedCipher.tagByteCount

    let key: Secret
    let additionalData: Secret
    private let cipher: AuthenticatedCipher

    /// A cipher by its key as bytes.
    ///
    /// - Parameters:
    ///   - key: 32 bytes.
    ///   - additionalData: The text that came with the key, byte for byte; may be empty.
    /// - Throws: ``PersonalDataError`` with `wrongKey`, or `unavailable`.
    public init(key: Secret, additionalData: Secret) throws(PersonalDataError) {
        guard key.count == PersonalDataCipher.keyByteCount else { throw .wrongKey }
        do throws(CipherError) {
            cipher = try AuthenticatedCipher.aes256GCM()
        } catch {
            throw .unavailable
        }
        self.key = key
        self.additionalData = additionalData
    }

    /// A cipher by its key as it comes by mail: 32 bytes in Base64. White space around it does not count.
    ///
    /// - Throws: ``PersonalDataError`` with `wrongKey`, or `unavailable`.
    public init(base64Key: Secret, additionalData: Secret) throws(PersonalDataError) {
        guard let key = base64Key.withBytes({ Base64.decode(PersonalDataCipher.trimmed($0)) }) else { throw .wrongKey }
        try self.init(key: Secret(key), additionalData: additionalData)
    }

    /// Decrypts one field.
    ///
    /// - Parameter field: The text as login-me gives it.
    /// - Throws: ``PersonalDataError`` with `unreadable`, the same for whatever is wrong with it. Ask ``PersonalDataDiagnosis`` why.
    public func open(_ field: String) throws(PersonalDataError) -> PersonalText {
        guard let bytes = Base64.decode(field), let plaintext = open(bytes, additionalData),
            let text = String(validating: plaintext, as: UTF8.self)
        else { throw .unreadable }
        return PersonalText(text)
    }

    /// Encrypts one field, as the provider does.
    ///
    /// - Parameters:
    ///   - text: What the field says.
    ///   - initializationVector: 12 random bytes, never used before with this key.
    /// - Throws: ``PersonalDataError`` with `wrongVector`.
    public func seal(_ text: String, initializationVector: [UInt8]) throws(PersonalDataError) -> String {
        do throws(CipherError) {
            let sealed = try additionalData.withBytes { (data) throws(CipherError) in
                try cipher.seal(Array(text.utf8), key: key, initializationVector: initializationVector, additionalData: data)
            }
            return Base64.encode(initializationVector + sealed.ciphertext + sealed.tag)
        } catch {
            throw .wrongVector
        }
    }

    /// Decrypts a field's bytes with other additional data; nothing when its tag is not right.
    func open(_ bytes: [UInt8], _ additionalData: Secret) -> [UInt8]? {
        guard bytes.count >= PersonalDataCipher.leastByteCount else { return nil }
        let end = bytes.count - AuthenticatedCipher.tagByteCount
        let sealed = AuthenticatedCipher.Sealed(
            ciphertext: Array(bytes[PersonalDataCipher.vectorByteCount..<end]), tag: Array(bytes[end...]))
        return additionalData.withBytes { data in
            try? cipher.open(
                sealed, key: key, initializationVector: Array(bytes[..<PersonalDataCipher.vectorByteCount]), additionalData: data)
        }
    }

    /// What a field's bytes say when its tag is not looked at: worth nothing but a hint about the key.
    func unverified(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count >= PersonalDataCipher.leastByteCount else { return nil }
        let ciphertext = bytes[PersonalDataCipher.vectorByteCount..<bytes.count - AuthenticatedCipher.tagByteCount]
        let vector = Array(bytes[..<PersonalDataCipher.vectorByteCount])
        // Counter mode adds a stream to the plaintext; encrypting zeros lays it bare.
        let stream = try? cipher.seal([UInt8](repeating: 0, count: ciphertext.count), key: key, initializationVector: vector).ciphertext
        return stream.map { zip($0, ciphertext).map { $0 ^ $1 } }
    }

    static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) }) else { return [] }
        return Array(bytes[first...last])
    }
}

/// Why personal data could not be decrypted or encrypted.
public struct PersonalDataError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong; more may be added.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// A short constant word, fit for a metric's label.
        public let rawValue: String
        /// A code by its word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The field cannot be decrypted with this key and this additional data.
        public static let unreadable = Code(rawValue: "personal-data-unreadable")
        /// The key is not 32 bytes, or not Base64.
        public static let wrongKey = Code(rawValue: "personal-data-key-wrong")
        /// The initialization vector is not 12 bytes.
        public static let wrongVector = Code(rawValue: "personal-data-vector-wrong")
        /// OpenSSL does not have the cipher.
        public static let unavailable = Code(rawValue: "personal-data-cipher-unavailable")
    }

    /// What went wrong.
    public var code: Code
    /// What happened and what to do, without any part of key, field or text.
    public var message: BilingualText

    static let unreadable = PersonalDataError(
        code: .unreadable,
        message: BilingualText(
            korean: "개인정보 필드를 복호화할 수 없습니다. 이 키와 AAD로 암호화된 값이 아닙니다. bujeol apps-in-toss decrypt로 까닭을 알아보세요.",
            english:
                "the field cannot be decrypted: this key and this additional data did not write it; bujeol apps-in-toss decrypt says why"))
    static let wrongKey = PersonalDataError(
        code: .wrongKey,
        message: BilingualText(
            korean: "개인정보 복호화 키는 32바이트를 Base64로 쓴 44자여야 합니다. 메일로 받은 값을 그대로 쓰세요.",
            english: "the key for personal data must be 32 bytes in Base64, 44 characters; use it as it came by mail"))
    static let wrongVector = PersonalDataError(
        code: .wrongVector,
        message: BilingualText(korean: "IV는 12바이트여야 합니다.", english: "the initialization vector must be 12 bytes"))
    static let unavailable = PersonalDataError(
        code: .unavailable,
        message: BilingualText(korean: "이 OpenSSL에는 AES-256-GCM이 없습니다.", english: "this OpenSSL has no AES-256-GCM"))

    /// Whether both have the same code; the wording does not count.
    public static func == (left: PersonalDataError, right: PersonalDataError) -> Bool { left.code == right.code }
    /// Code and the English message.
    public var description: String { "\(code.rawValue): \(message.english)" }
}
