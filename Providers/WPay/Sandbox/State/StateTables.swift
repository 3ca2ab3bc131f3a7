import Storage

/// The tables of this provider. Every row carries its tenant; moments are nanoseconds since 1970; what is only carried along stands as JSON in `details`.
///
/// Keys are kept as they are: they sign callbacks and open what merchants send, and they belong to a sandbox. Of cards and accounts only the masked number and a
/// digest are kept, of PINs a digest.
enum StateTables {
    static let owner = "wpay"

    static let migrations = [Migration(version: 1, statements: access + wallets + payments)]

    /// All tables, for dropping a tenant.
    static let names = [
        "wpay_tenants", "wpay_merchants", "wpay_members", "wpay_means", "wpay_transactions", "wpay_refunds", "wpay_auto_pays",
        "wpay_visits",
    ]

    private static let access = [
        "CREATE TABLE wpay_tenants (tenant TEXT NOT NULL PRIMARY KEY, settings TEXT NOT NULL) STRICT, WITHOUT ROWID",
        """
        CREATE TABLE wpay_merchants (
            mid TEXT NOT NULL PRIMARY KEY, tenant TEXT NOT NULL, name TEXT NOT NULL, family TEXT NOT NULL, auto_pay INTEGER NOT NULL,
            hash_key TEXT NOT NULL, seed_key TEXT NOT NULL, seed_iv TEXT NOT NULL, ini_key TEXT NOT NULL, created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX wpay_merchants_of ON wpay_merchants (tenant, created_at)",
    ]

    private static let wallets = [
        """
        CREATE TABLE wpay_members (
            tenant TEXT NOT NULL, user_key TEXT NOT NULL, family TEXT NOT NULL, user_id TEXT NOT NULL, ci TEXT NOT NULL, status TEXT NOT NULL,
            pin TEXT, wrong_pins INTEGER NOT NULL, joined_at INTEGER NOT NULL, left_at INTEGER, details TEXT NOT NULL,
            PRIMARY KEY (tenant, user_key)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX wpay_members_by_id ON wpay_members (tenant, family, user_id)",
        "CREATE INDEX wpay_members_by_ci ON wpay_members (tenant, family, ci)",
        """
        CREATE TABLE wpay_means (
            tenant TEXT NOT NULL, token TEXT NOT NULL, user_key TEXT NOT NULL, method TEXT NOT NULL, status TEXT NOT NULL, main INTEGER NOT NULL,
            number_digest TEXT NOT NULL, registered_at INTEGER NOT NULL, sequence INTEGER NOT NULL, details TEXT NOT NULL,
            PRIMARY KEY (tenant, token)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX wpay_means_of ON wpay_means (tenant, user_key, sequence)",
        """
        CREATE TABLE wpay_visits (
            tenant TEXT NOT NULL, visit TEXT NOT NULL PRIMARY KEY, mid TEXT NOT NULL, product TEXT NOT NULL, api TEXT NOT NULL, fields TEXT NOT NULL,
            progress TEXT NOT NULL, host TEXT NOT NULL, is_secure INTEGER NOT NULL, due_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX wpay_visits_due ON wpay_visits (tenant, due_at)",
    ]

    private static let payments = [
        """
        CREATE TABLE wpay_transactions (
            tenant TEXT NOT NULL, wtid TEXT NOT NULL, mid TEXT NOT NULL, user_key TEXT NOT NULL, token TEXT NOT NULL, oid TEXT NOT NULL,
            price INTEGER NOT NULL, refunded INTEGER NOT NULL, state TEXT NOT NULL, tid TEXT, authenticated_at INTEGER NOT NULL,
            approved_at INTEGER, ended_at INTEGER, due_at INTEGER, sign_up TEXT, details TEXT NOT NULL, sequence INTEGER NOT NULL,
            PRIMARY KEY (tenant, wtid)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE UNIQUE INDEX wpay_transactions_by_tid ON wpay_transactions (tenant, tid) WHERE tid IS NOT NULL",
        "CREATE INDEX wpay_transactions_due ON wpay_transactions (tenant, due_at) WHERE due_at IS NOT NULL",
        "CREATE INDEX wpay_transactions_newest ON wpay_transactions (tenant, sequence)",
        "CREATE INDEX wpay_transactions_of_sign_up ON wpay_transactions (tenant, sign_up, oid) WHERE sign_up IS NOT NULL",
        """
        CREATE TABLE wpay_refunds (
            tenant TEXT NOT NULL, wtid TEXT NOT NULL, number INTEGER NOT NULL, tid TEXT NOT NULL, price INTEGER NOT NULL, remaining INTEGER NOT NULL,
            partial INTEGER NOT NULL, reason TEXT NOT NULL, refunded_at INTEGER NOT NULL, PRIMARY KEY (tenant, wtid, number)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX wpay_refunds_by_tid ON wpay_refunds (tenant, tid)",
        """
        CREATE TABLE wpay_auto_pays (
            tenant TEXT NOT NULL, wtid TEXT NOT NULL, mid TEXT NOT NULL, charge_mid TEXT, user_key TEXT NOT NULL, token TEXT NOT NULL,
            means TEXT NOT NULL, oid TEXT NOT NULL, goods_name TEXT NOT NULL, price INTEGER NOT NULL, status TEXT NOT NULL,
            signed_up_at INTEGER NOT NULL, ended_at INTEGER, sequence INTEGER NOT NULL, PRIMARY KEY (tenant, wtid)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX wpay_auto_pays_of ON wpay_auto_pays (tenant, user_key, sequence)",
        "CREATE UNIQUE INDEX wpay_auto_pays_by_token ON wpay_auto_pays (tenant, token)",
    ]
}
