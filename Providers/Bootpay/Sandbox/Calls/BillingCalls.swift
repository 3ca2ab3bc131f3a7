import Base
import Bootpay
import SandboxKit

extension CallContext {
    /// `POST /request/card_rebill`: stores a card without the shopper's authentication.
    func issueBillingKey() throws -> JSON {
        try fields.require(
            "pg", "order_id", "item_name", "card_no", "card_pw", "expire_year", "expire_month", "identify_number")
        let gateway = try billingGateway()
        let card = try CardForm(fields, now: now)
        let user = fields.object("user_info")
        if gateway.alias == "payapp" {
            let absent = ["phone", "username"].filter { user[$0] == nil }
            if !absent.isEmpty { throw Fields.missing(absent.map { "user_info.\($0)" }) }
        }
        let extra = fields.object("extra")
        if settings.refusesBillingKeys {
            throw Refused.gatewayRefuses("gateway_refuses_billing_keys", wantsRawData: try extra.isOn("raw_data"))
        }
        guard card.validThrough > now else {
            throw Refused(
                .gatewayRefused,
                Verdict(
                    "card.expired", ko: "유효기간이 지난 카드입니다.", en: "the card has expired",
                    fix: ("expire_year와 expire_month를 확인하세요.", "See expire_year and expire_month."),
                    ["valid_through": .string(card.validThrough.koreanText)]))
        }
        var months: Int64?
        if let asked = try extra.number("expire_month") {
            guard (1...120).contains(asked) else {
                throw Fields.wrong("extra.expire_month", ko: "1에서 120 사이의 개월 수여야 합니다", en: "must be 1 to 120 months")
            }
            months = asked
        }
        let key = BillingKey(
            id: ObjectID.make(now, random), project: project.id, gateway: gateway.alias, method: "card_rebill_rest",
            card: card.members(gateway), issuedAt: now,
            expiresAt: months.map { KoreanCalendar.adding(Int($0), to: now) } ?? card.validThrough)
        try records.save(key)
        if try extra.isOn("subscribe_test_payment") { try chargeForTest(key, gateway) }
        return key.json
    }

    private func billingGateway() throws -> BootpayGateway {
        let able = BootpayGateway.table.filter(\.issuesBillingKeys).map(\.alias)
        guard let gateway = BootpayGateway(alias: try fields.required("pg")), gateway.issuesBillingKeys else {
            throw Fields.wrong(
                "pg", ko: "REST 빌링키는 \(able.joined(separator: ", "))만 발급할 수 있습니다",
                en: "must be one of those that issue billing keys over REST: \(able.joined(separator: ", "))", allowed: able)
        }
        return gateway
    }

    /// A small charge that shows the card works, and is taken back ten minutes later.
    private func chargeForTest(_ key: BillingKey, _ gateway: BootpayGateway) throws {
        let charge = Charge(
            itemName: try fields.required("item_name"), price: gateway.testCharge, orderID: try fields.required("order_id"))
        var payment = Payment(charging: key, charge, at: now, random)
        payment.details.isTestCharge = true
        payment.dueAt = now + .seconds(600)
        try records.save(payment)
        scheduleChanged = true
    }

    /// `POST /subscribe/billing`: charges a stored card at once.
    func charge() throws -> Answer {
        let (key, charge) = try chargeRequest()
        let wantsRawData = try fields.object("extra").isOn("raw_data")
        if charge.price < 100, key.gateway == "nicepay" {
            throw Refused(
                .gatewayAmount, ChargeRule.priceTooSmall(charge.price),
                data: wantsRawData ? ["ResultCode": "3041", "ResultMsg": .string(BootpayRefusal.gatewayAmount.message)] : nil)
        }
        try ChargeRule.check(charge)
        try ChargeRule.check(key, now: now)
        switch settings.approvalOutcome {
        case .refuse: throw Refused.gatewayRefuses("gateway_approval", wantsRawData: wantsRawData)
        case .timeoutNotDone, .timeoutPending: throw Refused.gatewaySilent("gateway_approval", isDone: false)
        case .normal, .timeoutDone: break
        }
        var payment = Payment(charging: key, charge, at: now, random)
        if let seconds = settings.testPaymentSeconds { payment.dueAt = now + .seconds(seconds) }
        try records.save(payment)
        try notify(payment, .paid)
        scheduleChanged = true
        if settings.approvalOutcome == .timeoutDone { return .refusal(.gatewaySilent("gateway_approval", isDone: true)) }
        return .success(payment.chargeReply)
    }

