import Base
import Foundation
import ProviderKit
import SandboxKit
import Sentbe
import Storage
import TestSupport
import Testing
import Transport

@testable import SentbeSandbox

/// A Sentbe sandbox with everything around it in the test's hands.
final class SandboxHouse: Sendable {
    let sandbox: SentbeSandbox
    let database: Database
    let clocks: HandClocks
    let network: RecordingNetwork
    let scheduled: Locked<[TenantID]>

    /// Who calls: by default the demo partner.
    struct Caller: Sendable {
        var partner: String? = SentbeDemonstration.partnerID
        var key: String? = SentbeDemonstration.accessID
        var secret = SentbeDemonstration.secretKey
        var address = "127.0.0.1"
    }

    init(
        _ location: StorageLocation = .memory, seed: UInt64 = 1, clocks: HandClocks = HandClocks(), network: RecordingNetwork = .init(),
        demo: Bool = true, outboundTransfers: Bool = true
    ) async throws {
        database = try Database(location)
        self.clocks = clocks
        self.network = network
        let scheduled = Locked<[TenantID]>([])
        self.scheduled = scheduled
        sandbox = try await SentbeSandbox(
            environment: SandboxEnvironment(
                database: database, clocks: clocks, random: SeededRandom(seed: seed), exchange: network,
                scheduleChanged: { tenant in scheduled.withLock { $0.append(tenant) } },
                publicBase: { "http://127.0.0.1:8600/sentbe" }))
        if demo { _ = try await sandbox.createTenant(.demo, settings: [:]) }
        // For tests of what comes due: the outbound demo transfer waits for its deposit and would expire among the test's own.
        if !outboundTransfers { try await database.write { try $0.execute("DELETE FROM sentbe_outbound_transfers") } }
    }

    // MARK: Calls

    /// Sends a call whose envelope somebody else wrote.
    func send(
        _ method: HTTPMethod, _ path: String, signature: String?, as caller: Caller = Caller(), body: String = "",
        fields more: [(String, String)] = []
    ) async -> Judgement {
        var fields = HTTPFields()
        fields.append("Content-Type", "application/json; charset=utf-8")
        if let partner = caller.partner { fields.append("PARTNER-ID", partner) }
        if let key = caller.key { fields.append("KEY", key) }
        if let signature { fields.append("SIGNATURE", signature) }
        for (name, value) in more { fields.append(name, value) }
        let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
        let call = Call(
            method: method, path: parts[0], query: parts.count > 1 ? parts[1] : nil, fields: fields, body: Array(body.utf8))
        return await sandbox.respond(to: call, from: CallSource(peer: HTTPPeer(address: caller.address, port: 40_000), host: "localhost"))
    }

    /// Sends a call with its parameters in an envelope of the oracle's.
    func send(_ method: HTTPMethod, _ path: String, _ parameters: JSON?, as caller: Caller = Caller()) async throws -> Judgement {
        let signature = try parameters.map { try EnvelopeOracle.shared.envelope($0.text, secret: caller.secret) }
        return await send(method, path, signature: signature, as: caller)
    }

    func get(_ path: String, _ parameters: JSON? = nil, as caller: Caller = Caller()) async throws -> Judgement {
        try await send(.get, path, parameters, as: caller)
    }

    func post(_ path: String, _ parameters: JSON?, as caller: Caller = Caller()) async throws -> Judgement {
        try await send(.post, path, parameters, as: caller)
    }

    /// The same with an envelope of the project's own writer, for tests with very many calls that are not about envelopes.
    func quick(_ method: HTTPMethod, _ path: String, _ parameters: JSON) async throws -> Judgement {
        let salt = SystemRandom().bytes(SentbeEnvelope.saltByteCount)
        let signature = try SentbeEnvelope.seal(parameters.text, secret: Secret(SentbeDemonstration.secretKey), salt: salt)
        return await send(method, path, signature: signature)
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

    /// Adds a further partner and gives its credentials.
    func partner(_ wishes: JSON = [:], tenant: TenantID = .demo) async throws -> Caller {
        let (status, body) = try await control(.post, "/partners", wishes, tenant: tenant)
        try #require(status == 201, "\(body.text)")
        return Caller(
            partner: try #require(body["partner_id"]?.string), key: try #require(body["access_id"]?.string),
            secret: try #require(body["secret_key"]?.string))
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

    func set(_ moment: Timestamp, _ tenant: TenantID = .demo) { state.withLock { $0[tenant] = moment } }
}

/// A network that keeps what was sent and answers as it is told.
final class RecordingNetwork: HTTPExchange {
    struct Sent: Sendable {
        var request: HTTPRequest
        var origin: HTTPOrigin

        var json: JSON { (try? JSON(request.body)) ?? .null }
    }

    private let log = Locked<[Sent]>([])
    private let answer = Locked<Result<HTTPResponse, HTTPExchangeError>>(.success(HTTPResponse(status: 200)))

    var sent: [Sent] { log.withLock { $0 } }

    func answers(_ status: Int) { answer.withLock { $0 = .success(HTTPResponse(status: status)) } }

    func refuses() {
        answer.withLock { $0 = .failure(HTTPExchangeError(.connectionRefused, outcome: .notSent, message: "nobody listens")) }
    }

    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        log.withLock { $0.append(Sent(request: request, origin: origin)) }
        let answer = answer.withLock { $0 }
        return try answer.get()
    }
}

extension Judgement {
    var body: JSON { (try? JSON(reply.body)) ?? .null }
    var data: JSON { body["data"] ?? .null }
    /// The error code of a refusal.
    var code: String? { body["errors"]?[0]?["error_code"]?.string }
    /// The text of a refusal.
    var message: String? { body["errors"]?[0]?["message"]?.string }
    var rule: String? { verdict?.rule }

    /// Whether this is a refusal with that code by that rule, in the documented envelope, with a verdict in both languages.
    func isRefusal(_ expected: String, _ rule: String, status: Int = 200) -> Bool {
        guard let verdict else { return false }
        return reply.status == status && body["result"] == false && body["data"] == nil && code == expected && !(message ?? "").isEmpty
            && verdict.kind == .refused && verdict.rule == rule && verdict.isBilingual
    }

    var isSuccess: Bool { reply.status == 200 && body["result"] == true && body["errors"] == nil && verdict?.kind != .refused }
}

extension Verdict {
    /// Whether both languages are there: Korean letters in the one, none in the other.
    var isBilingual: Bool {
        func hasHangul(_ text: String) -> Bool { text.unicodeScalars.contains { (0xAC00...0xD7A3).contains($0.value) } }
        return [reason, remedy].compactMap { $0 }.allSatisfy { hasHangul($0.korean) && !$0.english.isEmpty && !hasHangul($0.english) }
    }
}
