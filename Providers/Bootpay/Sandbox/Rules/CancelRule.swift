import Base
import Bootpay
import SandboxKit

/// Decides over a cancel, in the order in which Bootpay's checks are taken to run: the receipt's state, the ten-second guard, the amounts, the payment
/// gateway. Whether the receipt exists and the `cancel_id` is fresh has been seen to before.
struct CancelRule {
    /// A second partial cancel is refused for this long after the first; nothing switches the guard off.
    var guardTime: Duration?
    /// A partial cancel must be of more than this, in won.
    var minimum: Int64 = 1000
    /// What the merchant has not been paid out yet, in won; a cancel above it is refused by the gateway. Nothing means enough.
    var unsettledBalance: Int64?
    /// Whether Bootpay's addresses were registered at KCP, without which it refuses every cancel.
    var isRegisteredAtKCP = true

    /// What is asked for.
    struct Request {
        /// In won; nothing for all that is left.
        var price: Int64?
        /// The tax-free part of it, in won.
        var taxFree: Int64?
        /// Where the money of a virtual account goes back to.
        var hasRefundAccount = false
    }

    /// What is granted.
    struct Grant: Equatable {
        /// In won.
        var price: Int64
        /// The tax-free part of it, in won.
        var taxFree: Int64
        /// Whether something is left afterwards.
        var isPartial: Bool
    }

    /// Grants the cancel.
    ///
    /// - Throws: ``Refused`` with the first rule that is against it.
    func decide(_ request: Request, on payment: Payment, now: Timestamp) throws(Refused) -> Grant {
        try checkState(payment)
        let isPartial = request.price.map { $0 != payment.remaining } ?? false
        if isPartial { try checkGuard(payment, now) }
        let grant = try amounts(request, payment, isPartial: isPartial)
        if isPartial { try checkPartial(grant, payment) }
        if payment.method == "vbank" && !request.hasRefundAccount { throw CancelRule.refundAccountMissing }
        try checkGateway(grant, payment, now)
        return grant
    }

    private func checkState(_ payment: Payment) throws(Refused) {
        switch payment.status {
        case .paid: return
        case .cancelled:
            throw Refused(
                .alreadyCancelled,
                Verdict(
                    "cancel.already-cancelled", ko: "이미 전액 취소된 결제입니다.", en: "the payment was cancelled in full before",
                    fix: ("취소 전에 결제를 조회해 data.status를 확인하세요.", "Verify first and look at data.status."),
                    ["receipt_id": .string(payment.id), "revoked_at": payment.revokedAt.map { .string($0.koreanText) } ?? .null]))
        default: throw Refused(.wrongState, .wrongState("cancel.state", payment, needed: [.paid]))
        }
    }

    private func checkGuard(_ payment: Payment, _ now: Timestamp) throws(Refused) {
        guard let guardTime, let last = payment.lastPartialCancel else { return }
        let passed = now - last
        guard passed >= .zero, passed < guardTime else { return }
        throw Refused(
            .cancelTooSoon,
            Verdict(
                "cancel.guard", ko: "같은 결제를 \(guardTime.wholeSeconds)초 안에 다시 부분취소했습니다. 중복 취소 방지 설정이 켜져 있습니다.",
                en: "a second partial cancel of the receipt within \(guardTime.wholeSeconds) s while the guard is on",
                fix: ("설정의 partial_cancel_guard를 끄거나 간격을 두세요.", "Wait, or switch partial_cancel_guard off in the settings."),
                ["receipt_id": .string(payment.id), "seconds_since_last": .number(passed.wholeSeconds)]))
    }

