public import Base
public import ProviderKit
import Transport

extension SentbeConnector: ConnectorFactory {
    /// `sentbe`.
    public static var provider: String { SentbeDemonstration.name }

    /// `encrypt`, `decrypt` and `explain`.
    public static var commands: [ProviderCommand] { SentbeCommands.commands }

    private static let commonNames = ["provider", "generation", "origin", "connectTimeout", "readTimeout", "application"]
    private static let firstNames = ["partnerID", "accessID", "secretKey", "dialect", "keyHeader", "headerLimit"]
    private static let secondNames = ["apiKey", "hmacSecret", "dataSecret", "urlForm"]

    /// A connector with the settings of one connection.
    public static func makeConnector(
        _ settings: Settings, _ environment: ConnectorEnvironment
    ) throws(ConfigurationError) -> any Connector {
        try SentbeConnector(settings: settings, environment: environment)
    }

    /// A connector with the settings of one connection.
    ///
    /// `origin` is required. `generation` (1 or 2, default 1) decides about the rest. First: `partnerID`, `accessID` and `secretKey` are required; `dialect` (`ruby`, `js` or `php`),
    /// `keyHeader` (`plain` or `old`), and `headerLimit` (1,024 to 65,536 bytes, default 16,384) are not. Second: `apiKey`, `hmacSecret` and `dataSecret`
    /// are required, `urlForm` (`path` or `hostAndPath`) is not. Both: `connectTimeout` (default 5 s), `readTimeout` (default 15 s), `application` (where callbacks and
    /// questions go).
    ///
    /// - Throws: ``ConfigurationError`` naming the line of the setting that is missing, unknown or wrong.
    public convenience init(settings: Settings, environment: ConnectorEnvironment) throws(ConfigurationError) {
        let generation = try settings.integer("generation", in: 1...2) ?? 1
        try settings.allowOnly(
            SentbeConnector.commonNames + (generation == 1 ? SentbeConnector.firstNames : SentbeConnector.secondNames))
        guard let base = try settings.base("origin") else {
            throw settings.error(
                "\"origin\" 설정이 필요합니다. 센트비의 주소는 공개되어 있지 않으니 등록할 때 받은 주소를 쓰세요.",
                "\"origin\" is missing; Sentbe's addresses are not public, so put in the one that came with the registration")
        }
        let credentials: Generation =
            generation == 1
            ? .first(try SentbeConnector.first(settings, environment)) : .second(try SentbeConnector.second(settings))
        var configuration = Configuration(generation: credentials, origin: base.origin, pathPrefix: base.pathPrefix)
        if let limit = try SentbeConnector.timeout("connectTimeout", settings) { configuration.connectTimeout = limit }
        if let limit = try SentbeConnector.timeout("readTimeout", settings) { configuration.readTimeout = limit }
        if let application = try settings.base("application") {
            configuration.application = .init(
                origin: application.origin, path: application.pathPrefix.isEmpty ? "/" : application.pathPrefix)
        }
        self.init(configuration, environment: environment)
    }

    private static func first(
        _ settings: Settings, _ environment: ConnectorEnvironment
    ) throws(ConfigurationError) -> SentbeCredentials {
        let partnerID = try settings.requiredString("partnerID")
        guard partnerID.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw settings.error(
                at: "partnerID", "\"partnerID\"에는 공백이나 ASCII가 아닌 글자를 쓸 수 없습니다.",
                "\"partnerID\" may hold neither spaces nor characters beyond ASCII")
        }
        var credentials = SentbeCredentials(
            partnerID: partnerID, accessID: try secret("accessID", settings), secretKey: try secret("secretKey", settings))
        guard credentials.accessID.withBytes({ $0.allSatisfy { $0 > 0x20 && $0 < 0x7F } }) else {
            throw settings.error(
                at: "accessID", "\"accessID\"에는 공백이나 ASCII가 아닌 글자를 쓸 수 없습니다. 헤더에 그대로 들어갑니다.",
                "\"accessID\" may hold neither spaces nor characters beyond ASCII: it stands in a header as it is")
        }
        if !SentbeHeaders.isPortable(credentials.secretKey) {
            environment.log.warning(
                "secretKey holds characters beyond ASCII; languages disagree about them", .word("connection", environment.connection))
        }
        if let word = try settings.string("dialect") {
            guard let dialect = SentbeDialect(word: word) else {
                throw settings.error(
                    at: "dialect", "\"dialect\"는 \"ruby\", \"js\", \"php\" 가운데 하나여야 합니다.",
                    "\"dialect\" must be \"ruby\", \"js\" or \"php\"")
            }
            credentials.dialect = dialect
        }
        if let word = try settings.string("keyHeader") {
            guard let style = SentbeHeaders.KeyStyle(rawValue: word) else {
                throw settings.error(
                    at: "keyHeader", "\"keyHeader\"는 \"plain\"(2018년 7월부터) 또는 \"old\"(그 전)여야 합니다.",
                    "\"keyHeader\" must be \"plain\" (since July 2018) or \"old\" (before)")
            }
            credentials.keyStyle = style
        }
        if let limit = try settings.integer("headerLimit", in: 1_024...65_536) {
            credentials.longestSignature = limit
        }
        return credentials
    }

    private static func second(_ settings: Settings) throws(ConfigurationError) -> SecondGenerationCredentials {
        var credentials = SecondGenerationCredentials(
            apiKey: try secret("apiKey", settings), hmacSecret: try secret("hmacSecret", settings),
            dataSecret: try secret("dataSecret", settings))
        if let word = try settings.string("urlForm") {
            guard let form = SentbeGeneration2.URLForm(rawValue: word) else {
                throw settings.error(
                    at: "urlForm", "\"urlForm\"은 \"path\" 또는 \"hostAndPath\"여야 합니다.", "\"urlForm\" must be \"path\" or \"hostAndPath\"")
            }
            credentials.urlForm = form
        }
        return credentials
    }

    private static func secret(_ name: String, _ settings: Settings) throws(ConfigurationError) -> Secret {
        guard let secret = try settings.secret(name), !secret.isEmpty else {
            throw settings.error("\"\(name)\" 설정이 필요합니다.", "\"\(name)\" is missing")
        }
        return secret
    }

    private static func timeout(_ name: String, _ settings: Settings) throws(ConfigurationError) -> Duration? {
        guard let limit = try settings.duration(name) else { return nil }
        guard (.milliseconds(100) ... .seconds(120)).contains(limit) else {
            throw settings.error(at: name, "\"\(name)\"은 100ms에서 2m 사이여야 합니다.", "\"\(name)\" must be from 100ms to 2m")
        }
        return limit
    }
}

extension SentbeConnector {
    /// Settings for the demo partner of a sandbox, in JSON5: the values of the published samples.
    public static func demonstration(_ place: DemonstrationPlace) -> String {
        "{ partnerID: \"\(SentbeDemonstration.partnerID)\", accessID: \"\(SentbeDemonstration.accessID)\", "
            + "secretKey: \"\(SentbeDemonstration.secretKey)\", origin: \"\(place.base)\" }"
    }

    /// A line that works when pasted: the wallet, without any encrypting.
    public static func introduction(base: String) -> [BilingualText] {
        [
            BilingualText(
                korean: "센트비에는 매개변수를 JSON 그대로 보내세요. 암호화는 게이트웨이가 합니다.",
                english: "Send Sentbe's parameters as plain JSON; the gateway encrypts them:"),
            BilingualText(korean: "  curl -s \(base)/inbound/balances", english: "  curl -s \(base)/inbound/balances"),
        ]
    }
}
