internal import COpenSSL

/// What a server brings to its TLS connections: who it is, and whether callers must prove who they are.
///
/// Connections speak TLS 1.2 or 1.3 and `http/1.1`: a caller that offers other application protocols only (ALPN) is refused.
public struct TLSServerContext: Sendable {
    /// Whether callers present certificates.
    public enum ClientCertificates: Sendable {
        /// They are not asked.
        case none
        /// They are asked and may decline; a certificate that none of these authorities issued ends the handshake.
        case optional([Certificate])
        /// They are asked; without a certificate of one of these authorities the handshake ends.
        case required([Certificate])
    }

    let handle: TLSContextHandle
    let verifyMode: Int32
    let rules: TLSCallerRules
    let names: (any TLSNameDirectory)?

    /// Makes a context; it may serve any number of connections on any threads.
    ///
    /// - Parameters:
    ///   - identity: the chain to present and its key.
    ///   - clientCertificates: whether callers are asked for theirs.
    ///   - rules: what is asked of callers' certificates besides.
    ///   - names: asked, once per connection, which context serves the host name that the caller wants (SNI).
    public init(
        identity: TLSIdentity, clientCertificates: ClientCertificates = .none, rules: TLSCallerRules = TLSCallerRules(),
        names: (any TLSNameDirectory)? = nil
    ) throws(TLSError) {
        handle = try TLSContextHandle(server: true)
        self.rules = rules
        self.names = names
        try handle.use(identity)
        switch clientCertificates {
        case .none:
            verifyMode = SSL_VERIFY_NONE
        case .optional(let authorities):
            verifyMode = SSL_VERIFY_PEER
            try handle.accept(callersOf: authorities)
        case .required(let authorities):
            verifyMode = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
            try handle.accept(callersOf: authorities)
        }
        unsafe SSL_CTX_set_verify(handle.pointer, verifyMode, judgeCaller)
        if !rules.checksDates { unsafe X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(handle.pointer), TLSServerContext.ignoringDates) }
        // A resumed session skips the certificates. Where callers are asked for theirs, or names lead to contexts that might ask, a
        // ticket from one name must not open another.
        if verifyMode != SSL_VERIFY_NONE || names != nil { unsafe bujeol_SSL_CTX_forbid_tickets(handle.pointer) }
        unsafe bujeol_SSL_CTX_set_tlsext_servername_callback(handle.pointer, chooseContext)
        unsafe SSL_CTX_set_alpn_select_cb(handle.pointer, chooseApplicationProtocol, nil)
    }
}

extension TLSServerContext {
    /// Leaves the dates of a whole chain out of its verification.
    static let ignoringDates = UInt(X509_V_FLAG_NO_CHECK_TIME)
}

/// Knows which context serves which host name.
public protocol TLSNameDirectory: Sendable {
    /// Which context goes on with the handshake.
    ///
    /// Called on the connection's loop in the middle of the handshake, so it must answer from memory or with little work (issuing a
    /// certificate is fine, disk or network is not).
    /// - Parameter serverName: the name the caller wants in lower case, or nothing when it named none.
    func choice(forServerName serverName: String?) -> TLSNameChoice
}

/// The answer of a ``TLSNameDirectory``.
public enum TLSNameChoice: Sendable {
    /// The context that the connection began with.
    case current
    /// This context; its own directory is not asked again.
    case context(TLSServerContext)
    /// Nobody here has that name: the handshake ends with the alert `unrecognized_name`.
    case refused
}

extension TLSContextHandle {
    /// Verifies callers against `authorities` and names these when asking.
    fileprivate func accept(callersOf authorities: [Certificate]) throws(TLSError) {
        try trust(.authorities(authorities))
        for authority in authorities {
            guard unsafe SSL_CTX_add_client_CA(pointer, authority.reference.handle) == 1 else {
                throw TLSError.configuration("a certificate authority cannot be named to callers")
            }
        }
        // Without a context id OpenSSL refuses every caller who tries to resume while certificates are asked for.
        let identifier = Array("bujeol".utf8)
        unsafe SSL_CTX_set_session_id_context(pointer, identifier, UInt32(identifier.count))
    }
}

/// OpenSSL's call in the middle of a handshake: which context serves this name?
private func chooseContext(session: OpaquePointer?, alert: UnsafeMutablePointer<Int32>?, argument: UnsafeMutableRawPointer?) -> Int32 {
    guard let session = unsafe session, let owner = unsafe TLSSession.owner(of: session) else { return SSL_TLSEXT_ERR_OK }
    if owner.chooseContext() { return SSL_TLSEXT_ERR_OK }
    if let alert = unsafe alert { unsafe alert.pointee = SSL_AD_UNRECOGNIZED_NAME }
    return SSL_TLSEXT_ERR_ALERT_FATAL
}

/// OpenSSL's call for ALPN: `http/1.1` or nothing. The chosen name must point into the caller's list.
private func chooseApplicationProtocol(
    session: OpaquePointer?, chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, chosenLength: UnsafeMutablePointer<UInt8>?,
    offered: UnsafePointer<UInt8>?, offeredLength: UInt32, argument: UnsafeMutableRawPointer?
) -> Int32 {
    guard let chosen = unsafe chosen, let chosenLength = unsafe chosenLength, let offered = unsafe offered,
        let position = unsafe TLSApplicationProtocol.find(in: UnsafeBufferPointer(start: offered, count: Int(offeredLength)))
    else { return SSL_TLSEXT_ERR_ALERT_FATAL }
    unsafe chosen.pointee = offered + position
    unsafe chosenLength.pointee = UInt8(TLSApplicationProtocol.http1.count)
    return SSL_TLSEXT_ERR_OK
}
