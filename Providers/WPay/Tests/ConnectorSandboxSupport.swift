import Base
import Gateway
import ProviderKit
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport
import WPay
import WPaySandbox

/// The network between a gateway and this project's own WPAY sandbox, in one process: the sandbox at 127.0.0.1:8600, the gateway's return page at 127.0.0.1:8700.
final class BetweenHalves: HTTPExchange {
    /// What happens to one request on its way.
    enum Fault: Sendable {
        /// It arrives, and its answer is lost.
        case answerLost
        /// It is lost itself, and nobody can tell.
        case requestLost
        /// It arrives, and its answer comes as something else.
        case answerGarbled
    }

    struct State: Sendable {
        var sandbox: WPaySandbox?
        var gateway: Gateway?
        /// The next request whose path ends like this meets this fault.
        var faults: [(path: String, fault: Fault)] = []
        /// Path and rule of every call that the sandbox refused or warned about.
        var verdicts: [String] = []
        /// Paths of the calls that arrived at the sandbox.
        var arrived: [String] = []
        /// What the gateway answered to callbacks that the sandbox posted by itself.
        var results: [JSON] = []
    }

    private let state = Locked(State())

    func with<Result: Sendable>(_ body: @Sendable (inout State) -> Result) -> Result { state.withLock { body(&$0) } }

    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        var request = request
        let peer = HTTPPeer(address: "127.0.0.1", port: 40_000)
        if origin.port == 8700, let gateway = with({ $0.gateway }) {
            request.fields.append("Host", origin.authority)
            let response = await gateway.respond(to: request, from: peer)
            let json = (try? JSON(response.bytes ?? [])) ?? .null
            with { $0.results.append(json) }
            return response
        }
        guard origin.port == 8600, request.target.hasPrefix("/wpay/"), let sandbox = with({ $0.sandbox }) else {
            throw HTTPExchangeError(.connectionRefused, outcome: .notSent, message: "nobody is there")
        }
        request.target = String(request.target.dropFirst("/wpay".utf8.count))
        let path = String(request.target.prefix { $0 != "?" })
        let fault = with { state in
            state.faults.firstIndex { path.hasSuffix($0.path) }.map { state.faults.remove(at: $0).fault }
        }
        if fault == .requestLost { throw HTTPExchangeError(.connectionLost, outcome: .unknown, message: "the request was lost") }
        let judgement = await sandbox.respond(to: Call(request), from: CallSource(peer: peer, host: origin.host))
        with { state in
            state.arrived.append(path)
            if let verdict = judgement.verdict { state.verdicts.append("\(path): \(verdict.rule)") }
        }
        switch fault {
        case .answerLost?: throw HTTPExchangeError(.firstByteTimeout, outcome: .unknown, message: "the answer was lost")
        case .answerGarbled?: return HTTPResponse(status: 200, body: Array("<html>502".utf8))
        case .requestLost?, nil: return judgement.reply.response
        }
    }
}

/// A gateway, a sandbox and the network between them.
struct BothHalves {
    private struct Clocks: TenantClocks {
        let time: ManualTime
        func now(_ tenant: TenantID) -> Timestamp { time.now }
    }

    private static let base = "http://127.0.0.1:8600/wpay"
    /// The demo tenant's auto-pay MID, whose keys are its own.
    private static let more = """
        , autoPayMid: "INIwpayA03", autoPayHashKey: "made-up-hash-key-of-INIwpayA03--", autoPaySeedKey: "ICEiIyQlJicoKSorLC0uLw==", \
        autoPaySeedIV: "MADE-UP-IV-A03-I", autoPayIniAPIKey: "DocsOnlyIniApiKeyA03", returnBase: "http://127.0.0.1:8700/wpay", openFields: true
        """

    let network = BetweenHalves()
    let house: ConnectorHouse
    private let sandbox: WPaySandbox
    private let database: Database

    /// Runs `body` between both halves, which are taken down again whatever happens.
    static func run(_ body: (BothHalves) async throws -> Void) async throws {
        let halves = try await BothHalves()
        do { try await body(halves) } catch {
            await halves.database.close()
            throw error
        }
        await halves.database.close()
    }

