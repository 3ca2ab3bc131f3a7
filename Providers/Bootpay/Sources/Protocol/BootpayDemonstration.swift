/// The values of Bootpay's published examples, which a fresh sandbox knows, so that the documents' own lines work against it.
public enum BootpayDemonstration {
    /// The project's REST application id.
    public static let applicationID = "5b8f6a4d396fa665fdc2b5ea"
    /// The project's private key.
    public static let privateKey = "rm6EYECr6aroQVG2ntW0A6LpWnkTgP4uQ3H18sDDUYw="
    /// Receipts of paid payments.
    public static let receipts = ["612df0250d681b001de61de6", "612e09260d681b0021e61ab9", "6100e8e7019943003850f9b0"]
}
