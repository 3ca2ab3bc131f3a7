import Synchronization

/// What a server has done so far, for metrics.
public struct HTTPServerCounters: Sendable, Hashable {
    /// Connections accepted since the start, those over the limit included.
    public var acceptedConnections: Int
    /// Connections that are open now.
    public var openConnections: Int
    /// Connections turned away because there were too many.
    public var refusedConnections: Int
    /// Complete requests handed to the handler.
    public var requests: Int
    /// Requests whose handler is at work now, those whose caller has gone included.
    public var runningRequests: Int
    /// Requests that broke the protocol or a limit.
    public var malformedRequests: Int
    /// Deadlines that passed, idle connections not counted.
    public var timeouts: Int
    /// TLS handshakes that failed.
    public var failedHandshakes: Int
}

/// The counters behind the snapshot, counted by all loops.
final class ServerTally: Sendable {
    /// A number that threads count without a lock.
    struct Count: ~Copyable {
        private let number = Atomic<Int>(0)

        var value: Int { number.load(ordering: .relaxed) }
        func up() { number.wrappingAdd(1, ordering: .relaxed) }
        func down() { number.wrappingSubtract(1, ordering: .relaxed) }
    }

    let accepted = Count()
    let open = Count()
    let refused = Count()
    let requests = Count()
    let running = Count()
    let malformed = Count()
    let timeouts = Count()
    let failedHandshakes = Count()

    var snapshot: HTTPServerCounters {
        HTTPServerCounters(
            acceptedConnections: accepted.value, openConnections: open.value, refusedConnections: refused.value, requests: requests.value,
            runningRequests: running.value, malformedRequests: malformed.value, timeouts: timeouts.value,
            failedHandshakes: failedHandshakes.value)
    }
}
