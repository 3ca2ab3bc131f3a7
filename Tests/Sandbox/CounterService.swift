import Base
import ProviderKit
import SandboxKit
import Storage
import Transport

/// A small provider: it counts, does things later, and says things back.
final class CounterService: SandboxService {
    static let provider = "counter"
    static let hosts = ["api.counter.test"]

    static let table = RouteTable([
        Route("count", .post, "/count", .movesMoney(enquiry: nil)),
        Route("total", .get, "/total", .reads),
        Route("later", .post, "/later", .movesMoney(enquiry: nil)),
        Route("echo", .post, "/echo/{word}", .reads),
        Route("page", .post, "/page", .reads),
    ])

    private let environment: SandboxEnvironment
    /// How many settlements of a tenant are under way, and how many ever were at the same time.
    private let settling = Locked<[TenantID: (now: Int, most: Int)]>([:])

    init(environment: SandboxEnvironment) async throws {
        self.environment = environment
        try await environment.database.migrate(
            "counter",
            [
                Migration(
                    version: 1,
                    statements: [
                        "CREATE TABLE counter_tenants (tenant TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, total INTEGER NOT NULL) STRICT",
                        """
                        CREATE TABLE counter_items (
                            id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, due INTEGER NOT NULL, every INTEGER NOT NULL, done INTEGER
                        ) STRICT
                        """,
                    ])
            ])
    }

    // MARK: Calls

    func respond(to call: Call, from source: CallSource) async -> Judgement {
        let route = route(of: call)
        guard let tenant = await tenant(of: call) else {
            return Judgement(
                reply: Reply(status: 401, json: ["message": "no"]), route: route,
                verdict: Verdict(
                    rule: "key.unknown", reason: BilingualText(korean: "모르는 키입니다.", english: "Unknown key \(key(call))."),
                    remedy: BilingualText(korean: "키를 확인하세요.", english: "Check the key."),
                    details: ["address": .string(source.peer.address)]))
        }
        switch route {
        case "count":
            let total = try? await environment.database.write { connection in
                try connection.query(
                    "UPDATE counter_tenants SET total = total + 1 WHERE tenant = ? RETURNING total", .text(tenant.rawValue)
                ).first?.integer("total")
            }
            return Judgement(reply: Reply(status: 200, json: ["total": .number(total.flatMap { $0 } ?? -1)]), tenant: tenant, route: route)
        case "later":
            let body = (try? JSON(call.body)) ?? [:]
            let due = environment.clocks.now(tenant) + .milliseconds(body["after_ms"]?.integer ?? 0)
            let every = body["every_ms"]?.integer ?? 0
            try? await environment.database.write {
                try $0.execute(
                    "INSERT INTO counter_items (tenant, due, every) VALUES (?, ?, ?)", .text(tenant.rawValue),
                    .integer(due.nanosecondsSinceEpoch), .integer(every * 1_000_000))
            }
            environment.scheduleChanged(tenant)
            return Judgement(reply: Reply(status: 200, json: ["due": .string(due.internetText)]), tenant: tenant, route: route)
        case "echo":
            var reply = Reply(status: 200, fields: ["Content-Type": "application/json", "X-Reply-Token": "r"], body: call.body)
            if call.path == "/echo/said" {
                let said = (try? JSON(call.body))?["private_key"]?.string ?? ""
                reply.body = JSON.object(["message": .string("you said \(said)")]).bytes
            }
            return Judgement(
                reply: reply, tenant: tenant, route: route,
                verdict: Verdict(
                    .warned, rule: "echo.loud", reason: BilingualText(korean: "시끄럽습니다.", english: "Too loud."),
                    details: ["body": .string(String(decoding: call.body, as: UTF8.self))]))
        case nil: return Judgement(reply: Reply(status: 404, json: ["message": "what?"]), tenant: tenant)
        default: return Judgement(reply: Reply(status: 200, json: ["host": .string(source.host)]), tenant: tenant, route: route)
        }
    }

    func tenant(of call: Call) async -> TenantID? {
        let key = key(call)
        let name = try? await environment.database.read { connection in
            try connection.query("SELECT tenant FROM counter_tenants WHERE key = ?", .text(key)).first?.text("tenant")
        }
        return name.flatMap { $0 }.flatMap(TenantID.init(rawValue:))
    }

    func route(of call: Call) -> String? { Self.table.match(call.method, call.path)?.route.name }

    func isPage(_ call: Call) -> Bool { call.path == "/page" }

