import Base
import Bootpay
import SandboxKit
import Storage

/// A merchant's project: its private key, its allow-list, its notification address.
struct Project: Equatable {
    var id: String
    var name: String
    var privateKey: Secret
    var formerKey: Secret?
    var reissuedAt: Timestamp?
    var allowList = AllowList.all
    var feedbackURL: String?
    var feedbackType = WebhookFormat.form
    var createdAt: Timestamp
}

/// One of a project's application ids; only the one for REST opens the server API.
struct Application: Equatable {
    var id: String
    var tenant: TenantID
    var project: String
    var platform: Platform
    var name: String

    /// What the id is for.
    enum Platform: String, CaseIterable {
        case rest, web, android, ios
    }
}

extension Application {
    /// The application of that id, whichever tenant's: ids are unique over all.
    static func find(_ id: String, _ connection: Connection) throws -> Application? {
        try connection.query("SELECT * FROM bootpay_applications WHERE application = ?", .text(id)).first.flatMap(Application.init)
    }

    init?(_ row: Row) {
        guard let id = row.text("application"), let tenant = row.text("tenant").flatMap(TenantID.init), let project = row.text("project"),
            let platform = row.text("platform").flatMap(Platform.init), let name = row.text("name")
        else { return nil }
        self.init(id: id, tenant: tenant, project: project, platform: platform, name: name)
    }
}

// MARK: Projects, applications, settings

extension Records {
    func project(_ id: String) throws -> Project? {
        try connection.query("SELECT * FROM bootpay_projects WHERE tenant = ? AND project = ?", owner, .text(id)).first
            .flatMap(Project.init)
    }

    /// The oldest project first.
    func projects() throws -> [Project] {
        try connection.query("SELECT * FROM bootpay_projects WHERE tenant = ? ORDER BY created_at, project", owner)
            .compactMap(Project.init)
    }

    /// A project's application ids, or all of the tenant's; REST first.
    func applications(of project: String? = nil) throws -> [Application] {
        let rows =
            if let project {
                try connection.query("SELECT * FROM bootpay_applications WHERE tenant = ? AND project = ?", owner, .text(project))
            } else {
                try connection.query("SELECT * FROM bootpay_applications WHERE tenant = ?", owner)
            }
        let order = Application.Platform.allCases
        return rows.compactMap(Application.init).sorted {
            let left = order.firstIndex(of: $0.platform) ?? 0
            let right = order.firstIndex(of: $1.platform) ?? 0
            return left == right ? $0.id < $1.id : left < right
        }
    }

    func save(_ project: Project) throws {
        try connection.execute(
            "INSERT OR REPLACE INTO bootpay_projects VALUES (?,?,?,?,?,?,?,?,?,?)",
            values: [
                owner, .text(project.id), .text(project.name), .text(project.privateKey.withText { $0 }),
                .optional(project.formerKey?.withText { $0 }), .moment(project.reissuedAt), .text(project.allowList.json.text),
                .optional(project.feedbackURL), .text(project.feedbackType.rawValue), project.createdAt.value,
            ])
    }

    /// Adds an application.
    ///
    /// - Throws: `StorageError` with `isDuplicate` when the id exists, perhaps at another tenant.
    func add(_ application: Application) throws {
        try connection.execute(
            "INSERT INTO bootpay_applications VALUES (?,?,?,?,?)", .text(application.id), owner, .text(application.project),
            .text(application.platform.rawValue), .text(application.name))
    }

    /// What the tenant has set differently from the defaults.
    func settings() throws -> SandboxSettings {
        let row = try connection.query("SELECT settings FROM bootpay_tenants WHERE tenant = ?", owner).first
        return SandboxSettings(stored: row?.text("settings"))
    }

    func save(_ settings: SandboxSettings) throws {
        try connection.execute(
            "INSERT INTO bootpay_tenants VALUES (?, ?) ON CONFLICT (tenant) DO UPDATE SET settings = excluded.settings", owner,
            .text(settings.stored.text))
    }

    /// Drops every row of the tenant.
    func removeAll() throws {
        for table in BootpayTables.names { try connection.execute("DELETE FROM \(table) WHERE tenant = ?", owner) }
    }
}

extension Project {
    init?(_ row: Row) {
        guard let id = row.text("project"), let name = row.text("name"), let key = row.text("private_key"),
            let list = row.text("allow_list"), let list = try? JSON(list), let allowList = try? AllowList(list),
            let type = row.text("feedback_type").flatMap(WebhookFormat.init), let createdAt = row.moment("created_at")
        else { return nil }
        self.init(
            id: id, name: name, privateKey: Secret(key), formerKey: row.text("former_key").map { Secret($0) },
            reissuedAt: row.moment("reissued_at"), allowList: allowList, feedbackURL: row.text("feedback_url"), feedbackType: type,
            createdAt: createdAt)
    }
}

// MARK: Tokens

/// A token that somebody shows, as far as it is known.
struct ShownToken {
    var tenant: TenantID
    var application: String
    var issued: Timestamp
    var isRevoked: Bool

    /// The row of that token, whichever tenant's.
    static func find(_ token: String, _ connection: Connection) throws -> ShownToken? {
        guard let row = try connection.query("SELECT * FROM bootpay_tokens WHERE token = ?", .text(token)).first,
            let tenant = row.text("tenant").flatMap(TenantID.init), let application = row.text("application"),
            let issued = row.moment("issued")
        else { return nil }
        return ShownToken(tenant: tenant, application: application, issued: issued, isRevoked: row.boolean("revoked") ?? false)
    }
}

extension Records {
    /// How many dead tokens of an application are remembered, so that a refusal can say what they were.
    private static let remembered: Int64 = 50

    /// The two newest tokens of an application.
    func tokens(of application: String) throws -> IssuedTokens<String> {
        let rows = try connection.query(
            "SELECT token, issued FROM bootpay_tokens WHERE application = ? AND revoked = 0 ORDER BY number DESC LIMIT 2",
            .text(application))
        let issues = rows.compactMap { row -> IssuedTokens<String>.Issue? in
            guard let token = row.text("token"), let issued = row.moment("issued") else { return nil }
            return .init(token: token, issued: issued)
        }
        return IssuedTokens(current: issues.first, previous: issues.count > 1 ? issues[1] : nil)
    }

    /// Adds a token behind the others.
    func add(_ issue: IssuedTokens<String>.Issue, to application: String) throws {
        let newest = try connection.query("SELECT MAX(number) AS number FROM bootpay_tokens WHERE application = ?", .text(application))
        let number = (newest.first?.integer("number") ?? 0) + 1
        try connection.execute(
            "INSERT INTO bootpay_tokens VALUES (?,?,?,?,?,0)", .text(issue.token), owner, .text(application), .integer(number),
            issue.issued.value)
        try connection.execute(
            "DELETE FROM bootpay_tokens WHERE application = ? AND number <= ?", .text(application), .integer(number - Records.remembered))
    }

    /// Makes the newest token look as if it had been issued at another moment.
    func setIssue(_ issue: IssuedTokens<String>.Issue) throws {
        try connection.execute("UPDATE bootpay_tokens SET issued = ? WHERE token = ?", issue.issued.value, .text(issue.token))
    }

    /// Kills every token of an application.
    func revokeTokens(of application: String) throws {
        try connection.execute("UPDATE bootpay_tokens SET revoked = 1 WHERE application = ?", .text(application))
    }
}
