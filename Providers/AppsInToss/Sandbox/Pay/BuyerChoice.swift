import AppsInToss
import Base
import SandboxKit

/// What the buyer chose in the payment sheet. Card and account numbers are masked from the beginning: nobody ever types a whole one into a sandbox.
struct BuyerChoice: Equatable, Sendable {
    /// A card.
    struct Card: Equatable, Sendable {
        /// 1 to 10.
        var company: Int
        var methodType: String
        var userType: String
        /// The first digits, which name its issuer.
        var bin: String
        var lastFour: String
        var authorizationNumber: String
        /// Months; 0 pays at once.
        var spreadOut: Int64
        var noInterest: Bool

        /// The number as it is shown: the first six and the last four digits.
        var maskedNumber: String { "\(bin)******\(lastFour)" }
        var companyName: String { AppsInTossTables.cardCompany(company)?.name ?? "" }
    }

    /// An account behind Toss money.
    struct Account: Equatable, Sendable {
        var bankCode: String
        var maskedNumber: String

        var bankName: String { AppsInTossTables.bank(bankCode)?.name ?? "" }
    }

    /// What pays.
    enum Means: Equatable, Sendable {
        case card(Card)
        case tossMoney(Account)
    }

    var means: Means
    /// What the shop or Toss takes off, in won.
    var discount: Int64
    /// Points that are spent, in won.
    var points: Int64

    var method: PayMethod {
        if case .card = means { return .card }
        return .tossMoney
    }

    var card: Card? {
        if case .card(let card) = means { return card }
        return nil
    }

    var account: Account? {
        if case .tossMoney(let account) = means { return account }
        return nil
    }

    /// Everything that need not be paid.
    var discounted: Int64 { discount + points }
}

// MARK: In rows

extension BuyerChoice {
    /// The choice as it is kept.
    var stored: JSON {
        var members: JSON.Members = ["discount": .number(discount), "points": .number(points)]
        switch means {
        case .card(let card):
            members["card"] = [
                "company": .number(card.company), "methodType": .string(card.methodType), "userType": .string(card.userType),
                "bin": .string(card.bin), "lastFour": .string(card.lastFour), "authorizationNumber": .string(card.authorizationNumber),
                "spreadOut": .number(card.spreadOut), "noInterest": .boolean(card.noInterest),
            ]
        case .tossMoney(let account):
            members["account"] = ["bankCode": .string(account.bankCode), "number": .string(account.maskedNumber)]
        }
        return .object(members)
    }

    init?(stored json: JSON) {
        guard let discount = json["discount"]?.integer, let points = json["points"]?.integer else { return nil }
        self.discount = discount
        self.points = points
        if let card = json["card"], let company = card["company"]?.integer, let methodType = card["methodType"]?.string,
            let userType = card["userType"]?.string, let bin = card["bin"]?.string, let lastFour = card["lastFour"]?.string,
            let authorizationNumber = card["authorizationNumber"]?.string, let spreadOut = card["spreadOut"]?.integer,
            let noInterest = card["noInterest"]?.boolean
        {
            means = .card(
                Card(
                    company: Int(company), methodType: methodType, userType: userType, bin: bin, lastFour: lastFour,
                    authorizationNumber: authorizationNumber, spreadOut: spreadOut, noInterest: noInterest))
        } else if let account = json["account"], let bankCode = account["bankCode"]?.string, let number = account["number"]?.string {
            means = .tossMoney(Account(bankCode: bankCode, maskedNumber: number))
        } else {
            return nil
        }
    }
}

// MARK: By the control API

extension BuyerChoice {
    /// The members that `authenticate` takes.
    static let members = [
        "method", "card_company", "card_type", "card_user_type", "installment_months", "no_interest", "bank", "discount", "points",
    ]

