public import Base
internal import Cryptography

extension IdentityKeeper {
    /// With this many days left and no other pair to take over, a certificate is a problem and no longer only a warning.
    static let lastDays = 7

    /// What the doctor is told about every pair: how many days it has left, whether its key matches, what should be mended. Calls nobody.
    ///
    /// - Parameter now: The date by which it is judged.
    public func examine(at now: Timestamp) -> [DoctorFinding] {
        let (sights, presented) = state.withLock { state in (state.sights, state.plan.presented) }
        let lasting = sights.count { sight in
            sight.check?.identity != nil && (sight.check?.facts?.daysLeft(at: now) ?? 0) > IdentityKeeper.lastDays
        }
        return zip(pairs, sights).flatMap { pair, sight -> [DoctorFinding] in
            guard let check = sight.check else { return [] }
            return summary(pair, check, presented, now) + check.findings.map { finding($0, pair, check, hasSuccessor: lasting > 0, now) }
        }
    }

    /// A place's rule, with the certificate that calls present there now and with whom they trust.
    public func completed(_ rule: OutboundRule) -> OutboundRule {
        var rule = rule
        rule.trust = customs.trust
        rule.identity = state.withLock { state in
            let usable = state.sights.compactMap { $0.check?.identity }
            return usable.first { Hexadecimal.encode($0.fingerprint) == state.plan.presented } ?? usable.first
        }
        return rule
    }

    private func summary(_ pair: IdentityPair, _ check: IdentityCheck, _ presented: String?, _ now: Timestamp) -> [DoctorFinding] {
        guard let identity = check.identity, let facts = check.facts else { return [] }
        let isInUse = Hexadecimal.encode(identity.fingerprint) == presented
        let name = facts.name ?? facts.fingerprint
        let days = facts.daysLeft(at: now)
        let use: (String, String) =
            if isInUse {
                ("사용 중", "in use")
            } else if let activeFrom = pair.activeFrom, activeFrom > now {
                ("\(activeFrom.koreanText)부터 사용", "in use from \(activeFrom.koreanText) KST on")
            } else {
                ("대기 중", "in reserve")
            }
        return [
            DoctorFinding(
                .certificate, pair.subject, .good,
                BilingualText(
                    korean: "\(name): \(days)일 남음(\(facts.notAfter.koreanText)까지), 키 일치, \(use.0)",
                    english: "\(name): \(days) days left (until \(facts.notAfter.koreanText) KST), key matches, \(use.1)"),
                facts: [
                    "name": .string(name), "days_left": .number(days), "not_after": .string(facts.notAfter.internetText),
                    "fingerprint": .string(facts.fingerprint), "serial_number": .string(facts.serialNumber), "in_use": .boolean(isInUse),
                ])
        ]
    }

    private func finding(
        _ found: IdentityFinding, _ pair: IdentityPair, _ check: IdentityCheck, hasSuccessor: Bool, _ now: Timestamp
    ) -> DoctorFinding {
        let isLast = (check.facts?.daysLeft(at: now) ?? .max) <= IdentityKeeper.lastDays && !hasSuccessor && found.code == "ends-soon"
        return DoctorFinding(
            .certificate, pair.subject, found.level == .error || isLast ? .problem : .warning, found.message,
            facts: ["code": .string(found.code), "part": .string(found.subject.rawValue)])
    }
}
