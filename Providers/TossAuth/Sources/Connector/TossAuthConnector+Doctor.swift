public import Base
import Cryptography
public import ProviderKit
import Transport

extension TossAuthConnector {
    /// Both hosts with the documented addresses, or the one place where the settings put everything.
    public var outbound: [OutboundRule] {
        let place = configuration.place
        let hosts = TossAuthFirewall.outbound
        let purpose = BilingualText(korean: "토스 인증 전체", english: "everything of Toss Auth")
        let origins = place.token == place.service ? [place.service] : [place.token, place.service]
        return origins.map { origin in
            var rule = hosts.rule(for: origin, pathPrefix: place.pathPrefix, purpose: purpose)
            rule.trust = configuration.trust
            return rule
        }
    }

    /// Whether credentials, key and place belong together, and what the settings give up.
    public func examine(_ time: any TimeSource) async -> [DoctorFinding] {
        [credentialsFinding, keyFinding, clearFinding, keepingFinding].compactMap { $0 }
    }

    private var credentialsFinding: DoctorFinding {
        guard configuration.credentials.isTest else {
            return DoctorFinding(
                .configuration, "clientID", .good,
                BilingualText(
                    korean: "운영용 자격 증명입니다. 성공한 인증마다 요금이 듭니다.", english: "live credentials; each successful check is charged"),
                facts: ["credentials": "live"])
        }
        return DoctorFinding(
            .configuration, "clientID", .note,
            BilingualText(
                korean: "시험용 자격 증명(test_)입니다. 누가 승인하든 결과는 정해진 가상 인물(김토스)입니다.",
                english: "test credentials (test_): whoever approves, the result is the made-up person"),
            remedy: configuration.place.isLive
                ? BilingualText(
                    korean: "실제 사용자를 확인하려면 계약 뒤 메일로 받은 client_id와 client_secret으로 바꾸세요.",
                    english: "to check real people, put in the client_id and client_secret that are mailed after the contract") : nil,
            facts: ["credentials": "test"])
    }

    private var keyFinding: DoctorFinding {
        let kind = configuration.key.kind
        let facts: JSON.Members = [
            "key": .string(kind.rawValue), "fingerprint": .string(Hexadecimal.encode(configuration.key.key.fingerprint)),
        ]
        if configuration.place.isLive, kind != .production {
            return DoctorFinding(
                .configuration, "publicKey", .warning,
                BilingualText(
                    korean: "실제 토스 인증에 공개된 운영 키가 아닌 공개키를 씁니다.",
                    english: "a public key other than the published one is used at the real Toss Auth"),
                remedy: BilingualText(
                    korean: "토스에서 따로 받은 키가 아니라면 publicKey 설정을 지우세요. 틀린 키로는 모든 요청이 세션키 오류(CE5000)로 거절됩니다.",
                    english:
                        "unless Toss gave it to you, leave publicKey out: under a wrong key every request is refused for its session key (CE5000)"
                ),
                facts: facts)
        }
        return DoctorFinding(
            .configuration, "publicKey", .good,
            configuration.place.isLive
                ? BilingualText(korean: "공개된 운영 공개키를 씁니다.", english: "the published production key is used")
                : BilingualText(korean: "샌드박스의 공개키를 씁니다.", english: "a sandbox's public key is used"), facts: facts)
    }

    private var clearFinding: DoctorFinding? {
        let origin = configuration.place.service
        guard !origin.isSecure, !origin.isOnThisMachine else { return nil }
        return DoctorFinding(
            .configuration, "base", .warning,
            BilingualText(
                korean: "다른 기기로 암호화되지 않은 http로 호출합니다. client_secret과 토큰이 그대로 드러납니다.",
                english: "calls go to another machine over plain http; the client secret and the token travel in clear"),
            remedy: BilingualText(
                korean: "base를 https://로 바꾸고 trust에 그 인증서를 적으세요.", english: "use https:// in base, and name its certificate in trust"))
    }

    private var keepingFinding: DoctorFinding? {
        guard configuration.options.keepResult == .zero else { return nil }
        return DoctorFinding(
            .configuration, "keepResult", .warning,
            BilingualText(
                korean: "결과를 보관하지 않습니다. 응답이 전달되기 전에 게이트웨이가 끝나면 조회 2회 가운데 1회를 잃습니다.",
                english: "results are not kept: when the gateway ends before an answer is delivered, one of the two reads is lost"),
            remedy: BilingualText(korean: "keepResult를 1m 이상으로 하세요.", english: "set keepResult to 1m or more"))
    }
}
