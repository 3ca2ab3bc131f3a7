import Base
import Cryptography

/// A session as both halves hold it: an id, an AES key and an initialization vector, all made by the caller for one call.
///
/// All fields of a session share key **and** vector; that is how the service works. Two ciphertexts of one session therefore give away the difference of their plaintexts, and one
/// value that can be guessed lays bare the beginning of all others: encrypted fields are to be handled like clear ones.
struct SessionCipher: Sendable {
    /// What RSA encrypts begins with this word.
    static let algorithm = "AES_GCM"

    /// A UUID.
    let id: String
    /// 32 bytes.
    let key: Secret
    /// 12 bytes.
    let vector: Secret
    let cipher: AuthenticatedCipher

    init(id: String, key: Secret, vector: Secret) throws(SessionFault) {
        guard key.count == AuthenticatedCipher.keyByteCount else { throw SessionFault(.keyLength(key.count), in: .key) }
        guard vector.count == AuthenticatedCipher.vectorByteCount else { throw SessionFault(.vectorLength(vector.count), in: .vector) }
        do throws(CipherError) {
            cipher = try AuthenticatedCipher.aes256GCM()
        } catch {
            throw SessionFault(.unavailable, in: .whole)
        }
        self.id = id
        self.key = key
        self.vector = vector
    }

    /// A fresh session.
    init(random: any RandomSource) throws(SessionFault) {
        try self.init(
            id: RandomUUID.text(random), key: Secret(wiping: random.bytes(AuthenticatedCipher.keyByteCount)),
            vector: Secret(wiping: random.bytes(AuthenticatedCipher.vectorByteCount)))
    }

    /// The session with that id and what RSA had encrypted: `AES_GCM$key$vector`.
    init(id: String, contents: Secret) throws(SessionFault) {
        var bytes: [UInt8] = []
        contents.append(to: &bytes)
        defer { wipe(&bytes) }
        let parts = bytes.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
        if parts[0].elementsEqual("AES_CBC".utf8) { throw SessionFault(.cipherBlockChaining, in: .contents) }
        guard parts.count == 3, parts[0].elementsEqual(SessionCipher.algorithm.utf8) else {
            throw SessionFault(.wrongContents(parts: parts.count), in: .contents)
        }
        try self.init(
            id: id, key: try SessionCipher.secret(parts[1], in: .key), vector: try SessionCipher.secret(parts[2], in: .vector))
    }

    private static func secret(_ characters: ArraySlice<UInt8>, in piece: SessionFault.Piece) throws(SessionFault) -> Secret {
        Secret(wiping: try EncodingMishap.decode(characters, in: piece))
    }

