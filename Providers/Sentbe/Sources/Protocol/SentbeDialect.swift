import Base

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
        switch self {
        case .rubyAndJavaScript: return JSON.string(text).bytes
        case .php:
            var output: [UInt8] = []
            output.reserveCapacity(text.utf8.count + text.utf8.count / 2 + 16)
            output.append(UInt8(ascii: "\""))
            SentbeDialect.appendEscaped(text, to: &output)
            output.append(UInt8(ascii: "\""))
            return output
        }
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
        guard let letter = letter(byte) else { return appendUnit(UInt16(byte), to: &output) }
        output.append(0x5C)
        output.append(letter)
    }

    private static func appendUnit(_ unit: UInt16, to output: inout [UInt8]) {
        output.append(0x5C)
        output.append(UInt8(ascii: "u"))
        for shift in [12, 8, 4, 0] as [UInt16] { output.append(digit(UInt8(unit >> shift & 15))) }
    }
}

/// How often the parameters were written as JSON before they were encrypted.
public enum SentbeEncoding: String, Sendable, CaseIterable {
    /// The JSON text as a JSON string: what the samples do with a text since June 2018.
    case double
    /// The JSON text itself: Ruby's sample before that, and every sample that is given an object instead of a text.
    case single
}
