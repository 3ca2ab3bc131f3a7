import Base
import ProviderKit
import SandboxKit
import Storage
import Transport

/// The control calls about signers' certificates: `GET certificates` lists them, `POST certificates/<serial>/revoke` revokes one.
struct CertificateControl {
    var book: CertificateBook
    var now: Timestamp
    /// Drops the revoked certificate from use.
    var forget: (_ serial: String) -> Void

    /// So many are listed.
    private static let listed: Int64 = 200

    /// The answer to a call, by the steps of its path behind `certificates`; nothing when there is no such call.
    ///
    /// - Throws: `ControlError` for what makes no sense, `StorageError`.
    func answer(_ method: HTTPMethod, _ steps: [String]) throws -> JSON? {
        switch steps.count {
        case 0:
            try only(.get, method)
            return ["certificates": .array(try book.certificates(limit: CertificateControl.listed).map { $0.json(at: now) })]
        case 1:
            try only(.get, method)
            guard let certificate = try book.certificate(serial: steps[0]) else { throw CertificateControl.missing }
            return certificate.json(at: now)
        case 2 where steps[1] == "revoke":
            try only(.post, method)
            guard let certificate = try book.revoke(serial: steps[0], at: now) else { throw CertificateControl.missing }
            forget(certificate.serial)
            return certificate.json(at: now)
        default: return nil
        }
    }

    private func only(_ allowed: HTTPMethod, _ method: HTTPMethod) throws {
        guard method == allowed else {
            throw ControlError(
                status: 405,
                message: BilingualText("이 주소는 \(allowed.rawValue)로만 부릅니다.", "This address takes \(allowed.rawValue) only."))
        }
    }

    private static let missing = ControlError(
        status: 404,
        message: BilingualText(
            "없는 인증서입니다. GET /-/toss-auth/certificates로 일련번호를 확인하세요.",
            "There is no such certificate; GET /-/toss-auth/certificates lists the serial numbers."))
}
