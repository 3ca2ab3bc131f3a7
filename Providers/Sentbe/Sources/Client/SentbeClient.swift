public import Base
import Cryptography
import ProviderKit
public import Transport

/// Sentbe's partner API, first generation, for a Swift server.
///
/// It encrypts the parameters of every call with a salt of its own, reads money as exact decimals, and repeats nothing by itself. Every call throws ``SentbeError``, whose
/// outcome says whether Sentbe may have acted.
///
/// ```swift
/// let client = try SentbeClient(partnerID: "1", accessID: "test_id", secretKey: "test_pw", base: "http://127.0.0.1:8600/sentbe")
/// let payout = try await client.inbound.createTransfer(
///     Payout.Request(userID: 47, recipientID: 10, externalID: "order-23", sendAmount: 1_000_000, transferCurrency: "USD", feeCurrency: "USD"))
/// ```
///
/// Source of all facts: the provider's authentication chapter and API pages of 2018; `Providers/Sentbe/README.md` says which is which.
public final class SentbeClient: Sendable {
    let credentials: SentbeCredentials
    private let network: SentbeNetwork
    private let random: any RandomSource

    /// A client on a network that is handed in.
    ///
    /// - Parameters:
    ///   - credentials: What the partner got at registration.
    ///   - origin: Where Sentbe is; its addresses come with the registration.
    ///   - pathPrefix: What comes before every path there, such as `/sentbe` at a sandbox's plain port.
    ///   - exchange: The network.
    ///   - random: Where salts come from.
    ///   - timeouts: By default 5 seconds to connect, 15 to the first byte, 30 for all of it.
    public init(
        _ credentials: SentbeCredentials, origin: HTTPOrigin, pathPrefix: String = "", exchange: any HTTPExchange,
        random: any RandomSource = SystemRandom(),
        timeouts: HTTPTimeouts = HTTPTimeouts(connect: .seconds(5), firstByte: .seconds(15), total: .seconds(30))
    ) {
        self.credentials = credentials
        self.random = random
        network = SentbeNetwork(origin: origin, pathPrefix: pathPrefix, exchange: exchange, timeouts: timeouts)
    }

    /// A client with an event loop and connections of its own. Call ``shutDown()`` when it is no longer needed.
    ///
    /// - Parameter base: Where Sentbe is, such as `http://127.0.0.1:8600/sentbe` for a sandbox.
    /// - Throws: ``SentbeError`` with `invalidRequest` when `base` is no such URL, or `networkUnavailable`.
    public init(partnerID: String, accessID: String, secretKey: String, base: String) throws(SentbeError) {
        credentials = SentbeCredentials(partnerID: partnerID, accessID: Secret(accessID), secretKey: Secret(secretKey))
        random = SystemRandom()
        network = try SentbeNetwork(base: base)
    }

    /// Ends the client's own network, if it has one: calls under way get five seconds, later ones fail with nothing sent.
    public func shutDown() async { await network.own?.shutDown() }

    /// The calls of the inbound product.
    public var inbound: SentbeInbound { SentbeInbound(client: self) }
    /// The calls of the outbound product.
    public var outbound: SentbeOutbound { SentbeOutbound(client: self) }

    /// Reads a callback and compares its token in constant time. What it says is not to be believed yet: fetch the transfer, as ``SentbeInbound/confirm(_:transferID:)`` and
    /// ``SentbeOutbound/confirm(_:transferID:)`` do.
    ///
    /// - Throws: ``SentbeError`` with `callbackRefused` for a foreign token and for what is no callback.
    public func readCallback(_ body: [UInt8]) throws(SentbeError) -> SentbeCallback {
        guard let callback = SentbeCallback(body), callback.isFrom(accessID: credentials.accessID) else {
            throw SentbeError(
                .callbackRefused, outcome: .answered,
                message: BilingualText(korean: "센트비의 콜백이 아닙니다.", english: "this is no callback of Sentbe's"))
        }
        return callback
    }

