import Base
import Bootpay
import BootpaySandbox
import Gateway
import ProviderKit
import Sandbox
import SandboxKit
import Storage
import TestSupport
import Testing

@testable import Transport

/// Both halves and somebody who calls them, in one process and over real sockets: caller → gateway → sandbox → receiver of webhooks.
final class RunningHouse: Sendable {
    /// The demo data's first receipt, as the published examples print it.
    static let receipt = "612df0250d681b001de61de6"

    let sandboxOrigin: HTTPOrigin
    let logLines = Locked<[String]>([])
    let gatewayMetrics = Metrics()
    /// The clock of the gateways and of what calls for them; it runs, unless a test holds it.
    let gatewayTime = HeldTime()
    private let group: EventLoopGroup
    private let caller: HTTPClient
    private let outward: HTTPClient
    private let database: Database
    private let sandboxServer: HTTPServer
    private let schedule: Task<Void, Never>
    private let otherServers = Locked<[HTTPServer]>([])

    private init(_ location: StorageLocation) async throws {
        gatewayTime.letGo()
        group = try EventLoopGroup(count: 2)
        caller = try HTTPClient(group: group)
        outward = try HTTPClient(
            group: group, configuration: HTTPClient.Configuration(), resolver: SystemNameResolver(), time: gatewayTime)
        database = try Database(location)
        let base = Locked("")
        let sandbox = try await Sandbox(
            services: [BootpaySandbox.self], database: database, time: SystemTime(), random: SystemRandom(), exchange: outward,
            configuration: SandboxConfiguration(version: "test", baseURL: { base.withLock { $0 } }))
        sandboxServer = try RunningHouse.listen(group, sandbox)
        sandboxOrigin = HTTPOrigin(isSecure: false, host: "127.0.0.1", port: sandboxServer.address.port)
        base.withLock { [sandboxServer] in $0 = "http://\(sandboxServer.address)" }
        schedule = Task { await sandbox.run() }
    }

    /// Runs `body` in a house that is taken down again whatever happens.
    static func run(_ location: StorageLocation = .memory, _ body: (RunningHouse) async throws -> Void) async throws {
        let house = try await RunningHouse(location)
        do { try await body(house) } catch {
            await house.end()
            throw error
        }
        await house.end()
    }

    private func end() async {
        for server in otherServers.withLock({ $0 }) { await server.shutdown(deadline: .seconds(1)) }
        await sandboxServer.shutdown(deadline: .seconds(1))
        schedule.cancel()
        await schedule.value
        await caller.shutDown()
        await outward.shutDown()
        await database.close()
        group.stop()
    }

    private static func listen(
        _ group: EventLoopGroup, _ handler: any HTTPHandler, _ configuration: HTTPServerConfiguration = HTTPServerConfiguration()
    ) throws -> HTTPServer {
        try HTTPServer(
            group: group, address: try #require(SocketAddress(numericHost: "127.0.0.1", port: 0)), configuration: configuration,
            handler: handler)
    }

    /// Serves `handler` on a port of its own until the house is taken down.
    func serve(_ handler: any HTTPHandler, _ configuration: HTTPServerConfiguration = HTTPServerConfiguration()) throws -> HTTPOrigin {
        let server = try Self.listen(group, handler, configuration)
        otherServers.withLock { $0.append(server) }
        return HTTPOrigin(isSecure: false, host: "127.0.0.1", port: server.address.port)
    }

    // MARK: The gateway

