/// The character classes of RFC 9110, section 5.6, shared by everything that reads or writes a message.
enum HTTPSyntax {
    /// tchar: what a method or a field name may be made of.
    static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: return true
        case 0x21, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: return true
        default: return false
        }
    }

    /// What a field value may be made of: visible characters, space, tab, and bytes above 127.
    static func isFieldValueCharacter(_ byte: UInt8) -> Bool {
        byte >= 0x20 ? byte != 0x7F : byte == 0x09
    }

    /// Whether both are the same text, ASCII case ignored.
    static func equalsIgnoringCase(_ left: ArraySlice<UInt8>, _ right: String.UTF8View) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { lowered($0) == lowered($1) }
    }

    /// Whether both are the same text, ASCII case ignored.
    static func equalsIgnoringCase(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { lowered($0) == lowered($1) }
    }

    static func lowered(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}
