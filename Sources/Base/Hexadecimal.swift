/// Bytes written as pairs of the digits 0–9 and a–f.
public enum Hexadecimal {
    /// Lower-case digits, two for each byte.
    public static func encode(_ bytes: some Sequence<UInt8>) -> String { encode(Array(bytes)) }

    /// Lower-case digits, two for each byte.
    public static func encode(_ bytes: [UInt8]) -> String {
        // Not generic: without knowing the collection, each digit would cost a call through a table.
        let digits = [UInt8](capacity: bytes.count * 2) { output in
            let span = bytes.span
            for index in span.indices {
                output.append(digit(span[index] >> 4))
                output.append(digit(span[index] & 15))
            }
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// The bytes that `text` writes in either case, or nothing when it has an odd length or another character.
    public static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 2)
        var high: UInt8?
        for character in text.utf8 {
            guard let value = value(character) else { return nil }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? bytes : nil
    }

    /// The value of one digit in either case, or nothing when the byte is not one.
    public static func value(_ character: UInt8) -> UInt8? {
        switch character {
        case 0x30...0x39: return character - 0x30
        case 0x41...0x46: return character - 0x41 + 10
        case 0x61...0x66: return character - 0x61 + 10
        default: return nil
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x61 + value - 10 }
}
