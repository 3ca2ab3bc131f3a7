/// Answers the requests of a server.
public protocol HTTPHandler: Sendable {
    /// Answers one request. Called on the connection's loop; must not block it.
    func respond(to request: HTTPRequest, from peer: HTTPPeer) async -> HTTPResponse
}

/// Who sent a request, as far as the connection tells.
public struct HTTPPeer: Sendable {
    /// The caller's address in numbers, IPv4 or IPv6 without brackets; an IPv4 address inside IPv6 (`::ffff:…`) as plain IPv4.
    public var address: String
    /// The caller's port.
    public var port: Int
    /// What TLS agreed on; nothing on a plain connection.
    public var tls: TLSDetails?

    /// What TLS tells about the caller.
    public struct TLSDetails: Sendable {
        /// The host name the caller asked for (SNI), in lower case.
        public var serverName: String?
        /// The caller's certificate in DER, when it presented one that the server's settings accepted.
        public var clientCertificate: [UInt8]?
        /// `TLSv1.2` or `TLSv1.3`.
        public var version: String

        /// Collects the details of one handshake.
        public init(serverName: String?, clientCertificate: [UInt8]?, version: String) {
            self.serverName = serverName
            self.clientCertificate = clientCertificate
            self.version = version
        }
    }

    /// A caller by its address.
    public init(address: String, port: Int, tls: TLSDetails? = nil) {
        self.address = address
        self.port = port
        self.tls = tls
    }
}
