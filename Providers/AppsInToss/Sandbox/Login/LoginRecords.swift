import Base
import Cryptography
import SandboxKit
import Storage

/// An authorizationCode, known by its digest.
struct AuthorizationCode: Equatable, Sendable {
    var app: String
    var userKey: Int64
    /// What the SDK gave beside the code, and must come back letter by letter.
    var referrer: String
    var scopes: [String]
    var terms: [String]
    var issuedAt: Timestamp
    /// When it was used, or made worthless by `spentBy`.
    var spentAt: Timestamp?
    var spentBy: String?

    init(app: String, userKey: Int64, referrer: String, scopes: [String], terms: [String], issuedAt: Timestamp) {
        self.app = app
        self.userKey = userKey
        self.referrer = referrer
        self.scopes = scopes
        self.terms = terms
        self.issuedAt = issuedAt
    }

    init?(_ row: Row) {
        guard let app = row.text("app"), let userKey = row.integer("user_key"), let referrer = row.text("referrer"),
            let scopes = row.texts("scopes"), let terms = row.texts("terms"), let issuedAt = row.moment("issued_at")
        else { return nil }
        self.init(app: app, userKey: userKey, referrer: referrer, scopes: scopes, terms: terms, issuedAt: issuedAt)
        spentAt = row.moment("spent_at")
        spentBy = row.text("spent_by")
    }
}

/// An access token or a refresh token, known by its digest.
struct LoginToken: Equatable, Sendable {
    enum Kind: String, Sendable {
        case access
        case refresh
    }

    var app: String
    var userKey: Int64
    var kind: Kind
    var scopes: [String]
    var issuedAt: Timestamp
    var expiresAt: Timestamp
    /// When it ended before its time, and what ended it.
    var endedAt: Timestamp?
    var endedBy: String?

    init(app: String, userKey: Int64, kind: Kind, scopes: [String], issuedAt: Timestamp, life: Duration) {
        self.app = app
        self.userKey = userKey
        self.kind = kind
        self.scopes = scopes
        self.issuedAt = issuedAt
        expiresAt = issuedAt + life
    }

    init?(_ row: Row) {
        guard let app = row.text("app"), let userKey = row.integer("user_key"), let kind = row.text("kind").flatMap(Kind.init),
            let scopes = row.texts("scopes"), let issuedAt = row.moment("issued_at"), let expiresAt = row.moment("expires_at")
        else { return nil }
        self.init(app: app, userKey: userKey, kind: kind, scopes: scopes, issuedAt: issuedAt, life: expiresAt - issuedAt)
        endedAt = row.moment("ended_at")
        endedBy = row.text("ended_by")
    }

    /// The token as the control API shows it; its text is nowhere.
    var json: JSON {
        [
            "app": .string(app), "user_key": .number(userKey), "kind": .string(kind.rawValue), "scopes": .texts(scopes),
            "issued_at": .optional(issuedAt), "expires_at": .optional(expiresAt), "ended_at": .optional(endedAt),
            "ended_by": .optional(endedBy),
        ]
    }
}

extension Records {
    /// How long what has run out is kept, so that a refusal can say what became of it.
    private static let memory = Duration.seconds(30 * 86_400)

    /// A fresh text for a code or a token: 43 characters that nobody can guess.
    static func freshToken(_ random: any RandomSource) -> String {
        String(
            decoding: Base64.encoded(random.bytes(32)).compactMap { byte in
                switch byte {
                case UInt8(ascii: "+"): UInt8(ascii: "-")
                case UInt8(ascii: "/"): UInt8(ascii: "_")
                case UInt8(ascii: "="): nil
                default: byte
                }
            }, as: UTF8.self)
    }

    private static func digest(_ text: String) -> SQLValue { .blob(Digest.sha256.hash(Array(text.utf8))) }

    // MARK: Codes

