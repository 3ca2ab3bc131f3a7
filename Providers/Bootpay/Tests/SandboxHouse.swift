import Base
import Bootpay
import Foundation
import ProviderKit
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport

@testable import BootpaySandbox

/// A Bootpay sandbox with everything around it in the test's hands.
final class SandboxHouse: Sendable {
    let sandbox: BootpaySandbox
    let database: Database
    let clocks: HandClocks
    let network: RecordingNetwork
    let scheduled: Locked<[TenantID]>

    static let demoReceipt = "612df0250d681b001de61de6"
    static let tokenRequest: JSON = ["application_id": .string(DemoData.application), "private_key": .string(DemoData.privateKey)]

    init(
        _ location: StorageLocation = .memory, seed: UInt64 = 1, clocks: HandClocks = HandClocks(), network: RecordingNetwork = .init(),
        demo: Bool = true
    ) async throws {
        database = try Database(location)
        self.clocks = clocks
        self.network = network
        let scheduled = Locked<[TenantID]>([])
        self.scheduled = scheduled
        sandbox = try await BootpaySandbox(
            environment: SandboxEnvironment(
                database: database, clocks: clocks, random: SeededRandom(seed: seed), exchange: network,
                scheduleChanged: { tenant in scheduled.withLock { $0.append(tenant) } },
                publicBase: { "http://127.0.0.1:8600/bootpay" }))
        if demo { _ = try await sandbox.createTenant(.demo, settings: [:]) }
    }

    // MARK: Calls

    func send(
        _ method: HTTPMethod, _ path: String, token: String? = nil, type: String? = "application/json", body: String = "",
        from address: String = "127.0.0.1", header: (String, String)? = nil
    ) async -> Judgement {
        var fields = HTTPFields()
        if let type { fields.append("Content-Type", type) }
        if let token { fields.append("Authorization", token) }
        if let header { fields.append(header.0, header.1) }
        let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
        let call = Call(
            method: method, path: parts[0], query: parts.count > 1 ? parts[1] : nil, fields: fields, body: Array(body.utf8))
        return await sandbox.respond(to: call, from: CallSource(peer: HTTPPeer(address: address, port: 40_000), host: "api.bootpay.co.kr"))
    }

    func post(_ path: String, _ body: JSON, token: String? = nil, from address: String = "127.0.0.1") async -> Judgement {
        await send(.post, path, token: token, body: body.text, from: address)
    }

    func askForToken(_ request: JSON = tokenRequest, from address: String = "127.0.0.1") async -> Judgement {
        await post("/request/token", request, from: address)
    }

    func token(_ request: JSON = tokenRequest) async throws -> String {
        let judgement = await askForToken(request)
        return try #require(judgement.data["token"]?.string)
    }

    func verify(_ receipt: String = demoReceipt, token: String) async -> Judgement { await send(.get, "/receipt/\(receipt)", token: token) }

    /// The number under `data.status` of a receipt.
    func status(_ receipt: String, token: String) async -> Int64? { await verify(receipt, token: token).data["status"]?.integer }

    // MARK: Control

    func control(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil, tenant: TenantID = .demo) async throws -> (Int, JSON) {
        let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
        let call = Call(
            method: method, path: parts[0], query: parts.count > 1 ? parts[1] : nil, fields: ["Content-Type": "application/json"],
            body: body?.bytes ?? [])
        let reply = try #require(await sandbox.control(call, tenant: tenant))
        return (reply.status, try JSON(reply.body))
    }

    func set(_ settings: JSON, tenant: TenantID = .demo) async throws {
        let (status, body) = try await control(.put, "/settings", settings, tenant: tenant)
        try #require(status == 200, "\(body.text)")
    }

    /// Makes a payment and gives its receipt id.
    func pay(_ payment: JSON = [:], tenant: TenantID = .demo) async throws -> String {
        let (status, body) = try await control(.post, "/payments", payment, tenant: tenant)
        try #require(status == 201, "\(body.text)")
        return try #require(body["receipt_id"]?.string)
    }

    /// A card key at a gateway.
    func billingKey(_ gateway: String = "nicepay", token: String, extra: JSON = [:]) async throws -> String {
        var card = SandboxHouse.card.members ?? [:]
        card["pg"] = .string(gateway)
        card["extra"] = extra
        let judgement = await post("/request/card_rebill", .object(card), token: token)
        return try #require(judgement.data["billing_key"]?.string, "\(judgement.body.text)")
    }

    static let card: JSON = [
        "pg": "nicepay", "order_id": "CARD-1", "item_name": "정기권", "card_no": "5570421234561074", "card_pw": "17", "expire_year": "30",
        "expire_month": "12", "identify_number": "840101", "user_info": ["phone": "01012345678", "username": "홍길동"],
    ]

    static func charge(_ key: String, price: Int64 = 3000, _ more: JSON.Members = [:]) -> JSON {
        var members: JSON.Members = [
            "billing_key": .string(key), "item_name": "정기권", "price": .number(price), "order_id": "CHARGE-1",
        ]
        for name in more.names { members[name] = more[name] }
        return .object(members)
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

        var text: String { String(decoding: request.body, as: UTF8.self) }

        var form: [String: String] {
            let pairs = FormText.decode(request.body) ?? []
            return Dictionary(pairs.map { ($0.name, $0.value) }) { $1 }
        }
    }

    private let log = Locked<[Sent]>([])
    private let answer = Locked<Result<HTTPResponse, HTTPExchangeError>>(.success(HTTPResponse(status: 200, body: Array("OK".utf8))))

    var sent: [Sent] { log.withLock { $0 } }

    func answers(_ status: Int, _ body: String) { answer.withLock { $0 = .success(HTTPResponse(status: status, body: Array(body.utf8))) } }

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
    var code: Int64? { body["code"]?.integer }

    /// Whether this is the row's answer, envelope and HTTP status agreeing, with a verdict in both languages.
    func isRefusal(_ row: BootpayRefusal, _ rule: String) -> Bool {
        guard let verdict else { return false }
        return reply.status == row.status && body["status"]?.integer == Int64(row.status) && code == Int64(row.code)
            && verdict.kind == .refused && verdict.rule == rule && verdict.isBilingual
    }

    var isSuccess: Bool { reply.status == 200 && body["status"] == 200 && code == 0 && body["message"] == "" }
}

extension Verdict {
    /// Whether both languages are there: Korean letters in the one, none in the other.
    var isBilingual: Bool {
        func hasHangul(_ text: String) -> Bool { text.unicodeScalars.contains { (0xAC00...0xD7A3).contains($0.value) } }
        return [reason, remedy].compactMap { $0 }.allSatisfy { hasHangul($0.korean) && !$0.english.isEmpty && !hasHangul($0.english) }
    }
}

/// A file of `Providers/Bootpay/Vectors`.
func sandboxVector(_ name: String) throws -> JSON { try JSON(try PackageFiles.bytes("Providers/Bootpay/Vectors/\(name)")) }
