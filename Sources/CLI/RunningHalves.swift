import Base
import Cryptography
import Gateway
import ProviderKit
import Sandbox
import SandboxKit
import Transport

/// What a command has started, and how to end it again.
struct RunningHalves {
    private let group: EventLoopGroup
    private let client: HTTPClient
    private var servers: [HTTPServer] = []
    private var gateway: Gateway?
    private var sandbox: RunningSandbox?
    private var background: Task<Void, Never>?
    private var records: GatewayRecords?
    private var drain = Duration.seconds(20)

    /// Starts what the command names, and prints how to reach it.
    ///
    /// - Throws: ``ArgumentError``, ``ConfigurationFailure`` or ``StartFailure``.
    static func start(_ arguments: Arguments, terminal: Terminal) async throws -> RunningHalves {
        if arguments.command == .gateway, arguments.configurationFile == nil {
            throw ArgumentError(
                message: BilingualText(
                    korean: "gateway에는 연결이 적힌 --config 파일이 필요합니다. 데모 데이터로 시험하려면 bujeol up을 쓰세요.",
                    english: "gateway needs a file with its connections: --config FILE; to try it with demo data, use bujeol up"))
        }
        var settings = Configuration()
        if let file = arguments.configurationFile {
            settings = try Configuration(file: file, source: SystemSource())
            if arguments.command == .gateway, settings.connections.isEmpty { throw ConfigurationFailure.noConnections(file) }
        }
        settings.sandboxPort = arguments.sandboxPort ?? settings.sandboxPort
        settings.sandboxTLSPort = arguments.sandboxTLSPort ?? settings.sandboxTLSPort
        settings.gatewayPort = arguments.gatewayPort ?? settings.gatewayPort

        var halves = try RunningHalves(settings)
        let introduction = Introduction(terminal: terminal)
        do {
            if arguments.command != .gateway { try await halves.startSandbox(settings, arguments.dataDirectory, introduction) }
            if arguments.command != .sandbox { try await halves.startGateway(settings, arguments.dataDirectory, introduction) }
        } catch {
            await halves.shutDown()
            throw error
        }
        introduction.finish()
        if let warning = halves.sandbox?.authority.warning(at: SystemTime().now) { terminal.note(warning) }
        if arguments.command != .sandbox { for warning in settings.warnings { terminal.note(warning) } }
        return halves
    }

    private init(_ settings: Configuration) throws {
        if let drain = settings.drain { self.drain = drain }
        do {
            let configuration = try settings.client
            group = try EventLoopGroup()
            client = try HTTPClient(group: group, configuration: configuration)
        } catch {
            throw StartFailure(
                message: BilingualText(korean: "시작할 수 없습니다: \(error)", english: "could not start: \(error)"))
        }
    }

    private mutating func startSandbox(_ settings: Configuration, _ directory: String, _ introduction: Introduction) async throws {
        let running = try await RunningSandbox(settings: settings, directory: directory, client: client)
        sandbox = running
        var plain = HTTPServerConfiguration()
        // A delay that somebody ordered may last an hour; the server must not answer in its place.
        plain.requestTimeout = .seconds(3660)
        let port = try listen(
            address: settings.sandboxAddress, port: settings.sandboxPort, option: "--sandbox-port", plain, handler: running.core)
        var secure = plain
        secure.tls = try running.core.serverContext(
            authority: running.authority.authority, ownNames: settings.sandboxHosts + [settings.sandboxAddress])
        secure.handshakeFailed = { [core = running.core] in core.handshakeFailed($0) }
        let securePort = try listen(
            address: settings.sandboxAddress, port: settings.sandboxTLSPort, option: "--sandbox-tls-port", secure,
            handler: running.core)
        if let place = SocketAddress(numericHost: settings.sandboxAddress, port: port) {
            try running.reached(at: place, securePort: securePort)
        }
        running.start()
        introduction.sandbox(running, secureAddress: "https://\(loopback(settings.sandboxAddress)):\(securePort)", directory: directory)
    }

