public import Base
public import ProviderKit
import Transport

extension AppsInTossConnector {
    /// The provider's two hosts with the addresses of its firewall table.
    static let documentedHosts = AppsInTossFirewall.outbound.map { row in
        DocumentedHost(
            row.host, port: row.port, addresses: row.addresses,
            purpose: row.groups.contains(.pay)
                ? BilingualText(korean: row.functions, english: "Toss Pay")
                : BilingualText(korean: "\(row.functions), 인앱 결제", english: "login, messages, promotion, in-app purchase"))
    }

    /// Both hosts, or the one place where the settings put everything, with the certificate that calls present there.
    public var outbound: [OutboundRule] {
        let hosts = AppsInTossConnector.documentedHosts
        let purpose = BilingualText(korean: "앱인토스 전체", english: "everything of Apps in Toss")
        let rules =
            configuration.base.map { [hosts.rule(for: $0.origin, pathPrefix: $0.pathPrefix, purpose: purpose)] } ?? hosts.map(\.rule)
        return rules.map { rule in
            var rule = keeper.completed(rule)
            let place = rule.origin.authority
            rule.remark = { AppsInTossConnector.remark($0, at: place) }
            return rule
        }
    }

    /// What the certificates say of themselves.
    public func examine(_ time: any TimeSource) async -> [DoctorFinding] { keeper.examine(at: time.now) }

    /// A certificate that the provider does not know is refused inside an HTTP 200.
    private static func remark(_ response: HTTPResponse, at place: String) -> DoctorFinding? {
        guard case .refusal(let refusal)? = AppsInTossEnvelope.read(response.bytes ?? []),
            [.unauthenticated, .miniAppUnknown].contains(refusal.code)
        else { return nil }
        let word = refusal.code.rawValue
        return DoctorFinding(
            .certificate, place, .problem,
            BilingualText(
                korean: "앱인토스가 이 인증서를 모릅니다 (\(word)).", english: "Apps in Toss does not know this certificate (\(word))"),
            remedy: BilingualText(
                korean: "콘솔의 mTLS 인증서 목록에서 이 미니앱에 등록되어 있고 비활성화되거나 만료되지 않았는지 확인하세요. 아니라면 새로 발급받아 바꾸세요.",
                english:
                    "look under mTLS 인증서 in the console whether it is registered for this mini-app, enabled and not expired; if not, have a new one issued"
            ), facts: ["code": .string(word)])
    }
}
