import Base
import Cryptography
import ProviderKit
import SandboxKit
import Storage

/// `POST /api/v1/certificate/validate`: whether a signer's certificate is good.
struct CertificateCall: Sendable {
    let service: ServiceCall

    func answer(_ trace: inout Trace) async throws -> JSON {
        let (admission, _) = try await service.admit(&trace) { _, _ in true }
        let member = try service.body(&trace)["certificate"]
        let (house, authority) = (service.house, service.house.environment.authority?.certificate)
        let outcome = try await house.environment.database.read { connection -> Outcome<CertificateValidation.Answer> in
            do {
                let book = CertificateBook(connection, admission.client.tenant)
                return .done(try CertificateValidation(authority: authority, book: book, now: admission.now).answer(member))
            } catch let unreadable as CertificateValidation.Unreadable {
                return .refused(Refused(.parameter, unreadable.verdict))
            }
        }
        let answer = try outcome.get()
        if let verdict = answer.verdict { trace.warn(verdict) }
        return answer.success
    }
}
