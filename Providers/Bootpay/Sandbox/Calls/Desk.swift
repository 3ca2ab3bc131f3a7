import Base
import Bootpay
import ProviderKit
import SandboxKit
import Storage
import Transport

/// Takes one call in: finds out which call it is and whose, and hands it to the rules.
struct Desk: Sendable {
    let call: Call
    let source: CallSource
    let environment: SandboxEnvironment
    private let path: String
    private let kind: Kind

    private enum Kind: Sendable {
        case page(link: String)
        case known(Route, [String: String])
        case rare(Route)
        case unknown
    }

    /// Rare calls that may carry the application id instead of a token.
    private static let withoutToken: Set<String> = ["remote-form", "remote-link", "samsung-token"]

    init(call: Call, source: CallSource, environment: SandboxEnvironment) {
        var call = call
        // HEAD is GET without the body, which the server leaves out by itself.
        if call.method == .head { call.method = .get }
        self.call = call
        self.source = source
        self.environment = environment
        path = BootpayRoutes.normalized(call.path)
        if path.hasPrefix(PaymentPage.path), call.method == .get || call.method == .post {
            kind = .page(link: String(path.dropFirst(PaymentPage.path.count)))
        } else if let match = BootpayRoutes.table.match(call.method, path) {
            kind = .known(
                match.route, match.parameters.mapValues { FormText.decodePart(Array($0.utf8), plusIsSpace: false) ?? "" })
        } else if let match = BootpayRoutes.rare.match(call.method, path) {
            kind = .rare(match.route)
        } else {
            kind = .unknown
        }
    }

    /// The call's name as the request log shows it; nothing when there is no such call.
    var routeName: String? {
        switch kind {
        case .page: return "payment-page"
        case .known(let route, _), .rare(let route): return route.name
        case .unknown: return nil
        }
    }

    /// Whether the call changes something for certain. A token call does so once in 25 minutes only.
    var needsWriting: Bool {
        switch kind {
        case .page: return call.method == .post
        case .known(let route, _): return route.effect != .reads && route.name != "token"
        case .rare: return true
        case .unknown: return false
        }
    }

    /// Judges the call.
    ///
    /// - Throws: ``Rejection`` when it is refused, ``NeedsWriting`` when it cannot be judged by reading alone.
    func judge(_ connection: Connection, mayWrite: Bool) throws -> Finished {
        let trace = Trace()
        do {
            switch kind {
            case .page(let link):
                trace.route = "payment-page"
                return try PaymentPage.judge(call, link: link, environment, connection)
            case .known(let route, let parameters):
                trace.route = route.name
                if route.name == "token" { return try token(route, trace, connection, mayWrite: mayWrite) }
                let access = try authorised(trace, connection)
                let context = CallContext(
                    call: call, route: route, parameters: parameters, access: access, fields: try Fields(of: call),
                    environment: environment, connection: connection)
                try settleFirst(context, mayWrite: mayWrite)
                return finished(try context.answer(), context)
            case .rare(let route):
                trace.route = route.name
                return try rare(route, trace, connection)
            case .unknown:
                trace.tenant = try tenant(connection)
                trace.settings = try trace.tenant.map { try Records(connection, $0).settings() } ?? trace.settings
                throw Refused(.unknownCall, unknownCall)
            }
        } catch let refused as Refused {
            throw Rejection(judgement: trace.judgement(refused))
        }
    }

    /// What time has changed is seen by every call, even when nobody has settled it yet.
    private func settleFirst(_ context: CallContext, mayWrite: Bool) throws {
        guard try context.records.isAnythingDue(context.now) else { return }
        guard mayWrite else { throw NeedsWriting() }
        try Due(records: context.records, settings: context.settings, random: environment.random).run(until: context.now)
        context.scheduleChanged = true
    }

    private func token(_ route: Route, _ trace: Trace, _ connection: Connection, mayWrite: Bool) throws -> Finished {
        let fields = try Fields(of: call)
        let access = try admitted(fields, trace, connection, withKey: true)
        let context = CallContext(
            call: call, route: route, parameters: [:], access: access, fields: fields, environment: environment, connection: connection)
        return finished(try context.token(mayWrite: mayWrite), context)
    }

