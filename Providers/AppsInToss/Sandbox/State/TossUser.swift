import AppsInToss
import Base
import SandboxKit
import Storage

/// A user as one mini-app knows them.
struct TossUser: Equatable, Sendable {
    /// Where their link to the mini-app stands.
    enum State: String, Sendable {
        /// They have not consented yet.
        case known
        /// They have consented.
        case linked
        /// They, or the mini-app, have ended the link.
        case unlinked
        /// They have left Toss.
        case left
    }

    /// `userKey`: stable for the user and the mini-app.
    var key: Int64
    var app: String
    /// What Toss knows of them: `name`, `phone`, `birthday`, `ci`, `gender`, `nationality`, `email`.
    var profile: JSON.Members
    /// What they have agreed to tell, such as `USER_NAME`.
    var scopes: [String] = []
    /// The tags of the terms they have agreed to.
    var terms: [String] = []
    var state = State.known
    /// Whether pushes do not reach them.
    var refusesPush = false
    var createdAt: Timestamp

    /// The members of a profile, in the order in which login-me tells them.
    static let profileMembers = ["name", "phone", "birthday", "ci", "gender", "nationality", "email"]
}

/// Somebody who uses a mini-app without having logged in.
struct AnonymousUser: Equatable, Sendable {
    /// `x-anon-key`.
    var key: String
    var app: String
    var refusesPush = false
    var createdAt: Timestamp
}

extension TossUser {
    init?(_ row: Row) {
        guard let key = row.integer("user_key"), let app = row.text("app"), let profile = row.members("profile"),
            let scopes = row.texts("scopes"), let terms = row.texts("terms"), let state = row.text("state").flatMap(State.init),
            let refusesPush = row.boolean("refuses_push"), let createdAt = row.moment("created_at")
        else { return nil }
        self.init(
            key: key, app: app, profile: profile, scopes: scopes, terms: terms, state: state, refusesPush: refusesPush, createdAt: createdAt
        )
    }

    /// The user as the control API shows them: made-up people, shown to who made them up.
    var json: JSON {
        [
            "user_key": .number(key), "app": .string(app), "state": .string(state.rawValue), "scopes": .texts(scopes),
            "terms": .texts(terms), "profile": .object(profile), "refuses_push": .boolean(refusesPush), "created_at": .optional(createdAt),
        ]
    }
}

extension AnonymousUser {
    init?(_ row: Row) {
        guard let key = row.text("anonymous_key"), let app = row.text("app"), let refusesPush = row.boolean("refuses_push"),
            let createdAt = row.moment("created_at")
        else { return nil }
        self.init(key: key, app: app, refusesPush: refusesPush, createdAt: createdAt)
    }

    /// The user as the control API shows them.
    var json: JSON {
        [
            "anonymous_key": .string(key), "app": .string(app), "refuses_push": .boolean(refusesPush), "created_at": .optional(createdAt),
        ]
    }
}

extension Records {
    /// The user of that key, as that mini-app knows them; another mini-app's do not exist for it.
    func user(_ key: Int64, of app: String) throws -> TossUser? {
        try connection.query(
            "SELECT * FROM apps_in_toss_users WHERE tenant = ? AND app = ? AND user_key = ?", owner, .text(app), .integer(key)
        ).first.flatMap(TossUser.init)
    }

    /// The users of a mini-app, the oldest first.
    func users(of app: String, limit: Int64) throws -> [TossUser] {
        try connection.query(
            "SELECT * FROM apps_in_toss_users WHERE tenant = ? AND app = ? ORDER BY created_at, user_key LIMIT ?", owner, .text(app),
            .integer(limit)
        ).compactMap(TossUser.init)
    }

    /// Whether some mini-app of the tenant knows a user of that key: so that a refusal can say so.
    func isUserOfOtherApp(_ key: Int64, than app: String) throws -> Bool {
        try !connection.query(
            "SELECT 1 FROM apps_in_toss_users WHERE tenant = ? AND user_key = ? AND app <> ? LIMIT 1", owner, .integer(key), .text(app)
        ).isEmpty
    }

    /// Adds a user, or keeps what has changed of one.
    func save(_ user: TossUser) throws {
        try connection.execute(
            "INSERT OR REPLACE INTO apps_in_toss_users VALUES (?,?,?,?,?,?,?,?,?)",
            values: [
                owner, .text(user.app), .integer(user.key), .text(JSON.object(user.profile).text), .texts(user.scopes), .texts(user.terms),
                .text(user.state.rawValue), .boolean(user.refusesPush), user.createdAt.value,
            ])
    }

    /// A user key that the mini-app does not have yet.
    func freshUserKey(of app: String, _ random: any RandomSource) throws -> Int64 {
        while true {
            let key = 100_000_000 + Int64(random.number(below: 900_000_000))
            if try user(key, of: app) == nil { return key }
        }
    }

    /// The anonymous user of that key, as that mini-app knows them.
    func anonymousUser(_ key: String, of app: String) throws -> AnonymousUser? {
        try connection.query(
            "SELECT * FROM apps_in_toss_anonymous WHERE tenant = ? AND app = ? AND anonymous_key = ?", owner, .text(app), .text(key)
        ).first.flatMap(AnonymousUser.init)
    }

    /// The anonymous users of a mini-app, the oldest first.
    func anonymousUsers(of app: String, limit: Int64) throws -> [AnonymousUser] {
        try connection.query(
            "SELECT * FROM apps_in_toss_anonymous WHERE tenant = ? AND app = ? ORDER BY created_at, anonymous_key LIMIT ?", owner,
            .text(app), .integer(limit)
        ).compactMap(AnonymousUser.init)
    }

    /// Adds an anonymous user, or keeps what has changed of one.
    func save(_ user: AnonymousUser) throws {
        try connection.execute(
            "INSERT OR REPLACE INTO apps_in_toss_anonymous VALUES (?,?,?,?,?)", owner, .text(user.app), .text(user.key),
            .boolean(user.refusesPush), user.createdAt.value)
    }
}
