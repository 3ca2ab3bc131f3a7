import Base
import Cryptography
import ProviderKit
import SandboxKit
import Storage
import Transport

/// How long certificates are issued for.
enum CertificateDays {
    /// As the console's.
    static let usual: Int64 = 390
    /// What may be wished for.
    static let range: ClosedRange<Int64> = 1...3650
}

/// A certificate that was just issued, with its key: told once and kept nowhere.
struct FreshCertificate {
    var issued: IssuedCertificate
    var key: Secret

    /// The answer of the control API, with the names under which the console gives the two files.
    func json(_ now: Timestamp) -> JSON {
        var members = issued.json(now)
        members["certificate"] = .string(issued.certificate.pem)
        members["private_key"] = key.withText { .string($0) }
        members["certificate_file"] = .string(FreshCertificate.certificateFile(issued.app))
        members["private_key_file"] = .string(FreshCertificate.keyFile(issued.app))
        return .object(members)
    }

    static func certificateFile(_ app: String) -> String { "\(app)_public.crt" }
    static func keyFile(_ app: String) -> String { "\(app)_private.key" }
}

extension Records {
    /// Issues a certificate for a mini-app from the tenant's now on; only its public half is kept.
    func issue(app: String, days: Int64, now: Timestamp, _ authority: CertificateAuthority) throws -> FreshCertificate {
        let identity = try authority.issueClientIdentity(name: app, validity: CertificateValidity(from: now, days: Int(days)))
        guard let certificate = identity.certificates.first else {
            throw CertificateError(.notIssued, "the authority has issued nothing")
        }
        return FreshCertificate(issued: try register(certificate, app: app, at: now), key: identity.privateKey.pem)
    }
}

extension ControlDesk {
    /// `certificates` and what hangs below it.
    func certificates(_ rest: [String]) throws -> Answer? {
        if rest.isEmpty {
            try only(.get, .post)
            if call.method == .post { return try issueCertificate() }
            let app = queried("app")
            if app != nil { _ = try self.app() }
            return Answer(["certificates": .array(try records.certificates(of: app).map { .object($0.json(now)) })])
        }
        guard let id = Int64(rest[0]), var certificate = try records.certificate(id) else {
            throw ControlDesk.missing(
                "없는 인증서입니다. GET /-/apps-in-toss/certificates로 확인하세요.",
                "There is no such certificate; GET /-/apps-in-toss/certificates lists them.")
        }
        switch (rest.count, rest.count > 1 ? rest[1] : "") {
        case (1, _): try only(.get)
        case (2, "disable"), (2, "enable"):
            try only(.post)
            certificate.disabledAt = rest[1] == "disable" ? certificate.disabledAt ?? now : nil
            try records.setDisabled(id, certificate.disabledAt)
        default: return nil
        }
        var members = certificate.json(now)
        members["certificate"] = .string(certificate.certificate.pem)
        return Answer(.object(members))
    }

    private func issueCertificate() throws -> Answer {
        let wishes = try body(["app", "days"])
        let app = try app(wishes)
        guard let days = (wishes["days"] ?? .number(CertificateDays.usual)).integer, CertificateDays.range.contains(days) else {
            throw ControlDesk.wrong(
                "days는 \(CertificateDays.range.lowerBound)에서 \(CertificateDays.range.upperBound) 사이의 정수여야 합니다.",
                "days must be a whole number from \(CertificateDays.range.lowerBound) to \(CertificateDays.range.upperBound).")
        }
        guard let authority = environment.authority else {
            throw ControlDesk.conflict("이 샌드박스에는 인증 기관이 없어 인증서를 발급할 수 없습니다.", "This sandbox has no authority to issue certificates with.")
        }
        let fresh = try records.issue(app: app.name, days: days, now: now, authority)
        return Answer(fresh.json(now), status: 201)
    }
}
