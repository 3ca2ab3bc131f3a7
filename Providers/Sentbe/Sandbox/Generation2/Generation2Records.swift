import Base
import Cryptography
import SandboxKit
import Sentbe
import Storage

/// A partner's credentials of the second generation.
struct Generation2Keys: Equatable, Sendable {
    /// `x-api-key`; unique over all tenants, since it is what tells them apart.
    var apiKey: String
    var partner: String
    var hmacSecret: Secret
    /// The HMAC secret before the latest re-issue, so that a refusal can say that it was used.
    var formerSecret: Secret?
    var dataSecret: Secret
    /// Where Sentbe calls the partner; nothing while the sandbox plays the partner's part too.
    var url: String?
}

/// A user of the second generation, or somebody who is a customer of Sentbe and nobody's user yet.
struct Generation2User: Equatable, Sendable {
    var id: Int64
    /// Whose user it is; nothing while the person is a customer of Sentbe only.
    var partner: String?
    /// A digest of id_number.
    var identity: String
    /// What the partner told, without id_number.
    var person: JSON.Members
    /// Whether the web view was finished.
    var isVerified = false
    var verificationID: String
    /// What the user must enter where the sandbox plays the partner's part.
    var code: String
    var createdAt: Timestamp

    /// The digest by which the same person is recognised, however the number was written.
    static func identity(_ number: String) -> String {
        Hexadecimal.encode(Digest.sha256.hash("generation2:\(number.filter { $0 != "-" }.uppercased())"))
    }
}

/// A transfer that a user has ordered in the web view.
struct Generation2Transfer: Equatable, Sendable {
    enum Status: String {
        /// Waits for the partner to withdraw the won.
        case requested = "REQUESTED"
        /// The partner has reported the withdrawal.
        case received = "RECEIVED"
    }

    /// `tr_id`.
    var id: String
    var number: Int64
    var partner: String
    var userID: Int64
    /// Won.
    var fromAmount: Int64
    var fee: Int64
    var toAmount: Money
    var currency: String
    var rate: ExchangeRate
    var status = Status.requested
    var trNo: String?
    var createdAt: Timestamp

    /// Won that the partner takes from the user's account.
    var withdrawal: Int64 { fromAmount + fee }
}

extension Records {
    // MARK: Credentials

    func generation2Keys(of partner: String) throws -> Generation2Keys? {
        try connection.query("SELECT * FROM sentbe_generation2_keys WHERE tenant = ? AND partner = ?", owner, .text(partner)).first
            .flatMap(Generation2Keys.init)
    }

    func generation2Keys() throws -> [Generation2Keys] {
        try connection.query("SELECT * FROM sentbe_generation2_keys WHERE tenant = ? ORDER BY partner", owner).compactMap(
            Generation2Keys.init)
    }

    /// Adds credentials, or replaces those of the same partner.
    func save(_ keys: Generation2Keys) throws {
        try connection.execute(
            """
            INSERT INTO sentbe_generation2_keys VALUES (?,?,?,?,?,?,?)
            ON CONFLICT (tenant, partner) DO UPDATE SET api_key = excluded.api_key, hmac_secret = excluded.hmac_secret,
                former_secret = excluded.former_secret, data_secret = excluded.data_secret, url = excluded.url
            """,
            values: [
                .text(keys.apiKey), owner, .text(keys.partner), .text(keys.hmacSecret.withText { $0 }),
                .optional(keys.formerSecret?.withText { $0 }), .text(keys.dataSecret.withText { $0 }), .optional(keys.url),
            ])
    }

    /// Remembers a nonce with its signature; false when the pair came before. Pairs that the window keeps out by themselves are forgotten.
    func remember(nonce: Int64, digest: [UInt8], oldest: Int64) throws -> Bool {
        try connection.execute("DELETE FROM sentbe_generation2_nonces WHERE tenant = ? AND nonce < ?", owner, .integer(oldest))
        try connection.execute(
            "INSERT INTO sentbe_generation2_nonces VALUES (?,?,?) ON CONFLICT DO NOTHING", owner, .blob(digest), .integer(nonce))
        return connection.changes == 1
    }

