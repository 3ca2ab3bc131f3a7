import SandboxKit
import Base
import Sentbe
import Storage

/// Somebody abroad who gets money.
struct OutboundRecipient: Equatable {
    var id: Int64
    var partner: String
    var userID: Int64
    var externalID: String?
    var country: String
    var method: SentbeReceiveMethod
    /// Names and telephone.
    var person: JSON.Members
    /// The method's own fields, under the names of the request.
    var account: JSON.Members
    var createdAt: Timestamp

    /// The currency in which the recipient is paid.
    var currency: String? { Corridor.to(country)?.currency }

    /// As replies show it. Neither e-mail nor birth date can be given, and both are shown.
    var json: JSON {
        var info = JSON.Members()
        for name in OutboundRecipient.shown(method) { info[name] = account[name] ?? .null }
        return [
            "id": .number(id), "first_name": person["first_name"] ?? "", "last_name": person["last_name"] ?? "", "email": .null,
            "created_at": .string(createdAt.sentbeText), "phone_country_code": person["phone_country_code"] ?? .null,
            "phone_number": person["phone_number"] ?? .null, "birth_date": .null, "receive_method": .string(method.rawValue),
            "receive_method_info": .object(info),
        ]
    }

    /// The members of `receive_method_info`.
    static func shown(_ method: SentbeReceiveMethod) -> [String] {
        switch method {
        case .bank: ["name", "account_number", "account_holder_name", "branch"]
        case .pickup: ["name", "branch"]
        case .debitCard: ["name", "card_number", "card_holder_name"]
        case .homeDelivery: ["name"]
        }
    }
}

extension Records {
    func outboundRecipient(_ id: Int64) throws -> OutboundRecipient? {
        try connection.query("SELECT * FROM sentbe_outbound_recipients WHERE tenant = ? AND id = ?", owner, .integer(id)).first
            .flatMap(OutboundRecipient.init)
    }

    /// The partner's recipients: of one user, or of all.
    func outboundRecipients(of partner: String, user: Int64? = nil, _ page: Page) throws -> [OutboundRecipient] {
        let values = [owner, .text(partner)] + (user.map { [SQLValue.integer($0)] } ?? [])
        return try connection.query(
            """
            SELECT * FROM sentbe_outbound_recipients WHERE tenant = ? AND partner = ? \(user == nil ? "" : "AND user_id = ?")
            \(page.clause("id"))
            """, values: values
        ).compactMap(OutboundRecipient.init)
    }

    /// The newest recipients, whichever partner's.
    func outboundRecipients(limit: Int64) throws -> [OutboundRecipient] {
        try connection.query("SELECT * FROM sentbe_outbound_recipients WHERE tenant = ? ORDER BY id DESC LIMIT ?", owner, .integer(limit))
            .compactMap(OutboundRecipient.init)
    }

    /// The partner's recipient of that external_id.
    func outboundRecipient(externalID: String, at partner: String) throws -> OutboundRecipient? {
        try connection.query(
            "SELECT * FROM sentbe_outbound_recipients WHERE tenant = ? AND partner = ? AND external_id = ?", owner, .text(partner),
            .text(externalID)
        ).first.flatMap(OutboundRecipient.init)
    }

    func add(_ recipient: OutboundRecipient) throws {
        try connection.execute(
            "INSERT INTO sentbe_outbound_recipients VALUES (?,?,?,?,?,?,?,?,?,?)",
            values: [
                owner, .integer(recipient.id), .text(recipient.partner), .integer(recipient.userID), .optional(recipient.externalID),
                .text(recipient.country), .text(recipient.method.rawValue), .text(JSON.object(recipient.person).text),
                .text(JSON.object(recipient.account).text), recipient.createdAt.value,
            ])
    }
}

extension OutboundRecipient {
    init?(_ row: Row) {
        guard let id = row.integer("id"), let partner = row.text("partner"), let user = row.integer("user_id"),
            let country = row.text("country"), let method = row.text("method").flatMap({ SentbeReceiveMethod(rawValue: $0) }),
            let person = row.members("person"), let account = row.members("account"), let createdAt = row.moment("created_at")
        else { return nil }
        self.init(
            id: id, partner: partner, userID: user, externalID: row.text("external_id"), country: country, method: method, person: person,
            account: account, createdAt: createdAt)
    }
}
