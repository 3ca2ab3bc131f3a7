/// How the published samples write the text that is encrypted: `P`, the parameters, once more as a JSON string. The server reads both.
public enum SentbeDialect: String, Sendable, CaseIterable {
    /// Ruby's `to_json` and JavaScript's `JSON.stringify`: `/` and everything beyond ASCII as they are.
    case rubyAndJavaScript = "ruby-js"
    /// PHP's `json_encode`: `/` as `\/`, everything beyond ASCII as `\uXXXX` with lower-case digits; also `/` inside the envelope.
    case php

    /// A dialect by the word that a person types: `ruby`, `js`, `javascript`, `ruby-js` or `php`.
    public init?(word: String) {
        switch word {
        case "ruby", "js", "javascript", "ruby-js": self = .rubyAndJavaScript
        case "php": self = .php
        default: return nil
        }
    }

    /// `text` as a JSON string with its quotation marks, as this dialect writes it.
    public func quoted(_ text: String) -> [UInt8] {
        var output: [UInt8] = []
        // Every quotation mark of a JSON text becomes two bytes: a quarter more is enough for most.
        output.reserveCapacity(text.utf8.count + text.utf8.count / 4 + 16)
        output.append(UInt8(ascii: "\""))
        switch self {
        case .rubyAndJavaScript: SentbeDialect.appendRaw(text.utf8.span, to: &output)
        case .php: SentbeDialect.appendEscaped(text, to: &output)
        }
        output.append(UInt8(ascii: "\""))
        return output
    }

    /// Base64 as this dialect's JSON writer leaves it inside the envelope.
    func envelopeText(_ base64: String) -> String {
        switch self {
        case .rubyAndJavaScript: base64
        case .php:
            String(
                decoding: Array(
                    base64.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
                        .joined(separator: Array("\\/".utf8))), as: UTF8.self)
        }
    }

    private static func appendRaw(_ text: Span<UInt8>, to output: inout [UInt8]) {
        for index in text.indices {
            let byte = text[index]
            if byte >= 0x20, byte != 0x22, byte != 0x5C { output.append(byte) } else { appendEscape(of: byte, to: &output) }
        }
    }

    private static func appendEscaped(_ text: String, to output: inout [UInt8]) {
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x2F: output.append(contentsOf: [0x5C, 0x2F])
            case 0..<0x20, 0x22, 0x5C: appendEscape(of: UInt8(scalar.value), to: &output)
            case ..<0x80: output.append(UInt8(scalar.value))
            default: for unit in UTF16.encode(scalar) ?? .init() { appendUnit(unit, to: &output) }
            }
        }
    }

    private static func appendEscape(of byte: UInt8, to output: inout [UInt8]) {
        let letter: UInt8
        switch byte {
        case 0x22, 0x5C: letter = byte
        case 0x08: letter = UInt8(ascii: "b")
        case 0x09: letter = UInt8(ascii: "t")
        case 0x0A: letter = UInt8(ascii: "n")
        case 0x0C: letter = UInt8(ascii: "f")
        case 0x0D: letter = UInt8(ascii: "r")
        default: return appendUnit(UInt16(byte), to: &output)
        }
        output.append(0x5C)
        output.append(letter)
    }

    private static func appendUnit(_ unit: UInt16, to output: inout [UInt8]) {
        output.append(0x5C)
        output.append(UInt8(ascii: "u"))
        for shift in [12, 8, 4, 0] as [UInt16] {
            let digit = UInt8(unit >> shift & 15)
            output.append(digit < 10 ? 0x30 + digit : 0x61 + digit - 10)
        }
    }
}

/// How often the parameters were written as JSON before they were encrypted.
public enum SentbeEncoding: String, Sendable, CaseIterable {
    /// The JSON text as a JSON string: what the samples do with a text since June 2018.
    case double
    /// The JSON text itself: Ruby's sample before that, and every sample that is given an object instead of a text.
    case single
}
