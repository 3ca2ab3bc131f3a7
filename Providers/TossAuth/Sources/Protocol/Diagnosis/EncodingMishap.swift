import Base
import Cryptography

/// What happens to Base64 on its way: told by looking at the text.
enum EncodingMishap {
    /// The bytes that a text writes in strict standard Base64.
    ///
    /// - Throws: ``SessionFault`` in `piece`, naming the mishap.
    static func decode(_ characters: ArraySlice<UInt8>, in piece: SessionFault.Piece) throws(SessionFault) -> [UInt8] {
        // Digits of a hexadecimal text are Base64 as well; so many of them in a row, without a single other letter, are no accident.
        if isHexadecimal(characters) { throw SessionFault(.hexadecimal, in: piece) }
        if let bytes = Base64.decode(characters.span) { return bytes }
        throw SessionFault(cause(Array(characters)), in: piece)
    }

    private static func cause(_ characters: [UInt8]) -> SessionFault.Cause {
        if characters.isEmpty { return .notBase64 }
        // A space in place of a plus sign leaves a text whose length is right; one that was put in does not, but for every fourth.
        if !characters.contains(where: { (0x09...0x0D).contains($0) }), Base64.decode(characters.map { $0 == space ? plus : $0 }) != nil {
            return .plusToSpace
        }
        if Base64.decode(characters.filter { !isSpace($0) }) != nil { return .lineBreaks }
        if characters.contains(UInt8(ascii: "%")) { return .percentEncoded }
        if characters.contains(UInt8(ascii: "\\")), Base64.decode(characters.filter { $0 != UInt8(ascii: "\\") }) != nil { return .escaped }
        if characters.contains(where: { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }),
            Base64.decode(padded(characters.map(standard))) != nil
        {
            return .urlSafe
        }
        if characters.last != equals, characters.count % 4 != 0, Base64.decode(padded(characters)) != nil { return .missingPadding }
        return .notBase64
    }

    private static let space = UInt8(ascii: " ")
    private static let plus = UInt8(ascii: "+")
    private static let equals = UInt8(ascii: "=")

    private static func isSpace(_ byte: UInt8) -> Bool { byte == space || (0x09...0x0D).contains(byte) }

    private static func isHexadecimal(_ characters: ArraySlice<UInt8>) -> Bool {
        guard characters.count >= 24, characters.count % 2 == 0 else { return false }
        let isLower: (UInt8) -> Bool = { (0x61...0x66).contains($0) }
        let isUpper: (UInt8) -> Bool = { (0x41...0x46).contains($0) }
        let isDigit: (UInt8) -> Bool = { (0x30...0x39).contains($0) }
        return characters.allSatisfy { isDigit($0) || isLower($0) } || characters.allSatisfy { isDigit($0) || isUpper($0) }
    }

    private static func standard(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "-"): plus
        case UInt8(ascii: "_"): UInt8(ascii: "/")
        default: byte
        }
    }

    private static func padded(_ characters: [UInt8]) -> [UInt8] {
        characters + [UInt8](repeating: equals, count: (4 - characters.count % 4) % 4)
    }
}
