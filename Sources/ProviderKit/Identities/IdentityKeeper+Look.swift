internal import Base
internal import Cryptography
internal import Transport

/// Looking at the files, and doing what the plan says.
extension IdentityKeeper {
    /// Looks at all pairs, and takes up that time has passed.
    ///
    /// - Returns: When the next look is due.
    @discardableResult
    func look(isAsked: Bool) -> Duration {
        state.withLock { state in
            for index in pairs.indices { look(at: index, isAsked: isAsked, &state) }
            perform(.timePassed, &state)
            measure(state)
            return state.sights.map(\.watch.pause).min() ?? IdentityWatch.interval
        }
    }

    private func look(at index: Int, isAsked: Bool, _ state: inout State) {
        let pair = pairs[index]
        guard pair.isWatched || state.sights[index].check == nil else { return }
        // A file that is being written right now may hold still at the next try.
        for attempt in 0..<(isAsked ? 3 : 1) {
            let before = pair.stamps(from: source)
            guard state.sights[index].watch.looked(before) || isAsked else { return }
            let material = pair.material(from: source)
            let check = IdentityCheck(material, expectedName: customs.expectedName, now: time.now)
            let sighting = IdentityWatch.Sighting(
                before: before, after: pair.stamps(from: source), digest: material.digest, isUsable: check.identity != nil)
            switch state.sights[index].watch.read(sighting, at: time.uptime, isAsked: isAsked) {
            case .unchanged: state.sights[index].check = check
            case .wait: if isAsked, attempt < 2 { continue }
            case .accept: accept(check, index, &state)
            case .reject: reject(check, index, &state)
            }
            return
        }
    }

    private func accept(_ check: IdentityCheck, _ index: Int, _ state: inout State) {
        guard let identity = check.identity, let facts = check.facts else { return reject(check, index, &state) }
        let isNews = state.sights[index].check.map { $0.findings != check.findings } ?? true
        state.sights[index].check = check
        if isNews { for finding in check.warnings where finding.code != "ends-soon" { instruments.noticed(index, finding) } }
        let name = Hexadecimal.encode(identity.fingerprint)
        if state.holdings[name] == nil {
            do throws(TLSError) {
                let network = try network.exchange(presenting: identity, trusting: customs.trust)
                state.holdings[name] = Holding(
                    identity: PresentedIdentity(name: name, facts: facts, network: network), slot: index)
            } catch {
                return instruments.rejected(index, error.code.rawValue)
            }
        }
        state.holdings[name]?.slot = index
        let content = IdentityPlan.Content(name: name, notBefore: facts.notBefore, notAfter: facts.notAfter)
        perform(.contentRead(slot: index, content), &state)
    }

    private func reject(_ check: IdentityCheck, _ index: Int, _ state: inout State) {
        state.sights[index].check = check
        instruments.rejected(index, check.errors.first?.code ?? "unusable")
    }

    /// Keeps the gauges true.
    private func measure(_ state: State) {
        let now = time.now
        for index in pairs.indices {
            if let facts = facts(of: index, state) { instruments.timeLeft(index, facts.timeLeft(at: now)) }
        }
    }

    /// The facts of what a pair would present, or at least of what its files hold.
    func facts(of index: Int, _ state: State) -> IdentityFacts? {
        let slot = state.plan.slots[index]
        let name = slot.kept == state.plan.presented ? slot.kept ?? slot.newest : slot.newest
        return name.flatMap { state.holdings[$0]?.identity.facts } ?? state.sights[index].check?.facts
    }

    // MARK: The plan's actions

    /// Tells the plan what has happened and does what it says.
    func handle(_ event: IdentityPlan.Event) { state.withLock { perform(event, &$0) } }

    func perform(_ event: IdentityPlan.Event, _ state: inout State) {
        if case .callsEnded(let name) = event, state.holdings[name]?.identity.isIdle == false { return }
        let moment = IdentityPlan.Moment(now: time.now, uptime: time.uptime)
        for action in state.plan.handle(event, at: moment) { perform(action, moment, &state) }
    }

    private func perform(_ action: IdentityPlan.Action, _ moment: IdentityPlan.Moment, _ state: inout State) {
        switch action {
        case .present(let name): present(name, moment, &state)
        case .retire(let name): retire(name, &state)
        case .startTrial(let name): startTrial(name, &state)
        case .forget(let name): state.holdings[name] = nil
        case .drained(let name): if let holding = state.holdings[name] { drained(holding) }
        case .rejected(let name): instruments.rejected(state.holdings[name]?.slot, "refused-by-provider")
        case .postponed(let name):
            guard let holding = state.holdings[name], case .unreachable(let code) = holding.trialResult else { return }
            instruments.postponed(holding.identity.facts, code)
        case .displaced(let name): if let holding = state.holdings[name] { instruments.displaced(holding.identity.facts) }
        case .warn(let slot, let name, _):
            guard let facts = state.holdings[name]?.identity.facts else { return }
            instruments.endsSoon(slot, facts, daysLeft: facts.daysLeft(at: moment.now))
        }
    }

    private func present(_ name: IdentityPlan.Name, _ moment: IdentityPlan.Moment, _ state: inout State) {
        guard let holding = state.holdings[name] else { return }
        holding.identity.present()
        let isFirst = presented.withLock { presented in
            defer { presented = holding.identity }
            return presented == nil
        }
        state.changedAt = moment.uptime
        let facts = holding.identity.facts
        instruments.presented(holding.slot)
        if isFirst {
            instruments.began(facts, daysLeft: facts.daysLeft(at: moment.now))
        } else {
            instruments.replaced(facts, daysLeft: facts.daysLeft(at: moment.now))
        }
    }

    private func retire(_ name: IdentityPlan.Name, _ state: inout State) {
        guard let identity = state.holdings[name]?.identity else { return }
        identity.retire()
        if identity.isIdle { perform(.callsEnded(name), &state) }
    }

    private func drained(_ holding: Holding) {
        // A call that had taken the certificate just before the change may have opened a connection just after it.
        holding.identity.network.retireConnections()
        instruments.drained(holding.identity.facts)
    }

    private func startTrial(_ name: IdentityPlan.Name, _ state: inout State) {
        guard let network = state.holdings[name]?.identity.network else { return }
        state.trialTask = startTask { [self, customs] in
            let result = await customs.tryOut(network)
            trialEnded(name, result)
        }
    }

    private func trialEnded(_ name: IdentityPlan.Name, _ result: TrialResult) {
        let verdict: IdentityPlan.Verdict =
            switch result {
            case .accepted: .accepted
            case .refused: .refused
            case .unreachable: .unreachable
            }
        let waiters = state.withLock { state in
            state.trialTask = nil
            state.holdings[name]?.trialResult = result
            perform(.trialEnded(name, verdict), &state)
            defer { state.trialWaiters = [] }
            return state.trialWaiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when no trial is under way.
    func trialsEnded() async {
        while state.withLock({ $0.plan.trial != nil }) {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.plan.trial == nil { return true }
                    state.trialWaiters.append(continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        }
    }
}
