import Base
import Bootpay
import SandboxKit

/// Everything about Bootpay's behaviour that a tenant may set: what nobody has documented, and what a developer wants to provoke.
struct SandboxSettings: Equatable {
    /// The token rule's edges and lifetime.
    var tokenRule = TokenRule()
    /// How old a first token is said to be already, in seconds; real callers are often handed an aged one.
    var initialTokenAge: Int64 = 0
    /// Whether a re-issued private key kills the live tokens at once.
    var revokesTokensOnReissue = false
    /// The header field that names the caller's address, for tenants that simulate addresses; nothing takes the connection's.
    var sourceHeader: String?

    /// Whether a `cancel_id` is refused when it comes again.
    var dedupesCancels = true
    /// Whether a second partial cancel soon after the first is refused.
    var guardsPartialCancels = false
    /// How long the guard holds, in seconds.
    var guardSeconds: Int64 = 10
    /// A partial cancel must be of more than this, in won.
    var partialCancelMinimum: Int64 = 1000
    /// What the merchant has not been paid out yet, in won; nothing means enough.
    var unsettledBalance: Int64?
    /// Whether Bootpay's addresses were registered at KCP.
    var isRegisteredAtKCP = true

    /// How the gateway answers cancels.
    var cancelOutcome = GatewayOutcome.normal
    /// How the gateway answers charges, reserved charges and approvals.
    var approvalOutcome = GatewayOutcome.normal
    /// Whether the gateway refuses to issue billing keys, as it often does with test keys.
    var refusesBillingKeys = false
    /// After how many seconds a cancel that runs at the gateway ends.
    var pendingCancelSeconds: Int64 = 60
    /// After how many seconds the gateway takes test payments back, behind Bootpay's back; nothing for never.
    var testPaymentSeconds: Int64?

    /// How long an approval waits, in seconds.
    var approvalSeconds: Int64 = 1800
    /// How long a user token lives, in seconds.
    var userTokenSeconds: Int64 = 3600
    /// How many reservations may wait for one key.
    var reservationsPerKey: Int64 = 5

    /// When notifications are repeated.
    var webhookSchedule = WebhookSchedule()
    /// How a form writes the members of `payment_data`.
    var webhookNesting = WebhookNesting.brackets
    /// How long a notification waits for its answer, in seconds.
    var webhookTimeout: Int64 = 10

    /// Rows of the table of rare calls that are answered with 404.
    var disabledCalls: Set<String> = []
    /// Rows of the error table that differ from the default.
    var refusals: [String: BootpayRefusal] = [:]

    /// The row as this tenant wants it.
    func refusal(_ row: BootpayRefusal) -> BootpayRefusal { refusals[row.name] ?? row }
}

/// How the simulated payment gateway answers.
enum GatewayOutcome: String, CaseIterable {
    /// It does what is asked.
    case normal
    /// It refuses; nothing changes.
    case refuse
    /// Bootpay does not get its answer in time, although it did what was asked.
    case timeoutDone = "timeout-done"
    /// Bootpay does not get its answer in time, and nothing was done.
    case timeoutNotDone = "timeout-not-done"
    /// Bootpay does not get its answer in time and does not know; it is found out later. For cancels only.
    case timeoutPending = "timeout-pending"
}

/// How a notification is written.
enum WebhookFormat: String, CaseIterable {
    case form = "urlencoded"
    case json
}

/// How a form notification writes `payment_data`, which nobody has documented.
enum WebhookNesting: String, CaseIterable {
    /// `payment_data[card_name]=…`
    case brackets
    /// `payment_data={"card_name":…}`
    case json
}

// MARK: As the control API writes them

extension SandboxSettings {
    /// One setting under the name that the control API gives it.
    struct Member {
        let name: String
        let get: @Sendable (SandboxSettings) -> JSON
        /// Takes a value; false when it makes no sense.
        let set: @Sendable (inout SandboxSettings, JSON) -> Bool
        /// What makes sense.
        let allowed: BilingualText
    }

    /// All settings but the error table, in the order in which they are shown.
    static let members: [Member] = [
        Member.integer("token_renewal_age", 1...86_400, \.renewalSeconds),
        Member.integer("token_lifetime", 1...86_400, \.lifetimeSeconds),
        Member.integer("initial_token_age", 0...86_399, \.initialTokenAge),
        Member.boolean("revoke_tokens_on_reissue", \.revokesTokensOnReissue),
        Member.header("source_address_header", \.sourceHeader),
        Member.boolean("cancel_id_dedupe", \.dedupesCancels),
        Member.boolean("partial_cancel_guard", \.guardsPartialCancels),
        Member.integer("partial_cancel_guard_seconds", 1...86_400, \.guardSeconds),
        Member.integer("partial_cancel_minimum", 0...1_000_000_000, \.partialCancelMinimum),
        Member.optionalInteger("unsettled_balance", 0...1_000_000_000_000, \.unsettledBalance),
        Member.boolean("kcp_address_registered", \.isRegisteredAtKCP),
        Member.choice("gateway_cancel", GatewayOutcome.allCases, \.cancelOutcome),
        Member.choice("gateway_approval", GatewayOutcome.allCases.filter { $0 != .timeoutPending }, \.approvalOutcome),
        Member.boolean("gateway_refuses_billing_keys", \.refusesBillingKeys),
        Member.integer("pending_cancel_seconds", 1...86_400, \.pendingCancelSeconds),
        Member.optionalInteger("test_payment_seconds", 1...31_536_000, \.testPaymentSeconds),
        Member.integer("approval_seconds", 1...86_400, \.approvalSeconds),
        Member.integer("user_token_seconds", 1...86_400, \.userTokenSeconds),
        Member.integer("reservations_per_key", 1...1000, \.reservationsPerKey),
        Member.integer("webhook_first_pause", 1...86_400, \.webhookSchedule.firstPause),
        Member.integer("webhook_pause_factor", 1...10, \.webhookSchedule.factor),
        Member.integer("webhook_longest_pause", 1...604_800, \.webhookSchedule.longestPause),
        Member.integer("webhook_repeats", 0...100, \.webhookSchedule.repeats),
        Member.choice("webhook_payment_data", WebhookNesting.allCases, \.webhookNesting),
        Member.integer("webhook_timeout", 1...60, \.webhookTimeout),
        Member.rareCalls("disabled_calls", \.disabledCalls),
    ]

