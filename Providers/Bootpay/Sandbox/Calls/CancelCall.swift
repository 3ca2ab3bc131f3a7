import Base
import Bootpay
import SandboxKit

extension CallContext {
    /// `POST /cancel`: all that is left, or a part of it.
    func cancel() throws -> Answer {
        var payment = try payment(try fields.required("receipt_id"))
        let cancelID = try fields.text("cancel_id")
        if let cancelID, settings.dedupesCancels, try records.isCancelUsed(cancelID, project: project.id) {
            throw Refused(.cancelRepeated, cancelRepeated(cancelID))
        }
        let request = try cancelRequest(payment)
        let rule = CancelRule(
            guardTime: settings.guardsPartialCancels ? .seconds(settings.guardSeconds) : nil, minimum: settings.partialCancelMinimum,
            unsettledBalance: settings.unsettledBalance, isRegisteredAtKCP: settings.isRegisteredAtKCP)
        let grant = try rule.decide(request, on: payment, now: now)
        switch settings.cancelOutcome {
        case .refuse: throw Refused.gatewayRefuses("gateway_cancel")
        case .timeoutNotDone: throw Refused.gatewaySilent("gateway_cancel", isDone: false)
        case .normal, .timeoutDone, .timeoutPending: break
        }
        try records.recordCancel(
            of: payment, grant, cancelID: cancelID, name: try fields.text("name"), reason: try fields.text("reason"), at: now)
        scheduleChanged = true
        if settings.cancelOutcome == .timeoutPending {
            payment.status = .cancelling
            payment.details.pendingPrice = grant.price
            payment.details.pendingTaxFree = grant.taxFree
            payment.dueAt = now + .seconds(settings.pendingCancelSeconds)
            try records.save(payment)
            return .refusal(.gatewaySilent("gateway_cancel", isDone: nil))
        }
        let due = payment.dueAt
        payment.cancelled(grant, at: now)
        if grant.isPartial { payment.dueAt = due }
        try records.save(payment)
        try notify(payment, .cancelled)
        if settings.cancelOutcome == .timeoutDone { return .refusal(.gatewaySilent("gateway_cancel", isDone: true)) }
        return .success(payment.cancelReply(of: grant.price, at: now))
    }

    private func cancelRequest(_ payment: Payment) throws -> CancelRule.Request {
        var request = CancelRule.Request(price: try fields.number("price"), taxFree: try fields.number("tax_free"))
        if request.price == nil, fields.isEmptyText("price") {
            warn(
                Verdict(
                    warned: "cancel.empty-price", ko: "price를 빈 문자열로 보내 남은 금액 \(payment.remaining)원이 모두 취소됩니다.",
                    en: "price was sent as an empty text, which counts as absent: all \(payment.remaining) won that are left are cancelled",
                    fix: (
                        "부분취소라면 금액을 숫자로 보내고, 전액취소라면 price를 아예 빼세요.",
                        "For a partial cancel send the amount; for a full one leave price out."
                    ),
                    ["receipt_id": .string(payment.id), "cancelled": .number(payment.remaining)]))
        }
        if fields.isFlattened("refund") {
            guard payment.method != "vbank" else { return request }
            warn(
                Verdict(
                    warned: "cancel.refund-flattened", ko: "refund가 폼에서 이름만 남고 값이 사라졌습니다.",
                    en: "refund came flattened to its member names, without the values",
                    fix: ("JSON으로 보내거나 refund[account]=… 꼴로 보내세요.", "Send JSON, or refund[account]=….")))
        }
        let refund = fields.object("refund")
        if payment.method == "vbank", refund.members.count > 0 {
            try refund.require("account", "accountholder", "bankcode")
            let code = try refund.required("bankcode")
            guard BootpayBank(code: code) != nil else {
                throw Fields.wrong(
                    "refund.bankcode", ko: "은행 코드 세 자리여야 합니다", en: "must be a bank's three-digit code",
                    allowed: BootpayBank.table.map { "\($0.code) \($0.name)" })
            }
            request.hasRefundAccount = true
        }
        return request
    }

    private func cancelRepeated(_ cancelID: String) -> Verdict {
        Verdict(
            "cancel.repeated", ko: "이 프로젝트에서 이미 처리된 cancel_id입니다. 같은 취소가 두 번 요청되었습니다.",
            en: "this cancel_id went through in the project before: the same cancel was asked for twice",
            fix: (
                "취소 건마다 새 cancel_id를 만들고, 같은 건을 다시 보낼 때만 같은 값을 쓰세요. 공식 파이썬 클라이언트의 기본값은 프로세스마다 하나로 고정됩니다.",
                "Make a fresh cancel_id for each cancel and keep it only for repeats of that one. The official Python client's default is one per process."
            ), ["cancel_id": .string(String(cancelID.prefix(100)))])
    }
}