    var redactedFields: Set<String> { ["Lucky_Number"] }

    private func key(_ call: Call) -> String {
        let value = call.fields["Authorization"] ?? ""
        return value.hasPrefix("Bearer ") ? String(value.dropFirst(7)) : value
    }

    // MARK: Steering

    func control(_ call: Call, tenant: TenantID) async -> Reply? {
        switch call.path {
        case "/done":
            let done = try? await environment.database.read { connection in
                try connection.query(
                    "SELECT done FROM counter_items WHERE tenant = ? AND done IS NOT NULL ORDER BY id", .text(tenant.rawValue)
                ).compactMap { $0.integer("done") }
            }
            return Reply(
                status: 200,
                json: .array((done ?? []).map { .string(Timestamp(nanosecondsSinceEpoch: $0).internetText) }))
        case "/overlap": return Reply(status: 200, json: .number(settling.withLock { $0[tenant]?.most ?? 0 }))
        case "/whose": return Reply(status: 200, json: .string(tenant.rawValue))
        case "/": return Reply(status: 200, json: "root")
        default: return nil
        }
    }

    func createTenant(_ tenant: TenantID, settings: JSON) async throws -> JSON {
        if settings["broken"] != nil {
            throw ControlError(message: BilingualText(korean: "고장 설정", english: "broken settings"))
        }
        let key = tenant == .demo ? "demo-key-0001" : settings["key"]?.string ?? environment.random.hexadecimal(8)
        try await environment.database.write {
            try $0.execute("INSERT INTO counter_tenants (tenant, key, total) VALUES (?, ?, 0)", .text(tenant.rawValue), .text(key))
        }
        return ["key": .string(key)]
    }

    func removeTenant(_ tenant: TenantID) async throws {
        try await environment.database.write {
            try $0.execute("DELETE FROM counter_tenants WHERE tenant = ?", .text(tenant.rawValue))
            try $0.execute("DELETE FROM counter_items WHERE tenant = ?", .text(tenant.rawValue))
        }
    }

    /// Does one thing that has come due, so that the sandbox has to ask again for the next.
    func settle(_ tenant: TenantID) async -> Timestamp? {
        settling.withLock { settling in
            let count = settling[tenant] ?? (0, 0)
            settling[tenant] = (count.now + 1, max(count.most, count.now + 1))
        }
        defer { settling.withLock { $0[tenant]?.now -= 1 } }
        for _ in 0..<20 { await Task.yield() }
        let now = environment.clocks.now(tenant).nanosecondsSinceEpoch
        let next = try? await environment.database.write { connection in
            let due = "FROM counter_items WHERE tenant = ? AND done IS NULL"
            if let item = try connection.query("SELECT * \(due) AND due <= ? ORDER BY due LIMIT 1", .text(tenant.rawValue), .integer(now))
                .first,
                let id = item.integer("id")
            {
                try connection.execute("UPDATE counter_items SET done = ? WHERE id = ?", .integer(now), .integer(id))
                if let every = item.integer("every"), every > 0, let due = item.integer("due") {
                    try connection.execute(
                        "INSERT INTO counter_items (tenant, due, every) VALUES (?, ?, ?)", .text(tenant.rawValue), .integer(due + every),
                        .integer(every))
                }
            }
            return try connection.query("SELECT min(due) AS due \(due)", .text(tenant.rawValue)).first?.integer("due")
        }
        return next.flatMap { $0 }.map(Timestamp.init(nanosecondsSinceEpoch:))
    }

    func introduction(baseURL: String) -> [BilingualText] {
        [BilingualText(korean: "열쇠 demo-key-0001 (\(baseURL))", english: "key demo-key-0001 at \(baseURL)")]
    }
}

/// A second provider without anything of its own: it leaves every optional question to the defaults.
final class PlainService: SandboxService {
    static let provider = "plain"
    static let hosts = ["plain.test"]

    init(environment: SandboxEnvironment) async throws {}
    func respond(to call: Call, from source: CallSource) async -> Judgement {
        Judgement(reply: Reply(status: 200, json: ["path": .string(call.path), "host": .string(source.host)]), route: "any")
    }
    func control(_ call: Call, tenant: TenantID) async -> Reply? { nil }
    func createTenant(_ tenant: TenantID, settings: JSON) async throws -> JSON { settings }
    func removeTenant(_ tenant: TenantID) async throws {}
    func settle(_ tenant: TenantID) async -> Timestamp? { nil }
    func introduction(baseURL: String) -> [BilingualText] { [] }
}
