import Base

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Waits for somebody to press Ctrl-C or a supervisor to send SIGTERM.
///
/// The main thread does nothing else: it blocks both signals before any other thread exists, so that every thread inherits the block, and takes them
/// with `sigwait`. A handler would run on whichever thread the system picks, in the middle of anything.
enum ShutdownSignal {
    private static let arrived = Locked<(hasArrived: Bool, waiter: CheckedContinuation<Void, Never>?)>((false, nil))

    /// Takes the two signals away from this thread and all that it will start. To be called first of all.
    static func block() {
        var signals = set()
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Takes signals for ever. To be called on the main thread, after ``block()``.
    static func takeAll() -> Never {
        var signals = set()
        while true {
            var number: Int32 = 0
            if unsafe sigwait(&signals, &number) == 0 { signalled() }
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
    static func endAtOnce() { arrived.withLock { $0.hasArrived = true } }

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
        return signals
    }
}
