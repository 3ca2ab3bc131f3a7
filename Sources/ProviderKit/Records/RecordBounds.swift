import Base

/// How long a record and its name may be.
public enum RecordBounds {
    /// The longest name, in bytes.
    public static let longestName = 200
    /// The longest record, in bytes.
    public static let longestRecord = 1 << 20

    /// Looks at a record before it is kept.
    ///
    /// - Throws: ``RecordError`` for a name that is empty or too long, and for a record that is too long.
    public static func check(_ name: String, _ bytes: [UInt8]) throws(RecordError) {
        guard (1...longestName).contains(name.utf8.count) else {
            throw RecordError(
                BilingualText(
                    korean: "기록 이름은 1바이트 이상 \(longestName)바이트 이하여야 합니다.",
                    english: "the name of a record must have 1 to \(longestName) bytes"))
        }
        guard bytes.count <= longestRecord else {
            throw RecordError(
                BilingualText(
                    korean: "기록 \"\(name)\"은(는) \(bytes.count)바이트로, \(longestRecord)바이트를 넘습니다.",
                    english: "the record \"\(name)\" has \(bytes.count) bytes, more than \(longestRecord)"))
        }
    }
}
