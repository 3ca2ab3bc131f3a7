public import Base
import Cryptography

/// The caller's session for one request call with personal data. It encrypts one claim and is gone: the compiler lets nobody use it twice.
public struct RequestSession: ~Copyable, Sendable {
    private let cipher: SessionCipher
    private let sessionKey: String

    /// Makes a fresh session.
    ///
    /// - Parameters:
    ///   - key: For whom the session key is encrypted.
    ///   - random: Where the id, the AES key and the vector come from.
    /// - Throws: ``SessionFault`` with `unavailable` when OpenSSL cannot encrypt.
    public init(for key: ServiceKey, random: any RandomSource) throws(SessionFault) {
        let cipher = try SessionCipher(random: random)
        let sessionKey = try cipher.wrapped(for: key)
        self.cipher = cipher
        self.sessionKey = sessionKey
    }

    /// Encrypts a claim; the AES key is overwritten thereafter.
    ///
    /// - Throws: ``SessionFault`` with `unavailable` when OpenSSL cannot encrypt.
    public consuming func seal(_ claim: IdentityClaim) throws(SessionFault) -> SealedClaim {
        var parts: [IdentityClaim.Part: String] = [:]
        for part in IdentityClaim.Part.allCases { parts[part] = try cipher.seal(claim.secret(part)) }
        return SealedClaim(sessionKey: sessionKey, parts: parts)
    }
}

/// An encrypted claim with its session key: four members of a request call. Whoever sees the encrypted texts can find out much of what they say, so that this has no printable form
/// and belongs into the call's body and nowhere else.
public struct SealedClaim: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The member `sessionKey`.
    public let sessionKey: String
    private let parts: [IdentityClaim.Part: String]

    init(sessionKey: String, parts: [IdentityClaim.Part: String]) {
        self.sessionKey = sessionKey
        self.parts = parts
    }

    /// One encrypted part.
    public subscript(_ part: IdentityClaim.Part) -> String { parts[part] ?? "" }

    /// `userName`, `userPhone`, `userBirthday` and `sessionKey`, in the documentation's order.
    public var members: [(name: String, value: String)] {
        IdentityClaim.Part.allCases.map { ($0.rawValue, self[$0]) } + [("sessionKey", sessionKey)]
    }

    /// Always `[redacted]`.
    public var description: String { "[redacted]" }
    /// Always `[redacted]`.
    public var debugDescription: String { "[redacted]" }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The caller's session for one result call. It opens the answer to that call and is gone.
///
/// The provider encrypts the answer for the session whose key came **in the same call**; the session must therefore live until the answer is there. ``kept()`` is for sealed storage,
/// before the call is sent.
public struct ResultSession: ~Copyable, Sendable {
    /// What the call sends as `sessionKey`; in this one call only.
    public let sessionKey: String
    private let cipher: SessionCipher

    /// Makes a fresh session.
    ///
    /// - Parameters:
    ///   - key: For whom the session key is encrypted.
    ///   - random: Where the id, the AES key and the vector come from.
    /// - Throws: ``SessionFault`` with `unavailable` when OpenSSL cannot encrypt.
    public init(for key: ServiceKey, random: any RandomSource) throws(SessionFault) {
        let cipher = try SessionCipher(random: random)
        let sessionKey = try cipher.wrapped(for: key)
        self.cipher = cipher
        self.sessionKey = sessionKey
    }

    /// The session as text, of the same rank as the personal data itself: put it into a sealed record and nowhere else. ``KeptResultSession`` reads it.
    public func kept() -> Secret { cipher.kept() }

    /// Decrypts `personalData` of the answer; the AES key is overwritten thereafter.
    ///
    /// - Throws: ``SessionFault`` for the first member that this session cannot open, with the reason as far as it can be found out.
    public consuming func open(_ personalData: JSON) throws(SessionFault) -> PersonalData {
        try PersonalData(sealed: personalData, by: cipher)
    }
}

/// A result session that comes back out of sealed storage. It can open the answer to its call; its session key was sent with that call and cannot be had again.
public struct KeptResultSession: ~Copyable, Sendable {
    private let cipher: SessionCipher

    /// Reads what ``ResultSession/kept()`` wrote.
    ///
    /// - Throws: ``SessionFault``.
    public init(_ kept: Secret) throws(SessionFault) { cipher = try SessionCipher(kept: kept) }

    /// Decrypts `personalData` of the answer; the AES key is overwritten thereafter.
    ///
    /// - Throws: ``SessionFault``, as ``ResultSession/open(_:)`` does.
    public consuming func open(_ personalData: JSON) throws(SessionFault) -> PersonalData {
        try PersonalData(sealed: personalData, by: cipher)
    }
}

extension SessionCipher {
    /// The session key: `v1$id$` and what RSA made of ``contents``.
    func wrapped(for key: ServiceKey) throws(SessionFault) -> String {
        do throws(CipherError) {
            return SealedText.write(id: id, base64: Base64.encode(try key.key.encryptOAEP(contents, digest: .sha1)))
        } catch {
            throw SessionFault(.unavailable, in: .block, member: "sessionKey")
        }
    }

    /// The official SDK's text for a session between processes: version, id, `AES_GCM`, key and vector, with `$` between them.
    func kept() -> Secret {
        var bytes = Array("\(SealedText.version)$\(id)$".utf8)
        bytes.reserveCapacity(128)
        defer { wipe(&bytes) }
        contents.append(to: &bytes)
        return Secret(bytes)
    }

    /// Reads the text that ``kept()`` writes.
    init(kept: Secret) throws(SessionFault) {
        var bytes: [UInt8] = []
        kept.append(to: &bytes)
        defer { wipe(&bytes) }
        let parts = bytes.split(separator: UInt8(ascii: "$"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw SessionFault(.wrongParts(parts.count), in: .whole) }
        guard SealedText.isVersion(parts[0]) else { throw SessionFault(.wrongVersion, in: .version) }
        let id = String(decoding: parts[1], as: UTF8.self)
        guard RandomUUID.isUUID(id) else { throw SessionFault(.malformedID, in: .id) }
        try self.init(id: id, contents: Secret(wiping: Array(parts[2])))
    }
}
