import Base
import Cryptography
import SandboxKit
import TossAuth

/// What tenants begin with.
enum DemoData {
    /// Made-up people for a tenant with live credentials: an adult, a minor and a foreigner, whose telephone numbers cannot be anybody's.
    static func people(at now: Timestamp) -> [Person] {
        let year = CivilTime(now, offset: CivilTime.koreanOffset).year
        return [
            Person(id: "adult", name: "홍길동", phone: "01000000001", birthday: "19900101", gender: .male, nationality: .local),
            Person(id: "minor", name: "성춘향", phone: "01000000002", birthday: "\(year - 16)0505", gender: .female, nationality: .local),
            Person(
                id: "foreigner", name: "ANDERSEN HANS", phone: "01000000003", birthday: "19850402", gender: .male, nationality: .foreigner),
        ]
    }

    /// The published test client.
    static func client(at now: Timestamp, _ random: any RandomSource) -> Client {
        Client(
            id: TossAuthDemonstration.clientID, secret: Secret(TossAuthDemonstration.clientSecret), tenant: .demo, at: now, random)
    }

    /// What to try first: the published sample calls with another address. The lines run in any POSIX shell with curl.
    static func introduction(baseURL: String, files: (any HandoutFiles)?) -> [BilingualText] {
        var lines = [
            BilingualText(
                korean: "토스 인증 문서의 테스트 자격증명 그대로, 누구를 적어도 김토스가 답합니다. 승인은 브라우저에서 \(baseURL)\(PhonePage.path)",
                english:
                    "Toss Auth with the published test credentials; whoever is named, the persona 김토스 answers. Approve in a browser at \(baseURL)\(PhonePage.path)"
            )
        ]
        if let files {
            let path = files.path(TossAuthDemonstration.publicKeyFile)
            lines.append(
                BilingualText(
                    korean: "세션키는 샌드박스의 공개키로 암호화합니다: \(path)", english: "Session keys are encrypted for the sandbox's own key: \(path)"))
        }
        for line in [
            "curl -s \(baseURL)/token -d grant_type=client_credentials -d scope=ca -d client_id=\(TossAuthDemonstration.clientID) "
                + "-d client_secret=\(TossAuthDemonstration.clientSecret)",
            "curl -s -X POST \(ControlAddress.of(baseURL))/transactions",
        ] {
            lines.append(BilingualText(korean: "  \(line)", english: "  \(line)"))
        }
        lines.append(
            BilingualText(
                korean: "기다리는 인증은 브라우저에서 눌러 승인하거나(\(baseURL)\(PhonePage.path)) POST …/transactions/<txId>/approve로 승인합니다.",
                english:
                    "Approve a waiting check with a tap in a browser (\(baseURL)\(PhonePage.path)), or by POST …/transactions/<txId>/approve."
            ))
        return lines
    }
}

/// Where the control API of this provider is reached.
private enum ControlAddress {
    static func of(_ baseURL: String) -> String {
        let end = "/\(TossAuthSandbox.provider)"
        return baseURL.hasSuffix(end) ? "\(baseURL.dropLast(end.count))/-\(end)" : baseURL
    }
}
