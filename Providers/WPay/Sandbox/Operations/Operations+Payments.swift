import Base
import SandboxKit

extension Operations {
    // MARK: Authentication

    /// Authenticates a payment: from now on it may be approved, for as long as the settings say.
    ///
    /// - Parameters:
    ///   - token: The plain token of the card or account, named by the merchant or chosen by the shopper.
    ///   - method: The kind that the page is for; nothing for either.
    func authenticate(
        _ purchase: Purchase, userKey: String, token: String, method: PayMethod? = nil, bankCardCode: String = "", ci: String = ""
    ) throws -> OperationResult {
        let member = try member(userKey, ci: ci)
        let means = try means(token, of: member.userKey, method: method, bankCardCode: bankCardCode)
        try checkUsable(means)
        try Operations.check(price: purchase.price)
        let transaction = Transaction(
            wtid: Identifier.wtid(now, random), mid: merchant.mid, userKey: member.userKey, token: means.token, method: means.method,
            purchase: purchase, authenticatedAt: now, dueAt: now + .seconds(settings.approvalSeconds))
        try records.save(transaction)
        return result([
            "wtid": .string(transaction.wtid), "oid": .string(purchase.oid), "wpayUserKey": .string(member.userKey),
            "wpayToken": .string(means.token), "wpayDomain": .string(place.domain(forCharges: false, settings)),
            "payMethod": .string(means.method.rawValue), "fdsResult": .string(settings.fdsResult),
        ])
    }

    /// The means that pays when neither the merchant nor the shopper has chosen one: the main card, else the first card, else an account.
    func presetMeans(of userKey: String) throws -> PaymentMeans? {
        let usable = try records.means(of: userKey).filter { $0.status == .normal }
        return usable.first { $0.method == .card && $0.isMain } ?? usable.first { $0.method == .card } ?? usable.first
    }

    private func checkUsable(_ means: PaymentMeans) throws(Refused) {
        guard means.expiryFlag(at: now) != "N" else { throw Refused("card.expired", ko: "유효기간이 지난 카드입니다.", en: "the card has expired") }
    }

    static func check(price: Int64) throws(Refused) {
        guard price > 0 else { throw Refused("price.zero", ko: "goodsPrice는 1원 이상이어야 합니다.", en: "the goodsPrice must be at least 1 won") }
    }

    /// The price that a text writes: digits only.
    static func price(_ text: String, _ name: String) throws(Refused) -> Int64 {
        guard !text.isEmpty, text.utf8.count <= 12, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let price = Int64(text) else {
            throw Refused(
                "field.value", ko: "\(name): 숫자만 쓰는 원 단위 금액이어야 합니다. 쉼표나 소수점은 쓸 수 없습니다.",
                en: "\(name) must be an amount of won in digits only, without separators or a fraction", fix: nil, ["field": .string(name)])
        }
        return price
    }

    // MARK: Approval

    /// The payment of a wtid that the caller may touch.
    private func transaction(_ wtid: String, userKey: String) throws -> Transaction {
        guard var transaction = try records.transaction(wtid) else { throw try unknownTransaction(wtid) }
        guard try records.merchant(transaction.mid)?.family == merchant.family else {
            throw Refused(
                "wtid.other-merchant", ko: "다른 MID의 거래입니다.", en: "the payment belongs to another MID", fix: nil,
                ["mid": .string(transaction.mid)])
        }
        guard transaction.userKey == userKey else {
            throw Refused(
                "wtid.other-member", ko: "wtid와 wpayUserKey가 서로 다른 회원의 것입니다.", en: "the wtid and the user key belong to different members")
        }
        // What time has changed is seen even when nobody has settled it yet.
        if let due = transaction.dueAt, due <= now { transaction.expire(at: due) }
        return transaction
    }

