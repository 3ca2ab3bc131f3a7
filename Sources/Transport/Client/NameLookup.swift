public import Base

/// Asks the operating system for the addresses of host names, for whoever wants to know them without connecting.
public final class NameLookup: Sendable {
    private let resolver: SystemNameResolver
    private let time: any TimeSource

    /// A look-up with threads of its own, as long as there are names to ask for.
    public init(time: any TimeSource = SystemTime()) {
        self.time = time
        resolver = SystemNameResolver(time: time)
    }

    /// The addresses in the system's order, empty when the name has none; nothing when no answer came within `limit` or the task was cancelled.
    ///
    /// The system cannot be made to stop asking: a thread may go on for a while after this has returned.
    public func addresses(of host: String, port: Int, limit: Duration) async -> [SocketAddress]? {
        let question = Question()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                question.ask(continuation)
                resolver.resolve(host, port: port) { question.answer($0) }
                question.setAlarm(Task { [time] in if (try? await time.sleep(for: limit)) != nil { question.answer(nil) } })
            }
        } onCancel: {
            question.answer(nil)
        }
    }
}

/// A question that is answered once, by whoever comes first.
private final class Question: Sendable {
    private struct State {
        var continuation: CheckedContinuation<[SocketAddress]?, Never>?
        var early: [SocketAddress]??
        var alarm: Task<Void, Never>?
    }

    private let state = Locked(State())

    func ask(_ continuation: CheckedContinuation<[SocketAddress]?, Never>) {
        let early = state.withLock { state -> [SocketAddress]?? in
            if state.early == nil { state.continuation = continuation }
            return state.early
        }
        if let early { continuation.resume(returning: early) }
    }

    func answer(_ addresses: [SocketAddress]?) {
        let (waiting, alarm) = state.withLock { state in
            defer {
                state.continuation = nil
                state.alarm = nil
            }
            if state.early == nil { state.early = .some(addresses) }
            return (state.continuation, state.alarm)
        }
        alarm?.cancel()
        waiting?.resume(returning: addresses)
    }

    func setAlarm(_ alarm: Task<Void, Never>) {
        let isOver = state.withLock { state in
            if state.early == nil { state.alarm = alarm }
            return state.early != nil
        }
        if isOver { alarm.cancel() }
    }
}
