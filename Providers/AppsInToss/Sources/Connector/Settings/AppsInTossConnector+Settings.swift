public import Base
import Cryptography
public import ProviderKit
import Transport

extension AppsInTossConnector: ConnectorFactory {
    /// `apps-in-toss`.
    public static var provider: String { "apps-in-toss" }

    private static let ownNames = [
        "provider", "app", "base", "trust", "personalDataKey", "additionalData", "limit", "callbacks", "deadline", "connectTimeout",
        "readTimeout", "requireCaller",
    ]

    /// A connector with the settings of one connection.
    public static func makeConnector(
        _ settings: Settings, _ environment: ConnectorEnvironment
    ) throws(ConfigurationError) -> any Connector {
        try AppsInTossConnector(settings: settings, environment: environment)
    }

    /// A connector with the settings of one connection: one mini-app.
    ///
    /// `certificate` and `key`, or several of them in `certificates`, are required. `app` (the certificates' common name), `base` (an https address instead of the provider's own
    /// hosts), `trust` (a file with the certificates that this address is trusted by), `personalDataKey` and `additionalData` (secrets, for login-me), `limit`, `callbacks`,
    /// `deadline` (1 s to 10 min, default 30 s), `connectTimeout` (default 5 s), `readTimeout` (default 15 s) and `requireCaller` (default false) are not.
    ///
    /// - Throws: ``ConfigurationError`` naming the line of the setting that is missing, unknown or wrong.
    public convenience init(settings: Settings, environment: ConnectorEnvironment) throws(ConfigurationError) {
        try settings.allowOnly(AppsInTossConnector.ownNames + IdentityPair.settingNames)
        var configuration = Configuration()
        configuration.app = try settings.string("app")
        if let base = try settings.base("base") {
            guard base.origin.isSecure else {
                throw settings.error(
                    at: "base", "\"base\"는 https://여야 합니다. 인증서는 TLS로만 보여줄 수 있습니다.",
                    "\"base\" must be https://: a certificate can be shown over TLS only")
            }
            configuration.base = Configuration.Place(origin: base.origin, pathPrefix: base.pathPrefix)
        }
        configuration.cipher = try AppsInTossConnector.cipher(settings)
        if let callbacks = try settings.object("callbacks") { configuration.callbacks = try AppsInTossConnector.callbacks(callbacks) }
        if let deadline = try settings.duration("deadline", in: .seconds(1) ... .seconds(600)) {
            configuration.deadline = deadline
        }
        if let limit = try settings.duration("connectTimeout", in: .milliseconds(100) ... .seconds(60)) {
            configuration.connectTimeout = limit
        }
        if let limit = try settings.duration("readTimeout", in: .seconds(1) ... .seconds(300)) {
            configuration.readTimeout = limit
        }
        configuration.requireCaller = try settings.requireCaller(among: environment.callers)
        let standard = RateLimit(perMinute: AppsInTossLimits.callsPerMinute, perSecond: AppsInTossLimits.callsPerSecond)
        let limiter = RateLimiter(name: "qpm", limit: try RateLimit(try settings.object("limit"), standard: standard), environment)
        var customs = CertificateCustoms.make(configuration, limiter)
        customs.trust = try settings.trust("trust")
        let keeper = try IdentityKeeper(settings: settings, environment: environment, customs: customs)
        self.init(configuration, keeper: keeper, limiter: limiter, environment: environment)
    }

    private static func cipher(_ settings: Settings) throws(ConfigurationError) -> PersonalDataCipher? {
        let key = try settings.secret("personalDataKey")
        let additionalData = try settings.secret("additionalData")
        switch (key, additionalData) {
        case (nil, nil): return nil
        case (let key?, let additionalData?):
            do throws(PersonalDataError) {
                return try PersonalDataCipher(base64Key: key, additionalData: additionalData)
            } catch {
                throw settings.error(at: "personalDataKey", error.message.korean, error.message.english)
            }
        default:
            throw settings.error(
                at: key == nil ? "additionalData" : "personalDataKey",
                "\"personalDataKey\"와 \"additionalData\"(AAD)는 함께 적어야 합니다. 같은 메일로 받은 두 값입니다.",
                "\"personalDataKey\" and \"additionalData\" (AAD) go together; both come in the same mail")
        }
    }

