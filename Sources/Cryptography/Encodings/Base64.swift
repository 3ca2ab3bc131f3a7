internal import Base
internal import COpenSSL

/// The standard Base64 alphabet with padding (RFC 4648, section 4).
public enum Base64 {
    /// The bytes as text, padded with `=` to a multiple of four characters, without line breaks.
    public static func encode(_ bytes: [UInt8]) -> String { String(decoding: encoded(bytes), as: UTF8.self) }

    /// The ASCII bytes of what ``encode(_:)`` writes.
    public static func encoded(_ bytes: [UInt8]) -> [UInt8] {
        let length = (bytes.count + 2) / 3 * 4
        // OpenSSL ends its text with a NUL, which needs room and does not count.
        return [UInt8](capacity: length + 1) { output in
            unsafe output.withUnsafeMutableBufferPointer { target, count in
                let written = unsafe bytes.withUnsafeBufferPointer { source in
                    unsafe EVP_EncodeBlock(target.baseAddress, source.baseAddress, Int32(source.count))
                }
                precondition(Int(written) == length, "OpenSSL cannot encode Base64")
                count = length
            }
        }
    }

    /// The bytes that `text` writes, or nothing unless it is exactly what ``encode(_:)`` would write: padded, no other character, no stray bits.
    public static func decode(_ text: String) -> [UInt8]? { decode(Array(text.utf8)) }

    /// The bytes that the characters in `input` write, as strictly as ``decode(_:)-(String)``.
    public static func decode(_ input: [UInt8]) -> [UInt8]? { decode(input.span) }

    /// The bytes that the characters in `input` write, as strictly as ``decode(_:)-(String)``.
    public static func decode(_ input: Span<UInt8>) -> [UInt8]? {
        let count = input.count
        guard count % 4 == 0, count <= Int(Int32.max) else { return nil }
        guard count > 0 else { return [] }
        // OpenSSL overlooks blanks around the text, and takes `=` for a zero wherever it stands.
        let padding = input[count - 1] != equals ? 0 : input[count - 2] != equals ? 1 : 2
        guard isCharacter(input[0]), isCharacter(input[count - 1]) || padding > 0,
            ByteScan.first(equals, in: input, from: 0, to: count) == count - padding
        else { return nil }
        let length = count / 4 * 3
        var isRead = false
        var output = [UInt8](capacity: length) { output in
            unsafe output.withUnsafeMutableBufferPointer { target, written in
                let result = unsafe input.withUnsafeBufferPointer { source in
                    unsafe EVP_DecodeBlock(target.baseAddress, source.baseAddress, Int32(count))
                }
                isRead = Int(result) == length
                written = isRead ? length : 0
            }
        }
        // Bits that belong to no byte must be zero, or two texts would stand for the same bytes.
        guard isRead, output.suffix(padding).allSatisfy({ $0 == 0 }) else { return nil }
        output.removeLast(padding)
        return output
    }

    private static let equals = UInt8(ascii: "=")

    private static func isCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "+"), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
