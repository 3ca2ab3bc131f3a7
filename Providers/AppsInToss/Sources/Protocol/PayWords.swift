/// Where a payment stands (`payStatus`).
public struct PayStatus: AppsInTossWord {
    /// The word as the provider writes it.
    public let rawValue: String
    /// One by its word; also one that is not known yet.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// It waits for the buyer.
    public static let standby = PayStatus(rawValue: "PAY_STANDBY")
    /// The buyer has authenticated; nothing is paid yet.
    public static let approved = PayStatus(rawValue: "PAY_APPROVED")
    /// The buyer gave up, or it waited too long.
    public static let cancelled = PayStatus(rawValue: "PAY_CANCEL")
    /// It is being executed.
    public static let inProgress = PayStatus(rawValue: "PAY_PROGRESS")
    /// Paid.
    public static let complete = PayStatus(rawValue: "PAY_COMPLETE")
    /// It is being refunded.
    public static let refundInProgress = PayStatus(rawValue: "REFUND_PROGRESS")
    /// Refunded.
    public static let refunded = PayStatus(rawValue: "REFUND_SUCCESS")
    /// Paid, and settled with the merchant.
    public static let settled = PayStatus(rawValue: "SETTLEMENT_COMPLETE")
    /// Refunded, and the refund settled.
    public static let settledRefund = PayStatus(rawValue: "SETTLEMENT_REFUND_COMPLETE")

    /// Those that are known.
    public static let known: [PayStatus] = [
        .standby, .approved, .cancelled, .inProgress, .complete, .refundInProgress, .refunded, .settled, .settledRefund,
    ]
}

/// Whether a payment moves real money (`mode`).
public struct PayMode: AppsInTossWord {
    /// The word as the provider writes it.
    public let rawValue: String
    /// One by its word; also one that is not known yet.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Real money.
    public static let live = PayMode(rawValue: "LIVE")
    /// None.
    public static let test = PayMode(rawValue: "TEST")

    /// Those that are known.
    public static let known: [PayMode] = [.live, .test]
}

/// How a payment is paid (`payMethod`).
public struct PayMethod: AppsInTossWord {
    /// The word as the provider writes it.
    public let rawValue: String
    /// One by its word; also one that is not known yet.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Toss money, out of an account.
    public static let tossMoney = PayMethod(rawValue: "TOSS_MONEY")
    /// A card.
    public static let card = PayMethod(rawValue: "CARD")

    /// Those that are known.
    public static let known: [PayMethod] = [.tossMoney, .card]
}

/// A step of a payment (`stepType`).
public struct PayStep: AppsInTossWord {
    /// The word as the provider writes it.
    public let rawValue: String
    /// One by its word; also one that is not known yet.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// It was paid.
    public static let pay = PayStep(rawValue: "PAY")
    /// It was refunded.
    public static let refund = PayStep(rawValue: "REFUND")

    /// Those that are known.
    public static let known: [PayStep] = [.pay, .refund]
}

/// What kind of sale a cash receipt is for (`cashReceiptTradeOption`).
public struct CashReceiptTradeOption: AppsInTossWord {
    /// The word as the provider writes it.
    public let rawValue: String
    /// One by its word; also one that is not known yet.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Any other.
    public static let general = CashReceiptTradeOption(rawValue: "GENERAL")
    /// Culture.
    public static let culture = CashReceiptTradeOption(rawValue: "CULTURE")
    /// Public transport.
    public static let publicTransport = CashReceiptTradeOption(rawValue: "PUBLIC_TP")

    /// Those that are known.
    public static let known: [CashReceiptTradeOption] = [.general, .culture, .publicTransport]
}

/// Whether a card may pay in instalments (`installment`).
public struct Installment: AppsInTossWord {
    /// The word as the provider writes it.
    public let rawValue: String
    /// One by its word; also one that is not known yet.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// It may.
    public static let use = Installment(rawValue: "USE")
    /// It may not.
    public static let doNotUse = Installment(rawValue: "NOT_USE")

    /// Those that are known.
    public static let known: [Installment] = [.use, .doNotUse]
}

/// What kind of card paid (`cardMethodType`).
public struct CardMethodType: AppsInTossWord {
    /// The word as the provider writes it.
    public let rawValue: String
    /// One by its word; also one that is not known yet.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Credit.
    public static let credit = CardMethodType(rawValue: "CREDIT")
    /// Debit.
    public static let check = CardMethodType(rawValue: "CHECK")
    /// Prepaid.
    public static let prepayment = CardMethodType(rawValue: "PREPAYMENT")

    /// Those that are known.
    public static let known: [CardMethodType] = [.credit, .check, .prepayment]
}

/// Whose card paid (`cardUserType`).
public struct CardUserType: AppsInTossWord {
    /// The word as the provider writes it.
    public let rawValue: String
    /// One by its word; also one that is not known yet.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A person's own.
    public static let personal = CardUserType(rawValue: "PERSONAL")
    /// A family card.
    public static let family = CardUserType(rawValue: "PERSONAL_FAMILY")
    /// A company's, billed to a person.
    public static let corporatePersonal = CardUserType(rawValue: "CORP_PERSONAL")
    /// A company's, for one employee.
    public static let corporatePrivate = CardUserType(rawValue: "CORP_PRIVATE")
    /// A company's, shared.
    public static let corporateCompany = CardUserType(rawValue: "CORP_COMPANY")

    /// Those that are known.
    public static let known: [CardUserType] = [.personal, .family, .corporatePersonal, .corporatePrivate, .corporateCompany]
}
