public import Base

/// What Bootpay knows of one payment: the answer to ``BootpayClient/verify(_:)`` and to every call that makes or changes a payment.
///
/// All but ``receiptID``, ``price`` and ``status`` may be missing: replies differ by call and by year. Prints without personal data.
public struct PaymentReceipt: Sendable, Equatable {
    /// The receipt's id.
    public var receiptID: ReceiptID
    /// The state of the payment; `data.status`, never the envelope's.
    public var status: PaymentStatus
    /// The amount that was asked for.
    public var price: Won
    /// The merchant's own number of the order.
    public var orderID: String?
    /// What was sold.
    public var name: String?
    /// The tax-free part of the amount.
    public var taxFree: Won?
    /// What is left after cancels.
    public var remainingPrice: Won?
    /// The tax-free part of what is left.
    public var remainingTaxFree: Won?
    /// What was cancelled so far. After a partial cancel the status stays ``PaymentStatus/paid``.
    public var cancelledPrice: Won?
    /// The tax-free part of what was cancelled.
    public var cancelledTaxFree: Won?
    /// The currency in lower case, `krw` in all samples.
    public var currency: String?
    /// A page with the receipt for the shopper.
    public var receiptURL: String?
    /// The payment gateway's alias, such as `kcp`.
    public var pg: String?
    /// The method's alias, such as `card` or `vbank`.
    public var method: String?
    /// How it was paid; members by method.
    public var details: Details
    /// When the payment was begun.
    public var requestedAt: Timestamp?
    /// When it was paid.
    public var purchasedAt: Timestamp?
    /// When it was cancelled.
    public var revokedAt: Timestamp?
    /// The whole reply.
    public var raw: RawReply

    /// How a payment was made: `payment_data`, or the same members at the top of a charge's reply.
    public struct Details: Sendable, Equatable {
        /// The card company's name.
        public var cardName: String?
        /// The card's number, its middle masked.
        public var cardNumber: PersonalText?
        /// Months of instalments; `00` is a lump sum.
        public var cardQuota: String?
        /// The approval's number.
        public var cardApproval: String?
        /// The bank's name.
        public var bankName: String?
        /// A virtual account's number.
        public var account: PersonalText?
        /// In whose name a virtual account is.
        public var accountHolder: PersonalText?
        /// Who is to pay into a virtual account.
        public var depositor: PersonalText?
        /// Until when a virtual account waits, as Bootpay writes it.
        public var accountExpiry: String?
        /// The payment gateway's own id of the transaction.
        public var transactionID: String?
    }

    /// Reads a reply's `data`; nothing when the id, the price or the status is missing.
    init?(_ data: JSON) {
        guard let id = data.text("receipt_id"), let price = data.won("price"), let status = data.wholeNumber("status"),
            let status = Int(exactly: status)
        else { return nil }
        receiptID = ReceiptID(id)
        self.status = PaymentStatus(rawValue: status)
        self.price = price
        orderID = data.text("order_id")
        name = data.text("name") ?? data.text("item_name")
        taxFree = data.won("tax_free")
        remainingPrice = data.won("remain_price")
        remainingTaxFree = data.won("remain_tax_free")
        cancelledPrice = data.won("cancelled_price")
        cancelledTaxFree = data.won("cancelled_tax_free")
        currency = data.text("unit")?.lowercased()
        receiptURL = data.text("receipt_url") ?? data.text("url")
        pg = data.text("pg")
        method = data.text("method")
        let payment = data["payment_data"].flatMap { $0.members == nil ? nil : $0 } ?? data
        details = Details(
            cardName: payment.text("card_name"), cardNumber: payment.personal("card_no"), cardQuota: payment.text("card_quota"),
            cardApproval: payment.text("card_auth_no"), bankName: payment.text("bankname"), account: payment.personal("account"),
            accountHolder: payment.personal("accountholder"), depositor: payment.personal("username"),
            accountExpiry: payment.text("expiredate"), transactionID: payment.text("tid"))
        requestedAt = data.koreanTime("requested_at")
        purchasedAt = data.koreanTime("purchased_at")
        revokedAt = data.koreanTime("revoked_at")
        raw = RawReply(json: data)
    }
}

/// What a cancel did: the answer to ``BootpayClient/cancel(_:)``.
public struct Cancellation: Sendable, Equatable {
    /// The payment's receipt.
    public var receiptID: ReceiptID
    /// What this cancel took back.
    public var cancelledNow: Won
    /// What is left of the payment.
    public var remainingPrice: Won?
    /// The tax-free part of what is left.
    public var remainingTaxFree: Won?
    /// What was cancelled altogether.
    public var cancelledPrice: Won?
    /// The tax-free part of that.
    public var cancelledTaxFree: Won?
    /// When the cancel took effect.
    public var revokedAt: Timestamp?
    /// The payment gateway's own id of the cancel.
    public var transactionID: String?
    /// The whole reply.
    public var raw: RawReply

    init?(_ data: JSON) {
        guard let id = data.text("receipt_id"), let price = data.won("request_cancel_price") else { return nil }
        receiptID = ReceiptID(id)
        cancelledNow = price
        remainingPrice = data.won("remain_price")
        remainingTaxFree = data.won("remain_tax_free")
        cancelledPrice = data.won("cancelled_price")
        cancelledTaxFree = data.won("cancelled_tax_free")
        revokedAt = data.koreanTime("revoked_at")
        transactionID = data.text("tid")
        raw = RawReply(json: data)
    }
}

/// The result of an identity check (본인인증): the answer to ``BootpayClient/identity(ofReceipt:)``. Its shape is known from official clients only.
public struct IdentityResult: Sendable, Equatable {
    /// The check's receipt.
    public var receiptID: ReceiptID
    /// The merchant's own number.
    public var orderID: String?
    /// The person's name.
    public var name: PersonalText?
    /// The telephone number.
    public var phone: PersonalText?
    /// The birth date as Bootpay writes it.
    public var birth: PersonalText?
    /// `0` for women and `1` for men, as a text.
    public var gender: PersonalText?
    /// A value that is the same for one person at every merchant; probably the CI.
    public var unique: PersonalText?
    /// A value that is the same for one person at this merchant (DI).
    public var duplicationInformation: PersonalText?
    /// The whole reply.
    public var raw: RawReply

    init?(_ data: JSON) {
        guard let id = data.text("receipt_id") else { return nil }
        let person = data["certificate"].flatMap { $0["unique"] == nil ? nil : $0 } ?? data["payment_data"] ?? .null
        receiptID = ReceiptID(id)
        orderID = data.text("order_id")
        name = person.personal("username")
        phone = person.personal("phone")
        birth = person.personal("birth")
        gender = person.personal("gender")
        unique = person.personal("unique")
        duplicationInformation = person.personal("di")
        raw = RawReply(json: data)
    }
}
