import Base

/// The character classes of RFC 9110, section 5.6, and RFC 3986, shared by everything that reads or writes a message.
enum HTTPSyntax {
    /// tchar: what a method or a field name may be made of.
    static func isTokenCharacter(_ byte: UInt8) -> Bool {
        // Bit n of the pair says whether character n is a tchar: one shift instead of a chain of comparisons.
        let bits: UInt64 = byte & 0x40 == 0 ? 0x03FF_6CFA_0000_0000 : 0x57FF_FFFF_C7FF_FFFE
        return byte < 0x80 && bits >> (byte & 0x3F) & 1 == 1
    }

    /// What a field value may be made of: visible characters, space, tab, and bytes above 127.
    static func isFieldValueCharacter(_ byte: UInt8) -> Bool {
        byte >= 0x20 ? byte != 0x7F : byte == 0x09
    }

    /// Whether the bytes at `range` may all stand in a field value.
    static func isFieldValue(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var index = range.lowerBound
        while true {
            index = ByteScan.firstControl(or: 0x7F, or: 0x7F, in: bytes, from: index, to: range.upperBound)
            if index == range.upperBound { return true }
            guard isFieldValueCharacter(bytes[index]) else { return false }
            index += 1
        }
    }

    /// What a request target may be made of. Wider than RFC 3986, because callers leave `|` or `"` unescaped without harm; a fragment's `#`
    /// never belongs into a request.
    static func isTargetCharacter(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F && byte != 0x23 }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// The value of a hexadecimal digit, or nothing.
    static func hexadecimalValue(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte - 0x30)
        case 0x41...0x46: Int(byte - 0x37)
        case 0x61...0x66: Int(byte - 0x57)
        default: nil
        }
    }

    static func lowered(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// Whether the bytes at `range` are `text`, ASCII case ignored.
    static func matches(_ bytes: Span<UInt8>, _ range: Range<Int>, _ text: String) -> Bool {
        // Most names differ in length, which a string tells at once; having its bytes costs more.
        guard range.count == text.utf8.count else { return false }
        let expected = text.utf8.span
        for offset in 0..<expected.count where lowered(bytes[range.lowerBound + offset]) != lowered(expected[offset]) { return false }
        return true
    }

    /// Whether `text` is a method or a field name.
    static func isToken(_ text: String) -> Bool {
        let bytes = text.utf8.span
        for index in bytes.indices where !isTokenCharacter(bytes[index]) { return false }
        return !bytes.isEmpty
    }

    /// `range` without blanks at both ends.
    static func trimmed(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, isBlank(bytes[start]) { start += 1 }
        while end > start, isBlank(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    /// Whether the bytes at `range` are `host [":" port]` with a host that is not empty (RFC 9110, sections 4.2.1 and 7.2).
    static func isAuthority(_ bytes: Span<UInt8>, _ range: Range<Int>, needsPort: Bool = false) -> Bool {
        var index = range.lowerBound
        guard index < range.upperBound else { return false }
        if bytes[index] == 0x5B {
            index += 1
            let start = index
            while index < range.upperBound, hexadecimalValue(bytes[index]) != nil || bytes[index] == 0x3A || bytes[index] == 0x2E {
                index += 1
            }
            guard index > start + 1, index < range.upperBound, bytes[index] == 0x5D else { return false }
            index += 1
        } else {
            let start = index
            while index < range.upperBound, isNameCharacter(bytes[index]) { index += 1 }
            guard index > start else { return false }
        }
        if index == range.upperBound { return !needsPort }
        guard bytes[index] == 0x3A, range.upperBound - index <= 6 else { return false }
        var port = 0
        for position in (index + 1)..<range.upperBound {
            guard isDigit(bytes[position]) else { return false }
            port = port * 10 + Int(bytes[position] - 0x30)
        }
        return port <= 65_535 && (!needsPort || port > 0)
    }

    /// reg-name of RFC 3986, without checking that two digits follow a percent sign.
    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        // - . _ ~ ! $ & ' ( ) * + , ; = %
        case 0x2D, 0x2E, 0x5F, 0x7E, 0x21, 0x24...0x2C, 0x3B, 0x3D: true
        default: false
        }
    }
}
