import Base

/// Something about a person, or something that opens a person's account: a name, a telephone number, a token.
///
/// It prints, dumps and reflects as `[redacted]`, so that a request or an answer can be logged as a whole; its memory is overwritten when it goes away.
public struct PersonalText: Sendable, Equatable, ExpressibleByStringLiteral, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let secret: Secret

    /// Keeps `text` from being printed.
    public init(_ text: String) { secret = Secret(text) }
    /// Keeps `value` from being printed.
    public init(stringLiteral value: String) { self.init(value) }

    /// The text itself, for whoever needs it.
    public func reveal() -> String { secret.withText { $0 } }

    /// Always `[redacted]`.
    public var description: String { "[redacted]" }
    /// Always `[redacted]`.
    public var debugDescription: String { "[redacted]" }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }

    var json: JSON { .string(reveal()) }
}
