import Storage

/// The tables of the inbound API. Money is in hundredths, an amount of won too.
enum InboundTables {
    static let names = [
        "sentbe_inbound_users", "sentbe_inbound_recipients", "sentbe_inbound_transfers", "sentbe_inbound_wallets",
        "sentbe_inbound_wallet_entries",
    ]

    static let migrations = [
        Migration(
            version: 1,
            statements: [
                """
                CREATE TABLE sentbe_inbound_users (
                    tenant TEXT NOT NULL, id INTEGER NOT NULL, partner TEXT NOT NULL, person TEXT NOT NULL, created_at INTEGER NOT NULL,
                    PRIMARY KEY (tenant, id)
                ) STRICT, WITHOUT ROWID
                """,
                "CREATE INDEX sentbe_inbound_users_of ON sentbe_inbound_users (tenant, partner, id)",
                """
                CREATE TABLE sentbe_inbound_recipients (
                    tenant TEXT NOT NULL, id INTEGER NOT NULL, partner TEXT NOT NULL, user_id INTEGER NOT NULL, person TEXT NOT NULL,
                    bank TEXT NOT NULL, verified_at INTEGER, created_at INTEGER NOT NULL, PRIMARY KEY (tenant, id)
                ) STRICT, WITHOUT ROWID
                """,
                "CREATE INDEX sentbe_inbound_recipients_of ON sentbe_inbound_recipients (tenant, partner, id)",
                """
                CREATE TABLE sentbe_inbound_transfers (
                    tenant TEXT NOT NULL, id INTEGER NOT NULL, partner TEXT NOT NULL, user_id INTEGER NOT NULL, recipient_id INTEGER NOT NULL,
                    external_id TEXT NOT NULL, sender_country TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0), billing TEXT NOT NULL,
                    status TEXT NOT NULL, is_cleared INTEGER NOT NULL, created_at INTEGER NOT NULL, due_at INTEGER,
                    PRIMARY KEY (tenant, id)
                ) STRICT, WITHOUT ROWID
                """,
                "CREATE INDEX sentbe_inbound_transfers_of ON sentbe_inbound_transfers (tenant, partner, id)",
                "CREATE INDEX sentbe_inbound_transfers_by ON sentbe_inbound_transfers (tenant, partner, external_id)",
                "CREATE INDEX sentbe_inbound_transfers_waiting ON sentbe_inbound_transfers (tenant, recipient_id, status)",
                "CREATE INDEX sentbe_inbound_transfers_due ON sentbe_inbound_transfers (tenant, due_at) WHERE due_at IS NOT NULL",
                """
                CREATE TABLE sentbe_inbound_wallets (
                    tenant TEXT NOT NULL, partner TEXT NOT NULL, currency TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount >= 0),
                    PRIMARY KEY (tenant, partner, currency)
                ) STRICT, WITHOUT ROWID
                """,
                // Every change of a balance, so that it can be proved; one transfer takes once and gives back at most once.
                """
                CREATE TABLE sentbe_inbound_wallet_entries (
                    id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, partner TEXT NOT NULL, currency TEXT NOT NULL, amount INTEGER NOT NULL,
                    reason TEXT NOT NULL, transfer INTEGER, at INTEGER NOT NULL
                ) STRICT
                """,
                "CREATE INDEX sentbe_inbound_wallet_entries_of ON sentbe_inbound_wallet_entries (tenant, partner, id)",
                """
                CREATE UNIQUE INDEX sentbe_inbound_wallet_entries_once
                    ON sentbe_inbound_wallet_entries (tenant, transfer, reason, currency) WHERE transfer IS NOT NULL
                """,
            ])
    ]
}
