import Base
import ProviderKit
import SandboxKit
import Storage
import Transport
import WPay

/// The pages: what a shopper's browser is shown, from the merchant's form to the callback that goes back.
enum PageRoom {
    /// Below this path, outside WPAY's own, are the pages' own buttons.
    static let path = "/sandbox/visit/"

    /// Opens a page for an admitted form: shows it, or calls back at once when the settings say so.
    static func open(_ admission: Admission, _ desk: Desk, _ connection: Connection) throws -> Finished {
        switch admission.settings.pages {
        case .interactive: break
        case .approve, .fail, .cancel:
            return try end(
                admission.settings.pages, admission, desk.operations(admission, connection), ShopperEntry.preset(desk.environment.random))
        }
        let visit = Visit(
            id: desk.environment.random.hexadecimal(16), mid: admission.merchant.mid, product: admission.api.product.rawValue,
            api: admission.api.name, fields: admission.fields, host: desk.source.host, isSecure: desk.source.peer.tls != nil,
            dueAt: admission.now + .seconds(admission.settings.visitSeconds))
        try Records(connection, admission.merchant.tenant).save(visit)
        let base = WPayHosts.all.contains(desk.source.host) ? "" : WPayBase(desk.environment.publicBase())?.pathPrefix ?? ""
        let buttons = [PageMode.approve, .fail, .cancel].map { "<button name=\"action\" value=\"\($0.rawValue)\">\($0.rawValue)</button>" }
        let html = document(
            "<h1>\(escaped(admission.api.identifier))</h1><form method=\"post\" action=\"\(base)\(path)\(visit.id)\">\(buttons.joined())</form>"
        )
        return Finished(
            judgement: Judgement(
                reply: html, tenant: admission.merchant.tenant, route: admission.api.identifier, verdict: admission.warning),
            scheduleChanged: true)
    }

    /// Takes what was pressed on a page.
    static func step(_ call: Call, visit id: String, _ desk: Desk, _ connection: Connection) throws -> Finished {
        guard let tenant = try Visit.tenant(of: id, connection).flatMap(TenantID.init),
            let visit = try Records(connection, tenant).visit(id, at: desk.environment.clocks.now(tenant)),
            let product = WPayProduct(rawValue: visit.product), let api = WPayTables.api(product, visit.api),
            let merchant = try Records(connection, tenant).merchant(visit.mid)
        else {
            throw Refused("visit.unknown", ko: "없거나 시간이 지난 페이지입니다.", en: "the page is not there, or was open for too long")
        }
        let settings = try Records(connection, tenant).settings()
        let admission = Admission(
            api: api, merchant: merchant, keys: try merchant.keys(), settings: settings, now: desk.environment.clocks.now(tenant),
            fields: visit.fields)
        guard call.method == .post, let pressed = ReceivedFields(lenient: call)["action"] as String?,
            let mode = PageMode(rawValue: pressed),
            mode != .interactive
        else { throw Refused("visit.action", ko: "알 수 없는 동작입니다.", en: "there is no such button") }
        let place = Place(host: visit.host, isSecure: visit.isSecure, base: desk.environment.publicBase())
        let finished = try end(
            mode, admission, desk.operations(admission, connection, place: place), ShopperEntry.preset(desk.environment.random))
        try Records(connection, tenant).removeVisit(id)
        return finished
    }

    /// Ends a page: does what it is for, or not, and calls back.
    private static func end(_ mode: PageMode, _ admission: Admission, _ operations: Operations, _ entry: ShopperEntry) throws -> Finished {
        let result = try operations.outcome(mode, admission, entry)
        let callback = try ReplyWriter(api: admission.api, settings: admission.settings).callback(
            result, to: admission.returnAddress, admission.keys)
        return send(
            callback, admission.settings,
            Judgement(
                reply: Reply(status: 200), tenant: admission.merchant.tenant, route: admission.api.identifier,
                verdict: result.verdict ?? admission.warning))
    }

    /// Sends a callback by the browser, or has the sandbox post it.
    static func send(_ callback: Callback, _ settings: SandboxSettings, _ judgement: Judgement) -> Finished {
        var judgement = judgement
        guard settings.delivery == .browser else {
            judgement.reply = document("<p>콜백을 샌드박스가 직접 보냅니다. The sandbox posts the callback by itself.</p>")
            return Finished(judgement: judgement, scheduleChanged: true, posting: callback)
        }
        if callback.carrier == .query {
            judgement.reply = Reply(status: 302, fields: ["Location": callback.link])
        } else {
            let inputs = callback.fields.map { "<input type=\"hidden\" name=\"\(escaped($0.name))\" value=\"\(escaped($0.value))\">" }
            judgement.reply = document(
                "<form id=\"callback\" method=\"post\" action=\"\(escaped(callback.address))\">\(inputs.joined())<button>계속 (continue)</button></form>"
                    + "<script>document.getElementById(\"callback\").submit()</script>")
        }
        return Finished(judgement: judgement, scheduleChanged: true)
    }

    /// What a refused form leads to: an error page, since its returnUrl cannot be trusted, or by a setting a callback with 9999.
    static func refuse(_ refused: Refused, _ trace: Trace, _ desk: Desk, _ judgement: (Reply) -> Judgement) throws -> Finished {
        if let callback = try PageRefusal.callback(for: refused, trace, desk.call) {
            return send(callback, trace.settings, judgement(Reply(status: 200)))
        }
        return Finished(judgement: judgement(errorPage()))
    }

    /// The page that tells a shopper next to nothing.
    static func errorPage() -> Reply { document("<h1>처리 중 오류가 발생했습니다.</h1>") }

    private static func document(_ body: String) -> Reply {
        Reply(
            status: 200,
            fields: [
                "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store",
                "Content-Security-Policy": "default-src 'none'; script-src 'unsafe-inline'",
            ],
            body: Array("<!doctype html><html lang=\"ko\"><meta charset=\"utf-8\"><title>WPAY</title><body>\(body)</body></html>".utf8))
    }

    private static func escaped(_ text: String) -> String {
        var output = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&", "<", ">", "\"", "'": output.append(contentsOf: "&#\(scalar.value);".unicodeScalars)
            default: output.append(scalar)
            }
        }
        return String(output)
    }
}
