public import Base

/// The card that paid.
public struct PaymentCard: Sendable, Equatable {
    /// The company's number, whether it came as a text or as a number.
    public var companyCode: Int?
    /// The company's name.
    public var companyName: String?
    /// The approval's number.
    public var authorizationNo: String?
    /// In how many monthly instalments; 0 for at once.
    public var installmentMonths: Int64?
    /// Whether the instalments are free of interest.
    public var isInterestFree: Bool?
    /// Where the sales slip is.
    public var salesSlipURL: String?
    /// What kind of card.
    public var method: CardMethodType?
    /// Whose card.
    public var user: CardUserType?
    /// The masked number.
    public var number: PersonalText?
    /// The first digits.
    public var issuerDigits: String?
    /// The last digits, for a receipt.
    public var lastDigits: String?

    /// Out of `card` of get-payment-status, or the `card…` members of the other answers.
    init?(_ json: JSON?) {
        guard let json, json.members != nil else { return nil }
        companyCode = json.whole("cardCompanyCode").flatMap { Int(exactly: $0) }
        companyName = json.text("cardCompanyName")
        authorizationNo = json.text("cardAuthorizationNo")
        installmentMonths = json.whole("spreadOut")
        isInterestFree = json.flag("noInterest")
        salesSlipURL = json.text("salesCheckLinkUrl")
        method = json.word("cardMethodType")
        user = json.word("cardUserType")
        number = json.text("cardNumber").map { PersonalText($0) }
        issuerDigits = json.text("cardBinNumber")
        lastDigits = json.text("cardNum4Print")
        guard companyCode != nil || authorizationNo != nil || number != nil || method != nil else { return nil }
    }

    /// The company, where the documentation lists it.
    public var company: AppsInTossTables.CardCompany? { companyCode.flatMap(AppsInTossTables.cardCompany) }
}

/// The account that paid.
public struct PaymentAccount: Sendable, Equatable {
    /// The bank's code, three digits.
    public var bankCode: String
    /// The bank's name.
    public var bankName: String?
    /// The number, masked.
    public var number: PersonalText?

    init?(_ json: JSON) {
        guard let code = json.text("accountBankCode"), !code.isEmpty else { return nil }
        // A number has lost its leading zeros.
        bankCode = String(repeating: "0", count: max(0, 3 - code.utf8.count)) + code
        bankName = json.text("accountBankName")
        number = json.text("accountNumber").map { PersonalText($0) }
    }

    /// The bank, where the documentation lists it.
    public var bank: AppsInTossTables.Bank? { AppsInTossTables.bank(bankCode) }
}

/// One step of a payment.
public struct PaymentTransaction: Sendable, Equatable {
    /// Whether it was paid or refunded.
    public var step: PayStep
    /// The key for reconciliation.
    public var id: String
    /// How much, in won; negative for a refund.
    public var amount: Int64
    /// The part that was paid.
    public var paidAmount: Int64?
    /// The part that was discounted.
    public var discountedAmount: Int64?
    /// The part that was paid in points.
    public var pointAmount: Int64?
    /// When.
    public var registeredAt: Timestamp?

    init?(_ json: JSON) {
        guard let step: PayStep = json.word("stepType"), let id = json.text("transactionId"), let amount = json.whole("transactionAmount")
        else { return nil }
        self.step = step
        self.id = id
        self.amount = amount
        paidAmount = json.whole("paidAmount")
        discountedAmount = json.whole("discountedAmount")
        pointAmount = json.whole("pointAmount")
        registeredAt = json.moment("regTs")
    }
}

/// Where a payment stands, by the provider's own word.
public struct PaymentStatus: Sendable, Equatable {
    /// Where it stands.
    public var status: PayStatus
    /// Whether it moves real money.
    public var mode: PayMode?
    /// The payment's token.
    public var payToken: PayToken?
    /// The merchant's number for it.
    public var orderNo: String?
    /// What it is paid with.
    public var method: PayMethod?
    /// The whole price in won; ``paidAmount`` and ``discountedAmount`` together.
    public var amount: Int64?
    /// What is discounted, points included, in won.
    public var discountedAmount: Int64?
    /// What the buyer pays, in won.
    public var paidAmount: Int64?
    /// What could still be refunded, in won.
    public var refundableAmount: Int64?
    /// The taxable part in won.
    public var taxableAmount: Int64?
    /// The tax-free part in won.
    public var taxFreeAmount: Int64?
    /// The value added tax in won.
    public var tax: Int64?
    /// The service charge in won.
    public var serviceFee: Int64?
    /// The card, for payments by card.
    public var card: PaymentCard?
    /// The account, for Toss money.
    public var account: PaymentAccount?
    /// What happened so far.
    public var transactions: [PaymentTransaction]
    /// When it was made.
    public var createdAt: Timestamp?
    /// When it was paid.
    public var paidAt: Timestamp?
    /// Everything.
    public var raw: RawAnswer

