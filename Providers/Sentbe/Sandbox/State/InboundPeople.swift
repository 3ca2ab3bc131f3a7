import SandboxKit
import Base
import Storage

/// A partner's user of the inbound API: somebody who sends money to Korea.
struct InboundUser: Equatable {
    var id: Int64
    var partner: String
    /// What the partner told of the person, under the names of the API.
    var person: JSON.Members
    var createdAt: Timestamp

    /// As replies show it.
    var json: JSON {
        [
            "id": .number(id), "first_name": person["first_name"] ?? "", "last_name": person["last_name"] ?? "",
            "email": person["email"] ?? .null, "created_at": .string(createdAt.sentbeText),
            "phone_country_code": person["phone_country_code"] ?? .null, "phone_number": person["phone_number"] ?? .null,
        ]
    }
}

/// A recipient in Korea with a bank account.
struct InboundRecipient: Equatable {
    var id: Int64
    var partner: String
    var userID: Int64
    var person: JSON.Members
    /// `bank_attributes`.
    var bank: JSON.Members
    /// When the recipient confirmed by the link in the text message; nothing before.
    var verifiedAt: Timestamp?
    var createdAt: Timestamp

    /// As replies show it.
    var json: JSON {
        [
            "id": .number(id), "first_name": person["first_name"] ?? "", "last_name": person["last_name"] ?? "",
            "email": person["email"] ?? .null, "created_at": .string(createdAt.sentbeText),
            "phone_country_code": person["phone_country_code"] ?? .null, "phone_number": person["phone_number"] ?? .null,
            "birth_date": person["birth_date"] ?? .null,
            "bank_attributes": [
                "name": bank["name"] ?? "", "account_number": bank["account_number"] ?? "",
                "account_holder_name": bank["account_holder_name"] ?? "", "branch": bank["branch"] ?? .null,
            ],
        ]
    }
}

extension Records {
    func inboundUser(_ id: Int64) throws -> InboundUser? {
        try connection.query("SELECT * FROM sentbe_inbound_users WHERE tenant = ? AND id = ?", owner, .integer(id)).first
            .flatMap(InboundUser.init)
    }

    func inboundUsers(of partner: String, _ page: Page) throws -> [InboundUser] {
        try connection.query(
            "SELECT * FROM sentbe_inbound_users WHERE tenant = ? AND partner = ? \(page.clause("id"))", owner, .text(partner)
        ).compactMap(InboundUser.init)
    }

    /// Adds a user, or replaces what is known of the person.
    func save(_ user: InboundUser) throws {
        try connection.execute(
            """
            INSERT INTO sentbe_inbound_users VALUES (?,?,?,?,?)
            ON CONFLICT (tenant, id) DO UPDATE SET person = excluded.person
            """,
            values: [owner, .integer(user.id), .text(user.partner), .text(JSON.object(user.person).text), user.createdAt.value])
    }

    func inboundRecipient(_ id: Int64) throws -> InboundRecipient? {
        try connection.query("SELECT * FROM sentbe_inbound_recipients WHERE tenant = ? AND id = ?", owner, .integer(id)).first
            .flatMap(InboundRecipient.init)
    }

    func inboundRecipients(of partner: String, _ page: Page) throws -> [InboundRecipient] {
        try connection.query(
            "SELECT * FROM sentbe_inbound_recipients WHERE tenant = ? AND partner = ? \(page.clause("id"))", owner, .text(partner)
        ).compactMap(InboundRecipient.init)
    }

    /// Adds a recipient, or replaces what may change of it.
    func save(_ recipient: InboundRecipient) throws {
        try connection.execute(
            """
            INSERT INTO sentbe_inbound_recipients VALUES (?,?,?,?,?,?,?,?)
            ON CONFLICT (tenant, id) DO UPDATE SET person = excluded.person, bank = excluded.bank, verified_at = excluded.verified_at
            """,
            values: [
                owner, .integer(recipient.id), .text(recipient.partner), .integer(recipient.userID),
                .text(JSON.object(recipient.person).text), .text(JSON.object(recipient.bank).text), .moment(recipient.verifiedAt),
                recipient.createdAt.value,
            ])
    }
}

extension InboundUser {
    init?(_ row: Row) {
        guard let id = row.integer("id"), let partner = row.text("partner"), let person = row.members("person"),
            let createdAt = row.moment("created_at")
        else { return nil }
        self.init(id: id, partner: partner, person: person, createdAt: createdAt)
    }
}

extension InboundRecipient {
    init?(_ row: Row) {
        guard let id = row.integer("id"), let partner = row.text("partner"), let userID = row.integer("user_id"),
            let person = row.members("person"), let bank = row.members("bank"), let createdAt = row.moment("created_at")
        else { return nil }
        self.init(
            id: id, partner: partner, userID: userID, person: person, bank: bank, verifiedAt: row.moment("verified_at"),
            createdAt: createdAt)
    }
}
