public import Base
import ProviderKit
public import Transport

/// Sentbe's second generation, as far as one partner's published client shows it.
///
/// It encrypts and signs every call and opens every answer. What its members mean and which are required is not documented, so requests and answers are JSON with the names
/// in ``SentbeGeneration2/rows``.
public final class SentbeSecondClient: Sendable {
    private let credentials: SecondGenerationCredentials
    private let network: SentbeNetwork
    private let time: any TimeSource
    private let random: any RandomSource

    /// An opened answer.
    public struct Answer: Sendable, Equatable {
        /// 200 when all is well.
        public var code: SentbeGeneration2.ReplyCode
        /// The opened data.
        public var data: RawReply
    }

    /// A client on a network that is handed in.
    ///
    /// - Parameters:
    ///   - credentials: Key and secrets.
    ///   - origin: Where Sentbe is.
    ///   - pathPrefix: What comes before every path there; not signed.
    ///   - exchange: The network.
    ///   - time: The clock of the nonce.
    ///   - random: Where salts come from.
    public init(
        _ credentials: SecondGenerationCredentials, origin: HTTPOrigin, pathPrefix: String = "", exchange: any HTTPExchange,
        time: any TimeSource = SystemTime(), random: any RandomSource = SystemRandom()
    ) {
        self.credentials = credentials
        self.time = time
        self.random = random
        network = SentbeNetwork(origin: origin, pathPrefix: pathPrefix, exchange: exchange, timeouts: SentbeNetwork.timeouts)
    }

    /// A client with an event loop and connections of its own. Call ``shutDown()`` when it is no longer needed.
    ///
    /// - Throws: ``SentbeError`` with `invalidRequest` when `base` is no URL, or `networkUnavailable`.
    public init(_ credentials: SecondGenerationCredentials, base: String) throws(SentbeError) {
        self.credentials = credentials
        time = SystemTime()
        random = SystemRandom()
        network = try SentbeNetwork(base: base)
    }

    /// Ends the client's own network, if it has one.
    public func shutDown() async { await network.own?.shutDown() }

    /// Makes one of the calls in ``SentbeGeneration2/rows``, by the last part of its path, such as `getCalculation`. Never repeat blindly what makes or deletes a user.
    ///
    /// - Throws: ``SentbeError``; `refused` for any code but 200, which then stands in its message.
    public func call(_ name: String, _ request: JSON.Members = [:]) async throws(SentbeError) -> Answer {
        let path = SentbeGeneration2.pathPrefix + "/" + name
        guard let route = SentbeGeneration2.rows.map(\.route).first(where: { $0.path == path }) else {
            throw .invalid("\(name) 호출은 표에 없습니다.", "there is no call \(name) in the table")
        }
        let message: (body: [UInt8], fields: HTTPFields)
        do throws(SentbeEnvelopeError) {
            message = try credentials.message(
                route.method == .get ? nil : .object(request), authority: network.origin.hostAndPort, path: path,
                nonce: time.now.unixSeconds, salt: random.bytes(SentbeEnvelope.saltByteCount))
        } catch {
            throw SentbeError(error)
        }
        let response: HTTPResponse
        do throws(HTTPExchangeError) {
            response = try await network.exchange.send(
                HTTPRequest(method: route.method, target: network.pathPrefix + path, fields: message.fields, body: message.body),
                to: network.origin, timeouts: network.timeouts)
        } catch {
            throw SentbeError(error, effect: route.effect)
        }
        return try open(response, route.effect)
    }

    private func open(_ response: HTTPResponse, _ effect: Effect) throws(SentbeError) -> Answer {
        let reply: SentbeGeneration2.Reply
        do throws(SentbeEnvelopeError) {
            reply = try SentbeGeneration2.Reply(response.bytes ?? [], secret: credentials.dataSecret)
        } catch {
            throw .unreadable(status: response.status, effect: effect)
        }
        guard reply.code == .success else {
            throw SentbeError(
                .refused, outcome: .refused,
                message: BilingualText(
                    korean: "센트비가 호출을 거절했습니다(code \(reply.code.rawValue)).",
                    english: "Sentbe refused the call (code \(reply.code.rawValue))"),
                failures: [.init(code: SentbeErrorCode(rawValue: String(reply.code.rawValue)), message: reply.message)],
                status: response.status)
        }
        return Answer(code: reply.code, data: RawReply(json: reply.data))
    }
}
