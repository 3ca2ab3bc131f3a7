public import Base

/// Holds the one access token of some credentials, and fetches, renews and drops it: the shell around ``TokenPlan``.
///
/// However many calls want a token, one fetch is under way at most. A token is renewed ahead, in the background, while the old one serves; a failed fetch is
/// remembered for growing pauses. Shared by every call of a connection, from any thread. A fetch is a task of its own, so that the caller who happened to begin it may go away.
public final class TokenKeeper<Credentials: Sendable & Equatable>: Sendable {
    private struct State {
        var plan: TokenPlan<Credentials>
        var waiters: [Int: Waiter] = [:]
        var lastWaiter = 0
    }

    private struct Waiter: Sendable {
        var continuation: CheckedContinuation<Result<HeldToken, CallFailure>, Never>
        /// Ends the wait at the waiter's own deadline.
        var alarm: Task<Void, Never>?
    }

    private let state: Locked<State>
    private let time: any TimeSource
    private let observer: TokenObserver
    private let fetch: @Sendable (Credentials) async -> Result<FetchedToken, CallFailure>

    /// A keeper that holds nothing yet.
    ///
    /// - Parameters:
    ///   - credentials: What tokens are fetched with; a token never outlives the credentials that it was fetched with.
    ///   - time: The clocks.
    ///   - rules: The provider's name and the pauses.
    ///   - observer: Counts and logs what becomes of fetches.
    ///   - fetch: Makes the token call once and reads its answer, with time limits of its own. A failure with the code `credentialsRefused` is remembered for longer.
    public init(
        credentials: Credentials, time: any TimeSource, rules: TokenRules, observer: TokenObserver = .silent,
        fetch: @escaping @Sendable (Credentials) async -> Result<FetchedToken, CallFailure>
    ) {
        state = Locked(State(plan: TokenPlan(credentials: credentials, rules: rules)))
        self.time = time
        self.observer = observer
        self.fetch = fetch
    }

    /// The credentials now in force.
    public var credentials: Credentials { state.withLock { $0.plan.credentials } }

    /// What is held, and why the last fetch failed if it did.
    public var standing: (held: HeldToken?, failure: CallFailure?) {
        state.withLock { ($0.plan.held, $0.plan.lastFailure) }
    }

    private var moment: TokenMoment { TokenMoment(civil: time.now, uptime: time.uptime) }

    /// A token that lives.
    ///
    /// - Parameter deadline: How long to wait for one at most.
    /// - Throws: ``CallFailure`` with outcome `notSent`.
    public func token(deadline: Duration) async throws(CallFailure) -> HeldToken {
        let now = moment
        switch state.withLock({ $0.plan.tokenWanted(at: now) }) {
        case .use(let token): return token
        case .useAndFetch(let token, let fetch):
            start(fetch)
            return token
        case .fetch(let fetch):
            start(fetch)
            return try await settled(deadline: deadline).get()
        case .wait: return try await settled(deadline: deadline).get()
        case .fail(let failure): throw failure
        }
    }

    /// Whether a newer token than the refused one is to be had; asks the provider at most once, together with all others who ask.
    ///
    /// - Parameters:
    ///   - generation: The token that a call was refused with.
    ///   - deadline: How long to wait for another at most.
    public func hasNewer(than generation: Int, deadline: Duration) async -> Bool {
        let now = moment
        switch state.withLock({ $0.plan.tokenRefused(generation: generation, at: now) }) {
        case .proveAgain: return true
        case .deliver: return false
        case .fetch(let fetch): start(fetch)
        case .wait: break
        }
        guard case .success(let token) = await settled(deadline: deadline) else { return false }
        return token.generation != generation
    }

    /// Puts other credentials in force. What was fetched with the old ones is dropped; calls that wait get a token of the new ones.
    public func replace(_ credentials: Credentials) {
        if let fetch = state.withLock({ $0.plan.credentialsReplaced(by: credentials) }) { start(fetch) }
    }

    // MARK: Fetching

    private func start(_ fetch: TokenPlan<Credentials>.Fetch) {
        startTask { [self] in
            let asked = moment
            let answer = await self.fetch(fetch.credentials)
            let now = moment
            let (settlement, waiters) = state.withLock { state in
                let settlement =
                    switch answer {
                    case .success(let token): state.plan.fetchSucceeded(fetch, token, asked: asked, at: now)
                    case .failure(let failure): state.plan.fetchFailed(fetch, failure, at: now)
                    }
                // The fetch that took a dropped one's place will release those who wait.
                if case .dropped = settlement { return (settlement, [Waiter]()) }
                let waiters = Array(state.waiters.values)
                state.waiters = [:]
                return (settlement, waiters)
            }
            observer.settled(settlement, remaining: { $0.remaining(at: now) })
            let result = settlement.result
            for waiter in waiters {
                waiter.alarm?.cancel()
                waiter.continuation.resume(returning: result)
            }
        }
    }

    // MARK: Waiting

    /// Waits for the fetch under way, for its own deadline and for its own task's cancellation, whichever comes first.
    private func settled(deadline: Duration) async -> Result<HeldToken, CallFailure> {
        let number = state.withLock { state -> Int in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let now = moment
                let early = state.withLock { state -> Result<HeldToken, CallFailure>? in
                    if Task.isCancelled { return .failure(.tokenWaitCancelled) }
                    // The fetch may have come to its end between the plan's decision and this moment.
                    if let result = state.plan.settledResult(at: now) { return result }
                    state.waiters[number] = Waiter(continuation: continuation)
                    return nil
                }
                if let early { continuation.resume(returning: early) } else { setAlarm(for: number, after: deadline) }
            }
        } onCancel: {
            release(number, .tokenWaitCancelled)
        }
    }

    private func setAlarm(for waiter: Int, after deadline: Duration) {
        let alarm = startTask { [self] in
            do { try await time.sleep(for: deadline) } catch { return }
            release(waiter, .deadlinePassedAwaitingToken)
        }
        let isStillWaiting = state.withLock { state in
            state.waiters[waiter]?.alarm = alarm
            return state.waiters[waiter] != nil
        }
        if !isStillWaiting { alarm.cancel() }
    }

    private func release(_ number: Int, _ failure: CallFailure) {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
        waiter?.alarm?.cancel()
        waiter?.continuation.resume(returning: .failure(failure))
    }
}
