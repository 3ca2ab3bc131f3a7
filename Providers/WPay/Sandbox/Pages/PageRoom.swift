import Base
import ProviderKit
import SandboxKit
import Storage
import Transport
import WPay

/// The pages: what a shopper's browser is shown, from the merchant's form to the callback that goes back.
///
/// A form that the rules admitted becomes a ``Visit``: kept with the request that opened it under an unguessable name, to which the page's own buttons lead. It is
/// answered once, and over after a time. Who presses is not asked for more than that name; that no page of another site presses is the sandbox's own guard's business.
enum PageRoom {
    /// Below this path, outside WPAY's own, are the pages' own buttons.
    static let path = "/sandbox/visit/"

    /// Opens a page for an admitted form: shows it, or calls back at once when the settings or the state of things say so.
    static func open(_ admission: Admission, _ desk: Desk, _ connection: Connection) throws -> Finished {
        let visit = Visit(
            id: desk.environment.random.hexadecimal(32), mid: admission.merchant.mid, product: admission.api.product.rawValue,
            api: admission.api.name, fields: admission.fields, host: desk.source.host, isSecure: desk.source.peer.tls != nil,
            dueAt: admission.now + .seconds(admission.settings.visitSeconds))
        var page = try page(
            visit, admission.api, admission.keys, desk.operations(admission, connection), base: base(desk, visit), isKept: false,
            admission.warning)
        return finished(try page.open(), tenant: page.records.tenant, route: page.api.identifier, page.settings)
    }

    /// Takes what was pressed on a page; asked with `GET`, shows it as it stands.
    static func step(_ call: Call, visit id: String, _ desk: Desk, _ connection: Connection) throws -> Finished {
        guard let tenant = try Visit.tenant(of: id, connection).flatMap(TenantID.init),
            let visit = try Records(connection, tenant).visit(id, at: desk.environment.clocks.now(tenant)),
            let product = WPayProduct(rawValue: visit.product), let api = WPayTables.api(product, visit.api),
            let merchant = try Records(connection, tenant).merchant(visit.mid)
        else { return over(try Visit.tenant(of: id, connection).flatMap(TenantID.init)) }
        let admission = Admission(
            api: api, merchant: merchant, keys: try merchant.keys(), settings: try Records(connection, tenant).settings(),
            now: desk.environment.clocks.now(tenant), fields: visit.fields)
        let place = Place(host: visit.host, isSecure: visit.isSecure, base: desk.environment.publicBase())
        var page = try page(
            visit, api, admission.keys, desk.operations(admission, connection, place: place), base: base(desk, visit), isKept: true, nil)
        // Under the route of the buttons, of whose calls the request log shows no value: they carry PINs and cards.
        let answer = call.method == .post ? try page.press(PageEntries(FormText.decode(call.body) ?? [])) : try page.reload()
        return finished(answer, tenant: tenant, route: Desk.visitRoute, page.settings)
    }

    private static func page(
        _ visit: Visit, _ api: WPayAPI, _ keys: WPayKeys, _ operations: Operations, base: String, isKept: Bool, _ warning: Verdict?
    ) throws -> PageVisit {
        guard let kind = PageKind(api, visit.fields) else {
            throw Refused("call.unknown", ko: "처리할 수 없는 페이지입니다.", en: "there is no such page", fix: nil, ["api": .string(api.identifier)])
        }
        return PageVisit(
            api: api, kind: kind, keys: keys, operations: operations, visit: visit, warning: warning, action: "\(base)\(path)\(visit.id)",
            isKept: isKept)
    }

    /// What stands before every path where the browser is: nothing at one of WPAY's own hosts, the provider's name at the plain port.
    private static func base(_ desk: Desk, _ visit: Visit) -> String {
        WPayHosts.all.contains(visit.host) ? "" : WPayBase(desk.environment.publicBase())?.pathPrefix ?? ""
    }

    private static func finished(_ answer: PageAnswer, tenant: TenantID?, route: String?, _ settings: SandboxSettings) -> Finished {
        var posting: Callback?
        let reply: Reply
        switch answer.content {
        case .page(let document): reply = document.reply()
        case .callback(let outcome) where settings.delivery == .server && !outcome.isRepeated:
            posting = outcome.callback
            reply = Views.delivered(outcome).reply()
        case .callback(let outcome): reply = Views.callback(outcome).reply()
        }
        // Pages lapse, and payments wait for their approval.
        return Finished(
            judgement: Judgement(reply: reply, tenant: tenant, route: route, verdict: answer.verdict), scheduleChanged: true,
            posting: posting)
    }

    // MARK: Refusals

    /// What a refused form leads to: an error page, since its returnUrl cannot be trusted, or by a setting a callback with 9999. What is wrong with a form that the
    /// merchant certainly signed is told to the merchant.
    static func refuse(_ refused: Refused, _ trace: Trace, _ desk: Desk, _ judgement: (Reply) -> Judgement) throws -> Finished {
        if let callback = try PageRefusal.callback(for: refused, trace, desk.call), let merchant = trace.merchant, let api = trace.api {
            let code = ReplyWriter(api: api, settings: trace.settings).text(of: refused.code).code
            let outcome = PageCallback(merchant: merchant.mid, callback: callback, resultCode: code, isSuccess: false)
            return finished(
                PageAnswer(content: .callback(outcome), verdict: refused.verdict), tenant: trace.tenant, route: trace.route, trace.settings)
        }
        let message = trace.settings.result(.refused).message
        let english = message == ResultCode.refused.preset.message ? "An error occurred while processing." : message
        let page = Views.trouble(
            BilingualText(message, english), log: logAddress(desk.environment, trace.tenant), merchant: trace.merchant?.mid)
        return Finished(judgement: judgement(page.reply(status: 400)))
    }

    /// The page that tells a shopper next to nothing.
    static func errorPage() -> Reply {
        Views.end(
            BilingualText("요청을 처리할 수 없습니다", "The request cannot be processed"),
            BilingualText("가맹점에서 처음부터 다시 시작하세요.", "Go back to the shop and begin again."), merchant: nil
        ).reply(status: 400)
    }

    /// Where the request log tells the reason of the latest refusal.
    private static func logAddress(_ environment: SandboxEnvironment, _ tenant: TenantID?) -> String {
        let base = environment.publicBase()
        let end = "/\(WPayDemonstration.name)"
        let root = base.hasSuffix(end) ? String(base.dropLast(end.utf8.count)) : base
        let whose = tenant.map { $0 == .demo ? "" : "&tenant=\($0.rawValue)" } ?? ""
        return "\(root)/-/requests?provider=\(WPayDemonstration.name)&kind=refused&limit=1\(whose)"
    }

    /// A page that is not there any more, or never was: its time is over, or its name is made up.
    private static func over(_ tenant: TenantID?) -> Finished {
        let page = Views.end(
            BilingualText("화면이 만료되었습니다", "This page has expired"),
            BilingualText("가맹점에서 처음부터 다시 시작하세요.", "Go back to the shop and begin again."), merchant: nil)
        let verdict = Verdict(
            "page.expired", ko: "없거나 만료된 페이지에서 버튼을 눌렀습니다.", en: "a button was pressed on a page that is over or never was",
            fix: (
                "가맹점 페이지에서 다시 여세요. 유효 시간은 설정 page_seconds입니다.",
                "Open the page again from the shop; page_seconds in the settings says for how long one may stay open."
            ))
        return Finished(judgement: Judgement(reply: page.reply(status: 410), tenant: tenant, route: Desk.visitRoute, verdict: verdict))
    }
}
