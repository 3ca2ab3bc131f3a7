import Base
import Cryptography
import Gateway
import ProviderKit
import Transport

/// Everything that a configuration file says, read and checked as far as that goes without the network.
struct Configuration: Sendable {
    /// One entry under `connections`.
    struct Connection: Sendable {
        var name: String
        var provider: RegisteredProvider
        var settings: Settings
    }

    var gatewayAddress = "127.0.0.1"
    var gatewayPort = 8700
    var gatewayHosts: [String] = []
    var callers = CallerRegistry([])
    var callbackListener: CallbackListener?
    var sandboxAddress = "127.0.0.1"
    var sandboxPort = 8600
    var sandboxTLSPort = 8643
    var sandboxHosts: [String] = []
    /// How long calls in flight may take when the program ends; nothing for as long as a call may take.
    var drain: Duration?
    var trustedCertificates: [UInt8]?
    var proxy: HTTPOrigin?
    var connections: [Connection] = []

    /// What holds without a file.
    init() {}

    /// Reads a file.
    ///
    /// - Throws: ``ConfigurationFailure`` with every complaint that could be found in one pass.
    init(file: String, source: any SettingsSource) throws(ConfigurationFailure) {
        do throws(ConfigurationError) {
            let settings = try Settings(file: file, source: source)
            try settings.allowOnly(["gateway", "sandbox", "network", "connections"])
            if let gateway = try settings.object("gateway") { try readGateway(gateway) }
            if let sandbox = try settings.object("sandbox") { try readSandbox(sandbox) }
            if let network = try settings.object("network") { try readNetwork(network, source: source) }
            if let connections = try settings.object("connections") { try readConnections(connections) }
        } catch {
            throw ConfigurationFailure(errors: [error])
        }
    }

    private mutating func readGateway(_ settings: Settings) throws(ConfigurationError) {
        try settings.allowOnly(["address", "port", "hosts", "callers", "drain", "callbacks"])
        gatewayAddress = try Configuration.address(settings) ?? gatewayAddress
        gatewayPort = try settings.integer("port", in: 0...65_535) ?? gatewayPort
        gatewayHosts = try settings.strings("hosts") ?? []
        drain = try settings.duration("drain")
        if let callbacks = try settings.object("callbacks") { callbackListener = try CallbackListener(callbacks) }
        var list: [CallerRegistry.Caller] = []
        for caller in try settings.objects("callers") {
            try caller.allowOnly(["name", "id", "key"])
            guard let key = try caller.secret("key") else { throw caller.error("\"key\" 설정이 필요합니다.", "\"key\" is missing") }
            let id = try caller.requiredString("id")
            guard !list.contains(where: { $0.id == id }) else {
                throw caller.error(at: "id", "같은 id를 쓰는 호출자가 또 있습니다.", "another caller has the same id")
            }
            list.append(CallerRegistry.Caller(name: try caller.string("name") ?? id, id: id, key: key))
        }
        callers = CallerRegistry(list)
    }

    private mutating func readSandbox(_ settings: Settings) throws(ConfigurationError) {
        try settings.allowOnly(["address", "port", "tlsPort", "hosts"])
        sandboxAddress = try Configuration.address(settings) ?? sandboxAddress
        sandboxPort = try settings.integer("port", in: 0...65_535) ?? sandboxPort
        sandboxTLSPort = try settings.integer("tlsPort", in: 0...65_535) ?? sandboxTLSPort
        sandboxHosts = try settings.strings("hosts") ?? []
    }

    private mutating func readNetwork(_ settings: Settings, source: any SettingsSource) throws(ConfigurationError) {
        try settings.allowOnly(["trust", "proxy"])
        proxy = try settings.origin("proxy")
        if proxy?.isSecure == true {
            throw settings.error(
                at: "proxy", "프록시는 http://호스트:포트로 적습니다. 제공사까지의 TLS는 프록시를 통과해 그대로 이어집니다.",
                "a proxy is written http://host:port; TLS to the provider runs through it all the same")
        }
        guard let file = try settings.string("trust") else { return }
        do throws(SystemError) {
            trustedCertificates = try source.file(file).bytes
        } catch let reason {
            throw settings.error(
                at: "trust", "인증서 파일 \(file)을(를) 읽을 수 없습니다 (\(reason.reason)).",
                "the certificates in \(file) cannot be read (\(reason.reason))")
        }
    }

    private mutating func readConnections(_ settings: Settings) throws(ConfigurationError) {
        for name in settings.names {
            guard let entry = try settings.object(name) else { continue }
            let isName = name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
            guard isName, name != "-" else {
                throw settings.error(
                    at: name, "연결 이름 \"\(name)\"에는 소문자, 숫자, -만 쓸 수 있습니다.",
                    "the connection's name \"\(name)\" may hold a–z, 0–9 and - only")
            }
            let word = try entry.string("provider") ?? name
            guard let provider = Registry.provider(word) else {
                let known = Registry.providers.map(\.name).joined(separator: ", ")
                throw entry.error(
                    at: "provider", "알 수 없는 제공사 \"\(word)\"입니다. 쓸 수 있는 값: \(known)",
                    "there is no provider \"\(word)\"; known are: \(known)")
            }
            connections.append(Connection(name: name, provider: provider, settings: entry))
        }
    }

