import Base
import Cryptography
import ProviderKit

/// Proves that this connection verified an authentication callback, without anything being remembered: the application keeps the ticket and shows it with the approval, so that a restart
/// of the gateway between the two loses nothing.
///
/// A ticket is `1.<seconds>.<claim>.<seal>`: the moment of issue, the claim as URL-safe Base64 of a JSON array, and an HMAC-SHA256 of all that before it, under a key
/// that is derived from the hashKey and thus good for nothing else.
struct TicketOffice: Sendable {
    /// What a ticket says.
    struct Claim: Sendable, Hashable {
        /// WPAY's transaction id.
        var wtid: String
        /// The merchant's order number; empty where the callback has none.
        var oid: String
        /// Where approval and net-cancel go, as the callback wrote it.
        var wpayDomain: String
    }

    /// How long a ticket is good for.
    static let lifetime = Duration.seconds(3600)
    private let key: Secret

    init(hashKey: Secret, mid: String) {
        key = hashKey.withBytes { Secret(hmacSHA256(Array("bujeol approval ticket 1 \(mid)".utf8), key: $0)) }
    }

    /// A ticket for `claim`.
    func issue(_ claim: Claim, at moment: Timestamp) -> String {
        let text = JSON.array([.string(claim.wtid), .string(claim.oid), .string(claim.wpayDomain)]).bytes
        let claim = Base64.encode(text).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        let sealed = "1.\(moment.unixSeconds).\(claim)"
        return "\(sealed).\(seal(sealed))"
    }

    /// What a ticket says; nothing when it is not one of this connection's or its time is up.
    func read(_ ticket: String, at moment: Timestamp) -> Claim? {
        let parts = ticket.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard ticket.utf8.count <= 4096, parts.count == 4, parts[0].elementsEqual("1".utf8) else { return nil }
        let sealed = "1.\(Substring(parts[1])).\(Substring(parts[2]))"
        guard constantTimeEquals(Array(seal(sealed).utf8), Array(parts[3])) else { return nil }
        guard let issued = Int64(Substring(parts[1])) else { return nil }
        let age = moment - Timestamp(unixSeconds: issued)
        // A clock that was set back between issue and use may make a ticket a little younger than new.
        guard age > .seconds(-300), age < TicketOffice.lifetime else { return nil }
        var text = String(Substring(parts[2])).replacing("-", with: "+").replacing("_", with: "/")
        while text.utf8.count % 4 != 0 { text += "=" }
        guard let bytes = Base64.decode(text), let json = try? JSON(bytes), let elements = json.elements, elements.count == 3,
            let wtid = elements[0].string, let oid = elements[1].string, let domain = elements[2].string
        else { return nil }
        return Claim(wtid: wtid, oid: oid, wpayDomain: domain)
    }

    private func seal(_ text: String) -> String {
        key.withBytes { Hexadecimal.encode(hmacSHA256(Array(text.utf8), key: $0)) }
    }
}
