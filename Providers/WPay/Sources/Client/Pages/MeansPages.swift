/// The page on which a member registers a card or an account (`payreg/…`). Its callback brings the token.
public struct RegistrationPage: WPayPage {
    /// What is registered.
    public enum Means: Sendable, Hashable {
        /// A card.
        case card
        /// An account, and what the shopper types into the telephone; nothing to leave that to WPAY.
        case account(WPayPhoneCheck? = nil)
        /// A card with a billing key of another merchant id.
        ///
        /// - Parameters:
        ///   - mid: The merchant id of the billing key.
        ///   - remainingMonths: How long the card must still be valid.
        case cardWithBillingKey(mid: String, remainingMonths: Int?)
    }

    /// The row for cards.
    public static let cardAPI = WPayClient.api(.standard20, "payreg/card")
    /// The row for accounts.
    public static let accountAPI = WPayClient.api(.standard20, "payreg/acct")
    /// The row for cards with a billing key.
    public static let billingKeyAPI = WPayClient.api(.standard20, "payreg/card-billkey")
    /// The API's row.
    public static func api(of page: RegistrationPage) -> WPayAPI {
        switch page.means {
        case .card: cardAPI
        case .account: accountAPI
        case .cardWithBillingKey: billingKeyAPI
        }
    }

    /// What is registered.
    public var means: Means
    /// The member.
    public var userKey: WPayUserKey
    /// Where the callback goes.
    public var returnURL: String
    /// The identity value (CI), if the merchant knows it.
    public var identity: PlainValue?
    /// How the page looks.
    public var appearance: WPayAppearance

    /// A registration.
    public init(
        _ means: Means, userKey: WPayUserKey, returnURL: String, identity: PlainValue? = nil, appearance: WPayAppearance = WPayAppearance()
    ) {
        self.means = means
        self.userKey = userKey
        self.returnURL = returnURL
        self.identity = identity
        self.appearance = appearance
    }

    /// The fields.
    public var values: [(name: String, value: WPayValue)] {
        var values =
            [("wpayUserKey", userKey.value)] + given([("ci", identity)]) + given([("returnUrl", returnURL)]) + appearance.values
        switch means {
        case .card: break
        case .account(let check): values += check?.values ?? []
        case .cardWithBillingKey(let mid, let months):
            values += given([("iniBillKeyiMid", mid), ("expireDate", months.map { String($0) })])
        }
        return values
    }
}

/// The page on which a member agrees to be charged later without being there (`payauth/auto`): with a means that is named, or one that is chosen in WPAY's window.
public struct AutoPayPage: WPayPage {
    /// The row for a means that is named.
    public static let api = WPayClient.api(.standard20, "payauth/auto")
    /// The row for WPAY's window.
    public static let windowAPI = WPayClient.api(.standard20, "payauth/auto/stdMain")
    /// The API's row.
    public static func api(of page: AutoPayPage) -> WPayAPI { page.token == nil ? windowAPI : api }

    /// The member.
    public var userKey: WPayUserKey
    /// The means; nothing to let the member choose in WPAY's window.
    public var token: WPayToken?
    /// The merchant id of the charges; needed for WPAY's window.
    public var autoPayMid: String
    /// The merchant's number.
    public var orderID: String
    /// What is sold, below 100 bytes of UTF-8.
    public var goodsName: String
    /// The amount in won.
    public var price: Int64
    /// Where the callback goes.
    public var returnURL: String
    /// The identity value (CI), if the merchant knows it.
    public var identity: PlainValue?
    /// The code of the card company; not for WPAY's window.
    public var companyCode: String?
    /// Where WPAY's window sends its mail.
    public var buyerEmail: PlainValue?
    /// How many months a card must still be valid.
    public var remainingMonths: Int?
    /// How the page looks.
    public var appearance: WPayAppearance

    /// A sign-up.
    public init(
        userKey: WPayUserKey, token: WPayToken?, autoPayMid: String, orderID: String, goodsName: String, price: Int64, returnURL: String,
        identity: PlainValue? = nil, companyCode: String? = nil, buyerEmail: PlainValue? = nil, remainingMonths: Int? = nil,
        appearance: WPayAppearance = WPayAppearance()
    ) {
        self.userKey = userKey
        self.token = token
        self.companyCode = companyCode
        self.buyerEmail = buyerEmail
        self.autoPayMid = autoPayMid
        self.orderID = orderID
        self.goodsName = goodsName
        self.price = price
        self.returnURL = returnURL
        self.identity = identity
        self.remainingMonths = remainingMonths
        self.appearance = appearance
    }

    /// The fields.
    public var values: [(name: String, value: WPayValue)] {
        [("wpayUserKey", userKey.value)] + own + given([("ci", identity)])
            + given([
                ("oid", orderID), ("goodsName", goodsName), ("goodsPrice", String(price)), ("returnUrl", returnURL),
                ("billkeyAppFlag", "Y"),
                ("cardExpDate", remainingMonths.map { String($0) }),
            ]) + appearance.values
    }

    /// The fields in which the two rows differ.
    private var own: [(name: String, value: WPayValue)] {
        if let token { return [("wpayToken", token.value)] + given([("bankCardCode", companyCode)]) }
        return given([("nMid", autoPayMid), ("emailUseFlag", buyerEmail == nil ? nil : "Y")]) + given([("buyerEmail", buyerEmail)])
    }
}
