import Base
import Cryptography
import SandboxKit
import Sentbe
import Storage

/// Somebody who sends money abroad, as Sentbe knows the person, whichever partners' user it is.
struct OutboundUser: Equatable {
    /// The checks of who somebody is.
    enum Check: String, CaseIterable, Sendable {
        case mobile
        case documents
        case bank
    }

    /// Where one of the checks stands. That by telephone knows the first and the last only.
    enum CheckState: String, CaseIterable, Sendable {
        case standby
        case processing
        case rejected
        case pending
        case completed
    }

    var id: Int64
    /// What partners told of the person, under the names of the API: neither password nor identity number.
    var person: JSON.Members
    /// A digest of the identity number or the passport's; nothing for people whom only the control API made.
    var identity: String?
    var password: SaltedPassword?
    var checks: [Check: CheckState]
    /// Won that Sentbe has given to spend on commissions.
    var credit: Int64 = 0
    /// Whether Sentbe wants its data brought up to date before it sends money.
    var isOutdated = false
    var createdAt: Timestamp

    /// The checks that are still to be completed.
    var openChecks: [Check] { Check.allCases.filter { checks[$0] != .completed } }

    /// As replies show it to the partner that calls it by `externalID`.
    func json(externalID: String) -> JSON {
        var states = JSON.Members()
        for check in Check.allCases { states[check.rawValue] = .string((checks[check] ?? .standby).rawValue) }
        return [
            "id": .number(id), "first_name": person["first_name"] ?? "", "last_name": person["last_name"] ?? "",
            "email": person["email"] ?? .null, "created_at": .string(createdAt.sentbeText),
            "phone_country_code": person["phone_country_code"] ?? .null, "phone_number": person["phone_number"] ?? .null,
            "external_id": .string(externalID), "verifications_status": .object(states),
        ]
    }

    /// The digest by which the same person is recognised.
    static func identity(number: String?, passport: String?, nationality: String) -> String? {
        let text = number.map { "number:\($0)" } ?? passport.map { "passport:\(nationality):\($0.uppercased())" }
        return text.map { Hexadecimal.encode(Digest.sha256.hash($0)) }
    }
}

/// A password that can be compared, and not read.
struct SaltedPassword: Equatable {
    var salt: [UInt8]
    var digest: [UInt8]

    /// Digests a password with a fresh salt.
    init(_ text: String, _ random: any RandomSource) {
        salt = random.bytes(16)
        digest = hmacSHA256(Array(text.utf8), key: salt)
    }

    /// A password as it was kept.
    init(salt: [UInt8], digest: [UInt8]) {
        self.salt = salt
        self.digest = digest
    }

    /// Whether `text` is the password, in constant time.
    func isSame(_ text: String) -> Bool { constantTimeEquals(hmacSHA256(Array(text.utf8), key: salt), digest) }
}

extension Records {
    func outboundUser(_ id: Int64) throws -> OutboundUser? {
        try connection.query("SELECT * FROM sentbe_outbound_users WHERE tenant = ? AND id = ?", owner, .integer(id)).first
            .flatMap(OutboundUser.init)
    }

    /// The person of that digest.
    func outboundUser(identity: String) throws -> OutboundUser? {
        try connection.query(
            "SELECT * FROM sentbe_outbound_users WHERE tenant = ? AND identity = ? ORDER BY id LIMIT 1", owner, .text(identity)
        )
        .first.flatMap(OutboundUser.init)
    }

    /// The partner's users, each with its external_id.
    func outboundUsers(of partner: String, _ page: Page) throws -> [(user: OutboundUser, externalID: String)] {
        try connection.query(
            """
            SELECT u.*, r.external_id FROM sentbe_outbound_registrations r JOIN sentbe_outbound_users u ON u.tenant = r.tenant AND u.id = r.user_id
            WHERE r.tenant = ? AND r.partner = ? \(page.clause("u.id"))
            """, owner, .text(partner)
        ).compactMap { row in
            guard let user = OutboundUser(row), let externalID = row.text("external_id") else { return nil }
            return (user, externalID)
        }
    }

    /// The newest users, whichever partner's.
    func outboundUsers(limit: Int64) throws -> [OutboundUser] {
        try connection.query("SELECT * FROM sentbe_outbound_users WHERE tenant = ? ORDER BY id DESC LIMIT ?", owner, .integer(limit))
            .compactMap(OutboundUser.init)
    }

    /// Adds a user, or replaces what may change of it.
    func save(_ user: OutboundUser) throws {
        let states = OutboundUser.Check.allCases.map { SQLValue.text((user.checks[$0] ?? .standby).rawValue) }
        try connection.execute(
            """
            INSERT INTO sentbe_outbound_users VALUES (?,?,?,?,?,?,?,?,?,?,?,?)
            ON CONFLICT (tenant, id) DO UPDATE SET person = excluded.person, identity = excluded.identity,
                password_salt = excluded.password_salt, password = excluded.password, mobile = excluded.mobile,
                documents = excluded.documents, bank = excluded.bank, credit = excluded.credit, is_outdated = excluded.is_outdated
            """,
            values: [
                owner, .integer(user.id), .text(JSON.object(user.person).text), .optional(user.identity), .optional(user.password?.salt),
                .optional(user.password?.digest),
            ] + states + [.integer(user.credit), .boolean(user.isOutdated), user.createdAt.value])
    }

    // MARK: Whose user somebody is

    /// By which external_id a partner calls a user; nothing when it is not its user.
    func externalID(of user: Int64, at partner: String) throws -> String? {
        try connection.query(
            "SELECT external_id FROM sentbe_outbound_registrations WHERE tenant = ? AND partner = ? AND user_id = ?", owner, .text(partner),
            .integer(user)
        ).first?.text("external_id")
    }

    /// The partner's user of that external_id.
    func outboundUserID(externalID: String, at partner: String) throws -> Int64? {
        try connection.query(
            "SELECT user_id FROM sentbe_outbound_registrations WHERE tenant = ? AND partner = ? AND external_id = ?", owner, .text(partner),
            .text(externalID)
        ).first?.integer("user_id")
    }

    /// Makes a person a partner's user.
    func register(_ user: Int64, at partner: String, externalID: String, _ moment: Timestamp) throws {
        try connection.execute(
            "INSERT INTO sentbe_outbound_registrations VALUES (?,?,?,?,?)", owner, .text(partner), .integer(user), .text(externalID),
            moment.value)
    }

    /// The partners of a user with their external ids.
    func registrations(of user: Int64) throws -> [(partner: String, externalID: String)] {
        try connection.query(
            "SELECT partner, external_id FROM sentbe_outbound_registrations WHERE tenant = ? AND user_id = ? ORDER BY partner", owner,
            .integer(user)
        ).compactMap { row in row.text("partner").flatMap { partner in row.text("external_id").map { (partner, $0) } } }
    }
}

extension OutboundUser {
    init?(_ row: Row) {
        guard let id = row.integer("id"), let person = row.members("person"), let credit = row.integer("credit"),
            let createdAt = row.moment("created_at")
        else { return nil }
        var checks: [Check: CheckState] = [:]
        for check in Check.allCases {
            guard let state = row.text(check.rawValue).flatMap(CheckState.init) else { return nil }
            checks[check] = state
        }
        var password: SaltedPassword?
        if let salt = row.blob("password_salt"), let digest = row.blob("password") { password = SaltedPassword(salt: salt, digest: digest) }
        self.init(
            id: id, person: person, identity: row.text("identity"), password: password, checks: checks, credit: credit,
            isOutdated: row.boolean("is_outdated") ?? false, createdAt: createdAt)
    }
}
