import Base
import Cryptography
import ProviderKit
import SandboxKit
import Sentbe
import Storage
import Transport

/// The second generation's own door: everything below `/hanwha/`.
///
/// The order of the checks: `x-api-key`, nonce, signature, whether the nonce came before, route, data, parameters; everything else is the call's. Addresses are not checked.
struct Generation2Front: SeparateFront {
    private static let prefix = SentbeGeneration2.pathPrefix + "/"

    func owns(_ call: Call) -> Bool { call.path.hasPrefix(Generation2Front.prefix) }

    func routeName(of call: Call) -> String? {
        Generation2Page.view(call.path).map { "generation-2-webview-\($0)" }
            ?? SentbeGeneration2.table.match(call.method, call.path)?.route.name
    }

    /// Every signed call remembers its nonce; a page changes something when its button was pressed.
    func needsWriting(_ call: Call) -> Bool { Generation2Page.view(call.path) == nil || call.method == .post }

    /// Whether the call opens a web view, which a partner's app does.
    func isPage(_ call: Call) -> Bool { call.method == .get && Generation2Page.view(call.path) != nil }

    func tenant(of call: Call, _ connection: Connection) throws -> TenantID? {
        if Generation2Page.view(call.path) != nil { return try Generation2Page.tenant(of: call, connection) }
        guard let key = call.fields[SentbeGeneration2.apiKey] else { return nil }
        return try Generation2Keys.find(key, connection).flatMap { TenantID(rawValue: $0.tenant) }
    }

    func judge(_ desk: Desk, _ connection: Connection, mayWrite: Bool) throws -> Finished {
        if let view = Generation2Page.view(desk.call.path) {
            return try Generation2Page(view: view, call: desk.call, environment: desk.environment, connection: connection).judge()
        }
        let route = routeName(of: desk.call)
        guard let key = desk.call.fields[SentbeGeneration2.apiKey], let (keys, name) = try Generation2Keys.find(key, connection),
            let tenant = TenantID(rawValue: name)
        else {
            let refused = Generation2Refused(.apiKey, Generation2Front.unknownKey(desk.call))
            return Finished(judgement: Generation2Front.judgement(refused, SandboxSettings(), nil, route))
        }
        let records = Records(connection, tenant)
        let settings = try records.settings()
        let check = Generation2Check(
            call: desk.call, keys: keys, settings: settings, now: desk.environment.clocks.now(tenant), records: records,
            prefix: Generation2Front.prefix(of: desk.environment.publicBase()))
        do {
            try check.signature()
            guard let match = SentbeGeneration2.table.match(desk.call.method, desk.call.path) else {
                throw Generation2Refused(.unknownCall, Generation2Front.unknownCall(desk.call))
            }
            let call = Generation2Call(
                name: match.route.name, keys: keys, settings: settings, now: check.now, records: records, environment: desk.environment)
            let data = try call.answer(try check.parameters(of: match.route.name))
            return Finished(judgement: try reply(data, of: call, tenant))
        } catch let refused as Generation2Refused {
            // Kept although it is refused: the nonce has been used.
            return Finished(judgement: Generation2Front.judgement(refused, settings, tenant, route))
        }
    }

    private func reply(_ answer: Generation2Call.Answer, of call: Generation2Call, _ tenant: TenantID) throws -> Judgement {
        let salt = call.environment.random.bytes(PassphraseKey.saltByteCount)
        let body: [UInt8]
        if answer.isClear {
            body = JSON.object(["error": false, "code": 200, "message": "success", "data": answer.data]).bytes
        } else {
            body = try SentbeGeneration2.Reply(code: .success, message: "success", data: answer.data).body(
                secret: call.keys.dataSecret, salt: salt)
        }
        return Judgement(
            reply: Reply(status: 200, fields: ["Content-Type": "application/json; charset=utf-8"], body: body), tenant: tenant,
            route: call.name, verdict: answer.warning)
    }

    /// The refusal as the caller and the developer are told it.
    static func judgement(_ refused: Generation2Refused, _ settings: SandboxSettings, _ tenant: TenantID?, _ route: String?) -> Judgement {
        let situation = refused.situation
        let code = settings[Generation2Settings.codes][situation] ?? situation.standard
        let status = settings[CommonSettings.status] == .always200 ? 200 : situation.mappedStatus
        var verdict = refused.verdict
        verdict.details["code"] = .number(code)
        return Judgement(
            reply: Reply(
                status: status, json: ["error": true, "code": .number(code), "message": .string(situation.message), "data": .null]),
            tenant: tenant, route: route, verdict: verdict)
    }

    /// The path under which a browser and a client reach this provider, such as `/sentbe`; empty where it has a host of its own.
    private static func prefix(of base: String) -> String {
        guard let scheme = base.firstRange(of: "://"), let slash = base[scheme.upperBound...].firstIndex(of: "/") else { return "" }
        let path = base[slash...]
        return String(path.hasSuffix("/") ? path.dropLast() : path)
    }

    private static func unknownKey(_ call: Call) -> Verdict {
        let isThere = call.fields.contains(SentbeGeneration2.apiKey)
        return Verdict(
            isThere ? "api-key.unknown" : "api-key.missing", ko: isThere ? "이 샌드박스에 없는 x-api-key입니다." : "x-api-key 헤더가 없습니다.",
            en: isThere ? "the sandbox has no such x-api-key" : "there is no x-api-key header",
            fix: (
                "GET /-/sentbe/partners 의 generation2.api_key를 쓰세요.", "Use generation2.api_key of GET /-/sentbe/partners."
            ))
    }

    private static func unknownCall(_ call: Call) -> Verdict {
        let methods = [HTTPMethod.get, .post].filter { SentbeGeneration2.table.match($0, call.path) != nil }.map(\.rawValue)
        let list = methods.joined(separator: ", ")
        return methods.isEmpty
            ? Verdict(
                "call.unknown", ko: "2세대 API에 없는 경로입니다.", en: "the second generation has no such path",
                fix: ("경로는 /hanwha/createUser 처럼 대소문자까지 같아야 합니다.", "Paths are such as /hanwha/createUser, capital letters included."))
            : Verdict(
                "call.method", ko: "이 경로는 \(list)만 받습니다.", en: "this path takes \(list)", fix: ("메서드를 \(list)(으)로 바꾸세요.", "Use \(list)."))
    }
}
