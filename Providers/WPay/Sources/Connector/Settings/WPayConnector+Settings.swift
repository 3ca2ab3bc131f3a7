public import Base
public import ProviderKit
import Transport

extension WPayConnector: ConnectorFactory {
    /// `wpay`.
    public static var provider: String { WPayDemonstration.name }

    /// What may stand in the settings of a connection; `provider` is read by whoever chooses the connector.
    private static let names = [
        "provider", "mid", "hashKey", "seedKey", "seedIV", "autoPayMid", "autoPayHashKey", "autoPaySeedKey", "autoPaySeedIV",
        "autoPayIniAPIKey", "environment",
        "origin", "allowedHosts", "iniAPIKey",
        "clientAddress",
        "connectTimeout", "readTimeout", "deadline", "application", "returnBase", "openFields",
    ]

    /// A connector with the settings of one connection.
    public static func makeConnector(
        _ settings: Settings, _ environment: ConnectorEnvironment
    ) throws(ConfigurationError) -> any Connector {
        try WPayConnector(settings: settings, environment: environment)
    }

    /// A connector with the settings of one connection.
    ///
    /// Required are `mid`, `hashKey`, `seedKey`, `seedIV`, and one of `environment` (`test` or `live`) and `origin` (a base such as a sandbox's); the rest has defaults.
    ///
    /// - Throws: ``ConfigurationError`` naming the line of the setting that is missing, unknown or wrong, or that this OpenSSL has no SEED.
    public convenience init(settings: Settings, environment: ConnectorEnvironment) throws(ConfigurationError) {
        try settings.allowOnly(WPayConnector.names)
        let mid = try WPayConnector.merchant("mid", settings)
        guard let mid else { throw settings.error("\"mid\" 설정이 필요합니다.", "\"mid\" is missing") }
        let keys = try WPayConnector.keys(settings, ["hashKey", "seedKey", "seedIV"])
        var configuration = Configuration(mid: mid, keys: keys, place: try WPayConnector.place(settings))
        configuration.autoPayMid = try WPayConnector.merchant("autoPayMid", settings)
        configuration.autoPayKeys = try WPayConnector.autoPayKeys(settings)
        configuration.allowedHosts = try WPayConnector.allowedHosts(settings, configuration.place)
        configuration.refunds = try WPayConnector.refunds(settings)
        configuration.connectTimeout =
            try settings.duration("connectTimeout", in: .milliseconds(100) ... .seconds(60)) ?? configuration.connectTimeout
        configuration.readTimeout =
            try settings.duration("readTimeout", in: .seconds(1) ... .seconds(300)) ?? configuration.readTimeout
        configuration.deadline = try settings.duration("deadline", in: .seconds(1) ... .seconds(600)) ?? configuration.deadline
        if let text = try settings.string("application") {
            guard let application = ApplicationAddress(text) else {
                throw settings.error(
                    at: "application", "\"application\"은 http(s)://호스트[:포트]/경로 꼴이어야 합니다.",
                    "\"application\" must be http(s)://host[:port]/path")
            }
            configuration.application = application
        }
        if let text = try settings.string("returnBase") {
            guard let base = WPayBase(text) else {
                throw settings.error(
                    at: "returnBase",
                    "\"returnBase\"는 구매자의 브라우저가 이 연결에 닿는 URL이어야 합니다. 예: https://pay.shop.example/\(environment.connection)",
                    "\"returnBase\" must be the URL under which shoppers' browsers reach this connection, such as https://pay.shop.example/\(environment.connection)"
                )
            }
            configuration.returnBase = base
        }
        configuration.opensFields = try settings.boolean("openFields") ?? false
        self.init(configuration, environment: environment)
    }

    private static func merchant(_ name: String, _ settings: Settings) throws(ConfigurationError) -> String? {
        guard let mid = try settings.string(name) else { return nil }
        let isWord = mid.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
        guard isWord, mid.utf8.count <= 10 else {
            throw settings.error(
                at: name, "\"\(name)\"은(는) 영문자와 숫자로 된 10자 이하의 상점 아이디(MID)여야 합니다.",
                "\"\(name)\" must be a merchant id (MID) of at most 10 letters and digits")
        }
        return mid
    }

    /// The keys under three names: hashKey, SEED key and IV.
    private static func keys(_ settings: Settings, _ names: [String]) throws(ConfigurationError) -> WPayKeys {
        let hashKey = try secret(names[0], settings)
        let seedKey = try secret(names[1], settings)
        let seedIV = try secret(names[2], settings)
        do throws(WPayKeyError) {
            return try WPayKeys(hashKey: hashKey, seedKey: seedKey, seedIV: seedIV)
        } catch {
            let places: [WPayKeyError.Code: String] = [.hashKey: names[0], .seedKey: names[1], .seedIV: names[2]]
            throw settings.error(at: places[error.code], error.message.korean, error.message.english)
        }
    }

    private static func autoPayKeys(_ settings: Settings) throws(ConfigurationError) -> WPayKeys? {
        let names = ["autoPayHashKey", "autoPaySeedKey", "autoPaySeedIV"]
        guard let given = names.first(where: settings.names.contains) else { return nil }
        guard settings.names.contains("autoPayMid") else {
            throw settings.error(at: given, "\"\(given)\"에는 \"autoPayMid\"도 필요합니다.", "\"\(given)\" needs \"autoPayMid\" too")
        }
        return try keys(settings, names)
    }

    private static func secret(_ name: String, _ settings: Settings) throws(ConfigurationError) -> Secret {
        guard let secret = try settings.secret(name), !secret.isEmpty else {
            throw settings.error("\"\(name)\" 설정이 필요합니다.", "\"\(name)\" is missing")
        }
        return secret
    }

