import Base
import SandboxKit
import Storage

extension Transaction {
    fileprivate init?(_ row: Row) {
        guard let id = row.text("transaction_id"), let client = row.text("client"), let kind = row.text("kind").flatMap(Kind.init),
            let requestURL = row.text("request_url"), let requestedAt = row.moment("requested_at"),
            let expiresAt = row.moment("expires_at"),
            let reads = row.integer("reads")
        else { return nil }
        self.init(
            id: id, client: client, kind: kind, requestURL: requestURL, nonce: row.text("nonce"), person: row.text("person"),
            requestedAt: requestedAt, expiresAt: expiresAt, openedAt: row.moment("opened_at"), deniedAt: row.moment("denied_at"),
            completedAt: row.moment("completed_at"), approvesAt: row.moment("approves_at"), reads: reads)
    }
}

extension Records {
    /// The tenant whose transaction that is; nothing when nobody has it.
    static func tenant(ofTransaction id: String, _ connection: Connection) throws -> TenantID? {
        try connection.query("SELECT tenant FROM toss_auth_transactions WHERE transaction_id = ?", .text(id)).first?.text("tenant")
            .flatMap(TenantID.init)
    }

    /// The transaction of that `txId` as time has left it; another tenant's do not exist here.
    func transaction(_ id: String, at now: Timestamp) throws -> Transaction? {
        try connection.query("SELECT * FROM toss_auth_transactions WHERE transaction_id = ? AND tenant = ?", .text(id), owner).first
            .flatMap(Transaction.init)?.settled(at: now)
    }

    /// The tenant's transactions, the youngest first.
    func transactions(limit: Int64, at now: Timestamp) throws -> [Transaction] {
        try connection.query("SELECT * FROM toss_auth_transactions WHERE tenant = ? ORDER BY number DESC LIMIT ?", owner, .integer(limit))
            .compactMap(Transaction.init).map { $0.settled(at: now) }
    }

    /// The tenant's transactions that can still be approved, the youngest first.
    func waitingTransactions(limit: Int64, at now: Timestamp) throws -> [Transaction] {
        // What was to be approved by itself by now counts as approved, as in `Transaction.settled`.
        try connection.query(
            """
            SELECT * FROM toss_auth_transactions WHERE tenant = ?1 AND expires_at > ?2 AND completed_at IS NULL AND denied_at IS NULL
                AND NOT (approves_at IS NOT NULL AND approves_at <= ?2 AND person IS NOT NULL) ORDER BY number DESC LIMIT ?3
            """, owner, now.value, .integer(limit)
        ).compactMap(Transaction.init)
    }

    /// Forgets some of the transactions whose end, and the time for their results after it, are ``keptDays`` past.
    ///
    /// - Parameter window: How long after its completion a result is given.
    private func forgetTransactions(at now: Timestamp, window: Duration) throws {
        let end = now - .seconds(Records.keptDays * 86_400) - window
        try connection.execute(
            """
            DELETE FROM toss_auth_transactions WHERE number IN
                (SELECT number FROM toss_auth_transactions WHERE tenant = ? AND expires_at < ? ORDER BY expires_at LIMIT 16)
            """, owner, end.value)
    }

    /// How many days after its end a transaction can still be looked at.
    private static let keptDays: Int64 = 30

    /// Adds a transaction, and forgets a few that are long over.
    ///
    /// - Parameters:
    ///   - now: The tenant's time.
    ///   - window: How long after its completion a result is given.
    func add(_ transaction: Transaction, at now: Timestamp, window: Duration) throws {
        try forgetTransactions(at: now, window: window)
        try connection.execute(
            """
            INSERT INTO toss_auth_transactions (transaction_id, tenant, client, kind, request_url, nonce, person, requested_at, expires_at,
                opened_at, denied_at, completed_at, approves_at, reads) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)
            """,
            values: [
                .text(transaction.id), owner, .text(transaction.client), .text(transaction.kind.rawValue), .text(transaction.requestURL),
                .optional(transaction.nonce), .optional(transaction.person), transaction.requestedAt.value, transaction.expiresAt.value,
                .moment(transaction.openedAt), .moment(transaction.deniedAt), .moment(transaction.completedAt),
                .moment(transaction.approvesAt), .integer(transaction.reads),
            ])
    }

    /// Keeps what has become of a transaction.
    func update(_ transaction: Transaction) throws {
        try connection.execute(
            """
            UPDATE toss_auth_transactions SET person = ?, expires_at = ?, opened_at = ?, denied_at = ?, completed_at = ?, approves_at = ?,
                reads = ? WHERE transaction_id = ? AND tenant = ?
            """,
            values: [
                .optional(transaction.person), transaction.expiresAt.value, .moment(transaction.openedAt), .moment(transaction.deniedAt),
                .moment(transaction.completedAt), .moment(transaction.approvesAt), .integer(transaction.reads), .text(transaction.id),
                owner,
            ])
    }

    // MARK: Signatures

    /// The signature of a transaction in DER; nothing while there is none.
    func signature(of transaction: String) throws -> [UInt8]? {
        try connection.query(
            "SELECT signature FROM toss_auth_transactions WHERE transaction_id = ? AND tenant = ?", .text(transaction), owner
        ).first?.blob("signature").flatMap { seal.open($0, name: signatureName(transaction)) }
    }

    /// Keeps a transaction's signature, which bears a name and so is sealed.
    func keep(signature: [UInt8], of transaction: String) throws {
        try connection.execute(
            "UPDATE toss_auth_transactions SET signature = ? WHERE transaction_id = ? AND tenant = ?",
            .blob(try seal.seal(signature, name: signatureName(transaction))), .text(transaction), owner)
    }

    private func signatureName(_ transaction: String) -> String { "signature:\(tenant.rawValue):\(transaction)" }
}
