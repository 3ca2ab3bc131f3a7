import AppsInToss
import Base
import SandboxKit

/// Why a call of Toss Pay is refused, in words.
enum PayVerdicts {
    // MARK: Whose payment

    static func unknownToken(_ token: String) -> Refused {
        Refused(
            .paymentNotFound,
            Verdict(
                "pay.token-unknown", ko: "이 샌드박스에 없는 payToken입니다.", en: "the sandbox has no such payToken",
                fix: (
                    "make-payment가 준 payToken을 그대로 쓰세요. 샌드박스를 초기화하면 결제도 사라집니다.",
                    "Use the payToken that make-payment gave; a reset of the sandbox forgets its payments."
                ), ["length": .number(token.utf8.count)]))
    }

    static func otherApp(_ payment: Payment) -> Refused {
        Refused(
            .paymentNotFound,
            Verdict(
                "pay.other-app", ko: "다른 미니앱 \(payment.app)의 결제입니다. 인증서가 다른 미니앱의 것으로 보내졌습니다.",
                en: "the payment is the mini-app \(payment.app)'s; the call came with another mini-app's certificate",
                fix: ("결제를 만든 미니앱의 인증서로 호출하세요.", "Call with the certificate of the mini-app that made it.")))
    }

    static var otherUser: Refused {
        Refused(
            .paymentNotFound,
            Verdict(
                "pay.other-user", ko: "다른 사용자의 결제입니다. 결제를 만들 때와 사용자 헤더가 다릅니다.",
                en: "the payment is another user's: the user header differs from the one of make-payment",
                fix: (
                    "make-payment, execute-payment, 조회와 환불에 모두 같은 x-toss-user-key(또는 x-anon-key)를 보내세요.",
                    "Send the same x-toss-user-key (or x-anon-key) with make, execute, status and refund."
                )))
    }

    static func otherFlag(_ flag: Bool) -> Refused {
        Refused(
            .paymentNotFound,
            Verdict(
                "pay.test-flag", ko: "isTestPayment가 결제를 만들 때와 다릅니다. 지금은 \(flag)입니다.",
                en: "isTestPayment is \(flag) here and was \(!flag) when the payment was made",
                fix: (
                    "한 결제의 모든 호출에 같은 isTestPayment를 보내세요. 가이드대로 true가 테스트 결제입니다.",
                    "Send the same isTestPayment with every call of a payment; true is a test, as the guide says."
                ), ["isTestPayment": .boolean(flag)]))
    }

    static var otherOrder: Refused {
        Refused(
            .paymentNotFound,
            Verdict(
                "pay.other-order", ko: "payToken과 orderNo가 서로 다른 결제의 것입니다.", en: "payToken and orderNo belong to different payments",
                fix: ("make-payment에 보낸 orderNo를 쓰거나 orderNo를 빼세요.", "Use the orderNo of make-payment, or leave it out.")))
    }

    static var unknownOrder: Refused {
        Refused(
            .paymentNotFound,
            Verdict(
                "pay.order-unknown", ko: "이 미니앱에 이 orderNo로 만든 결제가 없습니다.", en: "the mini-app has made no payment under this orderNo",
                fix: ("GET /-/apps-in-toss/payments 로 있는 결제를 확인하세요.", "GET /-/apps-in-toss/payments lists what there is.")))
    }

    // MARK: Where it stands

    static func orderUsed(_ payment: Payment) -> Refused {
        Refused(
            .paymentExists,
            Verdict(
                "pay.order-used", ko: "구매자가 이미 인증한 orderNo입니다. 그 결제는 지금 \(payment.course.status.rawValue) 상태입니다.",
                en: "the buyer has authenticated a payment under this orderNo; it is in \(payment.course.status.rawValue)",
                fix: (
                    "응답을 잃은 뒤라면 get-payment-status로 먼저 확인하세요. 새 결제에는 새 orderNo를 쓰세요.",
                    "After a lost answer ask get-payment-status first; a new payment needs a new orderNo."
                ), ["status": .string(payment.course.status.rawValue)]))
    }

    static func refused(_ attempt: PaymentCourse.Attempt, _ obstacle: PaymentCourse.Obstacle, _ payment: Payment, _ now: Timestamp)
        -> Refused
    {
        let status = payment.course.status.rawValue
        let (text, fix) = words(attempt, obstacle)
        var details: JSON.Members = ["status": .string(status), "obstacle": .string(obstacle.rawValue)]
        details["authenticated_at"] = payment.course.authenticatedAt.map { .string($0.internetText) }
        let code: AppsInTossErrorCode = obstacle == .executed ? .paymentExists : .paymentInvalidStatus
        return Refused(
            code,
            Verdict(
                rule: "pay.\(attempt.rawValue).\(obstacle.ruleName)",
                reason: BilingualText(korean: "\(text.korean) (\(status))", english: "\(text.english) (\(status))"), remedy: fix,
                details: details))
    }