    /// What a charge and a reservation have in common.
    func chargeRequest() throws -> (BillingKey, Charge) {
        try fields.require("billing_key", "item_name", "price", "order_id")
        var charge = Charge(
            itemName: try fields.required("item_name"), price: try fields.requiredNumber("price"), orderID: try fields.required("order_id"))
        charge.taxFree = try fields.number("tax_free") ?? 0
        charge.quota = try ChargeRule.quota(fields)
        charge.params = fields["params"]
        charge.itemCount = Int64(fields.list("items", "item_info").count)
        charge.feedbackURL = try fields.text("feedback_url")
        if let url = charge.feedbackURL { try checkFeedback(url) }
        switch try fields.text("feedback_content_type") {
        case nil, "urlencoded": charge.feedbackType = .form
        case "json": charge.feedbackType = .json
        default:
            throw Fields.wrong(
                "feedback_content_type", ko: "json 또는 urlencoded여야 합니다", en: "must be json or urlencoded", allowed: ["json", "urlencoded"])
        }
        return (try billingKey(try fields.required("billing_key")), charge)
    }

    private func checkFeedback(_ url: String) throws {
        guard let target = CallbackTarget(url) else {
            throw Fields.wrong("feedback_url", ko: "http:// 또는 https:// 주소여야 합니다", en: "must be an http:// or https:// address")
        }
        if target.isLoopback {
            warn(
                Verdict(
                    warned: "feedback.loopback", ko: "실제 부트페이는 localhost로 통지하지 못합니다. 샌드박스는 개발을 위해 받아들입니다.",
                    en: "the real Bootpay cannot notify localhost; the sandbox does, since that is what it is for",
                    fix: ("실서비스에서는 공개 주소를 쓰세요.", "Use a public address in reality.")))
        }
    }

    /// The live key of that id.
    func billingKey(_ id: String) throws -> BillingKey {
        if let key = try records.billingKey(id), key.project == project.id {
            if key.deletedAt == nil { return key }
            throw Refused(
                .notFound,
                Verdict(
                    "billing-key.deleted", ko: "삭제된 빌링키입니다.", en: "the billing key was deleted", fix: nil,
                    ["deleted_at": key.deletedAt.map { .string($0.koreanText) } ?? .null]))
        }
        if try records.payment(id) != nil {
            throw Refused(
                .notFound,
                Verdict(
                    "billing-key.is-receipt", ko: "빌링키 자리에 영수증 ID가 왔습니다.", en: "this is a receipt id where a billing key belongs",
                    fix: (
                        "GET /subscribe/billing/{receipt_id} 로 빌링키를 먼저 조회하세요.",
                        "Find the key with GET /subscribe/billing/{receipt_id} first."
                    )))
        }
        throw Refused(
            .notFound,
            Verdict(
                "billing-key.not-found", ko: "이 프로젝트에 없는 빌링키입니다.", en: "the project has no such billing key",
                fix: (
                    "POST /request/card_rebill 로 발급하거나 GET /-/bootpay/billing-keys 로 확인하세요.",
                    "Issue one with POST /request/card_rebill; GET /-/bootpay/billing-keys lists what there is."
                )))
    }

    /// `DELETE /subscribe/billing/{billing_key}`
    func deleteBillingKey() throws -> JSON? {
        var key = try billingKey(parameters["billing_key"] ?? "")
        key.deletedAt = now
        try records.save(key)
        if let receipt = key.receiptID, var payment = try records.payment(receipt), payment.status == .billingKeyIssued {
            payment.status = .billingKeyCancelled
            payment.revokedAt = now
            try records.save(payment)
        }
        return nil
    }

    /// `GET /subscribe/billing/{receipt_id}`: the key that a receipt of the shopper's window issued.
    func findBillingKey() throws -> JSON {
        let payment = try payment(parameters["receipt_id"] ?? "")
        guard let key = try records.billingKey(receipt: payment.id), key.deletedAt == nil else {
            throw Refused(
                .notFound,
                Verdict(
                    "billing-key.none-for-receipt", ko: "이 영수증으로 발급된 빌링키가 없습니다. 빌링키 발급 영수증은 상태가 11입니다.",
                    en: "no living billing key was issued by this receipt; one that issues a key has status 11", fix: nil,
                    ["receipt_id": .string(payment.id), "status": .number(payment.status.rawValue)]))
        }
        return key.json
    }
}
