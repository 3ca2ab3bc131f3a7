import AppsInToss
import Base
import SandboxKit
import Storage

/// One promotion as it is kept.
struct Promotion: Equatable, Sendable {
    /// `promotionCode`.
    var code: String
    var app: String
    var budget: PromotionBudget
    /// How many of the next grants are refused with 4110.
    var transient: Int64
    var createdAt: Timestamp

    /// What a test code begins with.
    static let testMark = "TEST_"

    /// The code that must have granted once before this promotion may begin; nothing for a test code itself.
    var testCode: String? { code.hasPrefix(Promotion.testMark) ? nil : Promotion.testMark + code }
}

/// One key for one grant, as it is kept.
struct PromotionKey: Equatable, Sendable {
    /// Base64 of 32 bytes.
    var key: String
    var app: String
    var course: PromotionKeyCourse
    /// Whether its points came back.
    var isGivenBack = false
}

enum PromotionTables {
    static let names = ["apps_in_toss_promotions", "apps_in_toss_promotion_keys"]

    static let migrations = [
        Migration(
            version: 1,
            statements: [
                """
                CREATE TABLE apps_in_toss_promotions (
                    tenant TEXT NOT NULL, app TEXT NOT NULL, code TEXT NOT NULL, state TEXT NOT NULL, budget INTEGER NOT NULL,
                    spent INTEGER NOT NULL CHECK (spent BETWEEN 0 AND budget), per_grant INTEGER NOT NULL, money INTEGER CHECK (money >= 0),
                    transient INTEGER NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (tenant, app, code)
                ) STRICT, WITHOUT ROWID
                """,
                """
                CREATE TABLE apps_in_toss_promotion_keys (
                    number INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, key TEXT NOT NULL, app TEXT NOT NULL,
                    issued_at INTEGER NOT NULL, promotion TEXT, user TEXT, amount INTEGER, granted_at INTEGER, outcome TEXT,
                    pending INTEGER NOT NULL, is_given_back INTEGER NOT NULL, UNIQUE (tenant, key)
                ) STRICT
                """,
                """
                CREATE INDEX apps_in_toss_promotion_keys_of ON apps_in_toss_promotion_keys (tenant, app, user, promotion)
                    WHERE user IS NOT NULL
                """,
            ])
    ]
}

extension Promotion {
    init?(_ row: Row) {
        guard let code = row.text("code"), let app = row.text("app"), let state = row.text("state").flatMap(PromotionState.init),
            let budget = row.integer("budget"), let spent = row.integer("spent"), let perGrant = row.integer("per_grant"),
            let transient = row.integer("transient"), let createdAt = row.moment("created_at")
        else { return nil }
        self.init(
            code: code, app: app,
            budget: PromotionBudget(state: state, budget: budget, spent: spent, perGrant: perGrant, money: row.integer("money")),
            transient: transient, createdAt: createdAt)
    }

    /// The promotion as the control API shows it.
    var json: JSON {
        [
            "promotionCode": .string(code), "app": .string(app), "state": .string(budget.state.rawValue), "budget": .number(budget.budget),
            "spent": .number(budget.spent), "left": .number(budget.budget - budget.spent), "per_grant": .number(budget.perGrant),
            "money": .optional(budget.money), "transient": .number(transient), "created_at": .optional(createdAt),
        ]
    }
}

extension PromotionKey {
    init?(_ row: Row) {
        guard let key = row.text("key"), let app = row.text("app"), let issuedAt = row.moment("issued_at"),
            let pending = row.integer("pending"), let isGivenBack = row.boolean("is_given_back")
        else { return nil }
        var grant: PromotionKeyCourse.Grant?
        if let promotion = row.text("promotion"), let user = row.text("user"), let amount = row.integer("amount"),
            let at = row.moment("granted_at"), let outcome = row.text("outcome").flatMap(PromotionKeyCourse.Outcome.init)
        {
            grant = .init(promotion: promotion, user: user, amount: amount, at: at, outcome: outcome, pendingPolls: pending)
        }
        self.init(key: key, app: app, course: PromotionKeyCourse(issuedAt: issuedAt, grant: grant), isGivenBack: isGivenBack)
    }

    /// The key as the control API shows it.
    var json: JSON {
        var members: JSON.Members = ["key": .string(key), "app": .string(app), "issued_at": .optional(course.issuedAt)]
        guard let grant = course.grant else { return .object(members) }
        members["promotionCode"] = .string(grant.promotion)
        members["user"] = .string(grant.user)
        members["amount"] = .number(grant.amount)
        members["granted_at"] = .optional(grant.at)
        members["outcome"] = .string(grant.outcome.rawValue)
        members["pending_polls"] = .number(grant.pendingPolls)
        members["given_back"] = .boolean(isGivenBack)
        return .object(members)
    }
}

