import AppsInToss
import Base
import Cryptography
import SandboxKit

/// Why somebody is not let in, in words. Of certificates only what they show to everybody is told: serial number, names, dates.
enum AccessVerdicts {
    private static let issueOne = (
        "콘솔의 mTLS 인증서처럼 `bujeol apps-in-toss cert issue --app 이름 --out 폴더`로 발급받아 요청에 붙이세요.",
        "Issue one with `bujeol apps-in-toss cert issue --app NAME --out DIR` and present it with each call, as the console's."
    )

    static func noCertificate(hasDoorField: Bool) -> Refused {
        Refused(
            .unauthenticated,
            Verdict(
                "certificate.missing",
                ko: hasDoorField
                    ? "TLS 연결에 클라이언트 인증서가 없습니다. \(PlainDoor.app) 헤더는 평문 포트에서만 인증서를 대신합니다."
                    : "TLS 연결에 클라이언트 인증서가 없습니다. 실제 서버는 핸드셰이크에서 끊으며, 클라이언트에는 ERR_NETWORK로만 보입니다.",
                en: hasDoorField
                    ? "the TLS connection shows no client certificate; the field \(PlainDoor.app) stands for one on the plain port only"
                    : "the TLS connection shows no client certificate; the real server ends the handshake, which callers see as ERR_NETWORK",
                fix: issueOne))
    }

    static func foreign(_ certificate: Certificate?, authority: Certificate?) -> Refused {
        guard let certificate else {
            return Refused(
                .unauthenticated,
                Verdict("certificate.unreadable", ko: "읽을 수 없는 클라이언트 인증서입니다.", en: "the client certificate cannot be read", fix: issueOne))
        }
        let isOurs = certificate.issuer == authority?.subject
        var details: JSON.Members = [
            "serial": .string(certificate.serialText), "subject": .string(certificate.subject), "issuer": .string(certificate.issuer),
            "not_before": .optional(certificate.notBefore), "not_after": .optional(certificate.notAfter),
        ]
        details["expected_issuer"] = (authority?.subject).map { .string($0) }
        return Refused(
            .unauthenticated,
            Verdict(
                isOurs ? "certificate.forgotten" : "certificate.foreign",
                ko: isOurs
                    ? "이 샌드박스의 인증 기관 이름으로 발급됐지만 등록되어 있지 않은 인증서입니다. 초기화나 테넌트 삭제로 사라졌을 수 있습니다."
                    : "이 샌드박스의 인증 기관이 아니라 다른 곳(\(certificate.issuer))이 발급한 인증서입니다.",
                en: isOurs
                    ? "the certificate names this sandbox's authority but is not registered; a reset or a removed tenant may have taken it away"
                    : "the certificate was issued by \(certificate.issuer), not by this sandbox's authority", fix: issueOne, details))
    }

    static func refused(_ issued: IssuedCertificate, _ standing: IssuedCertificate.Standing, _ now: Timestamp) -> Refused {
        let (korean, english): (String, String)
        let remedy: (ko: String, en: String)
        switch standing {
        case .expired, .valid:
            korean = "인증서가 \(issued.notAfter.koreanText)에 만료되었습니다(한국 시각, 지금은 \(now.koreanText))."
            english = "the certificate expired at \(issued.notAfter.internetText); the tenant's clock shows \(now.internetText)"
            remedy = (
                "새 인증서를 발급해 교체하세요. 실제 서버도 만료되는 순간 모든 호출이 멈춥니다. 시계를 옮겼다면 POST /-/clock {\"set\":\"now\"}로 되돌리세요.",
                "Issue a new one and roll over; at the real server everything stops at that moment too. POST /-/clock {\"set\":\"now\"} if the clock was moved."
            )
        case .notYetValid:
            korean = "인증서는 \(issued.notBefore.koreanText)부터 유효합니다(한국 시각, 지금은 \(now.koreanText))."
            english = "the certificate is valid from \(issued.notBefore.internetText); the tenant's clock shows \(now.internetText)"
            remedy = ("테넌트의 시계가 과거에 있는지 GET /-/clock으로 확인하세요.", "See GET /-/clock: the tenant's clock may stand in the past.")
        case .disabled:
            korean = "콘솔에서 비활성화한 인증서입니다."
            english = "the certificate was disabled in the console"
            remedy = (
                "POST /-/apps-in-toss/certificates/\(issued.id)/enable로 되살리거나 다른 인증서를 쓰세요.",
                "Enable it with POST /-/apps-in-toss/certificates/\(issued.id)/enable, or use another one."
            )
        }
        return Refused(
            .unauthenticated,
            Verdict("certificate.\(standing.rawValue)", ko: korean, en: english, fix: remedy, ["certificate": .object(issued.json(now))]))
    }

