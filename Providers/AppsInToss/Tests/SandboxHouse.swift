import AppsInToss
import Base
import Cryptography
import Foundation
import ProviderKit
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport

@testable import AppsInTossSandbox

/// An Apps in Toss sandbox with everything around it in the test's hands.
final class SandboxHouse: Sendable {
    let sandbox: AppsInTossSandbox
    let database: Database
    let clocks: HandClocks
    let network: RecordingNetwork
    let files: MemoryFiles
    let authority: CertificateAuthority
    let scheduled: Locked<[TenantID]>

    /// How a call comes in.
    enum Door: Sendable {
        /// The plain port, with the field that names the mini-app.
        case plain(app: String?, tenant: String? = nil)
        /// The TLS port, with a certificate or without.
        case tls(Certificate?, host: String = AppsInTossHosts.general)

        static var demo: Door { .plain(app: AppsInTossDemonstration.app) }
    }

    init(
        _ location: StorageLocation = .memory, seed: UInt64 = 1, clocks: HandClocks = HandClocks(), network: RecordingNetwork = .init(),
        files: MemoryFiles = MemoryFiles(), authority: CertificateAuthority? = nil, demo: Bool = true
    ) async throws {
        database = try Database(location)
        self.clocks = clocks
        self.network = network
        self.files = files
        let start = clocks.now(.demo)
        self.authority =
            try authority ?? CertificateAuthority(name: "Test sandbox", validity: CertificateValidity(from: start, days: 3650))
        let scheduled = Locked<[TenantID]>([])
        self.scheduled = scheduled
        sandbox = try await AppsInTossSandbox(
            environment: SandboxEnvironment(
                database: database, clocks: clocks, random: SeededRandom(seed: seed), exchange: network, authority: self.authority,
                files: files, scheduleChanged: { tenant in scheduled.withLock { $0.append(tenant) } },
                publicBase: { "http://127.0.0.1:8600/apps-in-toss" }))
        if demo { _ = try await sandbox.createTenant(.demo, settings: [:]) }
    }

    // MARK: Calls

    /// Sends a call of the table by its short name, or to a path.
    ///
    /// - Parameters:
    ///   - call: Such as `generate-token`, or a path that begins with `/`.
    ///   - user: `x-toss-user-key`.
    func send(
        _ call: String, _ body: JSON? = [:], user: Int64? = nil, bearer: String? = nil, through door: Door = .demo,
        method: HTTPMethod? = nil, fields more: [(String, String)] = []
    ) async -> Judgement {
        let row = AppsInTossRoutes.row(named: call)
        let method = method ?? row?.route.method ?? .post
        var fields = HTTPFields()
        if method == .post { fields.append("Content-Type", "application/json") }
        if let user { fields.append("x-toss-user-key", String(user)) }
        if let bearer { fields.append("Authorization", "Bearer \(bearer)") }
        for (name, value) in more { fields.append(name, value) }
        var peer = HTTPPeer(address: "127.0.0.1", port: 40_000)
        var host = "127.0.0.1"
        switch door {
        case .plain(let app, let tenant):
            if let app { fields.append("Bujeol-Mini-App", app) }
            if let tenant { fields.append("Bujeol-Tenant", tenant) }
        case .tls(let certificate, let name):
            peer.tls = HTTPPeer.TLSDetails(serverName: name, clientCertificate: certificate?.der, version: "TLSv1.3")
            host = name
        }
        let sent = Call(
            method: method, path: row?.path ?? call, fields: fields, body: method == .get ? [] : body?.bytes ?? [])
        return await sandbox.respond(to: sent, from: CallSource(peer: peer, host: host))
    }

    // MARK: Control

    func control(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil, tenant: TenantID = .demo) async throws -> (Int, JSON) {
        let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
        let call = Call(method: method, path: parts[0], query: parts.count > 1 ? parts[1] : nil, body: body?.bytes ?? [])
        let reply = try #require(await sandbox.control(call, tenant: tenant))
        return (reply.status, try JSON(reply.body))
    }

    /// A control call that must work.
    @discardableResult
    func ask(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil, tenant: TenantID = .demo) async throws -> JSON {
        let (status, answer) = try await control(method, path, body, tenant: tenant)
        try #require((200...201).contains(status), "\(answer.text)")
        return answer
    }

    func set(_ settings: JSON, tenant: TenantID = .demo) async throws { try await ask(.put, "/settings", settings, tenant: tenant) }

