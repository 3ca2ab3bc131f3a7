public import Base
internal import COpenSSL

/// A message with its content inside and the signature of one signer: SignedData of CMS (RFC 5652), which PKCS#7 calls by the same name.
///
/// Reading it proves nothing: ``content``, ``signer`` and ``signedAt`` are what the message says until ``verify(authorities:at:)`` has returned.
public struct SignedMessage: Sendable {
    /// The longest message that is read or made, in bytes: 64 KiB.
    public static let longestByteCount = 65_536

    /// The message as it was read, unchanged.
    public let der: [UInt8]
    /// What was signed.
    public let content: [UInt8]
    /// The certificate that the signature is to be checked with, out of the message.
    public let signer: Certificate
    /// The other certificates in the message, as a rule the signer's issuers.
    public let otherCertificates: [Certificate]
    /// When the signer says that he signed, to the second; nothing when he does not say.
    public let signedAt: Timestamp?

    /// Reads a message: one value, its content inside, one signer whose certificate is inside too, and no byte after it.
    ///
    /// The indefinite lengths of BER, which much of the software of the trade writes where DER is promised, are read as well.
    ///
    /// - Throws: ``SignedMessageError`` for anything else.
    public init(der: [UInt8]) throws(SignedMessageError) {
        let reference = try SignedMessageReference(der)
        guard reference.signerCount > 0 else { throw .notSigned }
        guard let signature = reference.signature() else { throw .severalSigners }
        guard let content = reference.content else { throw .contentMissing }
        guard let signer = signature.certificate else { throw .signerMissing }
        self.der = der
        self.content = content
        self.signer = signer
        self.otherCertificates = reference.certificates.filter { $0 != signer }
        self.signedAt = signature.moment
    }

    /// Checks the signature over the content, and the signer's certificate as of `moment`: see ``Certificate/verify(authorities:intermediates:at:)``.
    ///
    /// The moment is the one at which somebody relies on the signature, or at which it was received; ``signedAt`` is the signer's word only.
    /// Whether a certificate was revoked is not asked.
    ///
    /// - Parameter authorities: whom to trust as issuers.
    /// - Throws: ``SignedMessageError``; what is wrong with the signature comes before what is wrong with the certificate.
    public func verify(authorities: [Certificate], at moment: Timestamp) throws(SignedMessageError) {
        let reference = try SignedMessageReference(der)
        guard let signature = reference.signature(), signature.certificate == signer else { throw .malformed }
        // OpenSSL would check a signature over MD5, which anybody can find a second content for.
        guard signature.hasSoundDigest else { throw .weak }
        guard reference.isSignatureRight else { throw .signatureWrong }
        guard signer.maySign else { throw .wrongPurpose }
        do throws(CertificateChainError) {
            try signer.verify(authorities: authorities, intermediates: otherCertificates, at: moment)
        } catch {
            throw SignedMessageError(error)
        }
    }

    /// Makes a message with `content` inside, the digest SHA-256, `moment` as the time of signing, and the certificates of `identity`.
    ///
    /// - Parameter moment: to the second, 1950 to 2262.
    /// - Returns: the message in DER.
    /// - Throws: ``SignedMessageError/tooLarge``, or ``SignedMessageError/notMade`` when OpenSSL refuses the key.
    public static func sign(
        _ content: [UInt8], by identity: TLSIdentity, at moment: Timestamp
    ) throws(SignedMessageError) -> [UInt8] {
        guard content.count < longestByteCount else { throw .tooLarge }
        guard let der = SignedMessageReference.make(content, identity, moment) else {
            OpenSSLErrors.clear()
            throw .notMade
        }
        guard der.count <= longestByteCount else { throw .tooLarge }
        return der
    }
}
