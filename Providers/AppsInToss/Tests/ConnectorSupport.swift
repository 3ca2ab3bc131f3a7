import Base
import Cryptography
import Gateway
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import AppsInToss

/// A network that answers by a closure, remembers what was sent, and tells whose certificate was shown.
final class ScriptedAppsInToss: IdentityPresenting {
    struct Sent: Sendable {
        var request: HTTPRequest
        var origin: HTTPOrigin
        /// The common name of the certificate that was shown; nothing for none.
        var shown: String?
    }

    typealias Answer = @Sendable (HTTPRequest, Int) async throws -> HTTPResponse

    private let record: Locked<[Sent]>
    private let answer: Answer
    private let identity: TLSIdentity?

    /// `answer` gets the request and how many came before it.
    convenience init(_ answer: @escaping Answer) { self.init(Locked([]), answer, nil) }
    /// Answers everything with success and this content.
    convenience init(content: JSON = [:]) { self.init { _, _ in ScriptedAppsInToss.success(content) } }

    private init(_ record: Locked<[Sent]>, _ answer: @escaping Answer, _ identity: TLSIdentity?) {
        self.record = record
        self.answer = answer
        self.identity = identity
    }

    var sent: [Sent] { record.withLock { $0 } }
    /// The last parts of the paths, in order.
    var calls: [String] { sent.map { String($0.request.target.split(separator: "/").last ?? "") } }

    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        let sent = Sent(request: request, origin: origin, shown: identity?.certificates.first?.commonName)
        let number = record.withLock { record in
            record.append(sent)
            return record.count - 1
        }
        do {
            return try await answer(request, number)
        } catch {
            throw error as? HTTPExchangeError ?? HTTPExchangeError(.invalidRequest, outcome: .unknown, message: "the test's script failed")
        }
    }

    func exchange(presenting identity: TLSIdentity?, trusting trust: TLSTrust?) throws(TLSError) -> any IdentityPresenting {
        ScriptedAppsInToss(record, answer, identity)
    }

    func connect(to origin: HTTPOrigin, timeout: Duration) async throws(HTTPExchangeError) {}
    func retireConnections() {}

    static let lost = HTTPExchangeError(.connectionLost, outcome: .unknown, message: "lost")
    static let unreachable = HTTPExchangeError(.connectionRefused, outcome: .notSent, message: "refused")

    static func success(_ content: JSON, status: Int = 200) -> HTTPResponse {
        Reply(status: status, json: AppsInTossEnvelope.success(content)).response
    }

    static func failure(_ code: AppsInTossErrorCode, _ type: AppsInTossResultType = .fail, data: JSON = .null) -> HTTPResponse {
        let refusal = AppsInTossRefusal(code, resultType: type, data: data)
        return Reply(status: 200, json: AppsInTossEnvelope.failure(refusal)).response
    }
}

/// Files that exist in a test only.
struct ConnectorFiles: SettingsSource {
    var files: [String: String]
    var variables: [String: String] = [:]

    func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) {
        guard let text = files[path] else { throw SystemError(call: "open", number: 2) }
        return (Array(text.utf8), false)
    }

    func environment(_ name: String) -> String? { variables[name] }
}

/// Certificates of a mini-app, made once.
enum ConnectorIdentities {
    static let start = Timestamp(unixSeconds: 1_767_225_600)
    static let authority: CertificateAuthority? = try? CertificateAuthority(
        name: "made up", validity: CertificateValidity(from: start - .seconds(86_400), days: 3_650))
    static let shop = identity("shop")
    static let other = identity("other")

    private static func identity(_ name: String) -> TLSIdentity? {
        try? authority?.issueClientIdentity(name: name, validity: CertificateValidity(from: start - .seconds(86_400), days: 390))
    }

    static func key(_ identity: TLSIdentity?) -> String {
        identity.map { $0.privateKey.pem.withBytes { String(decoding: Array($0), as: UTF8.self) } } ?? ""
    }

    /// `c.pem` and `k.pem` belong together, `other.pem` is another mini-app's key, `ca.pem` the authority.
    static let files = [
        "c.pem": shop?.certificateChainPEM ?? "", "k.pem": key(shop), "other.pem": key(other), "ca.pem": authority?.certificatePEM ?? "",
    ]
}

/// A gateway with one connection, `toss`, to a scripted provider.
struct ConnectorHouse {
    let exchange: ScriptedAppsInToss
    let connector: AppsInTossConnector
    let gateway: Gateway
    let lines: Locked<[String]>
    let metrics = Metrics()

    /// - Parameter settings: What the connection's settings say besides its certificate, with a comma in front.
    init(
        _ exchange: ScriptedAppsInToss = ScriptedAppsInToss(), settings: String = "", time: any TimeSource = ConnectorClock(),
        records: (any RecordKeeper)? = nil
    ) throws {
        let lines = Locked<[String]>([])
        let log = Log(time: time) { line in lines.withLock { $0.append(line) } }
        let callers = CallerRegistry([.init(name: "web", id: "web", key: Secret("web:key"))])
        let environment = ConnectorEnvironment(
            connection: "toss", exchange: exchange, time: time, random: SeededRandom(), log: log, metrics: metrics, callers: callers,
            identities: exchange, records: records)
        let text = "{ certificate: \"c.pem\", key: { file: \"k.pem\" }, app: \"shop\" \(settings) }"
        let source = ConnectorFiles(files: ConnectorIdentities.files.merging(["c.json5": text]) { $1 })
        connector = try AppsInTossConnector(settings: Settings(file: "c.json5", source: source), environment: environment)
        gateway = Gateway(connections: ["toss": connector], exchange: exchange, time: time, log: log, metrics: metrics)
        self.exchange = exchange
        self.lines = lines
    }

    func call(
        _ method: HTTPMethod, _ target: String, _ body: String = "", _ fields: HTTPFields = [:], from address: String = "127.0.0.1"
    ) async -> HTTPResponse {
        var fields = fields
        if !fields.contains("Host") { fields.append("Host", "127.0.0.1") }
        return await gateway.respond(
            to: HTTPRequest(method: method, target: "/toss" + target, fields: fields, body: Array(body.utf8)),
            from: HTTPPeer(address: address, port: 50_000))
    }

    /// A call of the table, by its short name, for the demo user.
    func call(_ name: String, _ body: String = "{}", _ fields: HTTPFields = [:]) async throws -> HTTPResponse {
        let api = try #require(AppsInTossRoutes.row(named: name))
        var fields = fields
        if case .key = api.user { fields.append("x-toss-user-key", "443731104") }
        return await call(api.route.method, api.path, api.route.method == .get ? "" : body, fields)
    }

    /// Everything that was logged, in one text.
    var logged: String { lines.withLock { $0.joined(separator: "\n") } }

    func count(_ name: String, _ label: String, _ value: String, _ result: String) -> String? {
        let begin = "\(name){connection=\"toss\",\(label)=\"\(value)\",result=\"\(result)\"} "
        return metrics.text.split(separator: "\n").first { $0.hasPrefix(begin) }.map { String($0.dropFirst(begin.count)) }
    }
}

extension HTTPResponse {
    var connectorJSON: JSON? { bytes.flatMap { try? JSON($0) } }
    var outcome: String? { fields["Bujeol-Outcome"] }
    var result: String? { fields["Bujeol-Result"] }
    var text: String { String(decoding: bytes ?? [], as: UTF8.self) }
}
