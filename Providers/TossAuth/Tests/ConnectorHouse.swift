import Base
import Cryptography
import Gateway
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import TossAuth

/// What goes over the wire between the gateway and the test's provider; for each connection its own trust.
final class ConnectorWire: IdentityPresenting {
    struct Sent: Sendable {
        var request: HTTPRequest
        var origin: HTTPOrigin
        var timeouts: HTTPTimeouts
        /// How many authorities the server was to be trusted by; nothing for the gateway's own trust.
        var authorities: Int?
    }

    private let provider: CourseProvider
    private let record: Locked<[Sent]>
    private let authorities: Int?
    /// Fields that the provider adds to its answers.
    private let added: Locked<HTTPFields>

    init(_ provider: CourseProvider, record: Locked<[Sent]> = Locked([]), added: Locked<HTTPFields> = Locked([:]), authorities: Int? = nil)
    {
        self.provider = provider
        self.record = record
        self.added = added
        self.authorities = authorities
    }

    var sent: [Sent] { record.withLock { $0 } }
    func add(_ fields: HTTPFields) { added.withLock { $0 = fields } }

    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        record.withLock { $0.append(Sent(request: request, origin: origin, timeouts: timeouts, authorities: authorities)) }
        var response = try await provider.send(request, to: origin, timeouts: timeouts)
        for (name, value) in added.withLock({ $0 }) { response.fields.append(name, value) }
        return response
    }

    func exchange(presenting identity: TLSIdentity?, trusting trust: TLSTrust?) throws(TLSError) -> any IdentityPresenting {
        var count: Int?
        if case .authorities(let list)? = trust { count = list.count }
        return ConnectorWire(provider, record: record, added: added, authorities: count)
    }

    func connect(to origin: HTTPOrigin, timeout: Duration) async throws(HTTPExchangeError) {}
    func retireConnections() {}
}

/// Files that exist in a test only.
struct ConnectorFiles: SettingsSource {
    var files: [String: String]

    func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) {
        guard let text = files[path] else { throw SystemError(call: "open", number: 2) }
        return (Array(text.utf8), false)
    }

    func environment(_ name: String) -> String? { nil }
}

/// A gateway with one connection, `toss`, to a provider of the test's.
struct ConnectorHouse: Sendable {
    let provider: CourseProvider
    let wire: ConnectorWire
    let connector: TossAuthConnector
    let gateway: Gateway
    let lines = Locked<[String]>([])
    let metrics = Metrics()

    /// - Parameters:
    ///   - settings: What the connection's settings say besides credentials, base and key, with a comma in front.
    ///   - isTest: Whether it has the test's credentials.
    ///   - records: What is kept, where it is to outlive this gateway.
    init(
        _ time: any TimeSource, settings: String = "", isTest: Bool = true, provider: CourseProvider? = nil,
        records: (any RecordKeeper)? = nil,
        files: [String: String] = [:]
    ) throws {
        let provider = try provider ?? CourseProvider(time: time)
        let wire = ConnectorWire(provider)
        let log = Log(minimum: .debug, time: time) { [lines] line in lines.withLock { $0.append(line) } }
        let callers = CallerRegistry([.init(name: "web", id: "web", key: Secret("web:key"))])
        let environment = ConnectorEnvironment(
            connection: "toss", exchange: wire, time: time, random: SystemRandom(), log: log, metrics: metrics, callers: callers,
            identities: wire, records: records)
        let credentials =
            isTest
            ? "clientID: \"\(TossAuthDemonstration.clientID)\", clientSecret: \"\(TossAuthDemonstration.clientSecret)\""
            : "clientID: \"real\", clientSecret: \"real-secret\""
        let text = "{ \(credentials), base: \"http://127.0.0.1:8600/toss-auth\", publicKey: \"key.pem\" \(settings) }"
        let own = ["c.json5": text, "key.pem": provider.opener.publicKey.key.pem]
        let source = ConnectorFiles(files: files.merging(own) { $1 })
        connector = try TossAuthConnector(settings: Settings(file: "c.json5", source: source), environment: environment)
        gateway = Gateway(connections: ["toss": connector], exchange: wire, time: time, log: log, metrics: metrics)
        self.provider = provider
        self.wire = wire
    }

    func call(_ method: HTTPMethod, _ target: String, _ body: String = "", _ fields: HTTPFields = [:]) async -> HTTPResponse {
        var fields = fields
        if !fields.contains("Host") { fields.append("Host", "127.0.0.1") }
        return await gateway.respond(
            to: HTTPRequest(method: method, target: "/toss" + target, fields: fields, body: Array(body.utf8)),
            from: HTTPPeer(address: "127.0.0.1", port: 50_000))
    }

    /// One of the three calls of a check.
    func call(_ purpose: TossAuthAPI.Purpose, _ body: JSON, _ fields: HTTPFields = [:], older: Bool = false) async -> HTTPResponse {
        await call(.post, TossAuthRoutes.row(for: purpose, olderPath: older).path, body.text, fields)
    }

    static let person: JSON = [
        "requestType": "USER_PERSONAL", "requestUrl": "intoss://my-granite-app", "userName": "홍길동", "userPhone": "01012345678",
        "userBirthday": "19900102",
    ]
    static let oneTouch: JSON = ["requestType": "USER_NONE", "requestUrl": "intoss://my-granite-app"]

    /// A check that its person has finished.
    func completed(_ fields: HTTPFields = [:]) async throws -> TransactionID {
        let response = await call(.request, ConnectorHouse.oneTouch, fields)
        let txID = try #require(response.houseJSON?["success"]?["txId"]?.string.flatMap { TransactionID($0) })
        provider.complete(txID)
        return txID
    }

    func result(_ txID: TransactionID, _ fields: HTTPFields = [:]) async -> HTTPResponse {
        await call(.result, ["txId": .string(txID.text)], fields)
    }

    /// The requests that went to one of the provider's paths, by its last part.
    func sent(_ name: String) -> [ConnectorWire.Sent] { wire.sent.filter { $0.request.target.hasSuffix("/" + name) } }
    /// Everything that was logged, in one text.
    var logged: String { lines.withLock { $0.joined(separator: "\n") } }
    /// The value of a counter, by everything that stands before it.
    func count(_ name: String) -> String? {
        metrics.text.split(separator: "\n").first { $0.hasPrefix(name + " ") }.map { String($0.dropFirst(name.count + 1)) }
    }
}

extension HTTPResponse {
    var houseJSON: JSON? { bytes.flatMap { try? JSON($0) } }
    var houseText: String { String(decoding: bytes ?? [], as: UTF8.self) }
}