    // MARK: Users

    func generation2User(_ id: Int64) throws -> Generation2User? {
        try connection.query("SELECT * FROM sentbe_generation2_users WHERE tenant = ? AND id = ?", owner, .integer(id)).first
            .flatMap(Generation2User.init)
    }

    func generation2User(identity: String) throws -> Generation2User? {
        try connection.query("SELECT * FROM sentbe_generation2_users WHERE tenant = ? AND identity = ?", owner, .text(identity)).first
            .flatMap(Generation2User.init)
    }

    func generation2Users(limit: Int64) throws -> [Generation2User] {
        try connection.query("SELECT * FROM sentbe_generation2_users WHERE tenant = ? ORDER BY id DESC LIMIT ?", owner, .integer(limit))
            .compactMap(Generation2User.init)
    }

    /// Adds a user, or replaces what may change of it.
    func save(_ user: Generation2User) throws {
        try connection.execute(
            """
            INSERT INTO sentbe_generation2_users VALUES (?,?,?,?,?,?,?,?,?)
            ON CONFLICT (tenant, id) DO UPDATE SET partner = excluded.partner, person = excluded.person, is_verified = excluded.is_verified,
                verification_id = excluded.verification_id, code = excluded.code
            """,
            values: [
                owner, .integer(user.id), .optional(user.partner), .text(user.identity), .text(JSON.object(user.person).text),
                .boolean(user.isVerified), .text(user.verificationID), .text(user.code), user.createdAt.value,
            ])
    }

    /// A number that no user has or has had.
    func nextGeneration2User() throws -> Int64 {
        let row = try connection.query("SELECT largest FROM sentbe_generation2_deleted WHERE tenant = ?", owner).first
        return try nextNumber("sentbe_generation2_users", "id", from: max(1_001_000, (row?.integer("largest") ?? 0) + 1))
    }

    /// Drops a user with its web views. Its transfers stay, since they happened, and so does its number.
    func removeGeneration2User(_ id: Int64) throws {
        try connection.execute(
            """
            INSERT INTO sentbe_generation2_deleted VALUES (?,?)
            ON CONFLICT (tenant) DO UPDATE SET largest = max(largest, excluded.largest)
            """, owner, .integer(id))
        for table in [
            "sentbe_generation2_users WHERE tenant = ? AND id = ?", "sentbe_generation2_webviews WHERE tenant = ? AND user_id = ?",
        ] {
            try connection.execute("DELETE FROM \(table)", owner, .integer(id))
        }
    }

    // MARK: Web views

    func addWebview(_ id: String, partner: String, user: Int64, end: Timestamp, _ now: Timestamp) throws {
        try connection.execute(
            "DELETE FROM sentbe_generation2_webviews WHERE tenant = ? AND expires_at < ?", owner, (now - .seconds(86_400)).value)
        try connection.execute(
            "INSERT INTO sentbe_generation2_webviews VALUES (?,?,?,?,?)", .text(id), owner, .text(partner), .integer(user), end.value)
    }

    // MARK: Rates and transfers

    /// Keeps a rate under a fresh id, and forgets those of before `oldest`.
    func addGeneration2Rate(_ rate: ExchangeRate, _ currency: String, partner: String, oldest: Timestamp, _ now: Timestamp) throws -> Int64
    {
        let id = try nextNumber("sentbe_generation2_rates", "id", from: 1_905_202_001)
        try connection.execute("DELETE FROM sentbe_generation2_rates WHERE tenant = ? AND created_at < ?", owner, oldest.value)
        try connection.execute(
            "INSERT INTO sentbe_generation2_rates VALUES (?,?,?,?,?,?)", owner, .integer(id), .text(partner), .text(currency),
            .text(rate.text),
            now.value)
        return id
    }

