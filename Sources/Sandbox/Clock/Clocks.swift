import Base
import SandboxKit

/// The clocks of all tenants. A tenant without one has the machine's time.
final class Clocks: TenantClocks {
    private struct Clock {
        var state = ClockState()
        /// Where the clock is held while it is on its way to a later moment and stops wherever something comes due.
        var heldAt: Timestamp?
    }

    private let time: any TimeSource
    private let clocks = Locked<[TenantID: Clock]>([:])

    init(time: any TimeSource) { self.time = time }

    func now(_ tenant: TenantID) -> Timestamp {
        let clock = clocks.withLock { $0[tenant] ?? Clock() }
        return clock.heldAt ?? clock.state.now(machine: time.now)
    }

    /// What a tenant's clock is like, leaving aside that it may be held.
    func state(_ tenant: TenantID) -> ClockState { clocks.withLock { $0[tenant]?.state ?? ClockState() } }

    /// Whether a tenant's clock goes on by itself at present.
    func isRunning(_ tenant: TenantID) -> Bool {
        clocks.withLock { clocks in
            guard let clock = clocks[tenant] else { return true }
            return clock.heldAt == nil && !clock.state.isFrozen
        }
    }

    /// Gives a tenant's clock its state and lets go of it, if it was held.
    func put(_ tenant: TenantID, _ state: ClockState) {
        clocks.withLock { $0[tenant] = Clock(state: state) }
    }

    /// Holds a tenant's clock at a moment until ``put(_:_:)``.
    func hold(_ tenant: TenantID, at moment: Timestamp) {
        clocks.withLock { $0[tenant, default: Clock()].heldAt = moment }
    }

    /// Forgets a tenant's clock.
    func remove(_ tenant: TenantID) {
        clocks.withLock { $0[tenant] = nil }
    }
}