    func add(_ code: AuthorizationCode, text: String) throws {
        try connection.execute(
            "DELETE FROM apps_in_toss_codes WHERE tenant = ? AND app = ? AND user_key = ? AND issued_at < ?", owner, .text(code.app),
            .integer(code.userKey), (code.issuedAt - Records.memory).value)
        try connection.execute(
            "INSERT INTO apps_in_toss_codes VALUES (?,?,?,?,?,?,?,?,NULL,NULL)",
            values: [
                owner, Records.digest(text), .text(code.app), .integer(code.userKey), .text(code.referrer), .texts(code.scopes),
                .texts(code.terms), code.issuedAt.value,
            ])
    }

    func authorizationCode(_ text: String) throws -> AuthorizationCode? {
        try connection.query("SELECT * FROM apps_in_toss_codes WHERE tenant = ? AND digest = ?", owner, Records.digest(text)).first
            .flatMap(AuthorizationCode.init)
    }

    func spend(_ text: String, by reason: String, at now: Timestamp) throws {
        try connection.execute(
            "UPDATE apps_in_toss_codes SET spent_at = ?, spent_by = ? WHERE tenant = ? AND digest = ?", now.value, .text(reason), owner,
            Records.digest(text))
    }

    /// The codes of a mini-app, newest first.
    func authorizationCodes(of app: String, limit: Int64) throws -> [AuthorizationCode] {
        try connection.query(
            "SELECT * FROM apps_in_toss_codes WHERE tenant = ? AND app = ? ORDER BY issued_at DESC LIMIT ?", owner, .text(app),
            .integer(limit)
        ).compactMap(AuthorizationCode.init)
    }

    // MARK: Tokens

    func add(_ token: LoginToken, text: String) throws {
        try connection.execute(
            "DELETE FROM apps_in_toss_tokens WHERE tenant = ? AND app = ? AND user_key = ? AND issued_at < ? AND expires_at < ?", owner,
            .text(token.app), .integer(token.userKey), (token.issuedAt - Records.memory).value, (token.issuedAt - Records.memory).value)
        try connection.execute(
            "INSERT INTO apps_in_toss_tokens VALUES (?,?,?,?,?,?,?,?,NULL,NULL)",
            values: [
                owner, Records.digest(text), .text(token.app), .integer(token.userKey), .text(token.kind.rawValue), .texts(token.scopes),
                token.issuedAt.value, token.expiresAt.value,
            ])
    }

    func token(_ text: String) throws -> LoginToken? {
        try connection.query("SELECT * FROM apps_in_toss_tokens WHERE tenant = ? AND digest = ?", owner, Records.digest(text)).first
            .flatMap(LoginToken.init)
    }

    func endToken(_ text: String, by reason: String, at now: Timestamp) throws {
        try connection.execute(
            "UPDATE apps_in_toss_tokens SET ended_at = ?, ended_by = ? WHERE tenant = ? AND digest = ?", now.value, .text(reason), owner,
            Records.digest(text))
    }

    /// The tokens of a user, newest first.
    func tokens(of user: TossUser, limit: Int64) throws -> [LoginToken] {
        try connection.query(
            "SELECT * FROM apps_in_toss_tokens WHERE tenant = ? AND app = ? AND user_key = ? ORDER BY issued_at DESC LIMIT ?", owner,
            .text(user.app), .integer(user.key), .integer(limit)
        ).compactMap(LoginToken.init)
    }

    /// Ends the link of a user: every token and every code that was not used yet is worthless from now on.
    func endLink(of user: TossUser, by reason: String, state: TossUser.State, at now: Timestamp) throws -> TossUser {
        try connection.execute(
            "UPDATE apps_in_toss_tokens SET ended_at = ?, ended_by = ? WHERE tenant = ? AND app = ? AND user_key = ? AND ended_at IS NULL",
            now.value, .text(reason), owner, .text(user.app), .integer(user.key))
        try connection.execute(
            "UPDATE apps_in_toss_codes SET spent_at = ?, spent_by = ? WHERE tenant = ? AND app = ? AND user_key = ? AND spent_at IS NULL",
            now.value, .text(reason), owner, .text(user.app), .integer(user.key))
        var user = user
        user.state = state
        user.scopes = []
        user.terms = []
        try save(user)
        return user
    }
}
