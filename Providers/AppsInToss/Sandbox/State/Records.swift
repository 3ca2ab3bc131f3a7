import Base
import SandboxKit
import Storage

/// One tenant's rows, within one read or write. Each part adds its own in extensions.
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

extension Records {
    /// What the tenant has set differently from the defaults.
    func settings() throws -> SandboxSettings {
        let row = try connection.query("SELECT settings FROM apps_in_toss_tenants WHERE tenant = ?", owner).first
        return SandboxSettings(stored: row?.text("settings"))
    }

    func save(_ settings: SandboxSettings) throws {
        try connection.execute(
            "INSERT INTO apps_in_toss_tenants VALUES (?, ?) ON CONFLICT (tenant) DO UPDATE SET settings = excluded.settings", owner,
            .text(settings.stored.text))
    }

    /// Drops every row of the tenant.
    func removeAll() throws {
        for table in SandboxParts.all.flatMap(\.tables) { try connection.execute("DELETE FROM \(table) WHERE tenant = ?", owner) }
    }
}

// MARK: Values in rows

extension SQLValue {
    /// Texts as a JSON array.
    static func texts(_ texts: [String]) -> SQLValue { .text(JSON.array(texts.map { .string($0) }).text) }
}

extension Row {
    /// The object that a column holds as a JSON text.
    func members(_ column: String) -> JSON.Members? { text(column).flatMap { try? JSON($0) }?.members }
    /// The texts that a column holds as a JSON array.
    func texts(_ column: String) -> [String]? { text(column).flatMap { try? JSON($0) }?.elements?.compactMap(\.string) }
}
