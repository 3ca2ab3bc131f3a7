import Base

extension IdentityPlan {
    /// What should be presented at this moment; nothing when there is nothing valid that was not refused.
    func choice(_ moment: Moment) -> Name? {
        let candidates = slots.compactMap { slot in candidate(slot, moment).map { (name: $0, slot: slot) } }
        let ample = candidates.filter { left($0.name, moment) >= policy.margin }
        if ample.isEmpty {
            // Everything ends soon: what lasts longest. What is presented wins a tie, so that nothing changes without a reason.
            let longest = candidates.map { left($0.name, moment) }.max()
            let last = candidates.filter { left($0.name, moment) == longest }
            return (last.first { $0.name == presented } ?? last.first)?.name
        }
        let latest = ample.compactMap(\.slot.activeFrom).max()
        let chosen = ample.filter { $0.slot.activeFrom == latest }
        return (chosen.first { $0.name == presented } ?? chosen.first)?.name
    }

    /// What a slot has to offer: the newest content that is valid now and was not refused.
    private func candidate(_ slot: Slot, _ moment: Moment) -> Name? {
        if let start = slot.activeFrom, start > moment.now { return nil }
        return [slot.newest, slot.kept].compactMap { $0 }.first { isEligible($0, moment) }
    }

    private func isEligible(_ name: Name, _ moment: Moment) -> Bool {
        guard let entry = entries[name], isValid(entry.content, moment.now) else { return false }
        switch entry.standing {
        case .untried, .presented, .proven: return true
        case .refusedInTrial, .refusedInTraffic: return entry.retryAt.map { $0 <= moment.uptime } ?? true
        }
    }

    private func isValid(_ content: Content, _ now: Timestamp) -> Bool { content.notBefore <= now && now <= content.notAfter }

    private func left(_ name: Name, _ moment: Moment) -> Duration { entries[name].map { $0.content.notAfter - moment.now } ?? .zero }

    /// Whether what is presented still does its work, so that it must not be given up for something uncertain.
    private func presentedWorks(_ moment: Moment) -> Bool {
        guard let presented, let entry = entries[presented] else { return false }
        return entry.standing != .refusedInTraffic && isValid(entry.content, moment.now)
    }

    /// Moves towards what should be presented.
    mutating func decide(_ moment: Moment, _ actions: inout [Action]) {
        guard let wanted = choice(moment), wanted != presented, let entry = entries[wanted] else { return }
        // At the start there is nothing to lose. And what has worked before is what one falls back on, at once.
        guard presented != nil else { return present(wanted, &actions) }
        switch entry.standing {
        case .presented, .proven: if !presentedWorks(moment) || isFallback(wanted) { return present(wanted, &actions) }
        default: break
        }
        if let retryAt = entry.retryAt, retryAt > moment.uptime {
            // The provider could not be reached. What does not work any more has no claim on waiting for that.
            if !presentedWorks(moment) { present(wanted, &actions) }
            return
        }
        guard trial == nil else { return }
        trial = wanted
        actions.append(.startTrial(wanted))
    }

    /// Whether it is what the files of the presented content's slot held before.
    private func isFallback(_ name: Name) -> Bool { slots.contains { $0.kept == name && $0.newest == presented } }

    mutating func present(_ name: Name, _ actions: inout [Action]) {
        guard name != presented else { return }
        let old = presented
        presented = name
        draining.remove(name)
        switch entries[name]?.standing {
        case .proven: break
        default: entries[name]?.standing = .presented
        }
        entries[name]?.retryAt = nil
        entries[name]?.failedTrials = 0
        actions.append(.present(name))
        guard let old else { return }
        draining.insert(old)
        actions.append(.retire(old))
    }

    /// Lets go of what nothing refers to any more.
    mutating func forget(_ actions: inout [Action]) {
        var needed = draining
        for slot in slots {
            if let newest = slot.newest { needed.insert(newest) }
            if let kept = slot.kept { needed.insert(kept) }
        }
        if let presented { needed.insert(presented) }
        if let trial { needed.insert(trial) }
        for name in entries.keys.sorted() where !needed.contains(name) {
            entries[name] = nil
            actions.append(.forget(name))
        }
    }

    /// Warns once for each threshold that a pair's content has crossed (the newest, or what is presented in its place), at the tightest only when several were crossed at a time.
    mutating func warn(_ moment: Moment, _ actions: inout [Action]) {
        for (index, slot) in slots.enumerated() {
            guard let name = slot.kept == presented ? presented ?? slot.newest : slot.newest, let entry = entries[name] else { continue }
            let left = entry.content.notAfter - moment.now
            let crossed = policy.warningDays.filter { $0 == 0 ? left < .zero : left <= .seconds(Int64($0) * 86_400) }
            guard let days = crossed.min(), days < entry.warnedDays ?? .max, !isSuperseded(name) else { continue }
            entries[name]?.warnedDays = days
            actions.append(.warn(slot: index, name, days: days))
        }
    }

    /// Whether a content that lasts longer is presented in its place, so that nobody needs to hear of its end.
    private func isSuperseded(_ name: Name) -> Bool {
        guard name != presented, let presented, let current = entries[presented], let entry = entries[name] else { return false }
        return current.content.notAfter > entry.content.notAfter
    }
}
