import Base
import ProviderKit
import Transport

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
            return .failure(.bootpayTokenUnreachable(error))
        }
    }

    private static func read(_ response: HTTPResponse) -> Result<BootpayToken, CallFailure> {
        if response.status == 401 { return .failure(.bootpayCredentialsRefused) }
        guard response.status == 200, let envelope = BootpayEnvelope(response.bytes ?? []), envelope.isSuccess, let data = envelope.data,
            let token = BootpayToken(data)
        else {
            let pause = response.fields["Retry-After"].flatMap { Int64($0) }.map { Duration.seconds(max(0, $0)) }
            return .failure(.bootpayTokenUnavailable(status: response.status, retryAfter: pause))
        }
        return .success(token)
    }
}
