import Base
import ProviderKit
import SandboxKit
import Sentbe
import Storage
import Transport

/// The web views that a partner's app opens with a webview_id, one button each: `user` finishes a registration, `transfer` orders a transfer, `transfer_list` shows what was ordered.
struct Generation2Page {
    let view: String
    let call: Call
    let environment: SandboxEnvironment
    let connection: Connection

    /// Below this path; the real one is unknown.
    static let path = SentbeGeneration2.pathPrefix + "/webview/"

    /// The view that a path names; nothing when it names none.
    static func view(_ path: String) -> String? {
        guard path.hasPrefix(Self.path) else { return nil }
        let name = String(path.dropFirst(Self.path.count))
        return SentbeGeneration2.webViews.contains(name) ? name : nil
    }

    /// Whose webview_id a call carries.
    static func tenant(of call: Call, _ connection: Connection) throws -> TenantID? {
        guard let claims = token(call).flatMap(WebviewToken.claims) else { return nil }
        let row = try connection.query("SELECT tenant FROM sentbe_generation2_webviews WHERE id = ?", .text(claims.id)).first
        return row?.text("tenant").flatMap { TenantID(rawValue: $0) }
    }

    private static func token(_ call: Call) -> String? {
        let pairs = FormText.decode((call.query ?? "").utf8) ?? []
        return (pairs + (call.method == .post ? FormText.decode(call.body) ?? [] : [])).first { $0.name == "webview_id" }?.value
    }

    /// Who looks at the page.
    private struct Visitor {
        var tenant: TenantID
        var records: Records
        var settings: SandboxSettings
        var keys: Generation2Keys
        var user: Generation2User
        var token: String
        var now: Timestamp
    }

    /// Why nobody is let in.
    private struct Stranger: Error {
        var status: Int
        var tenant: TenantID?
        var verdict: Verdict
    }

    /// Shows the page, or takes what somebody pressed on it.
    func judge() throws -> Finished {
        do {
            let visitor = try visitor()
            switch (call.method, view) {
            case (.get, _): return finished(200, try offer(visitor), visitor)
            case (.post, "user"): return try finishRegistration(visitor)
            case (.post, "transfer"): return try order(visitor)
            default:
                throw Stranger(
                    status: 405, tenant: visitor.tenant,
                    verdict: Verdict("call.method", ko: "이 화면에는 보낼 것이 없습니다.", en: "nothing can be sent to this page"))
            }
        } catch let stranger as Stranger {
            let reason = stranger.verdict.reason
            let html = Markup.page("열 수 없는 화면입니다", "<p>\(Markup.escaped(reason.korean))</p><p>\(Markup.escaped(reason.english))</p>")
            var judgement = Markup.judgement(stranger.status, html, stranger.tenant, view)
            judgement.verdict = stranger.verdict
            return Finished(judgement: judgement)
        }
    }

    private func visitor() throws -> Visitor {
        guard let token = Generation2Page.token(call) else {
            throw Stranger(
                status: 401,
                verdict: Verdict(
                    "webview.missing", ko: "webview_id가 없습니다.", en: "there is no webview_id",
                    fix: ("getWebviewId로 받은 값을 ?webview_id= 로 붙이세요.", "Append the value of getWebviewId as ?webview_id=.")))
        }
        let row = try WebviewToken.claims(token).flatMap { claims in
            try connection.query("SELECT * FROM sentbe_generation2_webviews WHERE id = ?", .text(claims.id)).first
        }
        guard let row, let tenant = row.text("tenant").flatMap({ TenantID(rawValue: $0) }), let partner = row.text("partner") else {
            throw Stranger(
                status: 401,
                verdict: Verdict("webview.unknown", ko: "이 샌드박스가 내준 webview_id가 아닙니다.", en: "this sandbox has issued no such webview_id"))
        }
        let records = Records(connection, tenant)
        let now = environment.clocks.now(tenant)
        guard let keys = try records.generation2Keys(of: partner), let id = row.text("id"), let end = row.moment("expires_at"),
            let user = try row.integer("user_id").flatMap({ try records.generation2User($0) })
        else {
            throw Stranger(status: 404, tenant: tenant, verdict: Verdict("webview.user", ko: "지워진 사용자입니다.", en: "the user was deleted"))
        }
        try check(token, keys, issued: .init(end: end.unixSeconds, id: id, user: String(user.id)), tenant, now)
        return Visitor(
            tenant: tenant, records: records, settings: try records.settings(), keys: keys, user: user, token: token, now: now)
    }

