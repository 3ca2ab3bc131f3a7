import AppsInToss
import Base
import Cryptography
import ProviderKit
import SandboxKit

/// What the demo tenant begins with, and made-up people for all others.
enum DemoData {
    /// The demo mini-app: it asks for everything.
    static func app(now: Timestamp) -> MiniApp {
        MiniApp(
            tenant: .demo, name: AppsInTossDemonstration.app, perMinute: Int64(AppsInTossLimits.callsPerMinute),
            scopes: MiniApp.knownScopes, terms: ["terms_tag_service", "terms_tag_privacy"],
            personalDataKey: Secret(AppsInTossDemonstration.personalDataKey), additionalData: AppsInTossDemonstration.additionalData,
            unlink: MiniApp.UnlinkAddress(
                url: AppsInTossDemonstration.callbacks + "/unlink", method: .post,
                basicText: Secret(AppsInTossDemonstration.unlinkBasicText)),
            webhookURL: AppsInTossDemonstration.callbacks + "/subscription", webhookSecret: Secret(AppsInTossDemonstration.webhookSecret),
            createdAt: now)
    }

    /// Whether it is the demo mini-app.
    static func isDemo(_ app: MiniApp) -> Bool { app.tenant == .demo && app.name == AppsInTossDemonstration.app }

    /// The demo mini-app's people.
    static func makePeople(_ records: Records, _ app: MiniApp, _ now: Timestamp) throws {
        guard isDemo(app) else { return }
        try records.save(
            TossUser(
                key: Int64(AppsInTossDemonstration.userKey), app: app.name,
                profile: [
                    "name": "홍길동", "phone": "01012345678", "birthday": "19900101", "ci": .string(ci(0x42)), "gender": "MALE",
                    "nationality": "LOCAL", "email": "gildong@example.com",
                ], scopes: app.scopes, terms: app.terms, state: .linked, createdAt: now))
        try records.save(
            TossUser(
                key: Int64(AppsInTossDemonstration.reluctantUserKey), app: app.name,
                profile: [
                    "name": "성춘향", "phone": "01087654321", "birthday": "19950505", "ci": .string(ci(0x43)), "gender": "FEMALE",
                    "nationality": "LOCAL",
                ], refusesPush: true, createdAt: now))
        try records.save(AnonymousUser(key: AppsInTossDemonstration.anonymousKey, app: app.name, createdAt: now))
    }

    /// Connecting information: 64 bytes in Base64.
    private static func ci(_ byte: UInt8) -> String { Base64.encode([UInt8](repeating: byte, count: 64)) }

    /// Somebody made up: nobody's real name, telephone number or connecting information.
    static func profile(_ random: any RandomSource) -> JSON.Members {
        func one(of list: [String]) -> String { list[Int(random.number(below: UInt64(list.count)))] }
        func digits(_ count: Int) -> String { (0..<count).map { _ in String(random.number(below: 10)) }.joined() }
        func two(_ range: ClosedRange<UInt64>) -> String {
            let number = range.lowerBound + random.number(below: range.upperBound - range.lowerBound + 1)
            return (number < 10 ? "0" : "") + String(number)
        }
        return [
            "name": .string(one(of: ["김", "이", "박", "최", "정"]) + one(of: ["시험", "예시", "견본", "가상", "모의"])),
            "phone": .string("010" + digits(8)),
            "birthday": .string("19" + two(60...99) + two(1...12) + two(1...28)), "ci": .string(Base64.encode(random.bytes(64))),
            "gender": .string(one(of: ["MALE", "FEMALE"])), "nationality": .string(one(of: ["LOCAL", "LOCAL", "LOCAL", "FOREIGNER"])),
            "email": .string("user" + digits(6) + "@example.com"),
        ]
    }

    /// What to try first. The lines run in any POSIX shell with curl.
    static func introduction(baseURL: String, files: (any HandoutFiles)?) -> [BilingualText] {
        let app = AppsInTossDemonstration.app
        var lines = [
            BilingualText(
                korean: "앱인토스 미니앱 \(app), 사용자 \(AppsInTossDemonstration.userKey). 평문 포트에서는 인증서 대신 '\(PlainDoor.app): \(app)' 헤더를 붙입니다.",
                english:
                    "Apps in Toss mini-app \(app), user \(AppsInTossDemonstration.userKey). On the plain port '\(PlainDoor.app): \(app)' stands for the certificate."
            )
        ]
        if let files {
            let certificate = files.path(AppsInTossDemonstration.certificateFile)
            let key = files.path(AppsInTossDemonstration.keyFile)
            lines.append(
                BilingualText(
                    korean: "TLS 포트에서는 실제처럼 인증서를 씁니다: \(certificate), \(key)",
                    english: "On the TLS port the certificate proves the caller, as in reality: \(certificate), \(key)"))
        }
        lines.append(
            BilingualText(
                korean: "사용자의 동의를 대신해 authorizationCode를 받고, 한도를 보세요.",
                english: "Consent for the user, which gives an authorizationCode, and look at the limit:"))
        let control = baseURL.replacingLast("/\(AppsInTossSandbox.provider)", with: "/-/\(AppsInTossSandbox.provider)")
        for line in ["curl -s -X POST \(control)/codes", "curl -s \(control)/limits"] {
            lines.append(BilingualText(korean: "  \(line)", english: "  \(line)"))
        }
        return lines
    }
}

extension String {
    /// The text with its end replaced, when it ends so.
    fileprivate func replacingLast(_ end: String, with other: String) -> String {
        hasSuffix(end) ? String(dropLast(end.count)) + other : self
    }
}
