import AppsInToss
import Base
import SandboxKit

/// Something that is to go wrong inside the provider with a mini-app's next calls: what the sandbox's general faults cannot say, since it stands in the envelope.
struct ProviderFault: Equatable, Sendable {
    /// Whether the provider has acted when it goes wrong.
    enum Moment: String, Sendable, CaseIterable {
        case before
        case after
    }

    var id = 0
    /// The word in `resultType`; `FAIL` with a code.
    var resultType: AppsInTossResultType
    var code: AppsInTossErrorCode
    var moment = Moment.before
    /// Only with calls of this name.
    var route: String?
    /// Only with calls of this mini-app.
    var app: String?
    /// How often it still strikes.
    var remaining: Int64 = 1

    var json: JSON {
        [
            "id": .number(id), "result_type": .string(resultType.rawValue), "error_code": .string(code.rawValue),
            "when": .string(moment.rawValue), "route": .optional(route), "app": .optional(app), "remaining": .number(remaining),
        ]
    }

    /// The answer in place of the one that there would have been.
    var refused: Refused {
        var data: JSON = .null
        if code == .limitExceeded { data = ["retryAfterSeconds": 60] }
        var refused = Refused(
            code,
            Verdict(
                "fault.\(moment.rawValue)",
                ko: moment == .before
                    ? "POST /-/apps-in-toss/faults로 주문한 장애입니다. 아무것도 처리하지 않았습니다."
                    : "POST /-/apps-in-toss/faults로 주문한 장애입니다. 처리는 끝났지만 답이 실패라고 말합니다.",
                en: moment == .before
                    ? "a fault that was ordered with POST /-/apps-in-toss/faults; nothing was done"
                    : "a fault that was ordered with POST /-/apps-in-toss/faults; the call was carried out although its answer says it failed",
                fix: (
                    "resultType이 FAIL도 SUCCESS도 아니면 결과를 모르는 것입니다. 조회 API로 확인하고, 그냥 다시 보내지 마세요.",
                    "With a resultType that is neither FAIL nor SUCCESS the outcome is unknown: ask the enquiry, never just repeat."
                ), ["fault": .number(id)]), data: data)
        refused.form = .envelope(resultType)
        if resultType != .fail { refused.status = 200 }
        return refused
    }
}

/// The faults that wait, in the order in which they were ordered; in memory, forgotten by a restart.
struct FaultBook: Sendable {
    /// How many may wait for one tenant.
    static let limit = 100

    private var waiting: [TenantID: [ProviderFault]] = [:]
    private var latest = 0

    /// Adds a fault; nothing when too many wait.
    mutating func add(_ fault: ProviderFault, _ tenant: TenantID) -> ProviderFault? {
        guard waiting[tenant, default: []].count < FaultBook.limit else { return nil }
        latest += 1
        var fault = fault
        fault.id = latest
        waiting[tenant, default: []].append(fault)
        return fault
    }

    /// The fault that strikes this call, which then has struck once.
    mutating func take(_ tenant: TenantID, app: String, route: String?) -> ProviderFault? {
        guard var faults = waiting[tenant],
            let place = faults.firstIndex(where: { ($0.app ?? app) == app && ($0.route == nil || $0.route == route) })
        else { return nil }
        let fault = faults[place]
        faults[place].remaining -= 1
        if faults[place].remaining <= 0 { faults.remove(at: place) }
        waiting[tenant] = faults.isEmpty ? nil : faults
        return fault
    }

    func all(_ tenant: TenantID) -> [ProviderFault] { waiting[tenant] ?? [] }

    /// Drops a tenant's faults; returns how many.
    @discardableResult
    mutating func removeAll(_ tenant: TenantID) -> Int { waiting.removeValue(forKey: tenant)?.count ?? 0 }
}
