public import Base
internal import COpenSSL

/// Why a certificate is not believed at a moment.
public enum CertificateChainError: String, Error, Sendable, CaseIterable, CustomStringConvertible {
    /// No chain leads from it to an authority, or a signature on the way is wrong.
    case untrusted
    /// It, or one on the way, had ended.
    case expired
    /// It, or one on the way, had not begun.
    case notYetValid = "not-yet-valid"
    /// A key or a digest on the way gives less than 112 bits of security, such as SHA-1 or RSA with 1024 bits.
    case weak
    /// One on the way may not issue, or has a rule that the chain breaks or nobody here knows.
    case unfit

    /// A sentence.
    public var description: String {
        switch self {
        case .untrusted: "the certificate does not lead to an authority that is trusted"
        case .expired: "the certificate, or an issuer's, has expired"
        case .notYetValid: "the certificate, or an issuer's, is not valid yet"
        case .weak: "the certificate, or an issuer's, has a key or a digest that is too weak"
        case .unfit: "the certificate, or an issuer's, may not be used in this way"
        }
    }

    init(_ code: Int32) {
        self =
            switch code {
            case X509_V_ERR_CERT_HAS_EXPIRED: .expired
            case X509_V_ERR_CERT_NOT_YET_VALID: .notYetValid
            case X509_V_ERR_EE_KEY_TOO_SMALL, X509_V_ERR_CA_KEY_TOO_SMALL, X509_V_ERR_CA_MD_TOO_WEAK: .weak
            case X509_V_ERR_INVALID_CA, X509_V_ERR_PATH_LENGTH_EXCEEDED, X509_V_ERR_KEYUSAGE_NO_CERTSIGN,
                X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, X509_V_ERR_PERMITTED_VIOLATION, X509_V_ERR_EXCLUDED_VIOLATION,
                X509_V_ERR_INVALID_PURPOSE:
                .unfit
            default: .untrusted
            }
    }
}

extension Certificate {
    /// Checks that a chain of signatures leads from one of `authorities` to this certificate, and that each of it was valid at `moment`.
    ///
    /// Whether one was revoked is not asked, nor what this certificate may be used for.
    ///
    /// - Parameters:
    ///   - authorities: whom to trust: roots, or issuers on the way.
    ///   - intermediates: certificates that may stand between; none of them is trusted for itself.
    ///   - moment: to the second; OpenSSL takes the very last second, ``notAfter``, for expired. The machine's clock plays no part.
    public func verify(
        authorities: [Certificate], intermediates: [Certificate] = [], at moment: Timestamp
    ) throws(CertificateChainError) {
        OpenSSLErrors.clear()
        defer { OpenSSLErrors.clear() }
        guard let store = unsafe X509_STORE_new() else { throw .untrusted }
        defer { unsafe X509_STORE_free(store) }
        for authority in authorities {
            guard unsafe X509_STORE_add_cert(store, authority.reference.handle) == 1 else { throw .untrusted }
        }
        guard let untrusted = unsafe bujeol_sk_X509_new_null() else { throw .untrusted }
        defer { unsafe bujeol_sk_X509_free_all(untrusted) }
        for certificate in intermediates {
            guard unsafe bujeol_sk_X509_push(untrusted, certificate.reference.handle) > 0 else { throw .untrusted }
            unsafe X509_up_ref(certificate.reference.handle)
        }
        guard let context = unsafe X509_STORE_CTX_new() else { throw .untrusted }
        defer { unsafe X509_STORE_CTX_free(context) }
        guard unsafe X509_STORE_CTX_init(context, store, reference.handle, untrusted) == 1,
            let rules = unsafe X509_STORE_CTX_get0_param(context)
        else { throw .untrusted }
        unsafe X509_VERIFY_PARAM_set_time(rules, time_t(moment.unixSeconds))
        unsafe X509_VERIFY_PARAM_set_flags(rules, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        // OpenSSL's level 2: 112 bits of security.
        unsafe X509_VERIFY_PARAM_set_auth_level(rules, 2)
        if unsafe X509_verify_cert(context) == 1 { return }
        throw CertificateChainError(unsafe X509_STORE_CTX_get_error(context))
    }

    /// Whether its key usage lets it sign what people rely on (digitalSignature or nonRepudiation), or says nothing.
    public var maySign: Bool {
        let usage = unsafe X509_get_key_usage(reference.handle)
        return usage & UInt32(KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION) != 0
    }

    /// Whether its extended key usage is for the two ends of connections (serverAuth, clientAuth) and for nothing else that RFC 5280 names: the certificate of a machine, not of somebody who
    /// signs. One without extended key usage is for anything.
    public var isForConnectionsOnly: Bool {
        // All bits stand for a certificate that has none.
        let usage = unsafe X509_get_extended_key_usage(reference.handle)
        guard usage != UInt32.max else { return false }
        let ends = UInt32(XKU_SSL_SERVER | XKU_SSL_CLIENT)
        return usage & ends != 0 && usage & ~ends == 0
    }
}
