/// The page on which a shopper joins (`memreg`). Its callback brings the member's key.
public struct JoinPage: WPayPage {
    /// The API's row.
    public static let api = WPayClient.api(.standard20, "memreg")
    /// The API's row.
    public static func api(of page: JoinPage) -> WPayAPI { api }

    /// The merchant's own id of the user, at most 20 characters.
    public var userID: PlainValue
    /// Where the callback goes.
    public var returnURL: String
    /// The title of the merchant's own terms, which the shopper accepts on the page.
    public var consentName: String
    /// Where those terms stand.
    public var consentURL: String
    /// The identity value (CI), if the merchant knows it.
    public var identity: PlainValue?
    /// The shopper's name.
    public var name: PlainValue?
    /// The mobile number, digits only.
    public var phone: PlainValue?
    /// The carrier: `SKT`, `KTF`, `LGT`, or of budget brands `SKR`, `KTR`, `LGR`.
    public var phoneCarrier: String?
    /// The day of birth, eight digits.
    public var birthDay: PlainValue?
    /// The first digit of the second half of the resident number.
    public var residentDigit: PlainValue?
    /// Whether the shopper is a foreigner.
    public var isForeigner: Bool?
    /// Names of fields that the page shows but does not let change: `userNm`, `birthDay`, `hNum`.
    public var readOnlyFields: String?
    /// How the page looks.
    public var appearance: WPayAppearance

    /// A join. A merchant with the right to skip the check of the telephone must give all about the person.
    public init(
        userID: PlainValue, returnURL: String, consentName: String, consentURL: String, identity: PlainValue? = nil,
        name: PlainValue? = nil,
        phone: PlainValue? = nil, phoneCarrier: String? = nil, birthDay: PlainValue? = nil, residentDigit: PlainValue? = nil,
        isForeigner: Bool? = nil, readOnlyFields: String? = nil, appearance: WPayAppearance = WPayAppearance()
    ) {
        self.userID = userID
        self.returnURL = returnURL
        self.consentName = consentName
        self.consentURL = consentURL
        self.identity = identity
        self.name = name
        self.phone = phone
        self.phoneCarrier = phoneCarrier
        self.birthDay = birthDay
        self.residentDigit = residentDigit
        self.isForeigner = isForeigner
        self.readOnlyFields = readOnlyFields
        self.appearance = appearance
    }

    /// The fields.
    public var values: [(name: String, value: WPayValue)] {
        given([
            ("userId", userID), ("ci", identity), ("userNm", name), ("hNum", phone), ("birthDay", birthDay), ("socialNo2", residentDigit),
        ])
            + given([
                ("hCorp", phoneCarrier), ("frnrYn", isForeigner.map { $0 ? "Y" : "N" }), ("returnUrl", returnURL),
                ("agreePayNm", consentName), ("agreeUrl", consentURL), ("optReadOnly", readOnlyFields),
            ]) + appearance.values
    }
}

/// A page for the PIN: to ask for it (`pinno/auth`) or to change it (`pinno/reset`).
public struct PINPage: WPayPage {
    /// What the page is for.
    public enum Purpose: Sendable, Hashable {
        /// The shopper types the PIN.
        case check
        /// The shopper chooses another one.
        case change
    }

    /// The row for asking.
    public static let checkAPI = WPayClient.api(.standard20, "pinno/auth")
    /// The row for changing.
    public static let changeAPI = WPayClient.api(.standard20, "pinno/reset")
    /// The API's row.
    public static func api(of page: PINPage) -> WPayAPI { page.purpose == .check ? checkAPI : changeAPI }

    /// What the page is for.
    public var purpose: Purpose
    /// The member.
    public var userKey: WPayUserKey
    /// Where the callback goes.
    public var returnURL: String
    /// The identity value (CI), if the merchant knows it.
    public var identity: PlainValue?
    /// How the page looks.
    public var appearance: WPayAppearance

    /// A page for the PIN.
    public init(
        _ purpose: Purpose, userKey: WPayUserKey, returnURL: String, identity: PlainValue? = nil,
        appearance: WPayAppearance = WPayAppearance()
    ) {
        self.purpose = purpose
        self.userKey = userKey
        self.returnURL = returnURL
        self.identity = identity
        self.appearance = appearance
    }

    /// The fields.
    public var values: [(name: String, value: WPayValue)] {
        [("wpayUserKey", userKey.value)] + given([("ci", identity)]) + given([("returnUrl", returnURL)]) + appearance.values
    }
}

/// The member's own page (`mypage`). It calls back only when the shopper leaves the service there.
public struct MyPage: WPayPage {
    /// The API's row.
    public static let api = WPayClient.api(.standard20, "mypage")
    /// The API's row.
    public static func api(of page: MyPage) -> WPayAPI { api }

    /// The member.
    public var userKey: WPayUserKey
    /// Where the callback goes.
    public var returnURL: String
    /// What a shopper who registers an account types into the telephone.
    public var phoneCheck: WPayPhoneCheck?
    /// How the page looks.
    public var appearance: WPayAppearance

    /// A member's own page.
    public init(
        userKey: WPayUserKey, returnURL: String, phoneCheck: WPayPhoneCheck? = nil, appearance: WPayAppearance = WPayAppearance()
    ) {
        self.phoneCheck = phoneCheck
        self.userKey = userKey
        self.returnURL = returnURL
        self.appearance = appearance
    }

    /// The fields.
    public var values: [(name: String, value: WPayValue)] {
        [("wpayUserKey", userKey.value)] + given([("returnUrl", returnURL)]) + (phoneCheck?.values ?? []) + appearance.values
    }
}
