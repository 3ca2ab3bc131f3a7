public import Cryptography
public import Transport

/// The network as the doctor sees it. Handed in, so that its judgement can be tried without one.
///
/// Everything returns within `limit`, and soon after the surrounding task was cancelled.
public protocol DoctorNetwork: Sendable {
    /// The addresses that a host name resolves to now.
    func addresses(of host: String, port: Int, limit: Duration) async -> NameAnswer

    /// Opens a connection to one address and closes it again; with `host`, after a TLS handshake as that host's client. Sends no request.
    ///
    /// - Parameters:
    ///   - address: Where to connect.
    ///   - host: The name that the server's certificate must bear; nothing for no TLS.
    ///   - trust: Whose certificates are accepted; nothing for what the network trusts by itself.
    ///   - identity: What to show a server that asks for a certificate.
    ///   - limit: How long all of it may take.
    func visit(_ address: SocketAddress, host: String?, trust: TLSTrust?, identity: TLSIdentity?, limit: Duration) async -> AddressVisit

    /// Sends one request and returns its answer.
    ///
    /// - Parameters:
    ///   - request: What to ask.
    ///   - origin: Whom.
    ///   - trust: Whose certificates are accepted; nothing for what the network trusts by itself.
    ///   - identity: What to show a server that asks for a certificate.
    ///   - limit: How long it may take.
    func ask(
        _ request: HTTPRequest, of origin: HTTPOrigin, trust: TLSTrust?, identity: TLSIdentity?, limit: Duration
    ) async -> Result<HTTPResponse, HTTPExchangeError>

    /// The proxy that every request goes through, as `host:port`; nothing when there is none. Names and addresses are then the proxy's business.
    var proxy: String? { get }

    /// Whether the network trusts the system's authorities, and not others in their place.
    var trustsSystem: Bool { get }
}

/// What came of asking for a name.
public enum NameAnswer: Sendable, Hashable {
    /// These addresses, in the system's order.
    case addresses([SocketAddress])
    /// The name has none, or nobody could be asked.
    case none
    /// No answer in time.
    case timedOut
}
