public import Cryptography

/// A TLS handshake that led to no connection.
public struct HTTPHandshakeFailure: Sendable {
    /// The caller's address in numbers; see ``HTTPPeer/address``.
    public var address: String
    /// The caller's port.
    public var port: Int
    /// The host name that the caller asked for (SNI), in lower case, when it came that far.
    public var serverName: String?
    /// What went wrong; nothing when the handshake took too long.
    public var error: TLSError?
    /// The caller's certificate, when it is what ended the handshake.
    public var certificate: Certificate?
    /// What the server's own rules had against that certificate; nothing when they were not asked.
    public var objection: TLSCertificateObjection?
    /// Whether the caller had sent anything at all.
    public var hasReceived: Bool

    /// Collects what is known of a failure.
    public init(
        address: String, port: Int, serverName: String?, error: TLSError?, certificate: Certificate? = nil,
        objection: TLSCertificateObjection? = nil, hasReceived: Bool = true
    ) {
        self.address = address
        self.port = port
        self.serverName = serverName
        self.error = error
        self.certificate = certificate
        self.objection = objection
        self.hasReceived = hasReceived
    }
}
