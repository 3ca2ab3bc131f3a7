public import Base
public import ProviderKit

/// What a service makes of a call: the answer for the caller and, separately, the reason for the developer.
public struct Judgement: Sendable {
    /// What the caller is told: no more than the real provider tells.
    public var reply: Reply
    /// Whose data the call met; nothing when its credentials name no tenant.
    public var tenant: TenantID?
    /// The name of the route that the call took; nothing when there is no such call.
    public var route: String?
    /// Why it was refused, or what should be known although it was accepted.
    public var verdict: Verdict?

    /// A judgement.
    public init(reply: Reply, tenant: TenantID? = nil, route: String? = nil, verdict: Verdict? = nil) {
        self.reply = reply
        self.tenant = tenant
        self.route = route
        self.verdict = verdict
    }
}

/// Which rule decided over a call, and why, in words.
public struct Verdict: Sendable, Hashable {
    /// What the rule led to.
    public enum Kind: String, Sendable {
        /// The call was refused.
        case refused
        /// The call was accepted, but its author should look at it.
        case warned
    }

    /// Refused or warned.
    public var kind: Kind
    /// The rule's name, such as `token.expired`.
    public var rule: String
    /// Why, in words.
    public var reason: BilingualText
    /// What to do about it.
    public var remedy: BilingualText?
    /// Facts for the developer: the age of the token, the address that was not on the list. Secrets never stand here.
    public var details: JSON.Members

    /// A verdict.
    public init(
        _ kind: Kind = .refused, rule: String, reason: BilingualText, remedy: BilingualText? = nil, details: JSON.Members = [:]
    ) {
        self.kind = kind
        self.rule = rule
        self.reason = reason
        self.remedy = remedy
        self.details = details
    }

    /// The verdict as the request log shows it.
    public var json: JSON {
        var members: JSON.Members = [
            "kind": .string(kind.rawValue), "rule": .string(rule),
            "reason": ["ko": .string(reason.korean), "en": .string(reason.english)],
        ]
        if let remedy { members["remedy"] = ["ko": .string(remedy.korean), "en": .string(remedy.english)] }
        if details.count > 0 { members["details"] = .object(details) }
        return .object(members)
    }

    /// The one verdict of a call: `verdict`, or without one the first warning, with all other warnings in its details; nothing when there is nothing to say.
    public static func of(_ verdict: Verdict?, warnings: [Verdict]) -> Verdict? {
        var rest = warnings[...]
        guard var verdict = verdict ?? rest.popFirst() else { return nil }
        if !rest.isEmpty {
            verdict.details["warnings"] = .array(
                rest.map { ["rule": .string($0.rule), "ko": .string($0.reason.korean), "en": .string($0.reason.english)] })
        }
        return verdict
    }
}
