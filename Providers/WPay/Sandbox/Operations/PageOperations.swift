import Base
import SandboxKit
import WPay

/// What a shopper typed in and chose on a page.
struct ShopperEntry: Sendable {
    /// Who somebody says to be; nothing takes what the merchant sent along.
    var person: Person?
    /// Six digits, for joining and for changing the PIN.
    var pin: String?
    /// The card to register.
    var card: CardEntry?
    /// The account to register.
    var account: AccountEntry?
    /// The plain token of the card or account chosen, where the merchant has not named one; nothing takes the main one.
    var token: String?
}

extension Operations {
    /// Does what a page is for, once the shopper has agreed. A PIN that protects it is checked before, by ``checkPIN(_:_:)``.
    ///
    /// - Parameter fields: The merchant's fields in plain form.
    func perform(_ api: WPayAPI, _ fields: [String: String], _ entry: ShopperEntry) throws -> OperationResult {
        func field(_ name: String) -> String { fields[name] ?? "" }
        let userKey = field("wpayUserKey")
        let ci = field("ci")
        switch api.name {
        case "memreg", "u/memregci", "u/memregci/under14":
            return try join(userID: field("userId"), ci: ci, person: entry.person ?? Person(form: fields), pin: entry.pin)
        case "pinno/auth": return try confirmed(userKey)
        case "pinno/reset":
            guard let pin = entry.pin else { throw Refused("pin.missing", ko: "새 PIN이 없습니다.", en: "there is no new PIN") }
            return try changePIN(userKey, to: pin)
        case "payreg/card", "payreg/card-billkey", "u/payreg/v2", "u/payreg/simple":
            if field("payMethod") == PayMethod.account.rawValue { return try register(entry.account, userKey, ci) }
            return try register(entry.card, api, fields)
        case "payreg/acct": return try register(entry.account, userKey, ci)
        case "payauth/card", "payauth/acct", "payauth/stdMain", "payreqauth", "u/payreqauth":
            let method: PayMethod? =
                api.name == "payauth/card" ? .card : api.name == "payauth/acct" ? .account : PayMethod(rawValue: field("payMethod"))
            return try authenticate(
                try Purchase(form: fields), userKey: userKey, token: try token(fields, entry), method: method,
                bankCardCode: field("bankCardCode"), ci: ci)
        case "payauth/auto", "payauth/auto/stdMain", "u/payreqauth-auto":
            return try signUpAutoPay(
                userKey: userKey, token: try token(fields, entry), chargeMID: field("nMid").isEmpty ? nil : field("nMid"),
                oid: field("oid"),
                goodsName: field("goodsName"), price: try Operations.price(field("goodsPrice"), "goodsPrice"),
                bankCardCode: field("bankCardCode"), ci: ci, monthsLeft: Int(field("cardExpDate")) ?? 0, buyerEmail: field("buyerEmail"))
        case "mypage": return try leave(userKey)
        case "u/arsauth/pa/sec": return result(["wpayUserKey": .string(try member(userKey, ci: ci).userKey)])
        default:
            throw Refused(
                "call.unknown", ko: "처리할 수 없는 페이지입니다.", en: "there is no rule for this page", fix: nil, ["api": .string(api.identifier)])
        }
    }

    /// The token that the merchant named, else the shopper's choice, else the main card.
    private func token(_ fields: [String: String], _ entry: ShopperEntry) throws -> String {
        if let named = fields["wpayToken"], !named.isEmpty { return named }
        if let chosen = entry.token { return chosen }
        if let preset = try presetMeans(of: fields["wpayUserKey"] ?? "") { return preset.token }
        throw Refused(
            "token.none", ko: "등록된 결제수단이 없습니다.", en: "no card or account is registered",
            fix: ("먼저 payreg/card로 카드를 등록하세요.", "Register a card first, by payreg/card."))
    }

    private func register(_ entry: CardEntry?, _ api: WPayAPI, _ fields: [String: String]) throws -> OperationResult {
        guard var entry else { throw Refused("card.missing", ko: "카드 정보가 없습니다.", en: "no card was given") }
        if let company = fields["bankCardCode"], !company.isEmpty { entry.company = company }
        if let issuer = fields["cardIsscoCode"], !issuer.isEmpty { entry.issuer = issuer }
        if api.name == "payreg/card-billkey" {
            entry.wantsBillingKey = true
            entry.monthsLeft = Int(fields["expireDate"] ?? "") ?? 0
        }
        return try registerCard(fields["wpayUserKey"] ?? "", entry, ci: fields["ci"] ?? "")
    }

    private func register(_ entry: AccountEntry?, _ userKey: String, _ ci: String) throws -> OperationResult {
        guard let entry else { throw Refused("account.missing", ko: "계좌 정보가 없습니다.", en: "no account was given") }
        return try registerAccount(userKey, entry, ci: ci)
    }
}

extension Person {
    /// The person as the merchant's form describes it.
    init(form fields: [String: String]) {
        var guardian = JSON.Members()
        for name in ["agreeReqDate", "agreeReqNum", "agreeYn", "repNm", "repPhoneNum", "authDate"] {
            if let value = fields[name], !value.isEmpty { guardian[name] = .string(value) }
        }
        self.init(
            name: fields["userNm"] ?? "", phone: fields["hNum"] ?? "", carrier: fields["hCorp"] ?? "", birthDay: fields["birthDay"] ?? "",
            socialNumber: fields["socialNo2"] ?? "", foreigner: fields["frnrYn"] ?? "", guardian: guardian)
    }
}

extension Purchase {
    /// The purchase as the merchant's form describes it.
    init(form fields: [String: String]) throws(Refused) {
        self.init(
            oid: fields["oid"] ?? "", goodsName: fields["goodsName"] ?? "",
            price: try Operations.price(fields["goodsPrice"] ?? "", "goodsPrice"), buyerName: fields["buyerName"] ?? "",
            buyerTel: fields["buyerTel"] ?? "", buyerEmail: fields["buyerEmail"] ?? "",
            quota: fields["cardQuota"].flatMap { $0.isEmpty ? nil : $0 } ?? "00", interest: fields["cardInterest"] ?? "",
            couponCode: fields["couponCode"] ?? "", cardPoint: fields["flagCardPoint"] ?? "", receiptWanted: fields["cshRecpSave"] ?? "",
            receiptKind: fields["cshRecpCode"] ?? "")
    }
}
