/// A value as the application wrote it: not encrypted, not encoded. It may be personal, so it prints as `[redacted]`.
public struct PlainValue: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The text, for whoever needs it.
    public let text: String

    /// Wraps a text.
    public init(_ text: String) { self.text = text }
    /// Wraps a text.
    public init(stringLiteral value: String) { text = value }

    /// Always `[redacted]`.
    public var description: String { "[redacted]" }
    /// Always `[redacted]`.
    public var debugDescription: String { "[redacted]" }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// A value in the form that is signed and sent: E encrypted, U encoded, the rest as it is. There is no way from here to another encryption or encoding.
///
/// It prints as `[redacted]`: SEED with a fixed vector shows which people have the same birthday.
public struct FinalValue: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text as it enters the message and the form.
    public let text: String

    /// A value that was received in its final form, after exactly one form decode: the user key of a callback, for instance, which goes on to the approval unchanged.
    public init(received text: String) { self.text = text }

    fileprivate init(made text: String) { self.text = text }

    /// No value: signed as `name=`.
    public static let empty = FinalValue(made: "")

    /// Always `[redacted]`.
    public var description: String { "[redacted]" }
    /// Always `[redacted]`.
    public var debugDescription: String { "[redacted]" }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// What the application gives for a field.
public enum WPayValue: Sendable, Hashable {
    /// A value still to be encrypted or encoded.
    case plain(PlainValue)
    /// A value that WPAY sent, passed on unchanged.
    case final(FinalValue)

    /// A value still to be encrypted or encoded.
    public static func plain(_ text: String) -> WPayValue { .plain(PlainValue(text)) }
    /// A value that WPAY sent, passed on unchanged.
    public static func final(_ text: String) -> WPayValue { .final(FinalValue(received: text)) }
}

extension PlainValue {
    /// The value in its final form for `mark`.
    ///
    /// - Parameter seed: Encrypts E fields; nothing when there are no keys for it.
    /// - Returns: Nothing for an E field that cannot be encrypted.
    func final(_ mark: WPayFieldMark, over carrier: WPayCarrier, seed: SeedCodec?) -> FinalValue? {
        switch mark {
        case .plain: return FinalValue(made: text)
        case .encoded: return FinalValue(made: carrier.encodesMarkedFields ? URLCodec.encode(text) : text)
        case .encrypted:
            if text.isEmpty { return .empty }
            return seed.flatMap { try? $0.encrypt(text) }.map { FinalValue(made: $0) }
        }
    }
}

extension FinalValue {
    /// The value of a field as a caller reads it: E decrypted, U decoded.
    ///
    /// - Parameter carrier: How it came. Forms always encode U fields; in JSON they may be encoded or not.
    /// - Returns: Nothing for an E field that these keys cannot decrypt.
    public func open(_ field: WPayField, over carrier: WPayCarrier, seed: SeedCodec) -> PlainValue? {
        switch field.mark {
        case .plain: PlainValue(text)
        case .encoded: PlainValue(carrier == .json ? URLCodec.decodeIfEncoded(text) : URLCodec.decode(text) ?? text)
        case .encrypted: (seed.decrypt(text) ?? (field.isMarkGuessed ? text : nil)).map { PlainValue($0) }
        }
    }
}
