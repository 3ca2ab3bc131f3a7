import Base

/// Where a subscription stands, in the words of the webhook.
enum SubscriptionPhase: String, CaseIterable, Sendable {
    case active = "ACTIVE"
    /// The renewal could not be paid; the product may still be used.
    case inGracePeriod = "IN_GRACE_PERIOD"
    /// The renewal could not be paid for longer; the product may not be used.
    case onHold = "ON_HOLD"
    case paused = "PAUSED"
    case expired = "EXPIRED"
    case revoked = "REVOKED"
}

/// Why a subscription changed, in the words of the webhook.
enum SubscriptionMove: String, CaseIterable, Sendable {
    case created = "CREATED"
    case renewed = "RENEWED"
    case recovered = "RECOVERED"
    case restarted = "RESTARTED"
    case enteredGracePeriod = "ENTERED_GRACE_PERIOD"
    case onHold = "ON_HOLD"
    case paused = "PAUSED"
    case autoRenewEnabled = "AUTO_RENEW_ENABLED"
    case autoRenewDisabled = "AUTO_RENEW_DISABLED"
    case extended = "EXTENDED"
    case expired = "EXPIRED"
    case revoked = "REVOKED"

    /// The word of the control API's path: `auto-renew-enabled`.
    var pathWord: String { rawValue.lowercased().replacing("_", with: "-") }
}

/// What the webhook says of a subscription before and after a change.
struct SubscriptionState: Equatable, Sendable {
    var phase: SubscriptionPhase
    /// Whether the product may be used.
    var accessGranted: Bool
    /// When it ends, or is renewed; nothing when that is open.
    var expiresAt: Timestamp?
    var autoRenew: Bool
}

/// The way of one subscription through its states, with the tenant's time. A value without I/O.
///
/// Which change follows which is not documented; the rules here are those of the app stores, from which the words come.
struct SubscriptionCourse: Equatable, Sendable {
    /// How long things last.
    struct Times: Equatable, Sendable {
        /// One paid period.
        var period: Duration = .seconds(30 * 86_400)
        /// How long the product may be used after a renewal failed.
        var grace: Duration = .seconds(3 * 86_400)
    }

    private(set) var state: SubscriptionState

    /// A subscription that began at `moment`.
    init(createdAt moment: Timestamp, _ times: Times) {
        state = SubscriptionState(phase: .active, accessGranted: true, expiresAt: moment + times.period, autoRenew: true)
    }

    /// A subscription as it was kept.
    init(stored state: SubscriptionState) { self.state = state }

    /// What a change would make of the subscription; nothing when it cannot follow where it stands. `CREATED` never follows anything.
    func after(_ reason: SubscriptionMove, at moment: Timestamp, _ times: Times) -> SubscriptionState? {
        let isRunning = state.phase == .active || state.phase == .inGracePeriod
        switch reason {
        case .created: return nil
        case .renewed: return state.phase == .active && state.autoRenew ? paid(from: later(moment), times) : nil
        case .recovered:
            return [.inGracePeriod, .onHold, .paused].contains(state.phase) ? paid(from: moment, times) : nil
        case .restarted:
            if state.phase == .expired { return paid(from: moment, times) }
            return state.phase == .active && !state.autoRenew ? with { $0.autoRenew = true } : nil
        case .enteredGracePeriod:
            guard state.phase == .active, state.autoRenew else { return nil }
            return with {
                $0.phase = .inGracePeriod
                $0.expiresAt = later(moment) + times.grace
            }
        case .onHold: return isRunning && state.autoRenew ? stopped(.onHold) : nil
        case .paused: return state.phase == .active ? stopped(.paused) : nil
        case .autoRenewEnabled: return isRunning && !state.autoRenew ? with { $0.autoRenew = true } : nil
        case .autoRenewDisabled: return isRunning && state.autoRenew ? with { $0.autoRenew = false } : nil
        case .extended: return isRunning ? with { $0.expiresAt = later(moment) + times.period } : nil
        case .expired:
            guard state.phase != .expired, state.phase != .revoked else { return nil }
            return ended(.expired, min(moment, state.expiresAt ?? moment))
        case .revoked: return state.phase == .revoked ? nil : ended(.revoked, moment)
        }
    }

    /// Which change time brings by itself, and when; nothing when it brings none.
    var next: (reason: SubscriptionMove, moment: Timestamp)? {
        guard let expiresAt = state.expiresAt else { return nil }
        switch state.phase {
        case .active: return (state.autoRenew ? .renewed : .expired, expiresAt)
        case .inGracePeriod: return (state.autoRenew ? .onHold : .expired, expiresAt)
        case .onHold, .paused, .expired, .revoked: return nil
        }
    }

    /// The changes that may follow where it stands.
    func possible(at moment: Timestamp, _ times: Times) -> [SubscriptionMove] {
        SubscriptionMove.allCases.filter { after($0, at: moment, times) != nil }
    }

    /// The end of what is paid, or `moment` where that is later.
    private func later(_ moment: Timestamp) -> Timestamp { max(moment, state.expiresAt ?? moment) }

    private func paid(from moment: Timestamp, _ times: Times) -> SubscriptionState {
        SubscriptionState(phase: .active, accessGranted: true, expiresAt: moment + times.period, autoRenew: true)
    }

    private func stopped(_ phase: SubscriptionPhase) -> SubscriptionState {
        with {
            $0.phase = phase
            $0.accessGranted = false
        }
    }

    private func ended(_ phase: SubscriptionPhase, _ moment: Timestamp) -> SubscriptionState {
        SubscriptionState(phase: phase, accessGranted: false, expiresAt: moment, autoRenew: false)
    }

    private func with(_ change: (inout SubscriptionState) -> Void) -> SubscriptionState {
        var changed = state
        change(&changed)
        return changed
    }
}
