import Base
import SandboxKit
import Sentbe
import Storage

/// A payout to Korea.
struct InboundTransfer: Equatable {
    /// Where it stands, in the documentation's words.
    enum Status: String, CaseIterable, Sendable {
        case waiting = "Waiting verification"
        case processing = "Processing"
        case filtered = "AML filtered"
        case complete = "Complete"
        case canceled = "Canceled"
        case expired = "Expired"
        case refunded = "Refunded"

        /// Whether it has ended without a payout, or the payout was taken back: the wallet has its money again.
        var isCreditedBack: Bool { [.canceled, .expired, .refunded].contains(self) }
    }

    /// What can happen to a transfer, by time or by somebody at Sentbe.
    enum Move: String, CaseIterable, Sendable {
        /// The recipient follows the link in the text message.
        case verify
        /// Nobody follows it in time.
        case expire
        /// The bank has paid out.
        case complete
        /// The money-laundering filter holds it.
        case aml
        /// The filter lets it go.
        case release
        case cancel
        case refund

        /// Where a transfer in `status` gets to; nothing when the move is not to be made there.
        func target(from status: Status) -> Status? {
            switch (self, status) {
            case (.verify, .waiting): .processing
            case (.expire, .waiting): .expired
            case (.complete, .processing): .complete
            case (.aml, .processing): .filtered
            case (.release, .filtered): .processing
            case (.cancel, .waiting), (.cancel, .filtered): .canceled
            case (.refund, .filtered), (.refund, .complete): .refunded
            default: nil
            }
        }

        /// The states from which it can be made.
        var origins: [Status] { Status.allCases.filter { target(from: $0) != nil } }
    }

    /// One line of the bill: what a currency of the wallet is charged.
    struct Charge: Equatable {
        var amount: Money
        var currency: String
        /// `transfer` or `distribution cost`.
        var description: String

        static let transfer = "transfer"
        static let fee = "distribution cost"

        /// As replies show it.
        var json: JSON { ["amount": amount.json, "currency": .string(currency), "desc": .string(description)] }
    }

    var id: Int64
    var partner: String
    var userID: Int64
    var recipientID: Int64
    var externalID: String
    var senderCountry: String
    /// What the recipient gets, in won.
    var amount: Money
    var billing: [Charge]
    var status: Status
    /// Whether the money-laundering filter has let it go.
    var isCleared = false
    var createdAt: Timestamp
    /// When time moves it; nothing when it does not.
    var dueAt: Timestamp?

    /// As replies show it: without external_id, which only callbacks carry.
    var json: JSON {
        [
            "transfer_info": [
                "user_id": .number(userID), "recipient_id": .number(recipientID), "transfer_id": .number(id),
                "sender_country": .string(senderCountry), "receive_amount": amount.json, "receive_amount_currency": "KRW",
                "status": .string(status.rawValue), "created_at": .string(createdAt.sentbeText),
            ],
            "billing_info": .array(billing.map(\.json)),
        ]
    }
}

extension Records {
    func inboundTransfer(_ id: Int64) throws -> InboundTransfer? {
        try connection.query("SELECT * FROM sentbe_inbound_transfers WHERE tenant = ? AND id = ?", owner, .integer(id)).first
            .flatMap(InboundTransfer.init)
    }

    func inboundTransfers(of partner: String, _ page: Page) throws -> [InboundTransfer] {
        try connection.query(
            "SELECT * FROM sentbe_inbound_transfers WHERE tenant = ? AND partner = ? \(page.clause("id"))", owner, .text(partner)
        ).compactMap(InboundTransfer.init)
    }

    /// The partner's transfer that was made with that external_id, the latest if there are several.
    func inboundTransfer(externalID: String, of partner: String) throws -> InboundTransfer? {
        try connection.query(
            "SELECT * FROM sentbe_inbound_transfers WHERE tenant = ? AND partner = ? AND external_id = ? ORDER BY id DESC LIMIT 1", owner,
            .text(partner), .text(externalID)
        ).first.flatMap(InboundTransfer.init)
    }

    /// The transfers that wait for a recipient to verify, oldest first.
    func transfersWaiting(for recipient: Int64) throws -> [InboundTransfer] {
        try connection.query(
            "SELECT * FROM sentbe_inbound_transfers WHERE tenant = ? AND recipient_id = ? AND status = ? ORDER BY id", owner,
            .integer(recipient), .text(InboundTransfer.Status.waiting.rawValue)
        ).compactMap(InboundTransfer.init)
    }

    /// The transfer that time moves first.
    func nextDueTransfer() throws -> InboundTransfer? {
        try connection.query(
            "SELECT * FROM sentbe_inbound_transfers WHERE tenant = ? AND due_at IS NOT NULL ORDER BY due_at, id LIMIT 1", owner
        ).first.flatMap(InboundTransfer.init)
    }

    /// Adds a transfer, or replaces what may change of it.
    func save(_ transfer: InboundTransfer) throws {
        let billing = JSON.array(
            transfer.billing.map {
                ["amount": .number($0.amount.hundredths), "currency": .string($0.currency), "desc": .string($0.description)]
            })
        try connection.execute(
            """
            INSERT INTO sentbe_inbound_transfers VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)
            ON CONFLICT (tenant, id) DO UPDATE SET status = excluded.status, is_cleared = excluded.is_cleared, due_at = excluded.due_at
            """,
            values: [
                owner, .integer(transfer.id), .text(transfer.partner), .integer(transfer.userID), .integer(transfer.recipientID),
                .text(transfer.externalID), .text(transfer.senderCountry), .integer(transfer.amount.hundredths), .text(billing.text),
                .text(transfer.status.rawValue), .boolean(transfer.isCleared), transfer.createdAt.value, .moment(transfer.dueAt),
            ])
    }
}

extension InboundTransfer {
    init?(_ row: Row) {
        guard let id = row.integer("id"), let partner = row.text("partner"), let userID = row.integer("user_id"),
            let recipientID = row.integer("recipient_id"), let externalID = row.text("external_id"),
            let country = row.text("sender_country"), let amount = row.money("amount"), let billing = row.text("billing"),
            let lines = (try? JSON(billing))?.elements, let status = row.text("status").flatMap(Status.init),
            let createdAt = row.moment("created_at")
        else { return nil }
        let charges = lines.compactMap { line -> Charge? in
            guard let amount = line["amount"]?.integer, let currency = line["currency"]?.string, let text = line["desc"]?.string else {
                return nil
            }
            return Charge(amount: Money(hundredths: amount), currency: currency, description: text)
        }
        guard charges.count == lines.count else { return nil }
        self.init(
            id: id, partner: partner, userID: userID, recipientID: recipientID, externalID: externalID, senderCountry: country,
            amount: amount,
            billing: charges, status: status, isCleared: row.boolean("is_cleared") ?? false, createdAt: createdAt,
            dueAt: row.moment("due_at"))
    }
}
