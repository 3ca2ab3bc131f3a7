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
        /// Whether the value is a person's, decrypted, and must not be shown.
        var isHidden = false
    }

    /// What stands for a value that must not be shown.
    static let hiddenValue = "[redacted]"

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
        var length = hashKey.count + 9
        for field in fields { length += field.name.utf8.count + field.value.utf8.count + 2 }
        bytes.reserveCapacity(length)
        SignedMessage.write(fields, style, to: &bytes)
        hashKey.append(to: &bytes)
        signature = Hexadecimal.encode(Digest.sha256.hash(bytes))
    }

    /// The message as text, with `[hashKey]` in the key's place.
    public var text: String { String(decoding: bytes(isShown: true), as: UTF8.self) + SignedMessage.hiddenKey }

    /// Everything in front of the key, with values that must not be shown as they are or hidden.
    func bytes(isShown: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        let shown = isShown ? fields.map { $0.isHidden ? Field(name: $0.name, value: SignedMessage.hiddenValue) : $0 } : fields
        SignedMessage.write(shown, style, to: &bytes)
        return bytes
    }

    /// Where the hidden value around the byte at `offset` stands; nothing when that byte may be shown.
    func hiddenRange(at offset: Int) -> Range<Int>? {
        var end = 0
        for field in fields {
            var bytes: [UInt8] = []
            SignedMessage.write(field, style, to: &bytes)
            let start = end
            end += bytes.count
            // The separator behind the value gives away how long it is.
            if offset < end { return field.isHidden ? start + (bytes.count - field.value.utf8.count - separator.count)..<end : nil }
        }
        return nil
    }

    private var separator: String.UTF8View { (style == .valuesBare ? "" : "&").utf8 }

    /// Everything in front of the key.
    private static func write(_ fields: [Field], _ style: Style, to bytes: inout [UInt8]) {
        for field in fields { write(field, style, to: &bytes) }
        switch style {
        case .standard: bytes.append(contentsOf: "hashKey=".utf8)
        case .hashLabel: bytes.append(contentsOf: "hash=".utf8)
        case .valuesJoined, .valuesBare: break
        }
    }

    private static func write(_ field: Field, _ style: Style, to bytes: inout [UInt8]) {
        if style == .standard || style == .hashLabel {
            bytes.append(contentsOf: field.name.utf8)
            bytes.append(UInt8(ascii: "="))
        }
        bytes.append(contentsOf: field.value.utf8)
        if style != .valuesBare { bytes.append(UInt8(ascii: "&")) }
    }

    /// Whether `signature` is this message's: 64 lower-case hexadecimal digits, compared in a time that does not depend on where they differ.
    public func matches(_ signature: String) -> Bool { constantTimeEquals(Array(self.signature.utf8), Array(signature.utf8)) }
}
