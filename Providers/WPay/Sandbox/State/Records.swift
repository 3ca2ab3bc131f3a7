import Base
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

    /// What the tenant has set differently from the defaults.
    func settings() throws -> SandboxSettings {
        let row = try connection.query("SELECT settings FROM wpay_tenants WHERE tenant = ?", owner).first
        return SandboxSettings(stored: row?.text("settings"))
    }

    func save(_ settings: SandboxSettings) throws {
        try connection.execute(
            "INSERT INTO wpay_tenants VALUES (?, ?) ON CONFLICT (tenant) DO UPDATE SET settings = excluded.settings", owner,
            .text(settings.stored.text))
    }

    /// Drops every row of the tenant.
    func removeAll() throws {
        for table in StateTables.names { try connection.execute("DELETE FROM \(table) WHERE tenant = ?", owner) }
    }
}

// MARK: Moments and texts in rows

extension Timestamp {
    /// `YYYYMMDDhhmmss` in Korean time, as Inicis writes moments.
    var compactText: String {
        let civil = CivilTime(self, offset: CivilTime.koreanOffset)
        return (civil.dateText + civil.timeText).filter { $0 != "-" && $0 != ":" }
    }
}

extension Row {
    func details(_ column: String = "details") -> JSON.Members? { text(column).flatMap { (try? JSON($0))?.members } }
}

extension JSON.Members {
    /// The text under `name`; empty when there is none.
    func text(_ name: String) -> String { self[name]?.string ?? "" }
}
