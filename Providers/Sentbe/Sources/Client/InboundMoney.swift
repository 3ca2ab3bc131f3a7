public import Base

/// One line of what a payout costs.
public struct SentbeBilling: Sendable, Hashable {
    /// How much, and from which wallet's currency.
    public var money: SentbeMoney
    /// What for: `transfer` or `distribution cost`.
    public var purpose: String

    init?(_ data: JSON) {
        guard let money = data.money("amount", "currency") else { return nil }
        self.money = money
        purpose = data.text("desc") ?? ""
    }

    static func all(_ data: JSON) -> [SentbeBilling] {
        (data["billing_info"]?.elements ?? data["billing_info"].map { [$0] } ?? []).compactMap { SentbeBilling($0) }
    }
}

/// What a payout would cost: the answer to ``SentbeInbound/quote(_:)``.
public struct PayoutQuote: Sendable, Equatable {
    /// What the recipient gets.
    public var received: SentbeMoney
    /// What the wallets pay.
    public var billing: [SentbeBilling]
    /// The whole reply.
    public var raw: RawReply

    init?(_ data: JSON) {
        guard let received = data["transfer_info"]?.money("receive_amount", "receive_amount_currency") else { return nil }
        self.received = received
        billing = SentbeBilling.all(data)
        raw = RawReply(json: data)
    }

    /// Asks what a payout would cost.
    public struct Request: Sendable, Equatable {
        /// How many won the recipient shall get.
        public var sendAmount: Int64
        /// The wallet that the payout is taken from, such as `USD`.
        public var transferCurrency: String
        /// The wallet that the fee is taken from.
        public var feeCurrency: String

        /// A question for a price.
        public init(sendAmount: Int64, transferCurrency: String, feeCurrency: String) {
            self.sendAmount = sendAmount
            self.transferCurrency = transferCurrency
            self.feeCurrency = feeCurrency
        }

        var parameters: JSON.Members {
            [
                "transfer_info": ["send_amount": .string(String(sendAmount)), "send_amount_currency": "KRW"],
                "wallet_info": ["transfer_currency": .string(transferCurrency), "fee_currency": .string(feeCurrency)],
            ]
        }
    }
}

/// A payout to a Korean account.
public struct Payout: Sendable, Equatable {
    /// Its id. Store it with the external_id: there is no other way from one to the other.
    public var id: SentbeTransferID
    /// The sender.
    public var userID: SentbeUserID?
    /// The recipient.
    public var recipientID: SentbeRecipientID?
    /// What the recipient gets.
    public var received: SentbeMoney
    /// Its state.
    public var status: SentbeTransferStatus
    /// The sender's country.
    public var senderCountry: String?
    /// When it was made.
    public var createdAt: Timestamp?
    /// What the wallets pay.
    public var billing: [SentbeBilling]
    /// The whole reply.
    public var raw: RawReply

    init?(_ data: JSON) {
        let info = data["transfer_info"] ?? data
        guard let id: SentbeTransferID = info.id("transfer_id"), let received = info.money("receive_amount", "receive_amount_currency"),
            let status = info.text("status")
        else { return nil }
        self.id = id
        self.received = received
        self.status = SentbeTransferStatus(rawValue: status)
        userID = info.id("user_id")
        recipientID = info.id("recipient_id")
        senderCountry = info.text("sender_country")
        createdAt = info.text("created_at").flatMap { Timestamp(internetText: $0) }
        billing = SentbeBilling.all(data)
        raw = RawReply(json: data)
    }

    /// A payout to be made. Make one for each *intent* to pay and keep it, with its external_id, over repeats.
    public struct Request: Sendable, Equatable {
        /// The sender.
        public var userID: SentbeUserID
        /// The recipient.
        public var recipientID: SentbeRecipientID
        /// The partner's own number of the payout, never used before: the only thing that may protect against paying twice.
        public var externalID: String
        /// How many won the recipient shall get.
        public var sendAmount: Int64
        /// The wallet that the payout is taken from, such as `USD`.
        public var transferCurrency: String
        /// The wallet that the fee is taken from.
        public var feeCurrency: String

        /// A payout to be made.
        public init(
            userID: SentbeUserID, recipientID: SentbeRecipientID, externalID: String, sendAmount: Int64, transferCurrency: String,
            feeCurrency: String
        ) {
            self.userID = userID
            self.recipientID = recipientID
            self.externalID = externalID
            self.sendAmount = sendAmount
            self.transferCurrency = transferCurrency
            self.feeCurrency = feeCurrency
        }

        func parameters() throws(SentbeError) -> JSON.Members {
            guard !externalID.isEmpty else { throw .invalid("externalID가 비어 있습니다.", "the external_id is empty") }
            guard sendAmount > 0 else { throw .invalid("송금액은 0보다 커야 합니다.", "the amount must be positive") }
            var members: JSON.Members = ["user_id": userID.json, "recipient_id": recipientID.json, "external_id": .string(externalID)]
            let quote = PayoutQuote.Request(sendAmount: sendAmount, transferCurrency: transferCurrency, feeCurrency: feeCurrency)
            for name in quote.parameters.names { members[name] = quote.parameters[name] }
            return members
        }
    }
}
