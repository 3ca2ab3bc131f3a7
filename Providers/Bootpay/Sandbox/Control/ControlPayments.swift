import Base
import Bootpay
import ProviderKit
import SandboxKit
import Storage
import Transport

extension ControlDesk {
    /// `payments` and what hangs below it: what browsers, banks and payment gateways do in reality.
    func payments(_ rest: [String]) throws -> Answer? {
        switch rest.count {
        case 0:
            try only(.get, .post)
            if call.method == .post { return try makePayment() }
            return Answer(reply: Reply(status: 200, json: .array(try records.payments(limit: try limit()).map { try describe($0) })))
        case 1:
            try only(.get)
            return Answer(reply: Reply(status: 200, json: try describe(try payment(rest[0]))))
        case 2:
            guard let move = PaymentMove(rawValue: rest[1]) else { return nil }
            try only(.post)
            return try make(move, of: try payment(rest[0]))
        default: return nil
        }
    }

    private func payment(_ id: String) throws -> Payment {
        if let payment = try records.payment(id) { return payment }
        throw ControlDesk.missing("없는 receipt_id입니다.", "There is no such receipt_id.")
    }

    /// The receipt, with what only the developer may know.
    private func describe(_ payment: Payment) throws -> JSON {
        var members = payment.receipt.members ?? [:]
        members["sandbox"] = [
            "project": .string(payment.project), "cancelled_at_gateway": .boolean(payment.isCancelledAtGateway),
            "due_at": payment.dueAt.map { .string($0.internetText) } ?? .null,
            "billing_key": try (payment.billingKey ?? records.billingKey(receipt: payment.id)?.id).map { .string($0) } ?? .null,
            "delivery": payment.details.delivery.map { .object($0) } ?? .null, "cancels": try records.cancels(of: payment.id),
        ]
        return .object(members)
    }

    private func make(_ move: PaymentMove, of payment: Payment) throws -> Answer {
        var payment = payment
        guard move.applies(to: payment) else {
            throw ControlError(
                status: 409,
                message: BilingualText(
                    korean: "상태 \(payment.status.rawValue), 결제 수단 \(payment.method)인 결제에는 할 수 없습니다. \(move.condition.korean)",
                    english:
                        "A payment by \(payment.method) in state \(payment.status.rawValue) does not allow it. \(move.condition.english)"))
        }
        var occasion: WebhookOccasion?
        switch move {
        case .deposit:
            payment.paid(at: now)
            occasion = .deposited
        case .pay, .approve:
            payment.paid(at: now)
            occasion = .paid
        case .awaitApproval:
            payment.status = .awaitingApproval
            payment.dueAt = try awaitingEnd(payment)
        case .fail:
            payment.status = payment.status == .approving ? .approvalFailed : .failed
            payment.dueAt = nil
        case .restore: payment.status = .paid
        case .revokeAccount:
            payment.status = .virtualAccountCancelled
            payment.dueAt = nil
        case .cancelAtGateway: payment.isCancelledAtGateway = true
        case .settleCancel: payment.dueAt = now
        }
        try records.save(payment)
        if move == .settleCancel {
            try Due(records: records, settings: try records.settings(), random: environment.random).run(until: now)
        }
        if let occasion, let project = try records.project(payment.project) {
            try Notices(records: records).notify(payment, occasion, project: project, at: now)
        }
        return Answer(reply: Reply(status: 200, json: try describe(try self.payment(payment.id))), scheduleChanged: true)
    }

    private func awaitingEnd(_ payment: Payment) throws -> Timestamp {
        if payment.method == "vbank" {
            let written = payment.details.data["expiredate"]?.string.flatMap { Timestamp(koreanText: $0) }
            return written ?? KoreanCalendar.endOfDay(3, after: now)
        }
        return now + .seconds(try records.settings().approvalSeconds)
    }
}

/// What somebody other than the merchant's server can do to a payment.
enum PaymentMove: String, CaseIterable {
    /// The shopper pays in the window.
    case pay
    /// The shopper has confirmed; the server's approval is awaited.
    case awaitApproval = "await-approval"
    /// The shopper gives up, or the gateway declines.
    case fail
    /// The window's own script approves.
    case approve
    /// Money arrives at a virtual account.
    case deposit
    /// The issue of a virtual account is taken back.
    case revokeAccount = "revoke-account"
    /// Somebody cancels on the payment gateway's own console.
    case cancelAtGateway = "cancel-at-gateway"
    /// A cancel that runs at the gateway ends now.
    case settleCancel = "settle-cancel"
    /// After a cancel that failed, the payment stands.
    case restore

    func applies(to payment: Payment) -> Bool {
        let isAccount = payment.method == "vbank"
        switch self {
        case .pay: return payment.status == .ready && !isAccount
        case .awaitApproval:
            return payment.status == .ready && (isAccount || BootpayGateway(alias: payment.gateway)?.stopsForApproval ?? true)
        case .fail: return [.ready, .awaitingApproval, .approving].contains(payment.status)
        case .approve: return (payment.status == .awaitingApproval && !isAccount) || payment.status == .approving
        case .deposit, .revokeAccount: return payment.status == .awaitingApproval && isAccount
        case .cancelAtGateway: return payment.status == .paid && !payment.isCancelledAtGateway
        case .settleCancel: return payment.status == .cancelling
        case .restore: return payment.status == .cancelFailed
        }
    }

    var condition: BilingualText {
        switch self {
        case .pay: return BilingualText(korean: "상태 0인 결제여야 합니다.", english: "It must be in state 0.")
        case .awaitApproval:
            return BilingualText(
                korean: "상태 0이어야 하고, payapp과 payletter는 승인 대기에 머물지 않습니다.",
                english: "It must be in state 0, and payapp and payletter never stop for approval.")
        case .fail: return BilingualText(korean: "상태 0, 2, 3 가운데 하나여야 합니다.", english: "It must be in state 0, 2 or 3.")
        case .approve:
            return BilingualText(
                korean: "상태 2(가상계좌 제외) 또는 3이어야 합니다.", english: "It must be in state 2, and no virtual account, or in state 3.")
        case .deposit, .revokeAccount:
            return BilingualText(korean: "상태 2인 가상계좌(vbank)여야 합니다.", english: "It must be a virtual account (vbank) in state 2.")
        case .cancelAtGateway: return BilingualText(korean: "상태 1이어야 합니다.", english: "It must be in state 1.")
        case .settleCancel: return BilingualText(korean: "상태 -30이어야 합니다.", english: "It must be in state -30.")
        case .restore: return BilingualText(korean: "상태 -20이어야 합니다.", english: "It must be in state -20.")
        }
    }
}
