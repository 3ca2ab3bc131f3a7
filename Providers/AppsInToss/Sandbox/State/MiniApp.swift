import AppsInToss
import Base
import Cryptography
import SandboxKit
import Storage

/// A mini-app as its console knows it.
struct MiniApp: Equatable, Sendable {
    /// Where and how the unlink callback is sent.
    struct UnlinkAddress: Equatable, Sendable {
        var url: String
        var method: UnlinkCallback.Method
        /// The text of the Basic authentication as it was entered, not yet in Base64.
        var basicText: Secret?
    }

    var tenant: TenantID
    /// appName of the console, and the common name of its certificates.
    var name: String
    /// How many calls a minute it may make.
    var perMinute: Int64
    /// What its login asks for, such as `USER_NAME`.
    var scopes: [String]
    /// The tags of the terms to which its users agree.
    var terms: [String]
    /// 32 bytes in Base64, as the mail gives them.
    var personalDataKey: Secret
    /// The text from the same mail.
    var additionalData: String
    var unlink: UnlinkAddress?
    /// Where the events of subscriptions go.
    var webhookURL: String?
    /// What the events prove themselves with; nothing when no secret was set.
    var webhookSecret: Secret?
    var createdAt: Timestamp
    /// When it was deleted in the console; its certificates then belong to nobody.
    var deletedAt: Timestamp?
}

extension MiniApp {
    init?(_ row: Row) {
        guard let tenant = row.text("tenant").flatMap(TenantID.init), let name = row.text("app"), let perMinute = row.integer("per_minute"),
            let scopes = row.texts("scopes"), let terms = row.texts("terms"), let key = row.text("personal_data_key"),
            let additionalData = row.text("additional_data"), let method = row.text("unlink_method").flatMap(UnlinkCallback.Method.init),
            let createdAt = row.moment("created_at")
        else { return nil }
        self.init(
            tenant: tenant, name: name, perMinute: perMinute, scopes: scopes, terms: terms, personalDataKey: Secret(key),
            additionalData: additionalData,
            unlink: row.text("unlink_url").map {
                UnlinkAddress(url: $0, method: method, basicText: row.text("unlink_basic").map { Secret($0) })
            }, webhookURL: row.text("webhook_url"), webhookSecret: row.text("webhook_secret").map { Secret($0) }, createdAt: createdAt,
            deletedAt: row.moment("deleted_at"))
    }

    /// Every mini-app of that name, whichever tenant's; the demo tenant's first.
    static func all(named name: String, _ connection: Connection) throws -> [MiniApp] {
        try connection.query(
            "SELECT * FROM apps_in_toss_apps WHERE app = ? AND deleted_at IS NULL ORDER BY tenant <> ?, tenant LIMIT 2", .text(name),
            .text(TenantID.demo.rawValue)
        ).compactMap(MiniApp.init)
    }

    /// A mini-app with fresh secrets, everything else as after making one in the console: nothing asked for at login.
    static func fresh(_ tenant: TenantID, name: String, now: Timestamp, _ random: any RandomSource) -> MiniApp {
        MiniApp(
            tenant: tenant, name: name, perMinute: 3000, scopes: [], terms: [],
            personalDataKey: Secret(Base64.encode(random.bytes(32))), additionalData: "AAD-" + random.hexadecimal(8), createdAt: now)
    }
}

extension MiniApp {
    /// Whether `name` can be a mini-app's: it also becomes the name of two files, so it has 1 to 64 of the characters A–Z, a–z, 0–9, `.`, `_` and `-`, the
    /// first of them a letter or a digit.
    static func isName(_ name: String) -> Bool {
        func isLetterOrDigit(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        }
        guard let first = name.utf8.first, isLetterOrDigit(first), name.utf8.count <= 64 else { return false }
        return name.utf8.allSatisfy { isLetterOrDigit($0) || "._-".utf8.contains($0) }
    }
}

extension Records {
    /// The tenant's mini-apps, the oldest first; deleted ones only when asked for.
    func apps(withDeleted: Bool = false) throws -> [MiniApp] {
        let condition = withDeleted ? "" : "AND deleted_at IS NULL"
        return try connection.query("SELECT * FROM apps_in_toss_apps WHERE tenant = ? \(condition) ORDER BY number", owner)
            .compactMap(MiniApp.init)
    }

    /// The tenant's mini-app of that name, deleted or not.
    func app(_ name: String) throws -> MiniApp? {
        try connection.query("SELECT * FROM apps_in_toss_apps WHERE tenant = ? AND app = ?", owner, .text(name)).first
            .flatMap(MiniApp.init)
    }

    /// Adds a mini-app with its first data of every part.
    ///
    /// - Throws: `StorageError` with `isDuplicate` when the tenant has one of that name.
    func make(_ app: MiniApp, now: Timestamp, _ random: any RandomSource) throws {
        let rows = try connection.query("SELECT COALESCE(MAX(number), 0) + 1 AS next FROM apps_in_toss_apps WHERE tenant = ?", owner)
        try connection.execute(
            "INSERT INTO apps_in_toss_apps VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            values: [owner, .text(app.name), rows.first?["next"] ?? 1] + columns(app) + [app.createdAt.value, .moment(app.deletedAt)])
        for part in SandboxParts.all {
            try part.makeData(self, app, now, random)
            // The demo mini-app's was registered before anybody looked: nothing is sent because a sandbox starts.
            if app.webhookURL != nil, !DemoData.isDemo(app) { try part.webhookRegistered(self, app, now) }
        }
    }

    /// Keeps what may change of a mini-app.
    func save(_ app: MiniApp) throws {
        try connection.execute(
            """
            UPDATE apps_in_toss_apps SET per_minute = ?, scopes = ?, terms = ?, personal_data_key = ?, additional_data = ?, unlink_url = ?,
            unlink_method = ?, unlink_basic = ?, webhook_url = ?, webhook_secret = ?, deleted_at = ? WHERE tenant = ? AND app = ?
            """, values: columns(app) + [.moment(app.deletedAt), owner, .text(app.name)])
    }

    private func columns(_ app: MiniApp) -> [SQLValue] {
        [
            .integer(app.perMinute), .texts(app.scopes), .texts(app.terms), .text(app.personalDataKey.withText { $0 }),
            .text(app.additionalData), .optional(app.unlink?.url), .text((app.unlink?.method ?? .post).rawValue),
            .optional(app.unlink?.basicText?.withText { $0 }), .optional(app.webhookURL), .optional(app.webhookSecret?.withText { $0 }),
        ]
    }

    /// The mini-app as the control API shows it to its developer, secrets included: they are made up, and the console and a mail give the real ones too.
    func describe(_ app: MiniApp) throws -> JSON {
        var members: JSON.Members = [
            "app": .string(app.name), "per_minute": .number(app.perMinute), "scopes": .texts(app.scopes), "terms": .texts(app.terms),
            "personal_data_key": app.personalDataKey.withText { .string($0) }, "additional_data": .string(app.additionalData),
            "unlink": app.unlink.map { unlink in
                [
                    "url": .string(unlink.url), "method": .string(unlink.method.rawValue),
                    "basic_text": .optional(unlink.basicText?.withText { $0 }),
                ]
            } ?? .null,
            "webhook": app.webhookURL.map { url in
                ["url": .string(url), "secret": .optional(app.webhookSecret?.withText { $0 })]
            } ?? .null,
            "created_at": .optional(app.createdAt), "deleted_at": .optional(app.deletedAt),
        ]
        for part in SandboxParts.all {
            let more = try part.describe(self, app)
            for name in more.names { members[name] = more[name] }
        }
        return .object(members)
    }
}
