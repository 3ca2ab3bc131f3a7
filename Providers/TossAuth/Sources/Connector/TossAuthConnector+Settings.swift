public import Base
import Cryptography
public import ProviderKit
import Transport

extension TossAuthConnector: ConnectorFactory {
    /// `toss-auth`.
    public static var provider: String { "toss-auth" }

    private static let names = [
        "provider", "clientID", "clientSecret", "base", "trust", "publicKey", "verifySignature", "validateCertificate", "keepResult",
        "ageRule", "deadline", "connectTimeout", "readTimeout", "requireCaller",
    ]

    /// A connector with the settings of one connection.
    public static func makeConnector(
        _ settings: Settings, _ environment: ConnectorEnvironment
    ) throws(ConfigurationError) -> any Connector {
        try TossAuthConnector(settings: settings, environment: environment)
    }

    /// A connector with the settings of one connection.
    ///
    /// `clientID` and `clientSecret` are required. `base` (one address in the place of both hosts, a sandbox's as a rule), `trust` (a file with the certificates that this address is
    /// trusted by), `publicKey` (a PEM file; the published production key unless told), `verifySignature: { authorities: "ca.pem" }`, `validateCertificate` (default false),
    /// `keepResult` (0 s to 60 m, default 60 m), `ageRule` (see ``AgeRule/init(_:)``), `deadline` (1 s to 10 min, default 30 s), `connectTimeout` (default 5 s), `readTimeout`
    /// (default 10 s) and `requireCaller` (default false) are not.
    ///
    /// - Throws: ``ConfigurationError`` naming the line of the setting that is missing, unknown or wrong, and for credentials, key and address that do not belong together.
    public convenience init(settings: Settings, environment: ConnectorEnvironment) throws(ConfigurationError) {
        try settings.allowOnly(TossAuthConnector.names)
        let place = try TossAuthConnector.place(settings)
        let credentials = try TossAuthConnector.credentials(settings, place)
        var configuration = Configuration(credentials: credentials, place: place)
        configuration.key = try TossAuthConnector.publicKey(settings) ?? .production
        do throws(TossAuthError) {
            try VerificationCourse.check(credentials, place: place, key: configuration.key)
        } catch {
            let name = ["publicKey", "base"].first { settings.names.contains($0) }
            throw settings.error(at: name, error.message.korean, error.message.english)
        }
        configuration.trust = try settings.trust("trust")
        configuration.options = try TossAuthConnector.options(settings)
        if let text = try settings.string("ageRule") {
            guard let rule = AgeRule(text) else {
                throw settings.error(
                    at: "ageRule",
                    "\"ageRule\"은 \"ageGroup\", \"fullYears:19\"(만 나이), \"calendarYear:19\"(연 나이), \"ageGroup,calendarYear:19\" 같은 값이어야 합니다.",
                    "\"ageRule\" must be \"ageGroup\", \"fullYears:19\", \"calendarYear:19\", or \"ageGroup,\" before one of the two")
            }
            configuration.ageRule = rule
        }
        if let deadline = try settings.duration("deadline", in: .seconds(1) ... .seconds(600)) { configuration.deadline = deadline }
        configuration.requireCaller = try settings.requireCaller(among: environment.callers)
        do {
            try self.init(configuration, environment: environment)
        } catch let error as TossAuthError {
            throw settings.error(error.message.korean, error.message.english)
        } catch {
            throw settings.error(
                at: "trust", "\"trust\"의 인증서로 TLS를 준비할 수 없습니다.", "TLS cannot be made ready with the certificates of \"trust\"")
        }
    }

    private static func place(_ settings: Settings) throws(ConfigurationError) -> TossAuthPlace {
        guard let base = try settings.base("base") else { return .live }
        let place = TossAuthPlace(token: base.origin, service: base.origin, pathPrefix: base.pathPrefix)
        guard !place.isLive else {
            throw settings.error(
                at: "base", "\"base\"는 샌드박스처럼 두 호스트를 대신하는 주소입니다. 실제 토스 인증을 쓰려면 이 설정을 지우세요.",
                "\"base\" is one address in the place of both hosts, such as a sandbox's; leave it out for the real Toss Auth")
        }
        return place
    }

