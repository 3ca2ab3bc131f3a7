/// What a connection is waiting for, and until when.
struct ServerDeadline {
    /// What happens when it passes.
    enum Meaning {
        /// The connection is closed.
        case handshake, idle, linger
        /// The caller is told 408.
        case request
        /// The caller is told 503.
        case answer
        /// The connection is reset.
        case write
    }

    var meaning: Meaning
    /// In the clock's uptime.
    var moment: Duration
}

/// Decides when a connection's one timer must be armed, so that a deadline that moves back, as it does with every request, costs nothing.
struct DeadlineTimer {
    /// A timer is never armed for later than this, so that hardly any new deadline comes before it.
    let longestWait: Duration
    private(set) var deadline: ServerDeadline?
    private var armedFor: Duration?

    init(longestWait: Duration) { self.longestWait = longestWait }

    /// Sets the deadline; how long to arm the timer for, or nothing when it is armed early enough.
    mutating func set(_ deadline: ServerDeadline?, now: Duration) -> Duration? {
        self.deadline = deadline
        guard let deadline else { return nil }
        if let armedFor, armedFor <= deadline.moment { return nil }
        return arm(deadline, now)
    }

    /// The timer has fired: the deadline that has passed, or how long to arm the timer again for.
    mutating func fired(now: Duration) -> (passed: ServerDeadline?, wait: Duration?) {
        armedFor = nil
        guard let deadline else { return (nil, nil) }
        if deadline.moment <= now {
            self.deadline = nil
            return (deadline, nil)
        }
        return (nil, arm(deadline, now))
    }

    private mutating func arm(_ deadline: ServerDeadline, _ now: Duration) -> Duration {
        let wait = min(max(deadline.moment - now, .zero), longestWait)
        armedFor = now + wait
        return wait
    }
}
