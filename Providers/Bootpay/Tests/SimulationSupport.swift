import Base
import Bootpay
import Gateway
import ProviderKit
import TestSupport
import Transport

/// Bootpay as its document describes it, written a second time for the tests and independent of the project's own protocol code: the token rule, an opaque
/// 401, and answers that name what they answer to.
final class ModelProvider: HTTPExchange {
    struct Issue: Sendable {
        var token: String
        var at: Timestamp
    }

    /// What the provider has seen and how it is to behave; the test changes it while the simulation runs.
    struct State: Sendable {
        var issues: [Issue] = []
        var privateKey = "real-key"
        var addressIsAllowed = true
        /// The token call answers 503.
        var tokenCallIsDown = false
        /// The connection to the token call is refused.
        var tokenCallIsUnreachable = false
        /// Every call but the token call is refused although its token is good.
        var refusesCalls = false
        var tokenLatency: Duration?
        var answer: HTTPResponse?

        var tokensMade = 0
        var tokenCalls = 0
        /// Token calls that brought nothing new.
        var uselessTokenCalls = 0
        var calls = 0
        var refusals = 0
        var seen: [HTTPRequest] = []
    }

    private let state = Locked(State())
    private let time: any TimeSource
    private let ahead: Duration

    init(time: any TimeSource, ahead: Duration = .zero) {
        self.time = time
        self.ahead = ahead
    }

    var now: Timestamp { time.now + ahead }

    func with<Result: Sendable>(_ body: (inout State) -> Result) -> Result { state.withLock { body(&$0) } }

    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        let isTokenCall = request.target == "/request/token"
        if isTokenCall, with({ $0.tokenCallIsUnreachable }) {
            throw HTTPExchangeError(.connectionRefused, outcome: .notSent, message: "refused")
        }
        // Latency that varies, the same in every run: 10 to 199 ms there and back.
        let number = with { $0.calls + $0.tokenCalls }
        var latency = Duration.milliseconds(10 + number * 37 % 190)
        if isTokenCall, let slow = with({ $0.tokenLatency }) { latency = slow }
        guard latency < timeouts.total else {
            try? await time.sleep(for: timeouts.total)
            throw HTTPExchangeError(.totalTimeout, outcome: .unknown, message: "too slow")
        }
        try? await time.sleep(for: latency / 2)
        let moment = now
        let response = with { state in isTokenCall ? state.issueToken(request, at: moment) : state.judge(request, at: moment) }
        try? await time.sleep(for: latency / 2)
        return response
    }
}

extension ModelProvider.State {
    fileprivate mutating func issueToken(_ request: HTTPRequest, at now: Timestamp) -> HTTPResponse {
        tokenCalls += 1
        if tokenCallIsDown { return HTTPResponse(status: 503, body: Array("<html>down</html>".utf8)) }
        let json = try? JSON(request.body)
        guard addressIsAllowed, json?["application_id"] == "application", json?["private_key"]?.string == privateKey else {
            return opaque()
        }
        // "0 to 25 min: the same; more than 25 min: a new one."
        if let newest = issues.last, now - newest.at <= .seconds(25 * 60) {
            uselessTokenCalls += 1
        } else {
            tokensMade += 1
            let token = String(repeating: "0", count: 60) + String(1000 + tokensMade)
            issues.append(ModelProvider.Issue(token: token, at: now))
        }
        let issue = issues[issues.count - 1]
        let body = """
            {"status":200,"code":0,"message":"","data":{"token":"\(issue.token)","server_time":\(now.unixSeconds),\
            "expired_at":\((issue.at + .seconds(30 * 60)).unixSeconds)}}
            """
        return HTTPResponse(status: 200, fields: ["Content-Type": "application/json"], body: Array(body.utf8))
    }

    fileprivate mutating func judge(_ request: HTTPRequest, at now: Timestamp) -> HTTPResponse {
        calls += 1
        if seen.count < 200 { seen.append(request) }
        let tokens = request.fields.values("Authorization")
        let isGood =
            tokens.count == 1
            && issues.suffix(2).contains {
                // Dead from the whole second that `expired_at` names, the strictest reading.
                $0.token == tokens[0] && now.unixSeconds < ($0.at + .seconds(30 * 60)).unixSeconds
            }
        guard isGood, addressIsAllowed, !refusesCalls else {
            refusals += 1
            return opaque()
        }
        return answer
            ?? HTTPResponse(
                status: 200, fields: ["Content-Type": "application/json"],
                body: Array(#"{"status":200,"code":0,"message":"","data":{"path":"\#(request.target)"}}"#.utf8))
    }

    private func opaque() -> HTTPResponse {
        HTTPResponse(status: 401, body: Array(#"{"status":401,"code":-2410,"message":"올바르지 않은 접근입니다."}"#.utf8))
    }
}

/// A gateway with a Bootpay connection to a model provider, all on one simulated clock.
struct SimulatedHouse: Sendable {
    let simulation: Simulation
    let provider: ModelProvider
    let connector: BootpayConnector
    let gateway: Gateway
    let metrics = Metrics()

    /// - Parameter ahead: How far the provider's clock is ahead.
    init(
        start: Duration = .zero, ahead: Duration = .zero, deadline: Duration = .seconds(30), requireCaller: Bool = false,
        callers: [CallerRegistry.Caller] = []
    ) {
        simulation = Simulation(start: Timestamp(unixSeconds: 1_767_225_600) + start)
        provider = ModelProvider(time: simulation, ahead: ahead)
        var configuration = BootpayConnector.Configuration(applicationID: "application", privateKey: Secret("real-key"))
        configuration.deadline = deadline
        configuration.requireCaller = requireCaller
        connector = BootpayConnector(
            configuration,
            environment: ConnectorEnvironment(
                connection: "bootpay", exchange: provider, time: simulation, random: SeededRandom(), metrics: metrics,
                callers: CallerRegistry(callers)))
        gateway = Gateway(connections: ["bootpay": connector], exchange: provider, time: simulation, metrics: metrics)
    }

    func call(
        _ method: HTTPMethod = .get, _ path: String = "/receipt/612df0250d681b001de61de6", fields: HTTPFields = [:], body: [UInt8] = []
    ) async -> HTTPResponse {
        await gateway.respond(
            to: HTTPRequest(method: method, target: "/bootpay" + path, fields: fields, body: body),
            from: HTTPPeer(address: "127.0.0.1", port: 50_000))
    }

    /// `count` calls at once; how many of them were not answered with 200 by the provider.
    func calls(_ count: Int) async -> Int {
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<count { group.addTask { await isGood(call()) } }
            return await group.reduce(0) { $0 + ($1 ? 0 : 1) }
        }
    }

    func isGood(_ response: HTTPResponse) -> Bool { response.status == 200 && response.fields["Bujeol-Outcome"] == "delivered" }
}

extension HTTPResponse {
    var json: JSON? { bytes.flatMap { try? JSON($0) } }
    var outcome: String? { fields["Bujeol-Outcome"] }
}