    private mutating func startGateway(_ settings: Configuration, _ directory: String, _ introduction: Introduction) async throws {
        var settings = settings
        var demonstration: [Configuration.Connection] = []
        var caller: (id: String, key: String)?
        if settings.connections.isEmpty, let sandbox {
            caller = try settings.useDemonstration(sandbox.demonstrationPlace)
            demonstration = settings.connections
        }
        let log = Log.standardError()
        let metrics = Metrics()
        // Neither the directory nor the file is made before a connector has something to keep.
        let records = GatewayRecords(file: directory + "/gateway.sqlite", time: SystemTime()) { () throws(SystemError) in
            try Process.makePrivateDirectory(directory)
        }
        self.records = records
        var connections: [String: any Connector] = [:]
        for entry in settings.connections {
            let environment = ConnectorEnvironment(
                connection: entry.name, exchange: client, time: SystemTime(), random: SystemRandom(), log: log, metrics: metrics,
                callers: settings.callers, identities: client, records: records.keeper(of: entry.name))
            do throws(ConfigurationError) {
                connections[entry.name] = try entry.provider.connector.makeConnector(entry.settings, environment)
            } catch {
                throw ConfigurationFailure(errors: [error])
            }
        }
        let gateway = Gateway(
            connections: connections, exchange: client, time: SystemTime(), log: log, metrics: metrics,
            configuration: Gateway.Configuration(
                hosts: settings.gatewayHosts, trustedProxies: TrustedProxies(settings.callbackListener?.trustedProxies ?? [])))
        do throws(ConfigurationError) {
            try await gateway.open()
        } catch {
            throw ConfigurationFailure(errors: [error])
        }
        self.gateway = gateway
        background = Task { await gateway.run() }
        // A call that is cut short may leave a payment without its undoing; by default all are waited for.
        if settings.drain == nil { drain = max(drain, gateway.longestCall + .seconds(1)) }
        let port = try listen(
            address: settings.gatewayAddress, port: settings.gatewayPort, option: "--gateway-port", gateway.serverConfiguration(),
            handler: gateway)
        introduction.gateway(
            "http://\(loopback(settings.gatewayAddress)):\(port)", demonstration: demonstration, caller: caller)
        if let listener = settings.callbackListener { try startCallbacks(listener, gateway, introduction) }
    }

    private mutating func startCallbacks(_ listener: CallbackListener, _ gateway: Gateway, _ introduction: Introduction)
        throws(StartFailure)
    {
        var configuration = gateway.callbackServerConfiguration()
        configuration.tls = listener.tls
        let port = try listen(
            address: listener.address, port: listener.port, option: "gateway.callbacks.port", configuration, handler: CallbackDoor(gateway))
        introduction.callbacks("\(listener.tls == nil ? "http" : "https")://\(loopback(listener.address)):\(port)")
    }

    private mutating func listen(
        address: String, port: Int, option: String, _ configuration: HTTPServerConfiguration,
        handler: any HTTPHandler
    ) throws(StartFailure) -> Int {
        guard let place = SocketAddress(numericHost: address, port: port) else {
            throw StartFailure(
                message: BilingualText(
                    korean: "\(address)은(는) 숫자로 된 주소가 아닙니다.", english: "\(address) is not an address in numbers"))
        }
        do throws(SystemError) {
            let server = try HTTPServer(group: group, address: place, configuration: configuration, handler: handler)
            servers.append(server)
            return server.address.port
        } catch {
            throw StartFailure(
                message: BilingualText(
                    korean: "\(place)에서 받을 수 없습니다 (\(error.reason)). 다른 포트는 \(option)(으)로 정하세요. 0이면 빈 포트를 고릅니다.",
                    english: "cannot listen on \(place) (\(error.reason)); choose another port with \(option), 0 picks a free one"))
        }
    }

    private func loopback(_ address: String) -> String { address.contains(":") ? "[\(address)]" : address }

    /// What SIGHUP asks for. A sandbox alone has no secrets of anybody's, and nothing to look at again.
    var reload: @Sendable () async -> Void {
        guard let gateway else { return {} }
        return { _ = await gateway.reload() }
    }

    /// Ends everything: no new calls, those in flight finished within the configured time, then the state closed.
    func shutDown() async {
        gateway?.drain()
        // The gateway first: its calls in flight may still need the sandbox.
        for server in servers.reversed() { await server.shutdown(deadline: drain) }
        background?.cancel()
        await background?.value
        await records?.close()
        await sandbox?.stop()
        await client.shutDown()
        group.stop()
    }
}
