public import Base
import ProviderKit
public import Transport

/// Bootpay's server API, version 1, for a Swift server.
///
/// It fetches, keeps and renews the access token by itself, shares one token among all callers, and puts a deadline on every call. It repeats a call by itself only after a
/// refused token, at most once, and only where a repeat cannot move money. Every call throws ``BootpayError``, whose outcome says whether Bootpay may have acted.
///
/// ```swift
/// let receipt = try await client.verify("612df0250d681b001de61de6", expecting: 11_000)
/// ```
///
/// Source of all facts: Bootpay's server documentation and its official clients; `Providers/Bootpay/README.md` says which is which.
public final class BootpayClient: Sendable {
    private let origin: HTTPOrigin
    private let pathPrefix: String
    private let exchange: any HTTPExchange
    private let time: any TimeSource
    private let deadline: Duration
    private let keeper: TokenKeeper<BootpayCredentials>
    private let ownNetwork: ClientNetwork?

    /// A client of one project, on a network that is handed in.
    ///
    /// - Parameters:
    ///   - applicationID: The project's REST application id; those of the web and of apps are refused.
    ///   - privateKey: The project's private key.
    ///   - origin: Where Bootpay is: production by default, or a sandbox.
    ///   - pathPrefix: What comes before every path there, such as `/bootpay` at a sandbox's plain port.
    ///   - exchange: The network.
    ///   - time: The clocks.
    ///   - deadline: How long a call may take altogether, a token fetch included.
    public convenience init(
        applicationID: String, privateKey: Secret, origin: HTTPOrigin = .bootpay, pathPrefix: String = "", exchange: any HTTPExchange,
        time: any TimeSource = SystemTime(), deadline: Duration = .seconds(30)
    ) {
        let credentials = BootpayCredentials(
            origin: origin, pathPrefix: pathPrefix, applicationID: applicationID, privateKey: privateKey)
        self.init(credentials, exchange: exchange, ownNetwork: nil, time: time, deadline: deadline)
    }

    /// A client of one project with an event loop and connections of its own. Call ``shutDown()`` when it is no longer needed.
    ///
    /// - Parameters:
    ///   - applicationID: The project's REST application id; those of the web and of apps are refused.
    ///   - privateKey: The project's private key.
    ///   - base: Where Bootpay is: its production host, or a sandbox such as `http://127.0.0.1:8600/bootpay`.
    ///   - deadline: How long a call may take altogether, a token fetch included.
    /// - Throws: ``BootpayError`` with the code `invalidRequest` when `base` is no such URL, or `networkUnavailable` when the process may have no more threads or
    ///   descriptors, or the system's certificates cannot be read.
    public convenience init(
        applicationID: String, privateKey: String, base: String = "https://api.bootpay.co.kr", deadline: Duration = .seconds(30)
    ) throws(BootpayError) {
        guard let base = ServiceBase(base) else { throw .invalid(ServiceBase.complaint.korean, ServiceBase.complaint.english) }
        let network = try ClientNetwork.own()
        let credentials = BootpayCredentials(
            origin: base.origin, pathPrefix: base.pathPrefix, applicationID: applicationID, privateKey: Secret(privateKey))
        self.init(credentials, exchange: network.client, ownNetwork: network, time: SystemTime(), deadline: deadline)
    }

    private init(
        _ credentials: BootpayCredentials, exchange: any HTTPExchange, ownNetwork: ClientNetwork?, time: any TimeSource, deadline: Duration
    ) {
        origin = credentials.origin
        pathPrefix = credentials.pathPrefix
        self.exchange = exchange
        self.ownNetwork = ownNetwork
        self.time = time
        self.deadline = deadline
        keeper = TokenKeeper(credentials: credentials, exchange: exchange, time: time)
    }

    /// Ends the client's own network, if it has one: calls under way get five seconds, later ones fail with nothing sent.
    public func shutDown() async { await ownNetwork?.shutDown() }

    /// Puts another private key in force, after it was re-issued in Bootpay's console. Tokens fetched with the old one are dropped at once.
    public func replacePrivateKey(_ privateKey: Secret) {
        var credentials = keeper.credentials
        credentials.privateKey = privateKey
        keeper.replace(credentials)
    }

    /// Makes a call and returns `data` of the envelope; `null` where the envelope has none, as after deletes.
    func call(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil) async throws(BootpayError) -> JSON {
        let route = BootpayRoutes.table.route(method, path)
        let mayBeRepeated = route?.effect.mayBeRepeated ?? false
        let end = time.uptime + deadline
        var fields: HTTPFields = ["Accept": "application/json"]
        if body != nil { fields.append("Content-Type", "application/json") }
        var request = HTTPRequest(method: method, target: pathPrefix + path, fields: fields, body: body?.bytes ?? [])
        var response = HTTPResponse(status: 0)
        for attempt in 0...1 {
            let token = try await token(until: end)
            request.fields["Authorization"] = nil
            request.fields.append("Authorization", secret: token.secret)
            response = try await send(request, until: end, effect: route?.effect)
            guard response.status == 401 else { break }
            // Asked for a call that must not be repeated too: the next call then has the newer token.
            let hasNewer = await keeper.hasNewer(than: token.generation, deadline: max(.zero, end - time.uptime))
            guard hasNewer, mayBeRepeated, attempt == 0 else { break }
        }
        return try BootpayClient.data(of: response, movesMoney: !mayBeRepeated)
    }

    private func token(until end: Duration) async throws(BootpayError) -> HeldToken {
        do throws(CallFailure) {
            return try await keeper.token(deadline: max(.zero, end - time.uptime))
        } catch {
            throw BootpayError(error)
        }
    }

    private func send(_ request: HTTPRequest, until end: Duration, effect: Effect?) async throws(BootpayError) -> HTTPResponse {
        let left = end - time.uptime
        guard left > .zero else { throw BootpayError(.deadlinePassedAwaitingToken) }
        let timeouts = HTTPTimeouts(connect: min(.seconds(5), left), firstByte: left, total: left)
        do throws(HTTPExchangeError) {
            return try await exchange.send(request, to: origin, timeouts: timeouts)
        } catch {
            throw BootpayError(error, effect: effect)
        }
    }

    private static func data(of response: HTTPResponse, movesMoney: Bool) throws(BootpayError) -> JSON {
        let envelope = BootpayEnvelope(response.bytes ?? [])
        guard (200...299).contains(response.status) else { throw BootpayError(status: response.status, envelope: envelope) }
        guard let envelope else { throw BootpayError.unreadable(movesMoney: movesMoney) }
        guard envelope.isSuccess else { throw BootpayError(status: envelope.status, envelope: envelope) }
        return envelope.data ?? .null
    }

    /// One segment of a path: an id percent-encoded, so that none can change what is called.
    ///
    /// - Throws: `invalidRequest` when the id is empty, or `.` or `..`, which would name another path.
    static func segment(_ id: String) throws(BootpayError) -> String {
        guard !id.isEmpty, id != ".", id != ".." else { throw .invalid("ID가 비어 있습니다.", "the id is empty") }
        var text = ""
        for byte in id.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += "%" + Hexadecimal.encode([byte]).uppercased()
            }
        }
        return text
    }
}
