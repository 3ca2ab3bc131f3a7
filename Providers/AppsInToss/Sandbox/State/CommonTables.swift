import Storage

/// The tables that all parts of this provider share. Every row carries its tenant; moments are nanoseconds since 1970.
///
/// Of certificates only the public half is kept. The key for personal data, the Basic text and the webhook's secret are kept as they are: what the sandbox
/// sends is made with them, and they open nothing but a sandbox.
enum CommonTables {
    static let names = [
        "apps_in_toss_tenants", "apps_in_toss_apps", "apps_in_toss_certificates", "apps_in_toss_users", "apps_in_toss_anonymous",
        "apps_in_toss_callbacks", "apps_in_toss_callback_attempts",
    ]

    static let migrations = [
        Migration(
            version: 1,
            statements: [
                "CREATE TABLE apps_in_toss_tenants (tenant TEXT NOT NULL PRIMARY KEY, settings TEXT NOT NULL) STRICT, WITHOUT ROWID",
                """
                CREATE TABLE apps_in_toss_apps (
                    tenant TEXT NOT NULL, app TEXT NOT NULL, number INTEGER NOT NULL, per_minute INTEGER NOT NULL, scopes TEXT NOT NULL,
                    terms TEXT NOT NULL, personal_data_key TEXT NOT NULL, additional_data TEXT NOT NULL, unlink_url TEXT,
                    unlink_method TEXT NOT NULL, unlink_basic TEXT, webhook_url TEXT, webhook_secret TEXT, created_at INTEGER NOT NULL,
                    deleted_at INTEGER, PRIMARY KEY (tenant, app)
                ) STRICT, WITHOUT ROWID
                """,
                "CREATE INDEX apps_in_toss_apps_named ON apps_in_toss_apps (app)",
                """
                CREATE TABLE apps_in_toss_certificates (
                    id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, app TEXT NOT NULL, fingerprint BLOB NOT NULL UNIQUE,
                    serial TEXT NOT NULL, certificate TEXT NOT NULL, not_before INTEGER NOT NULL, not_after INTEGER NOT NULL,
                    issued_at INTEGER NOT NULL, disabled_at INTEGER
                ) STRICT
                """,
                "CREATE INDEX apps_in_toss_certificates_of ON apps_in_toss_certificates (tenant, app)",
                """
                CREATE TABLE apps_in_toss_users (
                    tenant TEXT NOT NULL, app TEXT NOT NULL, user_key INTEGER NOT NULL, profile TEXT NOT NULL, scopes TEXT NOT NULL,
                    terms TEXT NOT NULL, state TEXT NOT NULL, refuses_push INTEGER NOT NULL, created_at INTEGER NOT NULL,
                    PRIMARY KEY (tenant, app, user_key)
                ) STRICT, WITHOUT ROWID
                """,
                """
                CREATE TABLE apps_in_toss_anonymous (
                    tenant TEXT NOT NULL, app TEXT NOT NULL, anonymous_key TEXT NOT NULL, refuses_push INTEGER NOT NULL,
                    created_at INTEGER NOT NULL, PRIMARY KEY (tenant, app, anonymous_key)
                ) STRICT, WITHOUT ROWID
                """,
                """
                CREATE TABLE apps_in_toss_callbacks (
                    id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, app TEXT NOT NULL, kind TEXT NOT NULL, method TEXT NOT NULL,
                    url TEXT NOT NULL, body TEXT NOT NULL, created_at INTEGER NOT NULL, attempts INTEGER NOT NULL, next_at INTEGER,
                    state TEXT NOT NULL
                ) STRICT
                """,
                "CREATE INDEX apps_in_toss_callbacks_due ON apps_in_toss_callbacks (tenant, next_at) WHERE next_at IS NOT NULL",
                """
                CREATE TABLE apps_in_toss_callback_attempts (
                    tenant TEXT NOT NULL, callback INTEGER NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, status INTEGER,
                    problem TEXT NOT NULL, is_accepted INTEGER NOT NULL, PRIMARY KEY (tenant, callback, number)
                ) STRICT, WITHOUT ROWID
                """,
            ])
    ]
}