    private static func credentials(_ settings: Settings, _ place: TossAuthPlace) throws(ConfigurationError) -> TossAuthCredentials {
        let id = try settings.requiredString("clientID")
        guard id.utf8.count <= 200, id.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw settings.error(
                at: "clientID", "\"clientID\"에는 공백이나 ASCII가 아닌 글자를 쓸 수 없습니다.",
                "\"clientID\" may hold neither spaces nor characters beyond ASCII")
        }
        guard let secret = try settings.secret("clientSecret"), !secret.isEmpty else {
            throw settings.error("\"clientSecret\" 설정이 필요합니다.", "\"clientSecret\" is missing")
        }
        let credentials = place.credentials(clientID: id, clientSecret: secret)
        guard !credentials.mixesTestAndLive else {
            throw settings.error(
                at: "clientSecret",
                "clientID와 clientSecret 중 하나만 test_로 시작합니다. 둘 다 시험용이거나 둘 다 운영용이어야 합니다.",
                "only one of clientID and clientSecret begins with test_; both must be for tests, or both live")
        }
        return credentials
    }

    private static func publicKey(_ settings: Settings) throws(ConfigurationError) -> ServiceKey? {
        guard let (file, text) = try settings.fileText("publicKey") else { return nil }
        do throws(ServiceKeyFault) {
            return try ServiceKey(pem: text)
        } catch {
            throw settings.error(at: "publicKey", "\(file): \(error.message.korean)", "\(file): \(error.message.english)")
        }
    }

    private static func options(_ settings: Settings) throws(ConfigurationError) -> VerificationCourse.Options {
        var options = VerificationCourse.Options()
        if let limit = try settings.duration("keepResult", in: .zero...TossAuthLimits.resultTime) { options.keepResult = limit }
        if let limit = try settings.duration("connectTimeout", in: .milliseconds(100) ... .seconds(60)) { options.connectTimeout = limit }
        if let limit = try settings.duration("readTimeout", in: .seconds(1) ... .seconds(300)) { options.readTimeout = limit }
        options.validatesCertificates = try settings.boolean("validateCertificate") ?? false
        guard let check = try settings.object("verifySignature") else { return options }
        try check.allowOnly(["authorities"])
        guard let (file, text) = try check.fileText("authorities") else {
            throw check.error(
                "\"authorities\" 설정이 필요합니다. 서명자의 인증서를 발급한 기관의 인증서 파일(PEM)입니다.",
                "\"authorities\" is missing: a PEM file with the certificates of those who issue the signers' certificates")
        }
        guard let authorities = try? Certificate.all(pem: text), !authorities.isEmpty else {
            throw check.error(
                at: "authorities", "\(file)에서 인증서를 찾을 수 없습니다. PEM 형식(-----BEGIN CERTIFICATE-----)이어야 합니다.",
                "there is no certificate in \(file); it must be PEM (-----BEGIN CERTIFICATE-----)")
        }
        options.signatureAuthorities = authorities
        return options
    }
}

extension TossAuthConnector {
    /// `inspect`, `seal`, `open` and `age`.
    public static var commands: [ProviderCommand] { TossAuthCommands.commands }

    /// Settings for the demo client of a sandbox, in JSON5: the published test credentials, with the sandbox's own public key and the authority of its signers.
    public static func demonstration(_ place: DemonstrationPlace) -> String {
        func text(_ value: String) -> String { JSON.string(value).text }
        return """
            { clientID: \(text(TossAuthDemonstration.clientID)), clientSecret: \(text(TossAuthDemonstration.clientSecret)),
              base: \(text(place.base)), publicKey: \(text(place.folder + "/" + TossAuthDemonstration.publicKeyFile)),
              verifySignature: { authorities: \(text(place.authorityFile)) } }
            """
    }

    /// A line that works when pasted: a check of whoever holds the phone.
    public static func introduction(base: String) -> [BilingualText] {
        let body = #"{"requestType":"USER_NONE","requestUrl":"\#(TossAuthDemonstration.requestURL)"}"#
        let line = "  curl -s \(base)\(TossAuthRoutes.row(for: .request).path) -d '\(body)'"
        return [
            BilingualText(
                korean: "토스 본인확인을 게이트웨이로 시작해 보세요. 암호화와 토큰은 게이트웨이가 맡습니다.",
                english: "Begin a Toss identity check through the gateway, which encrypts and holds the token:"),
            BilingualText(korean: line, english: line),
        ]
    }
}
