import Base

/// A text of three parts with `$` between them, the form of session keys and of encrypted fields alike: version, the session's id, and bytes in Base64.
struct SealedText {
    /// What is written as the version.
    static let version = "v1"

    /// The third part, decoded.
    let bytes: [UInt8]
    private let characters: [UInt8]
    private let parts: Parts

    /// Where the three parts stand in a text.
    private struct Parts {
        var version, id, base64: Range<Int>
    }

    /// `v1`, or `v1_` and the writer's own version, such as `v1_0.0.14`.
    var version: String { String(decoding: characters[parts.version], as: UTF8.self) }
    /// The session's id as it stands there.
    var id: String { String(decoding: characters[parts.id], as: UTF8.self) }
    /// Whether it names that session.
    func names(_ id: String) -> Bool { characters[parts.id].elementsEqual(id.utf8) }

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
        guard SealedText.isVersion(characters[parts.version]) else { throw SessionFault(.wrongVersion, in: .version) }
        guard RandomUUID.isUUID(characters[parts.id]) else { throw SessionFault(.malformedID, in: .id) }
        bytes = try EncodingMishap.decode(characters[parts.base64], in: .base64)
        self.characters = characters
        self.parts = parts
    }

    /// The three parts; nothing when there are more or less. Byte by byte: a result has eight such texts, and going by characters takes longer than decrypting them.
    private static func parts(_ text: [UInt8]) -> Parts? {
        let end = text.count
        let first = ByteScan.first(separator, in: text.span, from: 0, to: end)
        guard first < end else { return nil }
        let second = ByteScan.first(separator, in: text.span, from: first + 1, to: end)
        guard second < end, ByteScan.first(separator, in: text.span, from: second + 1, to: end) == end else { return nil }
        return Parts(version: 0..<first, id: (first + 1)..<second, base64: (second + 1)..<end)
    }

    private static let separator = UInt8(ascii: "$")

    /// Whether a text has the form of an encrypted field.
    static func hasForm(_ text: [UInt8]) -> Bool {
        parts(text).map { isVersion(text[$0.version]) && RandomUUID.isUUID(text[$0.id]) } ?? false
    }

    /// Writes a text.
    static func write(version: String = version, id: String, base64: String) -> String { "\(version)$\(id)$\(base64)" }

    /// Whether a reader takes this version.
    static func isVersion(_ text: some StringProtocol) -> Bool { isVersion(text.utf8) }

    /// The same of a text in UTF-8.
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
