import AppsInToss
import Base
import SandboxKit
import Storage

/// One in-app order as it is kept.
struct Order: Equatable, Sendable {
    var id: String
    var app: String
    /// The buyer; nothing when nobody was named.
    var userKey: Int64?
    var sku: String
    var status: OrderStatus
    /// Why it stands there, as it was told; nothing leaves it to ``reason(at:grantTime:)``.
    var ownReason: String?
    /// When it came to stand there.
    var determinedAt: Timestamp
    var createdAt: Timestamp

    /// The word for a product that was paid and not granted.
    static let notGranted = "PRODUCT_NOT_GRANTED_BY_PARTNER"

    /// What `reason` says: an order that stays ungranted for longer than the mini-app has time says so.
    func reason(at now: Timestamp, grantTime: Duration) -> String? {
        if let ownReason { return ownReason }
        return status == .paymentCompleted && now - determinedAt >= grantTime ? Order.notGranted : nil
    }

    /// A move was made.
    mutating func moved(_ move: OrderMove, to target: OrderStatus, at moment: Timestamp) {
        ownReason = move == .failGrant ? Order.notGranted : nil
        // A failed grant leaves the order where it stands, and so since when.
        if target != status { determinedAt = moment }
        status = target
    }
}

/// One subscription as it is kept.
struct Subscription: Equatable, Sendable {
    /// The order that it began with.
    var orderID: String
    var app: String
    var sku: String
    var course: SubscriptionCourse
    var createdAt: Timestamp
    /// When time moves it by itself; nothing when it does not.
    var dueAt: Timestamp?
}

enum PurchaseTables {
    static let names = ["apps_in_toss_orders", "apps_in_toss_subscriptions"]

    static let migrations = [
        Migration(
            version: 1,
            statements: [
                """
                CREATE TABLE apps_in_toss_orders (
                    number INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, id TEXT NOT NULL, app TEXT NOT NULL, user_key INTEGER,
                    sku TEXT NOT NULL, status TEXT NOT NULL, reason TEXT, determined_at INTEGER NOT NULL, created_at INTEGER NOT NULL,
                    UNIQUE (tenant, id)
                ) STRICT
                """,
                """
                CREATE TABLE apps_in_toss_subscriptions (
                    number INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, order_id TEXT NOT NULL, app TEXT NOT NULL,
                    sku TEXT NOT NULL, phase TEXT NOT NULL, access_granted INTEGER NOT NULL, expires_at INTEGER, auto_renew INTEGER NOT NULL,
                    created_at INTEGER NOT NULL, due_at INTEGER, UNIQUE (tenant, order_id)
                ) STRICT
                """,
                "CREATE INDEX apps_in_toss_subscriptions_due ON apps_in_toss_subscriptions (tenant, due_at) WHERE due_at IS NOT NULL",
            ])
    ]
}

extension Order {
    init?(_ row: Row) {
        guard let id = row.text("id"), let app = row.text("app"), let sku = row.text("sku"),
            let status = row.text("status").flatMap(OrderStatus.init), let determinedAt = row.moment("determined_at"),
            let createdAt = row.moment("created_at")
        else { return nil }
        self.init(
            id: id, app: app, userKey: row.integer("user_key"), sku: sku, status: status, ownReason: row.text("reason"),
            determinedAt: determinedAt, createdAt: createdAt)
    }
}

extension Subscription {
    init?(_ row: Row) {
        guard let orderID = row.text("order_id"), let app = row.text("app"), let sku = row.text("sku"),
            let phase = row.text("phase").flatMap(SubscriptionPhase.init), let granted = row.boolean("access_granted"),
            let autoRenew = row.boolean("auto_renew"), let createdAt = row.moment("created_at")
        else { return nil }
        let state = SubscriptionState(
            phase: phase, accessGranted: granted, expiresAt: row.moment("expires_at"), autoRenew: autoRenew)
        self.init(
            orderID: orderID, app: app, sku: sku, course: SubscriptionCourse(stored: state), createdAt: createdAt,
            dueAt: row.moment("due_at"))
    }
}

