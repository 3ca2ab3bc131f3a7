public import Base

/// Where a tenant's clock stands, as a value: what happened goes in, together with the machine's time, and the clock's time comes out.
public struct ClockState: Sendable, Hashable {
    /// How the clock goes on.
    public enum Mode: Sendable, Hashable {
        /// It runs as fast as the machine's clock, ahead of it by an offset, which may be negative.
        case running(offset: Duration)
        /// It stands at a moment until somebody moves it.
        case frozen(at: Timestamp)
    }

    /// How the clock goes on.
    public private(set) var mode: Mode

    /// A clock that goes on as `mode` says; by default it shows the machine's time.
    public init(_ mode: Mode = .running(offset: .zero)) { self.mode = mode }

    /// What the clock shows while the machine's clock shows `machine`.
    public func now(machine: Timestamp) -> Timestamp {
        switch mode {
        case .running(let offset): return machine + offset
        case .frozen(let moment): return moment
        }
    }

    /// Whether the clock stands.
    public var isFrozen: Bool {
        if case .frozen = mode { return true }
        return false
    }

    /// The clock was stopped at what it showed. One that stands already is not changed.
    public mutating func froze(machine: Timestamp) { mode = .frozen(at: now(machine: machine)) }

    /// The clock was put to `moment`, forward or back; it goes on, or stands, as before.
    public mutating func wasSet(to moment: Timestamp, machine: Timestamp) {
        switch mode {
        case .running: mode = .running(offset: moment - machine)
        case .frozen: mode = .frozen(at: moment)
        }
    }

    /// The clock was moved on by `duration`; it goes on, or stands, as before.
    public mutating func advanced(by duration: Duration, machine: Timestamp) {
        wasSet(to: now(machine: machine) + duration, machine: machine)
    }

    /// The clock was let go on from where it stood. One that runs already is not changed.
    public mutating func resumed(machine: Timestamp) { mode = .running(offset: now(machine: machine) - machine) }
}