extension Records {
    /// The mini-app's promotion of that code.
    func promotion(_ code: String, of app: String) throws -> Promotion? {
        try connection.query(
            "SELECT * FROM apps_in_toss_promotions WHERE tenant = ? AND app = ? AND code = ?", owner, .text(app), .text(code)
        )
        .first.flatMap(Promotion.init)
    }

    /// Whether some other mini-app of the tenant has a promotion of that code: so that a refusal can say so.
    func isPromotionOfOtherApp(_ code: String, than app: String) throws -> Bool {
        try !connection.query(
            "SELECT 1 FROM apps_in_toss_promotions WHERE tenant = ? AND code = ? AND app <> ? LIMIT 1", owner, .text(code), .text(app)
        ).isEmpty
    }

    /// The mini-app's promotions, the oldest first.
    func promotions(of app: String) throws -> [Promotion] {
        try connection.query(
            "SELECT * FROM apps_in_toss_promotions WHERE tenant = ? AND app = ? ORDER BY created_at, code", owner, .text(app)
        )
        .compactMap(Promotion.init)
    }

    /// Adds a promotion, or keeps what has changed of one.
    func save(_ promotion: Promotion) throws {
        let budget = promotion.budget
        try connection.execute(
            """
            INSERT INTO apps_in_toss_promotions VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT (tenant, app, code) DO UPDATE SET
                state = excluded.state, budget = excluded.budget, spent = excluded.spent, per_grant = excluded.per_grant,
                money = excluded.money, transient = excluded.transient
            """,
            values: [
                owner, .text(promotion.app), .text(promotion.code), .text(budget.state.rawValue), .integer(budget.budget),
                .integer(budget.spent), .integer(budget.perGrant), .optional(budget.money), .integer(promotion.transient),
                promotion.createdAt.value,
            ])
    }

    /// The key, whichever mini-app's.
    func promotionKey(_ key: String) throws -> PromotionKey? {
        try connection.query("SELECT * FROM apps_in_toss_promotion_keys WHERE tenant = ? AND key = ?", owner, .text(key)).first
            .flatMap(PromotionKey.init)
    }

    /// A mini-app's keys, newest first; perhaps only those used for one promotion.
    func promotionKeys(of app: String, promotion: String?, limit: Int64) throws -> [PromotionKey] {
        try connection.query(
            """
            SELECT * FROM apps_in_toss_promotion_keys WHERE tenant = ?1 AND app = ?2 AND (?3 IS NULL OR promotion = ?3)
            ORDER BY number DESC LIMIT ?4
            """, owner, .text(app), .optional(promotion), .integer(limit)
        ).compactMap(PromotionKey.init)
    }

    /// How many points a user of a mini-app has got, out of one promotion or of all; those that came back do not count.
    func pointsReceived(by user: String, of app: String, promotion: String?) throws -> Int64 {
        try connection.query(
            """
            SELECT COALESCE(SUM(amount), 0) AS points FROM apps_in_toss_promotion_keys
            WHERE tenant = ?1 AND app = ?2 AND user = ?3 AND is_given_back = 0 AND (?4 IS NULL OR promotion = ?4)
            """, owner, .text(app), .text(user), .optional(promotion)
        ).first?.integer("points") ?? 0
    }

    /// Whether a grant of that promotion has succeeded.
    func hasGranted(_ code: String, of app: String) throws -> Bool {
        try !connection.query(
            """
            SELECT 1 FROM apps_in_toss_promotion_keys WHERE tenant = ? AND app = ? AND user IS NOT NULL AND promotion = ? AND outcome = 'SUCCESS'
            LIMIT 1
            """, owner, .text(app), .text(code)
        ).isEmpty
    }

    /// Adds a key.
    func add(_ key: PromotionKey) throws {
        try connection.execute(
            """
            INSERT INTO apps_in_toss_promotion_keys (tenant, key, app, issued_at, pending, is_given_back) VALUES (?,?,?,?,0,0)
            """, owner, .text(key.key), .text(key.app), key.course.issuedAt.value)
    }

    /// Keeps what changes of a key.
    func save(_ key: PromotionKey) throws {
        let grant = key.course.grant
        try connection.execute(
            """
            UPDATE apps_in_toss_promotion_keys SET promotion = ?, user = ?, amount = ?, granted_at = ?, outcome = ?, pending = ?,
                is_given_back = ? WHERE tenant = ? AND key = ?
            """,
            values: [
                .optional(grant?.promotion), .optional(grant?.user), .optional(grant?.amount), .moment(grant?.at),
                .optional(grant?.outcome.rawValue), .integer(grant?.pendingPolls ?? 0), .boolean(key.isGivenBack), owner, .text(key.key),
            ])
    }
}
