import Foundation

/// Texts that must not be found, in every form in which a careless program leaves them behind.
struct Needles {
    private let disguises: [(form: String, bytes: Data)]

    /// Each text as UTF-8, UTF-16 of both orders, base64 of UTF-8 at all three places within a group, hexadecimal of both cases, percent-encoded, and with the escapes of JSON.
    init(_ texts: [String: String]) {
        disguises = texts.flatMap { name, text in Self.disguises(of: text).map { ("\(name) as \($0.0)", $0.1) } }
    }

    private static func disguises(of text: String) -> [(String, Data)] {
        let bytes = Array(text.utf8)
        var forms = [("UTF-8", Data(bytes))]
        for (name, encoding) in [("UTF-16LE", String.Encoding.utf16LittleEndian), ("UTF-16BE", .utf16BigEndian)] {
            if let data = text.data(using: encoding) { forms.append((name, data)) }
        }
        for shift in 0..<3 {
            // The first and the last sign of a group hold bits of what stands beside it.
            let encoded = Data([UInt8](repeating: 0, count: shift) + bytes).base64EncodedString().replacingOccurrences(of: "=", with: "")
            let inner = encoded.dropFirst(shift == 0 ? 0 : shift + 1).dropLast((bytes.count + shift) % 3 == 0 ? 0 : 1)
            forms.append(("base64", Data(inner.utf8)))
            let alphabet = inner.replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            if alphabet != inner { forms.append(("base64url", Data(alphabet.utf8))) }
        }
        let digits = bytes.map { String(format: "%02x", $0) }
        forms.append(("hexadecimal", Data(digits.joined().utf8)))
        forms.append(("HEXADECIMAL", Data(digits.joined().uppercased().utf8)))
        if let encoded = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics), encoded != text {
            forms.append(("percent", Data(encoded.utf8)))
        }
        if !text.utf8.allSatisfy({ $0 < 0x80 }) {
            forms.append(("JSON escapes", Data(text.utf16.map { String(format: "\\u%04x", $0) }.joined().utf8)))
        }
        return forms
    }

    /// What stands in `data`, by name and form.
    func found(in data: Data) -> [String] { disguises.filter { data.range(of: $0.bytes) != nil }.map(\.form) }

    /// What stands in any file below `folder`, hidden ones, links and a database's log included; and how much was looked through.
    func found(below folder: String) throws -> (findings: [String], files: Int, bytes: Int) {
        var (findings, files, bytes): ([String], Int, Int) = ([], 0, 0)
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            findings += found(in: Data(name.utf8)).map { "the name of \(name): \($0)" }
            // A folder, a socket: nothing to read.
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else { continue }
            files += 1
            bytes += data.count
            findings += found(in: data).map { "\(name): \($0)" }
        }
        return (findings, files, bytes)
    }
}
