public import Base
public import Cryptography
public import ProviderKit
public import Transport

/// The partner API of Apps in Toss, for a Swift server.
///
/// It proves itself with the mini-app's client certificate, keeps the limit of calls, reads the envelope before the HTTP status, and decrypts personal data when it has the key.
/// It repeats nothing by itself but execute-promotion after 4110 with the same key; after an unknown outcome of a payment it asks what became of it. Every call throws
/// ``AppsInTossError``, whose outcome says whether Apps in Toss may have acted.
///
/// ```swift
/// let client = try AppsInTossClient(certificate: .file("shop_public.crt"), key: .file("shop_private.key"))
/// let tokens = try await client.login.tokens(authorizationCode: code, referrer: referrer)
/// let profile = try await client.login.profile(tokens.accessToken)
/// ```
///
/// Source of all facts: the provider's documentation and official samples; `Providers/AppsInToss/README.md` says which is which.
public final class AppsInTossClient: Sendable {
    /// What a client works with besides certificate and network.
    public struct Options: Sendable {
        /// Decrypts personal data; without it, login-me's fields stay encrypted.
        public var personalData: PersonalDataCipher?
        /// The limit of calls to keep; nothing for none, as where a gateway keeps it.
        public var limit: RateLimit?
        /// How long a call may take altogether, waiting for its turn included.
        public var deadline: Duration
        /// What has to be known after a restart: grants of points under way, and how much of the limit is used up. Nothing keeps it in memory.
        public var records: (any RecordKeeper)?
        /// The clocks.
        public var time: any TimeSource

        /// Options; the standard is the documented limit and 30 seconds.
        public init(
            personalData: PersonalDataCipher? = nil, limit: RateLimit? = .appsInToss, deadline: Duration = .seconds(30),
            records: (any RecordKeeper)? = nil, time: any TimeSource = SystemTime()
        ) {
            self.personalData = personalData
            self.limit = limit
            self.deadline = deadline
            self.records = records
            self.time = time
        }
    }

    /// An application as the gateway knows it, for connections that demand one.
    public struct GatewayCaller: Sendable {
        /// Its id.
        public var id: String
        /// Its key.
        public var key: Secret

        /// An application by id and key.
        public init(id: String, key: Secret) {
            self.id = id
            self.key = key
        }
    }

    let options: Options
    let records: any RecordKeeper
    let grantsUnderWay = Locked<Set<String>>([])
    private let place: AppsInTossPlace
    private let exchange: Locked<any HTTPExchange>
    private let own: ClientNetwork?
    private let limiter: RateLimiter?
    private let users = Locked(UserCallHistory())
    /// What proves the application to a gateway; nothing where the client calls the provider itself.
    private let gateway: GatewayProof?

    private struct GatewayProof: Sendable {
        /// `id:key` of this application.
        var caller: Secret?
        var opensPersonalData: Bool
    }

    /// A client on a network that is handed in and presents the certificate already.
    public convenience init(exchange: any HTTPExchange, place: AppsInTossPlace = .production, options: Options = Options()) {
        self.init(exchange: exchange, own: nil, place: place, options: options, gateway: nil)
    }

    /// A client with an event loop and connections of its own. Call ``shutDown()`` when it is no longer needed.
    ///
    /// - Parameters:
    ///   - identity: The mini-app's certificate and key.
    ///   - trust: Whom to trust: the system's authorities, or a sandbox's.
    ///   - base: Nothing for the real hosts, or where a sandbox is, such as `https://127.0.0.1:8643/apps-in-toss`.
    /// - Throws: ``AppsInTossError`` with `invalidRequest` when `base` is no such URL, or `networkUnavailable`.
    public convenience init(
        identity: TLSIdentity, trust: TLSTrust = .system, base: String? = nil, options: Options = Options()
    ) throws(AppsInTossError) {
        let place = try base.map { (text) throws(AppsInTossError) in try AppsInTossPlace.base(text) } ?? .production
        let network = try ClientNetwork.own(identity: identity, trust: trust)
        self.init(exchange: network.client, own: network, place: place, options: options, gateway: nil)
    }

    /// A client as ``init(identity:trust:base:options:)``, by the two files that the console gives or their contents. They are examined as `bujeol check` does.
    ///
    /// - Throws: ``AppsInTossError`` with `certificateUnusable` and what is wrong with them.
    public convenience init(
        certificate: PEMSource, key: PEMSource, trust: TLSTrust = .system, base: String? = nil, options: Options = Options()
    ) throws(AppsInTossError) {
        try self.init(
            identity: PEMSource.identity(certificate: certificate, key: key, at: options.time.now), trust: trust, base: base,
            options: options)
    }

