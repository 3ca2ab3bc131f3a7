import Base
import Cryptography
import SandboxKit
import Storage
import TossAuth

/// The RSA pairs whose public halves callers encrypt session keys for: the shipped one, or a tenant's own. Reading a key takes longer than using its parsed form.
final class ServiceKeys: Sendable {
    private let seal: RowSeal
    private let shipped: SessionOpener
    private let openers = Locked<[TenantID: (sealed: [UInt8], opener: SessionOpener)]>([:])

    /// - Throws: `CertificateError` when the shipped key cannot be used.
    init(seal: RowSeal) throws {
        self.seal = seal
        shipped = try SessionOpener(privateKey: PrivateKey(pem: Secret(ShippedKeys.service)))
    }

    /// What opens a tenant's session keys.
    ///
    /// - Parameter sealed: The tenant's own key as it is kept; nothing for the shipped one.
    func opener(_ tenant: TenantID, sealed: [UInt8]?) throws -> SessionOpener {
        guard let sealed else { return shipped }
        if let known = openers.withLock({ $0[tenant] }), known.sealed == sealed { return known.opener }
        guard let pem = seal.open(sealed, name: ServiceKeys.name(tenant)) else { return shipped }
        let opener = try SessionOpener(privateKey: PrivateKey(pem: Secret(pem)))
        openers.withLock { $0[tenant] = (sealed, opener) }
        return opener
    }

    /// A tenant's own key as it is kept.
    func sealed(_ key: PrivateKey, of tenant: TenantID) throws -> [UInt8] {
        try seal.seal(key.pem.withBytes { $0 }, name: ServiceKeys.name(tenant))
    }

    /// The public half of a tenant's key.
    func publicKey(_ tenant: TenantID, sealed: [UInt8]?) throws -> PublicKey { try opener(tenant, sealed: sealed).publicKey.key }

    /// Forgets a tenant's key.
    func forget(_ tenant: TenantID) { openers.withLock { $0[tenant] = nil } }

    private static func name(_ tenant: TenantID) -> String { "service-key:\(tenant.rawValue)" }
}

extension Records {
    /// The tenant's own key, sealed; nothing for the shipped one.
    func serviceKey() throws -> [UInt8]? {
        try connection.query("SELECT service_key FROM toss_auth_tenants WHERE tenant = ?", owner).first?.blob("service_key")
    }

    /// Keeps the tenant's own key, or brings the shipped one back.
    func save(serviceKey sealed: [UInt8]?) throws {
        try connection.execute(
            "INSERT INTO toss_auth_tenants VALUES (?, '{}', ?) ON CONFLICT (tenant) DO UPDATE SET service_key = excluded.service_key",
            owner,
            .optional(sealed))
    }
}
