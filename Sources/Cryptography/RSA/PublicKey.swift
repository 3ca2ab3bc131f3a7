internal import Base
internal import COpenSSL

/// The public half of a key, in the form in which services publish it (SubjectPublicKeyInfo, RFC 5280, section 4.1.2.7).
public struct PublicKey: Sendable {
    let reference: KeyReference
    /// The key as SubjectPublicKeyInfo in DER.
    public let spkiDER: [UInt8]

    /// Reads SubjectPublicKeyInfo in DER, and nothing after it.
    ///
    /// - Throws: ``CertificateError/Code/malformedKey``.
    public init(spkiDER: [UInt8]) throws(CertificateError) {
        OpenSSLErrors.clear()
        let (handle, isWhole) = unsafe spkiDER.withUnsafeBufferPointer { source -> (OpaquePointer?, Bool) in
            var position = source.baseAddress
            let handle = unsafe d2i_PUBKEY(nil, &position, source.count)
            return unsafe (handle, position == source.baseAddress.map { unsafe $0 + source.count })
        }
        guard let handle = unsafe handle else {
            OpenSSLErrors.clear()
            throw CertificateError(.malformedKey, "this is no public key in DER (SubjectPublicKeyInfo)")
        }
        let reference = unsafe KeyReference(owning: handle)
        // Other forms of the same key, such as one with bytes behind it, would give it a second fingerprint.
        guard isWhole, reference.publicDER == spkiDER else {
            throw CertificateError(.malformedKey, "the public key has bytes that do not belong to it")
        }
        self.init(reference: reference, spkiDER: spkiDER)
    }

    /// Reads the one `PUBLIC KEY` of a PEM text; see ``PEMText`` for the damage that is put right on the way.
    ///
    /// - Throws: ``CertificateError/Code/malformedKey``, saying so when the text holds a private key, a certificate or an older form instead.
    public init(pem: String) throws(CertificateError) {
        let blocks: [PEMText.Block]
        do throws(PEMText.Damage) {
            blocks = try PEMText(Array(pem.utf8)).blocks
        } catch {
            throw CertificateError(.malformedKey, "the text holds no public key in PEM (BEGIN PUBLIC KEY)")
        }
        guard let block = blocks.first, blocks.count == 1 else {
            throw CertificateError(.malformedKey, "the text holds more than one block of PEM where one public key is expected")
        }
        guard block.label == "PUBLIC KEY" else {
            let found = block.isPrivateKey ? "a private key" : block.isCertificate ? "a certificate" : "something else"
            throw CertificateError(.malformedKey, "the text holds \(found) where a public key (BEGIN PUBLIC KEY) is expected")
        }
        try self.init(spkiDER: block.content.withBytes { $0 })
    }

    init(reference: KeyReference, spkiDER: [UInt8]) {
        self.reference = reference
        self.spkiDER = spkiDER
    }

    /// The key in PEM (`PUBLIC KEY`), with a newline at the end.
    public var pem: String { PEMText.armoured("PUBLIC KEY", spkiDER) }

    /// The SHA-256 digest of ``spkiDER``, 32 bytes: the name by which people compare keys.
    public var fingerprint: [UInt8] { Digest.sha256.hash(spkiDER) }

    /// The length of its modulus (RSA) or of its curve's order in bits.
    public var bits: Int { reference.bits }

    /// Whether it is an RSA key that may be used for everything (one restricted to PSS is not).
    public var isRSA: Bool { reference.isRSA }
}

extension PublicKey: Hashable {
    /// Whether both are the same key.
    public static func == (left: PublicKey, right: PublicKey) -> Bool { left.spkiDER == right.spkiDER }
    /// Feeds the DER form.
    public func hash(into hasher: inout Hasher) { hasher.combine(spkiDER) }
}

extension PrivateKey {
    /// The public half.
    public var publicKey: PublicKey { PublicKey(reference: reference, spkiDER: reference.publicDER) }

    /// The length of its modulus (RSA) or of its curve's order in bits.
    public var bits: Int { reference.bits }

    /// Whether it is an RSA key that may be used for everything (one restricted to PSS is not).
    public var isRSA: Bool { reference.isRSA }

    /// Makes a fresh RSA key with the exponent 65537 from OpenSSL's own generator.
    ///
    /// It takes a tenth of a second for 2048 bits and from one to several seconds for 4096, on the thread that asks.
    ///
    /// - Parameter bits: The length of the modulus, 2048 to 8192.
    /// - Throws: ``CertificateError/Code/notIssued`` for another length.
    public static func generateRSA(bits: Int) throws(CertificateError) -> PrivateKey {
        OpenSSLErrors.clear()
        guard (2048...8192).contains(bits) else {
            throw CertificateError(.notIssued, "an RSA key must have 2048 to 8192 bits, not \(bits)")
        }
        guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, "RSA", nil) else {
            throw CertificateError(.notIssued, openSSL: "no RSA key could be made")
        }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var handle: OpaquePointer?
        guard unsafe EVP_PKEY_keygen_init(context) == 1, unsafe EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)) == 1,
            unsafe EVP_PKEY_generate(context, &handle) == 1, let handle = unsafe handle
        else { throw CertificateError(.notIssued, openSSL: "no RSA key could be made") }
        return PrivateKey(reference: unsafe KeyReference(owning: handle))
    }
}

extension KeyReference {
    var bits: Int { Int(unsafe EVP_PKEY_get_bits(handle)) }

    var isRSA: Bool { unsafe EVP_PKEY_is_a(handle, "RSA") == 1 }

    var publicDER: [UInt8] {
        let count = Int(unsafe i2d_PUBKEY(handle, nil))
        guard count > 0 else { return [] }
        return [UInt8](capacity: count) { output in
            unsafe output.withUnsafeMutableBufferPointer { target, written in
                var position = target.baseAddress
                written = max(0, Int(unsafe i2d_PUBKEY(handle, &position)))
            }
        }
    }
}
