import AppsInToss
import Base
import SandboxKit

extension CallContext {
    /// make-payment.
    func makePayment() throws -> JSON {
        try checkPaySwitches(movesMoney: false)
        let order = try fields.required("orderNo")
        let testFlag = try fields.requiredBoolean("isTestPayment")
        let amounts = try paymentAmounts()
        if var earlier = try records.latestPayment(of: app.name, order: order, testFlag: testFlag) {
            guard earlier.course.obstacle(to: .make) == nil else { throw PayVerdicts.orderUsed(earlier) }
            let wasWaiting = earlier.course.status == .standby
            if earlier.course.happened(.replaced, at: now, settings.paymentTimes) { try records.save(earlier) }
            if wasWaiting { warn(PayVerdicts.tokenReplaced) }
        }
        let payment = Payment(
            token: Identifier.letters(22, random), app: app.name, user: user.limitName ?? "", orderNumber: order,
            product: try fields.required("productDesc"), testFlag: testFlag, amounts: amounts, methods: payMethods(),
            wantsCashReceipt: fields.boolean("cashReceipt") ?? false,
            takesInstallments: fields.text("installment") != Installment.doNotUse.rawValue, createdAt: now,
            course: PaymentCourse(madeAt: now, settings.paymentTimes))
        try records.add(payment)
        scheduleChanged = true
        return ["payToken": .string(payment.token)]
    }

    /// execute-payment.
    func executePayment() throws -> Answer {
        try checkPaySwitches(movesMoney: true)
        var payment = try ownPayment(token: try fields.required("payToken"), order: fields.text("orderNo"))
        if let obstacle = payment.course.obstacle(to: .execute) { throw PayVerdicts.refused(.execute, obstacle, payment, now) }
        payment.transactionID = Identifier.uuid(random)
        if payment.wantsCashReceipt, payment.choice?.account != nil { payment.cashReceiptKey = Identifier.digits(20, random) }
        _ = payment.course.happened(.executionBegan, at: now, settings.paymentTimes)
        try records.save(payment)
        guard let paidAt = payment.course.paidAt else {
            scheduleChanged = true
            return .refusedButKept(PayVerdicts.slowBank("execute-payment", PaySettings.executeSeconds.name, payment))
        }
        var members: JSON.Members = [
            "code": 0, "mode": .string(settings.payMode(testFlag: payment.testFlag).rawValue), "orderNo": .string(payment.orderNumber),
            "amount": .number(payment.amounts.amount), "stateMsg": "결제 완료", "approvalTime": .string(AppsInTossTime.payText(paidAt)),
            "discountedAmount": .number(payment.discounted), "paidAmount": .number(payment.paid),
            "payMethod": .optional(payment.choice?.method.rawValue), "payToken": .string(payment.token),
            "transactionId": .optional(payment.transactionID),
        ]
        members.add(payment.means)
        members["cashReceiptMgtKey"] = .optional(payment.cashReceiptKey)
        members["msg"] = .null
        members["errorCode"] = .null
        return .success(.object(members))
    }

    /// refund-payment: all of it, or nothing.
    func refundPayment() throws -> Answer {
        try checkPaySwitches(movesMoney: true)
        var payment = try ownPayment(token: try fields.required("payToken"), order: nil)
        _ = try fields.required("reason")
        if fields.members["amount"] != nil || fields.members["refundAmount"] != nil { throw PayVerdicts.partialRefund }
        if let obstacle = payment.course.obstacle(to: .refund) { throw PayVerdicts.refused(.refund, obstacle, payment, now) }
        payment.refund = Payment.Refund(number: Identifier.uuid(random), transactionID: Identifier.uuid(random))
        _ = payment.course.happened(.refundBegan, at: now, settings.paymentTimes)
        try records.save(payment)
        guard let refund = payment.refund, let refundedAt = payment.course.refundedAt else {
            scheduleChanged = true
            return .refusedButKept(PayVerdicts.slowBank("refund-payment", PaySettings.refundSeconds.name, payment))
        }
        var members: JSON.Members = [
            "refundNo": .string(refund.number), "approvalTime": .string(AppsInTossTime.payText(refundedAt)),
            "cashReceiptMgtKey": .optional(payment.cashReceiptKey), "refundableAmount": .number(payment.refundable),
            "discountedAmount": .number(payment.discounted), "paidAmount": .number(payment.paid),
            "refundedAmount": .number(payment.amounts.amount), "refundedDiscountAmount": .number(payment.discounted),
            "refundedPaidAmount": .number(payment.paid), "payToken": .string(payment.token), "transactionId": .string(refund.transactionID),
        ]
        members.add(payment.means)
        return .success(.object(members))
    }

