import Base
import SandboxKit
import Storage

/// One tenant's rows, within one read or write.
struct Records {
    let connection: Connection
    let tenant: TenantID
    let seal: RowSeal

    init(_ connection: Connection, _ tenant: TenantID, _ seal: RowSeal) {
        self.connection = connection
        self.tenant = tenant
        self.seal = seal
    }

    /// The tenant's name as a statement's value.
    var owner: SQLValue { .text(tenant.rawValue) }
}

extension Records {
    /// What the tenant has set differently from the defaults.
    func settings() throws -> ServiceSettings {
        let row = try connection.query("SELECT settings FROM toss_auth_tenants WHERE tenant = ?", owner).first
        return ServiceSettings(stored: row?.text("settings"))
    }

    func save(_ settings: ServiceSettings) throws {
        try connection.execute(
            "INSERT INTO toss_auth_tenants VALUES (?, ?, NULL) ON CONFLICT (tenant) DO UPDATE SET settings = excluded.settings", owner,
            .text(settings.stored.text))
    }

    /// Drops every row of the tenant.
    func removeAll() throws {
        for table in Tables.names { try connection.execute("DELETE FROM \(table) WHERE tenant = ?", owner) }
    }
}
