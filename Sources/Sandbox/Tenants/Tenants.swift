import Base
import SandboxKit

/// The life of tenants: made, their clocks moved, reset, removed.
final class Tenants: Sendable {
    private let table: TenantTable
    private let services: [any SandboxService]
    private let clocks: Clocks
    private let turns: Turns
    private let settlement: Settlement
    private let board: AgendaBoard
    private let time: any TimeSource
    private let random: any RandomSource
    private let limit: Int
    private let known = Locked<[TenantID: TenantTable.Tenant]>([:])

    /// What is made known about a tenant that goes away or starts anew: its log and its faults go too.
    private let forget: @Sendable (TenantID) -> Void

    init(
        table: TenantTable, settlement: Settlement, turns: Turns, random: any RandomSource, limit: Int,
        forget: @escaping @Sendable (TenantID) -> Void
    ) {
        self.table = table
        self.settlement = settlement
        self.turns = turns
        self.random = random
        self.limit = limit
        self.forget = forget
        services = settlement.services
        clocks = settlement.clocks
        board = settlement.board
        time = settlement.time
    }

    /// Takes up the tenants that were kept and has each provider make the data it has not made yet: all of them for the demo tenant of a
    /// new database, a new provider's for every tenant.
    func open() async throws {
        var tenants = try await table.all()
        if !tenants.contains(where: { $0.name == .demo }) {
            let demo = TenantTable.Tenant(name: .demo, created: time.now, clock: ClockState(), settings: [:])
            try await table.insert(demo)
            tenants.append(demo)
        }
        for tenant in tenants {
            clocks.put(tenant.name, tenant.clock)
            for service in services where !tenant.providers.contains(service.provider) {
                // It may have got half-way before a crash.
                try await service.removeTenant(tenant.name)
                try await make(service, tenant)
            }
            enrol(tenant)
        }
    }

    /// Whether there is such a tenant.
    func contains(_ tenant: TenantID) -> Bool { known.withLock { $0[tenant] != nil } }

    /// How many tenants there are.
    var count: Int { known.withLock { $0.count } }

    /// Every tenant, by name.
    var all: [(name: TenantID, created: Timestamp)] {
        known.withLock { known in
            known.values.map { (name: $0.name, created: $0.created) }.sorted { $0.name.rawValue < $1.name.rawValue }
        }
    }

    /// Makes a tenant.
    ///
    /// - Returns: Its name and, under each provider's name, what that provider's service made.
    /// - Throws: ``ControlError`` for a name that is taken or settings that make no sense; `StorageError`.
    func create(_ order: TenantOrder) async throws -> JSON {
        guard count < limit else {
            throw ControlError(
                status: 409, korean: "테넌트가 이미 \(limit)개 있습니다. 쓰지 않는 것을 DELETE /-/tenants/<이름>으로 지우세요.",
                english: "There are \(limit) tenants already; remove unused ones with DELETE /-/tenants/<name>.")
        }
        let name = order.name ?? freshName()
        return try await turns.withTurn(name) { () async throws -> JSON in
            guard !contains(name) else {
                throw ControlError(
                    status: 409, korean: "테넌트 \(name)이(가) 이미 있습니다. 다른 이름을 쓰거나 이름을 생략하세요.",
                    english: "The tenant \(name) exists already; take another name, or leave the name out.")
            }
            let machine = time.now
            let clock = try order.clock?.applied(to: ClockState(), machine: machine) ?? ClockState()
            let tenant = TenantTable.Tenant(name: name, created: machine, clock: clock, settings: order.settings)
            try await table.insert(tenant)
            clocks.put(name, clock)
            do {
                let answer = try await make(tenant)
                enrol(tenant)
                return answer
            } catch {
                // Whatever of this fails is undone at the next start, when the table is found incomplete.
                for service in services { try? await service.removeTenant(name) }
                try? await table.delete(name)
                clocks.remove(name)
                throw error
            }
        }
    }

    /// Gives a tenant the data it had at first, an empty log, no faults and the machine's time.
    ///
    /// - Returns: As ``create(_:)``: a tenant other than the demo gets new credentials.
    func reset(_ name: TenantID) async throws -> JSON {
        try await turns.withTurn(name) { () async throws -> JSON in
            guard let tenant = known.withLock({ $0[name] }) else { throw ControlError.unknownTenant(name.rawValue) }
            try await table.save(ClockState(), name)
            clocks.put(name, ClockState())
            for service in services {
                try await table.providerIsNotReady(service.provider, name)
                try await service.removeTenant(name)
            }
            let answer = try await make(tenant)
            forget(name)
            board.change { $0.tenantCame(name) }
            return answer
        }
    }

    /// Drops a tenant and everything it has.
    func remove(_ name: TenantID) async throws {
        guard name != .demo else {
            throw ControlError(
                status: 409, korean: "demo 테넌트는 지울 수 없습니다. POST /-/reset으로 처음 상태로 되돌리세요.",
                english: "The demo tenant cannot be removed; POST /-/reset restores it.")
        }
        try await turns.withTurn(name) { () async throws in
            guard contains(name) else { throw ControlError.unknownTenant(name.rawValue) }
            for service in services {
                try await table.providerIsNotReady(service.provider, name)
                try await service.removeTenant(name)
            }
            try await table.delete(name)
            known.withLock { $0[name] = nil }
            board.change { $0.tenantWent(name) }
            clocks.remove(name)
            forget(name)
        }
    }

    /// Moves a tenant's clock. What comes due on the way is done before this returns, each thing while the clock shows when it came due.
    func move(_ name: TenantID, _ move: ClockMove) async throws -> Settlement.Walk {
        try await turns.withTurn(name) { () async throws -> Settlement.Walk in
            guard contains(name) else { throw ControlError.unknownTenant(name.rawValue) }
            let machine = time.now
            let state = clocks.state(name)
            let start = state.now(machine: machine)
            let moved = try move.applied(to: state, machine: machine)
            try await table.save(moved, name)
            return await settlement.walk(name, from: start, to: moved.now(machine: machine), then: moved)
        }
    }

    private func make(_ tenant: TenantTable.Tenant) async throws -> JSON {
        var answer: JSON.Members = ["tenant": .string(tenant.name.rawValue)]
        for service in services { answer[service.provider] = try await make(service, tenant) }
        return .object(answer)
    }

    @discardableResult
    private func make(_ service: any SandboxService, _ tenant: TenantTable.Tenant) async throws -> JSON {
        let made = try await service.createTenant(tenant.name, settings: tenant.settings[service.provider] ?? [:])
        try await table.providerIsReady(service.provider, tenant.name)
        return made
    }

    private func enrol(_ tenant: TenantTable.Tenant) {
        known.withLock { $0[tenant.name] = tenant }
        board.change { $0.tenantCame(tenant.name) }
    }

    private func freshName() -> TenantID { TenantID(rawValue: "t-" + random.hexadecimal(6)) ?? .demo }
}

extension SandboxService {
    /// The provider's name.
    var provider: String { Self.provider }
}

extension ControlError {
    /// There is no tenant called `name`.
    static func unknownTenant(_ name: String) -> ControlError {
        let name = String(name.prefix(80))
        return ControlError(
            status: 404, korean: "테넌트 \"\(name)\"이(가) 없습니다. GET /-/tenants로 목록을 보고 POST /-/tenants로 만듭니다.",
            english: "There is no tenant \"\(name)\"; GET /-/tenants lists them and POST /-/tenants makes one.")
    }
}
