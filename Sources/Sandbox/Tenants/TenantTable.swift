import Base
import SandboxKit
import Storage

/// The tenants and their clocks as they are kept over a restart.
struct TenantTable: Sendable {
    /// One tenant.
    struct Tenant: Sendable {
        var name: TenantID
        /// When it was made, by the machine's clock.
        var created: Timestamp
        var clock: ClockState
        /// What its maker asked of the services, by provider.
        var settings: JSON
        /// The providers that have made their data for it.
        var providers: Set<String> = []
    }

    let database: Database

    private static let migrations = [
        Migration(
            version: 1,
            statements: [
                """
                CREATE TABLE sandbox_tenants (
                    name TEXT PRIMARY KEY, created INTEGER NOT NULL, clock_offset INTEGER, clock_frozen INTEGER, settings TEXT NOT NULL,
                    CHECK ((clock_offset IS NULL) <> (clock_frozen IS NULL))
                ) STRICT, WITHOUT ROWID
                """,
                """
                CREATE TABLE sandbox_tenant_providers (
                    tenant TEXT NOT NULL REFERENCES sandbox_tenants (name) ON DELETE CASCADE, provider TEXT NOT NULL,
                    PRIMARY KEY (tenant, provider)
                ) STRICT, WITHOUT ROWID
                """,
            ])
    ]

    /// The tables in `database`, brought up to date.
    init(_ database: Database) async throws(StorageError) {
        self.database = database
        try await database.migrate("sandbox", Self.migrations)
    }

    /// Every tenant there is.
    func all() async throws -> [Tenant] {
        try await database.read { connection in
            let providers = try connection.query("SELECT tenant, provider FROM sandbox_tenant_providers")
            return try connection.query("SELECT * FROM sandbox_tenants ORDER BY name").compactMap { row in
                guard let name = row.text("name").flatMap(TenantID.init(rawValue:)), let created = row.integer("created"),
                    let settings = row.text("settings")
                else { return nil }
                let mode: ClockState.Mode =
                    if let frozen = row.integer("clock_frozen") {
                        .frozen(at: Timestamp(nanosecondsSinceEpoch: frozen))
                    } else {
                        .running(offset: .nanoseconds(row.integer("clock_offset") ?? 0))
                    }
                return Tenant(
                    name: name, created: Timestamp(nanosecondsSinceEpoch: created), clock: ClockState(mode), settings: try JSON(settings),
                    providers: Set(providers.filter { $0.text("tenant") == name.rawValue }.compactMap { $0.text("provider") }))
            }
        }
    }

    /// Adds a tenant for which no provider has made its data yet.
    func insert(_ tenant: Tenant) async throws {
        let clock = Self.columns(tenant.clock)
        try await database.write {
            try $0.execute(
                "INSERT INTO sandbox_tenants (name, created, clock_offset, clock_frozen, settings) VALUES (?, ?, ?, ?, ?)",
                .text(tenant.name.rawValue), .integer(tenant.created.nanosecondsSinceEpoch), clock.offset, clock.frozen,
                .text(tenant.settings.text))
        }
    }

    /// Notes that a provider has made its data for a tenant.
    func providerIsReady(_ provider: String, _ tenant: TenantID) async throws {
        try await database.write {
            try $0.execute(
                "INSERT OR IGNORE INTO sandbox_tenant_providers (tenant, provider) VALUES (?, ?)", .text(tenant.rawValue), .text(provider))
        }
    }

    /// Notes that a provider's data for a tenant are not, or not wholly, there.
    func providerIsNotReady(_ provider: String, _ tenant: TenantID) async throws {
        try await database.write {
            try $0.execute(
                "DELETE FROM sandbox_tenant_providers WHERE tenant = ? AND provider = ?", .text(tenant.rawValue), .text(provider))
        }
    }

    /// Keeps a tenant's clock.
    func save(_ clock: ClockState, _ tenant: TenantID) async throws {
        let clock = Self.columns(clock)
        try await database.write {
            try $0.execute(
                "UPDATE sandbox_tenants SET clock_offset = ?, clock_frozen = ? WHERE name = ?", clock.offset, clock.frozen,
                .text(tenant.rawValue))
        }
    }

    /// Drops a tenant.
    func delete(_ tenant: TenantID) async throws {
        try await database.write {
            try $0.execute("DELETE FROM sandbox_tenant_providers WHERE tenant = ?", .text(tenant.rawValue))
            try $0.execute("DELETE FROM sandbox_tenants WHERE name = ?", .text(tenant.rawValue))
        }
    }

    private static func columns(_ clock: ClockState) -> (offset: SQLValue, frozen: SQLValue) {
        switch clock.mode {
        case .running(let offset): return (.integer(offset.wholeNanoseconds), .null)
        case .frozen(let moment): return (.null, .integer(moment.nanosecondsSinceEpoch))
        }
    }
}