    private static func callbacks(_ settings: Settings) throws(ConfigurationError) -> Configuration.Callbacks {
        try settings.allowOnly(["sources", "unlinkBasicText", "webhookSecret", "deliverTo"])
        guard let application = try settings.base("deliverTo") else {
            throw settings.error(
                "\"deliverTo\" 설정이 필요합니다. 콜백을 받을 애플리케이션의 주소(예: http://127.0.0.1:3000/toss)를 적으세요.",
                "\"deliverTo\" is missing: where your application takes callbacks, such as http://127.0.0.1:3000/toss")
        }
        let unlink = try settings.secret("unlinkBasicText")
        let subscription = try settings.secret("webhookSecret")
        guard unlink != nil || subscription != nil else {
            throw settings.error(
                "\"unlinkBasicText\"나 \"webhookSecret\" 가운데 하나는 있어야 합니다. 확인할 값이 없는 콜백은 받지 않습니다.",
                "one of \"unlinkBasicText\" and \"webhookSecret\" is needed; a callback that nothing proves is not taken")
        }
        return Configuration.Callbacks(
            sources: try sources(settings), unlink: unlink.map { CallbackProof($0) }, subscription: subscription.map { CallbackProof($0) },
            application: .init(origin: application.origin, pathPrefix: application.pathPrefix.isEmpty ? "/" : application.pathPrefix))
    }

    private static func sources(_ settings: Settings) throws(ConfigurationError) -> [AddressRange]? {
        if settings.isText("sources") {
            guard try settings.string("sources") == "any" else {
                throw settings.error(
                    at: "sources", "\"sources\"는 주소와 범위의 배열이거나 \"any\"여야 합니다. 빼면 앱인토스 문서에 있는 주소만 받습니다.",
                    "\"sources\" must be an array of addresses and ranges, or \"any\"; left out, it is the provider's documented addresses")
            }
            return nil
        }
        guard let texts = try settings.strings("sources") else { return AppsInTossFirewall.inbound }
        var ranges: [AddressRange] = []
        for text in texts {
            guard let range = AddressRange(text) else {
                throw settings.error(
                    at: "sources", "\"\(text)\"은(는) 주소나 범위가 아닙니다. 117.52.3.11, 117.52.3.80~87, 10.0.0.0/8처럼 적으세요.",
                    "\"\(text)\" is neither an address nor a range; write 117.52.3.11, 117.52.3.80~87 or 10.0.0.0/8")
            }
            ranges.append(range)
        }
        return ranges
    }
}

extension AppsInTossConnector {
    /// Settings for the demo mini-app of a sandbox, in JSON5: real mutual TLS with the files that the sandbox has issued.
    public static func demonstration(_ place: DemonstrationPlace) -> String {
        func text(_ value: String) -> String { JSON.string(value).text }
        let certificate = text(place.folder + "/" + AppsInTossDemonstration.certificateFile)
        let key = text(place.folder + "/" + AppsInTossDemonstration.keyFile)
        let sources = (["127.0.0.1", "::1"] + AppsInTossFirewall.inboundTexts).map(text).joined(separator: ", ")
        return """
            { app: \(text(AppsInTossDemonstration.app)), certificate: \(certificate), key: { file: \(key) },
              base: \(text(place.secureBase)), trust: \(text(place.authorityFile)),
              personalDataKey: \(text(AppsInTossDemonstration.personalDataKey)), additionalData: \(text(AppsInTossDemonstration.additionalData)),
              callbacks: { sources: [\(sources)], unlinkBasicText: \(text(AppsInTossDemonstration.unlinkBasicText)),
                webhookSecret: \(text(AppsInTossDemonstration.webhookSecret)), deliverTo: \(text(AppsInTossDemonstration.application)) } }
            """
    }

    /// `decrypt` and `inspect`.
    public static var commands: [ProviderCommand] { AppsInTossCommands.commands }

    /// A line that works when pasted: a promotion's key, without any certificate.
    public static func introduction(base: String) -> [BilingualText] {
        let line =
            "  curl -s -X POST \(base)\(AppsInTossRoutes.prefix)/promotion/execute-promotion/get-key -H 'x-toss-user-key: \(AppsInTossDemonstration.userKey)'"
        return [
            BilingualText(
                korean: "앱인토스를 게이트웨이로 호출해 보세요. 인증서는 게이트웨이가 보여 줍니다.",
                english: "Call Apps in Toss through the gateway, which shows the certificate:"),
            BilingualText(korean: line, english: line),
        ]
    }
}
