import Base
import Cryptography
import ProviderKit
import TestSupport
import Transport

@testable import TossAuth

/// A provider for tests of the caller's half, which keeps the provider's rules by itself and can be told to misbehave. It has a clock of its own and counts what it gives out.
final class CourseProvider: HTTPExchange {
    /// What goes wrong with one call.
    enum Fault: Sendable {
        /// It does what was asked, and the answer is lost.
        case losesAnswer
        /// The call is lost on its way.
        case losesCall
        /// Nothing leaves.
        case unreachable
        case refuses(TossAuthErrorCode, status: Int = 400)
        case answers(String, status: Int)
        /// The answer is encrypted under another session.
        case foreignSession
        /// The content of the answer is changed.
        case edits(@Sendable (inout JSON.Members) -> Void)
        /// It takes that long.
        case delays(Duration)
    }

    struct Check: Sendable {
        var type: String
        var status = "REQUESTED"
        var requestedAt: Timestamp
        var completedAt: Timestamp?
        var reads = 0
        var person: JSON.Members = CourseProvider.persona
        var signature: String?
    }

    struct Call: Sendable {
        var name: String
        var body: JSON
        var at: Duration
        var token: String
    }

    struct State {
        var checks: [String: Check] = [:]
        var calls: [Call] = []
        var faults: [String: [Fault]] = [:]
        var sessions: Set<ReceivedSession.ReuseDigests> = []
        var tokens = 0
        var refusedTokens: Set<String> = []
        var claims: [[String]] = []
        var ahead = Duration.zero
        /// Whether it gives out more than it should, so that only the caller counts.
        var isGenerous = false
        var tooMany = 0
        var certificates: [String] = []
    }

    static let privateKey = Result { try PrivateKey.generateRSA(bits: 2048) }
    static let persona: JSON.Members = [
        "ci": .string("CI0110000000001" + String(repeating: "0", count: 73)), "name": "김토스", "birthday": "19930324", "gender": "FEMALE",
        "nationality": "LOCAL", "di": .string("DI0110000000001" + String(repeating: "0", count: 73)), "ageGroup": "ADULT", "ci2": .null,
        "ciUpdate": .null,
    ]

    let state = Locked(State())
    let time: any TimeSource
    let opener: SessionOpener
    let latency: Duration
    /// Looked at when a call arrives.
    let onCall: (@Sendable (Call) async -> Void)?

    init(time: any TimeSource, latency: Duration = .milliseconds(40), onCall: (@Sendable (Call) async -> Void)? = nil) throws {
        self.time = time
        self.latency = latency
        self.onCall = onCall
        opener = try SessionOpener(privateKey: CourseProvider.privateKey.get())
    }

