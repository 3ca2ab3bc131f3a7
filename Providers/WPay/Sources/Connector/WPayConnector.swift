import Base
public import ProviderKit
public import Transport

/// The caller's half of WPAY: takes plain fields, encrypts, encodes, signs and sends them, follows every approval without a clear success by a net-cancel, and
/// verifies what shoppers' browsers bring back.
public final class WPayConnector: Connector {
    /// Every call to WPAY, the refund, and the pages of the gateway's own.
    public let routes =
        WPayTables.all.filter { !$0.isPage }.map { Route($0.identifier, $0.method, $0.path, $0.effect) } + [
            INIAPIRefund.route, OwnPage.start.route, OwnPage.return.route, OwnPage.results.route,
        ]
    /// The longest that a call may take altogether, net-cancels not counted.
    public var deadline: Duration { configuration.deadline }
    /// The longest that the net-cancels after an approval take.
    public var resolutionLimit: Duration { NetCanceller.limit(timeouts) }

    let configuration: Configuration
    let environment: ConnectorEnvironment
    let tickets: TicketOffice
    let counters: WPayCounters
    let memory = Locked(CallbackMemory())
    let ledger = Locked(ApprovalLedger())

    /// A connector of one connection.
    public init(_ configuration: Configuration, environment: ConnectorEnvironment) {
        self.configuration = configuration
        self.environment = environment
        tickets = TicketOffice(hashKey: configuration.keys.hashKey, mid: configuration.mid)
        counters = WPayCounters(environment.connection, environment.metrics)
    }

    var time: any TimeSource { environment.time }

    /// For what the connector sends besides the application's calls.
    var timeouts: HTTPTimeouts {
        HTTPTimeouts(
            connect: configuration.connectTimeout, firstByte: configuration.readTimeout,
            total: configuration.connectTimeout + configuration.readTimeout)
    }

    /// The row for a call.
    public func route(of call: Call) -> Route? {
        if let page = OwnPage(call) { return page.route }
        if isRefund(call) { return INIAPIRefund.route }
        return WPayTables.routes.route(call.method, call.path)
    }

    /// Whether a call is for the page that WPAY sends shoppers' browsers back to.
    public func isPage(_ call: Call) -> Bool {
        guard OwnPage(call) == .return, let (api, _) = OwnPage.return.api(call) else { return false }
        return call.method == (api.replyCarrier == .query ? .get : .post)
    }

    /// Answers the connector's own pages: signed forms, callbacks, results.
    public func answerItself(_ call: Call, from peer: HTTPPeer) async throws(CallFailure) -> Reply? {
        switch OwnPage(call) {
        case .start?: return try start(call)
        case .return?: return try await takeCallback(call)
        case .results?: return try result(call)
        case nil: return nil
        }
    }

    /// Encrypts, encodes and signs the application's fields for the API that it calls.
    public func prepare(_ call: Call, deadline: Duration) async throws(CallFailure) -> PreparedCall {
        isRefund(call) ? try prepareRefund(call) : try prepareCall(call)
    }

    /// Reads the result code, opens fields where that is wanted, and follows an approval that is no clear success by a net-cancel.
    public func accept(_ reply: Reply, to prepared: PreparedCall, deadline: Duration) async throws(CallFailure) -> Acceptance {
        switch prepared.context {
        case let approval as SentApprovalCall: return .deliver(try await accept(reply, approval))
        case let sent as SentCall: return .deliver(try accept(reply, sent))
        default: return .deliver(try acceptRefund(reply))
        }
    }

    /// Undoes an approval whose answer was lost.
    public func resolve(_ failure: CallFailure, of prepared: PreparedCall) async throws(CallFailure) -> Acceptance {
        guard let approval = prepared.context as? SentApprovalCall else { throw failure }
        throw await undo(approval.approval, failure)
    }

    /// Whether the keys are there and SEED encrypts and decrypts with them.
    public func readiness() async -> Readiness {
        let probe = "bujeol"
        let works = [configuration.keys, configuration.autoPayKeys].allSatisfy { keys in
            guard let keys else { return true }
            return (try? keys.seed.encrypt(probe)).flatMap { keys.seed.decrypt($0) } == probe
        }
        guard works else {
            return Readiness(
                isReady: false,
                reason: BilingualText(
                    korean: "SEED 암호화가 되지 않습니다. OpenSSL의 legacy provider를 확인하세요.",
                    english: "SEED does not encrypt; check OpenSSL's legacy provider"))
        }
        return Readiness(
            isReady: true, reason: BilingualText(korean: "키가 있고 SEED가 동작합니다.", english: "the keys are there and SEED works"))
    }
}
