import Base
import Cryptography
import ProviderKit
import Sandbox
import SandboxKit
import Storage
import TestSupport
import Testing
import TossAuth
import Transport

@testable import TossAuthSandbox

/// The sandbox behind its own front, with the clock in the test's hands, and somebody who calls it.
final class SandboxHouse: Sendable {
    let sandbox: Sandbox
    let database: Database
    let time: ManualTime
    let files: KeptFiles
    /// The certificate that callers trust; nothing in a sandbox without an authority.
    let trusted: Certificate?
    let random: SeededRandom

    /// 2026-07-16T00:00:00Z.
    static let start = Timestamp(unixSeconds: 1_784_160_000)

    init(
        _ location: StorageLocation = .memory, time: ManualTime = ManualTime(SandboxHouse.start), files: KeptFiles = KeptFiles(),
        hasAuthority: Bool = true, seed: UInt64 = 1, log: Log = .silent
    ) async throws {
        database = try Database(location)
        self.time = time
        self.files = files
        random = SeededRandom(seed: seed)
        let authority =
            hasAuthority
            ? try CertificateAuthority(
                name: "Test sandbox",
                validity: CertificateValidity(
                    notBefore: Timestamp(unixSeconds: 946_684_800), notAfter: SandboxHouse.start + .seconds(3650 * 86_400))) : nil
        trusted = authority?.certificate
        sandbox = try await Sandbox(
            services: [TossAuthSandbox.self], database: database, time: time, random: SeededRandom(seed: seed &+ 1000),
            exchange: Unreachable(), log: log, authority: authority, files: { _ in files },
            configuration: SandboxConfiguration(version: "test", baseURL: { "http://127.0.0.1:8600" }))
    }

    // MARK: Calls

    struct Answer: Sendable {
        var status: Int
        var fields: HTTPFields
        var json: JSON
        var text: String
        /// Whether the connection was closed without an answer.
        var isAborted: Bool

        var success: JSON { json["success"] ?? .null }
        var code: String? { json["error"]?["errorCode"]?.string }
        var isSuccess: Bool { status == 200 && json["resultType"] == "SUCCESS" && json["error"] == nil }
    }

    func send(_ method: HTTPMethod, _ target: String, _ body: [UInt8] = [], _ fields: HTTPFields = [:], tlsHost: String? = nil) async
        -> Answer
    {
        var fields = fields
        fields["Host"] = tlsHost ?? "127.0.0.1:8600"
        var peer = HTTPPeer(address: "127.0.0.1", port: 40_000)
        if let tlsHost { peer.tls = HTTPPeer.TLSDetails(serverName: tlsHost, clientCertificate: nil, version: "TLSv1.3") }
        let response = await sandbox.respond(to: HTTPRequest(method: method, target: target, fields: fields, body: body), from: peer)
        var isAborted = false
        if case .abort = response.body { isAborted = true }
        let bytes = response.bytes ?? []
        return Answer(
            status: response.status, fields: response.fields, json: (try? JSON(bytes)) ?? .null,
            text: String(decoding: bytes, as: UTF8.self),
            isAborted: isAborted)
    }

    /// A token call with these form fields.
    func tokenCall(
        _ form: [(name: String, value: String)], _ fields: HTTPFields = [:], contentType: String? = "application/x-www-form-urlencoded"
    )
        async -> Answer
    {
        var fields = fields
        if let contentType { fields["Content-Type"] = contentType }
        return await send(.post, "/toss-auth/token", Array(FormText.encode(form).utf8), fields)
    }

    static func form(_ credentials: Credentials = .demo, scope: String = "ca") -> [(name: String, value: String)] {
        [
            ("grant_type", "client_credentials"), ("scope", scope), ("client_id", credentials.id), ("client_secret", credentials.secret),
        ]
    }

    struct Credentials: Sendable, Equatable {
        var id: String
        var secret: String

        static let demo = Credentials(id: TossAuthDemonstration.clientID, secret: TossAuthDemonstration.clientSecret)
    }

    func token(_ credentials: Credentials = .demo, scope: String = "ca") async throws -> String {
        let answer = await tokenCall(SandboxHouse.form(credentials, scope: scope))
        return try #require(answer.json["access_token"]?.string, "\(answer.text)")
    }

    /// A call of the table, by its short name; with a token of the demo client unless told.
    func call(_ name: String, _ body: JSON, token: String?, fields: HTTPFields = [:]) async throws -> Answer {
        let row = try #require(TossAuthRoutes.row(named: name))
        var fields = fields
        fields["Content-Type"] = fields["Content-Type"] ?? "application/json"
        if let token { fields["Authorization"] = "Bearer \(token)" }
        return await send(.post, "/toss-auth" + row.path, body.bytes, fields)
    }

    // MARK: Journeys

