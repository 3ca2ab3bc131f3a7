import Base
import Foundation
import ProviderKit
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport
import WPay

@testable import WPaySandbox

/// A WPAY sandbox with everything around it in the test's hands.
final class SandboxHouse: Sendable {
    let sandbox: WPaySandbox
    let database: Database
    let clocks: HandClocks
    let network: RecordingNetwork
    let scheduled: Locked<[TenantID]>

    init(
        _ location: StorageLocation = .memory, seed: UInt64 = 1, clocks: HandClocks = HandClocks(), network: RecordingNetwork = .init(),
        settings: JSON = [:]
    ) async throws {
        database = try Database(location)
        self.clocks = clocks
        self.network = network
        let scheduled = Locked<[TenantID]>([])
        self.scheduled = scheduled
        sandbox = try await WPaySandbox(
            environment: SandboxEnvironment(
                database: database, clocks: clocks, random: SeededRandom(seed: seed), exchange: network,
                scheduleChanged: { tenant in scheduled.withLock { $0.append(tenant) } },
                publicBase: { "http://127.0.0.1:8600/wpay" }))
        _ = try await sandbox.createTenant(.demo, settings: ["settings": settings])
    }

    // MARK: Calls

    func send(_ call: Call, host: String = "127.0.0.1") async -> Judgement {
        await sandbox.respond(to: call, from: CallSource(peer: HTTPPeer(address: "127.0.0.1", port: 40_000), host: host))
    }

    /// Signs with the oracle and sends.
    func send(_ order: SandboxOracle.Order, host: String = "127.0.0.1") async throws -> Judgement {
        await send(try SandboxOracle.calls([order])[0], host: host)
    }

    func send(_ row: String, _ values: [String: String], keys: SandboxOracle.Keys = .demo) async throws -> Judgement {
        try await send(SandboxOracle.Order(row: row, values: values, keys: keys))
    }

    // MARK: Control

    func control(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil, tenant: TenantID = .demo) async throws -> (Int, JSON) {
        let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
        let call = Call(method: method, path: parts[0], query: parts.count > 1 ? parts[1] : nil, body: body?.bytes ?? [])
        let reply = try #require(await sandbox.control(call, tenant: tenant))
        return (reply.status, try JSON(reply.body))
    }

    func set(_ settings: JSON, tenant: TenantID = .demo) async throws {
        let (status, body) = try await control(.put, "/settings", settings, tenant: tenant)
        try #require(status == 200, "\(body.text)")
    }

    /// Goes through a page without a browser and gives what the control API says of it.
    func authenticate(_ body: JSON = [:], tenant: TenantID = .demo) async throws -> JSON {
        let (status, answer) = try await control(.post, "/authentications", body, tenant: tenant)
        try #require(status == 201, "\(answer.text)")
        return answer
    }

    /// Authenticates a payment and gives its wtid.
    func wtid(_ body: JSON = [:]) async throws -> String { try #require(try await authenticate(body)["plain"]?["wtid"]?.string) }

    func transaction(_ id: String) async throws -> JSON { try await control(.get, "/transactions/\(id)").1 }

    // MARK: The demo member's calls, signed by the project's own builder: quicker than the oracle, whose turn is in SandboxCallTests.

    static let member: [String: String] = ["mid": WPayDemonstration.mid, "wpayUserKey": DemoData.userKey]

    static func call(_ identifier: String, _ values: [String: String]) throws -> Call {
        let demo = try #require(DemoData.merchants(at: Timestamp(unixSeconds: 0)).first { $0.mid == values["mid"] })
        let api = try #require(WPayTables.api(identifier: identifier))
        let request = try WPayRequestBuilder(demo.keys()).build(api, plain: values.map { ($0.key, $0.value) })
        return try #require(request.call(site: "kbstar"))
    }

    func approve(_ wtid: String) async throws -> Judgement {
        await send(try SandboxHouse.call("payappl/card", SandboxHouse.member.merging(["wtid": wtid]) { $1 }))
    }

    func netCancel(_ wtid: String) async throws -> Judgement {
        await send(
            try SandboxHouse.call("payreqapplcancel", SandboxHouse.member.merging(["wtid": wtid, "cancelMsg": "응답 없음"]) { $1 }))
    }

    func refund(_ tid: String, part: INIAPIRefund.Part? = nil, method: String = "Card") async -> Judgement {
        let refund = INIAPIRefund(
            mid: WPayDemonstration.mid, tid: tid, payMethod: method, message: "변심", clientIP: "203.0.113.7",
            time: clocks.now(.demo), part: part)
        return await send(refund.call(key: Secret(WPayDemonstration.iniAPIKey)))
    }
}

/// Each tenant's clock, moved by hand.
final class HandClocks: TenantClocks {
    private let state = Locked<[TenantID: Timestamp]>([:])
    private let start: Timestamp

    init(_ start: Timestamp = Timestamp(unixSeconds: 1_767_225_600)) { self.start = start }

    func now(_ tenant: TenantID) -> Timestamp { state.withLock { $0[tenant] } ?? start }

    func advance(_ duration: Duration, _ tenant: TenantID = .demo) {
        let moved = now(tenant) + duration
        state.withLock { $0[tenant] = moved }
    }
}

/// A network that keeps what was sent and answers as it is told.
final class RecordingNetwork: HTTPExchange {
    struct Sent: Sendable {
        var request: HTTPRequest
        var origin: HTTPOrigin
    }

    private let log = Locked<[Sent]>([])
    private let status = Locked<Int?>(200)

    var sent: [Sent] { log.withLock { $0 } }

    func answers(_ status: Int) { self.status.withLock { $0 = status } }
    func refuses() { status.withLock { $0 = nil } }

    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        log.withLock { $0.append(Sent(request: request, origin: origin)) }
        guard let status = status.withLock({ $0 }) else {
            throw HTTPExchangeError(.connectionRefused, outcome: .notSent, message: "nobody listens")
        }
        return HTTPResponse(status: status)
    }
}

extension Judgement {
    var body: JSON { (try? JSON(reply.body)) ?? .null }
    var code: String { body["resultCode"]?.string ?? "" }
    var text: String { String(decoding: reply.body, as: UTF8.self) }

    /// Whether the caller is told nothing but the general refusal, and the developer this rule in both languages.
    func isRefusal(_ rule: String, code: String = "9999") -> Bool {
        guard let verdict else { return false }
        let message = body["resultMsg"]?.string.map { URLCodec.decode($0) ?? $0 }
        return reply.status == 200 && self.code == code && message == "처리 중 오류가 발생했습니다." && verdict.kind == .refused
            && verdict.rule == rule && verdict.isBilingual
    }
}

extension Verdict {
    /// Whether both languages are there: Korean letters in the one, none in the other.
    var isBilingual: Bool {
        func hasHangul(_ text: String) -> Bool { text.unicodeScalars.contains { (0xAC00...0xD7A3).contains($0.value) } }
        return [reason, remedy].compactMap { $0 }.allSatisfy { hasHangul($0.korean) && !$0.english.isEmpty && !hasHangul($0.english) }
    }
}