    /// A rate that was told to a partner for a currency, and when.
    func generation2Rate(_ id: Int64, _ currency: String, partner: String) throws -> (rate: ExchangeRate, at: Timestamp)? {
        let row = try connection.query(
            "SELECT * FROM sentbe_generation2_rates WHERE tenant = ? AND id = ? AND partner = ? AND currency = ?", owner, .integer(id),
            .text(partner), .text(currency)
        ).first
        guard let row, let rate = row.text("rate").flatMap({ ExchangeRate($0) }), let at = row.moment("created_at") else { return nil }
        return (rate, at)
    }

    func generation2Transfer(_ id: String) throws -> Generation2Transfer? {
        try connection.query("SELECT * FROM sentbe_generation2_transfers WHERE tenant = ? AND id = ?", owner, .text(id)).first
            .flatMap(Generation2Transfer.init)
    }

    /// The newest transfers: of one user, or of all.
    func generation2Transfers(user: Int64?, limit: Int64) throws -> [Generation2Transfer] {
        let values = [owner] + (user.map { [SQLValue.integer($0)] } ?? []) + [.integer(limit)]
        return try connection.query(
            """
            SELECT * FROM sentbe_generation2_transfers WHERE tenant = ? \(user == nil ? "" : "AND user_id = ?") ORDER BY number DESC LIMIT ?
            """, values: values
        ).compactMap(Generation2Transfer.init)
    }

    /// Adds a transfer, or replaces what may change of it.
    func save(_ transfer: Generation2Transfer) throws {
        try connection.execute(
            """
            INSERT INTO sentbe_generation2_transfers VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)
            ON CONFLICT (tenant, id) DO UPDATE SET status = excluded.status, tr_no = excluded.tr_no
            """,
            values: [
                owner, .text(transfer.id), .integer(transfer.number), .text(transfer.partner), .integer(transfer.userID),
                .integer(transfer.fromAmount), .integer(transfer.fee), .integer(transfer.toAmount.hundredths), .text(transfer.currency),
                .text(transfer.rate.text), .text(transfer.status.rawValue), .optional(transfer.trNo), transfer.createdAt.value,
            ])
    }
}

extension Generation2Keys {
    /// The credentials of an `x-api-key`, with the tenant they belong to.
    static func find(_ apiKey: String, _ connection: Connection) throws -> (keys: Generation2Keys, tenant: String)? {
        let row = try connection.query("SELECT * FROM sentbe_generation2_keys WHERE api_key = ?", .text(apiKey)).first
        guard let row, let keys = Generation2Keys(row), let tenant = row.text("tenant") else { return nil }
        return (keys, tenant)
    }

    init?(_ row: Row) {
        guard let apiKey = row.text("api_key"), let partner = row.text("partner"), let hmac = row.text("hmac_secret"),
            let data = row.text("data_secret")
        else { return nil }
        self.init(
            apiKey: apiKey, partner: partner, hmacSecret: Secret(hmac), formerSecret: row.text("former_secret").map { Secret($0) },
            dataSecret: Secret(data), url: row.text("url"))
    }
}

extension Generation2User {
    init?(_ row: Row) {
        guard let id = row.integer("id"), let identity = row.text("identity"), let person = row.members("person"),
            let verification = row.text("verification_id"), let code = row.text("code"), let createdAt = row.moment("created_at")
        else { return nil }
        self.init(
            id: id, partner: row.text("partner"), identity: identity, person: person, isVerified: row.boolean("is_verified") ?? false,
            verificationID: verification, code: code, createdAt: createdAt)
    }
}

extension Generation2Transfer {
    init?(_ row: Row) {
        guard let id = row.text("id"), let number = row.integer("number"), let partner = row.text("partner"),
            let user = row.integer("user_id"), let from = row.integer("from_amount"), let fee = row.integer("fee"),
            let to = row.money("to_amount"), let currency = row.text("currency"), let rate = row.text("rate").flatMap({ ExchangeRate($0) }),
            let status = row.text("status").flatMap(Status.init), let createdAt = row.moment("created_at")
        else { return nil }
        self.init(
            id: id, number: number, partner: partner, userID: user, fromAmount: from, fee: fee, toAmount: to, currency: currency,
            rate: rate,
            status: status, trNo: row.text("tr_no"), createdAt: createdAt)
    }
}