    private func unknownTransaction(_ wtid: String) throws -> Refused {
        if try records.autoPay(wtid) != nil {
            return Refused(
                "wtid.auto-pay", ko: "자동결제 신청의 wtid입니다. 결제는 wpayplus의 payreqappl로 청구합니다.",
                en: "the wtid is of an auto-pay sign-up, which is charged by payreqappl of wpayplus")
        }
        if try records.transaction(tid: wtid) != nil {
            return Refused(
                "wtid.is-tid", ko: "wtid 자리에 tid가 왔습니다.", en: "this is a tid where the wtid belongs",
                fix: ("승인과 망취소는 wtid, 환불(INIAPI)은 tid를 씁니다.", "Approval and net-cancel take the wtid, a refund (INIAPI) the tid."))
        }
        return Refused(
            "wtid.unknown", ko: "없는 wtid입니다. 결제 인증 콜백의 wtid만 승인할 수 있습니다.",
            en: "there is no such wtid; only the one of a payment's authentication can be approved",
            fix: (
                "가입·카드 등록 콜백의 wtid는 승인할 수 없습니다. GET /-/wpay/transactions 로 확인하세요.",
                "The wtid of a joining or a registration cannot be approved. GET /-/wpay/transactions lists the payments."
            ), ["length": .number(wtid.utf8.count)])
    }

    /// Approves an authenticated payment: the money moves. Only once.
    ///
    /// - Parameters:
    ///   - method: The kind that the call is for; nothing for either.
    ///   - parts: `tax`, `taxFree` and `cupDeposit` as the merchant gave them.
    func approve(_ wtid: String, userKey: String, ci: String, method: PayMethod?, parts: (tax: String, taxFree: String, cupDeposit: String))
        throws -> OperationResult
    {
        let member = try member(userKey, ci: ci)
        var transaction = try transaction(wtid, userKey: member.userKey)
        if let method, method != transaction.method {
            throw Refused(
                "wtid.method", ko: "카드 인증은 payappl/card, 계좌 인증은 payappl/acct로 승인합니다.",
                en: "a card's authentication is approved by payappl/card, an account's by payappl/acct", fix: nil,
                ["payMethod": .string(transaction.method.rawValue)])
        }
        switch transaction.state {
        case .authenticated: break
        case .approved, .partlyRefunded, .refunded:
            throw Refused(
                "wtid.approved", ko: "이미 승인된 wtid입니다. 금액은 다시 나가지 않았습니다.", en: "the wtid was approved before; no money moved again",
                fix: (
                    "승인은 다시 보내지 않습니다. 결과를 모르면 망취소하고 새로 인증하세요.",
                    "Never repeat an approval: when its outcome is unknown, net-cancel and begin with a new authentication."
                ), stateDetails(transaction))
        case .netCancelled:
            throw Refused(
                "wtid.net-cancelled", ko: "망취소된 wtid입니다.", en: "the wtid was net-cancelled",
                fix: ("망취소한 거래는 되살릴 수 없습니다. 새로 인증하세요.", "A net-cancelled payment stays dead: begin with a new authentication."),
                stateDetails(transaction))
        case .expired:
            throw Refused(
                "wtid.expired", ko: "인증 후 \(settings.approvalSeconds)초가 지나 만료된 wtid입니다.",
                en: "the wtid lapsed \(settings.approvalSeconds) seconds after its authentication",
                fix: ("콜백을 받으면 바로 승인하세요.", "Approve within seconds of the callback."), stateDetails(transaction))
        }
        let means = try means(transaction.token, of: member.userKey)
        for (name, part) in [("tax", parts.tax), ("taxFree", parts.taxFree), ("cupDeposit", parts.cupDeposit)] where !part.isEmpty {
            guard try Operations.price(part, name) <= transaction.purchase.price else {
                throw Refused(
                    "field.value", ko: "\(name)이(가) 결제 금액보다 큽니다.", en: "\(name) is more than the price", fix: nil, ["field": .string(name)])
            }
        }
        transaction.state = .approved
        transaction.approvedAt = now
        transaction.dueAt = nil
        transaction.tid = Identifier.tid(transaction.method, transaction.mid, now, random)
        transaction.approvalNumber = Identifier.approvalNumber(random)
        transaction.cancelsInPart = settings.cancelsInPart && transaction.method == .card
        (transaction.tax, transaction.taxFree, transaction.cupDeposit) = parts
        try records.save(transaction)
        return result(approval(transaction, means))
    }

    private func stateDetails(_ transaction: Transaction) -> JSON.Members {
        [
            "state": .string(transaction.state.rawValue), "authenticated_at": .optional(transaction.authenticatedAt),
            "approved_at": .optional(transaction.approvedAt), "ended_at": .optional(transaction.endedAt), "now": .optional(now),
        ]
    }

