public import Base
import Cryptography
import Transport

/// Whom a call is about.
public enum AppsInTossUser: Sendable, Equatable, CustomStringConvertible {
    /// A user who has logged in.
    case userKey(AppsInTossUserKey)
    /// A user who has not, by the anonymous key that the mini-app's SDK gives.
    case anonymous(PersonalText)

    /// The user's key; an anonymous one is `[redacted]`.
    public var description: String {
        switch self {
        case .userKey(let key): key.text
        case .anonymous(let key): key.description
        }
    }

    /// The user that a call's fields name; nothing when they name none, or two.
    init?(naming fields: HTTPFields) {
        let (keys, anonymous) = (fields.values(AppsInTossHeaders.userKey), fields.values(AppsInTossHeaders.anonymousKey))
        if let text = keys.first, keys.count == 1, anonymous.isEmpty, let key = AppsInTossUserKey(text) {
            self = .userKey(key)
        } else if let text = anonymous.first, anonymous.count == 1, keys.isEmpty {
            self = .anonymous(PersonalText(text))
        } else {
            return nil
        }
    }

    /// What tells users apart, without the anonymous key itself.
    var identity: String {
        switch self {
        case .userKey(let key): "user \(key.text)"
        case .anonymous(let key): "anonymous " + Hexadecimal.encode(Digest.sha256.hash(Array(key.reveal().utf8)))
        }
    }

    func add(to fields: inout HTTPFields) throws(AppsInTossError) {
        switch self {
        case .userKey(let key): fields.append(AppsInTossHeaders.userKey, key.text)
        case .anonymous(let key):
            let text = key.reveal()
            guard AppsInTossUser.isHeaderText(text) else {
                throw .invalid("익명 키를 헤더에 쓸 수 없습니다.", "the anonymous key cannot stand in a header")
            }
            fields.append(AppsInTossHeaders.anonymousKey, text)
        }
    }

    /// Whether a text is some visible ASCII without spaces.
    static func isHeaderText(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } }
}

extension AppsInTossLimits {
    /// Whether a call counts towards ``callsPerUserAndMinute``.
    public static func isLimitedPerUser(_ name: String) -> Bool { name == "send-message" || name == "execute-promotion" }
}

/// Who was called about when, as far as the limit per user goes.
struct UserCallHistory: Sendable {
    private var calls: [String: [Duration]] = [:]
    private var lastSweep = Duration.zero
    private static let window = Duration.seconds(60) + .milliseconds(500)

    /// Notes a call at the uptime `now`, or says how long it would have to wait.
    mutating func enter(_ name: String, at now: Duration) -> Duration? {
        if now - lastSweep > UserCallHistory.window {
            lastSweep = now
            calls = calls.filter { ($0.value.last ?? .zero) + UserCallHistory.window > now }
        }
        var recent = (calls[name] ?? []).filter { $0 + UserCallHistory.window > now }
        if recent.count >= AppsInTossLimits.callsPerUserAndMinute, let first = recent.first { return first + UserCallHistory.window - now }
        recent.append(now)
        calls[name] = recent
        return nil
    }
}

/// The id of something at Apps in Toss.
public struct AppsInTossID<Owner>: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The id.
    public let rawValue: String

    /// An id by its text.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// An id by its text.
    public init(_ text: String) { rawValue = text }
    /// An id by its text.
    public init(stringLiteral value: String) { rawValue = value }

    /// The id.
    public var description: String { rawValue }

    var json: JSON { .string(rawValue) }
}

/// Whose id a ``PayToken`` is.
public enum PaymentKind {}
/// Whose id a ``PurchaseID`` is.
public enum PurchaseKind {}
/// Whose id a ``PromotionKey`` is.
public enum PromotionKeyKind {}

/// The token of a payment, for `checkoutPayment` and the calls behind it.
public typealias PayToken = AppsInTossID<PaymentKind>
/// The orderId of an in-app purchase.
public typealias PurchaseID = AppsInTossID<PurchaseKind>
/// The key of one grant of points: it can be used once, so that a grant cannot happen twice.
public typealias PromotionKey = AppsInTossID<PromotionKeyKind>

/// An answer with all its members, those that have no property included. As it may hold personal data, it prints as `[redacted]`.
public struct RawAnswer: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The answer.
    public let json: JSON

    /// Always `[redacted]`.
    public var description: String { "[redacted]" }
    /// Always `[redacted]`.
    public var debugDescription: String { "[redacted]" }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension JSON.Members {
    /// Puts a text in where there is one.
    mutating func set(_ name: String, _ value: String?) { if let value { self[name] = .string(value) } }
    /// Puts a number in where there is one.
    mutating func set(_ name: String, _ value: Int64?) { if let value { self[name] = .number(value) } }
    /// Puts a truth value in where there is one.
    mutating func set(_ name: String, _ value: Bool?) { if let value { self[name] = .boolean(value) } }
}
