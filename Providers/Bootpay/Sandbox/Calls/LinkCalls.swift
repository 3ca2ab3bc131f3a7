import Base
import Bootpay
import SandboxKit
import Storage

extension CallContext {
    /// `POST /request/payment`: a page where somebody can pay. The reply's `data` is the address itself, not an object.
    func paymentLink() throws -> JSON {
        try fields.require("price", "order_id", "name")
        let price = try fields.requiredNumber("price")
        guard price >= ChargeRule.smallestPrice else { throw Refused(.priceInvalid, ChargeRule.priceTooSmall(price)) }
        let taxFree = try fields.number("tax_free") ?? 0
        guard (0...price).contains(taxFree) else {
            throw Fields.wrong("tax_free", ko: "0원 이상, 결제 금액 이하여야 합니다", en: "must be between 0 and the price")
        }
        var request: JSON.Members = [
            "price": .number(price), "tax_free": .number(taxFree), "order_id": .string(try fields.required("order_id")),
            "name": .string(try fields.required("name")),
        ]
        request["pg"] = .string(try alias("pg", BootpayGateway.table.map(\.alias)) ?? "inicis")
        request["method"] = .string(try method())
        request["params"] = fields["params"]
        if let address = try fields.text("return_url") {
            guard CallbackTarget(address) != nil else {
                throw Fields.wrong("return_url", ko: "http:// 또는 https:// 주소여야 합니다", en: "must be an http:// or https:// address")
            }
            request["return_url"] = .string(address)
        }
        if let day = try fields.text("account_expire_at") {
            guard KoreanCalendar.endOfDay(day) != nil else {
                throw Fields.wrong("account_expire_at", ko: "yyyy-mm-dd 꼴이어야 합니다", en: "must be yyyy-mm-dd")
            }
            request["account_expire_at"] = .string(day)
        }
        let extra = fields.object("extra")
        if let seller = try extra.text("seller_name") { request["seller_name"] = .string(seller) }
        let minutes = try extra.number("expire")
        if let minutes, !(1...525_600).contains(minutes) {
            throw Fields.wrong("extra.expire", ko: "1 이상의 분 단위여야 합니다", en: "must be minutes, 1 or more")
        }
        warnAboutFlattening()
        let link = ObjectID.make(now, random) + random.hexadecimal(4)
        try records.add(link: link, project: project.id, request: request, at: now, expiresAt: minutes.map { now + .seconds($0 * 60) })
        return .string(environment.publicBase() + PaymentPage.path + link)
    }

    /// The one method asked for, or the first of several; a card when nothing is said, as in the all-in-one window.
    private func method() throws -> String {
        let known = BootpayMethod.table.map(\.alias)
        if let method = try alias("method", known) { return method }
        guard let first = fields.list("methods").first else { return "card" }
        guard let method = first.string, known.contains(method) else {
            throw Fields.wrong("methods", ko: "알려진 결제 수단이어야 합니다", en: "must be known methods", allowed: known)
        }
        return method
    }

    private func alias(_ name: String, _ known: [String]) throws -> String? {
        guard let text = try fields.text(name) else { return nil }
        guard known.contains(text) else {
            throw Fields.wrong(name, ko: "알려진 값이 아닙니다", en: "is not a known alias", allowed: known)
        }
        return text
    }

    private func warnAboutFlattening() {
        let lost = ["user_info", "items", "extra"].filter { fields.isFlattened($0) }
        guard !lost.isEmpty else { return }
        warn(
            Verdict(
                warned: "body.flattened", ko: "폼에서 이름만 남고 값이 사라진 항목이 있습니다: \(lost.joined(separator: ", "))",
                en: "objects came flattened to their member names, without the values: \(lost.joined(separator: ", "))",
                fix: (
                    "공식 파이썬 클라이언트의 버그입니다. JSON으로 보내거나 extra[expire]=… 꼴로 보내세요.",
                    "The official Python client does this. Send JSON, or extra[expire]=…."
                ),
                ["fields": .array(lost.map { .string($0) })]))
    }
}

/// A page that waits for somebody to pay.
struct PaymentLink {
    var id: String
    var tenant: TenantID
    var project: String
    var request: JSON
    var expiresAt: Timestamp?
    var receiptID: String?
}

extension Records {
    func add(link: String, project: String, request: JSON.Members, at moment: Timestamp, expiresAt: Timestamp?) throws {
        try connection.execute(
            "INSERT INTO bootpay_links VALUES (?,?,?,?,?,?,NULL)", .text(link), owner, .text(project), .text(JSON.object(request).text),
            moment.value, .moment(expiresAt))
    }

    /// The page has been used.
    func settle(link: String, receipt: String) throws {
        try connection.execute("UPDATE bootpay_links SET receipt_id = ? WHERE link = ?", .text(receipt), .text(link))
    }
}
