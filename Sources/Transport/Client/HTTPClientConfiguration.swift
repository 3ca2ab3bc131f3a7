public import Base
public import Cryptography

extension HTTPClient {
    /// What a client is told once.
    public struct Configuration: Sendable {
        /// Whose certificates are accepted.
        public var trust: TLSTrust
        /// The certificate presented to servers that ask for one.
        public var identity: TLSIdentity?
        /// The proxy that every connection goes through, or none.
        public var proxy: Proxy?
        /// Where to connect instead, for some origins; with a proxy, where the tunnel leads. The host name still counts for TLS and the
        /// `Host` field.
        public var addressOverrides: [HTTPOrigin: SocketAddress]
        /// How large a response may be; a body of 8 MiB by default.
        public var responseLimits: HTTPLimits
        /// How many connections there may be on each event loop, those to a proxy included.
        public var maximumConnections: Int
        /// How many idle connections are kept for one origin on each event loop.
        public var maximumIdleConnections: Int
        /// How many exchanges may wait for a connection on each event loop; beyond that they are refused at once.
        public var maximumWaiting: Int
        /// How long an idle connection is kept. Shorter than servers usually keep it, so that it is we who close it.
        public var idleTime: Duration
        /// How long a connection is used before it makes room for a fresh one (which asks for the host's addresses anew); nothing for ever.
        public var maximumAge: Duration?

        /// The defaults: the system's trust, no certificate, no proxy, 256 connections per loop, 32 idle per origin, 30 s idle, no age limit.
        public init(
            trust: TLSTrust = .system, identity: TLSIdentity? = nil, proxy: Proxy? = nil,
            addressOverrides: [HTTPOrigin: SocketAddress] = [:], responseLimits: HTTPLimits = HTTPLimits(body: 8 << 20),
            maximumConnections: Int = 256, maximumIdleConnections: Int = 32, maximumWaiting: Int = 10_000,
            idleTime: Duration = .seconds(30), maximumAge: Duration? = nil
        ) {
            self.trust = trust
            self.identity = identity
            self.proxy = proxy
            self.addressOverrides = addressOverrides
            self.responseLimits = responseLimits
            self.maximumConnections = maximumConnections
            self.maximumIdleConnections = maximumIdleConnections
            self.maximumWaiting = maximumWaiting
            self.idleTime = idleTime
            self.maximumAge = maximumAge
        }
    }

    /// A proxy that opens tunnels with `CONNECT` (RFC 9110, section 9.3.6), for `http` origins as for `https` ones: so no proxy ever
    /// takes part in an exchange, and what is known about whether a request has left stays true.
    public struct Proxy: Sendable, Equatable {
        /// The proxy's name or address.
        public var host: String
        /// The proxy's port.
        public var port: Int
        /// User and password for Basic authentication (RFC 7617), joined by a colon.
        public var credentials: Secret?

        /// A proxy that is spoken to in plain HTTP.
        public init(host: String, port: Int, credentials: Secret? = nil) {
            self.host = host
            self.port = port
            self.credentials = credentials
        }
    }
}

extension HTTPExchangeError.Code {
    /// No connection is free, and as many exchanges as allowed wait for one already.
    public static let tooManyWaiting = HTTPExchangeError.Code(rawValue: "too-many-waiting")
}
