internal import COpenSSL

/// Whom a context trusts.
public enum TLSTrust: Sendable {
    /// The certificate authorities that the operating system (more exactly: this OpenSSL) trusts.
    case system
    /// These certificate authorities and no others.
    case authorities([Certificate])

    /// The certificate authorities in `pem` and no others.
    ///
    /// - Throws: ``CertificateError`` when there is none, or one is broken.
    public static func bundle(pem: String) throws(CertificateError) -> TLSTrust { .authorities(try Certificate.all(pem: pem)) }
}

/// Owns an `SSL_CTX` with what both sides have in common.
@safe
final class TLSContextHandle: @unchecked Sendable {
    // Sendable because a context is configured on one thread before it is published, only read afterwards, and OpenSSL guards its reference
    // count and what it counts inside with atomics and locks of its own (SSL_CTX, "thread safety" in openssl-threads(7)).
    let pointer: OpaquePointer

    init(server: Bool) throws(TLSError) {
        OpenSSLRuntime.start()
        OpenSSLErrors.clear()
        guard let pointer = unsafe SSL_CTX_new(server ? TLS_server_method() : TLS_client_method()) else {
            throw TLSError.configuration("no TLS context could be made")
        }
        unsafe self.pointer = pointer
        unsafe bujeol_SSL_CTX_set_min_proto_version(pointer, TLS1_2_VERSION)
        unsafe bujeol_SSL_CTX_set_common_behaviour(pointer)
    }

    deinit { unsafe SSL_CTX_free(pointer) }

    func use(_ identity: TLSIdentity) throws(TLSError) {
        guard let leaf = identity.certificates.first, let chain = unsafe bujeol_sk_X509_new_null() else {
            throw TLSError.configuration("the identity is empty")
        }
        defer { unsafe bujeol_sk_X509_free_all(chain) }
        for certificate in identity.certificates.dropFirst() {
            unsafe X509_up_ref(certificate.reference.handle)
            unsafe bujeol_sk_X509_push(chain, certificate.reference.handle)
        }
        let result = unsafe SSL_CTX_use_cert_and_key(
            pointer, leaf.reference.handle, identity.privateKey.reference.handle, chain, 1)
        guard result == 1 else { throw TLSError.configuration("the certificate or its key cannot be used") }
    }

    func trust(_ trust: TLSTrust) throws(TLSError) {
        switch trust {
        case .system:
            guard unsafe SSL_CTX_set_default_verify_paths(pointer) == 1 else {
                throw TLSError.configuration("the system's certificate authorities cannot be read")
            }
        case .authorities(let authorities):
            guard let store = unsafe X509_STORE_new() else { throw TLSError.configuration("no certificate store could be made") }
            // The context takes over the store, and with it frees it.
            unsafe SSL_CTX_set_cert_store(pointer, store)
            for authority in authorities {
                guard unsafe X509_STORE_add_cert(store, authority.reference.handle) == 1 else {
                    throw TLSError.configuration("a certificate authority cannot be used")
                }
            }
        }
    }
}
