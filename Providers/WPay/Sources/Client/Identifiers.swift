/// The key that stands for a member (wpayUserKey). It opens the member's wallet together with the merchant's keys, so it prints as `[redacted]`.
public struct WPayUserKey: Sendable, Hashable, CustomStringConvertible {
    let value: WPayValue

    /// A key in plain, 20 characters, as ``WPayCallback`` and replies open it.
    public init(_ plain: String) { value = .plain(plain) }
    /// A key as WPAY sent it, encrypted; it goes on unchanged.
    public init(received: FinalValue) { value = .final(received) }

    /// Always `[redacted]`.
    public var description: String { "[redacted]" }
}

/// The token that stands for a card or an account (wpayToken); prints as `[redacted]`.
public struct WPayToken: Sendable, Hashable, CustomStringConvertible {
    let value: WPayValue

    /// A token in plain, as ``WPayCallback`` and replies open it. That of an auto-pay is used as it came and opened by nobody.
    public init(_ plain: String) { value = .plain(plain) }
    /// A token as WPAY sent it, encrypted; it goes on unchanged.
    public init(received: FinalValue) { value = .final(received) }

    /// Always `[redacted]`.
    public var description: String { "[redacted]" }

    /// The text as it stands, for the calls that take an auto-pay's token.
    var text: String {
        switch value {
        case .plain(let plain): plain.text
        case .final(let final): final.text
        }
    }
}

/// The id of a WPAY transaction (wtid): what an approval and a net-cancel name. Refunds take the approval's ``TransactionID`` instead.
public struct WalletTransactionID: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The id as WPAY writes it.
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

/// The id of a payment (tid), given by the approval: what a refund names.
public struct TransactionID: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The id as WPAY writes it.
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