    private var renewalSeconds: Int64 {
        get { tokenRule.renewalAge.wholeSeconds }
        set { tokenRule.renewalAge = .seconds(newValue) }
    }

    private var lifetimeSeconds: Int64 {
        get { tokenRule.lifetime.wholeSeconds }
        set { tokenRule.lifetime = .seconds(newValue) }
    }

    /// Everything as it is in force, the error table at the end.
    var json: JSON {
        var members = JSON.Members()
        for member in SandboxSettings.members { members[member.name] = member.get(self) }
        var errors = JSON.Members()
        for row in BootpayRefusal.table {
            let own = refusal(row)
            errors[row.name] = [
                "status": .number(own.status), "code": .number(own.code), "message": .string(own.message),
                "published": .boolean(row.isPublished && own == row),
            ]
        }
        members["errors"] = .object(errors)
        return .object(members)
    }

    /// Only what differs from the defaults, as it is stored.
    var stored: JSON {
        let defaults = SandboxSettings()
        var members = JSON.Members()
        for member in SandboxSettings.members where member.get(self) != member.get(defaults) { members[member.name] = member.get(self) }
        var errors = JSON.Members()
        for row in BootpayRefusal.table {
            guard let own = refusals[row.name] else { continue }
            errors[row.name] = ["status": .number(own.status), "code": .number(own.code), "message": .string(own.message)]
        }
        if errors.count > 0 { members["errors"] = .object(errors) }
        return .object(members)
    }

    /// Reads what was stored; a member that this version does not know is left out.
    init(stored text: String?) {
        guard let text, text != "{}", let members = (try? JSON(text))?.members else { return }
        for name in members.names {
            guard let value = members[name] else { continue }
            try? change(name, to: value)
        }
    }

    /// Takes the members of `json`; null brings a default back.
    ///
    /// - Throws: ``ControlError`` that names the member and what is allowed; then nothing has been taken.
    mutating func change(_ json: JSON) throws(ControlError) {
        guard let members = json.members else {
            throw .settingsAreNoObject
        }
        var changed = self
        for name in members.names {
            guard let value = members[name] else { continue }
            try changed.change(name, to: value)
        }
        guard changed.initialTokenAge < changed.tokenRule.lifetime.wholeSeconds else {
            throw ControlError(
                message: BilingualText(
                    korean: "initial_token_age는 token_lifetime보다 작아야 합니다.", english: "initial_token_age must be less than token_lifetime."))
        }
        self = changed
    }

    private mutating func change(_ name: String, to value: JSON) throws(ControlError) {
        if name == "errors" { return try changeErrors(value) }
        guard let member = SandboxSettings.members.first(where: { $0.name == name }) else {
            throw .unknownSetting(name, known: SandboxSettings.members.map(\.name) + ["errors"])
        }
        let wanted = value.isNull ? member.get(SandboxSettings()) : value
        guard member.set(&self, wanted) else {
            throw .wrongSetting(name, allowed: member.allowed)
        }
    }

    private mutating func changeErrors(_ json: JSON) throws(ControlError) {
        if json.isNull { return refusals = [:] }
        guard let members = json.members else {
            throw ControlError(message: BilingualText(korean: "errors는 객체여야 합니다.", english: "errors must be an object."))
        }
        for name in members.names {
            guard let row = BootpayRefusal.table.first(where: { $0.name == name }), let value = members[name] else {
                let known = BootpayRefusal.table.map(\.name).joined(separator: ", ")
                throw ControlError(
                    message: BilingualText(
                        korean: "errors에 없는 이름 \(name)입니다. 쓸 수 있는 이름: \(known)", english: "errors has no row \(name). Rows: \(known)"))
            }
            if value.isNull {
                refusals[name] = nil
                continue
            }
            var own = refusal(row)
            own.status = value["status"]?.integer.flatMap { Int(exactly: $0) } ?? own.status
            own.code = value["code"]?.integer.flatMap { Int(exactly: $0) } ?? own.code
            own.message = value["message"]?.string ?? own.message
            guard (400...599).contains(own.status), own.code != 0 else {
                throw ControlError(
                    message: BilingualText(
                        korean: "errors.\(name): status는 400–599, code는 0이 아닌 정수여야 합니다.",
                        english: "errors.\(name): status must be 400 to 599 and code a whole number other than 0."))
            }
            refusals[name] = own == row ? nil : own
        }
    }
}