    var now: Timestamp { time.now + state.withLock { $0.ahead } }
    var calls: [Call] { state.withLock { $0.calls } }
    func names(_ name: String) -> [Call] { calls.filter { $0.name == name } }
    func fault(_ name: String, _ faults: Fault...) { state.withLock { $0.faults[name, default: []] += faults } }
    func change(_ txID: TransactionID, _ body: (inout Check) -> Void) {
        state.withLock { state in
            guard var check = state.checks[txID.text] else { return }
            body(&check)
            state.checks[txID.text] = check
        }
    }
    func complete(_ txID: TransactionID) {
        let now = now
        change(txID) { ($0.status, $0.completedAt) = ("COMPLETED", now) }
    }
    func reads(_ txID: TransactionID) -> Int { state.withLock { $0.checks[txID.text]?.reads ?? 0 } }

    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        let name = String(request.target.split(separator: "/").last ?? "")
        if name == "token" { return token() }
        let token = String((request.fields["Authorization"] ?? "").dropFirst("Bearer ".count))
        let call = Call(name: name, body: (try? JSON(request.body)) ?? .null, at: time.uptime, token: token)
        let fault = state.withLock { state -> Fault? in
            guard state.faults[name]?.isEmpty == false else { return nil }
            return state.faults[name]?.removeFirst()
        }
        if case .unreachable? = fault { throw HTTPExchangeError(.connectionRefused, outcome: .notSent, message: "refused") }
        state.withLock { $0.calls.append(call) }
        await onCall?(call)
        var wait = latency
        if case .delays(let duration)? = fault { wait = duration }
        do {
            try await time.sleep(for: min(wait, timeouts.firstByte))
        } catch {
            throw HTTPExchangeError(.cancelled, outcome: .unknown, message: "cancelled")
        }
        guard wait <= timeouts.firstByte else { throw HTTPExchangeError(.firstByteTimeout, outcome: .unknown, message: "too slow") }
        switch fault {
        case .losesCall?: throw HTTPExchangeError(.connectionLost, outcome: .unknown, message: "lost")
        case .refuses(let code, let status)?: return CourseProvider.refusal(code, status)
        case .answers(let text, let status)?: return HTTPResponse(status: status, body: Array(text.utf8))
        default: break
        }
        let response = answer(call, fault)
        if case .losesAnswer? = fault { throw HTTPExchangeError(.connectionLost, outcome: .unknown, message: "lost") }
        return response
    }

    private func token() -> HTTPResponse {
        let number = state.withLock { state -> Int in
            state.tokens += 1
            return state.tokens
        }
        return Reply(status: 200, json: ["access_token": .string("t\(number)"), "token_type": "Bearer", "expires_in": 31_536_000]).response
    }

    private func answer(_ call: Call, _ fault: Fault?) -> HTTPResponse {
        if state.withLock({ $0.refusedTokens.contains(call.token) }) { return CourseProvider.refusal(.tokenInvalid, 401) }
        let content: Result<JSON.Members, TossAuthRefusal>
        switch call.name {
        case "request": content = request(call.body)
        case "status": content = status(call.body)
        case "result": content = result(call.body, fault)
        default:
            state.withLock { $0.certificates.append(call.body["certificate"]?.string ?? "") }
            content = .success(["valid": true, "enabled": true])
        }
        switch content {
        case .success(var members):
            if case .edits(let edit)? = fault { edit(&members) }
            return Reply(status: 200, json: TossAuthEnvelope.success(.object(members))).response
        case .failure(let refusal): return CourseProvider.refusal(refusal.code, 400)
        }
    }

    private func request(_ body: JSON) -> Result<JSON.Members, TossAuthRefusal> {
        var claim: [String] = []
        if body["requestType"] == "USER_PERSONAL" {
            guard let session = open(body["sessionKey"]) else { return .failure(TossAuthRefusal(.sessionFault)) }
            for name in ["userName", "userPhone", "userBirthday"] {
                guard let text = body[name]?.string, let value = try? session.open(text) else {
                    return .failure(TossAuthRefusal(.sessionFault))
                }
                claim.append(value.withText { $0 })
            }
        }
        let now = now
        let txID = state.withLock { state -> String in
            state.claims.append(claim)
            let txID = "00000000-0000-4000-8000-\(String(1_000_000_000_000 + state.checks.count).dropFirst())"
            state.checks[txID] = Check(type: body["requestType"]?.string ?? "", requestedAt: now)
            return txID
        }
        return .success(["txId": .string(txID), "requestedDt": .string(TossAuthTime.text(now)), "appScheme": "null", "mystery": 7])
    }

    private func status(_ body: JSON) -> Result<JSON.Members, TossAuthRefusal> {
        guard let txID = body["txId"]?.string, let check = state.withLock({ $0.checks[txID] }) else {
            return .failure(TossAuthRefusal(.requestNotFound))
        }
        return .success([
            "txId": .string(txID), "status": .string(check.status), "requestedDt": .string(TossAuthTime.text(check.requestedAt)),
        ])
    }

    private func result(_ body: JSON, _ fault: Fault?) -> Result<JSON.Members, TossAuthRefusal> {
        guard var session = open(body["sessionKey"]) else { return .failure(TossAuthRefusal(.sessionFault)) }
        if case .foreignSession? = fault {
            if let stranger = try? stranger() { session = stranger }
        }
        let now = now
        let read = state.withLock { state -> Result<Check, TossAuthRefusal> in
            guard let txID = body["txId"]?.string, let check = state.checks[txID] else {
                return .failure(TossAuthRefusal(.requestNotFound))
            }
            guard let completed = check.completedAt else { return .failure(TossAuthRefusal(.notCompleted)) }
            if !state.isGenerous {
                if now - completed >= .seconds(3600) { return .failure(TossAuthRefusal(.expired)) }
                if check.reads >= 2 { return .failure(TossAuthRefusal(.readsUsedUp)) }
            }
            if check.reads >= 2 { state.tooMany += 1 }
            state.checks[txID]?.reads += 1
            return .success(check)
        }
        switch read {
        case .failure(let refusal): return .failure(refusal)
        case .success(let check):
            guard let person = try? session.seal(PersonalData(clear: .object(check.person))) else {
                return .failure(TossAuthRefusal(.unavailable))
            }
            return .success([
                "txId": body["txId"] ?? .null, "status": "COMPLETED", "signature": .string(check.signature ?? "TUlJ"),
                "completedDt": .string(TossAuthTime.text(check.completedAt ?? now)),
                "requestedDt": .string(TossAuthTime.text(check.requestedAt)), "userIdentifier": .null, "personalData": person, "mystery": 7,
            ])
        }
    }

    private func stranger() throws -> ReceivedSession {
        let other = try ResultSession(for: opener.publicKey, random: SystemRandom())
        return try opener.open(other.sessionKey)
    }

    /// Opens a session key that nobody has used before.
    private func open(_ key: JSON?) -> ReceivedSession? {
        guard let key = key?.string, let session = try? opener.open(key) else { return nil }
        return state.withLock { $0.sessions.insert(session.reuseDigests).inserted } ? session : nil
    }

    static func refusal(_ code: TossAuthErrorCode, _ status: Int) -> HTTPResponse {
        Reply(status: status, json: TossAuthEnvelope.failure(TossAuthRefusal(code))).response
    }
}

