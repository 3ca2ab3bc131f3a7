import Base
import ProviderKit
import SandboxKit
import Transport

/// Whom a request is for.
enum Destination: Sendable {
    /// A provider: its place in the list of services, and the call as that provider's own host would get it.
    case provider(Int, Call)
    /// The control API; the call keeps its path, beginning with `/-/`.
    case control(Call)
    /// The page that says what is where.
    case index(Call)
    /// Nobody.
    case nobody
}

/// Finds out whom a request is for, from its host and path.
struct Router: Sendable {
    private let providers: [String]
    private let hosts: [String: Int]
    private let demanding: Set<String>

    /// A router for services that are given in order; of two with the same host the first gets its calls.
    init(_ services: [any SandboxService.Type]) {
        providers = services.map { $0.provider }
        let pairs = services.enumerated().flatMap { index, service in service.hosts.map { ($0.lowercased(), index) } }
        hosts = Dictionary(pairs) { first, _ in first }
        demanding = Set(services.flatMap { $0.hostsWithClientCertificates.map { $0.lowercased() } })
    }

    /// The host that was asked for, in lower case and without port: the `Host` field's, else the one of the TLS handshake; empty when neither
    /// says.
    static func host(_ request: HTTPRequest, _ peer: HTTPPeer) -> String {
        guard let authority = request.fields["Host"], !authority.isEmpty else { return peer.tls?.serverName?.lowercased() ?? "" }
        return HostName(authority).name
    }

    /// Whether `host` is a real provider's.
    func isProviderHost(_ host: String) -> Bool { hosts[host] != nil }

    /// The place, in the list of services, of the provider whose host this is.
    func provider(ofHost host: String) -> Int? { hosts[host] }

    /// Whether callers of `host` must show a certificate in the TLS handshake.
    func demandsCertificate(_ host: String) -> Bool { demanding.contains(host) }

    /// Whom a request is for.
    func destination(_ request: HTTPRequest, host: String) -> Destination {
        var call = Call(request)
        guard call.path.hasPrefix("/") else { return .nobody }
        if let provider = hosts[host] { return .provider(provider, call) }
        if call.path == "/" { return .index(call) }
        let segment = call.path.dropFirst().prefix { $0 != "/" }
        if segment == "-" { return .control(call) }
        guard let provider = providers.firstIndex(of: String(segment)) else { return .nobody }
        let rest = call.path.dropFirst(1 + segment.count)
        call.path = rest.isEmpty ? "/" : String(rest)
        return .provider(provider, call)
    }
}

/// A host and port as a `Host` field names them.
struct HostName: Sendable {
    /// The name or address in lower case; IPv6 without brackets.
    var name: String
    /// The port, when there is one.
    var port: Int?

    init(_ authority: String) {
        var name = authority.lowercased()[...]
        if let colon = name.lastIndex(of: ":"), !name[colon...].contains("]") {
            port = Int(name[name.index(after: colon)...])
            name = name[..<colon]
        }
        if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
        self.name = String(name)
    }
}
