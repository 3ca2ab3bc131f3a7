extension JSON {
    /// The shortest text (RFC 8259), non-ASCII characters as they are, `/` unescaped.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The shortest text as UTF-8.
    public var bytes: [UInt8] {
        var output: [UInt8] = []
        write(to: &output, indent: nil)
        return output
    }

    /// The text over several lines, indented by two spaces, as a person reads it.
    public var prettyText: String {
        var output: [UInt8] = []
        write(to: &output, indent: 0)
        return String(decoding: output, as: UTF8.self)
    }

    private func write(to output: inout [UInt8], indent: Int?) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .boolean(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let digits): output.append(contentsOf: digits.utf8)
        case .string(let text): JSON.writeString(text, to: &output)
        case .array(let elements):
            JSON.writeList(elements, open: "[", close: "]", to: &output, indent: indent) { element, output, indent in
                element.write(to: &output, indent: indent)
            }
        case .object(let members):
            JSON.writeList(members.pairs, open: "{", close: "}", to: &output, indent: indent) { pair, output, indent in
                JSON.writeString(pair.name, to: &output)
                output.append(UInt8(ascii: ":"))
                if indent != nil { output.append(UInt8(ascii: " ")) }
                pair.value.write(to: &output, indent: indent)
            }
        }
    }

    private static func writeList<Element>(
        _ list: [Element], open: Unicode.Scalar, close: Unicode.Scalar, to output: inout [UInt8], indent: Int?,
        each: (Element, inout [UInt8], Int?) -> Void
    ) {
        output.append(UInt8(ascii: open))
        let inner = indent.map { $0 + 2 }
        for (index, element) in list.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            breakLine(&output, inner)
            each(element, &output, inner)
        }
        if !list.isEmpty { breakLine(&output, indent) }
        output.append(UInt8(ascii: close))
    }

    private static func breakLine(_ output: inout [UInt8], _ indent: Int?) {
        guard let indent else { return }
        output.append(0x0A)
        output.append(contentsOf: repeatElement(0x20, count: indent))
    }

    private static func writeString(_ text: String, to output: inout [UInt8]) {
        let bytes = text.utf8.span
        if ByteScan.firstControl(or: 0x22, or: 0x5C, in: bytes, from: 0, to: bytes.count) == bytes.count {
            output.append(UInt8(ascii: "\""))
            output.append(contentsOf: text.utf8)
            output.append(UInt8(ascii: "\""))
        } else {
            output.append(contentsOf: quoted(bytes))
        }
    }

    /// Measured first and then written in one piece: appending byte by byte to an array that grows costs several times as much.
    private static func quoted(_ text: Span<UInt8>) -> [UInt8] {
        var count = 2
        for index in text.indices { count += width(text[index]) }
        return [UInt8](capacity: count) { output in
            output.append(UInt8(ascii: "\""))
            for index in text.indices {
                let byte = text[index]
                if byte >= 0x20, byte != 0x22, byte != 0x5C {
                    output.append(byte)
                } else if let letter = letter(byte) {
                    output.append(0x5C)
                    output.append(letter)
                } else {
                    for digit in [0x5C, UInt8(ascii: "u"), 0x30, 0x30] { output.append(digit) }
                    output.append(digit(byte >> 4))
                    output.append(digit(byte & 15))
                }
            }
            output.append(UInt8(ascii: "\""))
        }
    }

    /// How many bytes a byte becomes.
    private static func width(_ byte: UInt8) -> Int {
        if byte >= 0x20 { return byte == 0x22 || byte == 0x5C ? 2 : 1 }
        return letter(byte) == nil ? 6 : 2
    }

    /// The letter behind the backslash of a short escape.
    private static func letter(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x22, 0x5C: byte
        case 0x08: UInt8(ascii: "b")
        case 0x09: UInt8(ascii: "t")
        case 0x0A: UInt8(ascii: "n")
        case 0x0C: UInt8(ascii: "f")
        case 0x0D: UInt8(ascii: "r")
        default: nil
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x61 + value - 10 }
}