    private static func place(_ settings: Settings) throws(ConfigurationError) -> Place {
        switch (try settings.string("environment"), try settings.string("origin")) {
        case (nil, nil):
            throw settings.error(
                "\"environment\"(\"test\" 또는 \"live\")나 \"origin\" 가운데 하나가 필요합니다.",
                "one of \"environment\" (\"test\" or \"live\") and \"origin\" is needed")
        case (_?, _?):
            throw settings.error(
                at: "origin", "\"environment\"와 \"origin\"을 함께 쓸 수 없습니다. 하나만 남기세요.",
                "\"environment\" and \"origin\" exclude each other; keep one")
        case (let word?, nil):
            guard let stage = WPayHosts.Stage(rawValue: word), stage != .development else {
                throw settings.error(
                    at: "environment", "\"environment\"는 \"test\" 또는 \"live\"여야 합니다.", "\"environment\" must be \"test\" or \"live\"")
            }
            return .stage(stage)
        case (nil, let text?):
            guard let base = WPayBase(text) else {
                throw settings.error(
                    at: "origin", "\"origin\"은 http://127.0.0.1:8600/wpay처럼 http(s)://호스트[:포트][/경로] 꼴이어야 합니다.",
                    "\"origin\" must be http(s)://host[:port][/path], such as http://127.0.0.1:8600/wpay")
            }
            return .base(base)
        }
    }

    private static func allowedHosts(_ settings: Settings, _ place: Place) throws(ConfigurationError) -> WPayAllowedHosts {
        var allowed = WPayAllowedHosts()
        if case .base(let base) = place { allowed.bases.append(base) }
        guard let entries = try settings.strings("allowedHosts") else { return allowed }
        allowed.domains = []
        for entry in entries {
            if entry.utf8.firstRange(of: "://".utf8) != nil, let base = WPayBase(entry) {
                allowed.bases.append(base)
            } else if let base = WPayBase("https://" + entry), base.origin.port == 443,
                base.description == "https://" + entry.lowercased(), base.pathPrefix.isEmpty
            {
                allowed.domains.append(base.origin.host)
            } else {
                throw settings.error(
                    at: "allowedHosts", "\"allowedHosts\"에는 inicis.com 같은 도메인(하위 도메인 포함, https만)이나 http://127.0.0.1:8600/wpay 같은 주소를 적으세요.",
                    "\"allowedHosts\" lists domains such as inicis.com (with all below them, https only) or bases such as http://127.0.0.1:8600/wpay"
                )
            }
        }
        return allowed
    }

    private static func refunds(_ settings: Settings) throws(ConfigurationError) -> RefundAccess? {
        guard let key = try settings.secret("iniAPIKey") else {
            guard settings.names.contains("autoPayIniAPIKey") else { return nil }
            throw settings.error(
                at: "autoPayIniAPIKey", "\"autoPayIniAPIKey\"에는 \"iniAPIKey\"도 필요합니다.", "\"autoPayIniAPIKey\" needs \"iniAPIKey\" too")
        }
        guard !key.isEmpty, let address = try settings.string("clientAddress") else {
            throw settings.error(
                at: "iniAPIKey", "환불(INIAPI)에는 \"clientAddress\"도 필요합니다. 이니시스가 보는 이 서버의 IP 주소를 적으세요.",
                "refunds through INIAPI need \"clientAddress\" too: the address of this server as INIAPI sees it")
        }
        let isAddress = address.utf8.allSatisfy { Hexadecimal.value($0) != nil || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") }
        guard isAddress, address.contains(".") || address.contains(":"), address.utf8.count <= 45 else {
            throw settings.error(
                at: "clientAddress", "\"clientAddress\"는 203.0.113.7 같은 IP 주소여야 합니다.",
                "\"clientAddress\" must be an address in numbers, such as 203.0.113.7")
        }
        return RefundAccess(key: key, autoPayKey: try settings.secret("autoPayIniAPIKey"), clientAddress: address)
    }
}

extension WPayConnector {
    /// `bujeol wpay sign`, `explain` and `apis`.
    public static var commands: [ProviderCommand] { WPayCommands.commands }

    /// Settings for the demo merchant of a sandbox, in JSON5.
    public static func demonstration(_ place: DemonstrationPlace) -> String {
        """
        { mid: "\(WPayDemonstration.mid)", hashKey: "\(WPayDemonstration.hashKey)", seedKey: "\(WPayDemonstration.seedKey)", \
        seedIV: "\(WPayDemonstration.seedIV)", iniAPIKey: "\(WPayDemonstration.iniAPIKey)", clientAddress: "127.0.0.1", origin: "\(place.base)" }
        """
    }

    /// Lines that work when pasted: the signed form of the page where a shopper joins, and a look-up.
    public static func introduction(base: String) -> [BilingualText] {
        let join =
            "  curl -s \(base)/start/memreg -H 'Accept: application/json' -d userId=shopper-1 -d agreePayNm=shop -d agreeUrl=http://127.0.0.1/terms"
            + " -d returnUrl=\(base)/return/memreg"
        let look = "  curl -s \(base)/stdwpay/std/rest/v1/payinfos -G -d wpayUserKey=\(WPayDemonstration.userKey) -H 'Bujeol-Open: fields'"
        return [
            BilingualText(
                korean: "WPAY 호출은 평문으로 보내면 됩니다. 회원의 결제수단을 조회합니다.",
                english: "Call WPAY with plain values; this lists a member's cards and accounts:"),
            BilingualText(korean: look, english: look),
            BilingualText(korean: "가입 페이지로 보낼 서명된 폼을 받습니다.", english: "Have the form for the joining page signed:"),
            BilingualText(korean: join, english: join),
        ]
    }
}
