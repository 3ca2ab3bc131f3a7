import Base
import ProviderKit
import SandboxKit
import Storage
import Transport

/// The calls under `/-/`, with which a developer or a test steers the sandbox.
struct ControlAPI: Sendable {
    let services: [any SandboxService]
    let configuration: SandboxConfiguration
    let tenants: Tenants
    let clocks: Clocks
    let faults: Locked<FaultPlan>
    let requests: RequestLog
    let metrics: Metrics
    let time: any TimeSource
    /// The machine's uptime when the sandbox was started.
    let started: Duration

    /// Answers a call whose path begins with `/-/`. Every answer but the metrics' is JSON.
    func respond(to call: Call) async -> Reply {
        var reply: Reply
        do {
            reply = try await answer(call)
        } catch let error as ControlError {
            reply = error.reply
        } catch let error as MethodRefused {
            reply = error.reply
        } catch let error as StorageError {
            reply =
                ControlError(
                    status: 500,
                    message: BilingualText(
                        korean: "\(error.text.korean) \(error.remedy.korean)", english: "\(error.text.english) \(error.remedy.english)")
                ).reply
        } catch {
            reply =
                ControlError(
                    status: 500, korean: "샌드박스 내부 오류로 처리하지 못했습니다.", english: "The sandbox failed to do this."
                ).reply
        }
        reply.fields["Cache-Control"] = "no-store"
        reply.fields["X-Content-Type-Options"] = "nosniff"
        return reply
    }

    private func answer(_ call: Call) async throws -> Reply {
        // "/-/clock" is "", "-", "clock".
        let segments = call.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2).map(String.init)
        switch (segments.first ?? "", segments.dropFirst().first, segments.count) {
        case ("health", nil, _):
            try allow([.get], call)
            return Reply(status: 200, json: health)
        case ("metrics", nil, _):
            try allow([.get], call)
            return Reply(status: 200, fields: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"], body: Array(metrics.text.utf8))
        case ("clock", nil, _): return try await clock(call)
        case ("tenants", nil, _): return try await tenantList(call)
        case ("tenants", let name?, 2): return try await tenant(named: name, call)
        case ("faults", nil, _): return try await faultList(call)
        case ("requests", nil, _): return try requestList(call)
        case ("requests", let id?, 2): return try request(id, call)
        case ("reset", nil, _):
            try allow([.post], call)
            return Reply(status: 200, json: try await tenants.reset(try chosenTenant(call)))
        case (let name, _, _):
            guard let service = services.first(where: { $0.provider == name }) else { throw nothingHere(call) }
            return try await control(service, call)
        }
    }

    private var health: JSON {
        var members: JSON.Members = [
            "status": "ok", "version": .string(configuration.version),
            "uptime_seconds": .number("\(Double((time.uptime - started).wholeNanoseconds / 1_000_000) / 1000)"),
            "tenants": .number(tenants.count), "providers": .array(services.map { .string($0.provider) }),
        ]
        if let instance = configuration.instance { members["instance"] = .string(instance) }
        return .object(members)
    }

    private func control(_ service: any SandboxService, _ call: Call) async throws -> Reply {
        let tenant = try chosenTenant(call)
        var inner = call
        inner.path = String(call.path.dropFirst("/-/".count + service.provider.count))
        if inner.path.isEmpty { inner.path = "/" }
        guard let reply = await service.control(inner, tenant: tenant) else { throw nothingHere(call) }
        return reply
    }

    private func nothingHere(_ call: Call) -> ControlError {
        let names = ["health", "clock", "requests", "faults", "tenants", "reset", "metrics"] + services.map { "\($0.provider)/…" }
        let list = names.map { "/-/\($0)" }.joined(separator: ", ")
        return ControlError(
            status: 404, korean: "제어 API에 이런 호출이 없습니다. 있는 것: \(list)",
            english: "The control API has no such call; it has: \(list)")
    }
}

// MARK: What the calls share

extension ControlAPI {
    /// The tenant that a call names by `?tenant=` or by the `Bujeol-Tenant` field; the demo tenant when it names none.
    func chosenTenant(_ call: Call) throws(ControlError) -> TenantID {
        let names = [try ControlQuery(call.query)["tenant"], call.fields["Bujeol-Tenant"]].compactMap { $0 }
        guard let name = names.first else { return .demo }
        guard names.allSatisfy({ $0 == name }) else {
            throw ControlError(
                korean: "?tenant=와 Bujeol-Tenant 헤더가 서로 다른 테넌트를 가리킵니다.",
                english: "?tenant= and the Bujeol-Tenant field name different tenants.")
        }
        guard let tenant = TenantID(rawValue: name), tenants.contains(tenant) else { throw .unknownTenant(name) }
        return tenant
    }

    /// Refuses a call by another method; `HEAD` is as good as `GET`.
    func allow(_ methods: [HTTPMethod], _ call: Call) throws(MethodRefused) {
        guard methods.contains(call.method == .head ? .get : call.method) else { throw MethodRefused(allowed: methods) }
    }

    /// The body as JSON; an empty object when there is none. Its content type does not count.
    func body(_ call: Call) throws(ControlError) -> JSON {
        guard call.body.contains(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) else { return [:] }
        do throws(JSONError) {
            return try JSON(call.body)
        } catch {
            throw ControlError(
                korean: "본문이 JSON이 아닙니다 (\(error.line)행 \(error.column)열: \(error.reason)).",
                english: "The body is not JSON (line \(error.line), column \(error.column): \(error.reason)).")
        }
    }
}

/// A call by a method that its path does not have.
struct MethodRefused: Error {
    let allowed: [HTTPMethod]

    var reply: Reply {
        let list = allowed.map(\.rawValue).joined(separator: ", ")
        var reply = ControlError(
            status: 405, korean: "이 경로에서 쓸 수 있는 메서드: \(list)", english: "The methods of this path are: \(list)"
        ).reply
        reply.fields["Allow"] = list
        return reply
    }
}