    /// What the reply to an approval or a charge says.
    func approval(_ transaction: Transaction, _ means: PaymentMeans) -> JSON.Members {
        let purchase = transaction.purchase
        var members = describe(means)
        members["wtid"] = .string(transaction.signUp ?? transaction.wtid)
        members["oid"] = .string(purchase.oid)
        members["goodsName"] = .string(purchase.goodsName)
        members["buyerName"] = .string(purchase.buyerName)
        members["buyerTel"] = .string(purchase.buyerTel)
        members["buyerEmail"] = .string(purchase.buyerEmail)
        members["cardQuota"] = .string(purchase.quota)
        members["cardInterest"] = .string(purchase.interest)
        members["tid"] = .string(transaction.tid ?? "")
        members["applDate"] = .string(transaction.approvedAt?.compactText ?? "")
        members["applNum"] = .number(transaction.approvalNumber)
        members["applPrice"] = .number(purchase.price)
        members["applCardNum"] = .string(means.maskedNumber)
        members["memberNum"] = ""
        members["cardCheckFlag"] = .string(means.checkFlag)
        members["partCancelCode"] = .string(transaction.cancelsInPart ? "1" : "0")
        members["couponFlag"] = .string(purchase.couponCode.isEmpty ? "" : "1")
        members["couponDiscount"] = "0"
        members["goodsCnt"] = "1"
        members["goodsDetail"] = ""
        members["cupDeposit"] = .string(transaction.cupDeposit)
        let wantsReceipt = transaction.method == .account && purchase.receiptWanted == "Y"
        members["cshrApplNum"] = .number(wantsReceipt ? transaction.approvalNumber : 0)
        members["cshrResultCode"] = .string(wantsReceipt ? "0000" : "")
        members["cshrResultMsg"] = .string(wantsReceipt ? "정상" : "")
        let tax = Int64(transaction.tax) ?? (purchase.price - (Int64(transaction.taxFree) ?? 0)) / 11
        members["cshrApplPrice"] = .string(wantsReceipt ? String(purchase.price) : "")
        members["cshrSupplyPrice"] = .string(wantsReceipt ? String(purchase.price - tax) : "")
        members["cshrTax"] = .string(wantsReceipt ? String(tax) : "")
        members["cshrServicePrice"] = .string(wantsReceipt ? "0" : "")
        members["cshrType"] = .string(wantsReceipt ? purchase.receiptKind : "")
        return members
    }

    // MARK: Net-cancel

    /// Undoes an approval just asked for (망취소), whether or not it took place. May be repeated.
    func netCancel(_ wtid: String, userKey: String) throws -> OperationResult {
        // A member who has left meanwhile can still have an approval undone.
        var transaction = try transaction(wtid, userKey: userKey)
        switch transaction.state {
        case .authenticated: break
        case .netCancelled: return result(["wtid": .string(wtid), "wpayUserKey": .string(userKey)])
        case .approved:
            let limit = Duration.seconds(settings.netCancelSeconds)
            if let approvedAt = transaction.approvedAt, now - approvedAt > limit {
                throw Refused(
                    "net-cancel.too-late", ko: "승인 후 \(settings.netCancelSeconds)초가 지나 망취소할 수 없습니다.",
                    en: "it was approved more than \(settings.netCancelSeconds) seconds ago and cannot be net-cancelled",
                    fix: ("망취소는 환불이 아닙니다. INIAPI refund에 tid를 보내세요.", "A net-cancel is no refund: send the tid to the INIAPI refund."),
                    stateDetails(transaction))
            }
        case .expired:
            throw Refused(
                "net-cancel.expired", ko: "승인 없이 만료된 wtid입니다. 결제된 금액이 없습니다.", en: "the wtid lapsed without an approval; nothing was paid",
                fix: nil, stateDetails(transaction))
        case .refunded, .partlyRefunded:
            throw Refused(
                "net-cancel.refunded", ko: "이미 환불된 거래입니다.", en: "the payment was refunded already", fix: nil, stateDetails(transaction))
        }
        transaction.state = .netCancelled
        transaction.endedAt = now
        transaction.dueAt = nil
        try records.save(transaction)
        return result(["wtid": .string(wtid), "wpayUserKey": .string(userKey)])
    }
}
