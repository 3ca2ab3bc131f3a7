/// The hosts of the partner API (API overview, "domain information").
public enum AppsInTossHosts {
    /// Login, messages, promotion and in-app purchase.
    public static let general = "apps-in-toss-api.toss.im"
    /// Toss Pay.
    public static let pay = "pay-apps-in-toss-api.toss.im"
}