    private static func words(_ attempt: PaymentCourse.Attempt, _ obstacle: PaymentCourse.Obstacle) -> (BilingualText, BilingualText) {
        switch obstacle {
        case .notAuthenticated:
            return (
                BilingualText(korean: "구매자가 아직 인증하지 않은 결제입니다.", english: "the buyer has not authenticated the payment"),
                BilingualText(
                    korean: "미니앱의 checkoutPayment가 끝난 뒤에 실행하세요. 샌드박스에서는 POST /-/apps-in-toss/payments/<payToken>/authenticate 가 구매자입니다.",
                    english: "Execute after checkoutPayment; here POST /-/apps-in-toss/payments/<payToken>/authenticate plays the buyer.")
            )
        case .cancelled:
            return (
                BilingualText(korean: "구매자가 취소한 결제입니다.", english: "the buyer cancelled the payment"),
                BilingualText(
                    korean: "checkoutPayment가 success: false면 실행하지 마세요. 다시 결제하려면 make-payment부터 하세요.",
                    english: "Do not execute after checkoutPayment said success: false; begin again with make-payment.")
            )
        case .lapsed:
            return (
                BilingualText(korean: "시간이 지나 취소된 결제입니다.", english: "the payment ran out of time"),
                BilingualText(
                    korean: "구매자 인증과 실행은 각각 15분(설정 pay_wait_seconds) 안에 끝나야 합니다. 새 결제를 만드세요.",
                    english: "Authentication and execution have 15 minutes each (setting pay_wait_seconds); make a new payment.")
            )
        case .replaced:
            return (
                BilingualText(
                    korean: "같은 orderNo로 결제를 다시 만들어 무효가 된 payToken입니다.",
                    english: "a newer payment under the same orderNo has taken this payToken's place"),
                BilingualText(korean: "마지막 make-payment가 준 payToken을 쓰세요.", english: "Use the payToken of the last make-payment.")
            )
        case .executed, .orderUsed:
            return (
                BilingualText(korean: "이미 실행한 결제입니다. 두 번 결제되지 않습니다.", english: "the payment was executed before; it is not paid twice"),
                BilingualText(
                    korean: "응답을 잃었다면 execute-payment를 다시 보내지 말고 get-payment-status로 확인하세요.",
                    english: "After a lost answer do not send execute-payment again: ask get-payment-status.")
            )
        case .notPaid:
            return (
                BilingualText(korean: "아직 결제가 끝나지 않아 환불할 것이 없습니다.", english: "nothing has been paid yet, so that nothing can be refunded"),
                BilingualText(
                    korean: "PAY_COMPLETE 또는 SETTLEMENT_COMPLETE 상태에서만 환불할 수 있습니다. 실행하지 않은 결제는 그냥 두면 취소됩니다.",
                    english: "Only PAY_COMPLETE and SETTLEMENT_COMPLETE can be refunded; what was not executed lapses by itself.")
            )
        case .refunded:
            return (
                BilingualText(korean: "이미 환불했거나 환불이 진행 중인 결제입니다.", english: "the payment was refunded before, or its refund is under way"),
                BilingualText(
                    korean: "전액 환불만 있으므로 한 결제는 한 번만 환불됩니다. get-payment-status로 결과를 확인하세요.",
                    english: "Refunds are full, so that there is one for each payment; ask get-payment-status for its outcome.")
            )
        }
    }

    /// The bank takes longer than the provider waits: what becomes of it is told by get-payment-status only.
    static func slowBank(_ call: String, _ setting: String, _ payment: Payment) -> Refused {
        var refused = Refused(
            .internalError,
            Verdict(
                "pay.slow-bank", ko: "설정 \(setting) 때문에 은행이 늦습니다. \(call)은(는) 접수되었고 \(payment.course.status.rawValue) 상태입니다.",
                en: "the bank is slow by the setting \(setting): \(call) was taken and is in \(payment.course.status.rawValue)",
                fix: (
                    "결과를 모르는 상태입니다. 다시 보내지 말고 get-payment-status로 확인하세요.",
                    "The outcome is unknown: do not send it again, ask get-payment-status."
                ), ["due_at": .optional(payment.course.dueAt)]), status: 200)
        refused.form = .envelope(.httpTimeout)
        return refused
    }

    // MARK: Switches

