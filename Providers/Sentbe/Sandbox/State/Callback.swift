import Base
import SandboxKit
import Sentbe
import Storage

/// One callback: kept until it was answered with 200, or given up.
struct Callback: Sendable {
    var id: Int64
    var partner: String
    var externalID: String
    var status: String
    var url: String
    /// How often it was sent before.
    var attempts: Int64
}

/// What came of sending a callback once.
struct CallbackAttempt: Sendable {
    var at: Timestamp
    /// The answer's status; nothing when there was no answer.
    var status: Int?
    /// Why there was no answer.
    var problem = ""
    /// Sentbe's page asks for 200 and nothing else.
    var isAccepted: Bool { status == 200 }
}

extension Records {
    /// A transfer has reached `status`: keeps a callback for sending at `moment`, when the partner has an address and the API's callbacks are switched on.
    func announce(
        _ api: SentbeAPI, partner id: String, transfer: Int64, externalID: String, status: String, settings: SandboxSettings,
        at moment: Timestamp
    ) throws {
        let isOn = api == .inbound ? settings[CommonSettings.inboundCallbacks] : settings[CommonSettings.outboundCallbacks]
        guard isOn, let url = try partner(id)?.callbackURL else { return }
        try connection.execute(
            """
            INSERT INTO sentbe_callbacks (tenant, partner, api, transfer, external_id, status, url, created_at, attempts, next_at, state)
            VALUES (?,?,?,?,?,?,?,?,0,?,'waiting')
            """,
            values: [
                owner, .text(id), .text(api.rawValue), .integer(transfer), .text(externalID), .text(status), .text(url), moment.value,
                moment.value,
            ])
    }

    /// What is to be sent by `now`, earliest first.
    func dueCallbacks(_ now: Timestamp, limit: Int64) throws -> [Callback] {
        try connection.query(
            "SELECT * FROM sentbe_callbacks WHERE tenant = ? AND next_at <= ? ORDER BY next_at, id LIMIT ?", owner, now.value,
            .integer(limit)
        ).compactMap(Callback.init)
    }

    /// When the next callback is due, those aside that are under way.
    func nextCallback(except underWay: Set<Int64>) throws -> Timestamp? {
        let rows = try connection.query(
            "SELECT id, next_at FROM sentbe_callbacks WHERE tenant = ? AND next_at IS NOT NULL ORDER BY next_at, id LIMIT ?", owner,
            .integer(Int64(underWay.count) + 1))
        return rows.first { !underWay.contains($0.integer("id") ?? 0) }?.moment("next_at")
    }

    /// Keeps the outcome of one attempt and when the next is due.
    func record(_ attempt: CallbackAttempt, of callback: Callback, next: Timestamp?) throws {
        let state = attempt.isAccepted ? "delivered" : next == nil ? "given-up" : "waiting"
        try connection.execute(
            "UPDATE sentbe_callbacks SET attempts = ?, next_at = ?, state = ? WHERE tenant = ? AND id = ?",
            values: [.integer(callback.attempts + 1), .moment(next), .text(state), owner, .integer(callback.id)])
        // The tenant may have been dropped while the callback was under way.
        guard connection.changes == 1 else { return }
        try connection.execute(
            "INSERT OR REPLACE INTO sentbe_callback_attempts VALUES (?,?,?,?,?,?,?)",
            values: [
                owner, .integer(callback.id), .integer(callback.attempts), attempt.at.value, .optional(attempt.status.map(Int64.init)),
                .text(attempt.problem), .boolean(attempt.isAccepted),
            ])
    }

    /// The callbacks with their attempts, newest first, for the control API. The token is not shown.
    func callbacks(limit: Int64) throws -> JSON {
        let rows = try connection.query("SELECT * FROM sentbe_callbacks WHERE tenant = ? ORDER BY id DESC LIMIT ?", owner, .integer(limit))
        return .array(
            try rows.map { row in
                let attempts = try connection.query(
                    "SELECT * FROM sentbe_callback_attempts WHERE tenant = ? AND callback = ? ORDER BY number", owner, row["id"])
                return [
                    "id": .number(row.integer("id") ?? 0), "partner_id": .optional(row.text("partner")), "api": .optional(row.text("api")),
                    "transfer_id": .number(row.integer("transfer") ?? 0), "external_id": .optional(row.text("external_id")),
                    "status": .optional(row.text("status")), "url": .optional(row.text("url")), "state": .optional(row.text("state")),
                    "created_at": .optional(row.moment("created_at")), "next_at": .optional(row.moment("next_at")),
                    "attempts": .array(
                        attempts.map { attempt in
                            [
                                "at": .optional(attempt.moment("at")), "status": attempt.integer("status").map { .number($0) } ?? .null,
                                "problem": .optional(attempt.text("answer")), "accepted": .boolean(attempt.boolean("is_accepted") ?? false),
                            ]
                        }),
                ]
            })
    }
}

extension Callback {
    init?(_ row: Row) {
        guard let id = row.integer("id"), let partner = row.text("partner"), let externalID = row.text("external_id"),
            let status = row.text("status"), let url = row.text("url"), let attempts = row.integer("attempts")
        else { return nil }
        self.init(id: id, partner: partner, externalID: externalID, status: status, url: url, attempts: attempts)
    }

    /// The body as it is sent: the documented members in their order.
    func body(token: String) -> [UInt8] {
        SentbeCallback(token: Secret(token), externalID: externalID, status: SentbeTransferStatus(rawValue: status)).body
    }
}
