import Base
import Bootpay
import ProviderKit
import SandboxKit
import Storage

extension ControlDesk {
    private static let members = [
        "receipt_id", "application_id", "price", "tax_free", "method", "pg", "order_id", "name", "status", "params", "payment_data",
        "requested_at", "purchased_at", "notify",
    ]

    /// Makes a payment in any state, as a browser makes them in reality. Everything has a default.
    func makePayment() throws -> Answer {
        let fields = try body(ControlDesk.members)
        let project = try project(of: fields)
        var payment = try newPayment(fields, project)
        try settle(&payment, fields)
        payment.fillDetails(environment.random)
        if payment.status == .awaitingApproval, payment.method == "vbank",
            let end = payment.details.data["expiredate"]?.string.flatMap({ Timestamp(koreanText: $0) })
        {
            payment.dueAt = end
        }
        try records.save(payment)
        var described = payment.receipt.members ?? [:]
        if payment.status == .billingKeyIssued {
            let key = issueKey(for: payment)
            try records.save(key)
            described["billing_key"] = .string(key.id)
        }
        if payment.status == .paid, fields.members["notify"]?.boolean ?? true {
            try Notices(records: records).notify(payment, .paid, project: project, at: now)
        }
        return Answer(reply: Reply(status: 201, json: .object(described)), scheduleChanged: true)
    }

    private func project(of fields: Fields) throws -> Project {
        if let id = try fields.text("application_id") {
            if let application = try Application.find(id, records.connection), application.tenant == tenant,
                let project = try records.project(application.project)
            {
                return project
            }
            throw ControlDesk.missing("없는 application_id입니다.", "There is no such application_id.")
        }
        guard let first = try records.projects().first else {
            throw ControlDesk.missing("이 테넌트에는 프로젝트가 없습니다.", "The tenant has no project.")
        }
        return first
    }

    private func newPayment(_ fields: Fields, _ project: Project) throws -> Payment {
        let method = try alias("method", fields, BootpayMethod.table.map(\.alias)) ?? "card"
        let usual = ["auth": "danal", "phone": "danal", "card_rebill": "nicepay", "card_rebill_rest": "nicepay"][method] ?? "inicis"
        let gateway = try alias("pg", fields, BootpayGateway.table.map(\.alias)) ?? usual
        let isFree = method == "auth" || method == "card_rebill"
        let price = try fields.number("price") ?? (isFree ? 0 : 11_000)
        let taxFree = try fields.number("tax_free") ?? 0
        guard (0...1_000_000_000_000).contains(price), (0...price).contains(taxFree) else {
            throw ControlError(
                message: BilingualText(
                    korean: "price는 0원 이상, tax_free는 0원 이상 price 이하여야 합니다.",
                    english: "price must be 0 won or more, and tax_free between 0 and the price."))
        }
        let id = try fields.text("receipt_id") ?? ObjectID.make(now, environment.random)
        guard id.utf8.count == 24, Hexadecimal.decode(id) != nil, id == id.lowercased() else {
            throw ControlError(
                message: BilingualText(
                    korean: "receipt_id는 소문자 16진수 24자여야 합니다.", english: "receipt_id must be 24 lower-case hexadecimal digits."))
        }
        guard try records.payment(id) == nil else {
            throw ControlError(status: 409, message: BilingualText(korean: "이미 있는 receipt_id입니다.", english: "The receipt_id is taken."))
        }
        var payment = Payment(
            id: id, project: project.id, price: price, taxFree: taxFree,
            orderID: try fields.text("order_id") ?? "ORDER-\(environment.random.hexadecimal(4))",
            name: try fields.text("name") ?? "테스트 상품", gateway: gateway, method: method,
            requestedAt: try moment("requested_at", fields) ?? now)
        payment.details.params = fields["params"]
        payment.details.data = fields.object("payment_data").members
        return payment
    }

