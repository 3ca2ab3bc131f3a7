/// How much is allowed and how long things live. What the documentation leaves open is marked *ours*.
public enum AppsInTossLimits {
    /// Calls a minute and mini-app.
    public static let callsPerMinute = 3000
    /// Calls a minute and user, for send-message and for execute-promotion each.
    public static let callsPerUserAndMinute = 10
    /// Calls a second that a caller spreads its minute over (ours).
    public static let callsPerSecond = 50
    /// How long calls are blocked above the limit when the refusal does not say (ours).
    public static let block = Duration.seconds(60)
    /// Recipients of one send-bulk-message.
    public static let bulkMessages = 1...2500
    /// From how many recipients on send-bulk-message is meant to be used.
    public static let bulkMessagesSensible = 50
    /// Points that one person may get out of a promotion altogether.
    public static let promotionPointsPerPerson: Int64 = 5000
    /// How often an execution's result is asked for before it is left to a later job (seen in the field).
    public static let promotionPolls = 10
    /// The pause between two of those questions.
    public static let promotionPollPause = Duration.milliseconds(500)
    /// How often execute-promotion is repeated with the same key after 4110 (seen in the field: 2 or 3).
    public static let promotionRepeats = 3
    /// How often a purchase is looked up right after it was made, since it may lag (seen in the field).
    public static let purchaseLookUps = 6
    /// The pause between two look-ups.
    public static let purchaseLookUpPause = Duration.milliseconds(350)
    /// The time to connect.
    public static let connectTimeout = Duration.seconds(5)
    /// The time to answer (seen in the field).
    public static let readTimeout = Duration.seconds(15)
    /// How long a removal of all of a user's tokens takes at most before the provider itself gives up.
    public static let removalTimeout = Duration.seconds(3)

    /// How long an authorizationCode lives; it can be used once.
    public static let authorizationCodeLife = Duration.seconds(10 * 60)
    /// How long an access token lives.
    public static let accessTokenLife = Duration.seconds(3600)
    /// What `expiresIn` says right after a token was made.
    public static let accessTokenExpiresIn: Int64 = 3599
    /// How long a refresh token lives.
    public static let refreshTokenLife = Duration.seconds(14 * 86_400)
    /// How long a payToken waits for the buyer, and how long for the execution (ours, each).
    public static let payTokenLife = Duration.seconds(15 * 60)
    /// How long a promotion's key lives; it can be used once.
    public static let promotionKeyLife = Duration.seconds(3600)
    /// How long a mini-app has to grant what was bought.
    public static let purchaseGrantTime = Duration.seconds(30)
    /// How long a client certificate lives, in days.
    public static let certificateDays = 390
    /// When before its end a certificate's owner is told, in days.
    public static let certificateNoticeDays = [30, 7, 1]
    /// After which pauses a callback is repeated that nobody has taken (ours).
    public static let callbackRepeats: [Duration] = [.seconds(10), .seconds(60), .seconds(300)]
}