    static var badKey: Refused {
        Refused(
            .invalidAPIKey,
            Verdict(
                "pay.api-key", ko: "설정 pay_invalid_api_key가 켜져 있습니다.", en: "the setting pay_invalid_api_key is on",
                fix: (
                    "실제로는 토스페이 가맹 설정이 끝나지 않았다는 뜻입니다. 샌드박스에서는 설정을 끄세요.",
                    "In reality the merchant's set-up at Toss Pay is not complete; here switch the setting off."
                )))
    }

    static var bankBreak: Refused {
        Refused(
            .bankBreakTime,
            Verdict(
                "pay.bank-break", ko: "설정 pay_bank_break_time이 켜져 있어 은행 점검 시간입니다.",
                en: "the setting pay_bank_break_time is on: the bank is being maintained",
                fix: (
                    "구매자에게 잠시 뒤에 다시 시도하라고 알리세요. 돈은 움직이지 않았습니다.",
                    "Tell the buyer to try again later; no money has moved."
                )))
    }

    // MARK: Fields

    static var partialRefund: Refused {
        var refused = FieldCheck.refused(
            "amount", BilingualText(korean: "부분 환불은 없습니다. 금액을 보낼 수 없습니다.", english: "cannot be named: there are full refunds only"))
        refused.verdict.rule = "pay.refund.partial"
        return refused
    }

    static var tokenReplaced: Verdict {
        Verdict(
            warned: "pay.token-replaced", ko: "같은 orderNo로 기다리던 결제가 있어 그 payToken은 무효가 되었습니다.",
            en: "a payment under the same orderNo was waiting; its payToken is dead now",
            fix: ("구매자에게는 새 payToken만 넘기세요.", "Give the buyer the new payToken only."))
    }

    static func unusualTax(_ amounts: PaymentAmounts, usual: Int64) -> Verdict {
        Verdict(
            warned: "pay.tax", ko: "amountVat가 과세 금액의 11분의 1(올림)인 \(usual)원과 다릅니다.",
            en: "amountVat differs from an eleventh of the taxable amount, rounded up: \(usual)",
            fix: ("따로 계산한 이유가 없다면 amountVat를 빼세요.", "Leave amountVat out unless there is a reason for another one."),
            ["amountTaxable": .number(amounts.taxable), "amountVat": .number(amounts.valueAddedTax), "usual": .number(usual)])
    }

    static var unknownMethods: Verdict {
        Verdict(
            warned: "pay.methods", ko: "enablePayMethods를 알아볼 수 없어 기본값(토스머니와 카드 모두)으로 처리했습니다.",
            en: "enablePayMethods was not understood and counts as the default, both ways",
            fix: ("TOSS_MONEY, CARD 또는 \"TOSS_MONEY,CARD\"로 보내세요.", "Send TOSS_MONEY, CARD or \"TOSS_MONEY,CARD\"."))
    }

    static func amounts(_ mistake: PaymentAmounts.Mistake, _ fields: Fields) -> Refused {
        switch mistake {
        case .amountOutOfRange:
            return FieldCheck.refused(
                "amount",
                BilingualText(korean: "1원 이상 \(PaymentAmounts.largest)원 이하여야 합니다.", english: "must be from 1 to \(PaymentAmounts.largest)"),
                fields["amount"] ?? .null)
        case .partOutOfRange(let field):
            return FieldCheck.refused(
                field, BilingualText(korean: "0 이상 amount 이하여야 합니다.", english: "must be from 0 to the amount"), fields[field] ?? .null)
        case .taxableMissing:
            return FieldCheck.refused(
                "amountTaxable",
                BilingualText(
                    korean: "amountTaxFree가 0이 아니면 함께 보내야 합니다(설정 pay_amount_check).",
                    english: "must be named when amountTaxFree is not 0 (setting pay_amount_check)"))
        case .sum(let parts, let amount):
            return FieldCheck.refused(
                "amount",
                BilingualText(
                    korean: "비과세, 과세, 봉사료의 합 \(parts)원이 amount \(amount)원과 다릅니다(설정 pay_amount_check).",
                    english: "is \(amount), but tax-free, taxable and service parts come to \(parts) (setting pay_amount_check)"),
                fields["amount"] ?? .null)
        case .taxTooLarge(let taxable):
            return FieldCheck.refused(
                "amountVat",
                BilingualText(korean: "과세 금액 \(taxable)원보다 클 수 없습니다.", english: "must not be more than the taxable amount, \(taxable)"),
                fields["amountVat"] ?? .null)
        }
    }
}

extension PaymentCourse.Obstacle {
    /// The word in a rule's name.
    var ruleName: String {
        switch self {
        case .orderUsed: "order-used"
        case .notAuthenticated: "not-authenticated"
        case .cancelled: "cancelled"
        case .lapsed: "lapsed"
        case .replaced: "replaced"
        case .executed: "executed"
        case .notPaid: "not-paid"
        case .refunded: "refunded"
        }
    }
}
