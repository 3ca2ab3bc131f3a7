import Base
import SandboxKit

/// Something that is to go wrong with a tenant's next calls.
struct Fault: Sendable, Hashable {
    /// Whether the service has acted when it goes wrong.
    enum Moment: String, Sendable {
        /// It has not.
        case before
        /// It has.
        case after
    }

    /// What the caller is told instead of the service's answer.
    struct Answer: Sendable, Hashable {
        var status: Int
        var contentType: String?
        var body: [UInt8] = []
    }

    /// What goes wrong.
    enum Kind: Sendable, Hashable {
        /// The answer comes late: by a duration of real time, since the caller waits in real time and a frozen clock would never bring it.
        case delay(Duration)
        /// The service is not asked.
        case status(Answer)
        /// The service acts, but the caller is told otherwise.
        case errorAfter(Answer)
        /// Nothing is answered for a duration of real time, then the connection is closed.
        case hang(Duration, Moment)
        /// The connection is closed without an answer.
        case drop(Moment)
        /// The service acts, and the connection is closed in the middle of its answer.
        case truncate

        /// The word by which the control API knows it.
        var word: String {
            switch self {
            case .delay: return "delay"
            case .status: return "status"
            case .errorAfter: return "error-after"
            case .hang: return "hang"
            case .drop: return "drop"
            case .truncate: return "truncate"
            }
        }

        /// Whether it strikes before or after the service acts.
        var moment: Moment {
            switch self {
            case .delay, .status: return .before
            case .errorAfter, .truncate: return .after
            case .hang(_, let moment), .drop(let moment): return moment
            }
        }
    }

    /// What goes wrong.
    var kind: Kind
    /// Only with this provider's calls.
    var provider: String?
    /// Only with calls of the route of this name.
    var route: String?
    /// How many more calls it strikes.
    var remaining = 1
    /// How many calls it has struck.
    var struck = 0
    /// A number of its own, by which the request log refers to it.
    var id = 0

    /// The fault as the control API shows it.
    var json: JSON {
        var members: JSON.Members = [
            "id": .number(id), "kind": .string(kind.word), "when": .string(kind.moment.rawValue), "remaining": .number(remaining),
            "struck": .number(struck),
        ]
        if let provider { members["provider"] = .string(provider) }
        if let route { members["route"] = .string(route) }
        switch kind {
        case .delay(let duration), .hang(let duration, _):
            members["duration_ms"] = .number(duration.wholeNanoseconds / 1_000_000)
        case .status(let answer), .errorAfter(let answer): members["status"] = .number(answer.status)
        case .drop, .truncate: break
        }
        return .object(members)
    }
}

/// The faults that wait for their calls, as a value.
struct FaultPlan: Sendable {
    private var faults: [TenantID: [Fault]] = [:]
    private var latestID = 0

    /// How many faults of one tenant may wait.
    static let limit = 100

    /// Adds a fault behind the others.
    ///
    /// - Returns: The fault with its number; nothing when too many wait already.
    mutating func add(_ fault: Fault, _ tenant: TenantID) -> Fault? {
        guard faults[tenant, default: []].count < Self.limit else { return nil }
        latestID += 1
        var fault = fault
        fault.id = latestID
        faults[tenant, default: []].append(fault)
        return fault
    }

    /// The faults of a tenant in the order they were added.
    func waiting(_ tenant: TenantID) -> [Fault] { faults[tenant] ?? [] }

    /// Drops a tenant's faults and says how many there were.
    mutating func removeAll(_ tenant: TenantID) -> Int { faults.removeValue(forKey: tenant)?.count ?? 0 }

    /// Whether any tenant's fault waits for a call of `provider` at `moment`.
    func awaits(_ moment: Fault.Moment, provider: String) -> Bool {
        faults.values.contains { $0.contains { $0.kind.moment == moment && ($0.provider ?? provider) == provider } }
    }

    /// The first fault that is meant for such a call. It then waits for one call less.
    mutating func take(_ moment: Fault.Moment, _ tenant: TenantID, provider: String, route: String?) -> Fault? {
        let match = faults[tenant]?.firstIndex { fault in
            fault.kind.moment == moment && (fault.provider ?? provider) == provider && (fault.route == nil || fault.route == route)
        }
        guard let match, var fault = faults[tenant]?[match] else { return nil }
        fault.remaining -= 1
        fault.struck += 1
        if fault.remaining > 0 {
            faults[tenant]?[match] = fault
        } else {
            faults[tenant]?.remove(at: match)
            if faults[tenant]?.isEmpty == true { faults[tenant] = nil }
        }
        return fault
    }
}
