public import Base
import Cryptography

/// The header fields that prove a call, and how long they may be.
public enum SentbeHeaders {
    /// The partner's number, in clear.
    public static let partnerID = "PARTNER-ID"
    /// The access_id, in clear.
    public static let key = "KEY"
    /// The envelope; may be left out by a call without parameters.
    public static let signature = "SIGNATURE"
    /// What every call says its body is, although the body is empty.
    public static let contentType = "application/json; charset=utf-8"

    /// From how many bytes an envelope is in danger: usual proxies take 8 KB a field, and other fields need room too. Ours.
    public static let signatureWarning = 6_000
    /// How long an envelope may be by default, in bytes. Ours: the provider's own limit is not published.
    public static let longestSignature = 16 << 10

    /// How `KEY` is made.
    public enum KeyStyle: String, Sendable, CaseIterable {
        /// The access_id as it is: since version 1.2 of the documentation, July 2018.
        case plain
        /// Base64 of HMAC-SHA-256 over `partner_id:access_id` under the secret_key: before.
        case old
    }

    /// The value of `KEY`.
    public static func keyValue(_ style: KeyStyle, partnerID: String, accessID: Secret, secretKey: Secret) -> Secret {
        switch style {
        case .plain: return accessID
        case .old:
            var message = Array("\(partnerID):".utf8)
            accessID.append(to: &message)
            return Secret(Base64.encode(secretKey.withBytes { hmacSHA256(message, key: $0) }))
        }
    }

    /// Whether a secret_key works the same in every language: Ruby's sample raises an error at bytes beyond ASCII.
    public static func isPortable(_ secretKey: Secret) -> Bool { secretKey.withBytes { $0.allSatisfy { $0 < 0x80 } } }
}
