public import Base

/// The provider's id of something. Numbers in replies, texts in requests: a text here.
public struct SentbeID<Owner>: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    CustomStringConvertible
{
    /// The id's digits.
    public let rawValue: String

    /// An id by its text.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// An id by its text.
    public init(_ text: String) { rawValue = text }
    /// An id by its text.
    public init(stringLiteral value: String) { rawValue = value }
    /// An id by its number.
    public init(integerLiteral value: Int64) { rawValue = String(value) }

    /// The id.
    public var description: String { rawValue }

    var json: JSON { .string(rawValue) }
}

/// Whose id a ``SentbeUserID`` is.
public enum SentbeUserKind {}
/// Whose id a ``SentbeRecipientID`` is.
public enum SentbeRecipientKind {}
/// Whose id a ``SentbeTransferID`` is.
public enum SentbeTransferKind {}

/// The id of a user: a sender.
public typealias SentbeUserID = SentbeID<SentbeUserKind>
/// The id of a recipient.
public typealias SentbeRecipientID = SentbeID<SentbeRecipientKind>
/// The id of a transfer.
public typealias SentbeTransferID = SentbeID<SentbeTransferKind>

/// Something about a person: a name, a birth date, a telephone or account number, a password.
///
/// It prints, dumps and reflects as `[redacted]`, so that a request or a reply can be logged as a whole; its memory is overwritten when it goes away.
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

/// A reply with all its members, those that have no property included. As it may hold personal data, it prints as `[redacted]`.
public struct RawReply: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The reply.
    public let json: JSON

    /// Always `[redacted]`.
    public var description: String { "[redacted]" }
    /// Always `[redacted]`.
    public var debugDescription: String { "[redacted]" }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension JSON {
    func personal(_ name: String) -> PersonalText? { text(name).map { PersonalText($0) } }

    func decimal(_ name: String) -> ExactDecimal? { text(name).flatMap { ExactDecimal($0) } }

    /// An amount under one name and its currency under another.
    func money(_ amount: String, _ currency: String) -> SentbeMoney? {
        guard let amount = decimal(amount), let currency = text(currency) else { return nil }
        return SentbeMoney(amount, currency)
    }

    func id<Owner>(_ name: String) -> SentbeID<Owner>? { text(name).map { SentbeID($0) } }
}

extension JSON.Members {
    /// Puts a text in where there is one.
    mutating func set(_ name: String, _ value: String?) { if let value { self[name] = .string(value) } }
    /// Puts a person's text in where there is one.
    mutating func set(_ name: String, _ value: PersonalText?) { if let value { self[name] = value.json } }
}