    private func amounts(_ request: Request, _ payment: Payment, isPartial: Bool) throws(Refused) -> Grant {
        let price = request.price ?? payment.remaining
        guard price <= payment.remaining else {
            throw Refused(
                .cancelTooLarge,
                Verdict(
                    "cancel.too-large", ko: "취소 금액 \(price)원이 남은 금액 \(payment.remaining)원보다 큽니다.",
                    en: "\(price) won are to be cancelled and \(payment.remaining) are left", fix: nil,
                    ["requested": .number(price), "remaining": .number(payment.remaining)]))
        }
        guard isPartial else { return Grant(price: price, taxFree: payment.remainingTaxFree, isPartial: false) }
        // Without a word about it the taxed part goes first, and the tax-free one only as far as the rest demands.
        let taxed = payment.remaining - payment.remainingTaxFree
        let taxFree = request.taxFree ?? max(0, price - taxed)
        guard taxFree >= 0, taxFree <= payment.remainingTaxFree, taxFree <= max(0, price), price - taxFree <= taxed else {
            throw Refused(
                .cancelTooLarge,
                Verdict(
                    "cancel.tax-free", ko: "비과세 취소 금액 \(taxFree)원이 남은 과세·비과세 금액과 맞지 않습니다.",
                    en: "\(taxFree) tax-free won do not fit what is left of taxed and tax-free amounts",
                    fix: ("tax_free를 남은 비과세 금액 안에서 정하거나 빼고 보내세요.", "Keep tax_free within what is left of it, or leave it out."),
                    [
                        "requested": .number(price), "requested_tax_free": .number(taxFree), "remaining": .number(payment.remaining),
                        "remaining_tax_free": .number(payment.remainingTaxFree),
                    ]))
        }
        return Grant(price: price, taxFree: taxFree, isPartial: true)
    }

    private func checkPartial(_ grant: Grant, _ payment: Payment) throws(Refused) {
        guard grant.price > minimum else {
            throw Refused(
                .partialTooSmall,
                Verdict(
                    "cancel.partial-minimum", ko: "부분취소 금액은 \(minimum)원보다 커야 합니다. 요청은 \(grant.price)원입니다.",
                    en: "a partial cancel must be of more than \(minimum) won; \(grant.price) were asked for", fix: nil,
                    ["requested": .number(grant.price), "more_than": .number(minimum)]))
        }
        let gateways = BootpayGateway.table.filter(\.cancelsInPart).map(\.alias)
        guard gateways.contains(payment.gateway) else {
            throw Refused(
                .partialImpossible,
                Verdict(
                    "cancel.partial-gateway", ko: "\(payment.gateway)은(는) 부분취소를 지원하지 않는 PG입니다.",
                    en: "\(payment.gateway) cannot cancel in part",
                    fix: ("전액을 취소하고 다시 결제받아야 합니다.", "Cancel all of it and take a new payment."),
                    ["pg": .string(payment.gateway), "able": .array(gateways.map { .string($0) })]))
        }
        let methods = BootpayMethod.table.filter(\.cancelsInPart).map(\.alias)
        guard methods.contains(payment.method) else {
            throw Refused(
                .partialImpossible,
                Verdict(
                    "cancel.partial-method", ko: "\(payment.method) 결제는 부분취소할 수 없습니다. 카드만 가능합니다.",
                    en: "a payment by \(payment.method) cannot be cancelled in part; only cards can", fix: nil,
                    ["method": .string(payment.method), "able": .array(methods.map { .string($0) })]))
        }
    }

    private static var refundAccountMissing: Refused {
        Refused(
            .invalidRequest,
            Verdict(
                "cancel.refund", ko: "가상계좌 취소에는 환불 계좌 refund{account, accountholder, bankcode}가 필요합니다.",
                en: "a virtual account is refunded to an account: refund{account, accountholder, bankcode} is needed",
                fix: (
                    "JSON 객체나 refund[account]=… 꼴로 보내세요. 공식 파이썬 클라이언트는 refund를 폼으로 보내면서 값을 잃어버립니다.",
                    "Send a JSON object, or refund[account]=…. The official Python client loses the values when it sends refund in a form."
                ), ["fields": ["refund.account", "refund.accountholder", "refund.bankcode"]]))
    }
}

