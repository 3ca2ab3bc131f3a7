import Base
import Cryptography
import SandboxKit

/// A card as a shopper types it in.
struct CardEntry: Sendable {
    /// 14 to 16 digits; spaces and dashes do not count.
    var number: String
    /// 1 to 12; nothing when no expiry was asked for.
    var expiryMonth: Int?
    /// Four digits.
    var expiryYear: Int?
    /// The card company; BC when nothing is said, since card numbers are not looked up.
    var company = "11"
    var issuer = ""
    var nickname = ""
    /// `checkFlg`: 0 credit, 1 check, 2 prepaid.
    var checkFlag = "0"
    /// `cardTypeFlg`: 0 personal, 1 corporate.
    var ownerFlag = "0"
    /// Whether a billing key is wanted with it.
    var wantsBillingKey = false
    /// How many months it must still be good for.
    var monthsLeft = 0
}

/// An account as a shopper types it in.
struct AccountEntry: Sendable {
    var bank: String
    /// 8 to 16 digits; spaces and dashes do not count.
    var number: String
    var nickname = ""
}

extension Operations {
    // MARK: Registering

    /// Registers a card. One that is there already keeps its token: the answer has it, with 7028.
    func registerCard(_ userKey: String, _ entry: CardEntry, ci: String = "") throws -> OperationResult {
        let member = try member(userKey, ci: ci)
        let number = try Operations.digits(entry.number, 14...16, "card.number", ko: "카드 번호", en: "a card number")
        guard let company = CardBook.company(.card, entry.company) else { throw Operations.unknownCompany(.card, entry.company) }
        let expiry = try expiry(of: entry)
        if let expiry, expiry <= monthsFromNow(entry.monthsLeft) {
            throw Refused(
                "card.expired", ko: "유효기간이 지났거나 요구한 개월 수만큼 남지 않은 카드입니다.",
                en: "the card has expired, or is not good for as many months as were asked for")
        }
        let digest = PaymentMeans.digest(number, userKey: member.userKey, method: .card)
        if var known = try records.means(of: userKey).first(where: { $0.numberDigest == digest }) {
            if entry.wantsBillingKey, known.billingKey == nil {
                known.billingKey = Identifier.billingKey(random)
                try records.save(known)
            }
            return already(known)
        }
        var means = PaymentMeans(
            token: Identifier.token(now, random), userKey: userKey, method: .card, numberDigest: digest, registeredAt: now,
            bankCardCode: company.code, issuerCode: entry.issuer.isEmpty && company.code == "11" ? "20" : entry.issuer,
            maskedNumber: "\(number.prefix(6))\(String(repeating: "*", count: number.count - 10))\(number.suffix(4))", name: company.name,
            nickname: entry.nickname)
        means.checkFlag = entry.checkFlag
        means.ownerFlag = entry.ownerFlag
        means.productNumber = "P\(company.code)0001"
        means.productName = "\(company.name) 테스트"
        means.imageURL = "\(place.base)/card/\(company.code).png"
        means.expiryFlag = expiry == nil ? "M" : "Y"
        means.expiresAt = expiry
        if entry.wantsBillingKey { means.billingKey = Identifier.billingKey(random) }
        return try keep(means)
    }

    /// Registers an account. One that is there already keeps its token: the answer has it, with 7028.
    func registerAccount(_ userKey: String, _ entry: AccountEntry, ci: String = "") throws -> OperationResult {
        let member = try member(userKey, ci: ci)
        let number = try Operations.digits(entry.number, 8...16, "account.number", ko: "계좌 번호", en: "an account number")
        guard let bank = CardBook.company(.account, entry.bank) else { throw Operations.unknownCompany(.account, entry.bank) }
        let digest = PaymentMeans.digest("\(bank.code)|\(number)", userKey: member.userKey, method: .account)
        if let known = try records.means(of: userKey).first(where: { $0.numberDigest == digest }) { return already(known) }
        return try keep(
            PaymentMeans(
                token: Identifier.token(now, random), userKey: userKey, method: .account, numberDigest: digest, registeredAt: now,
                bankCardCode: bank.code,
                maskedNumber: "\(number.prefix(3))\(String(repeating: "*", count: number.count - 6))\(number.suffix(3))",
                name: bank.name, nickname: entry.nickname))
    }

    /// The first of its kind becomes the main one.
    private func keep(_ means: PaymentMeans) throws -> OperationResult {
        var means = means
        means.isMain = try !records.means(of: means.userKey).contains { $0.method == means.method && $0.isMain }
        try records.save(means)
        return result(describe(means))
    }

