import Base
import Cryptography

/// `webview_id`: a JSON Web Token (RFC 7519) with HMAC-SHA-256, by which a web view knows whose it is. Its claims are exp, jti and user_id.
enum WebviewToken {
    /// What a token says.
    struct Claims: Hashable, Sendable {
        /// The second at which it ends, since 1970.
        var end: Int64
        /// The token's own id.
        var id: String
        var user: String

        /// From this moment on the token is of no use.
        func hasEnded(at now: Timestamp) -> Bool { now >= Timestamp(unixSeconds: end) }
    }

    /// Why a text is no token.
    enum Failure: String, Error {
        /// It does not have three parts in base64url, or they are not JSON.
        case malformed
        /// Its header names another algorithm than HS256.
        case algorithm
        /// It was not signed with this key.
        case signature
    }

    private static let header: JSON = ["alg": "HS256", "typ": "JWT"]

    /// Writes a token.
    static func make(_ claims: Claims, key: Secret) -> String {
        let payload: JSON = ["exp": .number(claims.end), "jti": .string(claims.id), "user_id": .string(claims.user)]
        let signed = encode(header.bytes) + "." + encode(payload.bytes)
        return signed + "." + encode(key.withBytes { hmacSHA256(Array(signed.utf8), key: $0) })
    }

    /// What a token says, before anybody knows whether it is true: to find the key.
    static func claims(_ text: String) -> Claims? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let payload = decode(parts[1]).flatMap({ try? JSON($0) }), let end = payload["exp"]?.integer,
            let id = payload["jti"]?.string, let user = payload["user_id"]?.string
        else { return nil }
        return Claims(end: end, id: id, user: user)
    }

    /// The claims of a token that was signed with `key`, whether or not it has ended.
    ///
    /// - Throws: ``Failure``.
    static func verify(_ text: String, key: Secret) throws(Failure) -> Claims {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = decode(parts[0]).flatMap({ try? JSON($0) }), let claims = claims(text),
            let given = decode(parts[2])
        else { throw .malformed }
        // Whoever let the token choose would also let it choose none.
        guard header["alg"] == "HS256" else { throw .algorithm }
        let signed = Array("\(parts[0]).\(parts[1])".utf8)
        guard constantTimeEquals(key.withBytes { hmacSHA256(signed, key: $0) }, given) else { throw .signature }
        return claims
    }

    // MARK: base64url without padding (RFC 4648, section 5)

    static func encode(_ bytes: [UInt8]) -> String {
        String(Base64.encode(bytes).filter { $0 != "=" }.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
    }

    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        guard !text.contains(where: { $0 == "+" || $0 == "/" || $0 == "=" }) else { return nil }
        let plain = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        return Base64.decode(plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4))
    }
}
