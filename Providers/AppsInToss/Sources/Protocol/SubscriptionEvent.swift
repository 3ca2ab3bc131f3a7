public import Base

/// What the in-app purchase's webhook says: the only place where the state of a subscription can be learnt.
public struct SubscriptionEvent: Sendable, Hashable {
    /// What it is about (`eventType`).
    public struct Kind: AppsInTossWord {
        /// The word as the provider writes it.
        public let rawValue: String
        /// One by its word; also one that is not known yet.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The call that is made when the address is registered in the console.
        public static let registrationVerification = Kind(rawValue: "callback.registration_verification")
        /// A subscription changed.
        public static let statusChanged = Kind(rawValue: "subscription.status_changed")

        /// Those that are known.
        public static let known: [Kind] = [.registrationVerification, .statusChanged]
    }

    /// How a subscription stands at one moment.
    public struct State: Sendable, Hashable {
        /// Where it stands.
        public var status: SubscriptionStatus
        /// Whether the subscriber may use what was bought.
        public var accessGranted: Bool
        /// When it ends, as the provider wrote it; nothing when it does not.
        public var expiresAt: String?
        /// Whether it will be renewed.
        public var autoRenew: Bool

        /// A state.
        public init(status: SubscriptionStatus, accessGranted: Bool, expiresAt: String?, autoRenew: Bool) {
            self.status = status
            self.accessGranted = accessGranted
            self.expiresAt = expiresAt
            self.autoRenew = autoRenew
        }

        init?(_ json: JSON) {
            guard let status: SubscriptionStatus = json.word("status"), let granted = json.flag("accessGranted") else { return nil }
            self.init(
                status: status, accessGranted: granted, expiresAt: json.text("expiresAt"), autoRenew: json.flag("autoRenew") ?? false)
        }

        /// When it ends.
        public var end: Timestamp? { expiresAt.flatMap(AppsInTossTime.read) }

        /// As it stands in an event.
        public var json: JSON {
            [
                "status": .string(status.rawValue), "accessGranted": .boolean(accessGranted),
                "expiresAt": expiresAt.map { .string($0) } ?? .null, "autoRenew": .boolean(autoRenew),
            ]
        }
    }

    /// What changed.
    public struct Change: Sendable, Hashable {
        /// The order that the subscription began with.
        public var orderID: String
        /// The product.
        public var sku: String
        /// Why.
        public var reason: SubscriptionChangeReason
        /// How it was before; nothing when it has just begun.
        public var previous: State?
        /// How it is.
        public var current: State

        /// A change.
        public init(orderID: String, sku: String, reason: SubscriptionChangeReason, previous: State?, current: State) {
            self.orderID = orderID
            self.sku = sku
            self.reason = reason
            self.previous = previous
            self.current = current
        }
    }

    /// What it is about; may be a word that is not known yet.
    public var kind: Kind
    /// `1.0`; nothing where it was left out.
    public var version: String?
    /// When it happened, as the provider wrote it: without a zone, which means Korean time.
    public var occurredAt: String
    /// What changed, for ``Kind/statusChanged``.
    public var change: Change?

    /// The call that is made at registration.
    public static func registration(at moment: Timestamp) -> SubscriptionEvent {
        SubscriptionEvent(
            kind: .registrationVerification, version: nil, occurredAt: AppsInTossTime.plainText(moment), change: nil)
    }

    /// A change of a subscription.
    public static func changed(_ change: Change, at moment: Timestamp) -> SubscriptionEvent {
        SubscriptionEvent(kind: .statusChanged, version: "1.0", occurredAt: AppsInTossTime.plainText(moment), change: change)
    }

    private init(kind: Kind, version: String?, occurredAt: String, change: Change?) {
        self.kind = kind
        self.version = version
        self.occurredAt = occurredAt
        self.change = change
    }

    /// Reads an event; nothing when it is none, or one of a change that lacks what a change needs. Further members are passed over.
    public init?(_ body: [UInt8]) {
        guard let json = try? JSON(body), let kind = json["eventType"]?.string, !kind.isEmpty else { return nil }
        self.init(
            kind: Kind(rawValue: kind), version: json.text("eventVersion"), occurredAt: json["occurredAt"]?.string ?? "", change: nil)
        guard self.kind == .statusChanged else { return }
        guard !occurredAt.isEmpty, let orderID = json["orderId"]?.string, !orderID.isEmpty,
            let reason: SubscriptionChangeReason = json.word("changeReason"), let subscription = json["subscription"],
            let current = subscription["current"].flatMap(State.init)
        else { return nil }
        change = Change(
            orderID: orderID, sku: json.text("sku") ?? "", reason: reason, previous: subscription["previous"].flatMap(State.init),
            current: current)
    }

    /// When it happened; nothing when the text is no moment.
    public var moment: Timestamp? { AppsInTossTime.read(occurredAt) }

    /// What makes a second delivery of the same event recognizable, since events have no id: order, reason and time.
    public var identity: String { "\(kind.rawValue) \(change?.orderID ?? "") \(change?.reason.rawValue ?? "") \(occurredAt)" }

    /// The event as the provider writes it.
    public var json: JSON {
        var members: JSON.Members = ["eventType": .string(kind.rawValue)]
        if let version { members["eventVersion"] = .string(version) }
        members["occurredAt"] = .string(occurredAt)
        guard let change else { return .object(members) }
        members["orderId"] = .string(change.orderID)
        members["sku"] = .string(change.sku)
        members["changeReason"] = .string(change.reason.rawValue)
        var subscription: JSON.Members = [:]
        if let previous = change.previous { subscription["previous"] = previous.json }
        subscription["current"] = change.current.json
        members["subscription"] = .object(subscription)
        return .object(members)
    }
}