    private func already(_ means: PaymentMeans) -> OperationResult {
        result(
            describe(means), code: .alreadyRegistered,
            verdict: Verdict(
                warned: "means.already", ko: "이미 등록된 결제수단입니다. 7028과 함께 기존 wpayToken을 돌려줍니다.",
                en: "this card or account is registered already; the answer is 7028 with the existing token",
                fix: ("7028은 실패가 아닙니다. 받은 wpayToken을 쓰세요.", "7028 is no failure: use the token that came with it.")))
    }

    /// A means as callbacks and replies describe it.
    func describe(_ means: PaymentMeans) -> JSON.Members {
        [
            "wpayUserKey": .string(means.userKey), "wpayToken": .string(means.token), "payMethod": .string(means.method.rawValue),
            "status": .string(means.status.rawValue), "bankCardCode": .string(means.bankCardCode),
            "cardIsscoCode": .string(means.issuerCode),
            "bankCardNo": .string(means.maskedNumber), "cardName": .string(means.name), "majYn": .string(means.isMain ? "Y" : "N"),
            "checkFlg": .string(means.checkFlag), "cardTypeFlg": .string(means.ownerFlag), "cardPdNum": .string(means.productNumber),
            "cardPdName": .string(means.productName), "cardBImgUrl": .string(means.imageURL), "wpayTokenNcnm": .string(means.nickname),
            "cardExpFlag": .string(means.expiryFlag(at: now)), "billKey": .string(means.billingKey ?? ""),
        ]
    }

    private func expiry(of entry: CardEntry) throws(Refused) -> Timestamp? {
        guard let month = entry.expiryMonth, let year = entry.expiryYear else { return nil }
        guard (1...12).contains(month), (2000...2099).contains(year),
            let end = CivilTime(year: month == 12 ? year + 1 : year, month: month == 12 ? 1 : month + 1, day: 1)
        else { throw Refused("card.expiry", ko: "유효기간이 잘못되었습니다.", en: "the expiry is not a month and a year") }
        return end.timestamp(offset: CivilTime.koreanOffset)
    }

    private func monthsFromNow(_ months: Int) -> Timestamp {
        guard months > 0 else { return now }
        var civil = CivilTime(now, offset: CivilTime.koreanOffset)
        let month = civil.month - 1 + months
        civil.year += month / 12
        civil.month = month % 12 + 1
        civil.day = min(civil.day, 28)
        return civil.timestamp(offset: CivilTime.koreanOffset)
    }

