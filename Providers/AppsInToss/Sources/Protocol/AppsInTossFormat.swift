/// What texts of a call may hold, by the documentation of Toss Pay.
public enum AppsInTossFormat {
    /// How long an orderNo may be.
    public static let longestOrderNumber = 50
    /// How long a productDesc may be, in characters.
    public static let longestProductDescription = 255
    /// How long a refund's reason may be, in characters.
    public static let longestRefundReason = 55

    /// 1 to 50 of `0-9 A-Z a-z _ - : . ^ @`.
    public static func isOrderNumber(_ text: String) -> Bool {
        (1...longestOrderNumber).contains(text.utf8.count) && text.utf8.allSatisfy { isAlphanumeric($0) || orderMarks.contains($0) }
    }

    /// 1 to 255 characters, not all white space, without `\` and `"`.
    public static func isProductDescription(_ text: String) -> Bool {
        text.unicodeScalars.count <= longestProductDescription && text.contains { !$0.isWhitespace }
            && !text.utf8.contains { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") }
    }

    /// 1 to 55 characters: Korean, letters, digits, space and `_ - : . ^ @ ( ) [ ] # / ! % ? &`.
    public static func isRefundReason(_ text: String) -> Bool {
        (1...longestRefundReason).contains(text.unicodeScalars.count)
            && text.unicodeScalars.allSatisfy { scalar in
                isHangul(scalar) || UInt8(exactly: scalar.value).map { isAlphanumeric($0) || reasonMarks.contains($0) } ?? false
            }
    }

    /// 8-4-4-4-12 hexadecimal digits in either case.
    public static func isUUID(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return parts.map(\.count) == [8, 4, 4, 4, 12]
            && parts.joined().allSatisfy { (0x30...0x39).contains($0) || (0x41...0x46).contains($0) || (0x61...0x66).contains($0) }
    }

    private static let orderMarks = Set("_-:.^@".utf8)
    private static let reasonMarks = Set(" _-:.^@()[]#/!%?&".utf8)

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    /// Syllables, letters on their own, and the combining letters that a Mac's file names are written in.
    private static func isHangul(_ scalar: Unicode.Scalar) -> Bool {
        (0xAC00...0xD7A3).contains(scalar.value) || (0x3131...0x318E).contains(scalar.value) || (0x1100...0x11FF).contains(scalar.value)
    }
}
