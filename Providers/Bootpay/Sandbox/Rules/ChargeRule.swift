import Base
import Bootpay
import SandboxKit

/// What a charge of a stored card must keep to.
enum ChargeRule {
    /// Instalments are for this price and above, in won.
    static let smallestForInstalments: Int64 = 50_000
    /// The smallest price, in won.
    static let smallestPrice: Int64 = 100

    /// Price, tax-free part and instalments.
    static func check(_ charge: Charge) throws(Refused) {
        guard charge.price >= smallestPrice else { throw Refused(.priceInvalid, priceTooSmall(charge.price)) }
        guard (0...charge.price).contains(charge.taxFree) else {
            throw Refused(
                .priceInvalid,
                Verdict(
                    "charge.tax-free", ko: "비과세 금액은 0원 이상, 결제 금액 이하여야 합니다.", en: "tax_free must be between 0 and the price", fix: nil,
                    ["price": .number(charge.price), "tax_free": .number(charge.taxFree)]))
        }
        let months = Int64(charge.quota) ?? 0
        let isAllowed = months == 0 || ((2...12).contains(months) && charge.price >= smallestForInstalments)
        guard isAllowed else {
            throw Refused(
                .priceInvalid,
                Verdict(
                    "charge.quota",
                    ko: "할부는 0(일시불) 또는 2~12개월이고 \(smallestForInstalments)원 이상부터 가능합니다. 1은 오류입니다.",
                    en: "instalments are 0 (none) or 2 to 12 months, and only from \(smallestForInstalments) won; 1 is an error", fix: nil,
                    ["quota": .number(months), "price": .number(charge.price)]))
        }
    }

    /// The months of instalments as receipts write them.
    static func quota(_ fields: Fields) throws(Refused) -> String {
        guard let months = try fields.number("quota") else { return "00" }
        guard (0...99).contains(months) else { throw Fields.wrong("quota", ko: "0에서 12 사이여야 합니다", en: "must be 0 to 12") }
        return months < 10 ? "0\(months)" : String(months)
    }

    /// The key must not have run out.
    static func check(_ key: BillingKey, now: Timestamp) throws(Refused) {
        guard key.expiresAt <= now else { return }
        throw Refused(
            .gatewayRefused,
            Verdict(
                "billing-key.expired", ko: "유효기간이 지난 빌링키입니다.", en: "the billing key has expired",
                fix: ("카드를 다시 등록받으세요.", "Have the card registered again."), ["e_at": .string(key.expiresAt.koreanText)]))
    }

    static func priceTooSmall(_ price: Int64) -> Verdict {
        Verdict(
            "charge.price", ko: "결제 금액은 \(smallestPrice)원 이상이어야 합니다.", en: "the price must be \(smallestPrice) won or more", fix: nil,
            ["price": .number(price)])
    }
}

/// A card as it was typed in. Only its first six and last four digits are kept.
struct CardForm {
    private let masked: String
    /// The last moment of its last month.
    let validThrough: Timestamp

    init(_ fields: Fields, now: Timestamp) throws(Refused) {
        let number = try fields.required("card_no").filter { $0 != "-" && $0 != " " }
        guard (14...16).contains(number.utf8.count), CardForm.isDigits(number) else {
            throw Fields.wrong("card_no", ko: "숫자 14~16자리여야 합니다", en: "must have 14 to 16 digits")
        }
        let password = try fields.required("card_pw")
        guard password.utf8.count == 2, CardForm.isDigits(password) else {
            throw Fields.wrong("card_pw", ko: "비밀번호 앞 두 자리여야 합니다", en: "must be the first two digits of the password")
        }
        let identity = try fields.required("identify_number")
        guard [6, 10].contains(identity.utf8.count), CardForm.isDigits(identity) else {
            throw Fields.wrong(
                "identify_number", ko: "생년월일 6자리 또는 사업자등록번호 10자리를 '-' 없이 보내세요",
                en: "must be a birth date of 6 digits or a business number of 10, without dashes")
        }
        let year = try fields.required("expire_year")
        let month = try fields.required("expire_month")
        guard year.utf8.count == 2, CardForm.isDigits(year), let shortYear = Int(year), month.utf8.count <= 2, CardForm.isDigits(month),
            let monthNumber = Int(month), (1...12).contains(monthNumber),
            let end = KoreanCalendar.endOfMonth(year: 2000 + shortYear, month: monthNumber)
        else {
            throw Fields.wrong("expire_year/expire_month", ko: "각각 두 자리 연도와 월이어야 합니다", en: "must be two digits each, year and month")
        }
        masked = "\(number.prefix(6))\(String(repeating: "*", count: number.utf8.count - 10))\(number.suffix(4))"
        validThrough = end
    }

    /// The card as replies show it. Which company a number belongs to is not looked up: every card is one of BC.
    func members(_ gateway: BootpayGateway) -> JSON.Members {
        var members: JSON.Members = ["card_code": "11", "card_name": "BC카드", "card_no": .string(masked)]
        if gateway.alias == "nicepay" { members["card_cl"] = "0" }
        return members
    }

    private static func isDigits(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) } }
}
