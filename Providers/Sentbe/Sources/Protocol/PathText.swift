import Base

/// Parts of a path.
enum PathText {
    /// One segment: an id percent-encoded, so that none can change what is called; nothing for an empty id and for `.` and `..`, which would name another path.
    static func segment(_ id: String) -> String? {
        guard !id.isEmpty, id != ".", id != ".." else { return nil }
        var text = ""
        for byte in id.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += "%" + Hexadecimal.encode([byte]).uppercased()
            }
        }
        return text
    }
}