    /// Reads what the buyer is to choose; without a wish the first way that the payment allows, paid at once and in full.
    ///
    /// - Throws: ``ControlError`` for what the payment sheet would not offer.
    init(_ wishes: JSON.Members, for payment: Payment, _ random: any RandomSource) throws(ControlError) {
        let methods = payment.methods
        let method = wishes["method"]?.string.map { PayMethod(rawValue: $0) } ?? (methods.contains(.tossMoney) ? .tossMoney : .card)
        guard methods.contains(method) else {
            let list = methods.map(\.rawValue).joined(separator: ", ")
            throw BuyerChoice.wrong("method", "이 결제는 \(list)만 받습니다", "is one of \(list) for this payment")
        }
        discount = try BuyerChoice.won(wishes, "discount")
        points = try BuyerChoice.won(wishes, "points")
        guard discount + points <= payment.amounts.amount else {
            throw BuyerChoice.wrong("discount", "할인과 포인트의 합이 결제 금액을 넘습니다", "and points come to more than the amount")
        }
        if method == .card {
            means = .card(try BuyerChoice.card(wishes, payment, random))
            return
        }
        let bank = wishes["bank"]?.string ?? "088"
        guard let known = AppsInTossTables.bank(bank), known.kind != .toss else {
            throw BuyerChoice.wrong("bank", "세 자리 은행 또는 증권사 코드여야 합니다", "must be the three-digit code of a bank or a securities house")
        }
        means = .tossMoney(Account(bankCode: bank, maskedNumber: Identifier.digits(4, random) + "*****" + Identifier.digits(2, random)))
    }

    private static func card(_ wishes: JSON.Members, _ payment: Payment, _ random: any RandomSource) throws(ControlError) -> Card {
        let company = wishes["card_company"].map { $0.integer ?? $0.string.flatMap { JSON.integer($0) } ?? 0 } ?? 1
        guard let row = AppsInTossTables.cardCompany(Int(clamping: company)), row.isSupported else {
            let list = AppsInTossTables.cardCompanies.filter(\.isSupported).map { "\($0.code) \($0.name)" }.joined(separator: ", ")
            throw wrong("card_company", "\(list) 가운데 하나여야 합니다", "must be one of \(list)")
        }
        let methodType = CardMethodType(rawValue: wishes["card_type"]?.string ?? CardMethodType.credit.rawValue)
        let userType = CardUserType(rawValue: wishes["card_user_type"]?.string ?? CardUserType.personal.rawValue)
        guard methodType.isKnown else {
            throw wrong("card_type", "CREDIT, CHECK, PREPAYMENT 가운데 하나여야 합니다", "must be CREDIT, CHECK or PREPAYMENT")
        }
        guard userType.isKnown else {
            let list = CardUserType.known.map(\.rawValue).joined(separator: ", ")
            throw wrong("card_user_type", "\(list) 가운데 하나여야 합니다", "must be one of \(list)")
        }
        let months = wishes["installment_months"].map { $0.integer ?? -1 } ?? 0
        guard months == 0 || (2...36).contains(months) else {
            throw wrong("installment_months", "0(일시불) 또는 2에서 36 사이여야 합니다", "must be 0, or from 2 to 36")
        }
        guard months == 0 || payment.takesInstallments && methodType == .credit else {
            throw wrong(
                "installment_months", "이 결제는 할부를 쓸 수 없습니다(installment가 NOT_USE이거나 신용카드가 아님)",
                "is not offered: the payment says NOT_USE, or the card is not a credit card")
        }
        return Card(
            company: row.code, methodType: methodType.rawValue, userType: userType.rawValue, bin: Identifier.digits(6, random),
            lastFour: Identifier.digits(4, random), authorizationNumber: Identifier.digits(8, random), spreadOut: months,
            noInterest: months > 0 && wishes["no_interest"]?.boolean ?? false)
    }

    private static func won(_ wishes: JSON.Members, _ name: String) throws(ControlError) -> Int64 {
        guard let value = wishes[name] else { return 0 }
        guard let amount = value.integer, (0...PaymentAmounts.largest).contains(amount) else {
            throw wrong(name, "0 이상의 정수(원)여야 합니다", "must be whole won, not less than 0")
        }
        return amount
    }

    private static func wrong(_ name: String, _ korean: String, _ english: String) -> ControlError {
        ControlError(message: BilingualText(korean: "\(name): \(korean).", english: "\(name) \(english)."))
    }
}
