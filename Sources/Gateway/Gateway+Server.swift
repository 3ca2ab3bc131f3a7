import Base
import ProviderKit
public import Transport

extension Gateway {
    /// The longest that any connection's call may take, the undoing of a lost one included.
    public var longestCall: Duration { connections.map { $0.connector.deadline + $0.connector.resolutionLimit }.max() ?? .zero }

    /// How the server in front of the gateway is to be set up: it never gives up on a call before the call's own deadline, and what it refuses on its own
    /// account is a problem document as well.
    public func serverConfiguration() -> HTTPServerConfiguration {
        var configuration = HTTPServerConfiguration()
        configuration.requestTimeout = max(configuration.requestTimeout, longestCall + .seconds(30))
        configuration.refusal = { status, reason in
            CallFailure(serverStatus: status, reason: reason).response(to: HTTPRequest(method: .get, target: "/"))
        }
        return configuration
    }

    /// The same for a ``CallbackDoor``, whose visitors are strangers: small requests, and not many connections at once.
    public func callbackServerConfiguration() -> HTTPServerConfiguration {
        var configuration = serverConfiguration()
        configuration.limits.body = 256 << 10
        configuration.maximumConnections = 1_000
        return configuration
    }
}

extension CallFailure {
    /// What the server refuses before, or gives up after, the gateway has seen a request.
    fileprivate init(serverStatus status: Int, reason: String) {
        // A 503 may mean that a call under way was given up on, and nothing in it tells; the others come before any call.
        let outcome: Outcome = status == 503 ? .unknown : status == 408 ? .notSent : .refused
        self.init(
            Code(rawValue: "request-not-served"), outcome: outcome, status: status,
            message: BilingualText(korean: "게이트웨이가 요청을 받지 못했습니다: \(reason)", english: reason))
    }
}
