public import Base
public import ProviderKit
public import Transport

/// The caller's half of Bootpay: proves each call with the access token of one application, and passes everything else through untouched.
public final class BootpayConnector: Connector {
    /// What one connection is configured with.
    public struct Configuration: Sendable {
        /// The project's REST application id; those of the web and of apps are refused by Bootpay.
        public var applicationID: String
        /// The project's private key.
        public var privateKey: Secret
        /// Where calls go.
        public var origin: HTTPOrigin
        /// What comes before every call's own path, such as `/bootpay` at a sandbox's plain port; empty at Bootpay itself.
        public var pathPrefix = ""
        /// How long before a token's end the next one is fetched; at most 5 minutes, since until then Bootpay hands out the same token.
        public var renewalMargin: Duration
        /// The longest that a call may take altogether.
        public var deadline: Duration
        /// Whether every call must carry a token that the gateway itself issued.
        public var requireCaller: Bool

        /// A configuration; the defaults are Bootpay's production host, 5 minutes, 30 seconds and calls without any token.
        public init(
            applicationID: String, privateKey: Secret,
            origin: HTTPOrigin = HTTPOrigin(isSecure: true, host: BootpayHosts.production, port: 443),
            renewalMargin: Duration = .seconds(300), deadline: Duration = .seconds(30), requireCaller: Bool = false
        ) {
            self.applicationID = applicationID
            self.privateKey = privateKey
            self.origin = origin
            self.renewalMargin = renewalMargin
            self.deadline = deadline
            self.requireCaller = requireCaller
        }
    }

    /// The documented calls and those known from official clients only.
    public let routes = BootpayRoutes.table.routes + BootpayRoutes.rare.routes
    /// The longest that a call may take altogether.
    public let deadline: Duration
    let origin: HTTPOrigin
    let pathPrefix: String
    private let requireCaller: Bool
    private let keeper: TokenKeeper<BootpayCredentials>
    private let issuer: CallerTokenIssuer

    /// What a call must not carry to Bootpay: the caller's own proof, and what a browser or a proxy would add.
    private static let ownToCaller = HTTPFieldNames(["authorization", "proxy-authorization", "cookie", "cookie2"])

    /// A connector of one connection.
    public init(_ configuration: Configuration, environment: ConnectorEnvironment) {
        deadline = configuration.deadline
        origin = configuration.origin
        pathPrefix = configuration.pathPrefix
        requireCaller = configuration.requireCaller
        keeper = TokenKeeper(
            credentials: BootpayCredentials(
                origin: configuration.origin, pathPrefix: configuration.pathPrefix, applicationID: configuration.applicationID,
                privateKey: configuration.privateKey),
            exchange: environment.exchange, time: environment.time, renewalMargin: configuration.renewalMargin,
            observer: TokenObserver(
                connection: environment.connection, log: environment.log, metrics: environment.metrics, tellsClock: true))
        issuer = CallerTokenIssuer(
            callers: environment.callers, applicationID: configuration.applicationID, time: environment.time, random: environment.random)
    }

    /// Puts another private key in force, after the merchant had it re-issued. Tokens fetched with the old one are dropped at once.
    public func replacePrivateKey(_ privateKey: Secret) {
        var credentials = keeper.credentials
        credentials.privateKey = privateKey
        keeper.replace(credentials)
    }

    /// The row for a call, found with or without the `.json` suffix; `HEAD` counts as `GET`.
    public func route(of call: Call) -> Route? {
        let path = BootpayRoutes.normalized(call.path)
        let method = call.method == .head ? HTTPMethod.get : call.method
        return BootpayRoutes.table.route(method, path) ?? BootpayRoutes.rare.route(method, path)
    }

    /// Answers the token call of a client that insists on making one, with a token of the gateway's own.
    public func answerItself(_ call: Call, from peer: HTTPPeer) async throws(CallFailure) -> Reply? {
        guard call.method == .post, BootpayRoutes.normalized(call.path) == "/request/token" else { return nil }
        return try issuer.answer(call)
    }

    /// Puts the access token into `Authorization`, raw as Bootpay wants it, in the place of whatever the caller sent there.
    public func prepare(_ call: Call, deadline: Duration) async throws(CallFailure) -> PreparedCall {
        if requireCaller { try issuer.verify(call) }
        let token = try await keeper.token(deadline: deadline)
        var call = call
        call.fields.removeAll(BootpayConnector.ownToCaller)
        call.fields.append("Authorization", secret: token.secret)
        if !pathPrefix.isEmpty { call.path = pathPrefix + call.path }
        return PreparedCall(call: call, origin: origin, proof: token.generation)
    }

    /// Delivers every answer as it is. After a 401 it first asks, at most once, whether there is a newer token than the one refused.
    public func accept(_ reply: Reply, to prepared: PreparedCall, deadline: Duration) async throws(CallFailure) -> Acceptance {
        guard reply.status == 401 else { return .deliver(reply) }
        return await keeper.hasNewer(than: prepared.proof, deadline: deadline) ? .proveAgain(reply) : .deliver(reply)
    }

    /// Whether a token is held or can be had; fetches one when none is.
    public func readiness() async -> Readiness { await keeper.readiness(deadline: min(deadline, .seconds(10))) }
}
