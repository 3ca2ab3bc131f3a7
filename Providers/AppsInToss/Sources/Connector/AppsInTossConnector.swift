import Base
public import ProviderKit
public import Transport

/// The caller's half of Apps in Toss: shows the mini-app's certificate, keeps its limit of calls, reads the envelope of every answer, and takes the provider's callbacks.
///
/// Bodies pass as they are, both ways, but that login-me's personal data is decrypted where the caller asks for it. Nothing that must not be repeated is ever repeated: after an
/// answer that was lost, or that leaves open what happened, the documented enquiry is asked.
public final class AppsInTossConnector: Connector {
    /// The provider's calls, and the connection's own pages.
    public let routes = AppsInTossRoutes.all.map(\.route) + OwnRoutes.table.routes
    /// The longest that a call may take altogether, waiting for the limit included, enquiries not counted.
    public var deadline: Duration { configuration.deadline }
    /// The longest that the enquiry after a call takes.
    public var resolutionLimit: Duration { AppsInTossConnector.enquiryLimit }

    let configuration: Configuration
    let environment: ConnectorEnvironment
    let keeper: IdentityKeeper
    let limiter: RateLimiter
    let counters: ConnectorCounters
    let promotions: PromotionLedger
    let callbackLedger: CallbackLedger
    /// Which users were called about when, as far as the limit per user goes.
    let users = Locked(UserCallHistory())
    /// Whether the provider said last that it does not know the certificate, and with what code.
    let lastRefusal = Locked<AppsInTossErrorCode?>(nil)

    /// A connector of one mini-app.
    ///
    /// - Parameters:
    ///   - configuration: Places, keys, limits, callbacks.
    ///   - keeper: Who shows the mini-app's certificate.
    ///   - limiter: Who keeps the mini-app's limit; both hosts share it.
    ///   - environment: What the connector works with.
    init(_ configuration: Configuration, keeper: IdentityKeeper, limiter: RateLimiter, environment: ConnectorEnvironment) {
        self.configuration = configuration
        self.environment = environment
        self.keeper = keeper
        self.limiter = limiter
        counters = ConnectorCounters(environment.connection, environment.metrics)
        promotions = PromotionLedger(records: environment.records, time: environment.time)
        callbackLedger = CallbackLedger(records: environment.records, time: environment.time)
    }

    var time: any TimeSource { environment.time }

    /// The row for a call; `HEAD` counts as `GET`.
    public func route(of call: Call) -> Route? {
        let method = call.method == .head ? HTTPMethod.get : call.method
        return OwnRoutes.table.route(method, call.path) ?? AppsInTossRoutes.table.route(method, call.path)
    }

    /// Whether the provider itself makes the call: an unlink notice or a subscription's event, where the connection takes them.
    public func isCallback(_ call: Call) -> Bool { callbackKind(call) != nil }

    /// Answers the provider's callbacks, and the application that asks for what is known of a promotion's key.
    public func answerItself(_ call: Call, from peer: HTTPPeer) async throws(CallFailure) -> Reply? {
        if let (kind, proof) = callbackKind(call) { return try await receive(kind, call, from: peer, proof) }
        guard call.path == "/-" || call.path.hasPrefix("/-/") else { return nil }
        guard call.path == OwnRoutes.promotions else { throw .noSuchOwnPath }
        try prove(call)
        guard call.method == .get || call.method == .head else { throw .promotionsAreRead }
        return try await promotionPage(call)
    }

    /// Whether calls can be made: a valid certificate is there and the provider has not refused it.
    public func readiness() async -> Readiness {
        let readiness = keeper.readiness()
        guard readiness.isReady, let code = lastRefusal.withLock({ $0 }) else { return readiness }
        return Readiness(
            isReady: false,
            reason: BilingualText(
                korean: "앱인토스가 마지막 호출을 \(code.rawValue)(으)로 거절했습니다. 콘솔에서 이 인증서가 등록되어 있고 만료되거나 비활성화되지 않았는지 확인하세요.",
                english:
                    "the provider refused the last call with \(code.rawValue): see in its console whether the certificate is registered, and neither expired nor disabled"
            ))
    }

    /// Takes up how much of the limit a life of the gateway before this one has used, and looks at the certificate's files once more.
    public func open() async throws(ConfigurationError) {
        do throws(RecordError) {
            try await limiter.open()
        } catch {
            throw ConfigurationError(file: environment.connection, line: nil, message: error.message)
        }
        try await keeper.open()
    }

    /// Watches the certificate's files, and writes down at the end how much of the limit is used.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.keeper.run() }
            group.addTask { await self.limiter.run() }
        }
    }

    /// Looks at the certificate's files now.
    public func reload() async -> [ReloadFinding] { await keeper.reload() }

    /// Checks that the caller is one of the gateway's, where that is demanded.
    ///
    /// `Authorization` is the end user's in this API, so a caller proves itself in a field of the gateway's own.
    func prove(_ call: Call) throws(CallFailure) {
        if configuration.requireCaller { try environment.callers.demandProof(of: call) }
    }
}

/// The header fields by which an application and the gateway talk about a call. They never reach the provider.
enum CallFields {
    static let lane = "Bujeol-Lane"
    static let open = "Bujeol-Open"
    static let opened = "Bujeol-Opened"
    static let result = "Bujeol-Result"
    static let errorCode = "Bujeol-Error-Code"
    static let effect = "Bujeol-Effect"
    static let payStatus = "Bujeol-Pay-Status"
    static let executionResult = "Bujeol-Execution-Result"
    static let repeated = "Bujeol-Repeated"
}

/// The connection's own paths, below the provider's.
enum OwnRoutes {
    static let promotions = "/-/promotions"
    static let table = RouteTable([
        Route("callback-unlink", .post, "/-/callbacks/unlink", .repeatable),
        Route("callback-unlink", .get, "/-/callbacks/unlink", .repeatable),
        Route("callback-subscription", .post, "/-/callbacks/subscription", .repeatable), Route("promotions", .get, promotions, .reads),
    ])
}

/// The kinds of callbacks.
enum CallbackKind: String, Sendable, CaseIterable {
    case unlink, subscription
}
