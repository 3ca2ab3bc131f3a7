import Base
import ProviderKit
import SandboxKit
import Storage
import Transport

/// The control calls about signers' certificates: `GET certificates` lists them, the youngest first, `GET certificates/<serial>` shows one, and
/// `POST certificates/<serial>/revoke` revokes one.
struct CertificateControl {
    var control: ControlCall
    var book: CertificateBook
    var now: Timestamp
    /// Drops the revoked certificate from use.
    var forget: (_ serial: String) -> Void

    /// The answer; nothing when there is no such call.
    ///
    /// - Throws: `ControlError` for what makes no sense, `StorageError`.
    func answer() throws -> JSON? {
        let steps = control.segments.dropFirst()
        guard let serial = steps.first else {
            try control.only(.get)
            return ["certificates": .array(try book.certificates(limit: try control.limit()).map { $0.json(at: now) })]
        }
        switch Array(steps.dropFirst()) {
        case []:
            try control.only(.get)
            return try known(try book.certificate(serial: serial)).json(at: now)
        case ["revoke"]:
            try control.only(.post)
            let certificate = try known(try book.revoke(serial: serial, at: now))
            forget(certificate.serial)
            return certificate.json(at: now)
        default: return nil
        }
    }

    private func known(_ certificate: SignerCertificate?) throws(ControlError) -> SignerCertificate {
        guard let certificate else {
            throw .missing(
                "없는 인증서입니다. GET /-/toss-auth/certificates로 일련번호를 확인하세요.",
                "There is no such certificate; GET /-/toss-auth/certificates lists the serial numbers.")
        }
        return certificate
    }
}
