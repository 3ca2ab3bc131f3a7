import Base
import Cryptography
import SandboxKit
import Storage

/// A certificate that the sandbox has issued to a mini-app: its public half, which is all that is kept.
struct IssuedCertificate: Equatable, Sendable {
    var id: Int64
    var tenant: TenantID
    var app: String
    /// In hexadecimal, as `openssl x509 -serial` writes it.
    var serial: String
    var certificate: Certificate
    var issuedAt: Timestamp
    var disabledAt: Timestamp?

    var notBefore: Timestamp { certificate.notBefore }
    var notAfter: Timestamp { certificate.notAfter }

    /// Whether callers are let in with it.
    enum Standing: String, Sendable {
        case valid
        case notYetValid = "not-yet-valid"
        case expired
        case disabled
    }

    func standing(_ now: Timestamp) -> Standing {
        if disabledAt != nil { return .disabled }
        if now < notBefore { return .notYetValid }
        // RFC 5280, section 4.1.2.5: the last moment belongs to the validity, and certificates count in whole seconds.
        if now.unixSeconds > notAfter.unixSeconds { return .expired }
        return .valid
    }

    /// Whole days that are left by the tenant's clock, rounded down; negative when it has expired.
    func daysLeft(_ now: Timestamp) -> Int64 {
        let seconds = (notAfter - now).wholeSeconds
        return seconds >= 0 ? seconds / 86_400 : -((-seconds + 86_399) / 86_400)
    }

    /// The certificate as the control API and a verdict show it: nothing in here is secret.
    func json(_ now: Timestamp) -> JSON.Members {
        [
            "id": .number(id), "app": .string(app), "common_name": .string(app), "serial": .string(serial),
            "fingerprint": .string(Hexadecimal.encode(certificate.fingerprint)), "not_before": .optional(notBefore),
            "not_after": .optional(notAfter), "days_left": .number(daysLeft(now)), "standing": .string(standing(now).rawValue),
            "issued_at": .optional(issuedAt), "disabled_at": .optional(disabledAt),
        ]
    }
}

extension IssuedCertificate {
    init?(_ row: Row) {
        guard let pem = row.text("certificate"), let certificate = try? Certificate.all(pem: pem).first else { return nil }
        self.init(row, certificate)
    }

    /// The row of a certificate that is there already, so that it need not be read from its PEM for every call.
    private init?(_ row: Row, _ certificate: Certificate) {
        guard let id = row.integer("id"), let tenant = row.text("tenant").flatMap(TenantID.init), let app = row.text("app"),
            let serial = row.text("serial"), let issuedAt = row.moment("issued_at")
        else { return nil }
        self.init(
            id: id, tenant: tenant, app: app, serial: serial, certificate: certificate, issuedAt: issuedAt,
            disabledAt: row.moment("disabled_at"))
    }

    /// The certificate of these bytes, whichever tenant's; nothing when the sandbox has not issued it, or has forgotten it.
    static func find(_ certificate: Certificate, _ connection: Connection) throws -> IssuedCertificate? {
        try connection.query("SELECT * FROM apps_in_toss_certificates WHERE fingerprint = ?", .blob(certificate.fingerprint)).first
            .flatMap { IssuedCertificate($0, certificate) }
    }
}

extension Records {
    /// The certificates of a mini-app, or of all, the oldest first.
    func certificates(of app: String? = nil) throws -> [IssuedCertificate] {
        let rows =
            if let app {
                try connection.query(
                    "SELECT * FROM apps_in_toss_certificates WHERE tenant = ? AND app = ? ORDER BY id", owner, .text(app))
            } else {
                try connection.query("SELECT * FROM apps_in_toss_certificates WHERE tenant = ? ORDER BY id", owner)
            }
        return rows.compactMap(IssuedCertificate.init)
    }

    /// The tenant's certificate of that number.
    func certificate(_ id: Int64) throws -> IssuedCertificate? {
        try connection.query("SELECT * FROM apps_in_toss_certificates WHERE tenant = ? AND id = ?", owner, .integer(id)).first
            .flatMap(IssuedCertificate.init)
    }

    /// Keeps a certificate that was issued to `app`.
    func register(_ certificate: Certificate, app: String, at now: Timestamp) throws -> IssuedCertificate {
        try connection.execute(
            """
            INSERT INTO apps_in_toss_certificates
            (tenant, app, fingerprint, serial, certificate, not_before, not_after, issued_at, disabled_at) VALUES (?,?,?,?,?,?,?,?,NULL)
            """,
            values: [
                owner, .text(app), .blob(certificate.fingerprint), .text(certificate.serialText), .text(certificate.pem),
                certificate.notBefore.value, certificate.notAfter.value, now.value,
            ])
        return IssuedCertificate(
            id: connection.lastInsertedRow, tenant: tenant, app: app, serial: certificate.serialText, certificate: certificate,
            issuedAt: now)
    }

    /// Disables a certificate, or enables it again.
    func setDisabled(_ id: Int64, _ moment: Timestamp?) throws {
        try connection.execute(
            "UPDATE apps_in_toss_certificates SET disabled_at = ? WHERE tenant = ? AND id = ?", .moment(moment), owner, .integer(id))
    }
}

extension Certificate {
    /// The serial number in capital hexadecimal digits, as `openssl x509 -noout -serial` prints it.
    var serialText: String { Hexadecimal.encode(serialNumber).uppercased() }
}
