import Base
import SandboxKit
import Storage
import Transport

/// One call of the sandbox to a partner: kept until it was answered as its kind wants it, or given up.
struct Callback: Sendable {
    var id: Int64 = 0
    var app: String
    /// The name of its ``CallbackKind``.
    var kind: String
    var method: HTTPMethod
    /// With the query.
    var url: String
    /// A JSON text; empty for GET.
    var body: String
    /// How often it was sent before.
    var attempts: Int64 = 0
}

/// A kind of callback: how its sender proves itself. The proof is made when the callback is sent and is not kept beside it.
struct CallbackKind: Sendable {
    var name: String
    /// The value of `Authorization`; nothing when nothing proves it.
    var authorization: @Sendable (_ app: MiniApp, _ settings: SandboxSettings) -> String?
    /// Whether an answer of that status means that the callback was taken. Nobody has documented it: any success, unless the kind knows better.
    var accepts: @Sendable (_ status: Int, _ settings: SandboxSettings) -> Bool = { status, _ in (200...299).contains(status) }
}

/// What came of sending a callback once.
struct CallbackAttempt: Sendable {
    var at: Timestamp
    /// The answer's status; nothing when there was no answer.
    var status: Int?
    /// Why there was no answer.
    var problem = ""
    /// Whether the partner has taken it, by ``CallbackKind/accepts``.
    var isAccepted = false
}

extension Records {
    /// Keeps a callback for sending at `moment`. The caller tells the sandbox that something comes due: `scheduleChanged`.
    func announce(_ callback: Callback, at moment: Timestamp) throws {
        try connection.execute(
            """
            INSERT INTO apps_in_toss_callbacks (tenant, app, kind, method, url, body, created_at, attempts, next_at, state)
            VALUES (?,?,?,?,?,?,?,0,?,'waiting')
            """,
            values: [
                owner, .text(callback.app), .text(callback.kind), .text(callback.method.rawValue), .text(callback.url),
                .text(callback.body),
                moment.value, moment.value,
            ])
    }

    /// What is to be sent by `now`, earliest first.
    func dueCallbacks(_ now: Timestamp, limit: Int64) throws -> [Callback] {
        try connection.query(
            "SELECT * FROM apps_in_toss_callbacks WHERE tenant = ? AND next_at <= ? ORDER BY next_at, id LIMIT ?", owner, now.value,
            .integer(limit)
        ).compactMap(Callback.init)
    }

    /// When the next callback is due, those aside that are under way.
    func nextCallback(except underWay: Set<Int64>) throws -> Timestamp? {
        let rows = try connection.query(
            "SELECT id, next_at FROM apps_in_toss_callbacks WHERE tenant = ? AND next_at IS NOT NULL ORDER BY next_at, id LIMIT ?", owner,
            .integer(Int64(underWay.count) + 1))
        return rows.first { !underWay.contains($0.integer("id") ?? 0) }?.moment("next_at")
    }

    /// Keeps the outcome of one attempt and when the next is due.
    func record(_ attempt: CallbackAttempt, of callback: Callback, next: Timestamp?) throws {
        let state = attempt.isAccepted ? "delivered" : next == nil ? "given-up" : "waiting"
        try connection.execute(
            "UPDATE apps_in_toss_callbacks SET attempts = ?, next_at = ?, state = ? WHERE tenant = ? AND id = ?",
            values: [.integer(callback.attempts + 1), .moment(next), .text(state), owner, .integer(callback.id)])
        // The tenant may have been dropped while the callback was under way.
        guard connection.changes == 1 else { return }
        try connection.execute(
            "INSERT OR REPLACE INTO apps_in_toss_callback_attempts VALUES (?,?,?,?,?,?,?)",
            values: [
                owner, .integer(callback.id), .integer(callback.attempts), attempt.at.value, .optional(attempt.status.map(Int64.init)),
                .text(attempt.problem), .boolean(attempt.isAccepted),
            ])
    }

    /// The callbacks with their attempts, newest first, for the control API. What they prove themselves with is not shown.
    func callbacks(limit: Int64) throws -> JSON {
        let rows = try connection.query(
            "SELECT * FROM apps_in_toss_callbacks WHERE tenant = ? ORDER BY id DESC LIMIT ?", owner, .integer(limit))
        return .array(
            try rows.map { row in
                let attempts = try connection.query(
                    "SELECT * FROM apps_in_toss_callback_attempts WHERE tenant = ? AND callback = ? ORDER BY number", owner, row["id"])
                return [
                    "id": .number(row.integer("id") ?? 0), "app": .optional(row.text("app")), "kind": .optional(row.text("kind")),
                    "method": .optional(row.text("method")), "url": .optional(row.text("url")),
                    "body": row.text("body").flatMap { try? JSON($0) } ?? .null, "state": .optional(row.text("state")),
                    "created_at": .optional(row.moment("created_at")), "next_at": .optional(row.moment("next_at")),
                    "attempts": .array(
                        attempts.map { attempt in
                            [
                                "at": .optional(attempt.moment("at")), "status": .optional(attempt.integer("status")),
                                "problem": .optional(attempt.text("problem")),
                                "accepted": .boolean(attempt.boolean("is_accepted") ?? false),
                            ]
                        }),
                ]
            })
    }
}

extension Callback {
    init?(_ row: Row) {
        guard let id = row.integer("id"), let app = row.text("app"), let kind = row.text("kind"), let method = row.text("method"),
            let url = row.text("url"), let body = row.text("body"), let attempts = row.integer("attempts")
        else { return nil }
        self.init(
            id: id, app: app, kind: kind, method: method == HTTPMethod.get.rawValue ? .get : .post, url: url, body: body, attempts: attempts
        )
    }
}