    /// Reads what stands under `success`; nothing without a payStatus.
    public init?(_ content: JSON) {
        guard let status: PayStatus = content.word("payStatus") else { return nil }
        self.status = status
        mode = content.word("mode")
        payToken = content.text("payToken").map { PayToken($0) }
        orderNo = content.text("orderNo")
        method = content.word("payMethod")
        amount = content.whole("amount")
        discountedAmount = content.whole("discountedAmount")
        paidAmount = content.whole("paidAmount")
        refundableAmount = content.whole("refundableAmount")
        taxableAmount = content.whole("amountTaxable")
        taxFreeAmount = content.whole("amountTaxFree")
        tax = content.whole("amountVat")
        serviceFee = content.whole("amountServiceFee")
        card = PaymentCard(content["card"])
        account = PaymentAccount(content)
        transactions = (content["transactions"]?.elements ?? []).compactMap { PaymentTransaction($0) }
        createdAt = content.moment("createdTs")
        paidAt = content.moment("paidTs")
        raw = RawAnswer(json: content)
    }

    /// The last step of a kind.
    func last(_ step: PayStep) -> PaymentTransaction? { transactions.last { $0.step == step } }
}

/// A payment that was executed: the buyer has paid.
public struct PaymentExecution: Sendable, Equatable {
    /// The payment's token.
    public var payToken: PayToken
    /// The merchant's number for it.
    public var orderNo: String?
    /// Whether it moved real money.
    public var mode: PayMode?
    /// The whole price in won.
    public var amount: Int64?
    /// What was discounted, points included, in won.
    public var discountedAmount: Int64?
    /// What the buyer paid, in won.
    public var paidAmount: Int64?
    /// What it was paid with.
    public var method: PayMethod?
    /// The key for reconciliation.
    public var transactionID: String?
    /// When.
    public var approvedAt: Timestamp?
    /// The card, for payments by card.
    public var card: PaymentCard?
    /// The account, for Toss money.
    public var account: PaymentAccount?
    /// The cash receipt's key.
    public var cashReceiptKey: String?
    /// What the enquiry said, when the answer to the call itself had been lost.
    public var foundByEnquiry: PaymentStatus?
    /// The whole answer.
    public var raw: RawAnswer

    init(_ content: JSON, payToken: PayToken) {
        self.payToken = payToken
        orderNo = content.text("orderNo")
        mode = content.word("mode")
        amount = content.whole("amount")
        discountedAmount = content.whole("discountedAmount")
        paidAmount = content.whole("paidAmount")
        method = content.word("payMethod")
        transactionID = content.text("transactionId")
        approvedAt = content.moment("approvalTime")
        card = PaymentCard(content)
        account = PaymentAccount(content)
        cashReceiptKey = content.text("cashReceiptMgtKey")
        raw = RawAnswer(json: content)
    }

    init(_ status: PaymentStatus, payToken: PayToken) {
        self.init(.object([:]), payToken: payToken)
        let paid = status.last(.pay)
        orderNo = status.orderNo
        mode = status.mode
        amount = status.amount
        discountedAmount = status.discountedAmount
        paidAmount = status.paidAmount
        method = status.method
        transactionID = paid?.id
        approvedAt = status.paidAt ?? paid?.registeredAt
        card = status.card
        account = status.account
        foundByEnquiry = status
        raw = status.raw
    }
}

/// A payment that was refunded as a whole; there are no partial refunds.
public struct PaymentRefund: Sendable, Equatable {
    /// The payment's token.
    public var payToken: PayToken
    /// The refund's number; nothing where it was found by an enquiry.
    public var refundNo: String?
    /// When.
    public var approvedAt: Timestamp?
    /// What was refunded, in won.
    public var refundedAmount: Int64?
    /// The part of it that the buyer had paid.
    public var refundedPaidAmount: Int64?
    /// The part of it that had been discounted.
    public var refundedDiscountAmount: Int64?
    /// What could still be refunded, in won.
    public var refundableAmount: Int64?
    /// The key for reconciliation.
    public var transactionID: String?
    /// The cash receipt's key.
    public var cashReceiptKey: String?
    /// What the enquiry said, when the answer to the call itself had been lost.
    public var foundByEnquiry: PaymentStatus?
    /// The whole answer.
    public var raw: RawAnswer

    init(_ content: JSON, payToken: PayToken) {
        self.payToken = payToken
        refundNo = content.text("refundNo")
        approvedAt = content.moment("approvalTime")
        refundedAmount = content.whole("refundedAmount")
        refundedPaidAmount = content.whole("refundedPaidAmount")
        refundedDiscountAmount = content.whole("refundedDiscountAmount")
        refundableAmount = content.whole("refundableAmount")
        transactionID = content.text("transactionId")
        cashReceiptKey = content.text("cashReceiptMgtKey")
        raw = RawAnswer(json: content)
    }

    init(_ status: PaymentStatus, payToken: PayToken) {
        self.init(.object([:]), payToken: payToken)
        let refund = status.last(.refund)
        approvedAt = refund?.registeredAt
        refundedAmount = refund.map { PaymentRefund.size($0.amount) }
        refundedPaidAmount = refund?.paidAmount.map { PaymentRefund.size($0) }
        refundedDiscountAmount = refund?.discountedAmount.map { PaymentRefund.size($0) }
        refundableAmount = status.refundableAmount
        transactionID = refund?.id
        foundByEnquiry = status
        raw = status.raw
    }

    /// An amount without its sign; not `abs`, which has no answer for the lowest number there is.
    private static func size(_ amount: Int64) -> Int64 { Int64(clamping: amount.magnitude) }
}
