import Base
import Foundation

/// The machine's clock, which a test can stop: while it stands, no deadline passes, however long the machine takes over what the test prepares.
public final class HeldTime: TimeSource {
    private let machine = SystemTime()
    /// The uptime at which it stands, and the time that passed unseen while it stood before.
    private let state: Locked<(standing: Duration?, unseen: Duration)>

    /// A clock that stands until ``letGo()``.
    public init() { state = Locked((machine.uptime, .zero)) }

    /// The civil time of the machine; it does not stand.
    public var now: Timestamp { machine.now }

    /// Time since the machine started, without the time for which this clock stood.
    public var uptime: Duration { state.withLock { ($0.standing ?? machine.uptime) - $0.unseen } }

    /// Stops the clock; no effect on one that stands.
    public func hold() { state.withLock { $0.standing = $0.standing ?? machine.uptime } }

    /// Lets the clock run on from where it stands; no effect on one that runs.
    public func letGo() {
        state.withLock { state in
            guard let standing = state.standing else { return }
            state = (nil, state.unseen + (machine.uptime - standing))
        }
    }

    /// Waits on this clock.
    public func sleep(for duration: Duration) async throws {
        let end = uptime + duration
        try Task.checkCancellation()
        // A clock that stands is asked again now and then.
        while uptime < end { try await machine.sleep(for: min(end - uptime, .milliseconds(5))) }
    }
}

/// The time for which `body` had a processor on this thread, in seconds: what it costs, however busy the machine is beside it.
///
/// - Throws: what `body` throws.
public func processorTime(_ body: () throws -> Void) rethrows -> Double {
    func now() -> Double {
        var value = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &value)
        return Double(value.tv_sec) + Double(value.tv_nsec) / 1e9
    }
    let start = now()
    try body()
    return now() - start
}
