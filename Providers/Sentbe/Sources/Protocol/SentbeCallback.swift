public import Base
import Cryptography

/// What the provider posts to the partner when a transfer changes its state: `{"token","external_id","status"}`.
///
/// It proves next to nothing: the token is the access_id, which goes over the wire in clear with every call. Compare it, then fetch the transfer and believe only that. It
/// may come more than once, and out of order.
public struct SentbeCallback: Sendable {
    /// The partner's access_id.
    public var token: Secret
    /// The partner's own number of the transfer.
    public var externalID: String
    /// The state that is claimed.
    public var status: SentbeTransferStatus

    /// A callback by its parts.
    public init(token: Secret, externalID: String, status: SentbeTransferStatus) {
        self.token = token
        self.externalID = externalID
        self.status = status
    }

    /// Reads a callback; nothing when the bytes are not a JSON object with the three members, each a text (`external_id` may be a number), or a name stands twice.
    public init?(_ body: [UInt8]) {
        guard body.count <= SentbeCallback.longestBody, let json = try? JSON(body, depth: 8), !RepeatedNames.exist(in: body),
            let token = json["token"]?.string, let status = json["status"]?.string, let externalID = json.text("external_id")
        else { return nil }
        self.init(token: Secret(token), externalID: externalID, status: SentbeTransferStatus(rawValue: status))
    }

    /// Whether the token is this access_id, compared in constant time.
    public func isFrom(accessID: Secret) -> Bool {
        // Digests first: the time of a plain comparison tells the length of the access_id.
        token.withBytes { one in accessID.withBytes { other in constantTimeEquals(Digest.sha256.hash(one), Digest.sha256.hash(other)) } }
    }

    /// The body as the provider writes it.
    public var body: [UInt8] {
        let json: JSON = ["token": .string(token.withText { $0 }), "external_id": .string(externalID), "status": .string(status.rawValue)]
        return json.bytes
    }

    /// A longer body is no callback. Ours.
    public static let longestBody = 16 << 10
}

extension JSON {
    /// The text of a member that is a string, or the digits of one that is a number; nothing for the rest and for empty text. The provider writes ids as numbers in
    /// replies and as texts in requests.
    func text(_ name: String) -> String? {
        switch self[name] {
        case .string(let text)?: text.isEmpty ? nil : text
        case .number(let digits)?: digits
        default: nil
        }
    }
}
