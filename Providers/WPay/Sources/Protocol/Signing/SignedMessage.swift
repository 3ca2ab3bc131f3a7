public import Base
import Cryptography

/// The message that WPAY's signature covers, and the signature: SHA-256 in 64 lower-case hexadecimal digits.
///
/// Nothing in the values is escaped, so an `&` in a bare value would let two requests share one message; ``WPayRequestBuilder`` refuses it.
public struct SignedMessage: Sendable {
    /// How the message is put together.
    public enum Style: String, Sendable, Hashable, CaseIterable {
        /// `name=value` joined by `&`, then `&hashKey=…`: what WPAY computes. The others exist only to recognize mistakes.
        case standard
        /// The same with `&hash=…`, as the signature document's prose says.
        case hashLabel
        /// Values alone, joined by `&`, as the document's Java sample prints it.
        case valuesJoined
        /// Values alone, nothing between them.
        case valuesBare
    }

    /// What stands for the hashKey wherever a message is shown.
    public static let hiddenKey = "[hashKey]"

    /// 64 lower-case hexadecimal digits.
    public let signature: String
    private let fields: [Field]
    private let style: Style

    struct Field: Sendable {
        var name: String
        var value: String
    }

    /// Signs fields in the order given.
    public static func make(
        fields: [(name: String, value: FinalValue)], style: Style = .standard, hashKey: Secret
    ) -> SignedMessage {
        SignedMessage(fields.map { Field(name: $0.name, value: $0.value.text) }, style, hashKey)
    }

    init(_ fields: [Field], _ style: Style = .standard, _ hashKey: Secret) {
        self.fields = fields
        self.style = style
        var bytes: [UInt8] = []
        bytes.reserveCapacity(fields.reduce(hashKey.count + 9) { $0 + $1.name.utf8.count + $1.value.utf8.count + 2 })
        SignedMessage.write(fields, style, to: &bytes)
        hashKey.append(to: &bytes)
        signature = Hexadecimal.encode(Digest.sha256.hash(bytes))
    }

    /// The message as text, with `[hashKey]` in the key's place.
    public var text: String {
        var bytes: [UInt8] = []
        SignedMessage.write(fields, style, to: &bytes)
        return String(decoding: bytes, as: UTF8.self) + SignedMessage.hiddenKey
    }

    /// Everything in front of the key.
    private static func write(_ fields: [Field], _ style: Style, to bytes: inout [UInt8]) {
        let hasNames = style == .standard || style == .hashLabel
        for field in fields {
            if hasNames {
                bytes.append(contentsOf: field.name.utf8)
                bytes.append(UInt8(ascii: "="))
            }
            bytes.append(contentsOf: field.value.utf8)
            if style != .valuesBare { bytes.append(UInt8(ascii: "&")) }
        }
        switch style {
        case .standard: bytes.append(contentsOf: "hashKey=".utf8)
        case .hashLabel: bytes.append(contentsOf: "hash=".utf8)
        case .valuesJoined, .valuesBare: break
        }
    }

    /// Whether `signature` is this message's: 64 lower-case hexadecimal digits, compared in a time that does not depend on where they differ.
    public func matches(_ signature: String) -> Bool { constantTimeEquals(Array(self.signature.utf8), Array(signature.utf8)) }
}
