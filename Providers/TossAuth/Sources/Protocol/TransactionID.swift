public import Base

/// The name of one check of a person, the `txId`: given out by the request call, and needed for everything after it.
///
/// It is no secret, but whoever has it and the client's token can ask for the person's data.
public struct TransactionID: Sendable, Hashable, CustomStringConvertible {
    /// How long one may be, in characters (ours: samples are UUIDs, and no rule is published).
    public static let longest = 64

    /// The text as the provider wrote it.
    public let text: String

    /// One by its text, or nothing when it cannot be one: 1 to ``longest`` ASCII letters, digits, `-` and `_`. More would not be safe in a path or in a record's name.
    public init?(_ text: String) {
        let bytes = text.utf8
        guard (1...TransactionID.longest).contains(bytes.count) else { return nil }
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "-"), UInt8(ascii: "_"):
                continue
            default: return nil
            }
        }
        self.text = text
    }

    private init(unchecked text: String) { self.text = text }

    /// A fresh one, as the provider makes them: a UUID of version 4 in lower case.
    public static func random(_ random: any RandomSource) -> TransactionID { TransactionID(unchecked: RandomUUID.text(random)) }

    /// The text.
    public var description: String { text }
}

/// UUIDs of version 4 (RFC 9562, section 5.4), in lower case with dashes: names of sessions and transactions.
enum RandomUUID {
    /// A fresh one.
    static func text(_ random: any RandomSource) -> String {
        var bytes = random.bytes(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text += "-" }
            text += Hexadecimal.encode([byte])
        }
        return text
    }

    /// Whether `text` is 8-4-4-4-12 hexadecimal digits in either case, of whatever version.
    static func isUUID(_ text: String) -> Bool { isUUID(Array(text.utf8)[...]) }

    /// The same of a text in UTF-8.
    static func isUUID(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.count == 36 else { return false }
        for (place, byte) in text.enumerated() {
            switch place {
            case 8, 13, 18, 23: if byte != UInt8(ascii: "-") { return false }
            default: if Hexadecimal.value(byte) == nil { return false }
            }
        }
        return true
    }
}