    private static func digits(
        _ text: String, _ count: ClosedRange<Int>, _ rule: String, ko korean: String, en english: String
    ) throws(Refused) -> String {
        let digits = text.filter { $0 != " " && $0 != "-" }
        guard count.contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw Refused(
                rule, ko: "\(korean)는 숫자 \(count.lowerBound)–\(count.upperBound)자리입니다.",
                en: "\(english) has \(count.lowerBound) to \(count.upperBound) digits")
        }
        return digits
    }

    private static func unknownCompany(_ method: PayMethod, _ code: String) -> Refused {
        Refused(
            "field.value", ko: "bankCardCode: 샌드박스에 없는 카드사·은행 코드입니다.", en: "bankCardCode is no card company or bank of the sandbox",
            fix: nil,
            [
                "field": "bankCardCode",
                "allowed": .array(CardBook.companies(method).map { .string("\($0.code) \($0.name)") }),
            ])
    }

    // MARK: Using

    /// A member's means that can be paid with.
    ///
    /// - Parameters:
    ///   - method: The kind that is asked for; nothing for either.
    ///   - bankCardCode: When not empty, it must be the means' own.
    func means(_ token: String, of userKey: String, method: PayMethod? = nil, bankCardCode: String = "") throws -> PaymentMeans {
        guard let means = try records.means(token), means.userKey == userKey else {
            let isSomebodys = try records.means(token) != nil
            let isAutoPay = try records.autoPay(token: token) != nil
            throw Refused(
                isSomebodys ? "token.other-member" : isAutoPay ? "token.auto-pay" : "token.unknown",
                ko: isSomebodys
                    ? "다른 회원의 wpayToken입니다." : isAutoPay ? "자동결제 신청의 wpayToken입니다. 여기서는 카드·계좌의 wpayToken이 필요합니다." : "없는 wpayToken입니다.",
                en: isSomebodys
                    ? "the token is another member's"
                    : isAutoPay
                        ? "the token is of an auto-pay sign-up; the one of a card or account is wanted here" : "there is no such token",
                fix: (
                    "GET /-/wpay/means 로 있는 결제수단을 확인하세요. 콜백의 wpayToken은 이미 암호화되어 있으니 그대로 보냅니다.",
                    "GET /-/wpay/means lists the cards and accounts. The token of a callback is encrypted already: pass it on as it is."
                ), ["length": .number(token.utf8.count)])
        }
        switch means.status {
        case .normal: break
        case .deleted: throw Refused("token.deleted", ko: "삭제된 결제수단입니다.", en: "the card or account was deleted")
        case .suspended, .unknown: throw Refused("token.suspended", ko: "이용이 정지된 결제수단입니다.", en: "the card or account is suspended")
        }
        if let method, means.method != method {
            throw Refused(
                "token.method", ko: "결제수단 종류가 다릅니다. 카드는 01(…/card), 계좌는 16(…/acct)입니다.",
                en: "the means is of the other kind: cards are 01 (…/card), accounts 16 (…/acct)", fix: nil,
                ["payMethod": .string(means.method.rawValue), "asked": .string(method.rawValue)])
        }
        guard bankCardCode.isEmpty || bankCardCode == means.bankCardCode else {
            throw Refused(
                "token.bank-card-code", ko: "bankCardCode가 결제수단의 코드와 다릅니다.", en: "the bankCardCode is not the means' own", fix: nil,
                ["bankCardCode": .string(means.bankCardCode)])
        }
        return means
    }

    /// One means as a look-up describes it; a deleted one says so.
    func lookUp(token: String, of userKey: String, ci: String) throws -> OperationResult {
        let member = try member(userKey, ci: ci)
        if let means = try records.means(token), means.userKey == member.userKey { return result(describe(means)) }
        if settings.tellsUnknown, try records.means(token) == nil {
            return result([
                "wpayUserKey": .string(userKey), "wpayToken": .string(token), "status": .string(MeansStatus.unknown.rawValue),
            ])
        }
        return result(describe(try means(token, of: userKey)))
    }

    /// All means of a member, by kind and company when those are not empty.
    func list(of userKey: String, ci: String, method: String, bankCardCode: String) throws -> OperationResult {
        let member = try member(userKey, ci: ci)
        let means = try records.means(of: member.userKey).filter {
            (method.isEmpty || $0.method.rawValue == method) && (bankCardCode.isEmpty || $0.bankCardCode == bankCardCode)
        }
        return result(["payListCnt": .string(String(means.count)), "payList": .array(means.map { .object(describe($0)) })])
    }

    /// Makes a means the main one of its kind, or no longer.
    func setMain(_ token: String, of userKey: String, ci: String, _ isMain: Bool) throws -> OperationResult {
        let member = try member(userKey, ci: ci)
        var means = try means(token, of: member.userKey)
        if isMain {
            for var other in try records.means(of: userKey) where other.isMain && other.method == means.method && other.token != token {
                other.isMain = false
                try records.save(other)
            }
        }
        means.isMain = isMain
        try records.save(means)
        return result(describe(means))
    }

    /// Gives a means a nickname; an empty one takes it away.
    func setNickname(_ token: String, of userKey: String, ci: String, _ nickname: String) throws -> OperationResult {
        let member = try member(userKey, ci: ci)
        var means = try means(token, of: member.userKey)
        means.nickname = nickname
        try records.save(means)
        return result(describe(means))
    }

    /// Deletes a means. Sign-ups on it end.
    func delete(_ token: String, of userKey: String, ci: String) throws -> OperationResult {
        let member = try member(userKey, ci: ci)
        var means = try means(token, of: member.userKey)
        means.status = .deleted
        means.isMain = false
        try records.save(means)
        for var autoPay in try records.autoPays(of: userKey) where autoPay.means == token && autoPay.status == .running {
            autoPay.status = .ended
            autoPay.endedAt = now
            try records.save(autoPay)
        }
        return result(describe(means))
    }
}

// MARK: Custom sites

extension Operations {
    /// Registers a card by a partner's registration key, without a page. What such keys are is not known: here each stands for a card of its own.
    func registerDirectly(_ userKey: String, cardRegKey: String, bankCardCode: String, ci: String) throws -> OperationResult {
        let digits = Digest.sha256.hash("card-reg-key|\(cardRegKey)").prefix(12).map { String($0 % 10) }.joined()
        let company = bankCardCode.isEmpty ? CardEntry(number: "").company : bankCardCode
        return try registerCard(userKey, CardEntry(number: "5570" + digits, company: company), ci: ci)
    }

    /// A code that stands for a card at a till once; nothing is paid by it here.
    func oneTimeCode(_ userKey: String, token: String, bankCardCode: String, ci: String) throws -> OperationResult {
        let member = try member(userKey, ci: ci)
        _ = try means(token, of: member.userKey, method: .card, bankCardCode: bankCardCode)
        return result(["otc": .string(String(Identifier.approvalNumber(random)) + String(Identifier.approvalNumber(random)))])
    }
}
