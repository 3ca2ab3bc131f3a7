import AppsInToss
import Base
import ProviderKit
import SandboxKit
import Transport

/// Why a call that was let in is refused before its row is asked, in words.
enum CallVerdicts {
    static func unknownPath(_ call: Call) -> Refused {
        let likeliest = CallTable.all.likeliest(call.path)
        return Refused(
            .notFound,
            Verdict(
                "call.unknown",
                ko: likeliest.map { "앱인토스 API에 없는 경로입니다. \($0)을(를) 뜻한 것 같습니다." } ?? "앱인토스 API에 없는 경로입니다.",
                en: likeliest.map { "the partner API has no such path; \($0) was probably meant" } ?? "the partner API has no such path",
                fix: (
                    "경로는 모두 \(AppsInTossRoutes.prefix)로 시작하고 끝에 /가 붙지 않습니다. 옛 블로그의 경로는 틀린 것이 많습니다.",
                    "Every path begins with \(AppsInTossRoutes.prefix) and has no slash at its end; many paths in older articles are wrong."
                )))
    }

    static func wrongMethod(_ call: Call, _ methods: [String]) -> Refused {
        let list = methods.joined(separator: ", ")
        return Refused(
            .methodNotAllowed,
            Verdict(
                "call.method", ko: "이 경로는 \(list)만 받습니다. 요청은 \(call.method.rawValue)입니다.",
                en: "this path takes \(list); it was asked with \(call.method.rawValue)",
                fix: (
                    "login-me만 GET이고 나머지는 모두 POST입니다. 메서드를 \(list)(으)로 바꾸세요.",
                    "Only login-me is a GET, everything else is a POST; use \(list)."
                ), ["method": .string(call.method.rawValue), "allowed": .texts(methods)]))
    }

    static func wrongHost(_ api: AppsInTossAPI, asked host: String) -> Refused {
        Refused(
            .notFound,
            Verdict(
                "call.host", ko: "\(api.name)은(는) \(api.host.name)의 API입니다. 요청은 \(host)(으)로 왔습니다.",
                en: "\(api.name) is served by \(api.host.name); it was asked of \(host)",
                fix: (
                    "토스페이만 \(AppsInTossHosts.pay)를 쓰고 나머지는 \(AppsInTossHosts.general)를 씁니다. 방화벽도 두 곳을 모두 열어야 합니다.",
                    "Toss Pay alone uses \(AppsInTossHosts.pay), everything else \(AppsInTossHosts.general); open the firewall for both."
                ), ["host": .string(host), "right_host": .string(api.host.name)]))
    }

    // MARK: User

    static var twoUsers: Refused {
        var refused = FieldCheck.refused(
            AppsInTossHeaders.anonymousKey,
            BilingualText(korean: "x-toss-user-key와 함께 보낼 수 없습니다.", english: "must not come together with x-toss-user-key"))
        refused.verdict.rule = "user.both-headers"
        refused.verdict.remedy = BilingualText(
            korean: "로그인한 사용자는 x-toss-user-key만, 로그인하지 않은 사용자는 x-anon-key만 보내세요.",
            english: "Send x-toss-user-key for a user who has logged in, x-anon-key for one who has not, never both.")
        return refused
    }

    static func noUser(takesAnonymous: Bool, hasAnonymous: Bool) -> Refused {
        var refused = FieldCheck.refused(AppsInTossHeaders.userKey, BilingualText(korean: "필수 헤더입니다.", english: "is a required header"))
        refused.verdict.rule = hasAnonymous ? "user.anonymous-not-taken" : "user.missing"
        refused.verdict.remedy = BilingualText(
            korean: takesAnonymous
                ? "login-me가 준 userKey를 x-toss-user-key 헤더에, 비로그인 사용자는 익명 키를 x-anon-key 헤더에 넣으세요."
                : "login-me가 준 userKey를 x-toss-user-key 헤더에 넣으세요. 이 호출은 x-anon-key를 받지 않습니다.",
            english: takesAnonymous
                ? "Put the userKey from login-me into x-toss-user-key, or the anonymous key of a user who has not logged in into x-anon-key."
                : "Put the userKey from login-me into x-toss-user-key; this call does not take x-anon-key.")
        return refused
    }

    static func userKeyForm(_ text: String) -> Refused {
        var refused = FieldCheck.refused(
            AppsInTossHeaders.userKey, BilingualText(korean: "십진수 userKey여야 합니다.", english: "must be a user key in decimal digits"))
        refused.verdict.rule = "user.form"
        refused.verdict.details["length"] = .number(text.utf8.count)
        return refused
    }

    static func unknownUser(_ access: Access, isOther: Bool, header: String) -> Refused {
        let isAnonymous = header == AppsInTossHeaders.anonymousKey
        return Refused(
            isAnonymous ? .unauthenticated : access.settings[CommonSettings.unknownUser].code,
            Verdict(
                isOther ? "user.other-app" : "user.unknown",
                ko: isOther
                    ? "다른 미니앱의 userKey입니다. userKey는 미니앱마다 다르므로 이 미니앱 \(access.app.name)에는 없는 사용자입니다."
                    : "미니앱 \(access.app.name)에 없는 사용자입니다(\(header)).",
                en: isOther
                    ? "the user key is another mini-app's; each mini-app has keys of its own, so \(access.app.name) has no such user"
                    : "the mini-app \(access.app.name) has no such user (\(header))",
                fix: (
                    "login-me가 준 값을 그대로 쓰세요. POST /-/apps-in-toss/users로 사용자를 만들 수 있습니다.",
                    "Use the value from login-me as it is; POST /-/apps-in-toss/users makes a user."
                )))
    }

    // MARK: Body

    static func noObject(isEmpty: Bool) -> Refused {
        var refused = FieldCheck.refused(
            "body", BilingualText(korean: "JSON 객체여야 합니다.", english: "must be a JSON object"))
        refused.verdict.rule = isEmpty ? "body.empty" : "body.no-object"
        refused.verdict.remedy = BilingualText(
            korean: "본문을 JSON 객체로 보내세요. 보낼 항목이 없어도 {}를 보냅니다.", english: "Send a JSON object; {} where there is nothing to say.")
        return refused
    }

    static var contentType: Verdict {
        Verdict(
            warned: "body.content-type", ko: "Content-Type이 application/json이 아닙니다. 샌드박스는 읽었지만 실제 서버는 거절할 수 있습니다.",
            en: "the content type is not application/json; the sandbox has read the body, the real server may refuse it",
            fix: ("Content-Type: application/json; charset=utf-8로 보내세요.", "Send Content-Type: application/json; charset=utf-8."))
    }

    static func unknownFields(_ names: [String], _ api: AppsInTossAPI) -> Verdict {
        // A name may be anything, a value that was put in the wrong place included; only what looks like a name is shown.
        let shown = names.prefix(10).filter { name in
            (1...40).contains(name.utf8.count)
                && name.utf8.allSatisfy {
                    (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F
                }
        }
        return Verdict(
            warned: "field.unknown", ko: "\(api.name)에 없는 항목은 읽지 않았습니다: \(shown.joined(separator: ", "))",
            en: "\(api.name) has no such fields, which were not read: \(shown.joined(separator: ", "))",
            fix: (
                "철자를 확인하세요. 있는 항목: \(api.fields.map(\.name).joined(separator: ", "))",
                "Check the spelling; there are: \(api.fields.map(\.name).joined(separator: ", "))"
            ), ["fields": .texts(shown)])
    }
}
