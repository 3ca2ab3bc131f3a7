public import Base

/// A JSON reply, read and opened: E fields decrypted, U fields decoded where they are encoded, unknown members kept. As it may hold personal data, it prints as `[redacted]`.
///
/// No signature protects it; the connection's TLS must.
public struct WPayReply: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The most bytes that a reply may have.
    public static let byteLimit = 64 * 1024

    /// The result.
    public let resultCode: WPayResultCode
    /// The reply as received.
    public let received: JSON
    /// The reply with its fields opened. An E field that these keys cannot decrypt stands as it was received, and is named in ``undecipherable``.
    public let opened: JSON
    /// The names of E fields that could not be decrypted.
    public let undecipherable: Set<String>

    /// Reads a reply.
    ///
    /// - Returns: Nothing when the body is too long, is no JSON object or has no result code.
    public init?(_ body: [UInt8], of api: WPayAPI, seed: SeedCodec) {
        guard body.count <= WPayReply.byteLimit, let json = try? JSON(body), let code = WPayReply.text(json["resultCode"]), !code.isEmpty
        else {
            return nil
        }
        resultCode = WPayResultCode(code)
        received = json
        var opening = ReplyOpening(seed: seed)
        opened = opening.open(json, api.reply)
        undecipherable = Set(opening.unopened)
    }

    /// The text of a member of the opened reply, or the digits of a number; nothing for an empty text, an undecipherable field and the rest.
    public func text(_ name: String) -> String? {
        undecipherable.contains(name) ? nil : WPayReply.text(opened[name]).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A text of WPAY's or a number's digits; WPAY writes both for one and the same field.
    public static func text(_ value: JSON?) -> String? {
        switch value {
        case .string(let text)?: text
        case .number(let digits)?: digits
        default: nil
        }
    }

    /// A member as it was received, to be passed on unchanged; nothing for an empty one.
    public func final(_ name: String) -> FinalValue? {
        received[name]?.string.flatMap { $0.isEmpty ? nil : FinalValue(received: $0) }
    }

    /// Always `[redacted]`.
    public var description: String { "[redacted]" }
    /// Always `[redacted]`.
    public var debugDescription: String { "[redacted]" }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