    /// A client that calls through a gateway, which holds the certificate and keeps the limit. Call ``shutDown()`` when it is no longer needed.
    ///
    /// - Parameters:
    ///   - gateway: The connection's address, such as `http://127.0.0.1:8700/apps-in-toss`.
    ///   - caller: Who this application is, where the connection demands to know.
    ///   - opensPersonalData: Whether the gateway shall decrypt login-me, unless the client has the key itself; a connection without a key refuses that.
    ///   - trust: Whom to trust where the address begins with `https`.
    /// - Throws: ``AppsInTossError`` with `invalidRequest` when `gateway` is no such URL, or `networkUnavailable`.
    public convenience init(
        gateway: String, caller: GatewayCaller? = nil, opensPersonalData: Bool = true, trust: TLSTrust = .system,
        options: Options = Options(limit: nil)
    ) throws(AppsInTossError) {
        let place = try AppsInTossPlace.base(gateway)
        let network = try ClientNetwork.own(identity: nil, trust: trust)
        self.init(
            exchange: network.client, own: network, place: place, options: options, gatewayCaller: caller,
            opensPersonalData: opensPersonalData)
    }

    /// The same on a network that is handed in.
    convenience init(
        exchange: any HTTPExchange, own: ClientNetwork? = nil, place: AppsInTossPlace, options: Options,
        gatewayCaller caller: GatewayCaller?,
        opensPersonalData: Bool = true
    ) {
        let proof = caller.map { caller in caller.key.withBytes { Secret(Array("\(caller.id):".utf8) + $0) } }
        self.init(
            exchange: exchange, own: own, place: place, options: options,
            gateway: GatewayProof(caller: proof, opensPersonalData: opensPersonalData))
    }

    private init(exchange: any HTTPExchange, own: ClientNetwork?, place: AppsInTossPlace, options: Options, gateway: GatewayProof?) {
        self.exchange = Locked(exchange)
        self.own = own
        self.place = place
        self.options = options
        self.gateway = gateway
        records = options.records ?? MemoryRecords(time: options.time)
        limiter = options.limit.map { RateLimiter(name: "calls", limit: $0, time: options.time, records: options.records) }
    }

    /// Ends the client's own network, if it has one: calls under way get five seconds, later ones fail with nothing sent.
    public func shutDown() async { await own?.shutDown() }

    /// Puts another certificate in force without failing a call: a trial handshake first, then new connections use it, and those of the old one end behind their answers.
    ///
    /// - Throws: ``AppsInTossError``; the old certificate then stays in force.
    public func replaceIdentity(_ identity: TLSIdentity) async throws(AppsInTossError) {
        guard let network = exchange.withLock({ $0 as? any IdentityPresenting }) else {
            throw .invalid("이 네트워크로는 인증서를 바꿀 수 없습니다.", "this network cannot show another certificate")
        }
        let fresh: any IdentityPresenting
        do throws(TLSError) {
            fresh = try network.exchange(presenting: identity, trusting: nil)
        } catch {
            throw AppsInTossError(
                .certificateUnusable, outcome: .notSent,
                message: BilingualText(korean: "인증서를 쓸 수 없습니다: \(error)", english: "the certificate cannot be used: \(error)"))
        }
        for origin in Set([place.general, place.pay]) where origin.isSecure {
            do throws(HTTPExchangeError) {
                try await fresh.connect(to: origin, timeout: AppsInTossLimits.connectTimeout)
            } catch {
                throw AppsInTossError(error, effect: .reads)
            }
        }
        exchange.withLock { $0 = fresh }
        network.retireConnections()
    }

    /// The calls of the chapter "Toss login".
    public var login: AppsInTossLogin { AppsInTossLogin(client: self) }
    /// The calls of the chapter "Toss Pay".
    public var pay: AppsInTossPay { AppsInTossPay(client: self) }
    /// The calls of the chapter "In-app purchase".
    public var purchases: AppsInTossPurchases { AppsInTossPurchases(client: self) }
    /// The calls of the chapter "Messages".
    public var messages: AppsInTossMessages { AppsInTossMessages(client: self) }
    /// The calls of the chapter "Promotion".
    public var promotions: AppsInTossPromotions { AppsInTossPromotions(client: self) }

    /// Whether an anonymous key is valid.
    ///
    /// An invalid key is answered with the same code, 4010, as a certificate that is not known: while other calls fail with 4010 too, look at the certificate.
    public func isValid(anonymousKey: PersonalText) async throws(AppsInTossError) -> Bool {
        do throws(AppsInTossError) {
            return try await call("verify-anonymous-key", user: .anonymous(anonymousKey)).content.lenientFlag ?? false
        } catch {
            guard error.status == 401 || error.errorCode == .unauthenticated else { throw error }
            return false
        }
    }
}

extension AppsInTossClient {
    /// An answer that reports success.
    struct Answer {
        /// What stands under `success`.
        var content: JSON
        var fields: HTTPFields
        var row: AppsInTossAPI

