public import Cryptography

/// Why a service will not have a caller's certificate even in the TLS handshake, where others would judge it with the first request.
public struct HandshakeObjection: Sendable {
    /// What the caller is told, by an alert of TLS.
    public var alert: TLSCertificateObjection.Alert
    /// Why, for the developer: it stands in the request log.
    public var verdict: Verdict
    /// Whose certificate it is, in whose log the verdict is kept; nothing when nobody knows.
    public var tenant: TenantID?

    /// An objection.
    public init(_ alert: TLSCertificateObjection.Alert, verdict: Verdict, tenant: TenantID? = nil) {
        self.alert = alert
        self.verdict = verdict
        self.tenant = tenant
    }
}
