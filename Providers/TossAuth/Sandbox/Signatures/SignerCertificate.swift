import Base
import Cryptography
import SandboxKit
import Storage

/// A certificate that was issued to a person so that they can sign. It bears their name: of it no more is kept than is needed to know it again.
struct SignerCertificate: Equatable, Sendable {
    /// In capital hexadecimal digits, as `openssl x509 -serial` prints it.
    let serial: String
    /// ``Person/id`` of whose it is.
    let person: String
    /// The SHA-256 digest of the whole certificate. Nobody can guess a name by it: a random key is digested along.
    let fingerprint: [UInt8]
    let notBefore: Timestamp
    let notAfter: Timestamp
    let issuedAt: Timestamp
    /// When it was revoked; nothing while it is good.
    var revokedAt: Timestamp?

    /// What is kept of a certificate that was just issued.
    init(_ certificate: Certificate, person: String, issuedAt: Timestamp) {
        serial = Hexadecimal.encode(certificate.serialNumber).uppercased()
        self.person = person
        fingerprint = certificate.fingerprint
        notBefore = certificate.notBefore
        notAfter = certificate.notAfter
        self.issuedAt = issuedAt
    }

    /// Whether its dates allow a signature at `moment`; a certificate counts in whole seconds, and its last second is part of it (RFC 5280, section 4.1.2.5).
    func isInTime(at moment: Timestamp) -> Bool { moment >= notBefore && moment.unixSeconds <= notAfter.unixSeconds }

    /// The certificate as the control API shows it: nothing here names anybody.
    func json(at now: Timestamp) -> JSON {
        [
            "serial": .string(serial), "person": .string(person), "fingerprint": .string(Hexadecimal.encode(fingerprint)),
            "not_before": .optional(notBefore), "not_after": .optional(notAfter),
            "issued_at": .optional(issuedAt), "revoked_at": .optional(revokedAt),
            "valid": .boolean(isInTime(at: now)), "enabled": .boolean(revokedAt == nil),
        ]
    }
}

/// One tenant's signer certificates, within one read or one write.
struct CertificateBook {
    let connection: Connection
    let tenant: TenantID

    init(_ connection: Connection, _ tenant: TenantID) {
        self.connection = connection
        self.tenant = tenant
    }

    /// The book's only table, which goes with the tenant as the others do.
    static let table = "toss_auth_certificates"
    static let owner = "toss-auth-certificates"
    static let migrations = [
        Migration(
            version: 1,
            statements: [
                """
                CREATE TABLE \(table) (
                    number INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, serial TEXT NOT NULL, person TEXT NOT NULL,
                    fingerprint BLOB NOT NULL, not_before INTEGER NOT NULL, not_after INTEGER NOT NULL, issued_at INTEGER NOT NULL,
                    revoked_at INTEGER, UNIQUE (tenant, serial)
                ) STRICT
                """
            ])
    ]

    /// Writes down a certificate; one that is there already stays as it is, revoked or not.
    func keep(_ certificate: SignerCertificate) throws {
        try connection.execute(
            """
            INSERT INTO \(CertificateBook.table) (tenant, serial, person, fingerprint, not_before, not_after, issued_at, revoked_at)
            VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (tenant, serial) DO NOTHING
            """,
            values: [
                .text(tenant.rawValue), .text(certificate.serial), .text(certificate.person), .blob(certificate.fingerprint),
                certificate.notBefore.value, certificate.notAfter.value, certificate.issuedAt.value, .moment(certificate.revokedAt),
            ])
    }

    /// The certificate of that serial number, in either case.
    func certificate(serial: String) throws -> SignerCertificate? {
        try connection.query(
            "SELECT * FROM \(CertificateBook.table) WHERE tenant = ? AND serial = ?", .text(tenant.rawValue), .text(serial.uppercased())
        ).first.flatMap(SignerCertificate.init)
    }

    /// The latest certificates, the youngest first.
    func certificates(limit: Int64) throws -> [SignerCertificate] {
        try connection.query(
            "SELECT * FROM \(CertificateBook.table) WHERE tenant = ? ORDER BY number DESC LIMIT ?", .text(tenant.rawValue), .integer(limit)
        ).compactMap(SignerCertificate.init)
    }

    /// Revokes a certificate for good; one that is revoked already keeps its moment.
    ///
    /// - Returns: The certificate as it stands now; nothing when there is none of that number.
    func revoke(serial: String, at now: Timestamp) throws -> SignerCertificate? {
        try connection.execute(
            "UPDATE \(CertificateBook.table) SET revoked_at = ? WHERE tenant = ? AND serial = ? AND revoked_at IS NULL", now.value,
            .text(tenant.rawValue), .text(serial.uppercased()))
        return try certificate(serial: serial)
    }
}

extension SignerCertificate {
    fileprivate init?(_ row: Row) {
        guard let serial = row.text("serial"), let person = row.text("person"), let fingerprint = row.blob("fingerprint"),
            let notBefore = row.moment("not_before"), let notAfter = row.moment("not_after"), let issuedAt = row.moment("issued_at")
        else { return nil }
        self.serial = serial
        self.person = person
        self.fingerprint = fingerprint
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.issuedAt = issuedAt
        revokedAt = row.moment("revoked_at")
    }
}
