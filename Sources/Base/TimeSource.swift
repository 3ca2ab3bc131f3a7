#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where time comes from. Handed in everywhere, so that a test can run ten hours in a second and a tenant can have its own date.
public protocol TimeSource: Sendable {
    /// The civil time; may jump in either direction.
    var now: Timestamp { get }
    /// Time since some fixed moment of this process's life; never goes back and never jumps.
    var uptime: Duration { get }
    /// Waits until `uptime` has grown by `duration`; returns at once when it is not positive.
    ///
    /// - Throws: `CancellationError` when the surrounding task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// The machine's own clocks.
public struct SystemTime: TimeSource {
    /// A source that reads the machine's clocks.
    public init() {}

    /// The civil time of the machine.
    public var now: Timestamp { Timestamp(nanosecondsSinceEpoch: read(CLOCK_REALTIME)) }

    /// Time since the machine started.
    public var uptime: Duration { .nanoseconds(read(CLOCK_MONOTONIC)) }

    /// Waits on the continuous clock of the machine.
    public func sleep(for duration: Duration) async throws {
        if duration > .zero { try await Task.sleep(for: duration) } else { try Task.checkCancellation() }
    }

    private func read(_ clock: clockid_t) -> Int64 {
        var value = timespec()
        unsafe clock_gettime(clock, &value)
        return Int64(value.tv_sec) * 1_000_000_000 + Int64(value.tv_nsec)
    }
}
