import Base
import Cryptography
import ProviderKit
import SandboxKit
import Transport

/// A provider with one host where callers must show a certificate and one where they need not.
final class DoorService: SandboxService {
    static let provider = "door"
    static let hosts = ["strict.door.test", "open.door.test"]
    static let hostsWithClientCertificates: Set<String> = ["strict.door.test"]

    private let refusal = Locked<HandshakeObjection?>(nil)

    init(environment: SandboxEnvironment) async throws {}

    func handshakeObjection(to certificate: Certificate, host: String) -> HandshakeObjection? {
        guard var objection = refusal.withLock({ $0 }) else { return nil }
        objection.verdict.details["host"] = .string(host)
        objection.verdict.details["name"] = .string(certificate.commonName ?? "")
        return objection
    }

    /// Says whose certificate it saw.
    func respond(to call: Call, from source: CallSource) async -> Judgement {
        let certificate = source.peer.tls?.clientCertificate.flatMap { try? Certificate(der: $0) }
        return Judgement(
            reply: Reply(status: 200, json: ["host": .string(source.host), "caller": .string(certificate?.commonName ?? "nobody")]),
            route: "any")
    }

    /// `POST /refuse` with an alert's word has the next handshakes refused; without one they pass again.
    func control(_ call: Call, tenant: TenantID) async -> Reply? {
        let alert = (try? JSON(call.body))?["alert"]?.string.flatMap(TLSCertificateObjection.Alert.init(rawValue:))
        refusal.withLock {
            $0 = alert.map { alert in
                HandshakeObjection(
                    alert, verdict: Verdict(rule: "door.closed", reason: BilingualText(korean: "닫혔습니다.", english: "It is closed.")),
                    tenant: tenant)
            }
        }
        return Reply(status: 200, json: [:])
    }

    func createTenant(_ tenant: TenantID, settings: JSON) async throws -> JSON { [:] }
    func removeTenant(_ tenant: TenantID) async throws {}
    func settle(_ tenant: TenantID) async -> Timestamp? { nil }
    func introduction(baseURL: String) -> [BilingualText] { [] }
}
