import Base

/// A clock that moves only when the test moves it; whoever sleeps wakes when it has moved far enough.
final class ConnectorClock: TimeSource {
    private struct Sleeper {
        var end: Duration
        var number: Int
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var uptime = Duration.zero
        var number = 0
        var sleepers: [Sleeper] = []
    }

    private let state = Locked(State())
    private static let start = Timestamp(unixSeconds: 1_767_225_600)

    var now: Timestamp { ConnectorClock.start + uptime }
    var uptime: Duration { state.withLock { $0.uptime } }

    func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.uptime += duration
            let woken = state.sleepers.filter { $0.end <= state.uptime }
            state.sleepers.removeAll { $0.end <= state.uptime }
            return woken
        }
        for sleeper in woken { sleeper.continuation.resume(returning: true) }
    }

    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        let number = state.withLock { state in
            state.number += 1
            return state.number
        }
        let isOver = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
                // Asked under the lock: whoever cancels after the answer finds the sleeper in the list.
                let answer: Bool? = state.withLock { state in
                    if Task.isCancelled { return false }
                    if duration <= .zero { return true }
                    state.sleepers.append(Sleeper(end: state.uptime + duration, number: number, continuation: continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.sleepers.firstIndex { $0.number == number }.map { state.sleepers.remove(at: $0) }
            }
            sleeper?.continuation.resume(returning: false)
        }
        if !isOver { throw CancellationError() }
    }
}
