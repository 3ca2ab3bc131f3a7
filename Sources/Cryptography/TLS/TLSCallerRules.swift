internal import COpenSSL

/// What a server asks of callers' certificates besides that one of its authorities issued them for clients.
public struct TLSCallerRules: Sendable {
    /// Asked, in the handshake, about a certificate that is otherwise in order: nothing lets it pass.
    public typealias Judge = @Sendable (_ certificate: Certificate, _ serverName: String?) -> TLSCertificateObjection?

    /// Whether certificates must be valid now by the machine's clock. False leaves that to the judge, or to whoever answers the requests.
    public var checksDates: Bool
    /// Called on the connection's loop in the middle of the handshake, so it must answer from memory.
    public var judge: Judge?

    /// Rules; by default dates are checked and nobody else is asked.
    public init(checksDates: Bool = true, judge: Judge? = nil) {
        self.checksDates = checksDates
        self.judge = judge
    }
}

/// Why a caller's certificate ends the handshake although one of the server's authorities issued it.
public struct TLSCertificateObjection: Sendable {
    /// What the caller is told: an alert of TLS (RFC 8446, section 6.2).
    public enum Alert: String, Sendable {
        /// `certificate_expired`.
        case expired = "certificate_expired"
        /// `certificate_revoked`.
        case revoked = "certificate_revoked"
        /// `certificate_unknown`: for any other reason.
        case unknown = "certificate_unknown"
    }

    /// What the caller is told.
    public var alert: Alert
    /// What the server's own observer is told besides; it never leaves the process.
    public var cause: (any Sendable)?

    /// An objection.
    public init(_ alert: Alert, cause: (any Sendable)? = nil) {
        self.alert = alert
        self.cause = cause
    }
}

extension TLSCertificateObjection.Alert {
    /// The result of a verification for which OpenSSL sends this alert. That it sends `certificate_unknown` for whatever has no alert of its own, as for a
    /// missing policy, is in no manual; a test asks another TLS what it received.
    var verifyResult: Int32 {
        switch self {
        case .expired: X509_V_ERR_CERT_HAS_EXPIRED
        case .revoked: X509_V_ERR_CERT_REVOKED
        case .unknown: X509_V_ERR_NO_EXPLICIT_POLICY
        }
    }
}

/// OpenSSL's call for every certificate of a caller's chain, the issuers first: whether it accepts it, and whether we do.
func judgeCaller(accepted: Int32, store: OpaquePointer?) -> Int32 {
    guard let store = unsafe store,
        let session = unsafe X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()),
        let owner = unsafe TLSSession.owner(of: OpaquePointer(session))
    else { return 0 }
    guard let leaf = unsafe X509_STORE_CTX_get0_cert(store), unsafe X509_up_ref(leaf) == 1 else { return 0 }
    let certificate = unsafe Certificate(reference: CertificateReference(owning: leaf))
    guard accepted == 1 else {
        owner.callerWasRefused(certificate, nil)
        return 0
    }
    guard unsafe X509_STORE_CTX_get_error_depth(store) == 0, let objection = owner.objection(to: certificate) else { return 1 }
    owner.callerWasRefused(certificate, objection)
    unsafe X509_STORE_CTX_set_error(store, objection.alert.verifyResult)
    return 0
}
