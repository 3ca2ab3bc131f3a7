import Foundation

/// A Swift text taken apart into code, comments and string literals, far enough for rules about words.
struct SwiftText {
    enum Kind { case code, comment, string }

    private let bytes: [UInt8]
    private var kinds: [Kind]

    init(_ text: String) {
        bytes = Array(text.utf8)
        kinds = Array(repeating: .code, count: bytes.count)
        var position = 0
        while position < bytes.count { position = step(position) }
    }

    /// The text with everything but these kinds blanked out; lines stay where they are.
    func only(_ wanted: Set<Kind>) -> String {
        String(decoding: zip(bytes, kinds).map { $0 == 0x0A || wanted.contains($1) ? $0 : 0x20 }, as: UTF8.self)
    }

    private func has(_ text: String, at position: Int) -> Bool { bytes[position...].starts(with: text.utf8) }

    /// Marks the token at `position` and returns where the next one begins.
    private mutating func step(_ position: Int) -> Int {
        let byte = bytes[position]
        guard byte == UInt8(ascii: "/") || byte == UInt8(ascii: "#") || byte == UInt8(ascii: "\"") else { return position + 1 }
        if has("//", at: position) { return mark(.comment, from: position, to: bytes[position...].firstIndex(of: 0x0A) ?? bytes.count) }
        if has("/*", at: position) { return comment(position) }
        var quote = position
        while quote < bytes.count, bytes[quote] == UInt8(ascii: "#") { quote += 1 }
        if quote < bytes.count, bytes[quote] == UInt8(ascii: "\"") { return string(from: position, quote: quote) }
        return max(quote, position + 1)
    }

    private mutating func mark(_ kind: Kind, from start: Int, to end: Int) -> Int {
        for index in start..<end { kinds[index] = kind }
        return end
    }

    private mutating func comment(_ start: Int) -> Int {
        var depth = 0
        var end = start
        while end < bytes.count {
            if has("/*", at: end) {
                depth += 1
                end += 2
            } else if has("*/", at: end) {
                depth -= 1
                end += 2
                if depth == 0 { break }
            } else {
                end += 1
            }
        }
        return mark(.comment, from: start, to: min(end, bytes.count))
    }

    private mutating func string(from start: Int, quote: Int) -> Int {
        let pounds = String(repeating: "#", count: quote - start)
        let quotes = has("\"\"\"", at: quote) ? "\"\"\"" : "\""
        var position = mark(.string, from: start, to: quote + quotes.utf8.count)
        while position < bytes.count {
            if has(quotes + pounds, at: position) {
                return mark(.string, from: position, to: position + quotes.utf8.count + pounds.utf8.count)
            }
            if has("\\" + pounds + "(", at: position) {
                position = interpolation(mark(.string, from: position, to: position + 2 + pounds.utf8.count))
            } else if has("\\" + pounds, at: position) {
                position = mark(.string, from: position, to: min(position + 2 + pounds.utf8.count, bytes.count))
            } else {
                if quotes == "\"", bytes[position] == 0x0A { return position }
                position = mark(.string, from: position, to: position + 1)
            }
        }
        return position
    }

    /// Code inside a string, up to the bracket that closes it.
    private mutating func interpolation(_ start: Int) -> Int {
        var depth = 1
        var position = start
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "(") { depth += 1 }
            if bytes[position] == UInt8(ascii: ")") {
                depth -= 1
                if depth == 0 { return mark(.string, from: position, to: position + 1) }
            }
            position = step(position)
        }
        return position
    }
}

/// An import of a Swift file.
struct Import {
    var module: String
    var line: Int

    /// The imports of `text`, those inside `#if` included.
    static func all(in text: String) -> [Import] {
        // Nothing behind the last line with the word matters, and most of a file stands behind it.
        guard let last = text.range(of: "import ", options: .backwards) else { return [] }
        let part = String(text[..<(text[last.upperBound...].firstIndex(of: "\n") ?? text.endIndex)])
        return SwiftText(part).only([.code]).numberedLines.compactMap { line in
            let words = line.text.split { $0 == " " || $0 == "\t" || $0 == ";" }.map(String.init)
            guard let place = words.firstIndex(of: "import"), place + 1 < words.count,
                words[..<place].allSatisfy({
                    $0.hasPrefix("@") || ["public", "package", "internal", "fileprivate", "private"].contains($0)
                })
            else { return nil }
            let kinds = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
            let name = kinds.contains(words[place + 1]) && place + 2 < words.count ? words[place + 2] : words[place + 1]
            return Import(module: String(name.prefix { $0 != "." }), line: line.number)
        }
    }
}

extension Substring {
    /// Whether `word` stands here with no letter, digit or underscore before it, nor behind it when it ends in one itself.
    func containsWord(_ word: String) -> Bool {
        func isPart(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F || byte > 0x7F
        }
        let (text, wanted) = (Array(utf8), Array(word.utf8))
        guard !wanted.isEmpty, text.count >= wanted.count else { return false }
        for start in 0...text.count - wanted.count where text[start..<start + wanted.count].elementsEqual(wanted) {
            let end = start + wanted.count
            let beginsWord = start == 0 || !isPart(text[start - 1])
            let endsWord = end == text.count || !isPart(text[end]) || !isPart(wanted[wanted.count - 1])
            if beginsWord, endsWord { return true }
        }
        return false
    }
}
