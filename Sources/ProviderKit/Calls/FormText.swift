import Base

/// `application/x-www-form-urlencoded` texts: form bodies and queries.
public enum FormText {
    /// Reads the pairs in order; a `+` is a space. Nothing when a percent sign is not followed by two hexadecimal digits or the
    /// decoded bytes are not UTF-8.
    public static func decode(_ bytes: some Collection<UInt8>) -> [(name: String, value: String)]? {
        var pairs: [(name: String, value: String)] = []
        for piece in bytes.split(separator: UInt8(ascii: "&")) {
            let equals = piece.firstIndex(of: UInt8(ascii: "="))
            let name = piece[..<(equals ?? piece.endIndex)]
            let value = equals.map { piece[piece.index(after: $0)...] } ?? piece[piece.endIndex...]
            guard let name = decodePart(name, plusIsSpace: true), let value = decodePart(value, plusIsSpace: true) else { return nil }
            pairs.append((name, value))
        }
        return pairs
    }

    /// Writes pairs in order: everything but letters, digits and `*-._` is percent-encoded, a space becomes `+`.
    public static func encode(_ pairs: some Sequence<(name: String, value: String)>) -> String {
        pairs.map { "\(encodePart($0.name))=\(encodePart($0.value))" }.joined(separator: "&")
    }

    /// Undoes percent-encoding of one part of a path or a form.
    public static func decodePart(_ bytes: some Collection<UInt8>, plusIsSpace: Bool) -> String? {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index != bytes.endIndex {
            let byte = bytes[index]
            bytes.formIndex(after: &index)
            if byte == UInt8(ascii: "%") {
                guard index != bytes.endIndex, let high = Hexadecimal.value(bytes[index]) else { return nil }
                bytes.formIndex(after: &index)
                guard index != bytes.endIndex, let low = Hexadecimal.value(bytes[index]) else { return nil }
                bytes.formIndex(after: &index)
                output.append(high << 4 | low)
            } else {
                output.append(byte == UInt8(ascii: "+") && plusIsSpace ? 0x20 : byte)
            }
        }
        return String(validUTF8: output.span)
    }

    /// Percent-encodes one part of a form, as ``encode(_:)`` does.
    public static func encodePart(_ text: String) -> String {
        var output: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "*"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                output.append(byte)
            case 0x20: output.append(UInt8(ascii: "+"))
            default:
                output.append(UInt8(ascii: "%"))
                output.append(hexadecimalDigits[Int(byte >> 4)])
                output.append(hexadecimalDigits[Int(byte & 15)])
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static let hexadecimalDigits = Array("0123456789ABCDEF".utf8)
}