    /// get-payment-status.
    func paymentStatus() throws -> JSON {
        try checkPaySwitches(movesMoney: false)
        let (token, order) = (fields.text("payToken"), fields.text("orderNo"))
        if settings[PaySettings.statusNeeds] == .both || (token == nil && order == nil) {
            let required = BilingualText(korean: "필수 값입니다.", english: "is required")
            let missing = [("payToken", token), ("orderNo", order)].filter { $0.1 == nil }
            if !missing.isEmpty { throw FieldCheck.refused(missing.map { FieldComplaint(field: $0.0, message: required) }) }
        }
        let payment: Payment
        if let token {
            payment = try ownPayment(token: token, order: order)
        } else {
            let testFlag = try fields.requiredBoolean("isTestPayment")
            let found = try records.latestPayment(of: app.name, order: order ?? "", testFlag: testFlag)
            guard let found else {
                let other = try records.latestPayment(of: app.name, order: order ?? "", testFlag: !testFlag)
                throw other == nil ? PayVerdicts.unknownOrder : PayVerdicts.otherFlag(testFlag)
            }
            payment = try own(found)
        }
        return payment.statusJSON(mode: settings.payMode(testFlag: payment.testFlag))
    }

    // MARK: Rules

    private func checkPaySwitches(movesMoney: Bool) throws(Refused) {
        if settings[PaySettings.badKey] { throw PayVerdicts.badKey }
        if movesMoney, settings[PaySettings.bankBreak] { throw PayVerdicts.bankBreak }
    }

    /// The caller's payment of that token: this mini-app's, this user's, of this `isTestPayment`, and of that order number when one is named.
    private func ownPayment(token: String, order: String?) throws -> Payment {
        guard let found = try records.payment(token) else { throw PayVerdicts.unknownToken(token) }
        let payment = try own(found)
        let testFlag = try fields.requiredBoolean("isTestPayment")
        guard payment.testFlag == testFlag else { throw PayVerdicts.otherFlag(testFlag) }
        guard order == nil || order == payment.orderNumber else { throw PayVerdicts.otherOrder }
        return payment
    }

    private func own(_ payment: Payment) throws(Refused) -> Payment {
        guard payment.app == app.name else { throw PayVerdicts.otherApp(payment) }
        guard payment.user == user.limitName else { throw PayVerdicts.otherUser }
        return payment
    }

    private func paymentAmounts() throws -> PaymentAmounts {
        let amount = try fields.requiredWhole("amount")
        do throws(PaymentAmounts.Mistake) {
            let amounts = try PaymentAmounts(
                amount: amount, taxFree: fields.whole("amountTaxFree") ?? 0, taxable: fields.whole("amountTaxable"),
                valueAddedTax: fields.whole("amountVat"), serviceFee: fields.whole("amountServiceFee"),
                isStrict: settings[PaySettings.checksAmounts])
            let usual = PayAmounts.defaultTax(taxable: amounts.taxable)
            if amounts.valueAddedTax != usual { warn(PayVerdicts.unusualTax(amounts, usual: usual)) }
            return amounts
        } catch {
            throw PayVerdicts.amounts(error, fields)
        }
    }

    /// How the buyer may pay: what `enablePayMethods` names, and both for everything that it could not mean.
    private func payMethods() -> [PayMethod] {
        guard let text = fields.text("enablePayMethods") else { return PayMethod.known }
        let words = text.split(separator: ",").map { $0.filter { $0 != " " } }
        let named = PayMethod.known.filter { words.contains($0.rawValue) }
        if named.count == words.count, !named.isEmpty { return named }
        warn(PayVerdicts.unknownMethods)
        return PayMethod.known
    }
}

extension Payment {
    /// Whether the money was taken, whatever came afterwards.
    private var wasPaid: Bool { course.paidAt != nil }
    /// What was taken off, once it is paid.
    var discounted: Int64 { wasPaid ? choice?.discounted ?? 0 : 0 }
    /// What the buyer has really paid.
    var paid: Int64 { wasPaid ? amounts.amount - discounted : 0 }
    /// What can be paid back: everything or nothing.
    var refundable: Int64 { course.obstacle(to: .refund) == nil ? amounts.amount : 0 }
    /// What pays, and the payment's transaction, for the replies' members of card and account.
    var means: (choice: BuyerChoice?, transactionID: String?) { (choice, transactionID) }