    /// Tries every connection's settings without calling anybody.
    ///
    /// - Throws: ``ConfigurationFailure`` with every complaint.
    func checkConnections() throws(ConfigurationFailure) {
        var errors: [ConfigurationError] = []
        for connection in connections {
            let environment = ConnectorEnvironment(
                connection: connection.name, exchange: NoNetwork(), time: SystemTime(), random: SystemRandom(), callers: callers)
            do throws(ConfigurationError) {
                _ = try connection.provider.connector.makeConnector(connection.settings, environment)
            } catch {
                errors.append(error)
            }
        }
        if !errors.isEmpty { throw ConfigurationFailure(errors: errors) }
    }

    /// How the program calls others.
    ///
    /// - Throws: `CertificateError` when the file with the certificates to trust holds none.
    var client: HTTPClient.Configuration {
        get throws(CertificateError) {
            var configuration = HTTPClient.Configuration()
            configuration.proxy = proxy.map { HTTPClient.Proxy(host: $0.host, port: $0.port) }
            if let trustedCertificates {
                configuration.trust = try .bundle(pem: String(decoding: trustedCertificates, as: UTF8.self))
            }
            return configuration
        }
    }

    /// What is allowed but dangerous: connections that anybody who reaches the gateway from another machine could spend money with.
    var warnings: [BilingualText] {
        if SocketAddress(numericHost: gatewayAddress, port: 0)?.isLoopback == true { return [] }
        return connections.filter { (try? $0.settings.boolean("requireCaller")) != true }.map { connection in
            BilingualText(
                korean: "경고: 게이트웨이가 \(gatewayAddress)에서 받으므로 다른 컴퓨터도 연결 \"\(connection.name)\"을(를) 아무 인증 없이 호출할 수 있습니다. "
                    + "requireCaller: true를 설정하거나 127.0.0.1에서만 받으세요.",
                english:
                    "warning: the gateway listens on \(gatewayAddress), so other machines can call the connection \"\(connection.name)\" without any "
                    + "credential; set requireCaller: true on it, or listen on 127.0.0.1 only")
        }
    }

    /// Takes every provider's demonstration against the running sandbox, and a caller of the gateway's own when the file names none.
    ///
    /// - Parameter place: Where the sandbox plays a provider.
    /// - Returns: That caller's id and key.
    mutating func useDemonstration(
        _ place: (_ provider: String) -> DemonstrationPlace
    ) throws(ConfigurationFailure) -> (id: String, key: String)? {
        let entries = Registry.providers.map { "\"\($0.name)\": \($0.connector.demonstration(place($0.name)))" }
        let text = "{ connections: { \(entries.joined(separator: ", ")) } }"
        let demonstration = try Configuration(file: DemonstrationSource.name, source: DemonstrationSource(text: text))
        connections = demonstration.connections
        guard callers.isEmpty else { return nil }
        let caller = (id: "demo-shop", key: "demo-shop-key")
        callers = CallerRegistry([.init(name: "demo", id: caller.id, key: Secret(caller.key))])
        return caller
    }

    static func address(_ settings: Settings) throws(ConfigurationError) -> String? {
        guard let text = try settings.string("address") else { return nil }
        guard SocketAddress(numericHost: text, port: 0) != nil else {
            throw settings.error(
                at: "address", "\"address\"는 127.0.0.1 같은 숫자 주소여야 합니다.",
                "\"address\" must be an address in numbers, such as 127.0.0.1")
        }
        return text
    }
}

/// Everything that is wrong with a configuration.
struct ConfigurationFailure: Error {
    var errors: [ConfigurationError]

    /// The complaints, each with file and line.
    var problems: [BilingualText] {
        errors.map { error in
            let place = error.file + (error.line.map { ":\($0)" } ?? "") + ": "
            return BilingualText(korean: place + error.message.korean, english: place + error.message.english)
        }
    }
}

extension ConfigurationFailure {
    /// A gateway alone would have nobody to call.
    static func noConnections(_ file: String) -> ConfigurationFailure {
        let message = BilingualText(
            korean: "\"connections\"에 연결이 하나도 없어 게이트웨이가 할 일이 없습니다.",
            english: "there is nothing under \"connections\", so the gateway would have nobody to call")
        return ConfigurationFailure(errors: [ConfigurationError(file: file, line: nil, message: message)])
    }
}

/// Why a half could not be started.
struct StartFailure: Error {
    var message: BilingualText
    /// Whether another process holds the state.
    var isStateInUse = false
}

/// The network of a check, which calls nobody.
struct NoNetwork: IdentityPresenting {
    func exchange(presenting identity: TLSIdentity?, trusting trust: TLSTrust?) throws(TLSError) -> any IdentityPresenting { self }

    func connect(to origin: HTTPOrigin, timeout: Duration) async throws(HTTPExchangeError) {
        throw HTTPExchangeError(.shutDown, outcome: .notSent, message: "a check calls nobody")
    }

    func retireConnections() {}

    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        throw HTTPExchangeError(.shutDown, outcome: .notSent, message: "a check calls nobody")
    }
}

/// The demonstration's settings, which stand in no file.
private struct DemonstrationSource: SettingsSource {
    let text: String

    static let name = "demonstration"

    /// The settings themselves under their name; the files that they speak of from the disk.
    func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) {
        path == DemonstrationSource.name ? (Array(text.utf8), false) : try SystemSource().file(path)
    }

    func environment(_ name: String) -> String? { nil }

    func stamp(_ path: String) -> FileStamp? { SystemSource().stamp(path) }
}
