/// The id of a payment's receipt, 24 hexadecimal characters in all samples.
public struct ReceiptID: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The id as Bootpay writes it.
    public let rawValue: String

    /// An id by its text.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// An id by its text.
    public init(_ text: String) { rawValue = text }
    /// An id by its text.
    public init(stringLiteral value: String) { rawValue = value }

    /// The id.
    public var description: String { rawValue }
}

/// The id of a reserved charge.
public struct ReservationID: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The id as Bootpay writes it.
    public let rawValue: String

    /// An id by its text.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// An id by its text.
    public init(_ text: String) { rawValue = text }
    /// An id by its text.
    public init(stringLiteral value: String) { rawValue = value }

    /// The id.
    public var description: String { rawValue }
}

/// A key that stands for a shopper's stored card (빌링키). Whoever has it and the application's token can charge the card, so it prints as `[redacted]`.
public struct BillingKey: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible,
    CustomDebugStringConvertible, CustomReflectable
{
    /// The key as Bootpay writes it.
    public let rawValue: String

    /// A key by its text.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// A key by its text.
    public init(_ text: String) { rawValue = text }
    /// A key by its text.
    public init(stringLiteral value: String) { rawValue = value }

    /// Always `[redacted]`.
    public var description: String { "[redacted]" }
    /// Always `[redacted]`.
    public var debugDescription: String { "[redacted]" }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
