import Base
import Bootpay

extension Payment {
    /// The payment that a charge of a stored card makes.
    init(charging key: BillingKey, _ charge: Charge, at moment: Timestamp, _ random: any RandomSource) {
        self.init(
            id: ObjectID.make(moment, random), project: key.project, price: charge.price, taxFree: charge.taxFree,
            orderID: charge.orderID, name: charge.itemName, gateway: key.gateway, method: "card_rebill", requestedAt: moment,
            purchasedAt: moment, billingKey: key.id, feedbackURL: charge.feedbackURL, feedbackType: charge.feedbackType)
        details.itemName = charge.itemName
        details.params = charge.params
        details.transaction = Payment.transaction(gateway: gateway, method: "card", at: moment, random)
        details.data = [
            "card_name": key.card["card_name"] ?? "BC카드", "card_no": key.card["card_no"] ?? "", "card_quota": .string(charge.quota),
            "card_code": key.card["card_code"] ?? "11", "card_auth_no": .string(Payment.digits(8, random)),
        ]
    }

    /// Fills in what the method brings, as far as it is not there yet, and the gateway's transaction id.
    mutating func fillDetails(_ random: any RandomSource) {
        if details.transaction.isEmpty {
            details.transaction = Payment.transaction(gateway: gateway, method: method, at: requestedAt, random)
        }
        for (name, value) in Payment.sample(method: method, at: requestedAt, random) where details.data[name] == nil {
            details.data[name] = value
        }
    }

    /// What a payment by that method shows, with made-up values.
    private static func sample(method: String, at moment: Timestamp, _ random: any RandomSource) -> [(String, JSON)] {
        switch method {
        case "card", "card_rebill", "card_rebill_rest", "easy", "easy_card":
            return [
                ("card_name", "BC카드"), ("card_no", "910000******1234"), ("card_quota", "00"), ("card_code", "11"),
                ("card_auth_no", .string(digits(8, random))),
            ]
        case "bank", "easy_bank": return [("bankname", "국민은행"), ("cash_result", "")]
        case "vbank":
            return [
                ("bankname", "국민은행"), ("accountholder", "부절상점"), ("account", .string(digits(14, random))),
                ("expiredate", .string(KoreanCalendar.endOfDay(3, after: moment).koreanText)), ("username", "홍길동"), ("cash_result", ""),
            ]
        case "auth":
            return [
                ("username", "홍길동"), ("phone", "01012345678"), ("birth", "1990-01-01"), ("gender", "1"),
                ("unique", .string(random.hexadecimal(32))), ("di", .string(random.hexadecimal(32))),
            ]
        default: return []
        }
    }

    private static func transaction(gateway: String, method: String, at moment: Timestamp, _ random: any RandomSource) -> String {
        let time = moment.koreanText.filter { $0.isNumber }
        return "\(gateway.uppercased())_\(method.uppercased())test\(time)\(digits(6, random))"
    }

    private static func digits(_ count: Int, _ random: any RandomSource) -> String {
        String((0..<count).map { _ in Character(String(random.number(below: 10))) })
    }

    /// `data` of a charge's reply.
    var chargeReply: JSON {
        [
            "receipt_id": .string(id), "price": .number(price), "card_no": details.data["card_no"] ?? "",
            "card_code": details.data["card_code"] ?? "", "card_name": details.data["card_name"] ?? "",
            "card_quota": details.data["card_quota"] ?? "00", "params": details.params ?? .null, "item_name": .string(name),
            "order_id": .string(orderID), "url": "https://app.bootpay.co.kr", "payment_name": "정기결제", "pg": .string(gateway),
            "pg_name": .string(gatewayName), "method": .string(method), "method_name": .string(methodName),
            "requested_at": .string(requestedAt.koreanText), "purchased_at": purchasedAt.map { .string($0.koreanText) } ?? .null,
            "status": .number(status.rawValue),
        ]
    }
}
