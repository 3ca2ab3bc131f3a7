import Base
import ProviderKit
import Transport

extension TokenKeeper where Credentials == BootpayCredentials {
    /// A keeper of one application's token.
    ///
    /// - Parameter renewalMargin: How long before its end a token is renewed; more than 5 minutes would bring the same token back.
    convenience init(
        credentials: BootpayCredentials, exchange: any HTTPExchange, time: any TimeSource, renewalMargin: Duration = .seconds(300),
        observer: TokenObserver = .silent
    ) {
        let fetcher = TokenFetcher(exchange: exchange)
        self.init(credentials: credentials, time: time, rules: .bootpay, observer: observer) { credentials in
            await fetcher.fetch(credentials).map { $0.fetched(renewalMargin: min(renewalMargin, .seconds(300))) }
        }
    }
}

extension TokenRules {
    static let bootpay = TokenRules(provider: .bootpay)
}

extension BilingualText {
    /// The provider's name.
    fileprivate static let bootpay = BilingualText(korean: "부트페이", english: "Bootpay")
}

extension BootpayToken {
    /// The token's life as a keeper counts it.
    ///
    /// Bootpay hands out the same token until it is 25 minutes old and kills it at 30, so there is one useful moment to renew: as soon as the provider's
    /// clock says that five minutes are left. Each reply tells that clock, with its fractions of a second cut off, so it is known only to within a second and the
    /// round trip. Whether a token still lives is judged by the late end of that span, whether a renewal could bring a new one by the early end.
    func fetched(renewalMargin: Duration) -> FetchedToken {
        FetchedToken(
            secret: token,
            // The server's clock was read after the asking, and showed up to a second more than the whole seconds it wrote.
            life: expiresAt - (serverTime + .seconds(1)),
            // `expired_at` has lost its fraction too, so the token is 25 minutes old for certain only a second later.
            renewAfter: expiresAt - renewalMargin + .seconds(1) - serverTime, providerTime: serverTime + .milliseconds(500))
    }
}

/// Makes the token call and reads its answer.
struct TokenFetcher: Sendable {
    let exchange: any HTTPExchange
    /// No official client has timeouts; a token call that hangs would hang every call behind it.
    var timeouts = HTTPTimeouts(connect: .seconds(5), firstByte: .seconds(10), total: .seconds(15))

    func fetch(_ credentials: BootpayCredentials) async -> Result<BootpayToken, CallFailure> {
        let body = credentials.privateKey.withText { key in
            JSON.object(["application_id": .string(credentials.applicationID), "private_key": .string(key)]).bytes
        }
        let request = HTTPRequest(
            method: .post, target: credentials.pathPrefix + "/request/token",
            fields: ["Content-Type": "application/json", "Accept": "application/json"], body: body)
        do throws(HTTPExchangeError) {
            return TokenFetcher.read(try await exchange.send(request, to: credentials.origin, timeouts: timeouts))
        } catch {
            return .failure(.tokenUnreachable(from: .bootpay, error))
        }
    }

    private static func read(_ response: HTTPResponse) -> Result<BootpayToken, CallFailure> {
        if response.status == 401 { return .failure(.bootpayCredentialsRefused) }
        guard response.status == 200, let envelope = BootpayEnvelope(response.bytes ?? []), envelope.isSuccess, let data = envelope.data,
            let token = BootpayToken(data)
        else {
            return .failure(.tokenUnavailable(from: .bootpay, status: response.status, retryAfter: response.retryAfter))
        }
        return .success(token)
    }
}
