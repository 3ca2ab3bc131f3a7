public import Base

/// What a transfer abroad would cost: the answer to ``SentbeOutbound/quote(_:)``.
public struct RemittanceQuote: Sendable, Equatable {
    /// The won to deposit.
    public var sent: SentbeMoney
    /// What the recipient gets.
    public var received: SentbeMoney
    /// The commission.
    public var commission: SentbeMoney?
    /// The commission before credits.
    public var totalCommission: ExactDecimal?
    /// What is paid with credits.
    public var creditUsed: ExactDecimal?
    /// The rate's id, which the transfer needs.
    public var exchangeRateListID: String
    /// The whole reply.
    public var raw: RawReply

    init?(_ data: JSON) {
        guard let sent = data.money("send_amount", "send_amount_currency"),
            let received = data.money("receive_amount", "receive_amount_currency"), let rate = data.text("exchange_rate_list_id")
        else { return nil }
        self.sent = sent
        self.received = received
        exchangeRateListID = rate
        commission = data.money("commission", "commission_currency")
        totalCommission = data.decimal("total_commission")
        creditUsed = data.decimal("credit_usage_amount")
        raw = RawReply(json: data)
    }

    /// Asks what a transfer would cost.
    public struct Request: Sendable, Equatable {
        /// The sender.
        public var userID: SentbeUserID
        /// The recipient.
        public var recipientID: SentbeRecipientID
        /// How much the recipient shall get, in whole units.
        public var receiveAmount: Int64
        /// The recipient's currency, not KRW.
        public var receiveCurrency: String

        /// A question for a price.
        public init(userID: SentbeUserID, recipientID: SentbeRecipientID, receiveAmount: Int64, receiveCurrency: String) {
            self.userID = userID
            self.recipientID = recipientID
            self.receiveAmount = receiveAmount
            self.receiveCurrency = receiveCurrency
        }

        /// Spelt `recieve` as the provider spells it in requests.
        func parameters() throws(SentbeError) -> JSON.Members {
            guard receiveAmount > 0 else { throw .invalid("수취 금액은 0보다 커야 합니다.", "the amount must be positive") }
            return [
                "user_id": userID.json, "recipient_id": recipientID.json, "recieve_amount": .string(String(receiveAmount)),
                "recieve_amount_currency": .string(receiveCurrency),
            ]
        }
    }
}

/// A transfer abroad.
public struct Remittance: Sendable, Equatable {
    /// Its id. Store it with the external_id: there is no other way from one to the other.
    public var id: SentbeTransferID
    /// The sender.
    public var userID: SentbeUserID?
    /// The recipient.
    public var recipientID: SentbeRecipientID?
    /// The won to deposit.
    public var sent: SentbeMoney?
    /// What the recipient gets.
    public var received: SentbeMoney?
    /// The commission.
    public var commission: SentbeMoney?
    /// Its state.
    public var status: SentbeTransferStatus
    /// Where to deposit: bank, number and holder.
    public var virtualAccount: VirtualAccount?
    /// When it was ordered.
    public var createdAt: Timestamp?
    /// The whole reply.
    public var raw: RawReply

    /// An account for one deposit.
    public struct VirtualAccount: Sendable, Equatable {
        /// The bank.
        public var bank: String
        /// The number.
        public var number: PersonalText
        /// In whose name it is.
        public var holder: PersonalText

        /// Reads one text of three parts with ` | ` between them.
        init?(_ text: String) {
            let parts = text.split(separator: "|", omittingEmptySubsequences: false).map { part in
                String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
            guard parts.count == 3 else { return nil }
            (bank, number, holder) = (parts[0], PersonalText(parts[1]), PersonalText(parts[2]))
        }
    }

    init?(_ data: JSON) {
        guard let id: SentbeTransferID = data.id("transfer_id"), let status = data.text("status") else { return nil }
        self.id = id
        self.status = SentbeTransferStatus(rawValue: status)
        userID = data.id("user_id")
        recipientID = data.id("recipient_id")
        sent = data.money("send_amount", "send_amount_currency")
        received = data.money("receive_amount", "receive_amount_currency")
        commission = data.money("commission", "commission_currency")
        virtualAccount = data.text("virtual_account").flatMap { VirtualAccount($0) }
        createdAt = data.text("created_at").flatMap { Timestamp(internetText: $0) }
        raw = RawReply(json: data)
    }

    /// A transfer to be ordered. Make one for each *intent* to send and keep it, with its external_id, over repeats.
    public struct Request: Sendable, Equatable {
        /// What was asked for in the quote.
        public var quoted: RemittanceQuote.Request
        /// The rate's id out of the quote; with another one the order fails or the amount changes.
        public var exchangeRateListID: String
        /// The partner's own number of the transfer, never used before.
        public var externalID: String

        /// A transfer as it was quoted.
        public init(_ quoted: RemittanceQuote.Request, exchangeRateListID: String, externalID: String) {
            self.quoted = quoted
            self.exchangeRateListID = exchangeRateListID
            self.externalID = externalID
        }

        func parameters() throws(SentbeError) -> JSON.Members {
            guard !externalID.isEmpty else { throw .invalid("externalID가 비어 있습니다.", "the external_id is empty") }
            var members = try quoted.parameters()
            members["exchange_rate_list_id"] = .string(exchangeRateListID)
            members["external_id"] = .string(externalID)
            return members
        }
    }
}