    /// Makes a further mini-app of the demo tenant, with a user of its own.
    func makeApp(_ name: String, _ wishes: JSON.Members = [:], tenant: TenantID = .demo) async throws -> (door: Door, user: Int64) {
        var wishes = wishes
        wishes["app"] = .string(name)
        try await ask(.post, "/apps", .object(wishes), tenant: tenant)
        let user = try await ask(.post, "/users", ["app": .string(name)], tenant: tenant)
        return (.plain(app: name, tenant: tenant.rawValue), try #require(user["user_key"]?.integer))
    }

    /// Issues a certificate and gives it with its number.
    func issue(app: String = AppsInTossDemonstration.app, days: Int64 = 390, tenant: TenantID = .demo) async throws -> (
        identity: TLSIdentity, id: Int64
    ) {
        let answer = try await ask(.post, "/certificates", ["app": .string(app), "days": .number(days)], tenant: tenant)
        let identity = try TLSIdentity(
            certificateChainPEM: try #require(answer["certificate"]?.string),
            privateKeyPEM: Secret(try #require(answer["private_key"]?.string)))
        return (identity, try #require(answer["id"]?.integer))
    }

    /// The user consents: an authorizationCode.
    func consent(_ wishes: JSON = [:], tenant: TenantID = .demo) async throws -> String {
        let answer = try await ask(.post, "/codes", wishes, tenant: tenant)
        return try #require(answer["authorizationCode"]?.string)
    }

    /// Logs the demo user in: the content of generate-token.
    func login(_ wishes: JSON = [:]) async throws -> JSON {
        let code = try await consent(wishes)
        let judgement = await send(
            "generate-token", ["authorizationCode": .string(code), "referrer": wishes["referrer"] ?? "DEFAULT"])
        try #require(judgement.isSuccess, "\(judgement.body.text)")
        return judgement.success
    }
}

/// Each tenant's clock, moved by hand.
final class HandClocks: TenantClocks {
    private let state = Locked<[TenantID: Timestamp]>([:])
    private let start: Timestamp

    init(_ start: Timestamp = Timestamp(unixSeconds: 1_784_160_000)) { self.start = start }

    func now(_ tenant: TenantID) -> Timestamp { state.withLock { $0[tenant] } ?? start }

    func advance(_ duration: Duration, _ tenant: TenantID = .demo) {
        let moved = now(tenant) + duration
        state.withLock { $0[tenant] = moved }
    }

    func set(_ moment: Timestamp, _ tenant: TenantID = .demo) { state.withLock { $0[tenant] = moment } }
}

/// A folder in memory.
final class MemoryFiles: HandoutFiles {
    private let contents = Locked<[String: [UInt8]]>([:])

    func write(_ name: String, _ bytes: [UInt8]) throws(SystemError) { contents.withLock { $0[name] = bytes } }
    func read(_ name: String) throws(SystemError) -> [UInt8]? { contents.withLock { $0[name] } }
    func path(_ name: String) -> String { "folder/\(name)" }
    func remove(_ name: String) { contents.withLock { $0[name] = nil } }
    var names: Set<String> { contents.withLock { Set($0.keys) } }
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
    var success: JSON { body["success"] ?? .null }
    /// The error code of a refusal in the envelope.
    var code: String? { body["error"]?["errorCode"]?.string }
    var rule: String? { verdict?.rule }

    /// Whether this is a refusal with that code by that rule, in the documented envelope, with a verdict in both languages.
    func isRefusal(_ expected: String, _ rule: String, status: Int = 200, resultType: String = "FAIL") -> Bool {
        guard let verdict else { return false }
        return reply.status == status && body["resultType"]?.string == resultType && body["success"] == nil && code == expected
            && !(body["error"]?["reason"]?.string ?? "").isEmpty && verdict.kind == .refused && verdict.rule == rule
            && verdict.isBilingual
    }

    /// Whether this is login's bare error.
    func isBareError(_ rule: String, status: Int = 400) -> Bool {
        guard let verdict else { return false }
        return reply.status == status && body == ["error": "invalid_grant"] && verdict.kind == .refused && verdict.rule == rule
            && verdict.isBilingual
    }

    var isSuccess: Bool {
        reply.status == 200 && body["resultType"] == "SUCCESS" && body["error"] == nil && verdict?.kind != .refused
    }
}

extension Verdict {
    /// Whether both languages are there: Korean letters in the one, none in the other.
    var isBilingual: Bool {
        func hasHangul(_ text: String) -> Bool { text.unicodeScalars.contains { (0xAC00...0xD7A3).contains($0.value) } }
        return [reason, remedy].compactMap { $0 }.allSatisfy { hasHangul($0.korean) && !$0.english.isEmpty && !hasHangul($0.english) }
    }
}