    /// The body of a request by personal data.
    func personalRequest(
        name: String = "인증테스트", phone: String = "01810010062", birthday: String = "19990909", for key: ServiceKey = .sandbox
    ) throws -> JSON.Members {
        let session = try RequestSession(for: key, random: random)
        let claim = try session.seal(try IdentityClaim(name: name, phone: phone, birthday: birthday))
        var members: JSON.Members = [
            "requestType": "USER_PERSONAL", "requestUrl": .string(TossAuthDemonstration.requestURL), "triggerType": "APP_SCHEME",
            "sessionKey": .string(claim.sessionKey),
        ]
        for (name, value) in claim.members { members[name] = .string(value) }
        return members
    }

    static let oneTouch: JSON = ["requestType": "USER_NONE", "requestUrl": .string(TossAuthDemonstration.requestURL)]

    /// Begins a check by one touch and gives its `txId`.
    func begin(_ token: String, _ body: JSON = SandboxHouse.oneTouch) async throws -> String {
        let answer = try await call("id-request", body, token: token)
        return try #require(answer.success["txId"]?.string, "\(answer.text)")
    }

    /// A result call with a fresh session, and what it gave in clear.
    func result(_ id: String, _ token: String, for key: ServiceKey = .sandbox, name: String = "id-result") async throws -> (
        answer: Answer, person: JSON?
    ) {
        let session = try ResultSession(for: key, random: random)
        let answer = try await call(name, ["txId": .string(id), "sessionKey": .string(session.sessionKey)], token: token)
        guard let data = answer.success["personalData"] else { return (answer, nil) }
        return (answer, try session.open(data).clear())
    }

    func status(_ id: String, _ token: String) async throws -> Answer { try await call("id-status", ["txId": .string(id)], token: token) }

    // MARK: Control

    func control(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil, tenant: String = "demo") async -> Answer {
        await send(method, "/-/toss-auth\(path)", body?.bytes ?? [], ["Bujeol-Tenant": tenant])
    }

    /// A control call that must work.
    @discardableResult
    func ask(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil, tenant: String = "demo") async throws -> JSON {
        let answer = await control(method, path, body, tenant: tenant)
        try #require((200...201).contains(answer.status), "\(path): \(answer.text)")
        return answer.json
    }

    func set(_ settings: JSON, tenant: String = "demo") async throws { try await ask(.post, "/settings", settings, tenant: tenant) }

    func move(_ id: String, _ move: String, _ body: JSON? = nil, tenant: String = "demo") async throws {
        try await ask(.post, "/transactions/\(id)/\(move)", body, tenant: tenant)
    }

    /// A fresh tenant with its test and its live credentials.
    func makeTenant(_ name: String, settings: JSON? = nil) async throws -> (test: Credentials, live: Credentials, json: JSON) {
        let wishes: JSON = settings.map { ["settings": $0] } ?? [:]
        let answer = await send(.post, "/-/tenants", (["name": .string(name), "toss-auth": wishes] as JSON).bytes)
        try #require(answer.status == 201, "\(answer.text)")
        let made = try #require(answer.json["toss-auth"] ?? answer.json["providers"]?["toss-auth"], "\(answer.text)")
        let clients = try (made["clients"]?.elements ?? []).map { client in
            Credentials(id: try #require(client["client_id"]?.string), secret: try #require(client["client_secret"]?.string))
        }
        return (
            try #require(clients.first { $0.id.hasPrefix("test_") }), try #require(clients.first { !$0.id.hasPrefix("test_") }), made
        )
    }

    // MARK: The request log

    /// The latest call's record.
    func latest(tenant: String = "demo") async -> JSON {
        await send(.get, "/-/requests?tenant=\(tenant)&limit=1").json["requests"]?[0] ?? .null
    }

    /// The rule by which the latest call was refused or warned of; fails unless its words are there in both languages.
    func rule(tenant: String = "demo") async -> String? {
        let verdict = await latest(tenant: tenant)["verdict"]
        func isGood(_ words: JSON?) -> Bool {
            guard let words else { return true }
            let korean = words["ko"]?.string ?? ""
            let english = words["en"]?.string ?? ""
            func hasHangul(_ text: String) -> Bool { text.unicodeScalars.contains { (0xAC00...0xD7A3).contains($0.value) } }
            return hasHangul(korean) && !english.isEmpty && !hasHangul(english)
        }
        guard isGood(verdict?["reason"]), isGood(verdict?["remedy"]) else { return "not in both languages: \(verdict?.text ?? "")" }
        return verdict?["rule"]?.string
    }
}

/// A folder in memory.
final class KeptFiles: HandoutFiles {
    private let contents = Locked<[String: [UInt8]]>([:])

    func write(_ name: String, _ bytes: [UInt8]) throws(SystemError) { contents.withLock { $0[name] = bytes } }
    func read(_ name: String) throws(SystemError) -> [UInt8]? { contents.withLock { $0[name] } }
    func path(_ name: String) -> String { "folder/\(name)" }
}

/// A network that nobody is at.
private struct Unreachable: HTTPExchange {
    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        throw HTTPExchangeError(.connectionRefused, outcome: .notSent, message: "there is no network")
    }
}
