import Base
import Cryptography
import TossAuth

/// What an access token says.
struct TokenClaims: Equatable, Sendable {
    var client: String
    /// Whether `iss` is this service and `aud` the client itself, as in every token of this service.
    var isFromHere: Bool
    var scopes: [String]
    var issuedAt: Timestamp
    /// `nbf`: from when on it is good.
    var beginsAt: Timestamp
    var expiresAt: Timestamp
    /// `jti`: tells which generation of the client's tokens it belongs to.
    var identifier: String
}

/// Why a token opens nothing.
enum TokenFault: String, Error, Sendable, CaseIterable {
    case missing
    case notBearer = "not-bearer"
    case malformed
    case algorithm
    case signature
    /// Its `kid`, `iss` or `aud` is not this service's.
    case issuer
    case notYet = "not-yet"
    case expired
    case scope
    case unknownClient = "unknown-client"
    case revoked
}

/// Makes and reads access tokens: JWTs signed with RS256, whose claims are those of the published sample. Nothing about them is stored.
struct TokenMint: Sendable {
    private let key: PrivateKey
    private let publicKey: PublicKey

    /// What the shipped key signs.
    ///
    /// - Throws: `CertificateError` when the shipped key cannot be used.
    init() throws {
        key = try PrivateKey(pem: Secret(ShippedKeys.tokens))
        publicKey = key.publicKey
    }

    private static let keyName: JSON = "cert"
    private static let header: JSON = ["kid": keyName, "alg": "RS256"]
    private static let issuer = "https://cert.toss.im"

    /// A fresh token.
    ///
    /// - Throws: `CipherError`.
    func token(for client: Client, scope: String, lifetime: Duration, at now: Timestamp, _ random: any RandomSource) throws -> String {
        let start = now.unixSeconds
        let payload: JSON = [
            "sub": .string(client.id), "aud": .string(client.id), "nbf": .number(start), "scope": [.string(scope)],
            "iss": .string(TokenMint.issuer), "exp": .number(start + lifetime.wholeSeconds), "iat": .number(start),
            "jti": .string(TokenMint.identifier(client, random.bytes(10))),
        ]
        let signed = "\(URLBase64.encode(TokenMint.header.bytes)).\(URLBase64.encode(payload.bytes))"
        return "\(signed).\(URLBase64.encode(try key.signRSASHA256(Array(signed.utf8))))"
    }

    /// What a token says, whoever made it: for finding out whose it claims to be.
    static func claims(unproved text: String) -> TokenClaims? { parts(text).flatMap { claims($0.payload) } }

    /// What a token of ours says. Whether its time is over, and whose it is, is not asked here.
    func claims(_ text: String) throws(TokenFault) -> TokenClaims {
        guard let parts = TokenMint.parts(text), let header = try? JSON(parts.header), let claims = TokenMint.claims(parts.payload) else {
            throw .malformed
        }
        // Whatever else the header names would let its author choose how the token is checked.
        guard header["alg"] == "RS256" else { throw .algorithm }
        guard publicKey.isRSASHA256(signature: parts.signature, of: Array(parts.signed.utf8)) else { throw .signature }
        // The key that signs is shipped, so a signature alone says little.
        guard header["kid"] == TokenMint.keyName, claims.isFromHere else { throw .issuer }
        return claims
    }

    private static func parts(_ text: String) -> (header: [UInt8], payload: [UInt8], signature: [UInt8], signed: Substring)? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, text.utf8.count <= 8192, let header = URLBase64.decode(parts[0]), let payload = URLBase64.decode(parts[1]),
            let signature = URLBase64.decode(parts[2])
        else { return nil }
        return (header, payload, signature, text[..<parts[1].endIndex])
    }

    private static func claims(_ payload: [UInt8]) -> TokenClaims? {
        guard let json = try? JSON(payload), let client = json["sub"]?.string, let scopes = json["scope"]?.elements,
            let issued = json["iat"]?.integer, let start = json["nbf"]?.integer, let end = json["exp"]?.integer,
            let identifier = json["jti"]?.string
        else { return nil }
        return TokenClaims(
            client: client, isFromHere: json["iss"] == .string(issuer) && json["aud"] == .string(client),
            scopes: scopes.compactMap(\.string), issuedAt: Timestamp(unixSeconds: issued), beginsAt: Timestamp(unixSeconds: start),
            expiresAt: Timestamp(unixSeconds: end), identifier: identifier)
    }
}

// MARK: Generations

extension TokenMint {
    /// The identifier of a token: a UUID whose last six bytes follow from the rest, the client and its generation of tokens. A client's tokens are all revoked by
    /// counting the generation up, also those of the same second; a client that was made anew under the same id has another salt, and so none of the old tokens.
    private static func identifier(_ client: Client, _ start: [UInt8]) -> String {
        var start = start
        start[6] = start[6] & 0x0F | 0x40
        start[8] = start[8] & 0x3F | 0x80
        let bytes = start + client.tokenMark(start)
        return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { Hexadecimal.encode(bytes[$0]) }.joined(separator: "-")
    }

    /// Whether the token is of the client's present generation.
    static func isCurrent(_ claims: TokenClaims, _ client: Client) -> Bool {
        guard let bytes = Hexadecimal.decode(claims.identifier.replacing("-", with: "")), bytes.count == 16 else { return false }
        return constantTimeEquals(Array(bytes[10...]), client.tokenMark(Array(bytes[..<10])))
    }
}

/// Base64 in the alphabet for addresses, without padding (RFC 4648, section 5), as JWTs are written.
enum URLBase64 {
    static func encode(_ bytes: [UInt8]) -> String {
        Base64.encode(bytes).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The bytes; nothing unless it is exactly what ``encode(_:)`` would write.
    static func decode(_ text: Substring) -> [UInt8]? {
        guard !text.utf8.contains(where: { "+/=".utf8.contains($0) }) else { return nil }
        let standard = String(text).replacing("-", with: "+").replacing("_", with: "/")
        return Base64.decode(standard + String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4))
    }
}
