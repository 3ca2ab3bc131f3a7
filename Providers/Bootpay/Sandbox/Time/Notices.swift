import Base
import Bootpay
import ProviderKit

/// What a merchant is notified of. Not of the issue of a virtual account, and not of a cancel on the payment gateway's own console.
enum WebhookOccasion: String {
    case paid
    case cancelled
    case deposited
    case reservedChargePaid = "reserved-charge-paid"
}

/// Decides who is notified, and writes what they are told.
struct Notices {
    let records: Records

    /// Keeps a webhook for sending: at the address that a charge named, for every other payment at the project's. Returns whether there is anybody to tell.
    @discardableResult
    func notify(_ payment: Payment, _ occasion: WebhookOccasion, project: Project, at moment: Timestamp) throws -> Bool {
        guard let url = payment.billingKey == nil ? project.feedbackURL : payment.feedbackURL else { return false }
        let format = payment.feedbackType ?? project.feedbackType
        let application = try records.applications(of: project.id).first { $0.platform == .rest }
        let members = format == .form ? Notices.form(payment, application: application?.id ?? "") : Notices.json(payment)
        try records.add(
            webhookFor: payment.id, project: project.id, occasion: occasion.rawValue, url: url, format: format, members: members, at: moment
        )
        return true
    }

    /// The members of the form variant; the private key and the count of repeats are filled in when it is sent.
    private static func form(_ payment: Payment, application: String) -> JSON.Members {
        [
            "receipt_id": .string(payment.id), "pg": .string(payment.gateway), "pg_name": .string(payment.gatewayName),
            "method": .string(payment.method), "method_name": .string(payment.methodName), "receipt_url": .string(payment.receiptURL),
            "application_id": .string(application), "name": .string(payment.name), "private_key": .null,
            "order_id": .string(payment.orderID), "payment_data": payment.paymentData, "unit": "krw",
            "purchased_at": payment.purchasedAt.map { .string($0.koreanText) } ?? .null, "price": .number(payment.price),
            "retry_count": 0, "status": .number(payment.status.rawValue),
        ]
    }

    /// The members of the JSON variant, which has neither private key nor application id nor count.
    private static func json(_ payment: Payment) -> JSON.Members {
        var members: JSON.Members = ["receipt_id": .string(payment.id), "price": .number(payment.price)]
        for name in ["card_no", "card_code", "card_name", "card_quota"] { members[name] = payment.details.data[name] }
        members["receipt_url"] = .string(payment.receiptURL)
        members["item_name"] = .string(payment.name)
        members["order_id"] = .string(payment.orderID)
        members["url"] = "https://app.bootpay.co.kr"
        members["tax_free"] = .number(payment.taxFree)
        members["payment_name"] = .string(payment.billingKey == nil ? payment.methodName : "정기결제")
        members["pg"] = .string(payment.gateway)
        members["pg_name"] = .string(payment.gatewayName)
        members["method"] = .string(payment.method)
        members["method_name"] = .string(payment.methodName)
        let isCard = BootpayMethod(alias: payment.method)?.cancelsInPart ?? false
        members["payment_group"] = .string(isCard ? "card" : payment.method)
        members["payment_group_name"] = .string(isCard ? "신용카드" : payment.methodName)
        members["requested_at"] = .string(payment.requestedAt.koreanText)
        members["purchased_at"] = payment.purchasedAt.map { .string($0.koreanText) } ?? .null
        members["status"] = .number(payment.status.rawValue)
        members["payment_data"] = payment.paymentData
        return members
    }
}

extension Webhook {
    /// The body as it is sent.
    func body(privateKey: Secret, nesting: WebhookNesting) -> [UInt8] {
        switch format {
        case .json: return JSON.object(members).bytes
        case .form:
            var filled = members
            filled["private_key"] = privateKey.withText { .string($0) }
            filled["retry_count"] = .number(attempts)
            return Array(FormText.encode(Webhook.pairs(filled, nesting)).utf8)
        }
    }

    /// The content type of the body.
    var contentType: String { format == .json ? "application/json; charset=utf-8" : "application/x-www-form-urlencoded" }

    private static func pairs(_ members: JSON.Members, _ nesting: WebhookNesting) -> [(name: String, value: String)] {
        members.names.flatMap { name -> [(name: String, value: String)] in
            let value = members[name] ?? .null
            guard let inner = value.members else { return [(name, plain(value))] }
            if nesting == .json { return [(name, value.text)] }
            return inner.names.map { ("\(name)[\($0)]", plain(inner[$0] ?? .null)) }
        }
    }

    private static func plain(_ value: JSON) -> String {
        switch value {
        case .null: return ""
        case .string(let text): return text
        default: return value.text
        }
    }
}
