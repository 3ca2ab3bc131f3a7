import Base
import Bootpay
import SandboxKit
import Storage

/// Does what time does to one tenant's payments and reservations, in the order of their moments, each as of its own moment: a clock that leaps over an hour leaves
/// the same receipts as one that walked through it.
struct Due {
    let records: Records
    let settings: SandboxSettings
    let random: any RandomSource

    /// Does everything whose moment has come by `now`.
    func run(until now: Timestamp) throws {
        while true {
            let reservation = try records.dueReservations(now).first
            let payment = try records.duePayments(now).first
            switch (reservation, payment) {
            case (nil, nil): return
            case (let reservation?, nil): try run(reservation)
            case (nil, let payment?): try run(payment)
            case (let reservation?, let payment?):
                if let due = payment.dueAt, due <= reservation.executeAt { try run(payment) } else { try run(reservation) }
            }
        }
    }

    private func run(_ reservation: Reservation) throws {
        var reservation = reservation
        let moment = max(reservation.executeAt, reservation.createdAt)
        do throws(Refused) {
            let key = try liveKey(reservation, moment)
            var payment = Payment(charging: key, reservation.charge, at: moment, random)
            if let seconds = settings.testPaymentSeconds { payment.dueAt = moment + .seconds(seconds) }
            reservation.receiptID = payment.id
            reservation.status = .done
            if settings.approvalOutcome == .timeoutDone {
                reservation.status = .failed
                reservation.failure = "gateway.timeout"
            }
            try keep(payment, reservation, moment)
        } catch {
            reservation.status = .failed
            reservation.failure = error.verdict.rule
            try records.save(reservation)
        }
    }

    private func keep(_ payment: Payment, _ reservation: Reservation, _ moment: Timestamp) throws(Refused) {
        do {
            try records.save(payment)
            try records.save(reservation)
            if let project = try records.project(payment.project) {
                try Notices(records: records).notify(payment, .reservedChargePaid, project: project, at: moment)
            }
        } catch {
            throw Refused(.gatewayRefused, Verdict("sandbox.storage", ko: "저장하지 못했습니다.", en: "it could not be stored"))
        }
    }

    private func liveKey(_ reservation: Reservation, _ moment: Timestamp) throws(Refused) -> BillingKey {
        guard let key = try? records.billingKey(reservation.billingKey), key.deletedAt == nil else {
            throw Refused(.notFound, Verdict("billing-key.deleted", ko: "삭제된 빌링키입니다.", en: "the billing key was deleted"))
        }
        try ChargeRule.check(key, now: moment)
        switch settings.approvalOutcome {
        case .refuse: throw .gatewayRefuses("gateway_approval")
        case .timeoutNotDone, .timeoutPending: throw .gatewaySilent("gateway_approval", isDone: false)
        case .normal, .timeoutDone: return key
        }
    }

    private func run(_ payment: Payment) throws {
        var payment = payment
        guard let moment = payment.dueAt else { return }
        payment.dueAt = nil
        switch payment.status {
        case .awaitingApproval: payment.status = .failed
        case .cancelling:
            let price = payment.details.pendingPrice ?? payment.remaining
            let grant = CancelRule.Grant(
                price: price, taxFree: payment.details.pendingTaxFree ?? payment.remainingTaxFree, isPartial: price < payment.remaining)
            payment.cancelled(grant, at: moment)
            if let project = try records.project(payment.project) {
                try Notices(records: records).notify(payment, .cancelled, project: project, at: moment)
            }
        case .paid where payment.details.isTestCharge:
            let grant = CancelRule.Grant(price: payment.remaining, taxFree: payment.remainingTaxFree, isPartial: false)
            try records.recordCancel(of: payment, grant, cancelID: nil, name: nil, reason: "test charge", at: moment)
            payment.cancelled(grant, at: moment)
        case .paid: payment.isCancelledAtGateway = true
        default: break
        }
        try records.save(payment)
    }
}
