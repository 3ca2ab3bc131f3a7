import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import TossAuth

/// A token host that answers by a closure, after a while, and remembers what it was asked.
private final class TokenHost: HTTPExchange {
    private let time: any TimeSource
    private let requests = Locked<[HTTPRequest]>([])
    private let answer: @Sendable (Int) throws(HTTPExchangeError) -> HTTPResponse

    /// `answer` gets the number of the call, counted from 1.
    init(_ time: any TimeSource, _ answer: @escaping @Sendable (Int) throws(HTTPExchangeError) -> HTTPResponse) {
        self.time = time
        self.answer = answer
    }

    var asked: [HTTPRequest] { requests.withLock { $0 } }

    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        let number = requests.withLock { requests in
            requests.append(request)
            return requests.count
        }
        try? await time.sleep(for: .milliseconds(100))
        return try answer(number)
    }

    /// The token `t1`, `t2`, …
    static func token(_ number: Int, life: String = "3600") -> HTTPResponse {
        body(#"{"access_token":"t\#(number)","scope":"ca","token_type":"Bearer","expires_in":\#(life)}"#)
    }

    static func body(_ text: String, status: Int = 200, _ fields: HTTPFields = [:]) -> HTTPResponse {
        HTTPResponse(status: status, fields: fields, body: Array(text.utf8))
    }
}

