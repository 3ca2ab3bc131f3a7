import Base

/// Counts and times the calls to providers.
final class CallMetrics: Sendable {
    private struct Key: Hashable {
        var provider: String
        var route: String
        var result: String
    }

    private let metrics: Metrics
    private let counters = Locked<[Key: Counter]>([:])
    private let durations: [String: DurationHistogram]
    private let faults: Counter

    init(_ metrics: Metrics, providers: [String]) {
        self.metrics = metrics
        durations = Dictionary(
            providers.map { provider in
                let histogram = metrics.histogram(
                    "bujeol_sandbox_call_seconds", help: "How long the sandbox took for a provider's call.", labels: ["provider": provider])
                return (provider, histogram)
            }, uniquingKeysWith: { first, _ in first })
        faults = metrics.counter("bujeol_sandbox_faults_total", help: "Faults that have struck a call.")
    }

    /// A call is over.
    ///
    /// - Parameters:
    ///   - route: The route's name; nothing when there is no such call.
    ///   - status: The answer's status; nothing when there was no answer.
    func called(provider: String, route: String?, status: Int?, duration: Duration, faults struck: Int) {
        let key = Key(provider: provider, route: route ?? "none", result: status.map { "\($0 / 100)xx" } ?? "dropped")
        let counter = counters.withLock { counters in
            if let counter = counters[key] { return counter }
            let counter = metrics.counter(
                "bujeol_sandbox_calls_total", help: "Calls to providers, by route and class of the answer's status.",
                labels: ["provider": key.provider, "route": key.route, "status": key.result])
            counters[key] = counter
            return counter
        }
        counter.add()
        durations[provider]?.record(duration)
        if struck > 0 { faults.add(UInt64(struck)) }
    }
}