    static func appGone(_ name: String, _ issued: IssuedCertificate?, _ now: Timestamp) -> Refused {
        var details: JSON.Members = ["app": .string(name)]
        details["certificate"] = issued.map { .object($0.json(now)) }
        return Refused(
            .miniAppUnknown,
            Verdict(
                "app.deleted", ko: "미니앱 \(name)은(는) 콘솔에서 삭제되었습니다. 인증서는 유효하지만 인증 서버가 미니앱을 모릅니다.",
                en:
                    "the mini-app \(name) was deleted in the console: the certificate is good, but the authentication server does not know the mini-app",
                fix: (
                    "PUT /-/apps-in-toss/apps/\(name) {\"deleted\":false}로 되살리세요.",
                    "Bring it back with PUT /-/apps-in-toss/apps/\(name) {\"deleted\":false}."
                ),
                details))
    }

    static func otherName(_ issued: IssuedCertificate, _ now: Timestamp) -> Verdict {
        Verdict(
            warned: "plain-door.ignored", ko: "인증서가 있으므로 \(PlainDoor.app) 헤더는 읽지 않았습니다. 인증서는 \(issued.app)의 것입니다.",
            en: "the field \(PlainDoor.app) was not read, since there is a certificate, which is \(issued.app)'s",
            fix: ("\(PlainDoor.app) 헤더를 빼세요.", "Leave the field out."), ["certificate": .object(issued.json(now))])
    }

    // MARK: The plain door

    static var plainWithoutName: Refused {
        Refused(
            .unauthenticated,
            Verdict(
                "plain-door.no-name", ko: "평문 포트에서는 클라이언트 인증서를 보일 수 없어 어느 미니앱의 요청인지 알 수 없습니다.",
                en: "no certificate can be shown on the plain port, so nobody knows whose call it is",
                fix: (
                    "실제처럼 TLS 포트에 인증서로 접속하거나, 인증서 없이 시험하려면 '\(PlainDoor.app): 미니앱 이름' 헤더를 붙이세요(샌드박스에만 있는 문입니다).",
                    "Come to the TLS port with a certificate, as in reality, or add '\(PlainDoor.app): NAME' to try things without (a door of the sandbox's own)."
                )))
    }

    static func plainUnknown(_ name: String) -> Refused {
        let isShaped = MiniApp.isName(name)
        return Refused(
            .unauthenticated,
            Verdict(
                "plain-door.unknown", ko: "\(PlainDoor.app) 헤더의 이름을 가진 미니앱이 없습니다.",
                en: "there is no mini-app of the name in \(PlainDoor.app)",
                fix: (
                    "GET /-/apps-in-toss/apps로 있는 미니앱을 보고, POST로 만드세요. demo가 아닌 테넌트면 \(PlainDoor.tenant) 헤더도 붙이세요.",
                    "GET /-/apps-in-toss/apps lists what there is, POST makes one; add \(PlainDoor.tenant) for a tenant other than demo."
                ), isShaped ? ["app": .string(name)] : ["length": .number(name.utf8.count)]))
    }

    static func plainAmbiguous(_ name: String) -> Refused {
        Refused(
            .unauthenticated,
            Verdict(
                "plain-door.ambiguous", ko: "여러 테넌트에 미니앱 \(name)이(가) 있어 누구의 것인지 알 수 없습니다.",
                en: "several tenants have a mini-app \(name), and nobody knows which is meant",
                fix: ("\(PlainDoor.tenant) 헤더로 테넌트를 밝히세요.", "Name the tenant with \(PlainDoor.tenant)."), ["app": .string(name)]))
    }

    static var plainClosed: Refused {
        Refused(
            .unauthenticated,
            Verdict(
                "plain-door.closed", ko: "이 테넌트는 plain_door 설정이 꺼져 있어 인증서로만 들어올 수 있습니다.",
                en: "this tenant's setting plain_door is off: certificates only",
                fix: ("TLS 포트에 인증서로 접속하세요.", "Come to the TLS port with a certificate.")))
    }
}
