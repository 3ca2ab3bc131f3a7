public import Base
import ProviderKit
public import Transport

/// Where the two hosts of Toss Auth are.
public struct TossAuthPlace: Sendable, Hashable {
    /// Where tokens are.
    public var token: HTTPOrigin
    /// Where everything else is.
    public var service: HTTPOrigin
    /// What comes before every path there, such as `/toss-auth` at a sandbox.
    public var pathPrefix: String

    /// A place by its parts.
    public init(token: HTTPOrigin, service: HTTPOrigin, pathPrefix: String = "") {
        self.token = token
        self.service = service
        self.pathPrefix = pathPrefix
    }

    /// The two real hosts.
    public static let live = TossAuthPlace(
        token: HTTPOrigin(isSecure: true, host: TossAuthHosts.token, port: 443),
        service: HTTPOrigin(isSecure: true, host: TossAuthHosts.service, port: 443))

    /// One address for both: a sandbox, `https://host[:port][/path]`. Nothing when the text is no such address.
    public init?(base: String) {
        guard let base = ServiceBase(base) else { return nil }
        self.init(token: base.origin, service: base.origin, pathPrefix: base.pathPrefix)
    }

    static func base(_ text: String) throws(TossAuthError) -> TossAuthPlace {
        guard let place = TossAuthPlace(base: text) else { throw .invalid(ServiceBase.complaint.korean, ServiceBase.complaint.english) }
        return place
    }

    /// Whether a call could reach a real host.
    public var isLive: Bool { TossAuthPlace.isLive(token) || TossAuthPlace.isLive(service) }

    /// Whether an origin is one of the real hosts, by a name or by one of the addresses that a firewall has to let out.
    static func isLive(_ origin: HTTPOrigin) -> Bool {
        // A name with a dot at its end is the same name.
        let host = origin.host.hasSuffix(".") ? String(origin.host.dropLast()) : origin.host
        // An IPv4 address that travels inside IPv6 is the same address.
        let address = SocketAddress(numericHost: host, port: origin.port)?.host ?? host
        return ([TossAuthHosts.token, TossAuthHosts.service] + TossAuthFirewall.addresses + TossAuthFirewall.olderAddresses).contains(
            address)
    }

    /// The word for what is kept of a client here: what was kept of another client, or at another place, is not opened.
    func sealingPurpose(of credentials: TossAuthCredentials) -> String {
        "toss-auth \(token) \(service)\(pathPrefix) \(credentials.clientID)"
    }

    /// Credentials of a client here.
    public func credentials(clientID: String, clientSecret: Secret) -> TossAuthCredentials {
        TossAuthCredentials(clientID: clientID, clientSecret: clientSecret, origin: token, pathPrefix: pathPrefix)
    }
}