        var unreadable: AppsInTossError { .unreadable(status: 200, effect: row.route.effect) }
    }

    var isBehindGateway: Bool { gateway != nil }

    /// Makes a call by its row.
    ///
    /// - Parameters:
    ///   - name: The row's short name.
    ///   - user: Whom it is about.
    ///   - bearer: The user's access token.
    ///   - body: Its body's members.
    func call(
        _ name: String, user: AppsInTossUser? = nil, bearer: PersonalText? = nil, _ body: JSON.Members = [:]
    ) async throws(AppsInTossError) -> Answer {
        guard let row = AppsInTossRoutes.row(named: name) else {
            throw .invalid("\(name) 호출은 표에 없습니다.", "there is no call \(name) in the table")
        }
        let request = try request(row, user, bearer, body)
        let end = options.time.uptime + options.deadline
        if let user, AppsInTossLimits.isLimitedPerUser(name) { try admit(user, to: name) }
        let admission = limiter?.admission(row.urgency == .bulk ? .bulk : .person)
        defer { admission?.leave() }
        do throws(CallFailure) {
            try await admission?.enter(deadline: options.deadline)
        } catch {
            throw AppsInTossError(error)
        }
        let left = end - options.time.uptime
        guard left > .zero else {
            throw AppsInTossError(
                .deadlinePassed, outcome: .notSent,
                message: BilingualText(
                    korean: "요청을 보내기 전에 제한 시간이 지났습니다. 다시 시도해도 됩니다.",
                    english: "the deadline passed before the call was sent; it may be repeated"))
        }
        let response: HTTPResponse
        do throws(HTTPExchangeError) {
            response = try await exchange.withLock { $0 }.send(
                request, to: place.origin(of: row.host),
                timeouts: HTTPTimeouts(
                    connect: min(left, AppsInTossLimits.connectTimeout), firstByte: min(left, AppsInTossLimits.readTimeout), total: left))
        } catch {
            throw AppsInTossError(error, effect: row.route.effect)
        }
        return try read(response, row)
    }

    private func request(
        _ row: AppsInTossAPI, _ user: AppsInTossUser?, _ bearer: PersonalText?, _ body: JSON.Members
    ) throws(AppsInTossError) -> HTTPRequest {
        var fields: HTTPFields = ["Accept": "application/json"]
        if row.route.method == .post { fields.append("Content-Type", AppsInTossHeaders.contentType) }
        if let gateway {
            // The gateway writes its own complaints in the language that is asked for.
            fields.append("Accept-Language", "en")
            if let caller = gateway.caller { fields.append(AppsInTossHeaders.caller, secret: caller) }
            if gateway.opensPersonalData, options.personalData == nil, row.name == "login-me" {
                fields.append(AppsInTossHeaders.open, AppsInTossHeaders.openFields)
            }
        }
        if let bearer {
            let token = bearer.reveal()
            guard AppsInTossUser.isHeaderText(token) else { throw .invalid("토큰을 헤더에 쓸 수 없습니다.", "the token cannot stand in a header") }
            fields.append(AppsInTossHeaders.authorization, "Bearer \(token)")
        }
        if let user { try user.add(to: &fields) }
        return HTTPRequest(
            method: row.route.method, target: place.pathPrefix + row.path, fields: fields,
            body: row.route.method == .post ? JSON.object(body).bytes : [])
    }

    private func admit(_ user: AppsInTossUser, to name: String) throws(AppsInTossError) {
        let now = options.time.uptime
        guard let wait = users.withLock({ $0.enter("\(name) \(user.identity)", at: now) }) else { return }
        throw AppsInTossError(
            .limitReached, outcome: .notSent,
            message: BilingualText(
                korean: "한 사용자에게 1분에 10번까지만 호출할 수 있어 보내지 않았습니다.",
                english: "one user may get ten such calls a minute; this one was not sent"),
            retryAfter: wait)
    }

    private func read(_ response: HTTPResponse, _ row: AppsInTossAPI) throws(AppsInTossError) -> Answer {
        let bytes = response.bytes ?? []
        if isBehindGateway, let error = AppsInTossError(gateway: response, bytes: bytes) { throw error }
        switch AppsInTossEnvelope.read(bytes) {
        case .success(let content)?: return Answer(content: content, fields: response.fields, row: row)
        case .refusal(let refusal)?:
            if refusal.code == .limitExceeded { limiter?.blocked(for: refusal.retryAfter ?? AppsInTossLimits.block) }
            throw AppsInTossError(refusal, status: response.status, effect: row.route.effect)
        case nil: throw .unreadable(status: response.status, effect: row.route.effect)
        }
    }
}

extension RateLimit {
    /// The documented limit, spread over the minute.
    public static let appsInToss = RateLimit(perMinute: AppsInTossLimits.callsPerMinute, perSecond: AppsInTossLimits.callsPerSecond)
}