    /// Makes a call by its row and returns `data`.
    ///
    /// - Parameters:
    ///   - name: The row's name in ``SentbeRoutes``.
    ///   - ids: What stands for the braces of its path, in order.
    ///   - parameters: What travels encrypted.
    func call(_ name: String, _ ids: [String] = [], _ parameters: JSON.Members = [:]) async throws(SentbeError) -> JSON {
        let row = try row(name)
        var fields = credentials.identification
        fields.append("Content-Type", SentbeHeaders.contentType)
        do throws(SentbeEnvelopeError) {
            let signature = try credentials.signature(parameters, salt: random.bytes(SentbeEnvelope.saltByteCount))
            if let signature { fields.append(SentbeHeaders.signature, signature) }
        } catch {
            throw SentbeError(error)
        }
        return try await send(row, try SentbeClient.path(row.path, ids), fields, body: [])
    }

    /// Makes the one call that carries a form in clear.
    func call(_ name: String, form: DocumentForm) async throws(SentbeError) -> JSON {
        let row = try row(name)
        // A boundary of 128 random bits does not occur in a picture by chance.
        let boundary = "bujeol-" + random.hexadecimal(16)
        var fields = credentials.identification
        fields.append("Content-Type", "multipart/form-data; boundary=\(boundary)")
        return try await send(row, row.path, fields, body: form.body(boundary: boundary))
    }

    private func row(_ name: String) throws(SentbeError) -> SentbeRoute {
        guard let row = SentbeRoutes.row(named: name) else {
            throw .invalid("\(name) 호출은 표에 없습니다.", "there is no call \(name) in the table")
        }
        return row
    }

    private func send(_ row: SentbeRoute, _ path: String, _ fields: HTTPFields, body: [UInt8]) async throws(SentbeError) -> JSON {
        let request = HTTPRequest(method: row.route.method, target: network.pathPrefix + path, fields: fields, body: body)
        let response: HTTPResponse
        do throws(HTTPExchangeError) {
            response = try await network.exchange.send(request, to: network.origin, timeouts: network.timeouts)
        } catch {
            throw SentbeError(error, effect: row.route.effect)
        }
        guard let reply = SentbeReply(response.bytes ?? []) else { throw .unreadable(status: response.status, effect: row.route.effect) }
        guard reply.isSuccess else { throw SentbeError(reply, status: response.status) }
        return reply.data
    }

    /// `pattern` with its braces filled in.
    private static func path(_ pattern: String, _ ids: [String]) throws(SentbeError) -> String {
        var rest = ids[...]
        var segments: [String] = []
        for segment in pattern.split(separator: "/") {
            guard segment.hasPrefix("{") else {
                segments.append(String(segment))
                continue
            }
            guard let id = rest.popFirst().flatMap(PathText.segment) else { throw .invalid("ID가 비어 있습니다.", "the id is empty") }
            segments.append(id)
        }
        return "/" + segments.joined(separator: "/")
    }

    /// Reads one thing.
    static func one<Value>(_ data: JSON, _ name: String, _ read: (JSON) -> Value?) throws(SentbeError) -> Value {
        guard let value = read(data.elements?.first ?? data) else {
            throw .unreadable(status: 200, effect: SentbeRoutes.row(named: name)?.route.effect)
        }
        return value
    }

    /// Reads a list: an array, or one object as the samples show.
    static func list<Value>(_ data: JSON, _ name: String, _ read: (JSON) -> Value?) throws(SentbeError) -> [Value] {
        if data.isNull { return [] }
        var values: [Value] = []
        for row in data.elements ?? [data] { values.append(try one(row, name, read)) }
        return values
    }

    static func page(_ number: Int) throws(SentbeError) -> JSON.Members {
        guard number >= 1 else { throw .invalid("페이지는 1부터입니다.", "pages begin at 1") }
        return ["page": .string(String(number))]
    }
}