extension Records {
    /// The order of that id, whichever mini-app's.
    func order(_ id: String) throws -> Order? {
        try connection.query("SELECT * FROM apps_in_toss_orders WHERE tenant = ? AND id = ?", owner, .text(id)).first.flatMap(Order.init)
    }

    /// The orders of a mini-app or of all, newest first.
    func orders(of app: String?, limit: Int64) throws -> [Order] {
        try connection.query(
            "SELECT * FROM apps_in_toss_orders WHERE tenant = ?1 AND (?2 IS NULL OR app = ?2) ORDER BY number DESC LIMIT ?3", owner,
            .optional(app), .integer(limit)
        ).compactMap(Order.init)
    }

    /// Adds an order.
    ///
    /// - Throws: `StorageError` with `isDuplicate` when there is one of that id.
    func add(_ order: Order) throws {
        try connection.execute(
            """
            INSERT INTO apps_in_toss_orders (tenant, id, app, user_key, sku, status, reason, determined_at, created_at)
            VALUES (?,?,?,?,?,?,?,?,?)
            """,
            values: [
                owner, .text(order.id), .text(order.app), .optional(order.userKey), .text(order.sku), .text(order.status.rawValue),
                .optional(order.ownReason), order.determinedAt.value, order.createdAt.value,
            ])
    }

    /// Keeps what changes of an order.
    func save(_ order: Order) throws {
        try connection.execute(
            "UPDATE apps_in_toss_orders SET status = ?, reason = ?, determined_at = ? WHERE tenant = ? AND id = ?",
            .text(order.status.rawValue), .optional(order.ownReason), order.determinedAt.value, owner, .text(order.id))
    }

    /// The subscription that began with that order, whichever mini-app's.
    func subscription(_ orderID: String) throws -> Subscription? {
        try connection.query("SELECT * FROM apps_in_toss_subscriptions WHERE tenant = ? AND order_id = ?", owner, .text(orderID)).first
            .flatMap(Subscription.init)
    }

    /// The subscriptions of a mini-app or of all, newest first.
    func subscriptions(of app: String?, limit: Int64) throws -> [Subscription] {
        try connection.query(
            "SELECT * FROM apps_in_toss_subscriptions WHERE tenant = ?1 AND (?2 IS NULL OR app = ?2) ORDER BY number DESC LIMIT ?3", owner,
            .optional(app), .integer(limit)
        ).compactMap(Subscription.init)
    }

    /// The subscription that time moves first.
    func nextDueSubscription() throws -> Subscription? {
        try connection.query(
            "SELECT * FROM apps_in_toss_subscriptions WHERE tenant = ? AND due_at IS NOT NULL ORDER BY due_at, number LIMIT 1", owner
        ).first.flatMap(Subscription.init)
    }

    /// Adds a subscription, or keeps what changes of one.
    func save(_ subscription: Subscription) throws {
        let state = subscription.course.state
        try connection.execute(
            """
            INSERT INTO apps_in_toss_subscriptions (tenant, order_id, app, sku, phase, access_granted, expires_at, auto_renew, created_at,
                due_at) VALUES (?,?,?,?,?,?,?,?,?,?)
            ON CONFLICT (tenant, order_id) DO UPDATE SET phase = excluded.phase, access_granted = excluded.access_granted,
                expires_at = excluded.expires_at, auto_renew = excluded.auto_renew, due_at = excluded.due_at
            """,
            values: [
                owner, .text(subscription.orderID), .text(subscription.app), .text(subscription.sku), .text(state.phase.rawValue),
                .boolean(state.accessGranted), .moment(state.expiresAt), .boolean(state.autoRenew), subscription.createdAt.value,
                .moment(subscription.dueAt),
            ])
    }
}
