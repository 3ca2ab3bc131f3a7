import Base
import Cryptography
import SandboxKit
import Storage
import TossAuth

/// The RSA pairs whose public halves callers encrypt session keys for: the shipped one, or a tenant's own. Reading a key takes longer than using its parsed form.
final class ServiceKeys: Sendable {
    /// A tenant's own key is there and does not open. Its callers encrypt for that key, so that no other may take its place.
    struct Unreadable: Error {
        static let reason = BilingualText(
            korean: "테넌트의 세션 키용 개인키를 열 수 없습니다. 봉인한 키 파일(\(House.sealFile))이 없어졌거나 바뀌었습니다.",
            english:
                "The tenant's own key for session keys cannot be opened: the file of the key that sealed it, \(House.sealFile), was lost or replaced."
        )
        static let remedy = BilingualText(
            korean: "파일을 백업에서 되돌리거나, POST /-/toss-auth/key로 {\"shipped\":true} 또는 새 키를 보내세요.",
            english: "Bring the file back from a backup, or send {\"shipped\":true} or another key with POST /-/toss-auth/key.")
    }

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
    /// - Throws: ``Unreadable``; `CertificateError` when what opens is no key.
    func opener(_ tenant: TenantID, sealed: [UInt8]?) throws -> SessionOpener {
        guard let sealed else { return shipped }
        if let known = openers.withLock({ $0[tenant] }), known.sealed == sealed { return known.opener }
        guard let pem = seal.open(sealed, name: ServiceKeys.name(tenant)) else { throw Unreadable() }
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