    /// get-payment-status.
    func statusJSON(mode: PayMode) -> JSON {
        var members: JSON.Members = [
            "mode": .string(mode.rawValue), "payToken": .string(token), "orderNo": .string(orderNumber),
            "payStatus": .string(course.status.rawValue), "payMethod": .optional(choice?.method.rawValue),
            "amount": .number(amounts.amount), "discountedAmount": .number(discounted),
            "discountAmountV2": .number(wasPaid ? choice?.discount ?? 0 : 0), "paidPointV2": .number(wasPaid ? choice?.points ?? 0 : 0),
            "paidAmount": .number(paid), "refundableAmount": .number(refundable), "amountTaxable": .number(amounts.taxable),
            "amountTaxFree": .number(amounts.taxFree), "amountVat": .number(amounts.valueAddedTax),
            "amountServiceFee": .number(amounts.serviceFee), "disposableCupDeposit": 0,
        ]
        members.addAccount(choice?.account)
        members["card"] = choice?.card.map { $0.statusJSON(link: BuyerChoice.receiptLink(transactionID)) } ?? .null
        members["transactions"] = .array(transactions)
        members["createdTs"] = .string(AppsInTossTime.payText(createdAt))
        members["paidTs"] = .optional(course.paidAt.map(AppsInTossTime.payText))
        return .object(members)
    }

    /// What was moved; a refund's amounts are negative, so that all of them together are what the shop still has.
    private var transactions: [JSON] {
        func step(_ step: PayStep, _ id: String, _ moment: Timestamp, _ sign: Int64) -> JSON {
            [
                "stepType": .string(step.rawValue), "transactionId": .string(id), "transactionAmount": .number(sign * amounts.amount),
                "paidAmount": .number(sign * paid), "discountedAmount": .number(sign * discounted),
                "pointAmount": .number(sign * (choice?.points ?? 0)), "regTs": .string(AppsInTossTime.payText(moment)),
            ]
        }
        var steps: [JSON] = []
        if let moment = course.paidAt, let transactionID { steps.append(step(.pay, transactionID, moment, 1)) }
        if let moment = course.refundedAt, let refund { steps.append(step(.refund, refund.transactionID, moment, -1)) }
        return steps
    }
}

extension BuyerChoice {
    /// Where the card slip could be seen; a name that nobody can ever have, since the sandbox prints none.
    static func receiptLink(_ transactionID: String?) -> JSON {
        .optional(transactionID.map { "https://sales-check.invalid/\($0)" })
    }
}

extension BuyerChoice.Card {
    /// As get-payment-status writes it: the company's code is a number there.
    fileprivate func statusJSON(link: JSON) -> JSON {
        [
            "noInterest": .boolean(noInterest), "spreadOut": .number(spreadOut), "cardAuthorizationNo": .string(authorizationNumber),
            "cardMethodType": .string(methodType), "cardUserType": .string(userType), "cardNumber": .string(maskedNumber),
            "cardBinNumber": .string(bin), "cardNum4Print": .string(lastFour), "salesCheckLinkUrl": link,
            "cardCompanyName": .string(companyName), "cardCompanyCode": .number(company),
        ]
    }
}

extension JSON.Members {
    /// The members of card and account as execute-payment and refund-payment write them: the company's code is a text there.
    fileprivate mutating func add(_ means: (choice: BuyerChoice?, transactionID: String?)) {
        let card = means.choice?.card
        self["cardCompanyCode"] = .optional(card.map { String($0.company) })
        self["cardCompanyName"] = .optional(card?.companyName)
        self["cardAuthorizationNo"] = .optional(card?.authorizationNumber)
        self["spreadOut"] = .optional(card?.spreadOut)
        self["noInterest"] = card.map { .boolean($0.noInterest) } ?? .null
        self["salesCheckLinkUrl"] = card == nil ? .null : BuyerChoice.receiptLink(means.transactionID)
        self["cardMethodType"] = .optional(card?.methodType)
        self["cardNumber"] = .optional(card?.maskedNumber)
        self["cardUserType"] = .optional(card?.userType)
        self["cardNum4Print"] = .optional(card?.lastFour)
        self["cardBinNumber"] = .optional(card?.bin)
        addAccount(means.choice?.account)
    }

    fileprivate mutating func addAccount(_ account: BuyerChoice.Account?) {
        self["accountBankCode"] = .optional(account?.bankCode)
        self["accountBankName"] = .optional(account?.bankName)
        self["accountNumber"] = .optional(account?.maskedNumber)
    }
}
