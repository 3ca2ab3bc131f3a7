import AppsInToss
import Base
import SandboxKit

/// Why login refuses, in words. To the caller nearly everything looks the same; codes and tokens never stand in a verdict.
enum LoginVerdicts {
    private static let askForNewCode = (
        "미니앱에서 appLogin()을 다시 불러 새 코드를 받으세요. generate-token을 자동으로 되풀이하지 마세요.",
        "Have the mini-app call appLogin() again for a new code; never repeat generate-token by machine."
    )

    private static func grant(
        _ rule: String, ko korean: String, en english: String, fix remedy: (ko: String, en: String)? = nil, _ details: JSON.Members = [:]
    ) -> Refused {
        .bare(.invalidGrant, Verdict(rule, ko: korean, en: english, fix: remedy, details))
    }

    // MARK: Codes

    static func codeUnknown(_ text: String) -> Refused {
        grant(
            "code.unknown", ko: "발급된 적이 없거나 오래전에 지워진 authorizationCode입니다.", en: "this authorizationCode was never issued, or long ago",
            fix: (
                "POST /-/apps-in-toss/codes로 사용자의 동의를 대신하면 코드를 받습니다. 앞뒤 공백과 잘림을 확인하세요.",
                "POST /-/apps-in-toss/codes consents for a user and gives a code. Look for spaces around it and for a cut."
            ), ["length": .number(text.utf8.count)])
    }

    static func codeOfOtherApp(_ app: MiniApp) -> Refused {
        grant(
            "code.other-app", ko: "다른 미니앱에서 발급된 authorizationCode입니다. 인증서는 미니앱 \(app.name)의 것입니다.",
            en: "the authorizationCode was issued to another mini-app; the certificate is \(app.name)'s",
            fix: ("코드를 받은 미니앱의 인증서로 호출하세요.", "Call with the certificate of the mini-app that got the code."), ["app": .string(app.name)])
    }

    static func codeSpent(_ code: AuthorizationCode, at moment: Timestamp) -> Refused {
        let wasUsed = code.spentBy == "generate-token"
        return grant(
            wasUsed ? "code.used" : "code.ended",
            ko: wasUsed
                ? "이미 사용한 authorizationCode입니다. 코드는 한 번만 쓸 수 있습니다."
                : "연결 끊기 등(\(code.spentBy ?? ""))으로 쓸 수 없게 된 authorizationCode입니다.",
            en: wasUsed
                ? "the authorizationCode has been used; it works once"
                : "the authorizationCode was made worthless by \(code.spentBy ?? "something")", fix: askForNewCode,
            ["spent_at": .optional(moment), "spent_by": .optional(code.spentBy)])
    }

    static func codeExpired(_ code: AuthorizationCode, life: Duration, now: Timestamp) -> Refused {
        let age = (now - code.issuedAt).wholeSeconds
        return grant(
            "code.expired", ko: "authorizationCode의 유효 시간 \(life.wholeSeconds)초가 지났습니다(발급 뒤 \(age)초).",
            en: "the authorizationCode lives \(life.wholeSeconds) seconds and is \(age) seconds old", fix: askForNewCode,
            ["issued_at": .optional(code.issuedAt), "age_seconds": .number(age)])
    }

    static func wrongReferrer(_ referrer: String, _ code: AuthorizationCode) -> Refused {
        let isCase = referrer.lowercased() == code.referrer.lowercased()
        var details: JSON.Members = ["expected": .string(code.referrer)]
        if LoginReferrer(rawValue: referrer).isKnown || isCase { details["received"] = .string(referrer) }
        return grant(
            isCase ? "referrer.case" : "referrer.wrong",
            ko: isCase
                ? "referrer의 대소문자가 SDK가 준 값(\(code.referrer))과 다릅니다." : "referrer가 SDK가 준 값(\(code.referrer))이 아닙니다.",
            en: isCase
                ? "the referrer has other letters' case than what the SDK gave (\(code.referrer))"
                : "the referrer is not what the SDK gave (\(code.referrer))",
            fix: ("appLogin()이 돌려준 referrer를 글자 그대로 넘기세요.", "Pass on the referrer from appLogin() letter by letter."), details)
    }

    // MARK: Tokens

    private static func name(_ kind: LoginToken.Kind) -> String { kind == .access ? "accessToken" : "refreshToken" }

    static func tokenUnknown(_ kind: LoginToken.Kind, _ text: String) -> Refused {
        grant(
            "token.unknown", ko: "발급된 적이 없는 \(name(kind))입니다.", en: "this \(name(kind)) was never issued",
            fix: (
                "generate-token이 돌려준 값을 그대로 쓰세요. 토스 인증(cert.toss.im)의 토큰은 여기서 쓸 수 없습니다.",
                "Use the value from generate-token as it is; tokens of Toss Auth (cert.toss.im) mean nothing here."
            ), ["length": .number(text.utf8.count)])
    }

