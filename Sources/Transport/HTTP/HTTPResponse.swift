/// A response: its status, its header fields and its body.
public struct HTTPResponse: Sendable {
    /// The status code, 200 to 599. Informational responses are the codec's business.
    public var status: Int
    /// The header fields; framing fields are the encoder's business.
    public var fields: HTTPFields
    /// The body.
    public var body: Body

    /// What follows the head.
    public enum Body: Sendable {
        /// All of it, sent with a `Content-Length`.
        case bytes([UInt8])
        /// Pieces as they come into being, sent chunked (to an HTTP/1.0 caller: until the connection closes).
        ///
        /// The closure runs on the connection's loop and is suspended while the caller does not read.
        case stream(@Sendable (_ writer: any HTTPBodyWriter) async throws -> Void)
        /// Nothing, not even a head: close the connection without an answer. Status and fields do not count.
        case abort
    }

    /// A response with a complete body.
    public init(status: Int, fields: HTTPFields = HTTPFields(), body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = .bytes(body)
    }

    /// A response whose body comes piece by piece.
    public init(
        status: Int, fields: HTTPFields = HTTPFields(), stream: @escaping @Sendable (_ writer: any HTTPBodyWriter) async throws -> Void
    ) {
        self.status = status
        self.fields = fields
        self.body = .stream(stream)
    }

    /// No response: the connection is closed without an answer, so that the caller cannot know whether its request was acted on.
    public static var abort: HTTPResponse {
        var response = HTTPResponse(status: 500)
        response.body = .abort
        return response
    }

    /// The complete body, or nothing when it is a stream or there is no answer.
    public var bytes: [UInt8]? {
        if case .bytes(let bytes) = body { return bytes }
        return nil
    }
}

/// Takes the pieces of a streamed body.
public protocol HTTPBodyWriter: Sendable {
    /// Sends `bytes` and returns when the connection can take more.
    ///
    /// - Throws: an error when the connection has gone; the producer should then stop.
    func write(_ bytes: [UInt8]) async throws
}