    private func rare(_ route: Route, _ trace: Trace, _ connection: Connection) throws -> Finished {
        let fields = try Fields(of: call)
        let access =
            Desk.withoutToken.contains(route.name) && (fields["application_id"] != nil || call.fields["Authorization"] == nil)
            ? try admitted(fields, trace, connection, withKey: route.name == "samsung-token") : try authorised(trace, connection)
        if access.settings.disabledCalls.contains(route.name) {
            throw Refused(
                .unknownCall,
                Verdict(
                    "call.disabled", ko: "설정에서 꺼 둔 호출입니다.", en: "the call is switched off in the settings",
                    fix: ("설정의 disabled_calls에서 빼세요.", "Take it out of disabled_calls."), ["call": .string(route.name)]))
        }
        let context = CallContext(
            call: call, route: route, parameters: [:], access: access, fields: fields, environment: environment, connection: connection)
        return finished(try context.recordRareCall(), context)
    }

    private func finished(_ answer: CallContext.Answer, _ context: CallContext) -> Finished {
        let judgement: Judgement
        switch answer {
        case .success(let data):
            var members: JSON.Members = ["status": 200, "code": 0, "message": ""]
            members["data"] = data
            judgement = Judgement(
                reply: Reply(status: 200, json: .object(members)), tenant: context.tenant, route: context.route.name,
                verdict: context.warning)
        case .refusal(let refused):
            let trace = Trace(tenant: context.tenant, route: context.route.name, settings: context.settings)
            judgement = trace.judgement(refused)
        }
        return Finished(judgement: judgement, scheduleChanged: context.scheduleChanged)
    }
}

/// What is known of a call so far, so that a refusal at any point can say whose it was.
final class Trace {
    var tenant: TenantID?
    var route: String?
    var settings: SandboxSettings

    init(tenant: TenantID? = nil, route: String? = nil, settings: SandboxSettings = SandboxSettings()) {
        self.tenant = tenant
        self.route = route
        self.settings = settings
    }

    /// The refusal as the caller and the developer are told it.
    func judgement(_ refused: Refused) -> Judgement {
        let row = settings.refusal(refused.refusal)
        let envelope = BootpayEnvelope(
            status: row.status, code: row.code, message: refused.message ?? row.message, data: refused.data)
        return Judgement(
            reply: Reply(status: row.status, json: envelope.json), tenant: tenant, route: route, verdict: refused.verdict)
    }
}

// MARK: Calls that do not exist

extension Desk {
    /// Why there is no such call, and which was probably meant.
    private var unknownCall: Verdict {
        if path == "/v2" || path.hasPrefix("/v2/") {
            return Verdict(
                "call.v2", ko: "v2 경로입니다. 이 샌드박스는 v1만 제공합니다.", en: "this is a path of version 2; the sandbox offers version 1 only",
                fix: (
                    "v1은 경로 앞에 /v2가 없고, 토큰을 Bearer 없이 Authorization에 그대로 넣습니다. v1용 클라이언트를 쓰세요.",
                    "Version 1 has no /v2 in front and takes the token raw in Authorization, without Bearer. Use a client for version 1."
                ), ["path": .string(path)])
        }
        let methods = [HTTPMethod.get, .post, .put, .delete].filter {
            BootpayRoutes.table.match($0, path) != nil || BootpayRoutes.rare.match($0, path) != nil
        }.map(\.rawValue)
        if !methods.isEmpty {
            let list = methods.joined(separator: ", ")
            return Verdict(
                "call.method", ko: "이 경로는 \(list)만 받습니다. 요청은 \(call.method)입니다.",
                en: "this path takes \(list); it was asked with \(call.method)",
                fix: ("메서드를 \(list)(으)로 바꾸세요.", "Use \(list)."),
                ["method": .string(call.method.rawValue), "allowed": .array(methods.map { .string($0) })])
        }
        return Verdict(
            "call.unknown", ko: "부트페이 v1에 없는 경로입니다.", en: "Bootpay's version 1 has no such path",
            fix: (
                "경로 철자와 기본 주소를 확인하세요. v1 경로는 호스트 바로 아래에 있습니다.",
                "Check the spelling and the base address; paths of version 1 hang directly under the host."
            ),
            ["method": .string(call.method.rawValue), "path": .string(path)])
    }
}
