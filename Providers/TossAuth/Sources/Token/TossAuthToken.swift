import Base
import ProviderKit
import Transport

/// What a token reply says. The token is opaque to the caller, although it is a JWT.
struct TossAuthToken: Sendable {
    /// The token, visible ASCII.
    var secret: Secret
    /// How long it lives from its issue, from zero up to ``longestLife``.
    var life: Duration

    /// A life beyond this is taken for this one (ours); test tokens live for a year.
    static let longestLife = Duration.seconds(10 * 31_536_000)
    /// What is assumed where a reply names no life that can be read (ours); the provider tells soon enough when it was less.
    static let assumedLife = Duration.seconds(300)
    /// The longest token that is taken, in bytes (ours): it has to fit into a header.
    static let longestToken = 8_192
    /// The longest time before its end at which a token is renewed (ours).
    static let longestMargin = Duration.seconds(60)

    /// Reads the body of a reply; nothing when there is no token in it that could go into a header, or one of another type than `Bearer`.
    init?(_ body: [UInt8]) {
        guard let json = try? JSON(body), let token = json["access_token"]?.string,
            (1...TossAuthToken.longestToken).contains(token.utf8.count),
            token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), (json["token_type"]?.string ?? "Bearer").lowercased() == "bearer"
        else { return nil }
        secret = Secret(token)
        life = TossAuthToken.life(json["expires_in"])
    }

    private static func life(_ value: JSON?) -> Duration {
        let text: String
        switch value {
        case .number(let number)?, .string(let number)?: text = number
        default: return assumedLife
        }
        guard let seconds = Double(text), seconds.isFinite else { return assumedLife }
        return .seconds(Int64(max(0, min(seconds, Double(longestLife.wholeSeconds)))))
    }

    /// How long before its end it is renewed: a tenth of its life, a minute at most.
    var renewalMargin: Duration { min(TossAuthToken.longestMargin, life / 10) }

    /// The token's life as a keeper counts it. It is dated in whole seconds, with fractions cut off, so that it may live a second less than it says.
    var fetched: FetchedToken { FetchedToken(secret: secret, life: life - .seconds(1), renewAfter: life - renewalMargin) }
}
