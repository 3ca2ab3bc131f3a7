import Base
import SandboxKit
import Sentbe
import Storage

/// Money on its way abroad.
struct OutboundTransfer: Equatable {
    var id: Int64
    var partner: String
    var userID: Int64
    var recipientID: Int64
    var externalID: String
    var senderCountry: String
    var quote: OutboundQuote
    /// Bank, number and holder, one text.
    var virtualAccount: String
    var status = OutboundStatus.requested
    /// Whether the money-laundering filter has let it go.
    var isCleared = false
    var createdAt: Timestamp
    /// When time moves it; nothing when it does not.
    var dueAt: Timestamp?

    /// As replies show it: without external_id, which only callbacks carry.
    var json: JSON {
        [
            "transfer_id": .number(id), "user_id": .number(userID), "recipient_id": .number(recipientID),
            "sender_country": .string(senderCountry), "send_amount": .number(quote.sendAmount), "send_amount_currency": "KRW",
            "receive_amount": .number("\(quote.receiveAmount).0"), "receive_amount_currency": .string(quote.currency),
            "commission": .number(quote.commission), "commission_currency": "KRW", "status": .string(status.rawValue),
            "virtual_account": .string(virtualAccount), "created_at": .string(createdAt.sentbeText),
        ]
    }
}

/// A rate that was told to a partner and holds for a while.
struct OutboundRate: Equatable {
    /// `exchange_rate_list_id`.
    var id: Int64
    var partner: String
    var userID: Int64
    var recipientID: Int64
    /// Whole units of the foreign currency.
    var amount: Int64
    var currency: String
    var rate: ExchangeRate
    var createdAt: Timestamp
}

extension OutboundQuote {
    /// The `data` of a quote, in the published sample's order and forms: won whole, the foreign amount with a fraction.
    func json(rateID: Int64) -> JSON {
        [
            "send_amount": .number(sendAmount), "send_amount_currency": "KRW", "receive_amount": .number("\(receiveAmount).0"),
            "receive_amount_currency": .string(currency), "commission": .number(commission), "commission_currency": "KRW",
            "credit_usage_amount": .number(creditUsage), "total_commission": .number(totalCommission),
            "exchange_rate_list_id": .number(rateID),
        ]
    }
}

extension Records {
    func outboundRate(_ id: Int64) throws -> OutboundRate? {
        try connection.query("SELECT * FROM sentbe_outbound_rates WHERE tenant = ? AND id = ?", owner, .integer(id)).first
            .flatMap(OutboundRate.init)
    }

    /// Keeps a rate, and forgets those that ended more than a day ago: its id was drawn before, so none comes twice.
    func add(_ rate: OutboundRate, lifetime: Duration) throws {
        try connection.execute(
            "DELETE FROM sentbe_outbound_rates WHERE tenant = ? AND created_at < ?", owner,
            (rate.createdAt - lifetime - .seconds(86_400)).value)
        try connection.execute(
            "INSERT INTO sentbe_outbound_rates VALUES (?,?,?,?,?,?,?,?,?)",
            values: [
                owner, .integer(rate.id), .text(rate.partner), .integer(rate.userID), .integer(rate.recipientID), .integer(rate.amount),
                .text(rate.currency), .text(rate.rate.text), rate.createdAt.value,
            ])
    }

    func outboundTransfer(_ id: Int64) throws -> OutboundTransfer? {
        try connection.query("SELECT * FROM sentbe_outbound_transfers WHERE tenant = ? AND id = ?", owner, .integer(id)).first
            .flatMap(OutboundTransfer.init)
    }

    /// The partner's transfers: of one user, or of all.
    func outboundTransfers(of partner: String, user: Int64? = nil, _ page: Page) throws -> [OutboundTransfer] {
        let values = [owner, .text(partner)] + (user.map { [SQLValue.integer($0)] } ?? [])
        return try connection.query(
            """
            SELECT * FROM sentbe_outbound_transfers WHERE tenant = ? AND partner = ? \(user == nil ? "" : "AND user_id = ?")
            \(page.clause("id"))
            """, values: values
        ).compactMap(OutboundTransfer.init)
    }

