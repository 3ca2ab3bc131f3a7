internal import Base
internal import COpenSSL

/// Owns one `CMS_ContentInfo`. Its checks write into it, so that each reading makes one of its own and no two threads share it.
@safe
final class SignedMessageReference {
    private let handle: OpaquePointer

    private init(owning handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe CMS_ContentInfo_free(handle) }

    convenience init(_ der: [UInt8]) throws(SignedMessageError) {
        guard der.count <= SignedMessage.longestByteCount else { throw .tooLarge }
        OpenSSLErrors.clear()
        defer { OpenSSLErrors.clear() }
        let (handle, isWhole) = unsafe der.withUnsafeBufferPointer { source -> (OpaquePointer?, Bool) in
            var position = source.baseAddress
            let handle = unsafe d2i_CMS_ContentInfo(nil, &position, source.count)
            return unsafe (handle, position == source.baseAddress.map { unsafe $0 + source.count })
        }
        guard let handle = unsafe handle else { throw .malformed }
        unsafe self.init(owning: handle)
        guard isWhole, unsafe OBJ_obj2nid(CMS_get0_type(handle)) == NID_pkcs7_signed else { throw .malformed }
    }

    // MARK: Reading

    /// The signed content; nothing when the message leaves it out.
    var content: [UInt8]? {
        guard let place = unsafe CMS_get0_content(handle), let content = unsafe place.pointee else { return nil }
        return unsafe bytes(of: content)
    }

    /// All certificates in the message, in their order.
    var certificates: [Certificate] {
        guard let stack = unsafe CMS_get1_certs(handle) else { return [] }
        defer { unsafe bujeol_sk_X509_free_all(stack) }
        return (0..<max(0, unsafe OPENSSL_sk_num(stack))).compactMap { index in
            guard let found = unsafe OPENSSL_sk_value(stack, index) else { return nil }
            let certificate = OpaquePointer(found)
            unsafe X509_up_ref(certificate)
            return Certificate(reference: unsafe CertificateReference(owning: certificate))
        }
    }

    private var signers: OpaquePointer? { unsafe CMS_get0_SignerInfos(handle) }

    /// How many have signed it.
    var signerCount: Int { max(0, Int(unsafe signers.map { unsafe OPENSSL_sk_num($0) } ?? 0)) }

    /// What the message says of its one signature.
    struct Signature {
        /// The signer's certificate, if it is in the message.
        var certificate: Certificate?
        /// The signed time of signing.
        var moment: Timestamp?
        /// Whether the content's digest is one that nobody can find a second content for.
        var hasSoundDigest: Bool
    }

    /// The one signature; nothing when there are more or none.
    func signature() -> Signature? {
        guard let signers = unsafe signers, signerCount == 1, let found = unsafe OPENSSL_sk_value(signers, 0) else { return nil }
        OpenSSLErrors.clear()
        defer { OpenSSLErrors.clear() }
        let information = OpaquePointer(found)
        _ = unsafe CMS_set1_signers_certs(handle, nil, 0)
        var signer: OpaquePointer?
        var digest: UnsafeMutablePointer<X509_ALGOR>?
        unsafe CMS_SignerInfo_get0_algs(information, nil, &signer, &digest, nil)
        let certificate = unsafe signer.map { signer in
            unsafe X509_up_ref(signer)
            return Certificate(reference: unsafe CertificateReference(owning: signer))
        }
        return unsafe Signature(
            certificate: certificate, moment: signingTime(information), hasSoundDigest: digest.map { unsafe isSound($0) } ?? false)
    }

    private func isSound(_ algorithm: UnsafePointer<X509_ALGOR>) -> Bool {
        var name: OpaquePointer?
        unsafe X509_ALGOR_get0(&name, nil, nil, algorithm)
        return unsafe [NID_sha256, NID_sha384, NID_sha512, NID_sha3_256, NID_sha3_384, NID_sha3_512].contains(OBJ_obj2nid(name))
    }

    private func signingTime(_ information: OpaquePointer) -> Timestamp? {
        for type in [V_ASN1_UTCTIME, V_ASN1_GENERALIZEDTIME] {
            // -3: the attribute may stand there once only, with one value (RFC 5652, section 11.3).
            if let time = unsafe CMS_signed_get0_data_by_OBJ(information, OBJ_nid2obj(NID_pkcs9_signingTime), -3, type) {
                return unsafe Timestamp(time.assumingMemoryBound(to: ASN1_TIME.self))
            }
        }
        return nil
    }

    /// Whether the signature is one by the signer's certificate over the content; whose certificate that is, is not asked.
    var isSignatureRight: Bool {
        OpenSSLErrors.clear()
        defer { OpenSSLErrors.clear() }
        return unsafe CMS_verify(handle, nil, nil, nil, nil, UInt32(CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY)) == 1
    }

    // MARK: Making

    static func make(_ content: [UInt8], _ identity: TLSIdentity, _ moment: Timestamp) -> [UInt8]? {
        OpenSSLErrors.clear()
        guard let leaf = identity.certificates.first, let source = MemoryBuffer(content),
            let handle = unsafe CMS_sign(nil, nil, nil, nil, UInt32(CMS_PARTIAL | CMS_BINARY))
        else { return nil }
        let message = unsafe SignedMessageReference(owning: handle)
        let flags = UInt32(CMS_PARTIAL | CMS_BINARY | CMS_NOSMIMECAP)
        guard
            let information = unsafe CMS_add1_signer(
                handle, leaf.reference.handle, identity.privateKey.reference.handle, Digest.sha256.algorithm.handle, flags),
            // Set here, or OpenSSL would put the machine's own time into its place when it signs.
            unsafe add(signingTime: moment, to: information)
        else { return nil }
        for certificate in identity.certificates.dropFirst() {
            guard unsafe CMS_add1_cert(handle, certificate.reference.handle) == 1 else { return nil }
        }
        guard unsafe source.withHandle({ unsafe CMS_final(handle, $0, nil, UInt32(CMS_BINARY)) }) == 1 else { return nil }
        return message.encoded
    }

    private static func add(signingTime moment: Timestamp, to information: OpaquePointer) -> Bool {
        guard let time = unsafe ASN1_TIME_set(nil, Int(moment.unixSeconds)) else { return false }
        defer { unsafe ASN1_STRING_free(time) }
        return unsafe CMS_signed_add1_attr_by_NID(information, NID_pkcs9_signingTime, ASN1_STRING_type(time), time, -1) == 1
    }

    private var encoded: [UInt8]? {
        let count = Int(unsafe i2d_CMS_ContentInfo(handle, nil))
        guard count > 0 else { return nil }
        return [UInt8](capacity: count) { output in
            unsafe output.withUnsafeMutableBufferPointer { target, written in
                var position = target.baseAddress
                written = max(0, Int(unsafe i2d_CMS_ContentInfo(handle, &position)))
            }
        }
    }

    private func bytes(of string: UnsafePointer<ASN1_STRING>) -> [UInt8] {
        let count = Int(unsafe ASN1_STRING_length(string))
        guard count > 0, let start = unsafe ASN1_STRING_get0_data(string) else { return [] }
        return unsafe Array(UnsafeBufferPointer(start: start, count: count))
    }
}
