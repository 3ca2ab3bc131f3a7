public import Base

/// Work that is done once for all who want it at the same time, by name.
///
/// Whoever comes while it is under way waits for it, each for as long as its own deadline and its own task's cancellation allow. The work itself is a task of its own: it goes on although
/// the one who happened to begin it has gone away, and what it must keep is kept.
public final class SharedWork<Name: Hashable & Sendable, Value: Sendable>: Sendable {
    /// What came of waiting.
    public enum End: Sendable {
        /// The work is done.
        case done(Value, isOwn: Bool)
        /// The deadline passed first; the work goes on.
        case deadlinePassed
        /// The waiting task was cancelled; the work goes on, if it was begun.
        case cancelled
    }

    private struct Waiter: Sendable {
        var continuation: CheckedContinuation<End, Never>
        var isOwn: Bool
        /// Ends the wait at the waiter's own deadline.
        var alarm: Task<Void, Never>?
    }

    private struct Idler: Sendable {
        var continuation: CheckedContinuation<Bool, Never>
        /// Ends the wait at its limit.
        var alarm: Task<Void, Never>?
    }

    private struct State {
        var works: [Name: [Int: Waiter]] = [:]
        /// Those who wait until nothing is under way.
        var idlers: [Int: Idler] = [:]
        var lastWaiter = 0
    }

    private let state = Locked(State())
    private let time: any TimeSource

    /// Nothing is under way.
    public init(time: any TimeSource) { self.time = time }

    /// Whether work of that name is under way.
    public func isUnderWay(_ name: Name) -> Bool { state.withLock { $0.works[name] != nil } }

    /// Waits for the work of that name, and begins it where none is under way.
    ///
    /// - Parameters:
    ///   - name: Which work.
    ///   - deadline: How long to wait at most.
    ///   - work: What to do; it is not cancelled.
    public func value(_ name: Name, deadline: Duration, _ work: @escaping @Sendable () async -> Value) async -> End {
        let number = state.withLock { state -> Int in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // Asked under the lock: whoever cancels after the answer finds the waiter in the list.
                let isFirst = state.withLock { state -> Bool? in
                    if Task.isCancelled { return nil }
                    let isFirst = state.works[name] == nil
                    state.works[name, default: [:]][number] = Waiter(continuation: continuation, isOwn: isFirst)
                    return isFirst
                }
                guard let isFirst else {
                    continuation.resume(returning: .cancelled)
                    return
                }
                if isFirst { begin(name, work) }
                setAlarm(for: number, name, after: deadline)
            }
        } onCancel: {
            release(number, name, .cancelled)
        }
    }

    /// Waits until no work is under way any more, so that what it keeps is kept. The wait does not end with its task: it is for the end of a process, when everything is cancelled.
    ///
    /// - Parameter longest: How long to wait at most.
    /// - Returns: Whether nothing was under way.
    @discardableResult
    public func becomeIdle(within longest: Duration) async -> Bool {
        let number = state.withLock { state -> Int in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state -> Bool in
                if !state.works.isEmpty { state.idlers[number] = Idler(continuation: continuation) }
                return state.works.isEmpty
            }
            if isIdle {
                continuation.resume(returning: true)
                return
            }
            let alarm = startTask { [self] in
                do { try await time.sleep(for: longest) } catch { return }
                state.withLock { $0.idlers.removeValue(forKey: number) }?.continuation.resume(returning: false)
            }
            let isStillWaiting = state.withLock { state -> Bool in
                state.idlers[number]?.alarm = alarm
                return state.idlers[number] != nil
            }
            if !isStillWaiting { alarm.cancel() }
        }
    }

    private func begin(_ name: Name, _ work: @escaping @Sendable () async -> Value) {
        startTask { [self] in
            let value = await work()
            let (waiters, idlers) = state.withLock { state -> ([Int: Waiter], [Int: Idler]) in
                let waiters = state.works.removeValue(forKey: name) ?? [:]
                guard state.works.isEmpty else { return (waiters, [:]) }
                defer { state.idlers = [:] }
                return (waiters, state.idlers)
            }
            for waiter in waiters.values {
                waiter.alarm?.cancel()
                waiter.continuation.resume(returning: .done(value, isOwn: waiter.isOwn))
            }
            for idler in idlers.values {
                idler.alarm?.cancel()
                idler.continuation.resume(returning: true)
            }
        }
    }

    private func setAlarm(for number: Int, _ name: Name, after deadline: Duration) {
        let alarm = startTask { [self] in
            do { try await time.sleep(for: deadline) } catch { return }
            release(number, name, .deadlinePassed)
        }
        let isStillWaiting = state.withLock { state in
            state.works[name]?[number]?.alarm = alarm
            return state.works[name]?[number] != nil
        }
        if !isStillWaiting { alarm.cancel() }
    }

    private func release(_ number: Int, _ name: Name, _ end: End) {
        let waiter = state.withLock { $0.works[name]?.removeValue(forKey: number) }
        waiter?.alarm?.cancel()
        waiter?.continuation.resume(returning: end)
    }
}

/// Turns at something that only one may change at a time, by name: for a few short steps, since whoever waits for a turn can be neither hurried nor called off.
public final class Turns<Name: Hashable & Sendable>: Sendable {
    private let rows = Locked<[Name: [CheckedContinuation<Void, Never>]]>([:])

    /// Nobody has a turn.
    public init() {}

    /// Runs `body` while nobody else's runs under that name, in the order of arrival.
    ///
    /// - Throws: what `body` throws.
    public func take<Result, Failure: Error>(_ name: Name, _ body: () async throws(Failure) -> Result) async throws(Failure) -> Result {
        await withCheckedContinuation { continuation in
            let isFree = rows.withLock { rows in
                if rows[name] == nil {
                    rows[name] = []
                    return true
                }
                rows[name]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
        defer { end(name) }
        return try await body()
    }

    private func end(_ name: Name) {
        let next = rows.withLock { rows -> CheckedContinuation<Void, Never>? in
            guard rows[name]?.isEmpty == false else {
                rows[name] = nil
                return nil
            }
            return rows[name]?.removeFirst()
        }
        next?.resume()
    }
}
