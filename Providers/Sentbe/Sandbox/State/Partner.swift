import Base
import SandboxKit
import Storage

/// A partner: its credentials, from where it may call, and where its callbacks go.
struct Partner: Equatable, Sendable {
    /// `PARTNER-ID`; unique over all tenants, since it is what tells them apart.
    var id: String
    var tenant: TenantID
    var name: String
    /// `KEY`, and the token of the callbacks.
    var accessID: String
    /// The passphrase of the envelope.
    var secret: Secret
    /// The secret before the latest re-issue, so that a refusal can say that it was used.
    var formerSecret: Secret?
    var allowList = AllowList.all
    var callbackURL: String?
    var createdAt: Timestamp
}

extension Partner {
    /// The partner of that id, whichever tenant's.
    static func find(_ id: String, _ connection: Connection) throws -> Partner? {
        try connection.query("SELECT * FROM sentbe_partners WHERE partner = ?", .text(id)).first.flatMap(Partner.init)
    }

    init?(_ row: Row) {
        guard let id = row.text("partner"), let tenant = row.text("tenant").flatMap(TenantID.init), let name = row.text("name"),
            let accessID = row.text("access_id"), let secret = row.text("secret"), let list = row.text("allow_list"),
            let json = try? JSON(list), let allowList = try? AllowList(json), let createdAt = row.moment("created_at")
        else { return nil }
        self.init(
            id: id, tenant: tenant, name: name, accessID: accessID, secret: Secret(secret),
            formerSecret: row.text("former_secret").map { Secret($0) }, allowList: allowList, callbackURL: row.text("callback_url"),
            createdAt: createdAt)
    }
}

extension Records {
    /// The tenant's partners, the oldest first.
    func partners() throws -> [Partner] {
        try connection.query("SELECT * FROM sentbe_partners WHERE tenant = ? ORDER BY created_at, partner", owner).compactMap(Partner.init)
    }

    /// The tenant's partner of that id.
    func partner(_ id: String) throws -> Partner? { try Partner.find(id, connection).flatMap { $0.tenant == tenant ? $0 : nil } }

    /// Adds a partner.
    ///
    /// - Throws: `StorageError` with `isDuplicate` when the id exists, perhaps at another tenant.
    func add(_ partner: Partner) throws {
        try connection.execute(
            "INSERT INTO sentbe_partners VALUES (?,?,?,?,?,?,?,?,?)",
            values: [
                .text(partner.id), owner, .text(partner.name), .text(partner.accessID), .text(partner.secret.withText { $0 }),
                .optional(partner.formerSecret?.withText { $0 }), .text(partner.allowList.json.text), .optional(partner.callbackURL),
                partner.createdAt.value,
            ])
    }

    /// Keeps what may change of a partner.
    func save(_ partner: Partner) throws {
        try connection.execute(
            """
            UPDATE sentbe_partners SET name = ?, access_id = ?, secret = ?, former_secret = ?, allow_list = ?, callback_url = ?
            WHERE tenant = ? AND partner = ?
            """,
            values: [
                .text(partner.name), .text(partner.accessID), .text(partner.secret.withText { $0 }),
                .optional(partner.formerSecret?.withText { $0 }), .text(partner.allowList.json.text), .optional(partner.callbackURL), owner,
                .text(partner.id),
            ])
    }
}