@Suite("The access token of a Toss Auth client")
struct TokenTests {
    private static func credentials(secret: String = "test_secret") -> TossAuthCredentials {
        TossAuthCredentials(
            clientID: "test_id", clientSecret: Secret(secret), origin: HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 8600),
            pathPrefix: "/toss-auth")
    }

    private static func word(_ keeper: TokenKeeper<TossAuthCredentials>, deadline: Duration = .seconds(30)) async -> String {
        do throws(CallFailure) {
            return try await keeper.token(deadline: deadline).secret.withText { $0 }
        } catch {
            return "\(error.code.rawValue) \(error.cause ?? "")"
        }
    }

    @Test("The call is a form with four values, at the token host's path, and nothing else")
    func request() async throws {
        let time = ManualTime()
        let host = TokenHost(time) { _ in TokenHost.token(1) }
        var credentials = TokenTests.credentials(secret: "test_a+b&c=d e")
        let keeper = TokenKeeper(credentials: credentials, exchange: host, time: SystemTime())
        #expect(await TokenTests.word(keeper) == "t1")
        let request = try #require(host.asked.first)
        #expect(request.method == .post)
        #expect(request.target == "/toss-auth/token")
        #expect(request.fields["Content-Type"] == "application/x-www-form-urlencoded")
        #expect(!request.fields.contains("Authorization"))
        let pairs = try #require(FormText.decode(request.body))
        #expect(pairs.map(\.name) == ["grant_type", "scope", "client_id", "client_secret"])
        #expect(pairs.map(\.value) == ["client_credentials", "ca", "test_id", "test_a+b&c=d e"])
        credentials.clientSecret = Secret("test_other")
        #expect(credentials != TokenTests.credentials(secret: "test_a+b&c=d e"))
        #expect(
            TossAuthCredentials(clientID: "i", clientSecret: Secret("s")).origin
                == HTTPOrigin(isSecure: true, host: "oauth2.cert.toss.im", port: 443))
    }

    @Test("A thousand who wait share one call, and the token serves until it is renewed ahead")
    func singleFlight() throws {
        let simulation = Simulation()
        let host = TokenHost(simulation) { TokenHost.token($0) }
        try simulation.run {
            let keeper = TokenKeeper(credentials: TokenTests.credentials(), exchange: host, time: simulation)
            let words = await withTaskGroup(of: String.self) { group in
                for _ in 0..<1_000 { group.addTask { await TokenTests.word(keeper) } }
                return await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(words == ["t1"])
            #expect(host.asked.count == 1)
            try await simulation.sleep(for: .seconds(3_539))
            #expect(await TokenTests.word(keeper) == "t1")
            #expect(host.asked.count == 1)
            // A minute before its end the next is fetched beside the call.
            try await simulation.sleep(for: .seconds(2))
            #expect(await TokenTests.word(keeper) == "t1")
            try await simulation.sleep(for: .seconds(1))
            #expect(host.asked.count == 2)
            #expect(await TokenTests.word(keeper) == "t2")
        }
    }

    @Test(
        "The margin is a tenth of the life, a minute at most; a life of a year, of a century, or none at all does no harm",
        arguments: [
            ("100", 99, 90), ("599.9", 598, 539), ("600", 599, 540), ("3600", 3_599, 3_540), ("31536000", 31_535_999, 31_535_940),
            ("\"3600\"", 3_599, 3_540), ("9e30", 315_359_999, 315_359_940), ("1e999", 299, 270), ("null", 299, 270), ("\"soon\"", 299, 270),
            ("0", -1, 0), ("-5", -1, 0),
        ])
    func lives(_ text: String, _ life: Int, _ renewal: Int) throws {
        let token = try TokenFetch.read(TokenHost.token(1, life: text)).get()
        #expect(token.life == .seconds(life))
        #expect(token.renewAfter.wholeSeconds == Int64(renewal))
    }

    @Test("A token of a year serves for a year with two calls in all")
    func year() throws {
        let simulation = Simulation()
        let host = TokenHost(simulation) { TokenHost.token($0, life: "31536000") }
        try simulation.run {
            let keeper = TokenKeeper(credentials: TokenTests.credentials(), exchange: host, time: simulation)
            for _ in 0..<365 {
                #expect(await TokenTests.word(keeper) == "t1")
                try await simulation.sleep(for: .seconds(86_399))
            }
            #expect(host.asked.count == 1)
            try await simulation.sleep(for: .seconds(320))
            #expect(await TokenTests.word(keeper) == "t1")
            try await simulation.sleep(for: .seconds(1))
            #expect(await TokenTests.word(keeper) == "t2")
            #expect(host.asked.count == 2)
        }
    }

    @Test(
        "After CE1000 the token is dropped and fetched once for all who were refused; refused again at once, the provider is left in peace")
    func dropped() throws {
        let simulation = Simulation()
        let host = TokenHost(simulation) { TokenHost.token($0) }
        try simulation.run {
            let keeper = TokenKeeper(credentials: TokenTests.credentials(), exchange: host, time: simulation)
            #expect(await TokenTests.word(keeper) == "t1")
            async let other = TokenTests.word(keeper, deadline: .seconds(5))
            let found = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<50 { group.addTask { await keeper.hasNewer(than: 1, deadline: .seconds(5)) } }
                return await group.reduce(into: [Bool]()) { $0.append($1) }
            }
            #expect(found == Array(repeating: true, count: 50))
            #expect(["t1", "t2"].contains(await other))
            #expect(await TokenTests.word(keeper) == "t2")
            #expect(host.asked.count == 2)
            #expect(await keeper.hasNewer(than: 2, deadline: .seconds(5)) == false)
            #expect(host.asked.count == 2)
        }
    }

    @Test("Other credentials are another token; what the old ones brought is never used again")
    func otherCredentials() async {
        let host = TokenHost(ManualTime()) { TokenHost.token($0) }
        let keeper = TokenKeeper(credentials: TokenTests.credentials(), exchange: host, time: SystemTime())
        #expect(await TokenTests.word(keeper) == "t1")
        keeper.replace(TokenTests.credentials())
        #expect(await TokenTests.word(keeper) == "t1")
        keeper.replace(TokenTests.credentials(secret: "test_new"))
        #expect(await TokenTests.word(keeper) == "t2")
        #expect(String(decoding: host.asked[1].body, as: UTF8.self).hasSuffix("client_secret=test_new"))
    }

    @Test("A refusal of the credentials is remembered for seconds, an outage for less, and nobody is asked meanwhile")
    func failures() throws {
        let simulation = Simulation()
        let host = TokenHost(simulation) { number in
            number == 1 ? TokenHost.body(#"{"error":"invalid_client"}"#, status: 401) : TokenHost.body("<html>", status: 503)
        }
        try simulation.run {
            let keeper = TokenKeeper(credentials: TokenTests.credentials(), exchange: host, time: simulation)
            for _ in 0..<20 { #expect(await TokenTests.word(keeper) == "credentials-refused token-call-401-invalid_client") }
            #expect(host.asked.count == 1)
            try await simulation.sleep(for: .seconds(5))
            for _ in 0..<20 { #expect(await TokenTests.word(keeper) == "proof-unavailable token-call-503") }
            #expect(host.asked.count == 2)
            #expect(keeper.standing.failure?.status == 503)
            keeper.replace(TokenTests.credentials(secret: "test_new"))
            _ = await TokenTests.word(keeper)
            #expect(host.asked.count == 3)
        }
    }

    @Test(
        "What brings no token says why, in words of ours and of RFC 6749, and never what was sent",
        arguments: [
            (401, "", "credentials-refused", "token-call-401", 502),
            (400, #"{"error":"invalid_client","error_description":"SECRET"}"#, "credentials-refused", "token-call-400-invalid_client", 502),
            (403, #"{"error":"SECRET"}"#, "proof-unavailable", "token-call-403", 502),
            (400, #"{"error":"invalid_scope"}"#, "proof-unavailable", "token-call-400-invalid_scope", 502),
            (429, "", "proof-unavailable", "token-call-429", 503), (500, "SECRET", "proof-unavailable", "token-call-500", 503),
            (200, "{}", "proof-unavailable", "token-call-200", 502), (200, "SECRET", "proof-unavailable", "token-call-200", 502),
            (200, #"{"access_token":""}"#, "proof-unavailable", "token-call-200", 502),
            (200, #"{"access_token":"a\nb"}"#, "proof-unavailable", "token-call-200", 502),
            (200, #"{"access_token":"a","token_type":"mac"}"#, "proof-unavailable", "token-call-200", 502),
            (302, #"{"access_token":"a"}"#, "proof-unavailable", "token-call-302", 502),
        ])
    func refusals(_ status: Int, _ body: String, _ code: String, _ cause: String, _ own: Int) throws {
        let result = TokenFetch.read(TokenHost.body(body, status: status, ["Retry-After": "7"]))
        guard case .failure(let failure) = result else {
            Issue.record("a token")
            return
        }
        #expect(failure.code.rawValue == code)
        #expect(failure.cause == cause)
        #expect(failure.status == own)
        #expect(failure.outcome == .notSent)
        #expect(!"\(failure) \(failure.message.korean) \(failure.cause ?? "")".contains("SECRET"))
        if failure.code == .proofUnavailable { #expect(failure.retryAfter == .seconds(7)) }
    }

    @Test("Neither the secret nor a token is in the log")
    func silence() async {
        let lines = Locked<[String]>([])
        let log = Log(time: SystemTime()) { line in lines.withLock { $0.append(line) } }
        let host = TokenHost(ManualTime()) { number throws(HTTPExchangeError) in
            switch number {
            case 1: throw HTTPExchangeError(.connectionLost, outcome: .unknown, message: "lost")
            case 2: return TokenHost.body(#"{"error":"invalid_client"}"#, status: 401)
            default: return TokenHost.token(3)
            }
        }
        let observer = TokenObserver(connection: "c", log: log)
        for secret in ["test_hidden1", "test_hidden2", "test_hidden3"] {
            let keeper = TokenKeeper(
                credentials: TokenTests.credentials(secret: secret), exchange: host, time: SystemTime(), observer: observer)
            _ = await TokenTests.word(keeper)
        }
        let text = lines.withLock { $0.joined(separator: "\n") }
        #expect(text.contains("connection-lost") && text.contains("invalid_client") && text.contains("token received"))
        #expect(!text.contains("hidden") && !text.contains("t3"))
    }

    @Test("An id and a secret that do not both begin with test_ are mixed")
    func mixture() {
        for (id, secret, isTest, mixes) in [
            ("test_a", "test_b", true, false), ("a", "b", false, false), ("test_a", "b", true, true), ("a", "test_b", false, true),
        ] {
            let credentials = TossAuthCredentials(clientID: id, clientSecret: Secret(secret))
            #expect(credentials.isTest == isTest)
            #expect(credentials.mixesTestAndLive == mixes)
        }
    }
}
