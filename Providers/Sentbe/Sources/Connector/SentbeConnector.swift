import Base
public import ProviderKit
public import Transport

/// The caller's half of Sentbe: takes ordinary JSON, sends it the way the provider wants it, and tells what the answer means.
///
/// In the first generation the parameters travel encrypted in the header `SIGNATURE`; in the second, encrypted in the body and signed. It repeats nothing by itself, except
/// a new transfer whose caller asks for it with `Bujeol-Recover: external-id`.
public final class SentbeConnector: Connector {
    /// Which of the provider's two protocols a connection speaks.
    public enum Generation: Sendable {
        /// The documented one of 2018.
        case first(SentbeCredentials)
        /// The one seen in a partner's client of 2020–21.
        case second(SecondGenerationCredentials)
    }

    /// What one connection is configured with.
    public struct Configuration: Sendable {
        /// Protocol and credentials.
        public var generation: Generation
        /// Where calls go. The provider hands out its addresses at registration; none is public.
        public var origin: HTTPOrigin
        /// What comes before every call's own path, such as `/sentbe` at a sandbox's plain port.
        public var pathPrefix: String
        /// The longest time to have a connection.
        public var connectTimeout: Duration
        /// The longest time from the last byte of a call to the first of its answer.
        public var readTimeout: Duration
        /// Where callbacks are handed on to; without it they are kept for `GET /callbacks`. The second generation asks for verification codes there.
        public var application: Application?

        /// The application's own address for callbacks.
        public struct Application: Sendable {
            /// Where it is.
            public var origin: HTTPOrigin
            /// The path there.
            public var path: String

            /// An address.
            public init(origin: HTTPOrigin, path: String) {
                self.origin = origin
                self.path = path
            }
        }

        /// A configuration; by default 5 seconds to connect, 15 to answer, and callbacks kept.
        public init(
            generation: Generation, origin: HTTPOrigin, pathPrefix: String = "", connectTimeout: Duration = .seconds(5),
            readTimeout: Duration = .seconds(15), application: Application? = nil
        ) {
            self.generation = generation
            self.origin = origin
            self.pathPrefix = pathPrefix
            self.connectTimeout = connectTimeout
            self.readTimeout = readTimeout
            self.application = application
        }
    }

    /// The provider's calls of the connection's generation, and the gateway's own two for callbacks.
    public let routes: [Route]
    /// Connecting and waiting for the answer together.
    public let deadline: Duration
    let configuration: Configuration
    let environment: ConnectorEnvironment
    let transfers = TransferMemory()
    let inbox = CallbackInbox()
    let nonces = Locked<Int64>(0)
    private let table: RouteTable
    private let lastRefusal = Locked<SentbeErrorCode?>(nil)

    /// A connector of one connection.
    public init(_ configuration: Configuration, environment: ConnectorEnvironment) {
        self.configuration = configuration
        self.environment = environment
        deadline = configuration.connectTimeout + configuration.readTimeout
        switch configuration.generation {
        case .first:
            table = SentbeRoutes.table
            routes = SentbeRoutes.table.routes + CallbackRoutes.table.routes
        case .second:
            table = SentbeGeneration2.table
            routes = SentbeGeneration2.table.routes + CallbackRoutes.questions.routes
        }
    }

    /// The row for a call; `HEAD` counts as `GET`.
    public func route(of call: Call) -> Route? {
        let method = call.method == .head ? HTTPMethod.get : call.method
        return table.route(method, call.path)
            ?? (credentials == nil ? CallbackRoutes.questions : CallbackRoutes.table).route(method, call.path)
    }

    /// Whether Sentbe itself makes the call: a callback of the first generation, a question of the second.
    public func isCallback(_ call: Call) -> Bool {
        guard call.method == .post else { return false }
        return (credentials == nil ? CallbackRoutes.questions : CallbackRoutes.table).route(.post, call.path) != nil
    }

    /// The credentials of the first generation; nothing on a connection of the second.
    var credentials: SentbeCredentials? {
        if case .first(let credentials) = configuration.generation { return credentials }
        return nil
    }

    /// Answers the provider's callbacks and questions, and the application that asks for those callbacks that were kept.
    public func answerItself(_ call: Call, from peer: HTTPPeer) async throws(CallFailure) -> Reply? {
        if case .second(let credentials) = configuration.generation {
            guard CallbackRoutes.questions.route(call.method, call.path) != nil else { return nil }
            return try await answerVerification(call, credentials)
        }
        guard let credentials, let route = CallbackRoutes.table.route(call.method == .head ? .get : call.method, call.path) else {
            return nil
        }
        if route.name == CallbackRoutes.kept { return Reply(status: 200, json: inbox.json) }
        return try await receive(call, credentials)
    }

