import Storage

/// The tables of the second generation. The secrets are kept as they are: bodies are opened and answered with them, and they open nothing but a sandbox.
enum Generation2Tables {
    static let names = [
        "sentbe_generation2_keys", "sentbe_generation2_nonces", "sentbe_generation2_users", "sentbe_generation2_webviews",
        "sentbe_generation2_rates", "sentbe_generation2_transfers", "sentbe_generation2_deleted",
    ]

    static let migrations = [
        Migration(
            version: 1,
            statements: [
                """
                CREATE TABLE sentbe_generation2_keys (
                    api_key TEXT NOT NULL PRIMARY KEY, tenant TEXT NOT NULL, partner TEXT NOT NULL, hmac_secret TEXT NOT NULL,
                    former_secret TEXT, data_secret TEXT NOT NULL, url TEXT
                ) STRICT, WITHOUT ROWID
                """,
                "CREATE UNIQUE INDEX sentbe_generation2_keys_of ON sentbe_generation2_keys (tenant, partner)",
                // The digest of a nonce with its signature, until no clock could let it in again.
                """
                CREATE TABLE sentbe_generation2_nonces (
                    tenant TEXT NOT NULL, digest BLOB NOT NULL, nonce INTEGER NOT NULL, PRIMARY KEY (tenant, digest)
                ) STRICT, WITHOUT ROWID
                """,
                "CREATE INDEX sentbe_generation2_nonces_old ON sentbe_generation2_nonces (tenant, nonce)",
                """
                CREATE TABLE sentbe_generation2_users (
                    tenant TEXT NOT NULL, id INTEGER NOT NULL, partner TEXT, identity TEXT NOT NULL, person TEXT NOT NULL,
                    is_verified INTEGER NOT NULL, verification_id TEXT NOT NULL, code TEXT NOT NULL, created_at INTEGER NOT NULL,
                    PRIMARY KEY (tenant, id)
                ) STRICT, WITHOUT ROWID
                """,
                "CREATE UNIQUE INDEX sentbe_generation2_users_by ON sentbe_generation2_users (tenant, identity)",
                """
                CREATE TABLE sentbe_generation2_webviews (
                    id TEXT NOT NULL PRIMARY KEY, tenant TEXT NOT NULL, partner TEXT NOT NULL, user_id INTEGER NOT NULL,
                    expires_at INTEGER NOT NULL
                ) STRICT, WITHOUT ROWID
                """,
                "CREATE INDEX sentbe_generation2_webviews_of ON sentbe_generation2_webviews (tenant)",
                """
                CREATE TABLE sentbe_generation2_rates (
                    tenant TEXT NOT NULL, id INTEGER NOT NULL, partner TEXT NOT NULL, currency TEXT NOT NULL, rate TEXT NOT NULL,
                    created_at INTEGER NOT NULL, PRIMARY KEY (tenant, id)
                ) STRICT, WITHOUT ROWID
                """,
                // Won are whole, the foreign amount is in hundredths.
                """
                CREATE TABLE sentbe_generation2_transfers (
                    tenant TEXT NOT NULL, id TEXT NOT NULL, number INTEGER NOT NULL, partner TEXT NOT NULL, user_id INTEGER NOT NULL,
                    from_amount INTEGER NOT NULL CHECK (from_amount > 0), fee INTEGER NOT NULL, to_amount INTEGER NOT NULL,
                    currency TEXT NOT NULL, rate TEXT NOT NULL, status TEXT NOT NULL, tr_no TEXT, created_at INTEGER NOT NULL,
                    PRIMARY KEY (tenant, id)
                ) STRICT, WITHOUT ROWID
                """,
                "CREATE INDEX sentbe_generation2_transfers_of ON sentbe_generation2_transfers (tenant, user_id, number)",
            ]),
        Migration(
            version: 2,
            statements: [
                // The largest number of a deleted user: it must not become another's, whose transfers and stored ids would then be mixed up.
                "CREATE TABLE sentbe_generation2_deleted (tenant TEXT NOT NULL PRIMARY KEY, largest INTEGER NOT NULL) STRICT, WITHOUT ROWID"
            ]),
    ]
}
