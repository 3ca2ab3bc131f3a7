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
        guard !text.isEmpty else { throw SessionFault(.empty, in: .whole) }
        guard text.utf8.count <= longest else { throw SessionFault(.tooLong(limit: longest), in: .whole) }
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw SealedText.wrongCount(text, parts) }
        guard SealedText.isVersion(parts[0]) else { throw SessionFault(.wrongVersion, in: .version) }
        guard RandomUUID.isUUID(String(parts[1])) else { throw SessionFault(.malformedID, in: .id) }
        version = String(parts[0])
        id = String(parts[1])
        bytes = try EncodingMishap.decode(Array(parts[2].utf8), in: .base64)
    }

    /// Writes a text.
    static func write(version: String = version, id: String, base64: String) -> String { "\(version)$\(id)$\(base64)" }

    /// Whether a reader takes this version.
    static func isVersion(_ text: some StringProtocol) -> Bool { text == version || text.hasPrefix("v1_") }

    private static func wrongCount(_ text: String, _ parts: [Substring]) -> SessionFault {
        if parts.count == 1 {
            // A dollar sign that a URL or a shell has taken.
            if text.contains("%24") { return SessionFault(.percentEncoded, in: .whole) }
            return SessionFault(isVersion(text.prefix(2)) && text.count > 20 ? .wrongParts(1) : .notEncrypted, in: .whole)
        }
        // The legacy variant appends an HMAC of the plaintext in hexadecimal, 64 digits.
        if parts.count == 4, parts[3].utf8.count == 64, parts[3].utf8.allSatisfy({ Hexadecimal.value($0) != nil }) {
            return SessionFault(.legacyForm, in: .whole)
        }
        return SessionFault(.wrongParts(parts.count), in: .whole)
    }
}
