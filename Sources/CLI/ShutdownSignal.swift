import Base

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Waits for somebody to press Ctrl-C or a supervisor to send SIGTERM; and for SIGHUP, which asks to look at the files of the secrets again.
///
/// The main thread does nothing else: it blocks the signals before any other thread exists, so that every thread inherits the block, and takes them
/// with `sigwait`. A handler would run on whichever thread the system picks, in the middle of anything.
enum ShutdownSignal {
    private struct State {
        var hasArrived = false
        var waiter: CheckedContinuation<Void, Never>?
        var endsAtOnce = false
        /// What SIGHUP asks for; nothing before the program is ready for it.
        var reload: (@Sendable () -> Void)?
        var isReloadWanted = false
    }

    private static let arrived = Locked(State())
    private static let beganOnTerminal = isOnTerminal

    /// Takes the signals away from this thread and all that it will start. To be called first of all.
    static func block() {
        _ = beganOnTerminal
        var signals = set()
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Takes signals for ever. To be called on the main thread, after ``block()``.
    static func takeAll() -> Never {
        var signals = set()
        while true {
            var number: Int32 = 0
            if unsafe sigwait(&signals, &number) == 0 { if number == SIGHUP { hungUp() } else { signalled() } }
        }
    }

    /// Returns when the first signal has come. A second one ends the process at once.
    static func wait() async {
        await withCheckedContinuation { continuation in
            let isLate = arrived.withLock { state in
                if !state.hasArrived { state.waiter = continuation }
                return state.hasArrived
            }
            if isLate { continuation.resume() }
        }
    }

    /// Has the first signal end the process at once, like a second one: for commands with nothing in flight, which may be waiting for somebody to type.
    static func endAtOnce() {
        arrived.withLock { state in
            state.hasArrived = true
            state.endsAtOnce = true
        }
    }

    /// Has every SIGHUP from now on call `reload`, and one that came before as well.
    static func onHangUp(_ reload: @escaping @Sendable () -> Void) {
        let isWanted = arrived.withLock { state in
            defer { state.isReloadWanted = false }
            state.reload = reload
            return state.isReloadWanted
        }
        if isWanted { reload() }
    }

    /// SIGHUP means two things: a supervisor asks to reload, or the terminal that the program was started from has gone. In the second case
    /// nobody is left to end it, so it ends as by SIGTERM.
    private static func hungUp() {
        if beganOnTerminal, !isOnTerminal { return signalled() }
        let (endsAtOnce, reload) = arrived.withLock { state in
            if state.reload == nil { state.isReloadWanted = true }
            return (state.endsAtOnce, state.reload)
        }
        if endsAtOnce { _exit(129) }
        reload?()
    }

    /// Whether one of the standard descriptors is a terminal that is still there.
    private static var isOnTerminal: Bool { (0...2).contains { isatty($0) == 1 } }

    private static func signalled() {
        let (isSecond, waiter) = arrived.withLock { state in
            defer {
                state.hasArrived = true
                state.waiter = nil
            }
            return (state.hasArrived, state.waiter)
        }
        if isSecond { _exit(130) }
        waiter?.resume()
    }

    private static func set() -> sigset_t {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGINT)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe sigaddset(&signals, SIGHUP)
        return signals
    }
}
