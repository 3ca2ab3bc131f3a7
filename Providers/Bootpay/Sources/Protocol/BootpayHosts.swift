/// The host names of Bootpay's server API, from its official clients.
public enum BootpayHosts {
    /// Where real payments are.
    public static let production = "api.bootpay.co.kr"
    /// All of them: production, development, stage and test.
    public static let all = [production, "dev-api.bootpay.co.kr", "stage-api.bootpay.co.kr", "test-api.bootpay.co.kr"]
}
