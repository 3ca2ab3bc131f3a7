public import ProviderKit
import Transport

/// One call of the partner API: a row of ``AppsInTossRoutes``.
public struct AppsInTossAPI: Sendable, Hashable {
    /// Which chapter of the documentation a call belongs to.
    public enum Group: String, Sendable, CaseIterable {
        /// Toss login (토스 로그인).
        case login
        /// Toss Pay (토스페이).
        case pay
        /// In-app purchase (인앱 결제).
        case inAppPurchase = "in-app-purchase"
        /// Functional push and messages (기능성 푸시, 알림).
        case messages
        /// Promotion, Toss points (프로모션, 토스 포인트).
        case promotion
        /// The check of an anonymous key.
        case anonymousKey = "anonymous-key"
    }

    /// Which of the two hosts serves a call.
    public enum Host: String, Sendable, CaseIterable {
        /// ``AppsInTossHosts/general``.
        case general
        /// ``AppsInTossHosts/pay``.
        case pay

        /// Its name.
        public var name: String { self == .pay ? AppsInTossHosts.pay : AppsInTossHosts.general }
    }

    /// Who waits for a call; decides who goes first when the limit is short.
    public enum Urgency: Sendable, Hashable, CaseIterable {
        /// A person in front of a screen.
        case waitingPerson
        /// Nobody: the call may wait a while.
        case bulk
    }

    /// How a call names the user it is about.
    public enum User: Sendable, Hashable {
        /// It names none, or names them in its body.
        case none
        /// `Authorization: Bearer` with the user's access token.
        case bearer
        /// `x-toss-user-key`, or where `orAnonymous` says so `x-anon-key` in its place.
        case key(isRequired: Bool, orAnonymous: Bool)
        /// `x-anon-key`.
        case anonymousKey
    }

    /// One member of a call's body.
    public struct Field: Sendable, Hashable {
        /// What a member holds.
        public indirect enum Kind: Sendable, Hashable {
            /// A text.
            case text
            /// A whole number.
            case whole
            /// A number, or its digits as a text.
            case userKey
            /// `true` or `false`.
            case boolean
            /// An object with members of the caller's choice.
            case object
            /// A list of objects with these members.
            case list([Field])
        }

        /// A rule beyond the kind.
        public enum Rule: Sendable, Hashable {
            /// ``AppsInTossFormat/isOrderNumber(_:)``.
            case orderNumber
            /// ``AppsInTossFormat/isProductDescription(_:)``.
            case productDescription
            /// ``AppsInTossFormat/isRefundReason(_:)``.
            case refundReason
            /// A text with something in it.
            case notEmpty
            /// 8-4-4-4-12 hexadecimal digits.
            case uuid
            /// A whole number in this range, or a list with so many elements.
            case range(ClosedRange<Int64>)
            /// One of these words.
            case word([String])
        }

        /// Its name, spelt as the provider spells it.
        public var name: String
        /// What it holds.
        public var kind: Kind
        /// Whether the provider refuses a call without it.
        public var isRequired: Bool
        /// What else it has to keep to.
        public var rule: Rule?

        /// A member.
        public init(_ name: String, _ kind: Kind = .text, isRequired: Bool = true, _ rule: Rule? = nil) {
            self.name = name
            self.kind = kind
            self.isRequired = isRequired
            self.rule = rule
        }
    }

    /// The chapter.
    public var group: Group
    /// Short name, method, path and effect.
    public var route: Route
    /// The host.
    public var host: Host
    /// How it names the user.
    public var user: User
    /// Who waits for it.
    public var urgency: Urgency
    /// The members of its body, in the documentation's order; a call without any sends `{}`.
    public var fields: [Field]

    init(
        _ group: Group, _ name: String, _ method: HTTPMethod, _ path: String, _ effect: Effect, user: User,
        urgency: Urgency = .waitingPerson, fields: [Field] = []
    ) {
        self.group = group
        self.user = user
        self.urgency = urgency
        self.fields = fields
        host = group == .pay ? .pay : .general
        route = Route(name, method, path, effect)
    }

    /// Its short name, such as `execute-payment`: the last part of its path.
    public var name: String { route.name }
    /// Its path.
    public var path: String { route.path }
    /// The member of that name.
    public func field(_ name: String) -> Field? { fields.first { $0.name == name } }
}

/// The names of the header fields that name a user; they are compared without letter case.
public enum AppsInTossHeaders {
    /// The key of a user who has logged in, decimal digits.
    public static let userKey = "x-toss-user-key"
    /// The key of a user who has not logged in.
    public static let anonymousKey = "x-anon-key"
    /// `Bearer` and the user's access token.
    public static let authorization = "Authorization"
    /// Proves an application to the gateway: id, colon, key. It never reaches the provider.
    public static let caller = "Bujeol-Caller"
    /// Asks the gateway to open the personal data of login-me: ``openFields``. It never reaches the provider.
    public static let open = "Bujeol-Open"
    /// The one value of ``open``.
    public static let openFields = "fields"
    /// The members that the gateway has opened, separated by commas; on answers to calls with ``open``.
    public static let opened = "Bujeol-Opened"
    /// What bodies are sent as; the official sample's own text.
    public static let contentType = "application/json; charset=utf-8"
}
