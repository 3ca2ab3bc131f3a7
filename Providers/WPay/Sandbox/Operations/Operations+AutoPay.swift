import Base
import SandboxKit

extension Operations {
    /// Signs a card up to be charged later.
    ///
    /// - Parameters:
    ///   - chargeMID: The auto-pay MID that the page was asked for with (`nMid`); nothing when it was not.
    ///   - monthsLeft: How many months the card must still be good for.
    func signUpAutoPay(
        userKey: String, token: String, chargeMID: String?, oid: String, goodsName: String, price: Int64, bankCardCode: String = "",
        ci: String = "", monthsLeft: Int = 0, buyerEmail: String = ""
    ) throws -> OperationResult {
        let member = try member(userKey, ci: ci)
        let means = try means(token, of: member.userKey, method: .card, bankCardCode: bankCardCode)
        guard means.expiryFlag(at: now) != "N" else { throw Refused("card.expired", ko: "유효기간이 지난 카드입니다.", en: "the card has expired") }
        if let expiresAt = means.expiresAt, monthsLeft > 0, expiresAt < now + .seconds(Int64(monthsLeft) * 30 * 86_400) {
            throw Refused(
                "card.expires-soon", ko: "유효기간이 cardExpDate로 요구한 개월 수만큼 남지 않은 카드입니다.",
                en: "the card is not good for as many months as cardExpDate asks for")
        }
        if let chargeMID {
            guard let charger = try records.merchant(chargeMID), charger.family == merchant.family, charger.isAutoPay else {
                throw Refused(
                    "auto-pay.mid", ko: "nMid가 이 MID의 자동결제 MID가 아닙니다.", en: "the nMid is no auto-pay MID of this MID",
                    fix: ("GET /-/wpay/merchants 에서 auto_pay가 true인 MID를 쓰세요.", "Use one with auto_pay of GET /-/wpay/merchants."))
            }
        }
        try Operations.check(price: price)
        let autoPay = AutoPay(
            wtid: Identifier.wtid(now, random), mid: merchant.mid, chargeMID: chargeMID, userKey: member.userKey,
            token: Identifier.autoPayToken(random), means: means.token, oid: oid, goodsName: goodsName, price: price, signedUpAt: now)
        try records.save(autoPay)
        return result([
            "wtid": .string(autoPay.wtid), "oid": .string(oid), "wpayUserKey": .string(member.userKey), "wpayToken": .string(autoPay.token),
            "wpayDomain": .string(place.domain(forCharges: true, settings)), "bankCardCode": .string(means.bankCardCode),
            "bankCardNo": .string(means.maskedNumber), "payMethod": .string(means.method.rawValue),
            "fdsResult": .string(settings.fdsResult),
            "buyerEmail": .string(buyerEmail),
        ])
    }

    private func signUp(_ wtid: String, userKey: String) throws -> AutoPay {
        guard let autoPay = try records.autoPay(wtid) else {
            throw Refused(
                "auto-pay.unknown", ko: "없는 자동결제 신청입니다. payauth/auto 콜백의 wtid가 필요합니다.",
                en: "there is no such sign-up; the wtid of a callback of payauth/auto is wanted",
                fix: ("GET /-/wpay/auto-pays 로 확인하세요.", "GET /-/wpay/auto-pays lists the sign-ups."))
        }
        guard try records.merchant(autoPay.mid)?.family == merchant.family else {
            throw Refused("auto-pay.other-merchant", ko: "다른 MID의 자동결제 신청입니다.", en: "the sign-up belongs to another MID")
        }
        guard autoPay.userKey == userKey else {
            throw Refused("auto-pay.other-member", ko: "다른 회원의 자동결제 신청입니다.", en: "the sign-up is another member's")
        }
        return autoPay
    }