    private init() async throws {
        let time = ManualTime()
        let network = network
        database = try Database(.memory)
        sandbox = try await WPaySandbox(
            environment: SandboxEnvironment(
                database: database, clocks: Clocks(time: time), random: SeededRandom(seed: 3), exchange: network,
                publicBase: { BothHalves.base }))
        _ = try await sandbox.createTenant(.demo, settings: [:])
        let demonstration = WPayConnector.demonstration(DemonstrationPlace(base: BothHalves.base))
        house = try ConnectorHouse(whole: String(demonstration.dropFirst().dropLast()) + BothHalves.more, time: time) { sent, _ in
            try await network.send(sent.request, to: sent.origin, timeouts: sent.timeouts)
        }
        let (service, gateway) = (sandbox, house.gateway)
        network.with { state in
            state.sandbox = service
            state.gateway = gateway
        }
        _ = try await control(.put, "/settings", ["pages": "approve", "callback_delivery": "server"])
    }

    /// A call of the sandbox's control API.
    @discardableResult
    func control(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil) async throws -> JSON {
        let call = Call(method: method, path: path, fields: ["Content-Type": "application/json"], body: body?.bytes ?? [])
        let reply = try #require(await sandbox.control(call, tenant: .demo))
        try #require((200...299).contains(reply.status), "\(String(decoding: reply.body, as: UTF8.self))")
        return try JSON(reply.body)
    }

    /// What a browser and a shopper do: posts the signed form of a page, agrees to everything there, and is sent back to the gateway's return page.
    ///
    /// - Returns: The verified result.
    func visit(_ page: String, _ fields: JSON) async throws -> JSON {
        let form = await house.post("/start/\(page)", fields, ["Accept": "application/json"])
        try #require(form.status == 200, "\(form.text)")
        let action = try #require(form.json["action"]?.string)
        let pairs = (form.json["fields"]?.elements ?? []).map { ($0["name"]?.string ?? "", $0["value"]?.string ?? "") }
        let before = network.with { $0.results.count }
        let response = try await network.send(
            HTTPRequest(
                method: .post, target: String(action.dropFirst("http://127.0.0.1:8600".count)),
                fields: ["Content-Type": "application/x-www-form-urlencoded"], body: Array(FormText.encode(pairs).utf8)),
            to: HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 8600),
            timeouts: HTTPTimeouts(connect: .seconds(1), firstByte: .seconds(1), total: .seconds(1)))
        #expect(response.status == 200)
        let results = network.with { $0.results }
        try #require(results.count == before + 1, "\(page): \(network.with { $0.verdicts.last ?? "" })")
        return results[before]
    }

    /// Has a new shopper join and register a card; gives both keys, opened.
    func shopper(_ id: String = "shopper-1") async throws -> (userKey: String, token: String) {
        let joined = try await visit(
            "memreg",
            [
                "userId": .string(id), "userNm": "김철수", "hNum": "01087654321", "hCorp": "KTF", "birthDay": "19851231", "socialNo2": "1",
                "frnrYn": "N", "agreePayNm": "가게", "agreeUrl": "https://shop.example/terms",
            ])
        let userKey = try #require(joined["fields"]?["wpayUserKey"]?.string, "\(joined.text)")
        let registered = try await visit("payreg/card", ["wpayUserKey": .string(userKey)])
        return (userKey, try #require(registered["fields"]?["wpayToken"]?.string, "\(registered.text)"))
    }

    /// Has a payment of 1,000 won authenticated; gives the verified result.
    func authenticate(_ shopper: (userKey: String, token: String), oid: String = "ORDER-1", price: Int = 1000) async throws -> JSON {
        try await visit(
            "payauth/card",
            [
                "wpayUserKey": .string(shopper.userKey), "wpayToken": .string(shopper.token), "oid": .string(oid), "goodsName": "사과 1kg",
                "goodsPrice": .number(price), "buyerName": "김철수", "buyerTel": "010-8765-4321", "buyerEmail": "a@shop.example",
                "cardQuota": "00",
            ])
    }

    /// The state of a payment in the sandbox.
    func state(_ wtid: String) async throws -> String? { try await control(.get, "/transactions/\(wtid)")["state"]?.string }

    var verdicts: [String] { network.with { $0.verdicts } }
    func fault(_ path: String, _ fault: BetweenHalves.Fault) { network.with { $0.faults.append((path, fault)) } }
}
