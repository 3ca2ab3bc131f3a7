import Base
import SandboxKit

/// When which tenant must be settled next, as a value: what happened goes in, what is to be done comes out.
struct Agenda: Sendable {
    /// What is to be done now.
    struct Plan: Sendable, Equatable {
        /// Tenants to settle at once; each counts as being settled until ``settlementEnded(_:)``.
        var settle: [TenantID] = []
        /// How long nothing else need be done, if nothing happens; nothing when only an event can make work.
        var wait: Duration?
    }

    /// What a tenant's clock shows.
    struct Reading: Sendable {
        var now: Timestamp
        var isRunning: Bool
    }

    private struct Entry: Sendable {
        var due: Timestamp?
        /// A service has made something since the latest settlement began.
        var isChanged = true
        var isSettling = false
        /// How many settlements in a row have left something to do at once.
        var repeats = 0
        /// By the machine's uptime.
        var notBefore = Duration.zero
    }

    private var entries: [TenantID: Entry] = [:]

    /// The machine's civil clock may jump while nobody looks, so no wait is longer.
    static let longestWait = Duration.seconds(60)

    mutating func tenantCame(_ tenant: TenantID) { entries[tenant] = Entry() }

    mutating func tenantWent(_ tenant: TenantID) { entries[tenant] = nil }

    /// A service has made something that comes due.
    mutating func scheduleChanged(_ tenant: TenantID) { entries[tenant]?.isChanged = true }

    /// A tenant was settled when its clock showed `now`; `next` comes due next.
    ///
    /// What is due although it was only just settled is tried again, each time after a longer pause, up to 100 ms.
    mutating func settled(_ tenant: TenantID, next: Timestamp?, now: Timestamp, uptime: Duration) {
        guard var entry = entries[tenant] else { return }
        entry.due = next
        let isLeft = entry.isChanged || next.map { $0 <= now } ?? false
        entry.repeats = isLeft ? min(entry.repeats + 1, 9) : 0
        let pause = entry.repeats < 2 ? Duration.zero : .milliseconds(min(100, 1 << (entry.repeats - 2)))
        entry.notBefore = uptime + pause
        entries[tenant] = entry
    }

    /// The settlement that a plan asked for is over.
    mutating func settlementEnded(_ tenant: TenantID) { entries[tenant]?.isSettling = false }

    /// What is to be done now.
    mutating func plan(uptime: Duration, clock: (TenantID) -> Reading) -> Plan {
        var plan = Plan()
        func wait(_ duration: Duration) { plan.wait = min(plan.wait ?? Self.longestWait, duration) }
        for tenant in entries.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
            guard var entry = entries[tenant], !entry.isSettling else { continue }
            let reading = clock(tenant)
            let due = reading.isRunning ? entry.due : nil
            if entry.isChanged || due.map({ $0 <= reading.now }) ?? false {
                if entry.notBefore <= uptime {
                    entry.isSettling = true
                    entry.isChanged = false
                    entries[tenant] = entry
                    plan.settle.append(tenant)
                } else {
                    wait(entry.notBefore - uptime)
                }
            } else if let due {
                wait(due - reading.now)
            }
        }
        return plan
    }
}

/// The agenda behind a lock, and the bell that tells the scheduler of changes.
final class AgendaBoard: Sendable {
    private let agenda = Locked(Agenda())
    private let changed = Signal()

    /// Changes the agenda and wakes the scheduler.
    func change(_ body: (inout Agenda) -> Void) {
        agenda.withLock { body(&$0) }
        changed.set()
    }

    /// Has the scheduler look again, since a clock was moved.
    func wake() { changed.set() }

    /// What is to be done now.
    func plan(uptime: Duration, clock: (TenantID) -> Agenda.Reading) -> Agenda.Plan {
        agenda.withLock { $0.plan(uptime: uptime, clock: clock) }
    }

    /// Waits until the agenda has changed, or for `duration`, whichever comes first; returns at once when the task is cancelled.
    func waitForChange(atMost duration: Duration?, time: any TimeSource) async {
        guard let duration else { return await changed.wait() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.changed.wait() }
            group.addTask { try? await time.sleep(for: duration) }
            await group.next()
            group.cancelAll()
        }
    }
}
