public import Base
public import Cryptography
public import Transport

/// What a trial of a new certificate found out.
public enum TrialResult: Sendable, Hashable {
    /// The provider accepts it.
    case accepted
    /// The provider refuses it; why, without secrets.
    case refused(BilingualText)
    /// Nothing was found out, because the provider could not be reached; the network's own word for it, such as `connect-timeout`.
    case unreachable(String)
}

/// What a provider's answer says about the certificate that the call was made with.
public enum IdentityVerdict: Sendable, Hashable {
    /// The provider knows the caller.
    case accepted
    /// The provider refused the call because of its certificate.
    case refused
    /// It says nothing about it, such as an error of a proxy in between.
    case unclear
}

/// What a connector knows of its provider that a keeper of certificates cannot.
public struct IdentityCustoms: Sendable {
    /// Where the certificate is shown: the origin that a trial connects to.
    public var origin: HTTPOrigin
    /// Whose servers are trusted there; nothing for what the network trusts already.
    public var trust: TLSTrust?
    /// The common name that the certificate must have; nothing for any.
    public var expectedName: String?
    /// With less time left than this, another pair is preferred; 14 days unless told.
    public var margin: Duration = .seconds(14 * 86_400)
    /// The longest that a handshake may take in a trial.
    public var connectTimeout: Duration = .seconds(10)
    /// A first proof that the provider accepts the certificate, for servers that refuse it only after the handshake: one harmless call on the
    /// network given, and what came of it. It must come to an end by itself. By default the handshake is all.
    public var trial: (@Sendable (_ network: any HTTPExchange) async -> TrialResult)?
    /// What an answer says about the certificate. Called for every answer, so it must cost next to nothing for a success. By default every answer
    /// with a status below 500 means that the provider knows the caller.
    public var verdict: (@Sendable (_ response: HTTPResponse) -> IdentityVerdict)?

    /// The customs of a provider.
    public init(
        origin: HTTPOrigin, trust: TLSTrust? = nil, expectedName: String? = nil,
        trial: (@Sendable (_ network: any HTTPExchange) async -> TrialResult)? = nil,
        verdict: (@Sendable (_ response: HTTPResponse) -> IdentityVerdict)? = nil
    ) {
        self.origin = origin
        self.trust = trust
        self.expectedName = expectedName
        self.trial = trial
        self.verdict = verdict
    }
}

extension IdentityCustoms {
    /// Finds out whether the provider accepts the certificate that `network` presents.
    func tryOut(_ network: any IdentityPresenting) async -> TrialResult {
        do throws(HTTPExchangeError) {
            try await network.connect(to: origin, timeout: connectTimeout)
        } catch {
            guard error.code == .handshakeFailed else { return .unreachable(error.code.rawValue) }
            return .refused(
                BilingualText(
                    korean: "제공사 서버가 이 인증서로는 TLS 연결을 맺지 않았습니다 (\(error.message)). 콘솔에 등록되어 있고 비활성화되지 않았는지 확인하세요.",
                    english:
                        "the provider's server did not agree on TLS with this certificate (\(error.message)); see in its console whether the "
                        + "certificate is registered and enabled"))
        }
        return await trial?(network) ?? .accepted
    }
}