    /// `AES_GCM$key$vector`, 69 bytes: what RSA encrypts.
    var contents: Secret {
        var bytes = Array("\(SessionCipher.algorithm)$".utf8)
        bytes.reserveCapacity(69)
        defer { wipe(&bytes) }
        for (index, part) in [key, vector].enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: "$")) }
            var raw: [UInt8] = []
            part.append(to: &raw)
            var text = Base64.encoded(raw)
            bytes += text
            wipe(&raw)
            wipe(&text)
        }
        return Secret(bytes)
    }

    /// Encrypts one value.
    func seal(_ text: Secret, version: String = SealedText.version) throws(SessionFault) -> String {
        var (plaintext, keyBytes): ([UInt8], [UInt8]) = ([], [])
        text.append(to: &plaintext)
        key.append(to: &keyBytes)
        defer {
            wipe(&plaintext)
            wipe(&keyBytes)
        }
        guard let sealed = sealed(plaintext, additionalData: keyBytes) else { throw SessionFault(.unavailable, in: .whole) }
        return SealedText.write(version: version, id: id, base64: Base64.encode(sealed.ciphertext + sealed.tag))
    }

    /// Decrypts one value.
    ///
    /// - Parameters:
    ///   - field: `v1$id$base64`.
    ///   - readsAnyID: Takes a text under whatever id: for printed samples, which mix several.
    /// - Throws: ``SessionFault`` with the true cause, as far as trying finds it.
    func open(_ field: String, readsAnyID: Bool = false) throws(SessionFault) -> Secret {
        try open(field, with: opener(), readsAnyID: readsAnyID)
    }

    /// The key, set up for opening several fields one after another; for one that takes longer than the field.
    func opener() throws(SessionFault) -> AuthenticatedCipher.Opener {
        do throws(CipherError) {
            return try cipher.opener(key: key)
        } catch {
            throw SessionFault(.unavailable, in: .whole)
        }
    }

    /// Decrypts one of several values; see ``open(_:readsAnyID:)``.
    func open(
        _ field: String, with opener: borrowing AuthenticatedCipher.Opener, readsAnyID: Bool = false
    ) throws(SessionFault) -> Secret {
        let text = try SealedText(field, longest: TossAuthLimits.longestField)
        let isOwn = readsAnyID || text.names(id)
        guard isOwn, var plaintext = opened(text.bytes, with: opener) else { throw diagnose(text, isOwn: isOwn) }
        defer { wipe(&plaintext) }
        let secret = Secret(plaintext)
        guard secret.withSpan({ (try? UTF8Span(validating: $0)) != nil }) else { throw SessionFault(.notUTF8, in: .plaintext) }
        guard !SessionCipher.looksSealed(secret) else { throw SessionFault(.encryptedTwice, in: .plaintext) }
        return secret
    }

    /// Whether a plaintext has the form of an encrypted field.
    private static func looksSealed(_ plaintext: Secret) -> Bool {
        // Hardly any begins so: only then is it worth a copy.
        guard plaintext.withSpan({ $0.count > 2 && $0[0] == UInt8(ascii: "v") && $0[1] == UInt8(ascii: "1") }) else { return false }
        return plaintext.withBytes { SealedText.hasForm($0) }
    }

    private func opened(_ bytes: [UInt8], with opener: borrowing AuthenticatedCipher.Opener) -> [UInt8]? {
        let end = bytes.count - AuthenticatedCipher.tagByteCount
        guard end >= 0 else { return nil }
        return key.withSpan { key in
            vector.withSpan { vector in
                try? opener.open(
                    bytes.span.extracting(0..<end), tag: bytes.span.extracting(end..<bytes.count), initializationVector: vector,
                    additionalData: key)
            }
        }
    }

    /// The plaintext of ciphertext and tag as they should be; nothing when the tag is not right.
    func opened(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count >= AuthenticatedCipher.tagByteCount else { return nil }
        let end = bytes.count - AuthenticatedCipher.tagByteCount
        var keyBytes: [UInt8] = []
        key.append(to: &keyBytes)
        defer { wipe(&keyBytes) }
        return opened(ciphertext: bytes[..<end], tag: bytes[end...], additionalData: keyBytes)
    }

    func opened(
        ciphertext: ArraySlice<UInt8>, tag: ArraySlice<UInt8>, additionalData: [UInt8], key: Secret? = nil, vector: [UInt8]? = nil
    ) -> [UInt8]? {
        try? cipher.open(
            AuthenticatedCipher.Sealed(ciphertext: Array(ciphertext), tag: Array(tag)), key: key ?? self.key,
            initializationVector: vector ?? self.vector.withBytes { $0 }, additionalData: additionalData)
    }

    func sealed(_ plaintext: [UInt8], additionalData: [UInt8]) -> AuthenticatedCipher.Sealed? {
        try? cipher.seal(plaintext, key: key, initializationVector: vector.withBytes { $0 }, additionalData: additionalData)
    }
}

extension Secret {
    /// Keeps a copy of bytes and overwrites those that were given, unless somebody else holds them too.
    convenience init(wiping bytes: consuming [UInt8]) {
        var bytes = bytes
        defer { wipe(&bytes) }
        self.init(bytes)
    }
}
