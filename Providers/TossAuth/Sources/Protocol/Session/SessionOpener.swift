public import Base
public import Cryptography

/// The provider's side of session keys: opens what callers encrypted for its RSA key.
public struct SessionOpener: Sendable {
    private let privateKey: PrivateKey
    /// The public half, for callers.
    public let publicKey: ServiceKey

    /// An opener with the service's private key.
    ///
    /// - Throws: ``ServiceKeyFault`` for one that is no RSA key of at least 2048 bits.
    public init(privateKey: PrivateKey) throws(ServiceKeyFault) {
        publicKey = try ServiceKey(privateKey.publicKey)
        self.privateKey = privateKey
    }

    /// Opens a session key. One operation of the private key, several milliseconds with 4096 bits; twice that for one that does not open.
    ///
    /// - Throws: ``SessionFault`` with the true cause, as far as trying finds it: for a private log, never for the answer.
    public func open(_ sessionKey: String) throws(SessionFault) -> ReceivedSession {
        do throws(SessionFault) {
            let text = try SealedText(sessionKey, longest: TossAuthLimits.longestSessionKey)
            return ReceivedSession(try SessionCipher(id: text.id, contents: try contents(text.bytes)), version: text.version)
        } catch {
            throw error.within("sessionKey")
        }
    }

    private func contents(_ block: [UInt8]) throws(SessionFault) -> Secret {
        let expected = (publicKey.key.bits + 7) / 8
        guard block.count == expected else {
            if Base64.decode(block) != nil, block.count > expected { throw SessionFault(.encodedTwice, in: .base64) }
            throw SessionFault(.blockLength(block.count, expected: expected), in: .block)
        }
        if let contents = try? privateKey.decryptOAEP(block, digest: .sha1) { return contents }
        throw SessionFault(cause(privateKey.recognisePadding(of: block)?.padding), in: .block)
    }

    private func cause(_ padding: RSAPadding?) -> SessionFault.Cause {
        switch padding {
        case .oaep(_, _, hasLabel: true)?: .labelled
        case .oaep(let padding, let mask, hasLabel: false)?: .otherDigests(padding: padding.dashedName, mask: mask.dashedName)
        case .older?: .olderPadding
        case RSAPadding.none?: .noPadding
        case nil: .otherPublicKey
        }
    }
}

extension Digest {
    /// `SHA-256` and the like.
    fileprivate var dashedName: String {
        switch self {
        case .sha1: "SHA-1"
        case .sha256: "SHA-256"
        case .sha512: "SHA-512"
        case .md5: "MD5"
        }
    }
}

/// A session as the provider holds it after opening its key: reads the fields of the same call, or encrypts the answer to it.
public struct ReceivedSession: Sendable, CustomStringConvertible, CustomReflectable {
    let cipher: SessionCipher
    /// The version that the caller wrote: `v1`, or `v1_` and its own.
    public let version: String

    init(_ cipher: SessionCipher, version: String) {
        self.cipher = cipher
        self.version = version
    }

    /// The session's id.
    public var id: String { cipher.id }

    /// By what a second use is recognised, without anything of the key itself: two SHA-256 digests, in hexadecimal.
    public struct ReuseDigests: Sendable, Hashable {
        /// Of the id; letter case does not count.
        public var id: String
        /// Of the AES key and the vector together.
        public var keyAndVector: String
    }

    /// See ``ReuseDigests-swift.struct``.
    public var reuseDigests: ReuseDigests {
        var material: [UInt8] = Array("toss-auth session ".utf8)
        cipher.key.append(to: &material)
        cipher.vector.append(to: &material)
        defer { wipe(&material) }
        return ReuseDigests(
            id: Hexadecimal.encode(Digest.sha256.hash(Array("toss-auth session id \(id.lowercased())".utf8))),
            keyAndVector: Hexadecimal.encode(Digest.sha256.hash(material)))
    }

    /// Decrypts one field of the same call.
    ///
    /// - Parameters:
    ///   - field: The text, as the call has it.
    ///   - member: The name of the member that it was in, for the fault.
    /// - Throws: ``SessionFault`` with the true cause, as far as trying finds it: for a private log, never for the answer.
    public func open(_ field: String, member: String = "") throws(SessionFault) -> Secret {
        do throws(SessionFault) {
            return try cipher.open(field)
        } catch {
            throw error.within(member)
        }
    }

    /// Encrypts one text of the answer.
    ///
    /// - Parameter version: What to write in front: `v1`, or `v1_` and a version of one's own, as the official Java SDK does.
    /// - Throws: ``SessionFault`` with `unavailable` when OpenSSL cannot encrypt.
    public func seal(_ text: String, version: String = "v1") throws(SessionFault) -> String {
        try cipher.seal(Secret(text), version: version)
    }

    /// Encrypts personal data for the answer: every text, nulls as nulls, an empty text as null.
    ///
    /// - Throws: ``SessionFault`` with `unavailable` when OpenSSL cannot encrypt.
    public func seal(_ data: PersonalData, version: String = "v1") throws(SessionFault) -> JSON {
        try data.sealed(by: cipher, version: version)
    }

    /// Always `[redacted]`.
    public var description: String { "[redacted]" }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