// MARK: What the payment gateway has against it

extension CancelRule {
    private func checkGateway(_ grant: Grant, _ payment: Payment, _ now: Timestamp) throws(Refused) {
        if payment.isCancelledAtGateway {
            throw Refused(
                .alreadyCancelled,
                Verdict(
                    "cancel.at-gateway", ko: "PG사 콘솔에서 먼저 취소된 건입니다. 부트페이에는 결제완료로 남아 있습니다.",
                    en:
                        "it was cancelled on the payment gateway's own console, of which Bootpay learns nothing: it still calls the payment paid",
                    fix: ("취소는 부트페이 API나 관리자에서만 하세요.", "Cancel through Bootpay's API or console only."),
                    ["receipt_id": .string(payment.id)]))
        }
        if payment.method == "phone", let purchased = payment.purchasedAt {
            let bought = CivilTime(purchased, offset: CivilTime.koreanOffset)
            let today = CivilTime(now, offset: CivilTime.koreanOffset)
            if (bought.year, bought.month) != (today.year, today.month) {
                throw Refused(
                    .gatewayRefused,
                    Verdict(
                        "cancel.phone-month", ko: "휴대폰 결제는 결제한 달이 지나면 취소할 수 없습니다.",
                        en: "a phone bill cannot be cancelled after its month has ended",
                        fix: ("고객 계좌로 직접 환불해야 합니다.", "Refund the customer by other means."),
                        ["purchased_at": .string(purchased.koreanText)]))
            }
        }
        if payment.gateway == "kcp", !isRegisteredAtKCP {
            throw Refused(
                .gatewayRefused,
                Verdict(
                    "cancel.kcp-address", ko: "KCP에 부트페이 IP(223.130.82.4)가 등록되지 않아 취소가 거절되었습니다.",
                    en: "KCP refuses cancels until Bootpay's address 223.130.82.4 is registered there",
                    fix: (
                        "KCP 관리자에 IP를 등록하세요. 샌드박스에서는 kcp_address_registered 설정입니다.",
                        "Register it in KCP's console; here it is the setting kcp_address_registered."
                    ),
                    ["pg": "kcp"]),
                message: "[8012] 취소 요청이 허용되지 않은 IP입니다.")
        }
        if let unsettledBalance, grant.price > unsettledBalance {
            throw Refused(
                .gatewayRefused,
                Verdict(
                    "cancel.balance", ko: "취소 금액이 미정산 잔액 \(unsettledBalance)원보다 커서 PG사가 거절했습니다.",
                    en: "the gateway refuses a cancel above the unsettled balance of \(unsettledBalance) won",
                    fix: ("설정의 unsettled_balance를 확인하세요.", "See the setting unsettled_balance."),
                    ["requested": .number(grant.price), "unsettled_balance": .number(unsettledBalance)]))
        }
    }
}

extension Verdict {
    /// The receipt is in a state in which the call makes no sense.
    static func wrongState(_ rule: String, _ payment: Payment, needed: [PaymentStatus]) -> Verdict {
        let names = needed.map { "\($0.rawValue)(\(PaymentStatus.words[$0]?.korean ?? ""))" }.joined(separator: ", ")
        let english = needed.map { "\($0.rawValue) (\($0))" }.joined(separator: ", ")
        return Verdict(
            rule, ko: "결제 상태가 \(payment.status.rawValue)(\(PaymentStatus.words[payment.status]?.korean ?? ""))입니다. 필요한 상태: \(names)",
            en: "the payment is in state \(payment.status.rawValue) (\(payment.status)) and would have to be in \(english)",
            fix: ("결제를 조회해 data.status를 먼저 확인하세요.", "Verify first and look at data.status."),
            [
                "receipt_id": .string(payment.id), "status": .number(payment.status.rawValue),
                "needed": .array(needed.map { .number($0.rawValue) }),
            ])
    }
}
