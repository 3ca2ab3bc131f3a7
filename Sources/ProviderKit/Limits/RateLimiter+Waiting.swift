import Base
import Synchronization

extension RateLimiter {
    /// Lets one call in, now or later.
    ///
    /// - Returns: The call's number, to be told to ``left(_:)``.
    func enter(_ admission: LimitAdmission, deadline: Duration) async throws(CallFailure) -> UInt64 {
        let arrived = time.uptime
        let end = arrived + deadline
        if let number = enterAtOnce(admission.lane, deadline: end, at: arrived) { return number }
        let waitingEnd = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in wait(admission, deadline: end, continuation) }
        } onCancel: {
            cancel(admission)
        }
        switch waitingEnd {
        case .decided(.admitted(let number)):
            metrics.admitted(admission.lane, after: time.uptime - arrived)
            return number
        case .decided(.refused(let refusal)):
            metrics.refused(refusal.reason)
            throw CallFailure(refusal)
        case .cancelled: throw .cancelledWhileWaiting
        }
    }

    /// Lets a call through when nobody waits and there is room.
    private func enterAtOnce(_ lane: Lane, deadline: Duration, at now: Duration) -> UInt64? {
        let (number, used, isDue) = state.withLock { state -> (UInt64?, Int, Bool) in
            let number = state.plan.admittedAtOnce(deadline: deadline, at: now)
            return (number, state.plan.used, state.plan.leaseIsDue)
        }
        guard let number else { return nil }
        metrics.showUsed(used)
        metrics.admitted(lane, after: .zero)
        if isDue { change { _, _ in } }
        return number
    }

    private func wait(_ admission: LimitAdmission, deadline: Duration, _ continuation: CheckedContinuation<WaitingEnd, Never>) {
        let (now, civil) = (time.uptime, time.now)
        let ends = state.withLock { state -> [Ending] in
            // Asked under the lock: who cancels after this finds the waiter in its place.
            if Task.isCancelled { return [(continuation, .cancelled)] }
            if records != nil, !state.openingBegan { startTask { try? await self.open() } }
            switch state.plan.arrived(admission.lane, deadline: deadline, at: now) {
            case .admitted(let number): return [(continuation, .decided(.admitted(number)))] + settle(&state, now, civil)
            case .refused(let refusal): return [(continuation, .decided(.refused(refusal)))]
            case .waits(let waiter):
                admission.waiter.store(waiter, ordering: .relaxed)
                state.waiting[waiter] = continuation
                return settle(&state, now, civil)
            }
        }
        resume(ends)
    }

    private func cancel(_ admission: LimitAdmission) {
        let (now, civil) = (time.uptime, time.now)
        let ends = state.withLock { state -> [Ending] in
            let waiter = admission.waiter.load(ordering: .relaxed)
            guard state.plan.cancelled(waiter, admission.lane), let continuation = state.waiting.removeValue(forKey: waiter) else {
                return []
            }
            return [(continuation, .cancelled)] + settle(&state, now, civil)
        }
        resume(ends)
    }

    /// A call that was let in is over.
    func left(_ number: UInt64) {
        let now = time.uptime
        state.withLock { $0.plan.answered(number, at: now) }
    }

    // MARK: What follows from a change

    typealias Ending = (continuation: CheckedContinuation<WaitingEnd, Never>, end: WaitingEnd)

    /// Changes the plan, and does what follows from that.
    @discardableResult
    func change<Result: Sendable>(_ event: (inout RateLimiterPlan, Duration) -> Result) -> Result {
        let (now, civil) = (time.uptime, time.now)
        let (result, ends) = state.withLock { state -> (Result, [Ending]) in
            // What time alone changes comes first.
            let before = settle(&state, now, civil)
            let result = event(&state.plan, now)
            return (result, before + settle(&state, now, civil))
        }
        resume(ends)
        return result
    }

    /// Sees who need not wait any longer, sets the alarm anew and has written down what is due.
    private func settle(_ state: inout State, _ now: Duration, _ civil: Timestamp) -> [Ending] {
        let ends = state.plan.advanced(to: now).compactMap { waiter, decision in
            state.waiting.removeValue(forKey: waiter).map { Ending($0, .decided(decision)) }
        }
        let next = state.plan.nextMoment
        if next == nil || state.alarm.map({ next ?? $0 < $0 }) ?? true {
            if let task = state.alarmTask { task.cancel() }
            state.alarm = next
            state.alarmNumber += 1
            state.alarmTask = next.map { [number = state.alarmNumber] moment in startTask { await self.ring(number, at: moment) } }
        }
        if let records, state.plan.leaseIsDue {
            let lease = state.plan.leaseAsked(at: now, civil: civil)
            state.writing = startTask { await self.write(lease, to: records) }
        }
        metrics.show(state.plan, at: now)
        return ends
    }

    private func resume(_ ends: [Ending]) { for (continuation, end) in ends { continuation.resume(returning: end) } }

    private func ring(_ number: Int, at moment: Duration) async {
        do { try await time.sleep(for: moment - time.uptime) } catch { return }
        let (now, civil) = (time.uptime, time.now)
        let ends = state.withLock { state -> [Ending] in
            guard state.alarmNumber == number else { return [] }
            state.alarm = nil
            return settle(&state, now, civil)
        }
        resume(ends)
    }
}
