import Base
import SandboxKit

/// Has the services do what has come due. Whoever calls it has the tenant's turn.
struct Settlement: Sendable {
    let services: [any SandboxService]
    let clocks: Clocks
    let board: AgendaBoard
    let time: any TimeSource
    let log: Log
    /// At how many moments a clock stops on its way at most.
    let maximumSteps: Int

    /// How often a service is asked again at one moment while it says that there is more to do.
    private static let roundsAtOneMoment = 1000

    /// How a clock's way to a later moment went.
    struct Walk: Sendable, Equatable {
        /// At how many moments something came due.
        var steps = 0
        /// Whether everything due was done; otherwise the clock jumped over the rest, which was done late.
        var isComplete = true
    }

    /// Does what is due by the tenant's clock.
    ///
    /// - Returns: Whether nothing due was left.
    @discardableResult
    func settle(_ tenant: TenantID) async -> Bool {
        var next: Timestamp?
        for service in services {
            guard let due = await settle(service, tenant) else { continue }
            next = min(next ?? due, due)
        }
        let now = clocks.now(tenant)
        let uptime = time.uptime
        board.change { [next] in $0.settled(tenant, next: next, now: now, uptime: uptime) }
        return next.map { $0 > now } ?? true
    }

    /// Takes the tenant's clock from `start` to what `state` shows at `target`, stopping at each moment at which something comes due.
    func walk(_ tenant: TenantID, from start: Timestamp, to target: Timestamp, then state: ClockState) async -> Walk {
        var walk = Walk()
        var due: [Timestamp?] = Array(repeating: start, count: services.count)
        var moment = start
        while let next = due.compactMap({ $0 }).min(), next <= target {
            guard walk.steps < maximumSteps else {
                walk.isComplete = false
                break
            }
            if next > moment { walk.steps += 1 }
            moment = max(moment, next)
            clocks.hold(tenant, at: moment)
            for (index, service) in services.enumerated() where due[index].map({ $0 <= moment }) ?? false {
                due[index] = await settle(service, tenant)
                if let left = due[index], left <= moment {
                    // It would hold up the others for ever; its turn comes again at the end of the way.
                    walk.isComplete = false
                    due[index] = nil
                }
            }
        }
        clocks.hold(tenant, at: max(start, target))
        if await !settle(tenant) { walk.isComplete = false }
        clocks.put(tenant, state)
        board.wake()
        if !walk.isComplete { log.warning("a clock jumped over things that came due", .count("steps", walk.steps)) }
        return walk
    }

    /// Asks one service until it says that nothing more is due now.
    private func settle(_ service: any SandboxService, _ tenant: TenantID) async -> Timestamp? {
        var next = await service.settle(tenant)
        var rounds = 1
        while let due = next, due <= clocks.now(tenant), rounds < Self.roundsAtOneMoment, !Task.isCancelled {
            next = await service.settle(tenant)
            rounds += 1
        }
        return next
    }
}
