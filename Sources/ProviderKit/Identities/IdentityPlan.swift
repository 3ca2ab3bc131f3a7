import Base

/// Decides which of several certificates is presented, when another takes over, and what happens when that one turns out to be refused.
///
/// A value without input or output: it is told what has happened, with the time, and answers what is to be done. Contents are known by a name
/// of their own (a fingerprint); what is behind it, the key above all, is the shell's.
///
/// The rules, in the order in which they matter:
/// - What was refused is not presented while there is anything else that is valid.
/// - Nothing that has never been presented takes the place of something that works before a trial has succeeded.
/// - A pair is chosen by its `activeFrom`: the latest that has come. Pairs with less than the margin left stand behind those with more.
/// - New content of a pair's files takes the place of the old, which is kept until the provider has accepted the new in real traffic.
struct IdentityPlan: Sendable {
    /// The name of a content.
    typealias Name = String

    /// The two clocks: civil time for dates, uptime for waiting.
    struct Moment: Sendable {
        var now: Timestamp
        var uptime: Duration
    }

    /// What the plan needs to know of a certificate with its key.
    struct Content: Sendable, Hashable {
        var name: Name
        var notBefore: Timestamp
        var notAfter: Timestamp
    }

    /// How long things may take.
    struct Policy: Sendable {
        /// With less time left than this, another pair is preferred.
        var margin: Duration = .seconds(14 * 86_400)
        /// The days left at which somebody is warned; 0 is the end itself.
        var warningDays = [30, 7, 1, 0]
        /// How long after a trial that met nobody the next one follows, at first and at most.
        var unreachable: (first: Duration, most: Duration) = (.seconds(1), .seconds(60))
        /// How long after a trial that was refused the next one follows, at first and at most.
        var refused: (first: Duration, most: Duration) = (.seconds(60), .seconds(3600))
    }

    /// What has happened.
    enum Event: Sendable {
        /// The files of a pair hold this content, which can be used.
        case contentRead(slot: Int, Content)
        /// Time has passed.
        case timePassed
        /// A trial has ended.
        case trialEnded(Name, Verdict)
        /// The provider accepted a call with this content.
        case callAccepted(Name)
        /// The provider refused a call because of this content.
        case callRefused(Name)
        /// The last call with a content that is no longer presented has ended.
        case callsEnded(Name)
        /// Somebody asked to look at everything again.
        case reloadRequested
    }

    /// How a trial ended.
    enum Verdict: Sendable {
        case accepted
        case refused
        case unreachable
    }

    /// What is to be done, in this order.
    enum Action: Sendable, Hashable {
        /// Calls that begin from now on present this content.
        case present(Name)
        /// No connection with this content may be used for another call.
        case retire(Name)
        /// Find out whether the provider accepts this content, and report the end.
        case startTrial(Name)
        /// This content will not be needed again.
        case forget(Name)
        /// No call with this content is under way any more.
        case drained(Name)
        /// The trial found that the provider refuses it.
        case rejected(Name)
        /// The trial met nobody; the next follows by itself.
        case postponed(Name)
        /// The provider refused in real traffic what is presented; what it presents next, if there is anything, follows.
        case displaced(Name)
        /// Somebody should see that a pair's content ends within so many days; 0 when it has ended.
        case warn(slot: Int, Name, days: Int)
    }

    struct Slot: Sendable {
        var activeFrom: Timestamp?
        /// What the files hold, as far as it can be used.
        var newest: Name?
        /// What they held before, as long as the newest has not proved itself.
        var kept: Name?
    }

    struct Entry: Sendable {
        enum Standing: Sendable {
            /// Nobody has tried it.
            case untried
            /// A trial was refused; it may be tried again later.
            case refusedInTrial
            /// It has been presented, and nothing is known against it.
            case presented
            /// The provider accepted it in real traffic.
            case proven
            /// The provider refused it in real traffic.
            case refusedInTraffic
        }

        var content: Content
        var standing = Standing.untried
        var failedTrials = 0
        var retryAt: Duration?
        var warnedDays: Int?
    }

