extension JSONReader {
    mutating func skipSpace() throws(JSONError) {
        while let byte = current {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            case UInt8(ascii: "/") where isLenient: try skipComment()
            // A file from an editor on Windows begins with a byte order mark, and pasted text holds no-break spaces: JSON5 takes both for spaces.
            case 0x0B where isLenient, 0x0C where isLenient: position += 1
            case 0xC2 where isLenient && follows([0xC2, 0xA0]): position += 2
            case 0xEF where isLenient && follows([0xEF, 0xBB, 0xBF]): position += 3
            default: return
            }
        }
    }

    private func follows(_ expected: [UInt8]) -> Bool { bytes[position...].starts(with: expected) }

    private mutating func skipComment() throws(JSONError) {
        guard position + 1 < bytes.count else { throw error("not a value") }
        switch bytes[position + 1] {
        case UInt8(ascii: "/"):
            while let byte = current, byte != 0x0A { position += 1 }
        case UInt8(ascii: "*"):
            let start = position
            position += 2
            while position + 1 < bytes.count, !(bytes[position] == UInt8(ascii: "*") && bytes[position + 1] == UInt8(ascii: "/")) {
                position += 1
            }
            guard position + 1 < bytes.count else {
                position = start
                throw error("this comment does not end")
            }
            position += 2
        default: throw error("not a value")
        }
    }

    mutating func string(quote: UInt8) throws(JSONError) -> String {
        let opening = position
        position += 1
        var start = position
        // Beside `self`, so that looking at the bytes holds up no change of the position.
        let bytes = bytes
        let span = bytes.span
        var output: [UInt8] = []
        while true {
            position = ByteScan.firstControl(or: quote, or: UInt8(ascii: "\\"), in: span, from: position, to: span.count)
            guard position < span.count else {
                position = opening
                throw error("this string does not end")
            }
            switch span[position] {
            case quote:
                // Most strings hold no escape, and are made from where they stand.
                if output.isEmpty {
                    let text = try piece(start)
                    position += 1
                    return text
                }
                JSONReader.append(span, start, position, to: &output)
                guard let text = String(validUTF8: output.span) else { throw error("this text is not UTF-8") }
                position += 1
                return text
            case UInt8(ascii: "\\"):
                if output.isEmpty { output.reserveCapacity(min(span.count - opening, 2 * (position - opening) + 64)) }
                JSONReader.append(span, start, position, to: &output)
                position += 1
                try escape(&output)
                start = position
            default: throw error("a control character must be escaped")
            }
        }
    }

    /// Adds a run that is usually short: between two escapes.
    private static func append(_ span: Span<UInt8>, _ start: Int, _ end: Int, to output: inout [UInt8]) {
        for index in start..<end { output.append(span[index]) }
    }

    /// The bytes since `start`, which must be UTF-8: a repaired text would no longer be what was signed.
    func piece(_ start: Int) throws(JSONError) -> String {
        guard let text = String(validUTF8: bytes.span.extracting(start..<position)) else { throw error("this text is not UTF-8") }
        return text
    }

    private mutating func escape(_ output: inout [UInt8]) throws(JSONError) {
        guard let byte = current else { throw error("the text ends inside an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.append(byte)
        case UInt8(ascii: "n"): output.append(0x0A)
        case UInt8(ascii: "r"): output.append(0x0D)
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "f"): output.append(0x0C)
        case UInt8(ascii: "u"): output.append(contentsOf: UTF8.encode(try unicodeEscape()) ?? .init())
        case UInt8(ascii: "'") where isLenient: output.append(byte)
        case 0x0A where isLenient: break
        case 0x0D where isLenient: if current == 0x0A { position += 1 }
        default:
            position -= 1
            throw error("an unknown escape")
        }
    }

    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let first = try fourDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
        else { throw error("half of a surrogate pair") }
        position += 2
        let second = try fourDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw error("half of a surrogate pair") }
        return scalar
    }

    private mutating func fourDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Hexadecimal.value(byte) else { throw error("four hexadecimal digits are expected") }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