/// A course at a provider of the test's, with records that are sealed.
struct CourseBench: Sendable {
    let time: any TimeSource
    let provider: CourseProvider
    let records: any RecordKeeper
    let course: VerificationCourse
    var under: any RecordKeeper

    static let secret = Secret("test_418087247d66da09fda1964dc4734e453c7cf66a7a9e3")

    init(
        time: any TimeSource, provider: CourseProvider, exchange: (any HTTPExchange)? = nil, under: (any RecordKeeper)? = nil,
        clientID: String = TossAuthDemonstration.clientID, secret: Secret = CourseBench.secret,
        options: VerificationCourse.Options = .init(), seed: UInt64 = 1
    ) throws {
        self.time = time
        self.provider = provider
        self.under = under ?? MemoryRecords(time: time)
        records = SealedRecords(self.under, secret: secret, purpose: "toss-auth", random: SystemRandom())
        let origin = HTTPOrigin(isSecure: true, host: "127.0.0.1", port: 8643)
        let place = TossAuthPlace(token: origin, service: origin, pathPrefix: "/toss-auth")
        let exchange = exchange ?? provider
        course = try VerificationCourse(
            tokens: TokenKeeper(credentials: place.credentials(clientID: clientID, clientSecret: secret), exchange: exchange, time: time),
            place: place, key: provider.opener.publicKey, exchange: exchange, time: time, random: SystemRandom(), records: records,
            options: options)
    }

    func begin(_ reference: String? = nil) async throws -> TransactionID {
        try await course.request(.oneTouch(returnTo: "intoss://my-granite-app", reference: reference), deadline: .seconds(30)).txID
    }

    /// A check that its person has finished.
    func completed() async throws -> TransactionID {
        let txID = try await begin()
        provider.complete(txID)
        return txID
    }

    func result(_ txID: TransactionID, fresh: Bool = false, deadline: Duration = .seconds(30)) async throws(TossAuthError)
        -> VerificationResult
    {
        try await course.result(of: txID, fresh: fresh, deadline: deadline)
    }

    func failure(_ txID: TransactionID, fresh: Bool = false, deadline: Duration = .seconds(30)) async -> TossAuthError? {
        await courseFailure { try await result(txID, fresh: fresh, deadline: deadline) }
    }
}

/// The error that `body` throws; nothing when it throws none, or another kind.
func courseFailure<Value>(_ body: () async throws -> Value) async -> TossAuthError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? TossAuthError
    }
}
