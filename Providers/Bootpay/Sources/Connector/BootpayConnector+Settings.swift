public import Base
public import ProviderKit
import Transport

extension BootpayConnector: ConnectorFactory {
    /// `bootpay`.
    public static var provider: String { "bootpay" }

    /// What may stand in the settings of a connection; `provider` is read by whoever chooses the connector.
    private static let names = ["provider", "applicationID", "privateKey", "origin", "renewalMargin", "deadline", "requireCaller"]

    /// A connector with the settings of one connection.
    public static func makeConnector(
        _ settings: Settings, _ environment: ConnectorEnvironment
    ) throws(ConfigurationError) -> any Connector {
        try BootpayConnector(settings: settings, environment: environment)
    }

    /// A connector with the settings of one connection.
    ///
    /// `applicationID` and `privateKey` are required; `origin` (default `https://api.bootpay.co.kr`; a path behind it comes before every call's own), `renewalMargin` (10 s to 5 min, default 5 min), `deadline`
    /// (1 s to 10 min, default 30 s) and `requireCaller` (default false) are not.
    ///
    /// - Throws: ``ConfigurationError`` naming the line of the setting that is missing, unknown or wrong.
    public convenience init(settings: Settings, environment: ConnectorEnvironment) throws(ConfigurationError) {
        try settings.allowOnly(BootpayConnector.names)
        let applicationID = try settings.requiredString("applicationID")
        guard !applicationID.isEmpty else {
            throw settings.error(at: "applicationID", "\"applicationID\"가 비어 있습니다.", "\"applicationID\" is empty")
        }
        guard let privateKey = try settings.secret("privateKey"), !privateKey.isEmpty else {
            throw settings.error("\"privateKey\" 설정이 필요합니다.", "\"privateKey\" is missing")
        }
        var configuration = Configuration(applicationID: applicationID, privateKey: privateKey)
        if let base = try settings.base("origin") {
            configuration.origin = base.origin
            configuration.pathPrefix = base.pathPrefix
        }
        if let margin = try settings.duration("renewalMargin") {
            guard (.seconds(10) ... .seconds(300)).contains(margin) else {
                throw settings.error(
                    at: "renewalMargin", "\"renewalMargin\"은 10s에서 5m 사이여야 합니다. 만료 5분 전까지는 같은 토큰이 나옵니다.",
                    "\"renewalMargin\" must be from 10s to 5m; with more than 5 minutes left Bootpay hands out the same token")
            }
            configuration.renewalMargin = margin
        }
        if let deadline = try settings.duration("deadline") {
            guard (.seconds(1) ... .seconds(600)).contains(deadline) else {
                throw settings.error(at: "deadline", "\"deadline\"은 1s에서 10m 사이여야 합니다.", "\"deadline\" must be from 1s to 10m")
            }
            configuration.deadline = deadline
        }
        configuration.requireCaller = try settings.requireCaller(among: environment.callers)
        self.init(configuration, environment: environment)
    }
}

extension BootpayConnector {
    /// Settings for the demo application of a sandbox, in JSON5: the values of Bootpay's published examples.
    public static func demonstration(_ place: DemonstrationPlace) -> String {
        "{ applicationID: \"\(BootpayDemonstration.applicationID)\", privateKey: \"\(BootpayDemonstration.privateKey)\", origin: \"\(place.base)\" }"
    }

    /// One line that works when pasted: a receipt, without any token.
    public static func introduction(base: String) -> [BilingualText] {
        [
            BilingualText(
                korean: "부트페이 결제를 게이트웨이로 조회해 보세요. 토큰이 필요 없습니다.",
                english: "Look up the Bootpay payment through the gateway, without any token:"),
            BilingualText(
                korean: "  curl -s \(base)/receipt/\(BootpayDemonstration.receipts[0])",
                english: "  curl -s \(base)/receipt/\(BootpayDemonstration.receipts[0])"),
        ]
    }
}
