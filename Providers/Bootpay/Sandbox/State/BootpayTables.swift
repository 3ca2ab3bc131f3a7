import Storage

/// The tables of this provider. Every row carries its tenant; moments are nanoseconds since 1970.
///
/// Keys and tokens are kept as they are, not hashed: the same token must be handed out again for 25 minutes, webhooks carry the private key, and
/// all of them belong to a sandbox.
enum BootpayTables {
    static let owner = "bootpay"

    static let migrations = [Migration(version: 1, statements: access + payments + billing + notices)]

    /// All tables, for dropping a tenant.
    static let names = [
        "bootpay_tenants", "bootpay_projects", "bootpay_applications", "bootpay_tokens", "bootpay_payments", "bootpay_cancels",
        "bootpay_links", "bootpay_billing_keys", "bootpay_reservations", "bootpay_user_tokens", "bootpay_webhooks",
        "bootpay_webhook_attempts", "bootpay_rare_calls",
    ]

    private static let access = [
        "CREATE TABLE bootpay_tenants (tenant TEXT NOT NULL PRIMARY KEY, settings TEXT NOT NULL) STRICT, WITHOUT ROWID",
        """
        CREATE TABLE bootpay_projects (
            tenant TEXT NOT NULL, project TEXT NOT NULL, name TEXT NOT NULL, private_key TEXT NOT NULL, former_key TEXT, reissued_at INTEGER,
            allow_list TEXT NOT NULL, feedback_url TEXT, feedback_type TEXT NOT NULL, created_at INTEGER NOT NULL,
            PRIMARY KEY (tenant, project)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE bootpay_applications (
            application TEXT NOT NULL PRIMARY KEY, tenant TEXT NOT NULL, project TEXT NOT NULL, platform TEXT NOT NULL, name TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX bootpay_applications_of ON bootpay_applications (tenant, project)",
        """
        CREATE TABLE bootpay_tokens (
            token TEXT NOT NULL PRIMARY KEY, tenant TEXT NOT NULL, application TEXT NOT NULL, number INTEGER NOT NULL,
            issued INTEGER NOT NULL, revoked INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE UNIQUE INDEX bootpay_tokens_of ON bootpay_tokens (application, number)",
        "CREATE INDEX bootpay_tokens_tenant ON bootpay_tokens (tenant)",
    ]

    private static let payments = [
        """
        CREATE TABLE bootpay_payments (
            tenant TEXT NOT NULL, receipt_id TEXT NOT NULL, project TEXT NOT NULL, status INTEGER NOT NULL, price INTEGER NOT NULL,
            tax_free INTEGER NOT NULL, cancelled_price INTEGER NOT NULL, cancelled_tax_free INTEGER NOT NULL, order_id TEXT NOT NULL,
            name TEXT NOT NULL, gateway TEXT NOT NULL, method TEXT NOT NULL, requested_at INTEGER NOT NULL, purchased_at INTEGER,
            revoked_at INTEGER, last_partial_cancel INTEGER, at_gateway INTEGER NOT NULL, due_at INTEGER, billing_key TEXT,
            feedback_url TEXT, feedback_type TEXT, details TEXT NOT NULL, sequence INTEGER NOT NULL,
            PRIMARY KEY (tenant, receipt_id)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX bootpay_payments_due ON bootpay_payments (tenant, due_at) WHERE due_at IS NOT NULL",
        "CREATE INDEX bootpay_payments_newest ON bootpay_payments (tenant, sequence)",
        """
        CREATE TABLE bootpay_cancels (
            id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, project TEXT NOT NULL, receipt_id TEXT NOT NULL, cancel_id TEXT,
            price INTEGER NOT NULL, tax_free INTEGER NOT NULL, name TEXT, reason TEXT, cancelled_at INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX bootpay_cancels_by_id ON bootpay_cancels (tenant, project, cancel_id) WHERE cancel_id IS NOT NULL",
        "CREATE INDEX bootpay_cancels_of ON bootpay_cancels (tenant, receipt_id)",
        """
        CREATE TABLE bootpay_links (
            link TEXT NOT NULL PRIMARY KEY, tenant TEXT NOT NULL, project TEXT NOT NULL, request TEXT NOT NULL, created_at INTEGER NOT NULL,
            expires_at INTEGER, receipt_id TEXT
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX bootpay_links_of ON bootpay_links (tenant)",
    ]

    private static let billing = [
        """
        CREATE TABLE bootpay_billing_keys (
            tenant TEXT NOT NULL, billing_key TEXT NOT NULL, project TEXT NOT NULL, receipt_id TEXT, gateway TEXT NOT NULL,
            method TEXT NOT NULL, card TEXT NOT NULL, issued_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, deleted_at INTEGER,
            PRIMARY KEY (tenant, billing_key)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX bootpay_billing_keys_by_receipt ON bootpay_billing_keys (tenant, receipt_id)",
        """
        CREATE TABLE bootpay_reservations (
            tenant TEXT NOT NULL, reserve_id TEXT NOT NULL, project TEXT NOT NULL, billing_key TEXT NOT NULL, status INTEGER NOT NULL,
            execute_at INTEGER NOT NULL, charge TEXT NOT NULL, receipt_id TEXT, failure TEXT, created_at INTEGER NOT NULL,
            PRIMARY KEY (tenant, reserve_id)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX bootpay_reservations_due ON bootpay_reservations (tenant, status, execute_at)",
        "CREATE INDEX bootpay_reservations_of ON bootpay_reservations (tenant, billing_key, status)",
        """
        CREATE TABLE bootpay_user_tokens (
            user_token TEXT NOT NULL PRIMARY KEY, tenant TEXT NOT NULL, project TEXT NOT NULL, user_id TEXT NOT NULL, issued_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX bootpay_user_tokens_of ON bootpay_user_tokens (tenant)",
    ]

    private static let notices = [
        """
        CREATE TABLE bootpay_webhooks (
            id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, project TEXT NOT NULL, receipt_id TEXT NOT NULL, occasion TEXT NOT NULL,
            url TEXT NOT NULL, format TEXT NOT NULL, members TEXT NOT NULL, created_at INTEGER NOT NULL, attempts INTEGER NOT NULL,
            next_at INTEGER, state TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX bootpay_webhooks_due ON bootpay_webhooks (tenant, next_at) WHERE next_at IS NOT NULL",
        """
        CREATE TABLE bootpay_webhook_attempts (
            tenant TEXT NOT NULL, webhook INTEGER NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, status INTEGER, answer TEXT NOT NULL,
            feedback TEXT NOT NULL, PRIMARY KEY (tenant, webhook, number)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE bootpay_rare_calls (
            id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, project TEXT NOT NULL, route TEXT NOT NULL, at INTEGER NOT NULL, members TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX bootpay_rare_calls_of ON bootpay_rare_calls (tenant)",
    ]
}
