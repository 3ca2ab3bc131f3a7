import Base
import Bootpay
import SandboxKit
import Storage

/// One tenant's rows, within one read or write.
struct Records {
    let connection: Connection
    let tenant: TenantID

    init(_ connection: Connection, _ tenant: TenantID) {
        self.connection = connection
        self.tenant = tenant
    }

    /// The tenant's name as a statement's value.
    var owner: SQLValue { .text(tenant.rawValue) }
}

// MARK: Payments

extension Records {
    /// The payment of that receipt id, whichever project's.
    func payment(_ id: String) throws -> Payment? {
        try connection.query("SELECT * FROM bootpay_payments WHERE tenant = ? AND receipt_id = ?", owner, .text(id)).first
            .flatMap(Payment.init)
    }

    /// The newest payments first.
    func payments(limit: Int64) throws -> [Payment] {
        try connection.query("SELECT * FROM bootpay_payments WHERE tenant = ? ORDER BY sequence DESC LIMIT ?", owner, .integer(limit))
            .compactMap(Payment.init)
    }

    /// The payments that time changes by `now`, earliest first.
    func duePayments(_ now: Timestamp) throws -> [Payment] {
        try connection.query(
            "SELECT * FROM bootpay_payments WHERE tenant = ? AND due_at <= ? ORDER BY due_at, sequence", owner, now.value
        ).compactMap(Payment.init)
    }

    /// Adds a payment, or replaces the one of that id.
    func save(_ payment: Payment) throws {
        try connection.execute(
            """
            INSERT INTO bootpay_payments VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,
                (SELECT COALESCE(MAX(sequence), 0) + 1 FROM bootpay_payments WHERE tenant = ?1))
            ON CONFLICT (tenant, receipt_id) DO UPDATE SET
                status = excluded.status, cancelled_price = excluded.cancelled_price, cancelled_tax_free = excluded.cancelled_tax_free,
                purchased_at = excluded.purchased_at, revoked_at = excluded.revoked_at, last_partial_cancel = excluded.last_partial_cancel,
                at_gateway = excluded.at_gateway, due_at = excluded.due_at, details = excluded.details
            """,
            values: [
                owner, .text(payment.id), .text(payment.project), .integer(Int64(payment.status.rawValue)), .integer(payment.price),
                .integer(payment.taxFree), .integer(payment.cancelledPrice), .integer(payment.cancelledTaxFree), .text(payment.orderID),
                .text(payment.name), .text(payment.gateway), .text(payment.method), payment.requestedAt.value,
                .moment(payment.purchasedAt), .moment(payment.revokedAt), .moment(payment.lastPartialCancel),
                .boolean(payment.isCancelledAtGateway), .moment(payment.dueAt), .optional(payment.billingKey),
                .optional(payment.feedbackURL), .optional(payment.feedbackType?.rawValue), .text(payment.details.json.text),
            ])
    }

    /// Whether a cancel with that `cancel_id` went through in the project.
    func isCancelUsed(_ cancelID: String, project: String) throws -> Bool {
        try !connection.query(
            "SELECT 1 FROM bootpay_cancels WHERE tenant = ? AND project = ? AND cancel_id = ? LIMIT 1", owner, .text(project),
            .text(cancelID)
        ).isEmpty
    }

    /// Keeps a cancel that went through, or runs at the gateway.
    func recordCancel(
        of payment: Payment, _ grant: CancelRule.Grant, cancelID: String?, name: String?, reason: String?, at moment: Timestamp
    ) throws {
        try connection.execute(
            """
            INSERT INTO bootpay_cancels (tenant, project, receipt_id, cancel_id, price, tax_free, name, reason, cancelled_at)
            VALUES (?,?,?,?,?,?,?,?,?)
            """,
            values: [
                owner, .text(payment.project), .text(payment.id), .optional(cancelID), .integer(grant.price), .integer(grant.taxFree),
                .optional(name), .optional(reason), moment.value,
            ])
    }

    /// The cancels of a receipt, oldest first, for the control API.
    func cancels(of id: String) throws -> JSON {
        let rows = try connection.query("SELECT * FROM bootpay_cancels WHERE tenant = ? AND receipt_id = ? ORDER BY id", owner, .text(id))
        return .array(
            rows.map { row in
                [
                    "price": .number(row.integer("price") ?? 0), "tax_free": .number(row.integer("tax_free") ?? 0),
                    "cancel_id": .text(row["cancel_id"]), "name": .text(row["name"]), "reason": .text(row["reason"]),
                    "cancelled_at": .moment(row["cancelled_at"]),
                ]
            })
    }
}

extension Payment {
    /// Reads a row.
    init?(_ row: Row) {
        guard let id = row.text("receipt_id"), let project = row.text("project"), let status = row.integer("status"),
            let price = row.integer("price"), let taxFree = row.integer("tax_free"), let cancelled = row.integer("cancelled_price"),
            let cancelledTaxFree = row.integer("cancelled_tax_free"), let orderID = row.text("order_id"), let name = row.text("name"),
            let gateway = row.text("gateway"), let method = row.text("method"), let requestedAt = row.moment("requested_at"),
            let details = row.text("details"), let details = try? JSON(details)
        else { return nil }
        self.init(
            id: id, project: project, status: PaymentStatus(rawValue: Int(status)), price: price, taxFree: taxFree,
            cancelledPrice: cancelled, cancelledTaxFree: cancelledTaxFree, orderID: orderID, name: name, gateway: gateway, method: method,
            requestedAt: requestedAt, purchasedAt: row.moment("purchased_at"), revokedAt: row.moment("revoked_at"),
            lastPartialCancel: row.moment("last_partial_cancel"), isCancelledAtGateway: row.boolean("at_gateway") ?? false,
            dueAt: row.moment("due_at"), billingKey: row.text("billing_key"), feedbackURL: row.text("feedback_url"),
            feedbackType: row.text("feedback_type").flatMap(WebhookFormat.init), details: Details(details))
    }
}

// MARK: Moments and texts in rows

extension JSON {
    /// A column's text, or null.
    static func text(_ value: SQLValue) -> JSON { value.text.map { .string($0) } ?? .null }
    /// A column's moment in the way of the control API, or null.
    static func moment(_ value: SQLValue) -> JSON {
        value.integer.map { .string(Timestamp(nanosecondsSinceEpoch: $0).internetText) } ?? .null
    }
}