    /// The newest transfers, whichever partner's.
    func outboundTransfers(limit: Int64) throws -> [OutboundTransfer] {
        try connection.query("SELECT * FROM sentbe_outbound_transfers WHERE tenant = ? ORDER BY id DESC LIMIT ?", owner, .integer(limit))
            .compactMap(OutboundTransfer.init)
    }

    /// The partner's transfer that was made with that external_id, the latest if there are several.
    func outboundTransfer(externalID: String, at partner: String) throws -> OutboundTransfer? {
        try connection.query(
            "SELECT * FROM sentbe_outbound_transfers WHERE tenant = ? AND partner = ? AND external_id = ? ORDER BY id DESC LIMIT 1", owner,
            .text(partner), .text(externalID)
        ).first.flatMap(OutboundTransfer.init)
    }

    /// The transfer that time moves first.
    func nextDueOutboundTransfer() throws -> OutboundTransfer? {
        try connection.query(
            "SELECT * FROM sentbe_outbound_transfers WHERE tenant = ? AND due_at IS NOT NULL ORDER BY due_at, id LIMIT 1", owner
        ).first.flatMap(OutboundTransfer.init)
    }

    /// Adds a transfer, or replaces what may change of it.
    func save(_ transfer: OutboundTransfer) throws {
        try connection.execute(
            """
            INSERT INTO sentbe_outbound_transfers VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
            ON CONFLICT (tenant, id) DO UPDATE SET status = excluded.status, is_cleared = excluded.is_cleared, due_at = excluded.due_at
            """,
            values: [
                owner, .integer(transfer.id), .text(transfer.partner), .integer(transfer.userID), .integer(transfer.recipientID),
                .text(transfer.externalID), .text(transfer.senderCountry), .integer(transfer.quote.receiveAmount),
                .text(transfer.quote.currency), .text(transfer.quote.rate.text), .integer(transfer.quote.sendAmount),
                .integer(transfer.quote.commission), .integer(transfer.quote.creditUsage), .text(transfer.virtualAccount),
                .text(transfer.status.rawValue), .boolean(transfer.isCleared), transfer.createdAt.value, .moment(transfer.dueAt),
            ])
    }
}

extension OutboundRate {
    init?(_ row: Row) {
        guard let id = row.integer("id"), let partner = row.text("partner"), let user = row.integer("user_id"),
            let recipient = row.integer("recipient_id"), let amount = row.integer("amount"), let currency = row.text("currency"),
            let rate = row.text("rate").flatMap({ ExchangeRate($0) }), let createdAt = row.moment("created_at")
        else { return nil }
        self.init(
            id: id, partner: partner, userID: user, recipientID: recipient, amount: amount, currency: currency, rate: rate,
            createdAt: createdAt)
    }
}

extension OutboundTransfer {
    init?(_ row: Row) {
        guard let id = row.integer("id"), let partner = row.text("partner"), let user = row.integer("user_id"),
            let recipient = row.integer("recipient_id"), let externalID = row.text("external_id"), let country = row.text("sender_country"),
            let amount = row.integer("receive_amount"), let currency = row.text("currency"),
            let rate = row.text("rate").flatMap({ ExchangeRate($0) }), let commission = row.integer("commission"),
            let credit = row.integer("credit_used"), let account = row.text("virtual_account"),
            let status = row.text("status").flatMap(OutboundStatus.init), let createdAt = row.moment("created_at")
        else { return nil }
        self.init(
            id: id, partner: partner, userID: user, recipientID: recipient, externalID: externalID, senderCountry: country,
            quote: OutboundQuote(receiveAmount: amount, currency: currency, rate: rate, commission: commission, credit: credit),
            virtualAccount: account, status: status, isCleared: row.boolean("is_cleared") ?? false, createdAt: createdAt,
            dueAt: row.moment("due_at"))
    }
}
