import Base
import SandboxKit
import WPay

/// Whether a settled payment may be refunded, as a whole or in part, and what is left then.
struct RefundRule {
    let records: Records
    let settings: SandboxSettings
    let now: Timestamp
    let random: any RandomSource

    /// A refund that was made.
    struct Granted {
        var refund: Refund
        var originalTID: String
    }

    /// Refunds a payment by its tid.
    ///
    /// - Parameters:
    ///   - method: INIAPI's word for the kind of means.
    ///   - part: The part; nothing for all that is left.
    func refund(
        tid: String, merchant: Merchant, method: String, words: [PayMethod: String], part: INIAPIRefund.Part?, reason: String
    ) throws -> Granted {
        var transaction = try transaction(tid, merchant)
        let word = words[transaction.method] ?? ""
        guard method == word else {
            throw Refused(
                "refund.paymethod", ko: "paymethod는 이 결제의 \(word)이어야 합니다. INIAPI는 01, 16이 아니라 단어를 씁니다.",
                en: "the paymethod must be this payment's, \(word); INIAPI uses words, not 01 and 16", fix: nil, ["expected": .string(word)]
            )
        }
        try checkState(transaction)
        let remaining = transaction.remaining
        var price = remaining
        if let part {
            guard transaction.cancelsInPart else {
                throw Refused(
                    "refund.partial-impossible", ko: "부분환불을 할 수 없는 거래입니다(partCancelCode 0).",
                    en: "the payment cannot be refunded in part (partCancelCode 0)")
            }
            guard part.price > 0, part.price <= remaining else {
                throw Refused(
                    "refund.too-large", ko: "환불 금액이 남은 금액보다 큽니다.", en: "the amount is zero, or more than is left", fix: nil,
                    ["price": .number(part.price), "remaining": .number(remaining)])
            }
            guard part.confirmPrice == remaining - part.price else {
                throw Refused(
                    "refund.confirm-price", ko: "confirmPrice는 환불 뒤 남는 금액이어야 합니다.",
                    en: "the confirmPrice must be what is left after the refund",
                    fix: ("남은 금액에서 price를 뺀 값을 보내세요.", "Send what was left minus price."),
                    [
                        "price": .number(part.price), "confirmPrice": .number(part.confirmPrice),
                        "expected": .number(remaining - part.price),
                    ])
            }
            for (name, share) in [("tax", part.tax), ("taxFree", part.taxFree)] {
                guard (share ?? 0) <= part.price else {
                    throw Refused(
                        "field.value", ko: "\(name)이(가) 환불 금액보다 큽니다.", en: "\(name) is more than the amount", fix: nil,
                        ["field": .string(name)])
                }
            }
            price = part.price
        }
        transaction.refunded += price
        transaction.state = transaction.refunded == transaction.purchase.price ? .refunded : .partlyRefunded
        if transaction.state == .refunded { transaction.endedAt = now }
        let refund = Refund(
            number: Int64(try records.refunds(of: transaction.wtid).count + 1),
            tid: part == nil ? tid : Identifier.tid(transaction.method, transaction.mid, now, random), price: price,
            remaining: transaction.purchase.price - transaction.refunded, isPartial: part != nil, reason: reason, refundedAt: now)
        try records.save(transaction)
        try records.add(refund, to: transaction.wtid)
        return Granted(refund: refund, originalTID: tid)
    }

    private func transaction(_ tid: String, _ merchant: Merchant) throws -> Transaction {
        if let transaction = try records.transaction(tid: tid) {
            guard transaction.mid == merchant.mid else {
                throw Refused(
                    "refund.other-merchant", ko: "다른 MID의 거래입니다. 승인한 MID와 그 INIAPI 키로 환불하세요.",
                    en: "the payment is another MID's; refund with the MID that approved it, and its INIAPI key", fix: nil,
                    ["mid": .string(transaction.mid)])
            }
            return transaction
        }
        if try records.transaction(tid) != nil {
            throw Refused(
                "refund.is-wtid", ko: "tid 자리에 wtid가 왔습니다.", en: "this is a wtid where the tid belongs",
                fix: ("승인 응답의 tid를 보내세요.", "Send the tid of the approval's reply."))
        }
        if try records.isRefund(tid: tid) {
            throw Refused(
                "refund.of-refund", ko: "부분환불의 tid입니다. 원거래의 tid를 보내세요.", en: "this is the tid of a partial refund; send the payment's own")
        }
        throw Refused(
            "refund.unknown", ko: "없는 tid입니다.", en: "there is no such tid",
            fix: ("GET /-/wpay/transactions 로 승인된 거래를 확인하세요.", "GET /-/wpay/transactions lists the approved payments."))
    }

    private func checkState(_ transaction: Transaction) throws(Refused) {
        switch transaction.state {
        case .approved, .partlyRefunded: return
        case .refunded:
            throw Refused(
                "refund.done", ko: "이미 전액 환불된 거래입니다.", en: "the payment was refunded as a whole before", fix: nil,
                ["ended_at": .optional(transaction.endedAt)])
        case .netCancelled:
            throw Refused(
                "refund.net-cancelled", ko: "망취소된 거래라 환불할 금액이 없습니다.", en: "the payment was net-cancelled; there is nothing to refund")
        case .authenticated, .expired:
            throw Refused("refund.not-approved", ko: "승인되지 않은 거래입니다.", en: "the payment was never approved")
        }
    }
}
