/// How much is allowed and how long things live. What no document says is marked *ours*.
public enum TossAuthLimits {
    /// Successful reads of one result.
    public static let resultReads = 2
    /// How long a result can be read, from the moment that `completedDt` names; at its very end it can no longer.
    public static let resultTime = Duration.seconds(3600)
    /// How long a person has to finish (ours: 10 minutes; sister calls let the caller choose up to ``longestRequestTime``).
    public static let requestTime = Duration.seconds(600)
    /// The longest time to finish that sister calls allow (seen).
    public static let longestRequestTime = Duration.seconds(1800)
    /// The shortest pause between two status calls (ours).
    public static let statusPause = Duration.seconds(1)
    /// The time to connect (ours).
    public static let connectTimeout = Duration.seconds(5)
    /// The time to answer (ours).
    public static let readTimeout = Duration.seconds(10)
    /// How long a token of the test credentials lives: a year.
    public static let testTokenLife = Duration.seconds(31_536_000)
    /// How long a token in production was seen to live; the contract decides.
    public static let tokenLife = Duration.seconds(3600)

    /// Characters of a telephone number; digits only.
    public static let phoneDigits = 10...11
    /// The longest name, in UTF-8 bytes (ours: long enough for any passport's).
    public static let longestName = 200
    /// The longest text of one encrypted field that is read, in characters (ours; the longest known field, `ci`, takes 180).
    public static let longestField = 16_384
    /// The longest session key that is read, in characters (ours; a sound one has 724).
    public static let longestSessionKey = 2_048
    /// The most members of `personalData` that are read (ours; 14 are known).
    public static let mostPersonalMembers = 64

    /// The oldest Toss app that can show a check with personal data, and one with one touch. A server cannot see the version; compare number by number.
    public static let leastAppVersion: [AuthRequestType: String] = [.userPersonal: "5.233.0", .userNone: "5.236.0"]
}
