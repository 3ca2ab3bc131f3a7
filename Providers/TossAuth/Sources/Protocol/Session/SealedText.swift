import Base

/// A text of three parts with `$` between them, the form of session keys and of encrypted fields alike: version, the session's id, and bytes in Base64.
struct SealedText {
    /// What is written as the version.
    static let version = "v1"

    /// `v1`, or `v1_` and the writer's own version, such as `v1_0.0.14`.
    let version: String
    /// The session's id as it stands there.
    let id: String
    /// The third part, decoded.
    let bytes: [UInt8]

    /// Reads a text, strictly.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - longest: Its greatest length in characters.
    /// - Throws: ``SessionFault`` that names the first part that is wrong.
    init(_ text: String, longest: Int) throws(SessionFault) {
        let characters = Array(text.utf8)
        guard !characters.isEmpty else { throw SessionFault(.empty, in: .whole) }
        guard characters.count <= longest else { throw SessionFault(.tooLong(limit: longest), in: .whole) }
        guard let parts = SealedText.parts(characters) else { throw SealedText.wrongCount(text) }
        guard SealedText.isVersion(parts.version) else { throw SessionFault(.wrongVersion, in: .version) }
        guard RandomUUID.isUUID(parts.id) else { throw SessionFault(.malformedID, in: .id) }
        version = String(decoding: parts.version, as: UTF8.self)
        id = String(decoding: parts.id, as: UTF8.self)
        bytes = try EncodingMishap.decode(Array(parts.base64), in: .base64)
    }

    /// The three parts; nothing when there are more or less. Byte by byte: a result has eight such texts, and going by characters takes longer than decrypting them.
    private static func parts(_ text: [UInt8]) -> (version: ArraySlice<UInt8>, id: ArraySlice<UInt8>, base64: ArraySlice<UInt8>)? {
        guard let first = text.firstIndex(of: separator), let second = text[(first + 1)...].firstIndex(of: separator),
            !text[(second + 1)...].contains(separator)
        else { return nil }
        return (text[..<first], text[(first + 1)..<second], text[(second + 1)...])
    }

    private static let separator = UInt8(ascii: "$")

    /// Whether a text has the form of an encrypted field.
    static func hasForm(_ text: [UInt8]) -> Bool { parts(text).map { isVersion($0.version) && RandomUUID.isUUID($0.id) } ?? false }

    /// Writes a text.
    static func write(version: String = version, id: String, base64: String) -> String { "\(version)$\(id)$\(base64)" }

    /// Whether a reader takes this version, given in UTF-8.
    static func isVersion(_ text: some Collection<UInt8>) -> Bool { text.elementsEqual(version.utf8) || text.starts(with: "v1_".utf8) }

    private static func wrongCount(_ text: String) -> SessionFault {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        if parts.count == 1 {
            // A dollar sign that a URL or a shell has taken.
            if text.contains("%24") { return SessionFault(.percentEncoded, in: .whole) }
            return SessionFault(isVersion(text.utf8.prefix(2)) && text.count > 20 ? .wrongParts(1) : .notEncrypted, in: .whole)
        }
        // The legacy variant appends an HMAC of the plaintext in hexadecimal, 64 digits.
        if parts.count == 4, parts[3].utf8.count == 64, parts[3].utf8.allSatisfy({ Hexadecimal.value($0) != nil }) {
            return SessionFault(.legacyForm, in: .whole)
        }
        return SessionFault(.wrongParts(parts.count), in: .whole)
    }
}