    /// Charges a sign-up, without the shopper. Each call charges: the same order number again is charged again, with a warning.
    ///
    /// - Parameter token: The token of the sign-up as it was handed out.
    func charge(_ wtid: String, userKey: String, token: String, ci: String, purchase: Purchase) throws -> OperationResult {
        let member = try member(userKey, ci: ci)
        let autoPay = try signUp(wtid, userKey: member.userKey)
        guard autoPay.token == token else {
            throw Refused(
                "auto-pay.token", ko: "wpayToken이 이 자동결제 신청의 값이 아닙니다.", en: "the token is not the sign-up's",
                fix: (
                    "자동결제 콜백의 wpayToken을 복호화도 암호화도 하지 말고 그대로 보내세요.",
                    "Send the token of the auto-pay callback as it is: neither decrypted nor encrypted."
                ))
        }
        guard !settings.chargesNeedAutoPayMID || merchant.isAutoPay, autoPay.chargeMID ?? merchant.mid == merchant.mid else {
            throw Refused(
                "auto-pay.mid", ko: "자동결제 MID로 청구해야 합니다. nMid로 신청했다면 바로 그 MID여야 합니다.",
                en: "a sign-up is charged by an auto-pay MID, and by the very nMid when it was signed up with one",
                fix: (
                    "GET /-/wpay/merchants 에서 auto_pay가 true인 MID와 그 키를 쓰세요.",
                    "Use an MID with auto_pay of GET /-/wpay/merchants, and its keys."
                ),
                ["mid": .string(merchant.mid), "nMid": .optional(autoPay.chargeMID)])
        }
        guard autoPay.status == .running else {
            throw Refused(
                "auto-pay.ended", ko: "해지된 자동결제입니다.", en: "the sign-up has ended", fix: nil, ["ended_at": .optional(autoPay.endedAt)])
        }
        let means = try means(autoPay.means, of: member.userKey)
        guard means.expiryFlag(at: now) != "N" else { throw Refused("card.expired", ko: "유효기간이 지난 카드입니다.", en: "the card has expired") }
        try Operations.check(price: purchase.price)
        let isRepeated = try records.isCharged(wtid, oid: purchase.oid)
        var transaction = Transaction(
            wtid: Identifier.wtid(now, random), mid: merchant.mid, userKey: member.userKey, token: means.token, method: means.method,
            purchase: purchase, authenticatedAt: now)
        transaction.signUp = wtid
        transaction.state = .approved
        transaction.approvedAt = now
        transaction.tid = Identifier.tid(means.method, merchant.mid, now, random)
        transaction.approvalNumber = Identifier.approvalNumber(random)
        transaction.cancelsInPart = settings.cancelsInPart
        try records.save(transaction)
        var values = approval(transaction, means)
        values["wpayToken"] = .string(autoPay.token)
        guard isRepeated else { return result(values) }
        return result(
            values,
            verdict: Verdict(
                warned: "auto-pay.oid-repeated", ko: "같은 oid로 다시 청구되었습니다. 같은 요청을 두 번 보낸 것이라면 이중 결제입니다.",
                en: "the sign-up was charged again under the same oid; if that was one request sent twice, the shopper has paid twice",
                fix: ("청구는 자동으로 다시 보내지 마세요.", "Never repeat a charge by machine."), ["oid": .string(String(purchase.oid.prefix(100)))]))
    }

    /// Ends a sign-up.
    func endAutoPay(_ wtid: String, userKey: String, ci: String) throws -> OperationResult {
        let member = try member(userKey, ci: ci)
        var autoPay = try signUp(wtid, userKey: member.userKey)
        guard autoPay.status == .running else {
            throw Refused(
                "auto-pay.ended", ko: "이미 해지된 자동결제입니다.", en: "the sign-up has ended already", fix: nil,
                ["ended_at": .optional(autoPay.endedAt)])
        }
        autoPay.status = .ended
        autoPay.endedAt = now
        try records.save(autoPay)
        return result(["wtid": .string(wtid), "wpayUserKey": .string(userKey)])
    }

    /// One sign-up as the look-up of an auto-pay token describes it.
    func lookUpAutoPay(token: String, of userKey: String, ci: String) throws -> OperationResult {
        let member = try member(userKey, ci: ci)
        guard let autoPay = try records.autoPay(token: token), autoPay.userKey == member.userKey,
            let means = try records.means(autoPay.means)
        else {
            throw Refused(
                "auto-pay.token", ko: "자동결제 신청의 wpayToken이 아닙니다.", en: "it is not the token of an auto-pay sign-up",
                fix: ("자동결제 콜백의 wpayToken을 그대로 보내세요.", "Send the token of the auto-pay callback as it is."))
        }
        var values = describe(means)
        values["wpayToken"] = .string(token)
        values["wtid"] = .string(autoPay.wtid)
        values["status"] = .string(autoPay.status == .running ? MeansStatus.normal.rawValue : MeansStatus.deleted.rawValue)
        return result(values)
    }

    /// A member's sign-ups, by status, wtid and token when those are not empty.
    func listAutoPays(of userKey: String, status: String, wtid: String, token: String) throws -> OperationResult {
        let member = try member(userKey)
        let found = try records.autoPays(of: member.userKey).filter {
            (status.isEmpty || $0.status.rawValue == status) && (wtid.isEmpty || $0.wtid == wtid)
                && (token.isEmpty || $0.token == token || $0.means == token)
        }
        let list = try found.map { autoPay -> JSON in
            let means = try records.means(autoPay.means)
            return [
                "wtid": .string(autoPay.wtid), "mid": .string(autoPay.chargeMID ?? autoPay.mid),
                "payMethod": .string(means?.method.rawValue ?? ""), "bankCardCode": .string(means?.bankCardCode ?? ""),
                "wpayToken": .string(autoPay.token), "oid": .string(autoPay.oid), "goodsName": .string(autoPay.goodsName),
                "goodsPrice": .string(String(autoPay.price)), "status": .string(autoPay.status.rawValue),
            ]
        }
        return result(["wpayUserKey": .string(userKey), "billingList": .array(list)])
    }
}
