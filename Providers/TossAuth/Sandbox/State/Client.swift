import Base
import Cryptography
import SandboxKit
import Storage

/// A customer's credentials. Of the secret only a salted digest is kept.
struct Client: Equatable, Sendable {
    /// `client_id`: one tenant's alone.
    let id: String
    let tenant: TenantID
    private var salt: [UInt8]
    private var digest: [UInt8]
    /// How long its tokens are good; nothing for what the settings say.
    var tokenLifetime: Duration?
    /// Counts up when all of its tokens are revoked.
    var tokenGeneration: Int64
    let createdAt: Timestamp

    /// Credentials with that secret.
    init(
        id: String, secret: Secret, tenant: TenantID, tokenLifetime: Duration? = nil, at now: Timestamp, _ random: any RandomSource
    ) {
        let salt = random.bytes(16)
        self.id = id
        self.tenant = tenant
        self.salt = salt
        digest = secret.withBytes { Client.digest($0, salt) }
        self.tokenLifetime = tokenLifetime
        tokenGeneration = 0
        createdAt = now
    }

    /// Whether they are for tests, which the provider tells by their beginning.
    var isTest: Bool { id.hasPrefix("test_") }

    /// Whether that is the secret.
    func accepts(_ secret: String) -> Bool { constantTimeEquals(Client.digest(Array(secret.utf8), salt), digest) }

    /// What ties the beginning of a token's identifier to this very client and its present generation of tokens: six bytes.
    func tokenMark(_ start: [UInt8]) -> [UInt8] {
        Array(hmacSHA256(Array("token \(tokenGeneration) \(id) ".utf8) + start, key: salt).prefix(6))
    }

    /// How long a token is good.
    func tokenLifetime(_ settings: ServiceSettings) -> Duration {
        tokenLifetime ?? .seconds(settings[isTest ? ServiceSettingList.testTokenSeconds : ServiceSettingList.liveTokenSeconds])
    }

    private static func digest(_ secret: [UInt8], _ salt: [UInt8]) -> [UInt8] { Digest.sha256.hash(salt + secret) }

    /// Fresh credentials in the form of the published ones, with the secret, which is told once.
    static func freshCredentials(isTest: Bool, _ random: any RandomSource) -> (id: String, secret: String) {
        let prefix = isTest ? "test_" : ""
        return (prefix + random.hexadecimal(16), prefix + random.hexadecimal(22))
    }
}

extension Client {
    fileprivate init?(_ row: Row) {
        guard let id = row.text("client"), let tenant = row.text("tenant").flatMap(TenantID.init), let salt = row.blob("salt"),
            let digest = row.blob("secret"), let generation = row.integer("token_generation"), let createdAt = row.moment("created_at")
        else { return nil }
        self.id = id
        self.tenant = tenant
        self.salt = salt
        self.digest = digest
        tokenLifetime = row.integer("token_seconds").map { .seconds($0) }
        tokenGeneration = generation
        self.createdAt = createdAt
    }

    /// The client of that id, whichever tenant's.
    static func find(_ id: String, _ connection: Connection) throws -> Client? {
        try connection.query("SELECT * FROM toss_auth_clients WHERE client = ?", .text(id)).first.flatMap(Client.init)
    }

    fileprivate var values: [SQLValue] {
        [
            .text(id), .text(tenant.rawValue), .blob(salt), .blob(digest), .optional(tokenLifetime?.wholeSeconds),
            .integer(tokenGeneration),
            createdAt.value,
        ]
    }

    /// The client as the control API shows it; never its secret.
    func json(_ settings: ServiceSettings) -> JSON {
        [
            "client_id": .string(id), "test": .boolean(isTest), "token_seconds": .number(tokenLifetime(settings).wholeSeconds),
            "created_at": .optional(createdAt),
        ]
    }
}

extension Records {
    /// The tenant's clients, the oldest first.
    func clients() throws -> [Client] {
        try connection.query("SELECT * FROM toss_auth_clients WHERE tenant = ? ORDER BY created_at, client", owner).compactMap(Client.init)
    }

    /// Adds a client. Whether its id is taken must have been asked before.
    func add(_ client: Client) throws {
        try connection.execute("INSERT INTO toss_auth_clients VALUES (?,?,?,?,?,?,?)", values: client.values)
    }

    /// From now on none of the client's tokens is good.
    func revokeTokens(of client: Client) throws {
        try connection.execute(
            "UPDATE toss_auth_clients SET token_generation = token_generation + 1 WHERE client = ? AND tenant = ?", .text(client.id), owner)
    }

    /// Drops a client; its transactions stay, and nobody can ask for them.
    func remove(_ client: Client) throws {
        try connection.execute("DELETE FROM toss_auth_clients WHERE client = ? AND tenant = ?", .text(client.id), owner)
    }
}
