import Base
import ProviderKit
import Transport

/// `/start/<api>`: makes the signed form with which a shopper's browser opens one of WPAY's pages. The gateway never opens the page itself.
extension WPayConnector {
    func start(_ call: Call) throws(CallFailure) -> Reply {
        guard call.method == .get || call.method == .post else { throw .wpayMethod("GET, POST") }
        var fields = try GivenFields(call)
        guard let (api, site) = OwnPage.start.api(call, hasField: fields.has) else { throw .wpayUnknownPage }
        try fillMerchant(&fields, api)
        try fillReturn(&fields, api, name: String(call.path.dropFirst(OwnPage.start.prefix.utf8.count)))
        let request = try build(api, fields, keys(of: fields.plain("mid")))
        let base = configuration.place.base(of: api.product)
        guard let path = api.path(site: site) else { throw .wpaySite }
        let form = BrowserForm(action: "\(base)\(path)", fields: request.fields)
        return AcceptPreference.prefersJSON(call.fields["Accept"])
            ? form.json(signature: request.signature) : form.page(allowed: formTargets(base))
    }

    /// The gateway's own return page is where the shopper comes back to, unless the application wants another one.
    private func fillReturn(_ fields: inout GivenFields, _ api: WPayAPI, name: String) throws(CallFailure) {
        for field in ["returnUrl", "cancelReturnUrl"] {
            guard api.requestField(field)?.isRequired ?? false, !fields.has(field) else { continue }
            guard let base = configuration.returnBase else { throw .wpayReturnMissing(field) }
            fields.set(field, "\(base)\(OwnPage.return.prefix)\(name)")
        }
    }

    /// Where a browser may post the form, for the page's policy. Some browsers hold redirections after the post to it too, and WPAY's pages may lead to another of its hosts.
    private func formTargets(_ base: WPayBase) -> [String] {
        [base.origin.description] + configuration.allowedHosts.domains.flatMap { ["https://\($0)", "https://*.\($0)"] }
    }
}

/// A form for a browser: where it goes and what is in it, in order.
struct BrowserForm: Sendable {
    let action: String
    let fields: [(name: String, value: String)]

    /// For a program that builds the page itself.
    func json(signature: String) -> Reply {
        let list = fields.map { JSON.object(["name": .string($0.name), "value": .string($0.value)]) }
        var reply = Reply(
            status: 200,
            json: ["action": .string(action), "method": "POST", "fields": .array(list), "signature": .string(signature)])
        reply.fields.append("Cache-Control", "no-store")
        return reply
    }

    /// A page that posts itself, or at the press of a button where scripts are off.
    func page(allowed: [String]) -> Reply {
        var inputs = ""
        for (name, value) in fields {
            inputs += "<input type=\"hidden\" name=\"\(HTMLPage.escape(name))\" value=\"\(HTMLPage.escape(value))\">\n"
        }
        let body = """
            <form id="wpay" method="post" action="\(HTMLPage.escape(action))" accept-charset="utf-8">
            \(inputs)<noscript><p lang="ko">아래 단추를 눌러 계속하세요.</p><p lang="en">Press the button to go on.</p></noscript>
            <p><button type="submit"><span lang="ko">계속</span> · <span lang="en">Continue</span></button></p>
            </form>
            """
        return HTMLPage.reply(
            200, title: "WPAY", body: body, script: "document.getElementById(\"wpay\").submit()", formTargets: allowed)
    }
}
