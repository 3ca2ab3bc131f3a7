public import Base
internal import COpenSSL

/// A private key of any kind that OpenSSL reads; it has no printable form.
public struct PrivateKey: Sendable, CustomStringConvertible {
    let reference: KeyReference

    init(reference: KeyReference) { self.reference = reference }

    /// Reads a key in PEM: PKCS#8 (`PRIVATE KEY`) or the older forms (`EC PRIVATE KEY`, `RSA PRIVATE KEY`), without a passphrase.
    public init(pem: Secret) throws(CertificateError) {
        OpenSSLErrors.clear()
        let handle = unsafe pem.withBytes { bytes -> OpaquePointer? in
            guard let source = MemoryBuffer(bytes) else { return nil }
            return unsafe source.withHandle { unsafe bujeol_PEM_read_private_key($0) }
        }
        guard let handle = unsafe handle else {
            OpenSSLErrors.clear()
            throw CertificateError(.malformedKey, "the text holds no private key in PEM without a passphrase")
        }
        reference = unsafe KeyReference(owning: handle)
    }

    /// Makes a fresh key on the curve P-256 from OpenSSL's own generator.
    public static func generate() throws(CertificateError) -> PrivateKey {
        OpenSSLErrors.clear()
        guard let handle = unsafe bujeol_EVP_EC_gen("P-256") else { throw CertificateError(.notIssued, openSSL: "no key could be made") }
        return PrivateKey(reference: unsafe KeyReference(owning: handle))
    }

    /// The key in PEM as PKCS#8, unencrypted.
    public var pem: Secret {
        guard let buffer = MemoryBuffer() else { return Secret([UInt8]()) }
        _ = unsafe buffer.withHandle { unsafe bujeol_PEM_write_private_key($0, reference.handle) }
        return Secret(buffer.bytes)
    }

    /// How much work it takes to break it, as the logarithm to base 2 (NIST SP 800-57): 112 for RSA with 2048 bits, 128 for P-256.
    public var securityBits: Int { Int(unsafe EVP_PKEY_get_security_bits(reference.handle)) }

    /// Always `[redacted]`.
    public var description: String { "[redacted]" }
}

/// Owns one reference to an `EVP_PKEY`.
@safe
final class KeyReference: @unchecked Sendable {
    // Sendable because nothing here changes the key after it was read or made, its reference count is atomic, and `contexts` has a lock.
    let handle: OpaquePointer
    /// What has been set up for this key so far.
    let contexts = Locked<[RSAOperation: PreparedContext]>([:])

    /// Takes over the caller's reference.
    init(owning handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe EVP_PKEY_free(handle) }
}

/// A certificate chain and the private key of its first certificate: what one side of a TLS connection proves itself with.
public struct TLSIdentity: Sendable {
    /// The certificate itself, then its issuers in order, without the root as a rule.
    public let certificates: [Certificate]
    /// The key of the first certificate.
    public let privateKey: PrivateKey
    /// The SHA-256 digest over the chain, 32 bytes: equal for equal identities, and tells nothing about the key.
    public let fingerprint: [UInt8]

    /// Pairs a chain with its key.
    ///
    /// - Throws: ``CertificateError`` when the chain is empty or the key is another certificate's.
    public init(certificates: [Certificate], privateKey: PrivateKey) throws(CertificateError) {
        OpenSSLErrors.clear()
        guard let leaf = certificates.first else { throw CertificateError(.malformedCertificate, "the chain is empty") }
        guard unsafe X509_check_private_key(leaf.reference.handle, privateKey.reference.handle) == 1 else {
            OpenSSLErrors.clear()
            throw CertificateError(.keyMismatch, "the private key does not belong to the certificate of \(leaf.subject)")
        }
        self.certificates = certificates
        self.privateKey = privateKey
        self.fingerprint = Digest.sha256.hash(certificates.flatMap(\.der))
    }

    /// Reads a chain and its key in PEM.
    public init(certificateChainPEM: String, privateKeyPEM: Secret) throws(CertificateError) {
        try self.init(certificates: Certificate.all(pem: certificateChainPEM), privateKey: PrivateKey(pem: privateKeyPEM))
    }

    /// The chain in PEM.
    public var certificateChainPEM: String { certificates.map(\.pem).joined() }
}
