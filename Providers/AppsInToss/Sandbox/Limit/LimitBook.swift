import AppsInToss
import Base
import SandboxKit

/// The rules of a limit that are in force for one call.
struct LimitRule: Equatable, Sendable {
    /// How many calls a minute.
    var perMinute: Int64
    var model: RateModelKind
    /// How long everything is refused once the limit was passed; zero refuses only as long as there is no room.
    var block: Duration
    /// Whether refused calls count, and make the block begin anew.
    var countsRefused = false
}

/// What becomes of a call at the limit.
enum LimitDecision: Equatable, Sendable {
    /// It passes, and counts.
    case passes
    /// It is refused.
    case refused(LimitRefusal)
}

/// Why a call was refused at the limit.
struct LimitRefusal: Equatable, Sendable {
    /// How long the caller should wait.
    var wait: Duration
    /// Whether this very call passed the limit and so began the block; otherwise the block was there.
    var beganBlock: Bool
    /// How many calls count by the model.
    var used: Int64

    /// The wait as the reply tells it: whole seconds, rounded up, at least one.
    var retryAfterSeconds: Int64 { max(1, (wait.wholeNanoseconds + 999_999_999) / 1_000_000_000) }
}

/// One counter with its block.
struct LimitMeter: Sendable {
    private(set) var rule: LimitRule
    private var model: any RateModel
    private var blockedUntil: Timestamp?
    /// When it was last asked, so that counters that nobody asks can be dropped.
    private(set) var askedAt: Timestamp

    init(_ rule: LimitRule, at now: Timestamp) {
        self.rule = rule
        model = rule.model.model(perMinute: rule.perMinute)
        askedAt = now
    }

    /// By how much a clock may go back without having been put back: machines correct theirs, and calls may overtake each other.
    private static let tolerance = Duration.seconds(2)

    /// A call has come.
    mutating func callArrived(_ rule: LimitRule, at moment: Timestamp) -> LimitDecision {
        var now = moment
        // Other rules begin with an empty counter: what the old one knew may mean nothing in the new one. So does a clock that was put back.
        if rule != self.rule || askedAt - now > LimitMeter.tolerance { self = LimitMeter(rule, at: now) }
        now = max(now, askedAt)
        askedAt = now
        if let until = blockedUntil {
            if now < until { return refused(until: until, at: now) }
            blockedUntil = nil
        }
        if model.admits(at: now) { return .passes }
        let used = model.used(at: now)
        guard rule.block > .zero else { return .refused(LimitRefusal(wait: model.wait(at: now), beganBlock: true, used: used)) }
        blockedUntil = now + rule.block
        return .refused(LimitRefusal(wait: rule.block, beganBlock: true, used: used))
    }

    private mutating func refused(until: Timestamp, at now: Timestamp) -> LimitDecision {
        var until = until
        if rule.countsRefused {
            _ = model.admits(at: now)
            until = now + rule.block
            blockedUntil = until
        }
        return .refused(LimitRefusal(wait: until - now, beganBlock: false, used: model.used(at: now)))
    }

    /// Everything is refused until then, whatever was counted.
    mutating func wasBlocked(until: Timestamp, at now: Timestamp) {
        askedAt = now
        blockedUntil = until
    }

    /// How many calls count at `now`.
    mutating func used(at now: Timestamp) -> Int64 { askedAt - now > LimitMeter.tolerance ? 0 : model.used(at: max(now, askedAt)) }

    /// Until when everything is refused; nothing when it is not.
    func blocked(at now: Timestamp) -> Timestamp? {
        blockedUntil.flatMap { now < $0 && askedAt - now <= LimitMeter.tolerance ? $0 : nil }
    }
}

/// All counters of the sandbox, in memory: no call writes to the disk for being counted, and a restart forgets them.
struct LimitBook: Sendable {
    /// Whose calls are counted together.
    struct Key: Hashable, Sendable {
        var tenant: TenantID
        var app: String
        /// A host, or a call and its user; empty for everything of the mini-app.
        var scope = ""
    }

    private var meters: [Key: LimitMeter] = [:]
    /// At how many counters those are dropped that nobody has asked for an hour.
    private var sweepAt = 10_000

    /// A call has come.
    mutating func callArrived(_ key: Key, _ rule: LimitRule, at now: Timestamp) -> LimitDecision {
        if let place = meters.index(forKey: key) { return meters.values[place].callArrived(rule, at: now) }
        if meters.count >= sweepAt {
            meters = meters.filter { $0.key.tenant != key.tenant || now - $0.value.askedAt < .seconds(3600) }
            sweepAt = max(10_000, meters.count * 2)
        }
        var meter = LimitMeter(rule, at: now)
        defer { meters[key] = meter }
        return meter.callArrived(rule, at: now)
    }

    /// Everything of the mini-app is refused until then.
    mutating func wasBlocked(_ key: Key, _ rule: LimitRule, until: Timestamp, at now: Timestamp) {
        var meter = meters[key] ?? LimitMeter(rule, at: now)
        if meter.rule != rule { meter = LimitMeter(rule, at: now) }
        meter.wasBlocked(until: until, at: now)
        meters[key] = meter
    }

    /// What counts at `now` for one mini-app, each counter by its scope.
    mutating func state(_ tenant: TenantID, app: String, at now: Timestamp) -> [(scope: String, used: Int64, blockedUntil: Timestamp?)] {
        let keys = meters.keys.filter { $0.tenant == tenant && $0.app == app }.sorted { $0.scope < $1.scope }
        return keys.compactMap { key in
            guard let place = meters.index(forKey: key) else { return nil }
            return (key.scope, meters.values[place].used(at: now), meters.values[place].blocked(at: now))
        }
    }

    /// Forgets what was counted for a tenant, or for one of its mini-apps.
    mutating func forget(_ tenant: TenantID, app: String? = nil) {
        meters = meters.filter { $0.key.tenant != tenant || (app != nil && $0.key.app != app) }
    }
}
