public import Base
public import ProviderKit
public import Transport

extension TokenKeeper where Credentials == TossAuthCredentials {
    /// A keeper of one client's token: fetched once for all who wait, renewed ahead, dropped when a call was refused with CE1000.
    ///
    /// - Parameters:
    ///   - credentials: The client, its secret, and the token host.
    ///   - exchange: The network.
    ///   - time: The clocks.
    ///   - connectTimeout: The longest time to have a connection to the token host.
    ///   - readTimeout: The longest time until it begins to answer.
    ///   - observer: Counts and logs what becomes of fetches.
    public convenience init(
        credentials: TossAuthCredentials, exchange: any HTTPExchange, time: any TimeSource,
        connectTimeout: Duration = TossAuthLimits.connectTimeout, readTimeout: Duration = TossAuthLimits.readTimeout,
        observer: TokenObserver = .silent
    ) {
        let fetch = TokenFetch(
            exchange: exchange,
            timeouts: HTTPTimeouts(connect: connectTimeout, firstByte: readTimeout, total: connectTimeout + readTimeout))
        var rules = TokenRules(provider: TokenFetch.provider)
        // CE1000 has one meaning only.
        rules.refusedTokenIsDead = true
        self.init(credentials: credentials, time: time, rules: rules, observer: observer) { await fetch.token(for: $0) }
    }
}

/// Makes the token call and reads its answer. Nothing of the request is in what it says about a failure.
struct TokenFetch: Sendable {
    static let provider = BilingualText(korean: "토스 인증", english: "Toss Auth")

    let exchange: any HTTPExchange
    let timeouts: HTTPTimeouts

    func token(for credentials: TossAuthCredentials) async -> Result<FetchedToken, CallFailure> {
        let form = credentials.clientSecret.withText { secret in
            FormText.encode([
                ("grant_type", "client_credentials"), ("scope", "ca"), ("client_id", credentials.clientID), ("client_secret", secret),
            ])
        }
        let request = HTTPRequest(
            method: .post, target: credentials.pathPrefix + TossAuthRoutes.row(for: .token).path,
            fields: ["Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"], body: Array(form.utf8))
        do throws(HTTPExchangeError) {
            return TokenFetch.read(try await exchange.send(request, to: credentials.origin, timeouts: timeouts))
        } catch {
            return .failure(.tokenUnreachable(from: TokenFetch.provider, error))
        }
    }

    static func read(_ response: HTTPResponse) -> Result<FetchedToken, CallFailure> {
        let body = response.bytes ?? []
        if (200...299).contains(response.status), let token = TossAuthToken(body) { return .success(token.fetched) }
        let word = refusal(in: body)
        if word == .invalidClient || word == .unauthorizedClient || response.status == 401 {
            return .failure(.tossAuthCredentialsRefused(status: response.status, word))
        }
        var failure = CallFailure.tokenUnavailable(from: provider, status: response.status, retryAfter: response.retryAfter)
        if let word { failure.cause = "token-call-\(response.status)-\(word.rawValue)" }
        return .failure(failure)
    }

    /// The errors of a token call by RFC 6749, section 5.2; the provider publishes none of its own. Only these words go into logs.
    enum Refusal: String {
        case invalidRequest = "invalid_request"
        case invalidClient = "invalid_client"
        case invalidGrant = "invalid_grant"
        case unauthorizedClient = "unauthorized_client"
        case unsupportedGrantType = "unsupported_grant_type"
        case invalidScope = "invalid_scope"
    }

    private static func refusal(in body: [UInt8]) -> Refusal? {
        (try? JSON(body))?["error"]?.string.flatMap { Refusal(rawValue: $0) }
    }
}

extension CallFailure {
    /// The provider refused client id and secret.
    fileprivate static func tossAuthCredentialsRefused(status: Int, _ word: TokenFetch.Refusal?) -> CallFailure {
        CallFailure(
            .credentialsRefused, outcome: .notSent, status: 502,
            message: BilingualText(
                korean: "토스 인증이 client_id와 client_secret을 거절했습니다(HTTP \(status)). 계약 뒤 메일로 받은 두 값을 그대로 적었는지 확인하세요. "
                    + "앱인토스 콘솔이나 토스 로그인의 키가 아니며, 시험용 값은 둘 다 test_로 시작합니다. 요청은 전송되지 않았습니다.",
                english:
                    "Toss Auth refused the client id and secret (HTTP \(status)): see whether both are as they were mailed after the contract. They are not "
                    + "the keys of the Apps in Toss console nor those of Toss login; those for tests both begin with test_. The call was not sent"
            ),
            cause: "token-call-\(status)" + (word.map { "-\($0.rawValue)" } ?? ""))
    }
}
