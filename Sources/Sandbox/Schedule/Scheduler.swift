import Base
import SandboxKit

/// Settles each tenant when something comes due by its running clock, or when a service has made something.
struct Scheduler: Sendable {
    let settlement: Settlement
    let turns: Turns
    let clocks: Clocks
    let board: AgendaBoard
    let time: any TimeSource

    /// Works until the task is cancelled, then returns when the settlements under way have ended.
    ///
    /// Tenants are settled side by side: one whose webhooks are not answered does not hold up the others.
    func run() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let plan = board.plan(uptime: time.uptime) { tenant in
                    Agenda.Reading(now: clocks.now(tenant), isRunning: clocks.isRunning(tenant))
                }
                for tenant in plan.settle {
                    group.addTask {
                        await turns.withTurn(tenant) { _ = await settlement.settle(tenant) }
                        board.change { $0.settlementEnded(tenant) }
                    }
                }
                await board.waitForChange(atMost: plan.wait, time: time)
            }
            group.cancelAll()
        }
    }
}
