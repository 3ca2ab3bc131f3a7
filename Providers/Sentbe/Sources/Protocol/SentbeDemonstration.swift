/// The partner that both halves know when they run with demo data: the values of the published samples.
public enum SentbeDemonstration {
    /// The provider's name in paths and settings.
    public static let name = "sentbe"
    /// `PARTNER-ID`.
    public static let partnerID = "1"
    /// `KEY`.
    public static let accessID = "test_id"
    /// The passphrase of the envelope.
    public static let secretKey = "test_pw"
}
