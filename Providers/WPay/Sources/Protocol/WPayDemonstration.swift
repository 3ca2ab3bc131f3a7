/// The merchant that both halves know when they run with demo data. Every key is made up.
public enum WPayDemonstration {
    /// The provider's name in paths and settings.
    public static let name = "wpay"
    /// The merchant id (MID) that the published signature example uses.
    public static let mid = "INIwpayT03"
    /// The text behind the last `&` of every signed message.
    public static let hashKey = "made-up-hash-key-0123456789abcde"
    /// The SEED key, 16 bytes in Base64.
    public static let seedKey = "AAECAwQFBgcICQoLDA0ODw=="
    /// The SEED initialization vector, 16 ASCII characters.
    public static let seedIV = "MADE-UP-IV-16-BY"
    /// The key of the refund API (INIAPI).
    public static let iniAPIKey = "DocsOnlyIniApiKey"
    /// A member of the merchant's, plain.
    public static let userKey = "WU202601010000000001"
}
