public import Base

/// A piece of HTML. What stands in the source text is markup; what is inserted with `\(…)` is text and is escaped, unless it is itself a piece of HTML.
///
/// So a page reads like the page, and no value of a request can become markup: there is no way from a `String` to a `Markup` but through escaping.
public struct Markup: Sendable, Equatable, ExpressibleByStringInterpolation {
    /// The HTML as it is sent.
    public private(set) var html: String

    /// What stands in the source text, as it is.
    public init(stringLiteral literal: StaticString) { html = literal.description }

    /// Markup of the source text with what was inserted.
    public init(stringInterpolation interpolation: Interpolation) { html = interpolation.html }

    /// Nothing.
    public static let empty: Markup = ""

    /// Collects the pieces.
    public struct Interpolation: StringInterpolationProtocol {
        fileprivate(set) var html = ""

        /// With room for the pieces.
        public init(literalCapacity: Int, interpolationCount: Int) { html.reserveCapacity(literalCapacity + 24 * interpolationCount) }

        /// Markup of the source text.
        public mutating func appendLiteral(_ literal: StaticString) { html += literal.description }

        /// Text, for an element or for an attribute in double quotes.
        public mutating func appendInterpolation(_ text: String) { Markup.escape(text, into: &html) }

        /// A whole number in digits.
        public mutating func appendInterpolation(_ number: Int) { html += String(number) }

        /// Markup within markup.
        public mutating func appendInterpolation(_ markup: Markup) { html += markup.html }

        /// Pieces of markup, one behind the other.
        public mutating func appendInterpolation(_ pieces: [Markup]) { for piece in pieces { html += piece.html } }

        /// A piece that stands there only under a condition.
        public mutating func appendInterpolation(_ markup: Markup, if condition: Bool) { if condition { html += markup.html } }

        /// Korean, and English small beneath or behind it.
        public mutating func appendInterpolation(_ text: BilingualText) {
            Markup.escape(text.korean, into: &html)
            guard text.english != text.korean else { return }
            html += " <small lang=\"en\">"
            Markup.escape(text.english, into: &html)
            html += "</small>"
        }
    }

    /// By scalars: a combining mark behind a `<` would make another character of the two. Control characters, which HTML forbids, are left out; a line
    /// break is written as a reference, since a parser would turn CR LF into LF.
    private static func escape(_ text: String, into html: inout String) {
        var output = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output.append(contentsOf: "&amp;".unicodeScalars)
            case "<": output.append(contentsOf: "&lt;".unicodeScalars)
            case ">": output.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": output.append(contentsOf: "&quot;".unicodeScalars)
            case "'": output.append(contentsOf: "&#39;".unicodeScalars)
            case "`": output.append(contentsOf: "&#96;".unicodeScalars)
            case "\n": output.append(contentsOf: "&#10;".unicodeScalars)
            case "\r": output.append(contentsOf: "&#13;".unicodeScalars)
            case "\t": output.append(contentsOf: "&#9;".unicodeScalars)
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": continue
            default: output.append(scalar)
            }
        }
        html.unicodeScalars.append(contentsOf: output)
    }
}
