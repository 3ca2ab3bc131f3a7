import Base

/// A clock that a test moves by hand; whoever sleeps returns at once.
public final class ManualTime: TimeSource {
    private let state: Locked<(now: Timestamp, uptime: Duration)>

    /// A clock that shows `now`.
    public init(_ now: Timestamp = Timestamp(unixSeconds: 1_767_225_600)) { state = Locked((now, .zero)) }

    /// The civil time.
    public var now: Timestamp { state.withLock { $0.now } }

    /// Time since the clock was made.
    public var uptime: Duration { state.withLock { $0.uptime } }

    /// Moves the clock on.
    public func advance(by duration: Duration) {
        state.withLock { state in
            state.now = state.now + duration
            state.uptime += duration
        }
    }

    /// Moves the clock on by `duration` and returns.
    public func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        advance(by: duration)
    }
}
