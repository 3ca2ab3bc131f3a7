/// The page on which a member confirms a payment by card (`payauth/card`). Its callback is a ``WPayAuthentication``; nothing is paid before it is approved.
public struct CardPayment: WPayPage {
    /// The API's row.
    public static let api = WPayClient.api(.standard20, "payauth/card")
    /// The API's row.
    public static func api(of page: CardPayment) -> WPayAPI { api }

    /// The member.
    public var userKey: WPayUserKey
    /// The card.
    public var token: WPayToken
    /// What is sold.
    public var order: WPayOrder
    /// Months of instalments in two digits; `00` is a lump sum.
    public var quota: String
    /// Where the callback goes.
    public var returnURL: String
    /// The identity value (CI), if the merchant knows it.
    public var identity: PlainValue?
    /// Whether the instalments are free of interest.
    public var isInterestFree: Bool?
    /// A coupon of the list that ``WPayClient/basicInformation(_:)`` brings.
    public var couponCode: String?
    /// The card company's code.
    public var cardCode: String?
    /// Whether the member must type the PIN.
    public var asksForPIN: Bool?
    /// Whether the card's points are used.
    public var usesPoints: Bool?
    /// How the page looks.
    public var appearance: WPayAppearance

    /// A payment by card.
    public init(
        userKey: WPayUserKey, token: WPayToken, order: WPayOrder, quota: String = "00", returnURL: String, identity: PlainValue? = nil,
        isInterestFree: Bool? = nil, couponCode: String? = nil, cardCode: String? = nil, asksForPIN: Bool? = nil, usesPoints: Bool? = nil,
        appearance: WPayAppearance = WPayAppearance()
    ) {
        self.userKey = userKey
        self.token = token
        self.order = order
        self.quota = quota
        self.returnURL = returnURL
        self.identity = identity
        self.isInterestFree = isInterestFree
        self.couponCode = couponCode
        self.cardCode = cardCode
        self.asksForPIN = asksForPIN
        self.usesPoints = usesPoints
        self.appearance = appearance
    }

    /// The fields.
    public var values: [(name: String, value: WPayValue)] {
        [("wpayUserKey", userKey.value), ("wpayToken", token.value)] + given([("ci", identity)]) + order.goods + order.buyer
            + given([
                ("payMethod", "01"), ("bankCardCode", cardCode), ("cardQuota", quota),
                ("cardInterest", isInterestFree.map { $0 ? "Y" : "N" }),
                ("couponCode", couponCode), ("flagPin", asksForPIN.map { $0 ? "Y" : "N" }), ("returnUrl", returnURL),
                ("flagCardPoint", usesPoints.map { $0 ? "Y" : "N" }),
            ]) + appearance.values
    }
}

/// The page on which a member confirms a payment from an account (`payauth/acct`). Its callback is a ``WPayAuthentication``.
public struct AccountPayment: WPayPage {
    /// The API's row.
    public static let api = WPayClient.api(.standard20, "payauth/acct")
    /// The API's row.
    public static func api(of page: AccountPayment) -> WPayAPI { api }

    /// What a cash receipt is for.
    public enum ReceiptPurpose: String, Sendable, Hashable {
        /// Income deduction (소득공제).
        case incomeDeduction = "1"
        /// Proof of expenses (지출증빙).
        case expenseProof = "2"
    }

    /// The member.
    public var userKey: WPayUserKey
    /// The account.
    public var token: WPayToken
    /// The bank's code.
    public var bankCode: String
    /// What is sold.
    public var order: WPayOrder
    /// Where the callback goes.
    public var returnURL: String
    /// The identity value (CI), if the merchant knows it.
    public var identity: PlainValue?
    /// What a cash receipt is for, and the telephone or business number it is made out to.
    public var cashReceipt: (purpose: ReceiptPurpose, number: PlainValue)?
    /// How the page looks.
    public var appearance: WPayAppearance

    /// A payment from an account.
    public init(
        userKey: WPayUserKey, token: WPayToken, bankCode: String, order: WPayOrder, returnURL: String, identity: PlainValue? = nil,
        cashReceipt: (purpose: ReceiptPurpose, number: PlainValue)? = nil, appearance: WPayAppearance = WPayAppearance()
    ) {
        self.userKey = userKey
        self.token = token
        self.bankCode = bankCode
        self.order = order
        self.returnURL = returnURL
        self.identity = identity
        self.cashReceipt = cashReceipt
        self.appearance = appearance
    }

    /// The fields.
    public var values: [(name: String, value: WPayValue)] {
        [("wpayUserKey", userKey.value), ("wpayToken", token.value)] + given([("ci", identity), ("cshRecpInfo", cashReceipt?.number)])
            + order.goods + order.buyer
            + given([
                ("payMethod", "16"), ("bankCardCode", bankCode), ("returnUrl", returnURL), ("cshRecpSave", cashReceipt.map { _ in "Y" }),
                ("cshRecpCode", cashReceipt?.purpose.rawValue),
            ]) + appearance.values
    }
}

/// WPAY's own payment window (`payauth/stdMain`), in which the member registers and chooses means. Its callback is a ``WPayAuthentication``.
public struct WindowPayment: WPayPage {
    /// The API's row.
    public static let api = WPayClient.api(.standard20, "payauth/stdMain")
    /// The API's row.
    public static func api(of page: WindowPayment) -> WPayAPI { api }

    /// The member.
    public var userKey: WPayUserKey
    /// What is sold.
    public var order: WPayOrder
    /// Where the callback goes.
    public var returnURL: String
    /// `1` for content, `2` for goods; a live merchant leaves it empty.
    public var goodsKind: String?
    /// The identity value (CI), if the merchant knows it.
    public var identity: PlainValue?
    /// Whether the member must type the PIN.
    public var asksForPIN: Bool?
    /// What a shopper who registers an account types into the telephone.
    public var phoneCheck: WPayPhoneCheck?
    /// How the page looks.
    public var appearance: WPayAppearance

    /// A payment in WPAY's window.
    public init(
        userKey: WPayUserKey, order: WPayOrder, returnURL: String, goodsKind: String? = nil, identity: PlainValue? = nil,
        asksForPIN: Bool? = nil, phoneCheck: WPayPhoneCheck? = nil, appearance: WPayAppearance = WPayAppearance()
    ) {
        self.userKey = userKey
        self.order = order
        self.returnURL = returnURL
        self.goodsKind = goodsKind
        self.identity = identity
        self.asksForPIN = asksForPIN
        self.phoneCheck = phoneCheck
        self.appearance = appearance
    }

    /// The fields.
    public var values: [(name: String, value: WPayValue)] {
        [("wpayUserKey", userKey.value)] + given([("ci", identity)]) + order.goods + order.buyer
            + given([("hppType", goodsKind), ("flagPin", asksForPIN.map { $0 ? "Y" : "N" }), ("returnUrl", returnURL)])
            + (phoneCheck?.values ?? []) + appearance.values
    }
}
