public import Base
import Transport

/// The chapter "Toss login" (토스 로그인).
public struct AppsInTossLogin: Sendable {
    let client: AppsInTossClient

    /// Exchanges the code that the mini-app got from `appLogin()`.
    ///
    /// A code lives 10 minutes and can be used once. After an unknown outcome it may be spent: ask the mini-app for a new one instead of repeating.
    /// - Parameters:
    ///   - authorizationCode: The code.
    ///   - referrer: Exactly the text that the SDK gave with it: another letter case is answered with `invalid_grant`.
    public func tokens(authorizationCode: PersonalText, referrer: LoginReferrer) async throws(AppsInTossError) -> LoginTokens {
        let answer = try await client.call(
            "generate-token", ["authorizationCode": authorizationCode.json, "referrer": .string(referrer.rawValue)])
        return try tokens(answer)
    }

    /// Exchanges a refresh token. Keep the old pair until the new one is stored; after an unknown outcome one repeat does no harm.
    public func refresh(_ refreshToken: PersonalText) async throws(AppsInTossError) -> LoginTokens {
        try tokens(try await client.call("refresh-token", ["refreshToken": refreshToken.json]))
    }

    private func tokens(_ answer: AppsInTossClient.Answer) throws(AppsInTossError) -> LoginTokens {
        guard let tokens = LoginTokens(answer.content, at: client.options.time.now) else { throw answer.unreadable }
        return tokens
    }

    /// Who the user is, and what the user has agreed to tell. Decrypted when the client has the key, or its gateway.
    ///
    /// - Throws: ``AppsInTossError`` with `personalDataUnreadable` when the key or the additional data does not fit.
    public func profile(_ accessToken: PersonalText) async throws(AppsInTossError) -> UserProfile {
        let answer = try await client.call("login-me", bearer: accessToken)
        let opened = answer.fields[AppsInTossHeaders.opened].map { Set($0.split(separator: ",").map { String($0.filter { $0 != " " }) }) }
        let profile: UserProfile?
        do throws(PersonalDataError) {
            profile = try UserProfile(answer.content, cipher: client.options.personalData, opened: opened)
        } catch {
            throw AppsInTossError(.personalDataUnreadable, outcome: .unverified, message: error.message, status: 200)
        }
        guard let profile else { throw answer.unreadable }
        return profile
    }

    /// Ends the link of the user whose token this is. No unlink callback follows.
    @discardableResult
    public func remove(accessToken: PersonalText) async throws(AppsInTossError) -> AppsInTossUserKey {
        try userKey(try await client.call("remove-by-access-token", bearer: accessToken))
    }

    /// Ends the link of a user. No unlink callback follows. With very many tokens it can time out after 3 seconds: do not repeat it at once.
    @discardableResult
    public func remove(_ userKey: AppsInTossUserKey) async throws(AppsInTossError) -> AppsInTossUserKey {
        try self.userKey(try await client.call("remove-by-user-key", ["userKey": .number(userKey.rawValue)]))
    }

    private func userKey(_ answer: AppsInTossClient.Answer) throws(AppsInTossError) -> AppsInTossUserKey {
        // An object by the table; the bare key is read too.
        guard let key = AppsInTossUserKey(json: answer.content["userKey"] ?? answer.content) else { throw answer.unreadable }
        return key
    }
}

/// The tokens of one login.
public struct LoginTokens: Sendable, Equatable {
    /// Names the user in calls; lives an hour.
    public var accessToken: PersonalText
    /// Gets a new pair; lives 14 days.
    public var refreshToken: PersonalText
    /// What the user has agreed to tell.
    public var scopes: [LoginScope]
    /// `Bearer`.
    public var tokenType: String
    /// When the access token ends, by the clock of this side when the answer came.
    public var expiresAt: Timestamp

    /// Reads what stands under `success`; nothing without both tokens.
    public init?(_ content: JSON, at now: Timestamp) {
        guard let access = content.text("accessToken"), !access.isEmpty, let refresh = content.text("refreshToken"), !refresh.isEmpty else {
            return nil
        }
        accessToken = PersonalText(access)
        refreshToken = PersonalText(refresh)
        scopes = LoginScope.list(content.text("scope") ?? "")
        tokenType = content.text("tokenType") ?? "Bearer"
        let seconds = content.whole("expiresIn") ?? AppsInTossLimits.accessTokenExpiresIn
        expiresAt = now + .seconds(min(max(0, seconds), 86_400 * 365))
    }
}
