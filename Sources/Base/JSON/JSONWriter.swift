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
        output.append(UInt8(ascii: "\""))
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let end = ByteScan.firstControl(or: 0x22, or: 0x5C, in: bytes.span, from: start, to: bytes.count)
            output.append(contentsOf: bytes[start..<end])
            if end < bytes.count { writeEscape(of: bytes[end], to: &output) }
            start = end + 1
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func writeEscape(of byte: UInt8, to output: inout [UInt8]) {
        switch byte {
        case 0x0A: output.append(contentsOf: [0x5C, UInt8(ascii: "n")])
        case 0x0D: output.append(contentsOf: [0x5C, UInt8(ascii: "r")])
        case 0x09: output.append(contentsOf: [0x5C, UInt8(ascii: "t")])
        case 0x08: output.append(contentsOf: [0x5C, UInt8(ascii: "b")])
        case 0x0C: output.append(contentsOf: [0x5C, UInt8(ascii: "f")])
        case 0..<0x20: output.append(contentsOf: "\\u00\(Hexadecimal.encode([byte]))".utf8)
        default:
            output.append(0x5C)
            output.append(byte)
        }
    }
}
