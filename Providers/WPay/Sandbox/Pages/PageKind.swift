import WPay

/// What a page asks of the shopper. Several rows of the table of APIs have the same page, since only their data differ.
enum PageKind: Sendable, Equatable {
    case join
    case pinCheck
    case pinChange
    case registerCard
    case registerAccount
    /// Pays, or signs up, with the means that the merchant named.
    case pay
    /// Pays, or signs up, with a means that is chosen or registered here.
    case window
    case myPage
    /// The automatic call that checks a person before a registration.
    case identityCheck

    /// The page of an API; nothing when it is none.
    ///
    /// - Parameter fields: The merchant's fields in plain form: at custom sites one path registers cards as well as accounts.
    init?(_ api: WPayAPI, _ fields: [String: String]) {
        switch api.name {
        case "memreg", "u/memregci", "u/memregci/under14": self = .join
        case "pinno/auth": self = .pinCheck
        case "pinno/reset": self = .pinChange
        case "payreg/card", "payreg/card-billkey", "u/payreg/simple": self = .registerCard
        case "u/payreg/v2": self = fields["payMethod"] == PayMethod.account.rawValue ? .registerAccount : .registerCard
        case "payreg/acct": self = .registerAccount
        case "payauth/card", "payauth/acct", "payauth/auto", "u/payreqauth", "u/payreqauth-auto": self = .pay
        case "payauth/stdMain", "payauth/auto/stdMain", "payreqauth": self = .window
        case "mypage": self = .myPage
        case "u/arsauth/pa/sec": self = .identityCheck
        default: return nil
        }
    }

    /// Whether the merchant's request names a member.
    var isForMember: Bool { self != .join }
}

extension WPayAPI {
    /// Whether the page signs up for charges to come instead of paying.
    var isSignUp: Bool { requestField("billkeyAppFlag") != nil }

    /// The kind of means that a payment's page is for; nothing for either.
    func method(_ fields: [String: String]) -> PayMethod? {
        switch name {
        case "payauth/card": .card
        case "payauth/acct": .account
        default: isSignUp ? .card : PayMethod(rawValue: fields["payMethod"] ?? "")
        }
    }

    /// The field that names the merchant's callback address.
    var returnField: String { requestField("cancelReturnUrl") == nil ? "returnUrl" : "cancelReturnUrl" }
}
