internal import Base

/// What operators see: findings, readiness and facts.
extension IdentityKeeper {
    /// What calls present now; nothing when there is nothing.
    public var current: IdentityFacts? { presented.withLock { $0 }?.facts }

    /// Whether no call is under way with a certificate that is no longer presented.
    public var isDrained: Bool { state.withLock { $0.plan.draining.isEmpty } }

    /// What the files of each pair hold, by the pair's setting: all findings, and the facts when the certificate could be read.
    public var examinations: [(subject: String, check: IdentityCheck)] {
        state.withLock { state in
            zip(pairs, state.sights).compactMap { pair, sight in sight.check.map { (pair.subject, $0) } }
        }
    }

    /// Looks at the files now, acts on what they hold, and returns when it is known what came of it.
    public func reload() async -> [ReloadFinding] {
        let before = state.withLock { state in (newest: state.plan.slots.map(\.newest), presented: state.plan.presented) }
        state.withLock { state in perform(.reloadRequested, &state) }
        look(isAsked: true)
        await trialsEnded()
        return state.withLock { state in pairs.indices.map { finding($0, newest: before.newest[$0], presented: before.presented, state) } }
    }

    private func finding(_ index: Int, newest: IdentityPlan.Name?, presented: IdentityPlan.Name?, _ state: State) -> ReloadFinding {
        let subject = pairs[index].subject
        func finding(_ result: ReloadFinding.Result, _ korean: String, _ english: String) -> ReloadFinding {
            ReloadFinding(subject: subject, result: result, message: BilingualText(korean: korean, english: english))
        }
        guard let check = state.sights[index].check, check.errors.isEmpty else {
            let errors = state.sights[index].check?.errors ?? []
            return finding(
                .rejected, errors.map(\.message.korean).joined(separator: " ") + IdentityKeeper.stays(state).korean,
                errors.map(\.message.english).joined(separator: "; ") + IdentityKeeper.stays(state).english)
        }
        guard let name = state.plan.slots[index].newest, let holding = state.holdings[name] else {
            return finding(.rejected, "인증서를 쓸 수 없습니다.", "the certificate cannot be used")
        }
        let facts = holding.identity.facts
        if name == state.plan.presented {
            let until = " \(facts.notAfter.koreanText)(한국 시간)까지 유효합니다."
            if name == presented {
                return finding(.unchanged, "바뀐 것이 없습니다." + until, "unchanged, valid until \(facts.notAfter.internetText)")
            }
            return finding(.replaced, "새 인증서를 사용합니다." + until, "the new certificate is in use, valid until \(facts.notAfter.internetText)")
        }
        switch (state.plan.entries[name]?.standing, holding.trialResult) {
        case (.refusedInTrial, .refused(let why)):
            return finding(.rejected, why.korean + IdentityKeeper.stays(state).korean, why.english + IdentityKeeper.stays(state).english)
        case (.refusedInTrial, _), (.refusedInTraffic, _):
            return finding(
                .rejected, "제공사가 이 인증서를 거절했습니다." + IdentityKeeper.stays(state).korean,
                "the provider refused this certificate" + IdentityKeeper.stays(state).english)
        case (_, .unreachable(let code)):
            return finding(
                .pending, "제공사에 연결할 수 없어(\(code)) 새 인증서를 아직 시험하지 못했습니다. 저절로 다시 시도합니다." + IdentityKeeper.stays(state).korean,
                "the provider could not be reached (\(code)), so the new certificate has not been tried yet; it will be, by itself"
                    + IdentityKeeper.stays(state).english)
        default: break
        }
        if name == newest {
            return finding(.unchanged, "바뀐 것이 없습니다. 다른 인증서를 사용하고 있습니다.", "unchanged; another certificate is in use")
        }
        return finding(
            .pending, "이상 없습니다. 차례가 되면 사용합니다(activeFrom, 유효 기간의 시작, 또는 지금 인증서의 만료가 가까울 때).",
            "good; it is used when its time comes (activeFrom, the beginning of its validity, or the approaching end of the one in use)")
    }

    private static func stays(_ state: State) -> BilingualText {
        guard let facts = state.plan.presented.flatMap({ state.holdings[$0]?.identity.facts }) else {
            return BilingualText(korean: "", english: "")
        }
        return BilingualText(
            korean: " 지금 쓰던 인증서(\(facts.fingerprint))를 계속 사용합니다.", english: "; the one in use (\(facts.fingerprint)) stays")
    }

    /// Whether calls can be made: what is presented is valid, and the provider has not refused it.
    public func readiness() -> Readiness {
        let now = time.now
        return state.withLock { state in
            guard let name = state.plan.presented, let facts = state.holdings[name]?.identity.facts else {
                return Readiness(
                    isReady: false, reason: BilingualText(korean: "쓸 수 있는 인증서가 없습니다.", english: "there is no usable certificate"))
            }
            if facts.notAfter < now {
                return Readiness(
                    isReady: false,
                    reason: BilingualText(
                        korean: "인증서가 \(facts.notAfter.koreanText)(한국 시간)에 만료되었습니다. 새 인증서를 발급받아 바꾸세요.",
                        english: "the certificate expired at \(facts.notAfter.internetText); have a new one issued and put it in its place")
                )
            }
            if state.plan.entries[name]?.standing == .refusedInTraffic {
                return Readiness(
                    isReady: false,
                    reason: BilingualText(
                        korean: "제공사가 인증서(\(facts.fingerprint))를 거절했습니다. 콘솔에서 비활성화되거나 삭제되지 않았는지 확인하세요.",
                        english:
                            "the provider refuses the certificate (\(facts.fingerprint)); see in its console whether it was disabled or removed"
                    ))
            }
            return Readiness(
                isReady: true,
                reason: BilingualText(
                    korean: "인증서(\(facts.fingerprint))가 \(facts.daysLeft(at: now))일 남았습니다.",
                    english: "the certificate (\(facts.fingerprint)) has \(facts.daysLeft(at: now)) day(s) left"))
        }
    }

    func verifyStart(mustAllBeGood: Bool) throws(ConfigurationError) {
        let (isPresenting, checks) = state.withLock { ($0.plan.presented != nil, $0.sights.map(\.check)) }
        for (pair, check) in zip(pairs, checks) where mustAllBeGood || !isPresenting {
            if let error = check?.errors.first { throw pair.complaint(about: error) }
        }
        guard !isPresenting, let pair = pairs.first else { return }
        if let finding = checks.first??.findings.first(where: { $0.code == "not-yet-valid" }) { throw pair.complaint(about: finding) }
        if mustAllBeGood, pairs.contains(where: { $0.activeFrom != nil }) { return }
        throw pair.complain(
            nil,
            BilingualText(
                korean: "지금 쓸 수 있는 인증서가 없습니다. activeFrom이 아직 오지 않았다면, 그때까지 쓸 인증서도 함께 적으세요.",
                english: "no certificate can be used now; if its activeFrom is yet to come, name the one that is used until then as well"))
    }
}
