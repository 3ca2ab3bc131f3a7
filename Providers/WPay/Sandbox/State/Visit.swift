import SandboxKit
import Base
import Storage

/// A shopper who has come to one of the pages with a form that the rules admitted, until the page's answer goes back to the merchant.
///
/// It holds what the merchant sent, opened, so it is kept no longer than the page may stay open.
struct Visit: Sendable {
    /// An unguessable name, by which the page's own buttons find it.
    var id: String
    var mid: String
    /// The product line and the name of the page, see `WPayTables`.
    var product: String
    var api: String
    /// The merchant's fields in plain form, by the provider's names.
    var fields: [String: String]
    /// What the page has to remember between its steps.
    var progress: JSON.Members = [:]
    /// The host that the shopper's browser asked for, and whether by TLS: `wpayDomain` depends on it.
    var host: String
    var isSecure: Bool
    /// When it is forgotten.
    var dueAt: Timestamp
}

extension Visit {
    init?(_ row: Row) {
        guard let id = row.text("visit"), let mid = row.text("mid"), let product = row.text("product"), let api = row.text("api"),
            let fields = row.details("fields"), let progress = row.details("progress"), let host = row.text("host"),
            let isSecure = row.boolean("is_secure"), let dueAt = row.moment("due_at")
        else { return nil }
        self.init(
            id: id, mid: mid, product: product, api: api,
            fields: Dictionary(fields.names.map { ($0, fields.text($0)) }) { $1 }, progress: progress, host: host, isSecure: isSecure,
            dueAt: dueAt)
    }

    /// The tenant of the visit of that name, whichever it is.
    static func tenant(of id: String, _ connection: Connection) throws -> String? {
        try connection.query("SELECT tenant FROM wpay_visits WHERE visit = ?", .text(id)).first?.text("tenant")
    }
}

extension Records {
    /// The visit of that name, if it is not over.
    func visit(_ id: String, at now: Timestamp) throws -> Visit? {
        try connection.query("SELECT * FROM wpay_visits WHERE tenant = ? AND visit = ? AND due_at > ?", owner, .text(id), now.value).first
            .flatMap(Visit.init)
    }

    /// Adds a visit, or replaces the one of that name.
    func save(_ visit: Visit) throws {
        var fields = JSON.Members()
        for (name, value) in visit.fields.sorted(by: { $0.key < $1.key }) { fields[name] = .string(value) }
        try connection.execute(
            "INSERT OR REPLACE INTO wpay_visits VALUES (?,?,?,?,?,?,?,?,?,?)", owner, .text(visit.id), .text(visit.mid),
            .text(visit.product),
            .text(visit.api), .text(JSON.object(fields).text), .text(JSON.object(visit.progress).text), .text(visit.host),
            .boolean(visit.isSecure), visit.dueAt.value)
    }

    /// Forgets a visit: its answer is on the way.
    func removeVisit(_ id: String) throws {
        try connection.execute("DELETE FROM wpay_visits WHERE tenant = ? AND visit = ?", owner, .text(id))
    }

    /// Forgets the visits that are over by `now`.
    func removeVisits(dueBy now: Timestamp) throws {
        try connection.execute("DELETE FROM wpay_visits WHERE tenant = ? AND due_at <= ?", owner, now.value)
    }
}
