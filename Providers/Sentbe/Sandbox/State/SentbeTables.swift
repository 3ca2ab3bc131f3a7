import Storage

/// The tables that all parts of this provider share. Every row carries its tenant; moments are nanoseconds since 1970, money is in hundredths.
///
/// The partners' secrets are kept as they are: envelopes are opened with them, and they open nothing but a sandbox.
enum SentbeTables {
    static let names = ["sentbe_tenants", "sentbe_partners", "sentbe_callbacks", "sentbe_callback_attempts"]

    static let migrations = [
        Migration(
            version: 1,
            statements: [
                "CREATE TABLE sentbe_tenants (tenant TEXT NOT NULL PRIMARY KEY, settings TEXT NOT NULL) STRICT, WITHOUT ROWID",
                """
                CREATE TABLE sentbe_partners (
                    partner TEXT NOT NULL PRIMARY KEY, tenant TEXT NOT NULL, name TEXT NOT NULL, access_id TEXT NOT NULL, secret TEXT NOT NULL,
                    former_secret TEXT, allow_list TEXT NOT NULL, callback_url TEXT, created_at INTEGER NOT NULL
                ) STRICT, WITHOUT ROWID
                """,
                "CREATE INDEX sentbe_partners_of ON sentbe_partners (tenant, created_at)",
                """
                CREATE TABLE sentbe_callbacks (
                    id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, partner TEXT NOT NULL, api TEXT NOT NULL,
                    transfer INTEGER NOT NULL, external_id TEXT NOT NULL, status TEXT NOT NULL, url TEXT NOT NULL, created_at INTEGER NOT NULL,
                    attempts INTEGER NOT NULL, next_at INTEGER, state TEXT NOT NULL
                ) STRICT
                """,
                "CREATE INDEX sentbe_callbacks_due ON sentbe_callbacks (tenant, next_at) WHERE next_at IS NOT NULL",
                """
                CREATE TABLE sentbe_callback_attempts (
                    tenant TEXT NOT NULL, callback INTEGER NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, status INTEGER,
                    answer TEXT NOT NULL, is_accepted INTEGER NOT NULL, PRIMARY KEY (tenant, callback, number)
                ) STRICT, WITHOUT ROWID
                """,
            ])
    ]
}