    /// A gateway to the sandbox, or to whoever is at `origin`.
    func gateway(
        _ credentials: Credentials = .demo, at origin: HTTPOrigin? = nil, callers: CallerRegistry = CallerRegistry([]),
        requireCaller: Bool = false
    ) throws -> HTTPOrigin {
        var configuration = BootpayConnector.Configuration(
            applicationID: credentials.applicationID, privateKey: Secret(credentials.privateKey), origin: origin ?? sandboxOrigin)
        configuration.pathPrefix = "/bootpay"
        configuration.requireCaller = requireCaller
        let log = Log(minimum: .debug, time: SystemTime()) { [logLines] line in logLines.withLock { $0.append(line) } }
        let connector = BootpayConnector(
            configuration,
            environment: ConnectorEnvironment(
                connection: "bootpay", exchange: outward, time: gatewayTime, random: SystemRandom(), log: log, metrics: gatewayMetrics,
                callers: callers))
        let gateway = Gateway(
            connections: ["bootpay": connector], exchange: outward, time: gatewayTime, log: log, metrics: gatewayMetrics)
        return try serve(gateway, gateway.serverConfiguration())
    }

    // MARK: Calling

    /// What came back.
    struct Answer: Sendable {
        var status: Int
        var fields: HTTPFields
        var text: String
        var json: JSON { (try? JSON(text)) ?? .null }
        /// What the gateway says about whose answer it is.
        var outcome: String? { fields["Bujeol-Outcome"] }
        /// Every field and the body, for a search.
        var everything: String { fields.map { "\($0.0): \($0.1)\n" }.joined() + text }
    }

    /// One call over a socket.
    func send(
        _ method: HTTPMethod, _ origin: HTTPOrigin, _ target: String, _ body: JSON? = nil, _ fields: HTTPFields = [:]
    ) async throws -> Answer {
        var fields = fields
        if body != nil { fields.append("Content-Type", "application/json") }
        let patience = HTTPTimeouts(connect: .seconds(60), firstByte: .seconds(120), total: .seconds(120))
        let response = try await caller.send(
            HTTPRequest(method: method, target: target, fields: fields, body: body?.bytes ?? []), to: origin, timeouts: patience)
        return Answer(status: response.status, fields: response.fields, text: String(decoding: response.bytes ?? [], as: UTF8.self))
    }

    /// A call to the sandbox's plain port.
    func sandbox(_ method: HTTPMethod, _ target: String, _ body: JSON? = nil, token: String? = nil) async throws -> Answer {
        try await send(method, sandboxOrigin, target, body, token.map { ["Authorization": $0] } ?? [:])
    }

    /// A call to the control API that must succeed.
    @discardableResult
    func control(_ method: HTTPMethod, _ target: String, _ body: JSON? = nil) async throws -> JSON {
        let answer = try await sandbox(method, "/-/" + target, body)
        try #require((200...299).contains(answer.status), "\(target): \(answer.status) \(answer.text)")
        return answer.json
    }

    /// A token call's whole `data`.
    func askForToken(_ credentials: Credentials = .demo) async throws -> JSON {
        let answer = try await sandbox(
            .post, "/bootpay/request/token",
            ["application_id": .string(credentials.applicationID), "private_key": .string(credentials.privateKey)])
        try #require(answer.status == 200, "\(answer.text)")
        return try #require(answer.json["data"])
    }

    /// The status with which a verify under `token` is answered.
    func status(of token: String, receipt: String = receipt) async throws -> Int {
        try await sandbox(.get, "/bootpay/receipt/\(receipt)", token: token).status
    }

    /// Makes a payment and gives its receipt id.
    func pay(_ payment: JSON = ["price": 10_000], tenant: String = "demo") async throws -> String {
        try #require(try await control(.post, "bootpay/payments?tenant=\(tenant)", payment)["receipt_id"]?.string)
    }

    /// The request log's entries of one route, newest first.
    func logged(_ route: String) async throws -> [JSON] {
        try await control(.get, "requests?route=\(route)&limit=1000")["requests"]?.elements ?? []
    }
}

/// An application's id and key.
struct Credentials: Sendable {
    var applicationID: String
    var privateKey: String

    /// Those of the demo data, from Bootpay's published examples.
    static let demo = Credentials(
        applicationID: "5b8f6a4d396fa665fdc2b5ea", privateKey: "rm6EYECr6aroQVG2ntW0A6LpWnkTgP4uQ3H18sDDUYw=")
}