    let policy: Policy
    var slots: [Slot]
    var entries: [Name: Entry] = [:]
    /// What calls present.
    var presented: Name?
    /// What is being tried.
    var trial: Name?
    /// What calls may still be under way with, although it is no longer presented.
    var draining: Set<Name> = []

    /// A plan for pairs with these dates, in the order of the settings.
    init(activeFrom: [Timestamp?], policy: Policy = Policy()) {
        slots = activeFrom.map { Slot(activeFrom: $0) }
        self.policy = policy
    }

    /// Takes up what has happened.
    mutating func handle(_ event: Event, at moment: Moment) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .contentRead(let slot, let content): read(content, slot)
        case .timePassed: break
        case .trialEnded(let name, let verdict): trialEnded(name, verdict, moment, &actions)
        case .callAccepted(let name): accepted(name)
        case .callRefused(let name): refused(name, moment, &actions)
        case .callsEnded(let name): if draining.remove(name) != nil { actions.append(.drained(name)) }
        case .reloadRequested: forgiveRefusals()
        }
        decide(moment, &actions)
        forget(&actions)
        warn(moment, &actions)
        return actions
    }

    // MARK: What has happened

    private mutating func read(_ content: Content, _ slot: Int) {
        let name = content.name
        if let standing = entries[name]?.standing {
            // The files were put there again: that is somebody's wish to try them again.
            if name != presented, standing == .refusedInTrial || standing == .refusedInTraffic { forgive(name) }
        } else {
            entries[name] = Entry(content: content)
        }
        guard let old = slots[slot].newest, old != name else {
            slots[slot].newest = name
            return
        }
        slots[slot].newest = name
        switch entries[old]?.standing {
        case .presented, .proven: slots[slot].kept = old
        default: break
        }
        if slots[slot].kept == name { slots[slot].kept = nil }
    }

    private mutating func trialEnded(_ name: Name, _ verdict: Verdict, _ moment: Moment, _ actions: inout [Action]) {
        guard trial == name else { return }
        trial = nil
        guard var entry = entries[name] else { return }
        switch verdict {
        case .accepted:
            entry.failedTrials = 0
            entry.retryAt = nil
            entries[name] = entry
            if choice(moment) == name { present(name, &actions) }
        case .refused:
            entry.failedTrials += 1
            entry.retryAt = moment.uptime + IdentityPlan.pause(policy.refused, entry.failedTrials)
            entry.standing = .refusedInTrial
            entries[name] = entry
            actions.append(.rejected(name))
        case .unreachable:
            entry.failedTrials += 1
            entry.retryAt = moment.uptime + IdentityPlan.pause(policy.unreachable, entry.failedTrials)
            entries[name] = entry
            actions.append(.postponed(name))
        }
    }

    private mutating func accepted(_ name: Name) {
        guard entries[name] != nil else { return }
        entries[name]?.standing = .proven
        entries[name]?.retryAt = nil
        for index in slots.indices where slots[index].newest == name { slots[index].kept = nil }
    }

    private mutating func refused(_ name: Name, _ moment: Moment, _ actions: inout [Action]) {
        // A late answer to a call with something else says nothing about what is presented now.
        guard name == presented, let standing = entries[name]?.standing, standing != .refusedInTraffic else { return }
        entries[name]?.standing = .refusedInTraffic
        entries[name]?.retryAt = moment.uptime + policy.refused.most
        actions.append(.displaced(name))
    }

    private mutating func forgiveRefusals() {
        for name in entries.keys where name != presented { forgive(name) }
    }

    private mutating func forgive(_ name: Name) {
        guard let entry = entries[name] else { return }
        entries[name]?.retryAt = nil
        entries[name]?.failedTrials = 0
        if entry.standing == .refusedInTrial || entry.standing == .refusedInTraffic { entries[name]?.standing = .untried }
    }

    private static func pause(_ range: (first: Duration, most: Duration), _ failures: Int) -> Duration {
        min(range.most, range.first * (1 << min(failures - 1, 20)))
    }
}
