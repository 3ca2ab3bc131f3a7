/// Where a client sends requests to: scheme, host and port.
public struct HTTPOrigin: Hashable, Sendable, CustomStringConvertible {
    /// Whether the connection is protected by TLS.
    public let isSecure: Bool
    /// A host name, or an address in numbers (IPv6 without brackets); lower case.
    public let host: String
    /// The TCP port, 1 to 65535.
    public let port: Int
    /// The `Host` field for this origin: the port only when it is not the scheme's own.
    public let authority: String

    /// An origin by its parts.
    public init(isSecure: Bool, host: String, port: Int) {
        self.isSecure = isSecure
        self.host = host.lowercased()
        self.port = port
        authority = HTTPOrigin.authority(isSecure: isSecure, host: self.host, port: port)
    }

    /// Reads `http://host[:port]` or `https://host[:port]`, without a path; nothing when the text is not such an origin.
    public init?(_ text: String) {
        let isSecure = text.lowercased().hasPrefix("https://")
        guard isSecure || text.lowercased().hasPrefix("http://") else { return nil }
        let rest = text.dropFirst(isSecure ? 8 : 7)
        var authority = rest.hasSuffix("/") ? rest.dropLast() : rest
        var port = isSecure ? 443 : 80
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
            guard let number = UInt16(authority[authority.index(after: colon)...]), number > 0 else { return nil }
            port = Int(number)
            authority = authority[..<colon]
        }
        if authority.hasPrefix("["), authority.hasSuffix("]") {
            authority = authority.dropFirst().dropLast()
            guard authority.contains(":") else { return nil }
        } else if authority.contains(":") {
            return nil
        }
        let isName = authority.utf8.allSatisfy { HTTPSyntax.isTokenCharacter($0) || $0 == 0x3A }
        guard !authority.isEmpty, isName else { return nil }
        self.init(isSecure: isSecure, host: String(authority), port: port)
    }

    private static func authority(isSecure: Bool, host: String, port: Int) -> String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// `https://host:port`.
    public var description: String { "\(isSecure ? "https" : "http")://\(authority)" }
}

/// How long one exchange may take.
public struct HTTPTimeouts: Sendable, Hashable {
    /// To have a connection, TLS included.
    public var connect: Duration
    /// From the last byte of the request to the first byte of the answer.
    public var firstByte: Duration
    /// For everything, from the call to the last byte of the answer.
    public var total: Duration

    /// Timeouts; the defaults are 5 s, 30 s and 60 s.
    public init(connect: Duration = .seconds(5), firstByte: Duration = .seconds(30), total: Duration = .seconds(60)) {
        self.connect = connect
        self.firstByte = firstByte
        self.total = total
    }
}

/// The network as a caller sees it: one request out, one response back. The HTTP client is one; a simulation is another.
public protocol HTTPExchange: Sendable {
    /// Sends `request` once, never twice, and returns the complete response.
    ///
    /// - Throws: ``HTTPExchangeError``, which says whether the request may have been received.
    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse
}

/// Why an exchange brought no response, and whether the other side may have acted on the request.
public struct HTTPExchangeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Whether the request had left.
    public enum Outcome: String, Sendable {
        /// Not one byte of the request was written: the other side cannot have acted on it.
        case notSent = "not-sent"
        /// At least one byte was written: the other side may have acted on it, or not.
        case unknown
    }

    /// What went wrong; more may be added.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// A short constant word, fit for a metric's label.
        public let rawValue: String
        /// A code by its word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The host name has no address.
        public static let nameNotFound = Code(rawValue: "name-not-found")
        /// No address of the host accepted a connection.
        public static let connectionRefused = Code(rawValue: "connection-refused")
        /// No connection within the connect timeout.
        public static let connectTimeout = Code(rawValue: "connect-timeout")
        /// TLS could not be agreed on, the certificate was not trusted, or it was another host's.
        public static let handshakeFailed = Code(rawValue: "handshake-failed")
        /// The proxy did not open the tunnel.
        public static let proxyRefused = Code(rawValue: "proxy-refused")
        /// The connection ended before the response was complete.
        public static let connectionLost = Code(rawValue: "connection-lost")
        /// No first byte of the response in time.
        public static let firstByteTimeout = Code(rawValue: "first-byte-timeout")
        /// The whole exchange took too long.
        public static let totalTimeout = Code(rawValue: "total-timeout")
        /// The response breaks RFC 9112.
        public static let malformedResponse = Code(rawValue: "malformed-response")
        /// The response is larger than allowed.
        public static let responseTooLarge = Code(rawValue: "response-too-large")
        /// The request itself cannot be written (a target with a space, a method that is not a token).
        public static let invalidRequest = Code(rawValue: "invalid-request")
        /// The waiting task was cancelled.
        public static let cancelled = Code(rawValue: "cancelled")
        /// The client has been shut down.
        public static let shutDown = Code(rawValue: "shut-down")
    }

    /// What went wrong.
    public var code: Code
    /// Whether the request had left.
    public var outcome: Outcome
    /// What happened, in a sentence without secrets or personal data.
    public var message: String

    /// Describes a failed exchange.
    public init(_ code: Code, outcome: Outcome, message: String) {
        self.code = code
        self.outcome = outcome
        self.message = message
    }

    /// Whether both have the same code and outcome; the wording does not count.
    public static func == (left: HTTPExchangeError, right: HTTPExchangeError) -> Bool {
        left.code == right.code && left.outcome == right.outcome
    }

    /// Code, outcome and message.
    public var description: String { "\(code.rawValue) (\(outcome.rawValue)): \(message)" }
}
