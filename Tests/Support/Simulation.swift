import Base
import Foundation

/// Runs asynchronous code on one thread against a clock that jumps to the next moment anybody waits for.
///
/// Everything that was given this executor and this clock runs in one fixed order, so a run can be repeated, and ten hours take a second.
/// It is a `SerialExecutor` too, so that an actor which asks for an executor (a database) can be made to run inside.
public final class Simulation: SerialExecutor, TaskExecutor, TimeSource, @unchecked Sendable {
    // Sendable because `state` is guarded by `condition`.
    private let condition = NSCondition()
    private let patience: Duration
    private var state = State()

    private struct State {
        var jobs: [UnownedJob] = []
        var uptime = Duration.zero
        var start: Timestamp = Timestamp(unixSeconds: 1_767_225_600)
        var sleepers: [Sleeper] = []
        var sequence = 0
        var isFinished = false
    }

    private struct Sleeper {
        var deadline: Duration
        var sequence: Int
        var continuation: CheckedContinuation<Bool, Never>
    }

    /// A simulation whose civil time begins at `start`, by default 2026-01-01T00:00:00Z.
    ///
    /// - Parameter patience: How long, in real time, it waits for work from another thread before it reports a stall.
    public init(start: Timestamp = Timestamp(unixSeconds: 1_767_225_600), patience: Duration = .seconds(60)) {
        self.patience = patience
        state.start = start
    }

    /// The simulated civil time.
    public var now: Timestamp { locked { $0.start + $0.uptime } }

    /// Simulated time since the beginning.
    public var uptime: Duration { locked { $0.uptime } }

    /// Waits in simulated time.
    public func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        guard duration > .zero else { return }
        let sequence = locked { state -> Int in
            state.sequence += 1
            return state.sequence
        }
        let finished = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // Asked under the lock: whoever cancels after the answer finds the sleeper in the list.
                let isCancelled = locked { state in
                    if Task.isCancelled { return true }
                    state.sleepers.append(Sleeper(deadline: state.uptime + duration, sequence: sequence, continuation: continuation))
                    return false
                }
                if isCancelled { continuation.resume(returning: false) }
            }
        } onCancel: {
            let sleeper = locked { state -> Sleeper? in
                guard let index = state.sleepers.firstIndex(where: { $0.sequence == sequence }) else { return nil }
                return state.sleepers.remove(at: index)
            }
            sleeper?.continuation.resume(returning: false)
        }
        if !finished { throw CancellationError() }
    }

    /// Runs `body` to its end, moving the clock whenever nothing else can run, and returns what it returns.
    ///
    /// Blocks its thread, often one of the few of Swift's own pool: let the body await threads, never detached tasks.
    ///
    /// - Throws: what `body` throws, or ``SimulationStalled`` when everything waits for something that will not come.
    public func run<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) throws -> Result {
        let outcome = Locked<Swift.Result<Result, any Error>?>(nil)
        locked { $0.isFinished = false }
        Task(executorPreference: self) { [self] in
            do {
                let value = try await body()
                outcome.withLock { $0 = .success(value) }
            } catch {
                outcome.withLock { $0 = .failure(error) }
            }
            locked { $0.isFinished = true }
        }
        while let work = nextWork() {
            switch work {
            case .job(let job):
                job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
            case .wake(let sleeper): sleeper.continuation.resume(returning: true)
            }
        }
        guard let result = outcome.withLock({ $0 }) else { throw SimulationStalled() }
        return try result.get()
    }

    private enum Work {
        case job(UnownedJob)
        case wake(Sleeper)
    }

    private func nextWork() -> Work? {
        condition.lock()
        defer { condition.unlock() }
        let end = ContinuousClock.now + patience
        while true {
            if !state.jobs.isEmpty { return .job(state.jobs.removeFirst()) }
            if state.isFinished { return nil }
            let next = state.sleepers.indices.min { left, right in
                (state.sleepers[left].deadline, state.sleepers[left].sequence)
                    < (state.sleepers[right].deadline, state.sleepers[right].sequence)
            }
            if let next {
                let sleeper = state.sleepers.remove(at: next)
                state.uptime = max(state.uptime, sleeper.deadline)
                return .wake(sleeper)
            }
            // The wait is counted on the civil clock, which somebody may set.
            let left = end - ContinuousClock.now
            if left <= .zero { return nil }
            _ = condition.wait(until: Date(timeIntervalSinceNow: left.fractionalSeconds))
        }
    }

    private func locked<Result>(_ body: (inout State) -> Result) -> Result {
        condition.lock()
        defer { condition.unlock() }
        return body(&state)
    }

    // MARK: Executor

    /// Queues a job.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        condition.lock()
        state.jobs.append(job)
        condition.signal()
        condition.unlock()
    }

    /// This simulation as the executor of actors.
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}

/// Everything in a simulation waits for something that will not come.
public struct SimulationStalled: Error {}
