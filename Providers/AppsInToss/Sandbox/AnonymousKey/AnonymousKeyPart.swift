import AppsInToss
import Base
import ProviderKit
import SandboxKit
import Storage
import Transport

extension SandboxPart {
    /// The check of an anonymous key.
    static let anonymousKey = SandboxPart(
        name: "anonymous-key",
        rows: CallRow.rows(
            .anonymousKey,
            status: { refused, settings in
                refused.code == .unauthenticated && settings[AnonymousKeySettings.unauthorized] ? 401 : nil
            }, ["verify-anonymous-key": { .success(try $0.verifyAnonymousKey()) }]),
        settings: AnonymousKeySettings.all)
}

/// Settings of the check of an anonymous key.
enum AnonymousKeySettings {
    /// How a good key is answered, of which the documentation says two things.
    enum Reply: String, CaseIterable, Sendable {
        /// `true`, as the OpenAPI description says.
        case boolean
        /// `"true"`, as the guide says.
        case text
    }

    static let reply = Setting<Reply>.choice("anon_key_reply", .boolean)
    /// Whether a bad key is answered with HTTP 401, as documented, rather than with 200, as seen.
    static let unauthorized = Setting.boolean("anon_key_http_401", false)

    static let all: [AnySetting] = [reply.erased, unauthorized.erased]
}

extension CallContext {
    /// verify-anonymous-key.
    func verifyAnonymousKey() throws -> JSON {
        let key = call.fields[AppsInTossHeaders.anonymousKey].flatMap { $0.isEmpty ? nil : $0 }
        if call.fields[AppsInTossHeaders.userKey].map({ !$0.isEmpty }) ?? false {
            throw key == nil ? AnonymousKeyVerdicts.missing : CallVerdicts.twoUsers
        }
        guard let key else { throw AnonymousKeyVerdicts.missing }
        guard try records.anonymousUser(key, of: app.name) != nil else {
            throw AnonymousKeyVerdicts.unknown(isOther: try records.isAnonymousUserOfOtherApp(key, than: app.name), app.name)
        }
        return settings[AnonymousKeySettings.reply] == .boolean ? true : "true"
    }
}

extension Records {
    /// Whether some other mini-app of the tenant knows an anonymous user of that key: so that a refusal can say so.
    func isAnonymousUserOfOtherApp(_ key: String, than app: String) throws -> Bool {
        try !connection.query(
            "SELECT 1 FROM apps_in_toss_anonymous WHERE tenant = ? AND anonymous_key = ? AND app <> ? LIMIT 1", owner, .text(key),
            .text(app)
        ).isEmpty
    }
}

/// Why an anonymous key is refused, in words.
enum AnonymousKeyVerdicts {
    static var missing: Refused {
        var refused = FieldCheck.refused(
            AppsInTossHeaders.anonymousKey, BilingualText(korean: "필수 헤더입니다.", english: "is a required header"))
        refused.verdict.rule = "anonymous-key.missing"
        refused.verdict.remedy = BilingualText(
            korean: "SDK가 준 익명 키를 x-anon-key 헤더에 그대로 넣으세요. 본문은 필요 없습니다.",
            english: "Put the anonymous key from the SDK into x-anon-key as it is; no body is needed.")
        return refused
    }

    static func unknown(isOther: Bool, _ app: String) -> Refused {
        var refused = Refused(
            .unauthenticated,
            Verdict(
                isOther ? "anonymous-key.other-app" : "anonymous-key.unknown",
                ko: isOther ? "다른 미니앱의 익명 키입니다. 미니앱 \(app)에는 없습니다." : "미니앱 \(app)에 없는 익명 키입니다. 인증서는 문제없습니다.",
                en: isOther
                    ? "the anonymous key is another mini-app's; \(app) has no such key"
                    : "the mini-app \(app) has no such anonymous key; the certificate is fine",
                fix: (
                    "POST /-/apps-in-toss/anonymous-users 로 익명 사용자를 만들 수 있습니다. 4010이라고 해서 모두 인증서 문제는 아닙니다.",
                    "POST /-/apps-in-toss/anonymous-users makes one. Not every 4010 is about the certificate."
                )))
        refused.showsEmptySuccess = true
        return refused
    }
}