    static func tokenOfOtherApp(_ kind: LoginToken.Kind, _ app: MiniApp) -> Refused {
        grant(
            "token.other-app", ko: "다른 미니앱의 \(name(kind))입니다. 인증서는 미니앱 \(app.name)의 것입니다.",
            en: "the \(name(kind)) is another mini-app's; the certificate is \(app.name)'s",
            fix: ("토큰을 받은 미니앱의 인증서로 호출하세요.", "Call with the certificate of the mini-app that got the token."))
    }

    static func tokenOfOtherKind(_ expected: LoginToken.Kind) -> Refused {
        let other = name(expected == .access ? .refresh : .access)
        return grant(
            "token.kind", ko: "\(name(expected)) 자리에 \(other)을(를) 넣었습니다.", en: "a \(other) stands where the \(name(expected)) belongs",
            fix: ("두 토큰을 바꿔 쓰지 않았는지 확인하세요.", "See whether the two tokens were mixed up."))
    }

    static func tokenEnded(_ token: LoginToken, at moment: Timestamp) -> Refused {
        let wasRotated = token.endedBy == "refresh-token"
        return grant(
            wasRotated ? "token.rotated" : "token.ended",
            ko: wasRotated
                ? "refresh-token으로 이미 새것으로 바뀐 refreshToken입니다."
                : "연결이 끊겨(\(token.endedBy ?? "")) 쓸 수 없게 된 \(name(token.kind))입니다.",
            en: wasRotated
                ? "the refreshToken was replaced by refresh-token"
                : "the link has ended (\(token.endedBy ?? "")), and the \(name(token.kind)) with it",
            fix: wasRotated
                ? (
                    "새 쌍을 저장한 뒤에 옛 쌍을 버리세요. 문서에 없는 동작이라 refresh_token_rotates 설정으로 끌 수 있습니다.",
                    "Store the new pair before the old one is dropped. This is not documented: the setting refresh_token_rotates switches it off."
                ) : ("사용자가 다시 로그인해야 합니다.", "The user has to log in again."),
            ["ended_at": .optional(moment), "ended_by": .optional(token.endedBy)])
    }

    static func tokenExpired(_ token: LoginToken, now: Timestamp) -> Refused {
        let age = (now - token.issuedAt).wholeSeconds
        return grant(
            "token.expired", ko: "\(name(token.kind))이 만료되었습니다(발급 뒤 \(age)초).",
            en: "the \(name(token.kind)) has expired, \(age) seconds old",
            fix: token.kind == .access
                ? ("refresh-token으로 새 accessToken을 받으세요.", "Get a new one with refresh-token.")
                : ("14일이 지났으니 사용자가 다시 로그인해야 합니다.", "Its 14 days are over; the user has to log in again."),
            ["issued_at": .optional(token.issuedAt), "expires_at": .optional(token.expiresAt), "age_seconds": .number(age)])
    }

    // MARK: Authorization

    static var noBearer: Refused {
        grant(
            "token.missing", ko: "Authorization 헤더가 없습니다.", en: "there is no Authorization field",
            fix: ("'Authorization: Bearer <accessToken>'을 붙이세요.", "Add 'Authorization: Bearer <accessToken>'."))
    }

    static func notBearer(_ field: String) -> Refused {
        let isBasic = field.lowercased().hasPrefix("basic ")
        return grant(
            isBasic ? "token.basic" : "token.no-bearer",
            ko: isBasic ? "Authorization 헤더가 Basic 방식입니다. Basic은 연결 끊기 콜백에서만 씁니다." : "Authorization 헤더가 'Bearer '로 시작하지 않습니다.",
            en: isBasic ? "Authorization is Basic, which only the unlink callback uses" : "Authorization does not begin with 'Bearer '",
            fix: ("'Bearer '와 accessToken을 함께 보내세요.", "Send 'Bearer ' and the accessToken."))
    }

    // MARK: Users

    static var userGone: Refused {
        Refused(
            .userNotFound,
            Verdict(
                "user.left", ko: "토스를 탈퇴했거나 사라진 사용자입니다.", en: "the user has left Toss, or is gone",
                fix: ("저장해 둔 사용자 정보를 지우세요.", "Delete what you have stored of them.")))
    }

    static func userKeyUnknown(_ app: MiniApp, isOther: Bool) -> Refused {
        Refused(
            .userKeyNotFound,
            Verdict(
                isOther ? "user.other-app" : "user.unknown",
                ko: isOther ? "다른 미니앱의 userKey입니다. userKey는 미니앱마다 다릅니다." : "미니앱 \(app.name)에 없는 userKey입니다.",
                en: isOther
                    ? "the user key is another mini-app's; each mini-app has keys of its own"
                    : "the mini-app \(app.name) has no such user key",
                fix: ("login-me가 준 userKey를 쓰세요.", "Use the userKey from login-me.")))
    }

    static var notLinked: Verdict {
        Verdict(
            warned: "user.not-linked", ko: "연결되어 있지 않은 사용자입니다. 실제 서버의 답은 문서에 없습니다.",
            en: "the user is not linked; what the real server answers is not documented",
            fix: ("연결 끊기를 두 번 부르지 않았는지 확인하세요.", "See whether the removal was called twice."))
    }
}
