/// Decides which connection serves which exchange, on one loop. A value without input or output.
///
/// It counts every connection from the moment it is asked to be opened until it is told that it has ended, so that never more than the limit
/// exist; it knows the idle ones by name and the busy ones by number only. Who finds no connection and no room waits, first come, first served.
struct ConnectionPool<Key: Hashable & Sendable, Connection: Equatable, Waiter: Equatable> {
    /// How many connections there may be and for how long.
    struct Limits: Sendable, Hashable {
        var connections: Int
        var idlePerKey: Int
        var waiting: Int
        var idleTime: Duration
        var age: Duration?
    }

    /// What becomes of a new exchange.
    enum Placement: Equatable {
        /// Use this idle connection, after checking that it is alive.
        case reuse(Connection)
        /// Close this idle connection, which is too old, and ask again. It is no longer counted.
        case discard(Connection)
        /// Open a connection.
        case open
        /// Close this idle connection, which serves another key, and open one in its place.
        case openReplacing(Connection)
        /// Wait until called.
        case wait
        /// Too many wait already.
        case queueFull
        /// The pool has been shut down.
        case shutDown
    }

    /// What becomes of a connection that has served an exchange.
    enum Release: Equatable {
        /// Keep it; the pool will name it again.
        case keep
        /// Close it. It is no longer counted.
        case close
        /// Use it for this exchange, which has waited longest.
        case handOver(Waiter)
        /// Close it and open one for this exchange in its place.
        case closeAndOpen(Waiter, Key)
    }

    /// An exchange that has waited longest, and may now open a connection for its key.
    struct Opening: Equatable {
        var waiter: Waiter
        var key: Key
    }

    private struct Idle {
        var connection: Connection
        var establishedAt: Duration
        var since: Duration
    }

    private let limits: Limits
    private var idle: [Key: [Idle]] = [:]
    private var waiting: ArraySlice<Opening> = []
    private var isShutDown = false
    /// Connections that are being opened, busy or idle.
    private(set) var connectionCount = 0
    /// Connections that are idle.
    private(set) var idleCount = 0

    init(limits: Limits) { self.limits = limits }

    /// How many exchanges wait.
    var waitingCount: Int { waiting.count }

    /// An exchange needs a connection for `key`.
    mutating func exchangeRequested(_ waiter: Waiter, for key: Key, now: Duration) -> Placement {
        guard !isShutDown else { return .shutDown }
        // The one that was used last is the likeliest to be alive.
        if let newest = idle[key]?.popLast() {
            idleCount -= 1
            if isStale(newest, now) {
                connectionCount -= 1
                return .discard(newest.connection)
            }
            return .reuse(newest.connection)
        }
        if connectionCount < limits.connections {
            connectionCount += 1
            return .open
        }
        if let evicted = takeLongestIdle() { return .openReplacing(evicted.connection) }
        guard waiting.count < limits.waiting else { return .queueFull }
        waiting.append(Opening(waiter: waiter, key: key))
        return .wait
    }

    /// A connection has served its exchange. `isReusable` says whether it may serve another.
    mutating func connectionReleased(
        _ connection: Connection, key: Key, isReusable: Bool, establishedAt: Duration, now: Duration
    ) -> Release {
        let idleEntry = Idle(connection: connection, establishedAt: establishedAt, since: now)
        let mayStay = isReusable && !isShutDown && !isStale(idleEntry, now)
        if let next = waiting.popFirst() {
            return mayStay && next.key == key ? .handOver(next.waiter) : .closeAndOpen(next.waiter, next.key)
        }
        guard mayStay, idle[key]?.count ?? 0 < limits.idlePerKey else {
            connectionCount -= 1
            return .close
        }
        idle[key, default: []].append(idleEntry)
        idleCount += 1
        return .keep
    }

    /// A connection that was being opened or busy has ended; the exchange that may now open one in its place, if any.
    mutating func connectionEnded() -> Opening? {
        if let next = waiting.popFirst() { return next }
        connectionCount -= 1
        return nil
    }

    /// An idle connection has ended by itself. False when the pool does not know it as idle.
    mutating func idleConnectionEnded(_ connection: Connection, key: Key) -> Bool {
        guard let index = idle[key]?.firstIndex(where: { $0.connection == connection }) else { return false }
        idle[key]?.remove(at: index)
        // Exchanges wait only while no connection is idle, so nobody needs to be called.
        idleCount -= 1
        connectionCount -= 1
        return true
    }

    /// No idle connection under these keys may be used again: the connections to close. They are no longer counted.
    mutating func retired(where isRetired: (Key) -> Bool) -> [Connection] {
        var connections: [Connection] = []
        for key in Array(idle.keys) where isRetired(key) { connections += (idle.removeValue(forKey: key) ?? []).map(\.connection) }
        // Exchanges wait only while no connection is idle, so nobody needs to be called.
        idleCount -= connections.count
        connectionCount -= connections.count
        return connections
    }

    /// An exchange no longer wants to wait. False when it was not waiting.
    mutating func waiterLeft(_ waiter: Waiter) -> Bool {
        guard let index = waiting.firstIndex(where: { $0.waiter == waiter }) else { return false }
        waiting.remove(at: index)
        return true
    }

    /// Time has passed: the idle connections to close, and how long to wait before asking again.
    mutating func timePassed(now: Duration) -> (expired: [Connection], next: Duration?) {
        var expired: [Connection] = []
        var next: Duration?
        for key in Array(idle.keys) {
            guard let entries = idle[key] else { continue }
            let kept = entries.filter { !isStale($0, now) }
            expired += entries.filter { isStale($0, now) }.map(\.connection)
            // A key that is no longer used must not stay for ever.
            idle[key] = kept.isEmpty ? nil : kept
            for entry in kept { next = min(next ?? .seconds(1 << 30), staleTime(entry) - now) }
        }
        idleCount -= expired.count
        connectionCount -= expired.count
        return (expired, next)
    }

    /// No more exchanges are to be served: the idle connections to close and the exchanges to turn away.
    mutating func shutDownBegan() -> (idle: [Connection], waiting: [Waiter]) {
        isShutDown = true
        let connections = idle.values.flatMap { $0.map(\.connection) }
        let waiters = waiting.map(\.waiter)
        connectionCount -= connections.count
        idleCount = 0
        idle = [:]
        waiting = []
        return (connections, waiters)
    }

    private func staleTime(_ entry: Idle) -> Duration {
        let idleEnd = entry.since + limits.idleTime
        guard let age = limits.age else { return idleEnd }
        return min(idleEnd, entry.establishedAt + age)
    }

    private func isStale(_ entry: Idle, _ now: Duration) -> Bool { staleTime(entry) <= now }

    /// Takes the connection that has been idle longest, whatever its key. It stays counted: another takes its place.
    private mutating func takeLongestIdle() -> Idle? {
        let oldest = idle.compactMap { key, entries in entries.first.map { (key: key, since: $0.since) } }.min { $0.since < $1.since }
        guard let oldest, let entry = idle[oldest.key]?.removeFirst() else { return nil }
        idleCount -= 1
        return entry
    }
}
