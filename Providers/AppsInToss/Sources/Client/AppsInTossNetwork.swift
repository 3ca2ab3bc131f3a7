import Base
import Cryptography
import ProviderKit
public import Transport

/// Where a client sends its calls.
public struct AppsInTossPlace: Sendable, Hashable {
    /// Where login, messages, promotion and in-app purchase are.
    public var general: HTTPOrigin
    /// Where Toss Pay is.
    public var pay: HTTPOrigin
    /// What comes before every path there, such as `/apps-in-toss` at a sandbox.
    public var pathPrefix: String

    /// A place by its parts.
    public init(general: HTTPOrigin, pay: HTTPOrigin, pathPrefix: String = "") {
        self.general = general
        self.pay = pay
        self.pathPrefix = pathPrefix
    }

    /// The two real hosts.
    public static let production = AppsInTossPlace(
        general: HTTPOrigin(isSecure: true, host: AppsInTossHosts.general, port: 443),
        pay: HTTPOrigin(isSecure: true, host: AppsInTossHosts.pay, port: 443))

    /// One address for everything: a sandbox or a gateway, `https://host[:port][/path]`. Nothing when the text is no such address.
    public init?(base: String) {
        guard let base = ServiceBase(base) else { return nil }
        self.init(general: base.origin, pay: base.origin, pathPrefix: base.pathPrefix)
    }

    func origin(of host: AppsInTossAPI.Host) -> HTTPOrigin { host == .pay ? pay : general }

    static func base(_ text: String) throws(AppsInTossError) -> AppsInTossPlace {
        guard let place = AppsInTossPlace(base: text) else {
            throw .invalid(ServiceBase.complaint.korean, ServiceBase.complaint.english)
        }
        return place
    }
}

extension ClientNetwork {
    static func own(identity: TLSIdentity?, trust: TLSTrust) throws(AppsInTossError) -> ClientNetwork {
        do throws(ClientNetworkError) {
            return try ClientNetwork(identity: identity, trust: trust)
        } catch {
            throw AppsInTossError(.networkUnavailable, outcome: .notSent, message: error.message)
        }
    }
}
