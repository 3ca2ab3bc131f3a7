import AppsInToss
import Base
import ProviderKit
import SandboxKit
import Transport

extension ControlDesk {
    /// Payments, and what the buyer and the settlement do to them; nothing when the path is not one of them.
    func payments(_ segments: [String]) throws -> Answer? {
        guard segments.first == "payments" else { return nil }
        switch segments.count {
        case 1:
            try only(.get)
            let found = try records.payments(of: queried("app"), order: queried("order_no"), limit: try limit())
            return Answer(["payments": .array(found.map { $0.controlJSON(settings) })])
        case 2:
            try only(.get)
            return Answer(try payment(segments[1]).controlJSON(settings))
        case 3: return try movePayment(segments[1], segments[2])
        default: return nil
        }
    }

    private func payment(_ token: String) throws -> Payment {
        guard let payment = try records.payment(token) else { throw ControlDesk.missing("없는 결제입니다.", "There is no such payment.") }
        return payment
    }

    private func movePayment(_ token: String, _ move: String) throws -> Answer? {
        let events: [String: PaymentCourse.Event] = ["authenticate": .buyerAuthenticated, "cancel": .buyerCancelled, "settle": .settled]
        guard let event = events[move] else { return nil }
        try only(.post)
        var payment = try payment(token)
        var choice: BuyerChoice?
        if event == .buyerAuthenticated {
            choice = try BuyerChoice(try body(BuyerChoice.members), for: payment, environment.random)
        } else {
            _ = try body([])
        }
        guard payment.course.happened(event, at: now, settings.paymentTimes) else {
            let needed: PaymentStatus = event == .settled ? .complete : .standby
            let status = payment.course.status.rawValue
            throw ControlDesk.conflict(
                "\(needed.rawValue) 상태의 결제에만 할 수 있습니다. 지금은 \(status)입니다.",
                "Only a payment in \(needed.rawValue) allows it; this one is in \(status).")
        }
        if let choice { payment.choice = choice }
        try records.save(payment)
        return Answer(payment.controlJSON(settings), scheduleChanged: true)
    }
}

extension Payment {
    /// The payment as the control API shows it: what get-payment-status tells, and what it keeps to itself.
    fileprivate func controlJSON(_ settings: SandboxSettings) -> JSON {
        var members = statusJSON(mode: settings.payMode(testFlag: testFlag)).members ?? [:]
        members["app"] = .string(app)
        members["user"] = .string(user)
        members["productDesc"] = .string(product)
        members["isTestPayment"] = .boolean(testFlag)
        members["enabled_methods"] = .texts(methods.map(\.rawValue))
        members["installments"] = .boolean(takesInstallments)
        members["cash_receipt"] = .boolean(wantsCashReceipt)
        members["due_at"] = .optional(course.dueAt)
        members["lapsed"] = .boolean(course.hasLapsed)
        members["replaced"] = .boolean(course.isReplaced)
        return .object(members)
    }
}
