public import Base

/// The figures that a ``TokenKeeper`` goes by.
public struct TokenRules: Sendable, Hashable {
    /// The provider's name as messages call it.
    public var provider: BilingualText
    /// A token is not used for a call in its last moments, since it has to live until the call arrives.
    public var transit: Duration = .seconds(1)
    /// Whether a refusal for its token means that no call will be accepted with that token again, so that none is sent with it. Otherwise, where refusals have
    /// other causes too, it serves until a newer one is there.
    public var refusedTokenIsDead = false
    /// The shortest pause before asking again when a renewal brought the same token.
    public var renewalSpacing: Duration = .seconds(30)
    /// For how long a token that the provider has just confirmed is not asked for again although calls with it are refused.
    public var confirmationMemory: Duration = .seconds(5)
    /// The pause after a first failed fetch; it doubles with each further one.
    public var failurePause: Duration = .milliseconds(500)
    /// The longest pause after failed fetches.
    public var longestFailurePause: Duration = .seconds(15)
    /// The pause after the provider refused the credentials for the first time; it doubles with each further one.
    public var refusalPause: Duration = .seconds(5)
    /// The longest pause after refused credentials.
    public var longestRefusalPause: Duration = .seconds(60)

    /// The rules for a provider of that name; the figures are the documented defaults.
    public init(provider: BilingualText) { self.provider = provider }
}
