import Storage

/// The tables of the outbound API. Amounts of won and of the foreign currency are whole units, a rate is the text of an exact decimal.
///
/// An identity number is kept as a digest only, to recognise the same person; of a document the picture is not kept, of a password a salted digest.
enum OutboundTables {
    static let names = [
        "sentbe_outbound_users", "sentbe_outbound_registrations", "sentbe_outbound_codes", "sentbe_outbound_documents",
        "sentbe_outbound_recipients", "sentbe_outbound_rates", "sentbe_outbound_transfers", "sentbe_outbound_faults",
    ]

    static let migrations = [Migration(version: 1, statements: people + money)]

    private static let people = [
        """
        CREATE TABLE sentbe_outbound_users (
            tenant TEXT NOT NULL, id INTEGER NOT NULL, person TEXT NOT NULL, identity TEXT, password_salt BLOB, password BLOB,
            mobile TEXT NOT NULL, documents TEXT NOT NULL, bank TEXT NOT NULL, credit INTEGER NOT NULL CHECK (credit >= 0),
            is_outdated INTEGER NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (tenant, id)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX sentbe_outbound_users_by ON sentbe_outbound_users (tenant, identity) WHERE identity IS NOT NULL",
        // Whose user somebody is: one person may be several partners'.
        """
        CREATE TABLE sentbe_outbound_registrations (
            tenant TEXT NOT NULL, partner TEXT NOT NULL, user_id INTEGER NOT NULL, external_id TEXT NOT NULL, created_at INTEGER NOT NULL,
            PRIMARY KEY (tenant, partner, user_id)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE UNIQUE INDEX sentbe_outbound_registrations_by ON sentbe_outbound_registrations (tenant, partner, external_id)",
        """
        CREATE TABLE sentbe_outbound_codes (
            tenant TEXT NOT NULL, partner TEXT NOT NULL, user_id INTEGER NOT NULL, kind TEXT NOT NULL, code TEXT NOT NULL,
            sent_at INTEGER NOT NULL, failures INTEGER NOT NULL, PRIMARY KEY (tenant, partner, user_id, kind)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE sentbe_outbound_documents (
            tenant TEXT NOT NULL, id INTEGER NOT NULL, partner TEXT NOT NULL, user_id INTEGER NOT NULL, type TEXT NOT NULL,
            format TEXT NOT NULL, bytes INTEGER NOT NULL, digest TEXT NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (tenant, id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE sentbe_outbound_recipients (
            tenant TEXT NOT NULL, id INTEGER NOT NULL, partner TEXT NOT NULL, user_id INTEGER NOT NULL, external_id TEXT,
            country TEXT NOT NULL, method TEXT NOT NULL, person TEXT NOT NULL, account TEXT NOT NULL, created_at INTEGER NOT NULL,
            PRIMARY KEY (tenant, id)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX sentbe_outbound_recipients_of ON sentbe_outbound_recipients (tenant, partner, user_id, id)",
        """
        CREATE UNIQUE INDEX sentbe_outbound_recipients_by ON sentbe_outbound_recipients (tenant, partner, external_id)
            WHERE external_id IS NOT NULL
        """,
    ]

    private static let money = [
        """
        CREATE TABLE sentbe_outbound_rates (
            tenant TEXT NOT NULL, id INTEGER NOT NULL, partner TEXT NOT NULL, user_id INTEGER NOT NULL, recipient_id INTEGER NOT NULL,
            amount INTEGER NOT NULL, currency TEXT NOT NULL, rate TEXT NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (tenant, id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE sentbe_outbound_transfers (
            tenant TEXT NOT NULL, id INTEGER NOT NULL, partner TEXT NOT NULL, user_id INTEGER NOT NULL, recipient_id INTEGER NOT NULL,
            external_id TEXT NOT NULL, sender_country TEXT NOT NULL, receive_amount INTEGER NOT NULL CHECK (receive_amount > 0),
            currency TEXT NOT NULL, rate TEXT NOT NULL, send_amount INTEGER NOT NULL CHECK (send_amount > 0), commission INTEGER NOT NULL,
            credit_used INTEGER NOT NULL, virtual_account TEXT NOT NULL, status TEXT NOT NULL, is_cleared INTEGER NOT NULL,
            created_at INTEGER NOT NULL, due_at INTEGER, PRIMARY KEY (tenant, id)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX sentbe_outbound_transfers_of ON sentbe_outbound_transfers (tenant, partner, user_id, id)",
        "CREATE INDEX sentbe_outbound_transfers_by ON sentbe_outbound_transfers (tenant, partner, external_id)",
        "CREATE INDEX sentbe_outbound_transfers_due ON sentbe_outbound_transfers (tenant, due_at) WHERE due_at IS NOT NULL",
        """
        CREATE TABLE sentbe_outbound_faults (
            id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, call TEXT NOT NULL, code TEXT NOT NULL, remaining INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX sentbe_outbound_faults_of ON sentbe_outbound_faults (tenant, id)",
    ]
}
