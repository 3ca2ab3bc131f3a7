import AppsInToss
import Base
import ProviderKit
import SandboxKit
import Storage
import Transport

/// The user ends the link.
enum Unlinking {
    static let callbackKind = "unlink"

    /// The callback that tells of it; nothing when the mini-app has registered none.
    static func callback(_ app: MiniApp, _ user: TossUser, _ reason: UnlinkReferrer) -> Callback? {
        guard let address = app.unlink, let key = AppsInTossUserKey(rawValue: user.key) else { return nil }
        let notice = UnlinkCallback(userKey: key, referrer: reason)
        switch address.method {
        case .get:
            let join = !address.url.contains("?") ? "?" : address.url.hasSuffix("?") || address.url.hasSuffix("&") ? "" : "&"
            return Callback(app: app.name, kind: callbackKind, method: .get, url: address.url + join + notice.query, body: "")
        case .post:
            return Callback(app: app.name, kind: callbackKind, method: .post, url: address.url, body: notice.json.text)
        }
    }
}

extension ControlDesk {
    /// The user's part in login: consent and unlinking.
    func login(_ segments: [String]) throws -> Answer? {
        switch (segments[0], segments.count) {
        case ("codes", 1):
            try only(.get, .post)
            return call.method == .post ? try consent() : try listCodes()
        case ("tokens", 1):
            try only(.get)
            let user = try user([:], of: try app())
            return Answer(["tokens": .array(try records.tokens(of: user, limit: try limit()).map(\.json))])
        case ("users", 3) where segments[2] == "unlink":
            try only(.post)
            return try unlink(segments[1])
        default: return nil
        }
    }

    /// The user agrees in the mini-app, which gets an authorizationCode.
    private func consent() throws -> Answer {
        let wishes = try body(["app", "user_key", "referrer", "scopes", "terms"])
        let app = try app(wishes)
        var user = try user(wishes, of: app)
        guard user.state != .left else {
            throw ControlDesk.conflict("토스를 탈퇴한 사용자입니다. 새 사용자를 만드세요.", "The user has left Toss; make a new one.")
        }
        let referrer = wishes["referrer"] ?? .string(LoginReferrer.live.rawValue)
        guard let word = referrer.string, LoginReferrer(rawValue: word).isKnown else {
            let list = LoginReferrer.known.map(\.rawValue).joined(separator: ", ")
            throw ControlDesk.wrong("referrer는 \(list) 가운데 하나입니다.", "referrer must be one of \(list).")
        }
        let scopes = try wishes["scopes"].map(MiniApp.scopes) ?? app.scopes
        let foreign = scopes.filter { !app.scopes.contains($0) }
        guard foreign.isEmpty else {
            let list = foreign.joined(separator: ", ")
            throw ControlDesk.wrong("미니앱이 요구하지 않는 항목에는 동의할 수 없습니다: \(list)", "The mini-app does not ask for \(list).")
        }
        user.scopes = scopes
        user.terms = try wishes["terms"].map { json throws(ControlError) in try MiniApp.texts(json, "terms") } ?? app.terms
        user.state = .linked
        try records.save(user)
        let text = Records.freshToken(environment.random)
        let code = AuthorizationCode(
            app: app.name, userKey: user.key, referrer: word, scopes: scopes, terms: user.terms, issuedAt: now)
        try records.add(code, text: text)
        var members = code.json(settings)
        members["authorizationCode"] = .string(text)
        return Answer(.object(members), status: 201)
    }

    private func listCodes() throws -> Answer {
        let codes = try records.authorizationCodes(of: try app().name, limit: try limit())
        return Answer(["codes": .array(codes.map { .object($0.json(settings)) })])
    }

    /// The user ends the link in the Toss app, withdraws a consent, or leaves Toss: `{"reason": "UNLINK"}`.
    private func unlink(_ key: String) throws -> Answer {
        let wishes = try body(["app", "reason"])
        let app = try app(wishes)
        let user = try user(named: Int64(key), of: app)
        let reason = UnlinkReferrer(rawValue: (wishes["reason"] ?? .string(UnlinkReferrer.unlink.rawValue)).string ?? "")
        guard reason.isKnown else {
            let list = UnlinkReferrer.known.map(\.rawValue).joined(separator: ", ")
            throw ControlDesk.wrong("reason은 \(list) 가운데 하나입니다.", "reason must be one of \(list).")
        }
        guard user.state == .linked else {
            throw ControlDesk.conflict(
                "연결된 사용자가 아닙니다. POST /-/apps-in-toss/codes로 먼저 동의하게 하세요.",
                "The user is not linked; have them consent first with POST /-/apps-in-toss/codes.")
        }
        let ended = try records.endLink(of: user, by: reason.rawValue, state: reason == .tossLeft ? .left : .unlinked, at: now)
        let callback = Unlinking.callback(app, ended, reason)
        if let callback { try records.announce(callback, at: now) }
        return Answer(["user": ended.json, "callback": .boolean(callback != nil)], scheduleChanged: callback != nil)
    }
}

extension AuthorizationCode {
    /// The code as the control API shows it; its text is told once, when it is made.
    func json(_ settings: SandboxSettings) -> JSON.Members {
        [
            "app": .string(app), "user_key": .number(userKey), "referrer": .string(referrer), "scopes": .texts(scopes),
            "terms": .texts(terms),
            "issued_at": .optional(issuedAt), "expires_at": .optional(issuedAt + .seconds(settings[LoginSettings.codeSeconds])),
            "spent_at": .optional(spentAt), "spent_by": .optional(spentBy),
        ]
    }
}
