import Base
import ProviderKit
import SandboxKit
import Transport

extension ControlAPI {
    // MARK: Clock

    func clock(_ call: Call) async throws -> Reply {
        try allow([.get, .post], call)
        let tenant = try chosenTenant(call)
        guard call.method == .post else { return Reply(status: 200, json: .object(clock(of: tenant))) }
        let walk = try await tenants.move(tenant, try ClockMove(try body(call)))
        var members = clock(of: tenant)
        members["settled"] = ["steps": .number(walk.steps), "complete": .boolean(walk.isComplete)]
        return Reply(status: 200, json: .object(members))
    }

    private func clock(of tenant: TenantID) -> JSON.Members {
        let machine = time.now
        let now = clocks.now(tenant)
        return [
            "tenant": .string(tenant.rawValue), "now": .string(now.internetText), "frozen": .boolean(clocks.state(tenant).isFrozen),
            "machine": .string(machine.internetText), "offset_ms": .number((now - machine).wholeNanoseconds / 1_000_000),
        ]
    }

    // MARK: Tenants

    func tenantList(_ call: Call) async throws -> Reply {
        try allow([.get, .post], call)
        guard call.method == .post else {
            return Reply(status: 200, json: ["tenants": .array(tenants.all.map { describe($0.name, created: $0.created) })])
        }
        let order = try TenantOrder(try body(call), providers: services.map { $0.provider })
        return Reply(status: 201, json: try await tenants.create(order))
    }

    func tenant(named name: String, _ call: Call) async throws -> Reply {
        try allow([.get, .delete], call)
        guard let tenant = TenantID(rawValue: name), let found = tenants.all.first(where: { $0.name == tenant }) else {
            throw ControlError.unknownTenant(name)
        }
        guard call.method == .delete else { return Reply(status: 200, json: describe(tenant, created: found.created)) }
        try await tenants.remove(tenant)
        return Reply(status: 200, json: ["deleted": .string(name)])
    }

    private func describe(_ tenant: TenantID, created: Timestamp) -> JSON {
        [
            "tenant": .string(tenant.rawValue), "created": .string(created.internetText), "now": .string(clocks.now(tenant).internetText),
            "frozen": .boolean(clocks.state(tenant).isFrozen),
        ]
    }

    // MARK: Faults

    func faultList(_ call: Call) async throws -> Reply {
        try allow([.get, .post, .delete], call)
        let tenant = try chosenTenant(call)
        switch call.method {
        case .post:
            let fault = try Fault(try body(call), providers: services.map { $0.provider })
            guard let added = faults.withLock({ $0.add(fault, tenant) }) else {
                throw ControlError(
                    status: 409, korean: "기다리는 장애가 이미 \(FaultPlan.limit)개입니다. DELETE /-/faults로 비우세요.",
                    english: "\(FaultPlan.limit) faults wait already; DELETE /-/faults drops them.")
            }
            return Reply(status: 201, json: added.json)
        case .delete:
            return Reply(status: 200, json: ["deleted": .number(faults.withLock { $0.removeAll(tenant) })])
        default:
            return Reply(status: 200, json: ["faults": .array(faults.withLock { $0.waiting(tenant) }.map(\.json))])
        }
    }

    // MARK: Requests

    func requestList(_ call: Call) throws -> Reply {
        try allow([.get, .delete], call)
        let tenant = try chosenTenant(call)
        if call.method == .delete { return Reply(status: 200, json: ["deleted": .number(requests.removeAll(tenant))]) }
        let filter = try RequestFilter(try ControlQuery(call.query))
        let records = requests.records(tenant, filter)
        return Reply(status: 200, json: ["requests": .array(records.map { $0.json(language: filter.language) })])
    }

    func request(_ id: String, _ call: Call) throws -> Reply {
        try allow([.get], call)
        let tenant = try chosenTenant(call)
        let language = try ControlQuery(call.query)["language"].map { value throws(ControlError) in try RequestFilter.language(value) }
        guard let number = Int(id), let record = requests.record(number, tenant) else {
            throw ControlError(
                status: 404, korean: "테넌트 \(tenant)의 기록에 그런 요청이 없습니다. 오래된 기록은 지워집니다.",
                english: "The log of the tenant \(tenant) has no such request; old ones are dropped.")
        }
        return Reply(status: 200, json: record.json(language: language))
    }
}
