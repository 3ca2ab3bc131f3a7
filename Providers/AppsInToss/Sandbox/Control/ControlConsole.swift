import AppsInToss
import Base
import ProviderKit
import SandboxKit
import Storage
import Transport

extension ControlDesk {
    /// The calls that all groups share: what one does in the real console, and what this sandbox adds.
    func console(_ segments: [String]) throws -> Answer? {
        let rest = Array(segments.dropFirst())
        switch segments[0] {
        case "apps": return try apps(rest)
        case "certificates": return try certificates(rest)
        case "users": return try users(rest)
        case "anonymous-users" where rest.isEmpty: return try anonymousUsers()
        case "settings" where rest.isEmpty: return try changeSettings()
        case "limits" where rest.isEmpty: return try limits()
        case "faults" where rest.isEmpty: return try faults()
        case "callbacks" where rest.isEmpty:
            try only(.get)
            return Answer(try records.callbacks(limit: try limit()))
        default: return nil
        }
    }

    private func changeSettings() throws -> Answer {
        try only(.get, .put)
        var settings = settings
        if call.method == .put {
            guard let wishes = try? JSON(call.body) else { throw ControlDesk.wrong("JSON 객체를 보내세요.", "Send a JSON object.") }
            try settings.change(wishes)
            try records.save(settings)
        }
        return Answer(settings.json, scheduleChanged: call.method == .put)
    }

    // MARK: Limits

    /// What counts, and blocks at will: `{"app": …, "block_seconds": 60}`; `DELETE` begins every count anew.
    private func limits() throws -> Answer {
        try only(.get, .post, .delete)
        let body = try body(["app", "block_seconds"])
        switch call.method {
        case .post:
            let app = try app(body)
            guard let seconds = (body["block_seconds"] ?? 60).integer, (1...86_400).contains(seconds) else {
                throw ControlDesk.wrong("block_seconds는 1에서 86400 사이의 정수여야 합니다.", "block_seconds must be a whole number from 1 to 86400.")
            }
            let scopes = settings[LimitSettings.scope] == .bothHosts ? [""] : [AppsInTossHosts.general, AppsInTossHosts.pay]
            let (rule, until, now) = (settings.limitRule(app), now + .seconds(seconds), now)
            memory.limits.withLock { limits in
                for scope in scopes {
                    limits.wasBlocked(LimitBook.Key(tenant: app.tenant, app: app.name, scope: scope), rule, until: until, at: now)
                }
            }
        case .delete:
            let app = body["app"] == nil && queried("app") == nil ? nil : try app(body).name
            let tenant = tenant
            memory.limits.withLock { $0.forget(tenant, app: app) }
        default: break
        }
        return Answer(["limits": .array(try records.apps().map(limitState))])
    }

    private func limitState(_ app: MiniApp) -> JSON {
        let now = now
        let counters = memory.limits.withLock { $0.state(app.tenant, app: app.name, at: now) }
        return [
            "app": .string(app.name), "per_minute": .number(app.perMinute), "model": .string(settings[LimitSettings.model].rawValue),
            "counters": .array(
                counters.prefix(200).map { counter in
                    [
                        "scope": .string(counter.scope.isEmpty ? "mini-app" : counter.scope), "used": .number(counter.used),
                        "blocked_until": .optional(counter.blockedUntil),
                    ]
                }),
        ]
    }

    // MARK: Faults

    private func faults() throws -> Answer {
        try only(.get, .post, .delete)
        let tenant = tenant
        switch call.method {
        case .post:
            let fault = try orderedFault(try body(["result_type", "error_code", "route", "app", "times", "when"]))
            guard let added = memory.faults.withLock({ $0.add(fault, tenant) }) else {
                throw ControlDesk.conflict(
                    "기다리는 장애가 이미 \(FaultBook.limit)개입니다. DELETE로 비우세요.", "\(FaultBook.limit) faults wait already; DELETE drops them.")
            }
            return Answer(added.json, status: 201)
        case .delete: return Answer(["deleted": .number(memory.faults.withLock { $0.removeAll(tenant) })])
        default: return Answer(["faults": .array(memory.faults.withLock { $0.all(tenant) }.map(\.json))])
        }
    }

    private func orderedFault(_ body: JSON.Members) throws -> ProviderFault {
        let types = AppsInTossResultType.known.filter { $0 != .success }
        guard body["result_type"] != nil || body["error_code"] != nil else {
            throw ControlDesk.wrong(
                "result_type 또는 error_code가 필요합니다. 예: {\"result_type\":\"HTTP_TIMEOUT\",\"route\":\"execute-payment\",\"when\":\"after\"}",
                "A result_type or an error_code is needed, such as {\"result_type\":\"HTTP_TIMEOUT\",\"route\":\"execute-payment\",\"when\":\"after\"}"
            )
        }
        let resultType = try body["result_type"].map { value in
            guard let type = types.first(where: { .string($0.rawValue) == value }) else {
                let list = types.map(\.rawValue).joined(separator: ", ")
                throw ControlDesk.wrong("result_type은 \(list) 가운데 하나입니다.", "result_type must be one of \(list).")
            }
            return type
        }
        let code = try body["error_code"].map { value in
            guard let text = Fields.text(value), (1...100).contains(text.utf8.count) else {
                throw ControlDesk.wrong(
                    "error_code는 4110이나 INTERNAL_ERROR 같은 값입니다.", "error_code is a value such as 4110 or INTERNAL_ERROR.")
            }
            return AppsInTossErrorCode(rawValue: text)
        }
        var fault = ProviderFault(resultType: resultType ?? .fail, code: code ?? .internalError)
        if let when = body["when"] {
            guard let moment = when.string.flatMap(ProviderFault.Moment.init) else {
                throw ControlDesk.wrong("when은 before(처리 전) 또는 after(처리 후)입니다.", "when is before (nothing is done) or after.")
            }
            fault.moment = moment
        }
        if let route = body["route"] {
            guard let name = route.string, AppsInTossRoutes.row(named: name) != nil else {
                let list = AppsInTossRoutes.all.map(\.name).joined(separator: ", ")
                throw ControlDesk.wrong("없는 route입니다. 있는 것: \(list)", "There is no such route; there are: \(list)")
            }
            fault.route = name
        }
        if body["app"] != nil { fault.app = try app(body).name }
        guard let times = (body["times"] ?? 1).integer, (1...1_000_000).contains(times) else {
            throw ControlDesk.wrong("times는 1에서 1000000 사이의 정수여야 합니다.", "times must be a whole number from 1 to 1000000.")
        }
        fault.remaining = times
        return fault
    }
}
