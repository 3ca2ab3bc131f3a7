import Base
import Bootpay
import SandboxKit

extension CallContext {
    /// `GET /receipt/{receipt_id}`
    func verify() throws -> JSON { try payment(parameters["receipt_id"] ?? "").receipt }

    /// `GET /certificate/{receipt_id}`: what an identity check found out.
    func identity() throws -> JSON {
        let payment = try payment(parameters["receipt_id"] ?? "")
        guard payment.method == "auth" else {
            throw Refused(
                .notFound,
                Verdict(
                    "identity.other-method", ko: "본인인증이 아니라 \(payment.method) 결제의 영수증입니다.",
                    en: "the receipt is of a payment by \(payment.method), not of an identity check",
                    fix: ("결제 조회는 GET /receipt/{receipt_id} 입니다.", "Payments are verified with GET /receipt/{receipt_id}."),
                    ["receipt_id": .string(payment.id), "method": .string(payment.method)]))
        }
        guard payment.status == .paid else {
            throw Refused(.wrongState, .wrongState("identity.state", payment, needed: [.paid]))
        }
        var certificate = JSON.Members()
        for name in ["username", "phone", "birth", "gender", "unique", "di"] { certificate[name] = payment.details.data[name] }
        return [
            "receipt_id": .string(payment.id), "order_id": .string(payment.orderID), "pg": .string(payment.gateway),
            "method": .string(payment.method), "pg_name": .string(payment.gatewayName), "method_name": .string(payment.methodName),
            "certificate": .object(certificate), "payment_data": payment.paymentData,
        ]
    }

    /// `PUT /delivery/start/{receipt_id}`: the parcel of an escrow payment is on its way.
    func shippingStarted() throws -> JSON? {
        var payment = try payment(parameters["receipt_id"] ?? "")
        guard payment.status == .paid else {
            throw Refused(.wrongState, .wrongState("escrow.state", payment, needed: [.paid]))
        }
        var delivery = JSON.Members()
        for name in ["delivery_no", "delivery_corp"] { delivery[name] = try fields.text(name).map { .string($0) } ?? .null }
        payment.details.delivery = delivery
        try records.save(payment)
        return nil
    }

    /// `POST /submit`: the server approves what the shopper's window prepared.
    func submit() throws -> Answer {
        var payment = try payment(try fields.required("receipt_id"))
        guard payment.status == .awaitingApproval, payment.method != "vbank" else {
            throw Refused(.wrongState, .wrongState("submit.state", payment, needed: [.awaitingApproval]))
        }
        switch settings.approvalOutcome {
        case .refuse:
            payment.status = .approvalFailed
            payment.dueAt = nil
            try records.save(payment)
            return .refusal(.gatewayRefuses("gateway_approval"))
        case .timeoutNotDone, .timeoutPending: return .refusal(.gatewaySilent("gateway_approval", isDone: false))
        case .normal, .timeoutDone: break
        }
        payment.paid(at: now)
        if let seconds = settings.testPaymentSeconds { payment.dueAt = now + .seconds(seconds) }
        try records.save(payment)
        try notify(payment, .paid)
        scheduleChanged = true
        if settings.approvalOutcome == .timeoutDone { return .refusal(.gatewaySilent("gateway_approval", isDone: true)) }
        return .success(payment.receipt)
    }
}

extension CallContext {
    /// Keeps a webhook for sending, when anybody is to be told.
    func notify(_ payment: Payment, _ occasion: WebhookOccasion) throws {
        if try Notices(records: records).notify(payment, occasion, project: project, at: now) { scheduleChanged = true }
    }
}

extension Refused {
    /// The simulated gateway refuses, because a switch says so.
    static func gatewayRefuses(_ setting: String, wantsRawData: Bool = false) -> Refused {
        Refused(
            .gatewayRefused,
            Verdict(
                "gateway.refused", ko: "설정 \(setting)에 따라 PG사가 거절했습니다.", en: "the gateway refused, as the setting \(setting) says",
                fix: ("설정을 normal로 돌려놓으세요.", "Set it to normal again."), ["setting": .string(setting)]),
            data: wantsRawData ? ["ResultCode": "9999", "ResultMsg": "테스트 설정에 따라 거절되었습니다."] : nil)
    }

    /// The simulated gateway does not answer Bootpay in time, because a switch says so. `isDone` says whether it did what was asked; nothing: not known yet.
    static func gatewaySilent(_ setting: String, isDone: Bool?) -> Refused {
        let fate =
            switch isDone {
            case true?: (ko: "PG사에서는 처리되었습니다.", en: "the gateway did what was asked")
            case false?: (ko: "PG사에서는 처리되지 않았습니다.", en: "the gateway did nothing")
            case nil: (ko: "처리 결과는 나중에 정해집니다.", en: "what became of it is settled later")
            }
        return Refused(
            .gatewayRefused,
            Verdict(
                "gateway.timeout", ko: "설정 \(setting)에 따라 PG사 응답이 제때 오지 않았습니다. \(fate.ko)",
                en: "the gateway did not answer in time, as the setting \(setting) says; \(fate.en)",
                fix: (
                    "같은 요청을 바로 다시 보내지 말고 GET /receipt/{receipt_id} 로 결과부터 확인하세요.",
                    "Do not repeat the call: find out with GET /receipt/{receipt_id} what became of it."
                ),
                ["setting": .string(setting), "done": isDone.map { .boolean($0) } ?? .null]),
            message: "PG사와의 통신이 원활하지 않습니다.")
    }
}
