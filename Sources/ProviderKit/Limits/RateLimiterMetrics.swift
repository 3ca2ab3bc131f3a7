import Base

/// What a limit tells of itself.
struct RateLimiterMetrics: Sendable {
    private let used: Gauge
    private let blocked: Gauge
    private let waiting: [Gauge]
    private let waits: [DurationHistogram]
    private let refusals: [LimitRefusal.Reason: Counter]
    private let blocks: Counter
    private let failedRecords: Counter

    init(_ metrics: Metrics, connection: String, name: String, limit: RateLimit) {
        metrics.gauge(
            "bujeol_limit_places", help: "How many calls a provider's limit lets be counted at once.",
            labels: ["connection": connection, "limit": name]
        ).set(Int64(limit.capacity))
        used = metrics.gauge(
            "bujeol_limit_used", help: "Calls that the provider may be counting in its window.",
            labels: ["connection": connection, "limit": name])
        blocked = metrics.gauge(
            "bujeol_limit_blocked", help: "1 while the provider takes nothing because of its limit.",
            labels: ["connection": connection, "limit": name])
        blocks = metrics.counter(
            "bujeol_limit_blocks_total", help: "How often the provider said that its limit was exceeded.",
            labels: ["connection": connection, "limit": name])
        failedRecords = metrics.counter(
            "bujeol_limit_record_failures_total", help: "How often what was sent could not be written down.",
            labels: ["connection": connection, "limit": name])
        waiting = Lane.allCases.map {
            metrics.gauge(
                "bujeol_limit_waiting", help: "Calls that wait for their turn.",
                labels: ["connection": connection, "limit": name, "lane": $0.rawValue])
        }
        waits = Lane.allCases.map {
            metrics.histogram(
                "bujeol_limit_wait_seconds", help: "How long calls waited for their turn that got it.",
                labels: ["connection": connection, "limit": name, "lane": $0.rawValue])
        }
        let reasons: [LimitRefusal.Reason] = [.full, .blocked, .unrecorded, .ended]
        refusals = Dictionary(
            uniqueKeysWithValues: reasons.map { reason in
                (
                    reason,
                    metrics.counter(
                        "bujeol_limit_refusals_total", help: "Calls that were turned away unsent.",
                        labels: ["connection": connection, "limit": name, "reason": reason.rawValue])
                )
            })
    }

    func show(_ plan: borrowing RateLimiterPlan, at now: Duration) {
        used.set(Int64(plan.used))
        blocked.set(plan.isBlocked(at: now) ? 1 : 0)
        waiting[0].set(Int64(plan.waiting(.person)))
        waiting[1].set(Int64(plan.waiting(.bulk)))
    }

    @inline(__always)
    func showUsed(_ count: Int) { used.set(Int64(count)) }

    func admitted(_ lane: Lane, after wait: Duration) { waits[lane == .person ? 0 : 1].record(wait) }

    func refused(_ reason: LimitRefusal.Reason) { refusals[reason]?.add() }

    func providerBlocked() { blocks.add() }

    func recordFailed() { failedRecords.add() }
}
