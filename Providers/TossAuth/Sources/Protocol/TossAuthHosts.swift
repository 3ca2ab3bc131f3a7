/// The hosts of Toss Auth; test and production are the same hosts, the credentials decide.
public enum TossAuthHosts {
    /// Hands out access tokens.
    public static let token = "oauth2.cert.toss.im"
    /// Everything else.
    public static let service = "cert.toss.im"
}
