import Base
import Bootpay
import ProviderKit
import SandboxKit
import Storage
import Transport

/// The page behind a payment link: in place of Bootpay's payment window, two buttons that let the payment succeed or fail.
enum PaymentPage {
    /// Below this path, outside Bootpay's own.
    static let path = "/sandbox/pay/"

    /// The link that a path names, if it is a page's.
    static func link(_ path: String) -> String? { path.hasPrefix(Self.path) ? String(path.dropFirst(Self.path.count)) : nil }

    static func tenant(of link: String, _ connection: Connection) throws -> TenantID? { try find(link, connection)?.tenant }

    private static func find(_ link: String, _ connection: Connection) throws -> PaymentLink? {
        guard let row = try connection.query("SELECT * FROM bootpay_links WHERE link = ?", .text(link)).first,
            let tenant = row.text("tenant").flatMap(TenantID.init), let project = row.text("project"),
            let request = row.text("request").flatMap({ try? JSON($0) })
        else { return nil }
        return PaymentLink(
            id: link, tenant: tenant, project: project, request: request, expiresAt: row.moment("expires_at"),
            receiptID: row.text("receipt_id"))
    }

    /// Shows the page, or takes what somebody pressed on it.
    static func judge(_ call: Call, link id: String, _ environment: SandboxEnvironment, _ connection: Connection) throws -> Finished {
        guard let link = try find(id, connection) else {
            return answer(404, page("없는 결제 링크입니다", "<p>There is no such payment link.</p>"), nil)
        }
        let now = environment.clocks.now(link.tenant)
        if let receipt = link.receiptID {
            return answer(
                200, page("이미 처리된 결제입니다", "<p>This payment has been dealt with.</p><p>receipt_id: <code>\(escaped(receipt))</code></p>"),
                link)
        }
        if let expiresAt = link.expiresAt, expiresAt <= now {
            return answer(410, page("만료된 결제 링크입니다", "<p>This payment link has expired.</p>"), link)
        }
        guard call.method == .post else { return answer(200, offer(link), link) }
        let pressed = FormText.decode(call.body)?.first { $0.name == "action" }?.value
        guard pressed == "pay" || pressed == "fail" else {
            return answer(400, page("알 수 없는 요청입니다", "<p>Send action=pay or action=fail.</p>"), link)
        }
        let records = Records(connection, link.tenant)
        let payment = try pay(link, succeeds: pressed == "pay", records, environment, now)
        var finished = answer(200, done(link, payment), link)
        finished.scheduleChanged = true
        return finished
    }

    /// Makes the receipt. A virtual account is only issued, which nobody is notified of.
    private static func pay(
        _ link: PaymentLink, succeeds: Bool, _ records: Records, _ environment: SandboxEnvironment, _ now: Timestamp
    ) throws -> Payment {
        let request = link.request
        var payment = Payment(
            id: ObjectID.make(now, environment.random), project: link.project, price: request["price"]?.integer ?? 0,
            taxFree: request["tax_free"]?.integer ?? 0, orderID: request["order_id"]?.string ?? "", name: request["name"]?.string ?? "",
            gateway: request["pg"]?.string ?? "inicis", method: request["method"]?.string ?? "card", requestedAt: now)
        payment.details.params = request["params"]
        let accountEnd = request["account_expire_at"]?.string.flatMap { KoreanCalendar.endOfDay($0) }
        if payment.method == "vbank", let accountEnd { payment.details.data["expiredate"] = .string(accountEnd.koreanText) }
        payment.fillDetails(environment.random)
        if !succeeds {
            payment.status = .failed
        } else if payment.method == "vbank" {
            payment.status = .awaitingApproval
            payment.dueAt = accountEnd ?? KoreanCalendar.endOfDay(3, after: now)
        } else {
            payment.paid(at: now)
            if let seconds = try records.settings().testPaymentSeconds { payment.dueAt = now + .seconds(seconds) }
        }
        try records.save(payment)
        try records.settle(link: link.id, receipt: payment.id)
        if payment.status == .paid, let project = try records.project(link.project) {
            try Notices(records: records).notify(payment, .paid, project: project, at: now)
        }
        return payment
    }

    private static func answer(_ status: Int, _ html: String, _ link: PaymentLink?) -> Finished {
        let fields: HTTPFields = [
            "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'",
        ]
        return Finished(
            judgement: Judgement(
                reply: Reply(status: status, fields: fields, body: Array(html.utf8)), tenant: link?.tenant, route: "payment-page"))
    }
}

// MARK: Markup

extension PaymentPage {
    private static func offer(_ link: PaymentLink) -> String {
        let request = link.request
        let seller = request["seller_name"]?.string.map { "<p>\(escaped($0))</p>" } ?? ""
        return page(
            request["name"]?.string ?? "",
            """
            \(seller)<p><strong>\(request["price"]?.integer ?? 0)원</strong> · \(escaped(request["method"]?.string ?? "")) · \
            \(escaped(request["pg"]?.string ?? ""))</p>
            <p>order_id: <code>\(escaped(request["order_id"]?.string ?? ""))</code></p>
            <form method="post"><button name="action" value="pay">결제하기 (pay)</button>
            <button name="action" value="fail">실패시키기 (fail)</button></form>
            """)
    }

    /// Goes on to the merchant's page with a form, as the payment window does.
    private static func done(_ link: PaymentLink, _ payment: Payment) -> String {
        let words = PaymentStatus.words[payment.status]?.korean ?? ""
        var body = "<p>receipt_id: <code>\(payment.id)</code>, status: <code>\(payment.status.rawValue)</code> \(words)</p>"
        if let address = link.request["return_url"]?.string {
            body += """

                <form id="return" method="post" action="\(escaped(address))">
                <input type="hidden" name="receipt_id" value="\(payment.id)">
                <input type="hidden" name="order_id" value="\(escaped(payment.orderID))">
                <input type="hidden" name="status" value="\(payment.status.rawValue)">
                <button>가맹점으로 돌아가기 (return)</button></form>
                <script>document.getElementById("return").submit()</script>
                """
        }
        return page(payment.name, body)
    }

    private static func page(_ title: String, _ body: String) -> String {
        """
        <!doctype html>
        <html lang="ko"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>\(escaped(title))</title>
        <style>body{font:16px/1.6 sans-serif;max-width:30em;margin:3em auto;padding:0 1em}button{font:inherit;padding:.5em 1em}</style></head>
        <body><h1>\(escaped(title))</h1>
        \(body)
        <p><small>부트페이 샌드박스 · Bootpay sandbox</small></p></body></html>
        """
    }

    /// Text as it may stand in an element or a quoted attribute.
    static func escaped(_ text: String) -> String {
        // By scalars: a combining mark behind a < would make another character of the two.
        var output = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output.append(contentsOf: "&amp;".unicodeScalars)
            case "<": output.append(contentsOf: "&lt;".unicodeScalars)
            case ">": output.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": output.append(contentsOf: "&quot;".unicodeScalars)
            case "'": output.append(contentsOf: "&#39;".unicodeScalars)
            default: output.append(scalar)
            }
        }
        return String(output)
    }
}
