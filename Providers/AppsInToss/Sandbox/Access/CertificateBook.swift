import Base
public import Cryptography
public import SandboxKit
import Storage

/// The certificates of those tenants who want a bad one to end the TLS handshake, in memory: in the middle of a handshake nobody can wait for the database.
struct CertificateBook: Sendable {
    private var byFingerprint: [[UInt8]: IssuedCertificate] = [:]

    /// A tenant's certificates are these from now on.
    mutating func replace(_ tenant: TenantID, _ certificates: [IssuedCertificate]) {
        byFingerprint = byFingerprint.filter { $0.value.tenant != tenant }
        for certificate in certificates { byFingerprint[certificate.certificate.fingerprint] = certificate }
    }

    /// The certificate of these bytes; nothing when it may not end a handshake.
    func find(_ certificate: Certificate) -> IssuedCertificate? {
        byFingerprint.isEmpty ? nil : byFingerprint[certificate.fingerprint]
    }
}

extension Records {
    /// Every tenant that this service keeps something for.
    static func tenants(_ connection: Connection) throws -> [TenantID] {
        try connection.query("SELECT tenant FROM apps_in_toss_tenants ORDER BY tenant")
            .compactMap { $0.text("tenant").flatMap(TenantID.init) }
    }

    /// Brings the tenant's part of the book up to date.
    func copyCertificates(to memory: SandboxMemory) throws {
        let certificates = try settings()[CommonSettings.badCertificateEndsHandshake] ? certificates() : []
        let tenant = tenant
        memory.certificates.withLock { $0.replace(tenant, certificates) }
    }
}

extension AppsInTossSandbox {
    /// Brings a tenant's part of the book up to date.
    func copyCertificates(of tenant: TenantID) async throws {
        let memory = memory
        try await environment.database.read { try Records($0, tenant).copyCertificates(to: memory) }
    }

    /// Where the setting says so, a certificate that is expired, not yet valid, or disabled ends the handshake instead of being answered with 4010.
    public func handshakeObjection(to certificate: Certificate, host: String) -> HandshakeObjection? {
        guard let issued = memory.certificates.withLock({ $0.find(certificate) }) else { return nil }
        let now = environment.clocks.now(issued.tenant)
        let standing = issued.standing(now)
        let alert: TLSCertificateObjection.Alert
        switch standing {
        case .valid: return nil
        case .expired: alert = .expired
        case .disabled: alert = .revoked
        case .notYetValid: alert = .unknown
        }
        return HandshakeObjection(alert, verdict: AccessVerdicts.refused(issued, standing, now).verdict, tenant: issued.tenant)
    }
}
