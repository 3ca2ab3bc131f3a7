public import Base
import ProviderKit
public import Transport

/// The notice that a user has ended the link to the mini-app (연결 끊기 콜백). Not sent for removals that the partner itself asks for.
public struct UnlinkCallback: Sendable, Hashable {
    /// The methods that can be chosen in the console.
    public enum Method: String, Sendable, CaseIterable {
        /// `?userKey=…&referrer=…`.
        case get = "GET"
        /// `{"userKey":…,"referrer":"…"}`.
        case post = "POST"
    }

    /// Whose link.
    public var userKey: AppsInTossUserKey
    /// Why; may be a word that is not known yet.
    public var referrer: UnlinkReferrer

    /// A notice.
    public init(userKey: AppsInTossUserKey, referrer: UnlinkReferrer) {
        self.userKey = userKey
        self.referrer = referrer
    }

    /// Reads a notice out of a request; nothing when it is none. Further members are passed over, one of the two given twice is not.
    public init?(method: HTTPMethod, query: String?, body: [UInt8]) {
        switch method {
        case .get: self.init(query: query ?? "")
        case .post: self.init(body: body)
        default: return nil
        }
    }

    /// Reads `userKey=443731104&referrer=UNLINK`, without the question mark.
    public init?(query: String) {
        guard let pairs = FormText.decode(query.utf8) else { return nil }
        let keys = pairs.filter { $0.name == "userKey" }
        let referrers = pairs.filter { $0.name == "referrer" }
        guard keys.count == 1, referrers.count == 1, let key = AppsInTossUserKey(keys[0].value), !referrers[0].value.isEmpty else {
            return nil
        }
        self.init(userKey: key, referrer: UnlinkReferrer(rawValue: referrers[0].value))
    }

    /// Reads `{"userKey":443731104,"referrer":"UNLINK"}`; the key may be a text.
    public init?(body: [UInt8]) {
        guard let json = try? JSON(body), let key = json["userKey"].flatMap(AppsInTossUserKey.init(json:)),
            let referrer = json["referrer"]?.string, !referrer.isEmpty
        else { return nil }
        self.init(userKey: key, referrer: UnlinkReferrer(rawValue: referrer))
    }

    /// The notice as a query.
    public var query: String { FormText.encode([("userKey", userKey.text), ("referrer", referrer.rawValue)]) }
    /// The notice as a body.
    public var json: JSON { ["userKey": .number(userKey.rawValue), "referrer": .string(referrer.rawValue)] }
    /// What makes a second delivery of the same notice recognizable.
    public var identity: String { "\(userKey.text) \(referrer.rawValue)" }
}

/// The key of a user who has logged in: a number, stable for the user and the mini-app. Its digits stand in `x-toss-user-key`.
public struct AppsInTossUserKey: RawRepresentable, Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// The number, positive.
    public let rawValue: Int64

    /// A key by its number; nothing below 1.
    public init?(rawValue: Int64) {
        guard rawValue > 0 else { return nil }
        self.rawValue = rawValue
    }

    /// A key by its number.
    public init(integerLiteral value: Int64) {
        precondition(value > 0, "a userKey is positive")
        rawValue = value
    }

    /// A key by its digits; nothing for anything else, a leading zero or plus included.
    public init?(_ text: String) {
        guard let number = Int64(text), String(number) == text else { return nil }
        self.init(rawValue: number)
    }

    /// A key as JSON writes it: a number, or its digits as a text.
    public init?(json: JSON) {
        if let text = json.string {
            self.init(text)
        } else {
            guard let number = json.integer else { return nil }
            self.init(rawValue: number)
        }
    }

    /// Its digits.
    public var text: String { String(rawValue) }
    /// Its digits.
    public var description: String { text }
}
