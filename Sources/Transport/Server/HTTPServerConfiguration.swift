public import Cryptography

/// How a server treats its connections. The defaults are safe on the open internet.
public struct HTTPServerConfiguration: Sendable {
    /// How large a request may be.
    public var limits: HTTPLimits
    /// What TLS needs; nothing serves plain HTTP.
    public var tls: TLSServerContext?
    /// How long the TLS handshake may take; then the connection is closed.
    public var handshakeTimeout: Duration
    /// From the first byte of a request to the end of its head; then 408.
    public var headerTimeout: Duration
    /// From the first byte of a request to its answer. A request that is not complete by then gets 408, one that the handler has not answered
    /// 503; the handler runs on to its end, and what it then answers is dropped. A streamed answer that has begun is not cut off.
    public var requestTimeout: Duration
    /// How long a connection may wait for its first or next request; then it is closed.
    public var idleTimeout: Duration
    /// How long the caller may take to receive an answer (of a stream: each time it is behind); then the connection is reset.
    public var writeTimeout: Duration
    /// How long the server goes on reading, and discarding, after its last answer, so that a caller who is still sending receives it.
    public var lingerTimeout: Duration
    /// How many connections there may be; further ones get 503 (with TLS they are closed).
    public var maximumConnections: Int
    /// Told of every TLS handshake that failed, on the connection's loop: must not block it. Whoever knocks decides how often it is called.
    public var handshakeFailed: (@Sendable (HTTPHandshakeFailure) -> Void)?
    /// What is answered when the server itself refuses a request, by status and reason. Framing and `Connection` are added.
    public var refusal: @Sendable (_ status: Int, _ reason: String) -> HTTPResponse

    /// A configuration; see the properties for the meaning of each value.
    public init(
        limits: HTTPLimits = HTTPLimits(), tls: TLSServerContext? = nil, handshakeTimeout: Duration = .seconds(10),
        headerTimeout: Duration = .seconds(10), requestTimeout: Duration = .seconds(60), idleTimeout: Duration = .seconds(75),
        writeTimeout: Duration = .seconds(30), lingerTimeout: Duration = .seconds(2), maximumConnections: Int = 10_000,
        refusal: @escaping @Sendable (_ status: Int, _ reason: String) -> HTTPResponse = HTTPServerConfiguration.plainRefusal,
        handshakeFailed: (@Sendable (HTTPHandshakeFailure) -> Void)? = nil
    ) {
        self.limits = limits
        self.tls = tls
        self.handshakeTimeout = handshakeTimeout
        self.headerTimeout = headerTimeout
        self.requestTimeout = requestTimeout
        self.idleTimeout = idleTimeout
        self.writeTimeout = writeTimeout
        self.lingerTimeout = lingerTimeout
        self.maximumConnections = maximumConnections
        self.handshakeFailed = handshakeFailed
        self.refusal = refusal
    }

    /// The reason as a line of text.
    public static let plainRefusal: @Sendable (_ status: Int, _ reason: String) -> HTTPResponse = { status, reason in
        HTTPResponse(status: status, fields: ["Content-Type": "text/plain; charset=utf-8"], body: Array("\(reason)\n".utf8))
    }
}