    private func check(
        _ token: String, _ keys: Generation2Keys, issued: WebviewToken.Claims, _ tenant: TenantID, _ now: Timestamp
    ) throws(Stranger) {
        let claims: WebviewToken.Claims
        do throws(WebviewToken.Failure) {
            claims = try WebviewToken.verify(token, key: keys.hmacSecret)
        } catch {
            throw Stranger(
                status: 401, tenant: tenant,
                verdict: Verdict(
                    "webview.\(error.rawValue)", ko: "webview_id가 변조되었거나 잘렸습니다.",
                    en: "the webview_id was altered or cut (\(error.rawValue))"))
        }
        // The partner holds the key too, and could sign another end or another user.
        guard claims == issued else {
            throw Stranger(
                status: 401, tenant: tenant,
                verdict: Verdict(
                    "webview.altered", ko: "webview_id의 내용이 내준 것과 다릅니다.", en: "the webview_id does not say what was issued",
                    fix: ("getWebviewId로 받은 값을 그대로 쓰세요.", "Use the value of getWebviewId as it is.")))
        }
        guard !issued.hasEnded(at: now) else {
            throw Stranger(
                status: 401, tenant: tenant,
                verdict: Verdict(
                    "webview.expired", ko: "webview_id의 시간이 끝났습니다.", en: "the webview_id has ended",
                    fix: ("열기 직전에 getWebviewId로 새로 받으세요.", "Ask getWebviewId for a new one just before opening."),
                    ["seconds_late": .number(now.unixSeconds - issued.end)]))
        }
    }

    private func finished(_ status: Int, _ html: String, _ visitor: Visitor) -> Finished {
        Finished(judgement: Markup.judgement(status, html, visitor.tenant, view))
    }

    // MARK: What the pages show

    private func offer(_ visitor: Visitor) throws -> String {
        let hidden = "<input type=\"hidden\" name=\"webview_id\" value=\"\(Markup.escaped(visitor.token))\">"
        switch view {
        case "user":
            if visitor.user.isVerified { return Markup.page("가입이 끝났습니다", "<p>Registration is complete.</p>") }
            return Markup.page(
                "회원 가입",
                """
                <p>은행에서 받은 인증번호를 넣으세요. Enter the code from your bank.</p>
                <form method="post">\(hidden)
                <p><input name="verification_code" inputmode="numeric" autocomplete="one-time-code" aria-label="인증번호 verification code"></p>
                <button>가입 완료 (finish)</button></form>
                """)
        case "transfer":
            let options = Corridor.table.map { "<option>\($0.country) \($0.currency)</option>" }.joined()
            return Markup.page(
                "송금 신청",
                """
                <form method="post">\(hidden)
                <p><label>보내는 금액(원) amount in won <input name="from_amount" inputmode="numeric" value="100000"></label></p>
                <p><label>받는 나라 to <select name="to">\(options)</select></label></p>
                <button>송금 신청 (order)</button></form>
                """)
        default:
            let rows = try visitor.records.generation2Transfers(user: visitor.user.id, limit: 50).map { transfer in
                """
                <li><code>\(Markup.escaped(transfer.id))</code> · \(transfer.fromAmount)원 → \(transfer.toAmount.text) \(transfer.currency) · \
                \(transfer.status.rawValue)</li>
                """
            }
            return Markup.page(
                "송금 내역",
                """
                \(rows.isEmpty ? "<p>송금이 없습니다. There are no transfers.</p>" : "<ul>\(rows.joined(separator: "\n"))</ul>")
                <form method="get" action="transfer">\(hidden)<button>새 송금 (new transfer)</button></form>
                """)
        }
    }

    // MARK: What the buttons do

    private func form(_ name: String) -> String { FormText.decode(call.body)?.first { $0.name == name }?.value ?? "" }

