import Base
import ProviderKit
import SandboxKit
import Storage
import Transport
import WPay

/// Takes one call in: finds out which it is and whose, has the rules admit it, and hands it to what it is for.
struct Desk: Sendable {
    let call: Call
    let source: CallSource
    let environment: SandboxEnvironment
    private let kind: Kind

    /// What the buttons of a page are called in the request log.
    static let visitRoute = "page"

    private enum Kind: Sendable {
        case page(WPayAPI)
        case call(WPayAPI)
        case refund(prefix: String)
        case visit(String)
        case unknown
    }

    init(call: Call, source: CallSource, environment: SandboxEnvironment) {
        var call = call
        // HEAD is GET without the body, which the server leaves out by itself.
        if call.method == .head { call.method = .get }
        self.call = call
        self.source = source
        self.environment = environment
        kind = Desk.kind(of: call, host: source.host)
    }

    private static func kind(of call: Call, host: String) -> Kind {
        if call.path.hasPrefix(PageRoom.path) { return .visit(String(call.path.dropFirst(PageRoom.path.count))) }
        for prefix in ["", WPayHosts.refund(.test).prefix] where call.path == prefix + INIAPIRefund.route.path {
            guard call.method == INIAPIRefund.route.method, SandboxHosts.servesRefunds(host, prefix: prefix) else { return .unknown }
            return .refund(prefix: prefix)
        }
        let fields = ReceivedFields(lenient: call)
        guard let api = WPayTables.api(call.method, call.path, hasField: { !fields[$0].isEmpty }), SandboxHosts.serves(host, api.product)
        else { return .unknown }
        return api.isPage ? .page(api) : .call(api)
    }

    /// The call's name as the request log shows it; nothing when there is no such call.
    var routeName: String? {
        switch kind {
        case .page(let api), .call(let api): return api.identifier
        case .refund: return INIAPIRefund.route.name
        case .visit: return Desk.visitRoute
        case .unknown: return nil
        }
    }

    /// Whether it opens a page for a browser that comes from another site.
    var opensPage: Bool {
        if case .page = kind { return true }
        return false
    }

    /// Whether the call may change something.
    var needsWriting: Bool {
        switch kind {
        case .page, .refund, .visit: return true
        case .call(let api): return api.effect != .reads
        case .unknown: return false
        }
    }

    /// Whose MID the call carries.
    func tenant(_ connection: Connection) throws -> TenantID? {
        if case .visit(let id) = kind { return try Visit.tenant(of: id, connection).flatMap(TenantID.init) }
        return try Merchant.find(ReceivedFields(lenient: call)["mid"], connection)?.tenant
    }

    /// Judges the call.
    ///
    /// - Throws: ``Rejection`` when it is refused.
    func judge(_ connection: Connection) throws -> Finished {
        let trace = Trace()
        trace.route = routeName
        let front = Front(call: call, source: source, environment: environment, connection: connection)
        do {
            switch kind {
            case .call(let api): return try answer(front.admit(api, trace), connection)
            case .page(let api): return try PageRoom.open(front.admit(api, trace), self, connection)
            case .visit(let id): return try PageRoom.step(call, visit: id, self, connection)
            case .refund: return try RefundCall(desk: self, connection: connection, trace: trace).judge(front)
            case .unknown: return Finished(judgement: unknown(try tenant(connection)))
            }
        } catch let refused as Refused {
            throw Rejection(finished: try refuse(refused, trace, connection))
        }
    }

    /// What pages and calls do their work with, for an admitted request.
    func operations(_ admission: Admission, _ connection: Connection, place: Place? = nil) -> Operations {
        Operations(
            Records(connection, admission.merchant.tenant), merchant: admission.merchant, settings: admission.settings, now: admission.now,
            random: environment.random, place: place ?? Place(source, environment))
    }

    private func answer(_ admission: Admission, _ connection: Connection) throws -> Finished {
        let result = try ServerCalls(operations: operations(admission, connection), admission: admission).answer()
        let reply = try ReplyWriter(api: admission.api, settings: admission.settings).reply(result, admission.keys)
        return Finished(
            judgement: Judgement(
                reply: reply, tenant: admission.merchant.tenant, route: admission.api.identifier,
                verdict: result.verdict ?? admission.warning),
            scheduleChanged: admission.api.effect != .reads)
    }

    /// The refusal as the caller and the developer are told it.
    private func refuse(_ refused: Refused, _ trace: Trace, _ connection: Connection) throws -> Finished {
        let judgement: (Reply) -> Judgement = { reply in
            Judgement(reply: reply, tenant: trace.tenant, route: trace.route, verdict: refused.verdict)
        }
        switch kind {
        case .call(let api): return Finished(judgement: judgement(ReplyWriter(api: api, settings: trace.settings).refusal(refused.code)))
        case .page: return try PageRoom.refuse(refused, trace, self, judgement)
        case .visit, .unknown: return Finished(judgement: judgement(PageRoom.errorPage()))
        case .refund: return Finished(judgement: judgement(RefundCall.refusal(trace.settings)))
        }
    }
}

// MARK: Calls that do not exist

extension Desk {
    private func unknown(_ tenant: TenantID?) -> Judgement {
        Judgement(
            reply: Reply(status: 404, fields: ["Content-Type": "text/plain; charset=utf-8"], body: Array("404 Not Found\n".utf8)),
            tenant: tenant, verdict: unknownCall)
    }

    /// Why there is no such call, and which was probably meant.
    private var unknownCall: Verdict {
        let methods = [HTTPMethod.get, .post].filter { WPayTables.api($0, call.path) != nil }
        if let method = methods.first, let api = WPayTables.api(method, call.path) {
            if method == call.method {
                return Verdict(
                    "call.host", ko: "이 호스트에는 없는 API입니다. \(api.identifier)은(는) 다른 제품의 호스트에 있습니다.",
                    en: "this host does not serve \(api.identifier); it is another product line's",
                    fix: (
                        "\(WPayHosts.host(api.product, .test)) 또는 \(WPayHosts.host(api.product, .live))(으)로 보내세요.",
                        "Send it to \(WPayHosts.host(api.product, .test)) or \(WPayHosts.host(api.product, .live))."
                    ), ["host": .string(String(source.host.prefix(80)))])
            }
            return Verdict(
                "call.method", ko: "이 경로는 \(method.rawValue)만 받습니다.", en: "this path takes \(method.rawValue)",
                fix: ("메서드를 \(method.rawValue)(으)로 바꾸세요.", "Use \(method.rawValue)."), ["allowed": .string(method.rawValue)])
        }
        if call.path.hasSuffix(INIAPIRefund.route.path) {
            return Verdict(
                "call.refund", ko: "환불은 POST \(INIAPIRefund.route.path)입니다. 실 결제는 iniapi 호스트, 테스트 결제는 deviniapi 호스트의 /stg 아래에 있습니다.",
                en:
                    "a refund is POST \(INIAPIRefund.route.path): of live payments at the iniapi host, of test payments below /stg of the deviniapi host"
            )
        }
        return Verdict(
            "call.unknown", ko: "WPAY에 없는 경로입니다.", en: "WPAY has no such path",
            fix: (
                "2.0의 페이지는 /stdwpay/std/u/v1/…, 서버 호출은 /stdwpay/std/rest/v1/… 아래에 있습니다.",
                "Pages of version 2.0 are below /stdwpay/std/u/v1/…, server calls below /stdwpay/std/rest/v1/…."
            ))
    }
}
