import Base

/// Names that the provider gives to things.
enum Identifier {
    /// A UUID of version 4, such as a transaction's.
    static func uuid(_ random: any RandomSource) -> String { text(random.bytes(16), version: 4) }

    /// A UUID of version 7, whose first 48 bits are the milliseconds since 1970: newer orders have them.
    static func timedUUID(_ moment: Timestamp, _ random: any RandomSource) -> String {
        let milliseconds = UInt64(max(0, moment.nanosecondsSinceEpoch / 1_000_000))
        let clock = (0..<6).map { UInt8(truncatingIfNeeded: milliseconds >> UInt64(40 - 8 * $0)) }
        return text(clock + random.bytes(10), version: 7)
    }

    /// `count` of the characters 0–9, A–Z and a–z.
    static func letters(_ count: Int, _ random: any RandomSource) -> String {
        String(decoding: (0..<count).map { _ in alphabet[Int(random.number(below: UInt64(alphabet.count)))] }, as: UTF8.self)
    }

    /// `count` decimal digits.
    static func digits(_ count: Int, _ random: any RandomSource) -> String {
        String(decoding: (0..<count).map { _ in alphabet[Int(random.number(below: 10))] }, as: UTF8.self)
    }

    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    private static func text(_ bytes: [UInt8], version: UInt8) -> String {
        var bytes = bytes
        bytes[6] = bytes[6] & 0x0F | version << 4
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = Hexadecimal.encode(bytes)
        var groups: [Substring] = []
        var rest = digits[...]
        for length in [8, 4, 4, 4, 12] {
            groups.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return groups.joined(separator: "-")
    }
}