    /// Turns the application's JSON into what the provider takes.
    public func prepare(_ call: Call, deadline: Duration) async throws(CallFailure) -> PreparedCall {
        switch configuration.generation {
        case .first(let credentials): return try prepareFirst(call, credentials)
        case .second(let credentials): return try prepareSecond(call, credentials)
        }
    }

    /// Says in `Bujeol-Result` what the answer means: `success`, `fail`, or `unreadable` for one that is not Sentbe's. The body stays as it is, but that the second generation's
    /// `data` is opened.
    public func accept(_ reply: Reply, to prepared: PreparedCall, deadline: Duration) async throws(CallFailure) -> Acceptance {
        guard let context = prepared.context as? SentContext else { return .deliver(reply) }
        switch configuration.generation {
        case .first: return .deliver(readFirst(reply, context))
        case .second(let credentials): return .deliver(try openSecond(reply, credentials))
        }
    }

    /// Tells how to find out what became of a new transfer; repeats it where the caller asked for that.
    public func resolve(_ failure: CallFailure, of prepared: PreparedCall) async throws(CallFailure) -> Acceptance {
        guard let context = prepared.context as? SentContext, context.isNewTransfer else { throw failure }
        let api = context.row?.api ?? .inbound
        guard context.mayRecover, let credentials else { throw .unknownTransfer(failure, api) }
        environment.log.warning("transfer sent again with the same external_id", .word("connection", environment.connection))
        let answer: Reply
        do throws(CallFailure) {
            let again = try sealed(context, credentials, fields: HTTPFields())
            answer = readFirst(try await send(again.call, to: again.origin), context)
        } catch {
            throw .unknownTransfer(failure, api)
        }
        // Any other answer is to the repeat only: "balance too low" may well mean that the first took the money.
        guard answer.fields.contains(SentbeConnector.recoveredField) else {
            throw .unknownTransfer(failure, api, repeatAnswered: answer.fields[SentbeConnector.errorCodeField] ?? "unreadable")
        }
        return .deliver(answer)
    }

    /// One more sending.
    public var resolutionLimit: Duration { deadline }

    /// Always ready, since nothing has to be fetched before a call; says so when the provider refused the credentials last.
    public func readiness() async -> Readiness {
        guard let code = lastRefusal.withLock({ $0 }) else {
            return Readiness(
                isReady: true, reason: BilingualText(korean: "설정이 갖추어져 있습니다.", english: "the credentials are configured"))
        }
        return Readiness(
            isReady: true,
            reason: BilingualText(
                korean: "마지막 호출이 \(code)로 거절되었습니다. partnerID, accessID, secretKey와 접속 IP를 확인하세요.",
                english: "the last call was refused with \(code): check partnerID, accessID, secretKey and this server's address"))
    }

    func remember(_ reply: SentbeReply) {
        let suspicious: [SentbeErrorCode] = [.unauthenticated, .invalidKey, .invalidSignature]
        let code = reply.failures.first.flatMap { suspicious.contains($0.code) ? $0.code : nil }
        lastRefusal.withLock { $0 = code }
    }

    /// A call of the connector's own, with the connection's timeouts.
    func send(_ call: Call, to origin: HTTPOrigin) async throws(CallFailure) -> Reply {
        let timeouts = HTTPTimeouts(connect: configuration.connectTimeout, firstByte: configuration.readTimeout, total: deadline)
        do throws(HTTPExchangeError) {
            return Reply(try await environment.exchange.send(call.request, to: origin, timeouts: timeouts))
        } catch {
            throw .ownCall(error)
        }
    }
}

/// What is known of a call while its answer is awaited.
struct SentContext: Sendable {
    var row: SentbeRoute?
    var call: Call
    var parameters: JSON.Members
    /// The length of the envelope, when it is in danger of being cut.
    var longSignature: Int?
    /// Whether the caller allows a repeat with the same external_id.
    var mayRecover = false

    var isNewTransfer: Bool { row?.name.hasSuffix("-create-transfer") ?? false }
    var externalID: String? { JSON.object(parameters).text("external_id") }
}

/// The gateway's own paths of a connection.
enum CallbackRoutes {
    static let kept = "callbacks"
    /// What the second generation asks the partner.
    static let questions = RouteTable([Route("verification", .post, "/" + SentbeGeneration2.verificationPath, .reads)])
    static let table = RouteTable([Route("callback", .post, "/callback", .repeatable), Route(kept, .get, "/callbacks", .reads)])
}
