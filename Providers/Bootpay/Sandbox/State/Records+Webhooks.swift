import Base
import SandboxKit
import Storage

/// One notification: kept until it was answered with `OK`, or given up.
struct Webhook: Sendable {
    var id: Int64
    var project: String
    var url: String
    var format: WebhookFormat
    /// What it says, but for the private key and the count of repeats, which are added when it is sent.
    var members: JSON.Members
    /// How often it was sent before.
    var attempts: Int64
    /// When it is due.
    var nextAt: Timestamp
}

/// What came of sending a notification once.
struct WebhookAttempt: Sendable {
    var at: Timestamp
    /// The answer's status; nothing when there was no answer.
    var status: Int?
    /// The beginning of the answer, or why there was none.
    var answer: String
    var isAccepted: Bool
}

extension Records {
    /// Keeps a notification for sending at `moment`.
    func add(
        webhookFor receipt: String, project: String, occasion: String, url: String, format: WebhookFormat, members: JSON.Members,
        at moment: Timestamp
    ) throws {
        try connection.execute(
            """
            INSERT INTO bootpay_webhooks (tenant, project, receipt_id, occasion, url, format, members, created_at, attempts, next_at, state)
            VALUES (?,?,?,?,?,?,?,?,0,?,'waiting')
            """,
            values: [
                owner, .text(project), .text(receipt), .text(occasion), .text(url), .text(format.rawValue),
                .text(JSON.object(members).text), moment.value, moment.value,
            ])
    }

    /// What is to be sent by `now`, earliest first.
    func dueWebhooks(_ now: Timestamp, limit: Int64) throws -> [Webhook] {
        try connection.query(
            "SELECT * FROM bootpay_webhooks WHERE tenant = ? AND next_at <= ? ORDER BY next_at, id LIMIT ?", owner, now.value,
            .integer(limit)
        ).compactMap(Webhook.init)
    }

    /// Keeps the outcome of one attempt and when the next is due.
    func record(_ attempt: WebhookAttempt, of webhook: Webhook, next: Timestamp?) throws {
        let state = attempt.isAccepted ? "delivered" : next == nil ? "given-up" : "waiting"
        try connection.execute(
            "UPDATE bootpay_webhooks SET attempts = ?, next_at = ?, state = ? WHERE tenant = ? AND id = ?",
            values: [.integer(webhook.attempts + 1), .moment(next), .text(state), owner, .integer(webhook.id)])
        // The tenant may have been dropped while the notification was under way.
        guard connection.changes == 1 else { return }
        try connection.execute(
            "INSERT OR REPLACE INTO bootpay_webhook_attempts VALUES (?,?,?,?,?,?,?)",
            values: [
                owner, .integer(webhook.id), .integer(webhook.attempts), attempt.at.value, .optional(attempt.status.map(Int64.init)),
                .text(attempt.answer), .text(attempt.isAccepted ? "S" : "N"),
            ])
    }

    /// The notifications with their attempts, newest first, for the control API.
    func webhooks(limit: Int64, receipt: String?) throws -> JSON {
        let rows = try connection.query(
            "SELECT * FROM bootpay_webhooks WHERE tenant = ? AND (?2 IS NULL OR receipt_id = ?2) ORDER BY id DESC LIMIT ?3", owner,
            .optional(receipt), .integer(limit))
        return .array(
            try rows.map { row in
                let id = row.integer("id") ?? 0
                return [
                    "id": .number(id), "receipt_id": .text(row["receipt_id"]), "occasion": .text(row["occasion"]), "url": .text(row["url"]),
                    "format": .text(row["format"]), "state": .text(row["state"]), "created_at": .moment(row["created_at"]),
                    "next_at": .moment(row["next_at"]), "feedback": row.text("state") == "delivered" ? "S" : "N",
                    "members": row.text("members").flatMap { try? JSON($0) } ?? .null, "attempts": try attempts(of: id),
                ]
            })
    }

    private func attempts(of webhook: Int64) throws -> JSON {
        let rows = try connection.query(
            "SELECT * FROM bootpay_webhook_attempts WHERE tenant = ? AND webhook = ? ORDER BY number", owner, .integer(webhook))
        return .array(
            rows.map { row in
                [
                    "retry_count": .number(row.integer("number") ?? 0), "at": .moment(row["at"]),
                    "status": row.integer("status").map { .number($0) } ?? .null, "answer": .text(row["answer"]),
                    "feedback": .text(row["feedback"]),
                ]
            })
    }

    /// When the next thing comes due, those notifications left out that are under way.
    func nextDue(exceptWebhooks underWay: Set<Int64>) throws -> Timestamp? {
        let reservation = try connection.query(
            "SELECT MIN(execute_at) AS due FROM bootpay_reservations WHERE tenant = ? AND status = 0", owner
        ).first?.moment("due")
        let payment = try connection.query("SELECT MIN(due_at) AS due FROM bootpay_payments WHERE tenant = ?", owner).first?.moment("due")
        let webhook = try connection.query(
            "SELECT id, next_at FROM bootpay_webhooks WHERE tenant = ? AND next_at IS NOT NULL ORDER BY next_at, id LIMIT ?", owner,
            .integer(Int64(underWay.count) + 1)
        ).first { !underWay.contains($0.integer("id") ?? 0) }?.moment("next_at")
        return [reservation, payment, webhook].compactMap { $0 }.min()
    }

    /// Whether a reservation or a payment is changed by time at `now`.
    func isAnythingDue(_ now: Timestamp) throws -> Bool {
        try !connection.query(
            """
            SELECT 1 FROM bootpay_payments WHERE tenant = ?1 AND due_at <= ?2
            UNION ALL SELECT 1 FROM bootpay_reservations WHERE tenant = ?1 AND status = 0 AND execute_at <= ?2 LIMIT 1
            """, owner, now.value
        ).isEmpty
    }
}

extension Webhook {
    init?(_ row: Row) {
        guard let id = row.integer("id"), let project = row.text("project"), let url = row.text("url"),
            let format = row.text("format").flatMap(WebhookFormat.init), let members = row.text("members"),
            let members = (try? JSON(members))?.members, let attempts = row.integer("attempts"), let nextAt = row.moment("next_at")
        else { return nil }
        self.init(id: id, project: project, url: url, format: format, members: members, attempts: attempts, nextAt: nextAt)
    }
}
