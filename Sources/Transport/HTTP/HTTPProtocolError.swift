/// A message that breaks RFC 9110 or RFC 9112, or one of the ``HTTPLimits``. The connection it came over cannot be used any further.
public struct HTTPProtocolError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of breach; more may be added.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// A short constant word, fit for a metric's label.
        public let rawValue: String
        /// A code by its word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The syntax or the framing is wrong or ambiguous.
        public static let malformed = Code(rawValue: "malformed")
        /// The start line is too long.
        public static let startLineTooLong = Code(rawValue: "start-line-too-long")
        /// A field, the number of fields or a whole section is too large.
        public static let fieldsTooLarge = Code(rawValue: "fields-too-large")
        /// The body is too large.
        public static let bodyTooLarge = Code(rawValue: "body-too-large")
        /// An expectation other than `100-continue`.
        public static let expectationUnknown = Code(rawValue: "expectation-unknown")
        /// A method that this implementation does not serve at all (`CONNECT`).
        public static let methodNotImplemented = Code(rawValue: "method-not-implemented")
        /// A major version other than 1.
        public static let versionNotSupported = Code(rawValue: "version-not-supported")
        /// The connection ended in the middle of a message.
        public static let truncated = Code(rawValue: "truncated")
        /// A message of our own that cannot be written, because its method or target is not what RFC 9112 allows.
        public static let unwritable = Code(rawValue: "unwritable")
    }

    /// What kind of breach.
    public var code: Code
    /// What is wrong, as a constant sentence: it never quotes the message.
    public var reason: String

    /// Describes a breach.
    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    /// The status a server answers with before it closes the connection.
    public var status: Int {
        switch code {
        case .startLineTooLong: 414
        case .fieldsTooLarge: 431
        case .bodyTooLarge: 413
        case .expectationUnknown: 417
        case .methodNotImplemented: 501
        case .versionNotSupported: 505
        case .unwritable: 500
        default: 400
        }
    }

    /// Whether both are the same kind of breach; the wording does not count.
    public static func == (left: HTTPProtocolError, right: HTTPProtocolError) -> Bool { left.code == right.code }

    /// The code and the reason.
    public var description: String { "\(code.rawValue): \(reason)" }

    static func malformed(_ reason: String) -> HTTPProtocolError { HTTPProtocolError(.malformed, reason) }
}
