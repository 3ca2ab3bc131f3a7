import Storage

/// The service's tables. Every row carries its tenant; moments are nanoseconds since 1970.
///
/// People, signatures (their certificates bear names) and a tenant's own key are sealed; of a client's secret a salted digest is kept, of sessions and telephone numbers
/// marks. Of a request's person nothing is kept but who it turned out to be.
enum Tables {
    static let owner = "toss-auth"

    static let names = [
        "toss_auth_tenants", "toss_auth_clients", "toss_auth_people", "toss_auth_transactions", "toss_auth_sessions", "toss_auth_refusals",
        CertificateBook.table,
    ]

    static let migrations = [
        Migration(
            version: 1,
            statements: [
                """
                CREATE TABLE toss_auth_tenants (
                    tenant TEXT NOT NULL PRIMARY KEY, settings TEXT NOT NULL, service_key BLOB
                ) STRICT, WITHOUT ROWID
                """,
                """
                CREATE TABLE toss_auth_clients (
                    client TEXT NOT NULL PRIMARY KEY, tenant TEXT NOT NULL, salt BLOB NOT NULL, secret BLOB NOT NULL, token_seconds INTEGER,
                    token_generation INTEGER NOT NULL, created_at INTEGER NOT NULL
                ) STRICT, WITHOUT ROWID
                """,
                "CREATE INDEX toss_auth_clients_of ON toss_auth_clients (tenant, created_at)",
                """
                CREATE TABLE toss_auth_people (
                    tenant TEXT NOT NULL, person TEXT NOT NULL, phone_mark BLOB NOT NULL, sealed BLOB NOT NULL, created_at INTEGER NOT NULL,
                    PRIMARY KEY (tenant, person), UNIQUE (tenant, phone_mark)
                ) STRICT, WITHOUT ROWID
                """,
                """
                CREATE TABLE toss_auth_transactions (
                    number INTEGER PRIMARY KEY AUTOINCREMENT, transaction_id TEXT NOT NULL UNIQUE, tenant TEXT NOT NULL, client TEXT NOT NULL,
                    kind TEXT NOT NULL, request_url TEXT NOT NULL, nonce TEXT, person TEXT, requested_at INTEGER NOT NULL,
                    expires_at INTEGER NOT NULL, opened_at INTEGER, denied_at INTEGER, completed_at INTEGER, approves_at INTEGER,
                    reads INTEGER NOT NULL, signature BLOB
                ) STRICT
                """,
                "CREATE INDEX toss_auth_transactions_of ON toss_auth_transactions (tenant, number)",
                """
                CREATE TABLE toss_auth_sessions (
                    number INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, client TEXT NOT NULL, digest TEXT NOT NULL,
                    seen_at INTEGER NOT NULL, UNIQUE (client, digest)
                ) STRICT
                """,
                "CREATE INDEX toss_auth_sessions_seen ON toss_auth_sessions (client, seen_at)",
                """
                CREATE TABLE toss_auth_refusals (
                    number INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, code TEXT NOT NULL, call TEXT, phone_mark BLOB,
                    remaining INTEGER
                ) STRICT
                """,
                "CREATE INDEX toss_auth_refusals_of ON toss_auth_refusals (tenant, number)",
            ]),
        // For what still waits, and for what is long over.
        Migration(
            version: 2, statements: ["CREATE INDEX toss_auth_transactions_end ON toss_auth_transactions (tenant, expires_at)"]),
    ]
}
