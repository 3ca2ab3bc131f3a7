import AppsInToss
import Base
import Cryptography
import ProviderKit
import SandboxKit
import Transport

extension CallContext {
    // MARK: Tokens

    /// `POST /generate-token`
    func generateToken() throws -> Answer {
        let text = try fields.required("authorizationCode")
        let referrer = try fields.required("referrer")
        guard let code = try records.authorizationCode(text) else { throw LoginVerdicts.codeUnknown(text) }
        guard code.app == app.name else { throw LoginVerdicts.codeOfOtherApp(app) }
        if let spentAt = code.spentAt { throw LoginVerdicts.codeSpent(code, at: spentAt) }
        let life = Duration.seconds(settings[LoginSettings.codeSeconds])
        guard now < code.issuedAt + life else { throw LoginVerdicts.codeExpired(code, life: life, now: now) }
        guard referrer.utf8.elementsEqual(code.referrer.utf8) else {
            if settings[LoginSettings.wrongReferrerSpends] { try records.spend(text, by: "wrong-referrer", at: now) }
            return .refusedButKept(LoginVerdicts.wrongReferrer(referrer, code))
        }
        guard let user = try records.user(code.userKey, of: app.name) else { throw LoginVerdicts.codeUnknown(text) }
        try records.spend(text, by: "generate-token", at: now)
        return .success(try newTokens(for: user, scopes: code.scopes, refreshToken: nil))
    }

    /// `POST /refresh-token`
    func refreshToken() throws -> JSON {
        let text = try fields.required("refreshToken")
        let token = try liveToken(text, .refresh)
        guard let user = try records.user(token.userKey, of: app.name) else { throw LoginVerdicts.tokenUnknown(.refresh, text) }
        let isReplaced = settings[LoginSettings.refreshRotates]
        if isReplaced { try records.endToken(text, by: "refresh-token", at: now) }
        return try newTokens(for: user, scopes: token.scopes, refreshToken: isReplaced ? nil : text)
    }

    /// Makes an access token and, unless there is one that lives on, a refresh token.
    private func newTokens(for user: TossUser, scopes: [String], refreshToken: String?) throws -> JSON {
        let life = settings[LoginSettings.accessSeconds]
        let access = Records.freshToken(random)
        try records.add(
            LoginToken(app: app.name, userKey: user.key, kind: .access, scopes: scopes, issuedAt: now, life: .seconds(life)), text: access)
        let refresh = refreshToken ?? Records.freshToken(random)
        if refreshToken == nil {
            let life = Duration.seconds(settings[LoginSettings.refreshSeconds])
            try records.add(
                LoginToken(app: app.name, userKey: user.key, kind: .refresh, scopes: scopes, issuedAt: now, life: life), text: refresh)
        }
        // The published sample says 3599 for a life of an hour.
        let expiresIn = max(1, life - 1)
        return [
            "accessToken": .string(access), "refreshToken": .string(refresh), "scope": .string(scopeWords(scopes).joined(separator: " ")),
            "tokenType": "Bearer",
            "expiresIn": settings[LoginSettings.expiresInAsText] ? .string(String(expiresIn)) : .number(expiresIn),
        ]
    }

    /// The scopes in the order and case of the answers.
    private func scopeWords(_ scopes: [String]) -> [String] {
        let all = settings[LoginSettings.scopeHasUserKey] ? [LoginScope.userKey.consoleWord] + scopes : scopes
        return all.map { $0.lowercased() }
    }

    /// The token of that text, when it is the mini-app's, of that kind, and alive.
    private func liveToken(_ text: String, _ kind: LoginToken.Kind) throws -> LoginToken {
        guard let token = try records.token(text) else { throw LoginVerdicts.tokenUnknown(kind, text) }
        guard token.app == app.name else { throw LoginVerdicts.tokenOfOtherApp(kind, app) }
        guard token.kind == kind else { throw LoginVerdicts.tokenOfOtherKind(kind) }
        if let endedAt = token.endedAt { throw LoginVerdicts.tokenEnded(token, at: endedAt) }
        guard now < token.expiresAt else { throw LoginVerdicts.tokenExpired(token, now: now) }
        return token
    }

    /// The access token that `Authorization` carries, and whose it is.
    private func bearer() throws -> (LoginToken, TossUser) {
        guard let field = call.fields[AppsInTossHeaders.authorization], !field.isEmpty else { throw LoginVerdicts.noBearer }
        let parts = field.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { throw LoginVerdicts.notBearer(field) }
        let token = try liveToken(String(parts[1]), .access)
        guard let user = try records.user(token.userKey, of: app.name), user.state != .left else { throw LoginVerdicts.userGone }
        return (token, user)
    }

    // MARK: Personal data

    /// `GET /login-me`
    func loginMe() throws -> JSON {
        let (token, user) = try bearer()
        var members: JSON.Members = [
            "userKey": .number(user.key), "scope": .string(scopeWords(token.scopes).joined(separator: ",")),
            "agreedTerms": .texts(user.terms),
        ]
        let cipher = try PersonalDataCipher(base64Key: app.personalDataKey, additionalData: Secret(app.additionalData))
        for name in TossUser.profileMembers {
            members[name] = .null
            guard token.scopes.contains("USER_" + name.uppercased()), let text = user.profile[name]?.string else { continue }
            // The key is the same for everybody, so no two fields may have the same vector.
            let vector = random.bytes(PersonalDataCipher.vectorByteCount)
            members[name] = .string(try cipher.seal(text, initializationVector: vector))
        }
        members["di"] = .null
        return .object(members)
    }

    // MARK: The partner ends a link

    /// `POST /access/remove-by-access-token`
    func removeByAccessToken() throws -> JSON {
        let (_, user) = try bearer()
        return try removed(user, by: row.api.name)
    }

    /// `POST /access/remove-by-user-key`
    func removeByUserKey() throws -> JSON {
        let key = try fields.requiredWhole("userKey")
        guard let user = try records.user(key, of: app.name), user.state != .left else {
            throw LoginVerdicts.userKeyUnknown(app, isOther: try records.isUserOfOtherApp(key, than: app.name))
        }
        if user.state != .linked { warn(LoginVerdicts.notLinked) }
        return try removed(user, by: row.api.name)
    }

    /// No callback tells of what the partner itself asked for.
    private func removed(_ user: TossUser, by reason: String) throws -> JSON {
        _ = try records.endLink(of: user, by: reason, state: .unlinked, at: now)
        return ["userKey": .number(user.key)]
    }
}
