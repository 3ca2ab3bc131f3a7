import Base

/// A write on its way to a commit, whatever its result is made of.
protocol WaitingWrite: AnyObject, Sendable {
    /// Runs the body and keeps its result; true when it threw.
    func run(_ connection: Connection) -> Bool
    /// Replaces the body's result by an error that only showed after it.
    func fail(_ error: StorageError)
    /// Tells the caller the result; or, when `loss` is given, that nothing of it has been kept.
    func tell(_ loss: StorageError?)
}

/// One write: its body, its result, and the caller who waits for it.
final class Write<Value: Sendable>: WaitingWrite {
    private struct State: Sendable {
        /// What the body came to; not to be told before the commit.
        var result: Result<Value, any Error>?
        /// What the caller is told.
        var outcome: Result<Value, any Error>?
        var caller: CheckedContinuation<Value, any Error>?
    }

    private let body: @Sendable (Connection) throws -> Value
    private let file: String?
    private let state = Locked(State())

    init(_ file: String?, _ body: @escaping @Sendable (Connection) throws -> Value) {
        self.file = file
        self.body = body
    }

    func run(_ connection: Connection) -> Bool {
        let result = Result { try body(connection) }
        state.withLock { $0.result = result }
        if case .failure = result { return true }
        return false
    }

    func fail(_ error: StorageError) { state.withLock { $0.result = .failure(error) } }

    func tell(_ loss: StorageError?) {
        let file = file
        let (caller, outcome) = state.withLock { state in
            let outcome = loss.map { .failure($0) } ?? state.result ?? .failure(StorageError.closed(file: file))
            state.outcome = outcome
            return (state.caller, outcome)
        }
        caller?.resume(with: outcome)
    }

    /// Waits until the caller may be told.
    func value() async throws -> Value {
        if let outcome = state.withLock({ $0.outcome }) { return try outcome.get() }
        return try await withCheckedThrowingContinuation { continuation in
            let outcome = state.withLock { state in
                if state.outcome == nil { state.caller = continuation }
                return state.outcome
            }
            if let outcome { continuation.resume(with: outcome) }
        }
    }
}

/// The writes that wait for the next commit, in the order of their calls.
struct WriteQueue: Sendable {
    /// What somebody who adds a write has to do.
    enum Role { case leads, follows, refused }

    private var waiting: [any WaitingWrite] = []
    private var hasLeader = false
    private var isClosed = false

    /// How many wait.
    var count: Int { waiting.count }

    /// A write was called. The first since the last commit began leads: its caller has the commit done for all that have come until then.
    mutating func called(_ write: any WaitingWrite) -> Role {
        guard !isClosed else { return .refused }
        waiting.append(write)
        defer { hasLeader = true }
        return hasLeader ? .follows : .leads
    }

    /// A commit begins: it takes all that wait, and whoever comes next leads the one after it.
    mutating func commitBegan() -> [any WaitingWrite] {
        hasLeader = false
        defer { waiting = [] }
        return waiting
    }

    /// The database closes: it takes all that wait, and nobody may come any more.
    mutating func closed() -> [any WaitingWrite] {
        isClosed = true
        return commitBegan()
    }
}
