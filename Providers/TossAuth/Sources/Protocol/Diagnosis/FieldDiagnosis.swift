import Base
import Cryptography

extension SessionCipher {
    /// Why a field does not open, found by trying what people get wrong: at most some fifty passes over a field that is itself bounded.
    ///
    /// - Parameters:
    ///   - text: The field, in its right form.
    ///   - isOwn: Whether it carries this session's id.
    func diagnose(_ text: SealedText, isOwn: Bool) -> SessionFault {
        let attempt = FieldAttempt(self, text.bytes)
        guard isOwn else {
            let isOfThisKey = opened(text.bytes) != nil || attempt.proved != nil
            return SessionFault(isOfThisKey ? .otherLabel : .otherSession, in: .id)
        }
        return attempt.proved ?? attempt.likely
    }
}

/// The tries on one field.
private struct FieldAttempt {
    private static let tagLength = AuthenticatedCipher.tagByteCount
    private static let vectorLength = AuthenticatedCipher.vectorByteCount

    private let session: SessionCipher
    private let bytes: [UInt8]
    private let keyBytes: [UInt8]
    private let vector: [UInt8]

    init(_ session: SessionCipher, _ bytes: [UInt8]) {
        self.session = session
        self.bytes = bytes
        keyBytes = session.key.withBytes { $0 }
        vector = session.vector.withBytes { $0 }
    }

    /// A cause that a right tag proves.
    var proved: SessionFault? {
        if bytes.count < FieldAttempt.tagLength { return cutTag }
        return otherAdditionalData(bytes[...], vector).map { SessionFault($0, in: .additionalData) } ?? vectorInside ?? tagFirst
            ?? otherMaterial
            ?? cutTag ?? changedTag
    }

    /// A cause that is only likely.
    var likely: SessionFault {
        if bytes.count < FieldAttempt.tagLength {
            return isLegible(unverified(bytes[...]))
                ? SessionFault(.tagMissing, in: .tag) : SessionFault(.tooShort(bytes.count), in: .ciphertext)
        }
        if isTwice { return SessionFault(.encodedTwice, in: .base64) }
        if isLegible(unverified(bytes[...])) { return SessionFault(.tagMissing, in: .tag) }
        let ciphertext = bytes[..<(bytes.count - FieldAttempt.tagLength)]
        return isLegible(unverified(ciphertext)) ? SessionFault(.unproved, in: .tag) : SessionFault(.otherKey, in: .ciphertext)
    }

    /// What was signed along in place of the key, if that is what was wrong.
    private func otherAdditionalData(_ bytes: ArraySlice<UInt8>, _ vector: [UInt8]) -> SessionFault.Cause? {
        if opens(bytes, vector, []) { return .noAdditionalData }
        let text = Base64.encode(keyBytes)
        if opens(bytes, vector, Array(text.utf8)) { return .textAdditionalData }
        let others: [[UInt8]] = [
            self.vector, Array(session.id.utf8), Array(Hexadecimal.encode(keyBytes).utf8), Array(Base64.encode(self.vector).utf8),
            session.contents.withBytes { $0 },
        ]
        return others.contains { opens(bytes, vector, $0) } ? .wrongAdditionalData : nil
    }

    /// The vector in front, as Apps in Toss login has it: this session's, or one for each field.
    private var vectorInside: SessionFault? {
        guard bytes.count >= FieldAttempt.vectorLength + FieldAttempt.tagLength else { return nil }
        let (front, rest) = (Array(bytes[..<FieldAttempt.vectorLength]), bytes[FieldAttempt.vectorLength...])
        guard opens(rest, front, keyBytes) || otherAdditionalData(rest, front) != nil else { return nil }
        return SessionFault(.vectorInside(isOwn: front == vector), in: .ciphertext)
    }

    private var tagFirst: SessionFault? {
        let (tag, ciphertext) = (bytes[..<FieldAttempt.tagLength], bytes[FieldAttempt.tagLength...])
        return session.opened(ciphertext: ciphertext, tag: tag, additionalData: keyBytes) == nil ? nil : SessionFault(.tagFirst, in: .tag)
    }

    /// Another vector or key that can be guessed.
    private var otherMaterial: SessionFault? {
        if opens(bytes[...], [UInt8](repeating: 0, count: FieldAttempt.vectorLength), keyBytes) {
            return SessionFault(.otherVector(.zeros), in: .vector)
        }
        if opens(bytes[...], Array(Base64.encode(vector).utf8.prefix(FieldAttempt.vectorLength)), keyBytes) {
            return SessionFault(.otherVector(.text), in: .vector)
        }
        let text = Array(Base64.encode(keyBytes).utf8.prefix(AuthenticatedCipher.keyByteCount))
        let isText = [text, keyBytes, []].contains { opens(bytes[...], vector, $0, key: Secret(text)) }
        return isText ? SessionFault(.keyText, in: .key) : nil
    }

    /// Only the beginning of the right tag.
    private var cutTag: SessionFault? {
        for length in stride(from: min(FieldAttempt.tagLength - 1, bytes.count), through: 4, by: -1) {
            let ciphertext = bytes[..<(bytes.count - length)]
            guard rightTag(of: ciphertext)?.prefix(length).elementsEqual(bytes.suffix(length)) == true else { continue }
            return SessionFault(.tagCut(length), in: .tag)
        }
        return nil
    }

    /// A tag of which only a few bits are wrong.
    private var changedTag: SessionFault? {
        let ciphertext = bytes[..<(bytes.count - FieldAttempt.tagLength)]
        guard let tag = rightTag(of: ciphertext) else { return nil }
        let wrongBits = zip(tag, bytes.suffix(FieldAttempt.tagLength)).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount }
        return (1...16).contains(wrongBits) ? SessionFault(.damaged, in: .tag) : nil
    }

    /// Whether the bytes are Base64 of Base64 of a sound field.
    private var isTwice: Bool { Base64.decode(bytes).map { session.opened($0) != nil } ?? false }

    private func opens(_ bytes: ArraySlice<UInt8>, _ vector: [UInt8], _ additionalData: [UInt8], key: Secret? = nil) -> Bool {
        let end = bytes.endIndex - FieldAttempt.tagLength
        guard end >= bytes.startIndex else { return false }
        return session.opened(
            ciphertext: bytes[..<end], tag: bytes[end...], additionalData: additionalData, key: key, vector: vector) != nil
    }

    private func rightTag(of ciphertext: ArraySlice<UInt8>) -> [UInt8]? {
        session.sealed(unverified(ciphertext), additionalData: keyBytes)?.tag
    }

    /// What a ciphertext says when no tag is looked at: worth nothing but a hint.
    private func unverified(_ ciphertext: ArraySlice<UInt8>) -> [UInt8] {
        // Counter mode adds a stream to the plaintext; encrypting zeros lays it bare.
        let stream = session.sealed([UInt8](repeating: 0, count: ciphertext.count), additionalData: [])?.ciphertext ?? []
        return zip(stream, ciphertext).map { $0 ^ $1 }
    }

    /// Whether bytes could be a field's text. Noise of three bytes passes once in twenty times, of eight hardly ever.
    private func isLegible(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 3, let text = String(validating: bytes, as: UTF8.self) else { return false }
        return text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
    }
}
