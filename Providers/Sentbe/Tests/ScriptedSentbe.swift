import Base
import Gateway
import ProviderKit
import TestSupport
import Transport

@testable import Sentbe

/// A network that answers by a closure and remembers what was sent.
final class ScriptedSentbe: HTTPExchange {
    struct Sent: Sendable {
        var request: HTTPRequest
        var origin: HTTPOrigin
        var timeouts: HTTPTimeouts

        /// The parameters that the call carried, opened with the demo partner's secret.
        var parameters: JSON? {
            guard let header = request.fields["SIGNATURE"] else { return nil }
            return (try? SentbeEnvelope.open(header, secret: Secret(SentbeDemonstration.secretKey))).map { .object($0.parameters) }
        }
    }

    private let state = Locked<[Sent]>([])
    private let answer: @Sendable (HTTPRequest, Int) throws -> HTTPResponse

    /// `answer` gets the request and how many came before it.
    init(_ answer: @escaping @Sendable (HTTPRequest, Int) throws -> HTTPResponse) { self.answer = answer }

    /// Answers everything with success and this data.
    convenience init(data: JSON = .null) { self.init { _, _ in ScriptedSentbe.success(data) } }

    var sent: [Sent] { state.withLock { $0 } }

    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        let number = state.withLock { sent in
            sent.append(Sent(request: request, origin: origin, timeouts: timeouts))
            return sent.count - 1
        }
        do {
            return try answer(request, number)
        } catch {
            throw error as? HTTPExchangeError ?? HTTPExchangeError(.invalidRequest, outcome: .unknown, message: "the test's script failed")
        }
    }

    static let lost = HTTPExchangeError(.connectionLost, outcome: .unknown, message: "lost")
    static let unreachable = HTTPExchangeError(.connectionRefused, outcome: .notSent, message: "refused")

    static func success(_ data: JSON) -> HTTPResponse { Reply(status: 200, json: SentbeReply.success(data).json).response }
    static func failure(_ code: SentbeErrorCode) -> HTTPResponse {
        Reply(status: 200, json: SentbeReply.failure(code, "message").json).response
    }
}

/// A gateway with one connection, `sentbe`, to a scripted provider.
struct SentbeHouse {
    let exchange: ScriptedSentbe
    let connector: SentbeConnector
    let gateway: Gateway
    let time: ManualTime
    let lines: Locked<[String]>

    init(
        _ exchange: ScriptedSentbe, dialect: SentbeDialect = .rubyAndJavaScript, keyStyle: SentbeHeaders.KeyStyle = .plain,
        limit: Int = SentbeHeaders.longestSignature, application: String? = nil, second: SecondGenerationCredentials? = nil
    ) {
        let time = ManualTime()
        let lines = Locked<[String]>([])
        let log = Log(time: time) { line in lines.withLock { $0.append(line) } }
        let environment = ConnectorEnvironment(connection: "sentbe", exchange: exchange, time: time, random: SeededRandom(), log: log)
        let credentials = SentbeCredentials(
            partnerID: SentbeDemonstration.partnerID, accessID: Secret(SentbeDemonstration.accessID),
            secretKey: Secret(SentbeDemonstration.secretKey), keyStyle: keyStyle, dialect: dialect, longestSignature: limit)
        var configuration = SentbeConnector.Configuration(
            generation: second.map { .second($0) } ?? .first(credentials),
            origin: HTTPOrigin(isSecure: true, host: "partner.example", port: 443), pathPrefix: "/prefix")
        if let application {
            configuration.application = .init(origin: HTTPOrigin(isSecure: false, host: "shop.example", port: 80), path: application)
        }
        self.exchange = exchange
        self.time = time
        self.lines = lines
        connector = SentbeConnector(configuration, environment: environment)
        gateway = Gateway(connections: ["sentbe": connector], exchange: exchange, time: time, log: log)
    }

    func call(_ method: HTTPMethod, _ target: String, _ body: String = "", _ fields: HTTPFields = [:]) async -> HTTPResponse {
        var fields = fields
        if !fields.contains("Host") { fields.append("Host", "127.0.0.1") }
        return await gateway.respond(
            to: HTTPRequest(method: method, target: "/sentbe" + target, fields: fields, body: Array(body.utf8)),
            from: HTTPPeer(address: "127.0.0.1", port: 50_000))
    }

    static let transfer = """
        {"user_id":"47","recipient_id":"10","external_id":"23",
         "transfer_info":{"send_amount":"1000000","send_amount_currency":"KRW"},
         "wallet_info":{"transfer_currency":"USD","fee_currency":"USD"}}
        """

    /// A payout as the inbound documentation shows it, made at the moment at which the tests' clocks begin.
    static func payout(
        id: Int, status: String = "Waiting verification", user: String = "47", amount: String = "1000000.0",
        at moment: String = "2026-01-01T09:00:00.000+09:00"
    ) -> JSON {
        [
            "transfer_info": [
                "user_id": .number(user), "recipient_id": 10, "transfer_id": .number(id), "sender_country": "KR",
                "receive_amount": .number(amount), "receive_amount_currency": "KRW", "status": .string(status),
                "created_at": .string(moment),
            ],
            "billing_info": [
                ["amount": .number("909.1"), "currency": "USD", "desc": "transfer"],
                ["amount": .number("2.5"), "currency": "USD", "desc": "distribution cost"],
            ],
        ]
    }
}

extension HTTPResponse {
    var json: JSON? { bytes.flatMap { try? JSON($0) } }
    var outcome: String? { fields["Bujeol-Outcome"] }
    var result: String? { fields["Bujeol-Result"] }
}