    /// Puts the payment in its state, with everything that belongs to it.
    private func settle(_ payment: inout Payment, _ fields: Fields) throws {
        let settings = try records.settings()
        payment.status = try status(fields) ?? (payment.method == "card_rebill" && payment.price == 0 ? .billingKeyIssued : .paid)
        let purchased = try moment("purchased_at", fields) ?? now
        switch payment.status {
        case .paid, .cancelFailed:
            payment.purchasedAt = purchased
            if payment.status == .paid, let seconds = settings.testPaymentSeconds { payment.dueAt = now + .seconds(seconds) }
        case .cancelled:
            payment.purchasedAt = purchased
            payment.cancelledPrice = payment.price
            payment.cancelledTaxFree = payment.taxFree
            payment.revokedAt = now
        case .cancelling:
            payment.purchasedAt = purchased
            payment.details.pendingPrice = payment.price
            payment.details.pendingTaxFree = payment.taxFree
            payment.dueAt = now + .seconds(settings.pendingCancelSeconds)
        case .awaitingApproval:
            guard payment.method == "vbank" || BootpayGateway(alias: payment.gateway)?.stopsForApproval ?? true else {
                throw ControlError(message: PaymentMove.awaitApproval.condition)
            }
            payment.dueAt = now + .seconds(settings.approvalSeconds)
        case .billingKeyIssued:
            payment.purchasedAt = purchased
            guard payment.method == "card_rebill" else {
                throw ControlError(
                    message: BilingualText(
                        korean: "상태 11은 method가 card_rebill인 결제에만 있습니다.", english: "State 11 belongs to the method card_rebill."))
            }
        default: break
        }
    }

    private func issueKey(for payment: Payment) -> BillingKey {
        BillingKey(
            id: ObjectID.make(now, environment.random), project: payment.project, receiptID: payment.id, gateway: payment.gateway,
            method: "card_rebill", card: ["card_code": "11", "card_name": "BC카드", "card_no": "910000******1234"], issuedAt: now,
            expiresAt: KoreanCalendar.adding(60, to: now))
    }

    /// A state by its number, or by its English word.
    private func status(_ fields: Fields) throws -> PaymentStatus? {
        guard let text = try fields.text("status") else { return nil }
        if let number = JSON.integer(text), PaymentStatus.words[PaymentStatus(rawValue: Int(number))] != nil {
            return PaymentStatus(rawValue: Int(number))
        }
        if let named = PaymentStatus.words.first(where: { $0.value.english == text })?.key { return named }
        let known = PaymentStatus.words.map { (number: $0.key.rawValue, word: $0.value.english) }.sorted { $0.number < $1.number }
            .map { "\($0.number) (\($0.word))" }.joined(separator: ", ")
        throw ControlError(
            message: BilingualText(korean: "status는 다음 가운데 하나여야 합니다: \(known)", english: "status must be one of \(known)"))
    }

    private func alias(_ name: String, _ fields: Fields, _ known: [String]) throws -> String? {
        guard let text = try fields.text(name) else { return nil }
        guard known.contains(text) else {
            let list = known.joined(separator: ", ")
            throw ControlError(
                message: BilingualText(korean: "\(name)은(는) 다음 가운데 하나여야 합니다: \(list)", english: "\(name) must be one of \(list)"))
        }
        return text
    }

    private func moment(_ name: String, _ fields: Fields) throws -> Timestamp? {
        guard let text = try fields.text(name) else { return nil }
        guard let moment = Timestamp(internetText: text) ?? Timestamp(koreanText: text) else {
            throw ControlError(
                message: BilingualText(
                    korean: "\(name)은(는) 2026-01-01T09:00:00+09:00 또는 2026-01-01 09:00:00 꼴이어야 합니다.",
                    english: "\(name) must be written like 2026-01-01T09:00:00+09:00 or 2026-01-01 09:00:00 (Korean time)."))
        }
        return moment
    }
}