    /// Compares the code that the user has entered with the partner's, or with the sandbox's own while it plays the partner's part.
    private func finishRegistration(_ visitor: Visitor) throws -> Finished {
        let entered = form("verification_code").filter { $0 != " " }
        let errand = Generation2Verification(
            tenant: visitor.tenant, keys: visitor.keys, user: visitor.user, entered: entered, settings: visitor.settings, now: visitor.now)
        guard visitor.keys.url != nil else {
            if entered == visitor.user.code { try errand.complete(visitor.records) }
            return Finished(judgement: errand.outcome(.code(visitor.user.code), isOwn: true))
        }
        var finished = finished(202, "", visitor)
        finished.errand = { environment in try await errand.run(environment) }
        return finished
    }

    private func order(_ visitor: Visitor) throws -> Finished {
        guard visitor.user.isVerified else {
            var judgement = Markup.judgement(
                403, Markup.page("먼저 가입을 마치세요", "<p>Finish the registration first.</p>"), visitor.tenant, view)
            judgement.verdict = Verdict(
                "webview.not-verified", ko: "가입을 마치지 않은 사용자입니다.", en: "the user has not finished the registration",
                fix: ("user 화면에서 가입을 마치세요.", "Finish it on the page user."))
            return Finished(judgement: judgement)
        }
        let corridor = Corridor.table.first { "\($0.country) \($0.currency)" == form("to") }
        let pricing = Generation2Call(
            name: "", keys: visitor.keys, settings: visitor.settings, now: visitor.now, records: visitor.records, environment: environment)
        guard let corridor, let rate = visitor.settings[OutboundSettings.rates][corridor.currency],
            let amounts = try? pricing.amounts(form("from_amount"), isWon: true, rate)
        else {
            var judgement = Markup.judgement(
                400, Markup.page("금액이나 나라를 확인하세요", "<p>See the amount and the country.</p>"), visitor.tenant, view)
            judgement.verdict = Verdict("webview.transfer", ko: "금액이나 나라가 잘못되었습니다.", en: "the amount or the country makes no sense")
            return Finished(judgement: judgement)
        }
        let number = try visitor.records.nextNumber("sentbe_generation2_transfers", "number")
        let transfer = Generation2Transfer(
            id: "TR\(visitor.now.unixSeconds)\(environment.random.hexadecimal(3))", number: number, partner: visitor.keys.partner,
            userID: visitor.user.id, fromAmount: amounts.won, fee: visitor.settings[Generation2Settings.fee], toAmount: amounts.foreign,
            currency: corridor.currency, rate: rate, createdAt: visitor.now)
        try visitor.records.save(transfer)
        return finished(
            200,
            Markup.page(
                "송금을 신청했습니다",
                """
                <p>tr_id: <code id="tr_id">\(transfer.id)</code></p>
                <p>출금 withdrawal: <code id="withdrawal_amount">\(transfer.withdrawal)</code>원 → \(transfer.toAmount.text) \(transfer.currency)</p>
                """), visitor)
    }
}

/// HTML of the web views.
enum Markup {
    static func judgement(_ status: Int, _ html: String, _ tenant: TenantID?, _ view: String) -> Judgement {
        let fields: HTTPFields = [
            "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
        ]
        return Judgement(
            reply: Reply(status: status, fields: fields, body: Array(html.utf8)), tenant: tenant, route: "generation-2-webview-\(view)")
    }

    static func page(_ title: String, _ body: String) -> String {
        """
        <!doctype html>
        <html lang="ko"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>\(escaped(title))</title>
        <style>body{font:16px/1.6 sans-serif;max-width:30em;margin:3em auto;padding:0 1em}button,input,select{font:inherit;padding:.5em}</style>
        </head><body><h1>\(escaped(title))</h1>
        \(body)
        <p><small>센트비 샌드박스 · Sentbe sandbox</small></p></body></html>
        """
    }

    /// Text as it may stand in an element or a quoted attribute.
    static func escaped(_ text: String) -> String {
        // By scalars: a combining mark behind a < would make another character of the two.
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "'": output += "&#39;"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
