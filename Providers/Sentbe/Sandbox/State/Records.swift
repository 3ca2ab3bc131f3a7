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
        let row = try connection.query("SELECT settings FROM sentbe_tenants WHERE tenant = ?", owner).first
        return SandboxSettings(stored: row?.text("settings"))
    }

    func save(_ settings: SandboxSettings) throws {
        try connection.execute(
            "INSERT INTO sentbe_tenants VALUES (?, ?) ON CONFLICT (tenant) DO UPDATE SET settings = excluded.settings", owner,
            .text(settings.stored.text))
    }

    /// Drops every row of the tenant.
    func removeAll() throws {
        for table in SandboxParts.all.flatMap(\.tables) { try connection.execute("DELETE FROM \(table) WHERE tenant = ?", owner) }
    }

    /// A number that no row of `table` has in `column` yet for this tenant: the largest and one, and not less than `first`.
    func nextNumber(_ table: String, _ column: String, from first: Int64 = 1) throws -> Int64 {
        let rows = try connection.query("SELECT MAX(\(column)) AS largest FROM \(table) WHERE tenant = ?", owner)
        return max(first, (rows.first?.integer("largest") ?? 0) + 1)
    }
}

// MARK: Moments and texts in rows

extension Timestamp {
    /// Korean time as Sentbe writes it: `2018-05-14T13:23:09.000+09:00`.
    var sentbeText: String {
        let civil = CivilTime(self, offset: CivilTime.koreanOffset)
        // The milliseconds are the same in every zone of whole seconds.
        let milliseconds = internetText.suffix(4).prefix(3)
        return "\(civil.dateText)T\(civil.timeText).\(milliseconds)+09:00"
    }
}

extension Row {
    func money(_ column: String) -> Money? { integer(column).map { Money(hundredths: $0) } }
    /// The object that a column holds as a JSON text.
    func members(_ column: String) -> JSON.Members? { text(column).flatMap { try? JSON($0) }?.members }
}
