import AppsInToss
import Base
import SandboxKit
import Storage

extension SandboxPart {
    /// Toss login: codes, tokens, personal data, and the end of a link from either side.
    static let login = SandboxPart(
        name: "login", migrations: LoginTables.migrations, tables: LoginTables.names,
        rows: CallRow.rows(
            .login,
            [
                "generate-token": { try $0.generateToken() },
                "refresh-token": { .success(try $0.refreshToken()) },
                "login-me": { .success(try $0.loginMe()) },
                "remove-by-access-token": { .success(try $0.removeByAccessToken()) },
                "remove-by-user-key": { .success(try $0.removeByUserKey()) },
            ]), settings: LoginSettings.all, redactedFields: ["authorizationCode", "accessToken", "refreshToken", "code"],
        routePrivacy: ["login-me": RoutePrivacy(fields: Set(TossUser.profileMembers + ["di"]))],
        callbacks: [
            CallbackKind(name: Unlinking.callbackKind) { app, _ in
                app.unlink?.basicText.map { text in CallbackProof(text).value(.basic).withText { $0 } }
            }
        ],
        control: { desk, segments in try desk.login(segments) })
}

/// Settings of login. Lives are documented; the rest is not.
enum LoginSettings {
    /// The HTTP status of the bare errors, which nobody has documented.
    enum BareStatus: String, Sendable, CaseIterable {
        case badRequest = "400"
        case unauthorized = "401"
        case success = "200"
    }

    static let codeSeconds = Setting.integer("code_seconds", AppsInTossLimits.authorizationCodeLife.wholeSeconds, 1...86_400)
    static let accessSeconds = Setting.integer("access_token_seconds", AppsInTossLimits.accessTokenLife.wholeSeconds, 1...31_536_000)
    static let refreshSeconds = Setting.integer("refresh_token_seconds", AppsInTossLimits.refreshTokenLife.wholeSeconds, 1...31_536_000)
    static let refreshRotates = Setting.boolean("refresh_token_rotates", true)
    static let expiresInAsText = Setting.boolean("expires_in_as_text", false)
    static let scopeHasUserKey = Setting.boolean("scope_includes_user_key", true)
    static let wrongReferrerSpends = Setting.boolean("wrong_referrer_spends_code", false)
    static let bareStatus = Setting<BareStatus>.choice("login_error_status", .badRequest)

    static let all = [
        codeSeconds.erased, accessSeconds.erased, refreshSeconds.erased, refreshRotates.erased, expiresInAsText.erased,
        scopeHasUserKey.erased, wrongReferrerSpends.erased, bareStatus.erased,
    ]
}

/// Login's tables. Of codes and tokens only digests are kept.
enum LoginTables {
    static let names = ["apps_in_toss_codes", "apps_in_toss_tokens"]

    static let migrations = [
        Migration(
            version: 1,
            statements: [
                """
                CREATE TABLE apps_in_toss_codes (
                    tenant TEXT NOT NULL, digest BLOB NOT NULL, app TEXT NOT NULL, user_key INTEGER NOT NULL, referrer TEXT NOT NULL,
                    scopes TEXT NOT NULL, terms TEXT NOT NULL, issued_at INTEGER NOT NULL, spent_at INTEGER, spent_by TEXT,
                    PRIMARY KEY (tenant, digest)
                ) STRICT, WITHOUT ROWID
                """,
                "CREATE INDEX apps_in_toss_codes_of ON apps_in_toss_codes (tenant, app, user_key, issued_at)",
                """
                CREATE TABLE apps_in_toss_tokens (
                    tenant TEXT NOT NULL, digest BLOB NOT NULL, app TEXT NOT NULL, user_key INTEGER NOT NULL, kind TEXT NOT NULL,
                    scopes TEXT NOT NULL, issued_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, ended_at INTEGER, ended_by TEXT,
                    PRIMARY KEY (tenant, digest)
                ) STRICT, WITHOUT ROWID
                """,
                "CREATE INDEX apps_in_toss_tokens_of ON apps_in_toss_tokens (tenant, app, user_key, issued_at)",
            ])
    ]
}
