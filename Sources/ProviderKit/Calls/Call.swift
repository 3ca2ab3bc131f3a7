public import Transport

/// A call to a provider as a plain value; everything between listener and wire passes it along.
public struct Call: Sendable, Equatable {
    /// The method.
    public var method: HTTPMethod
    /// The path as on the wire (percent-encoded), beginning with `/`, without the query.
    public var path: String
    /// What follows the question mark, as on the wire; nothing when there is no question mark.
    public var query: String?
    /// The header fields.
    public var fields: HTTPFields
    /// The body.
    public var body: [UInt8]

    /// A call by its parts.
    public init(method: HTTPMethod, path: String, query: String? = nil, fields: HTTPFields = HTTPFields(), body: [UInt8] = []) {
        self.method = method
        self.path = path
        self.query = query
        self.fields = fields
        self.body = body
    }

    /// The call that `request` makes.
    public init(_ request: HTTPRequest) {
        method = request.method
        fields = request.fields
        body = request.body
        if let mark = request.target.utf8.firstIndex(of: UInt8(ascii: "?")) {
            path = String(request.target[..<mark])
            query = String(request.target[request.target.utf8.index(after: mark)...])
        } else {
            path = request.target
            query = nil
        }
    }

    /// The request that makes this call.
    public var request: HTTPRequest {
        HTTPRequest(method: method, target: query.map { "\(path)?\($0)" } ?? path, fields: fields, body: body)
    }
}

/// A provider's answer as a plain value.
public struct Reply: Sendable, Equatable {
    /// The HTTP status.
    public var status: Int
    /// The header fields.
    public var fields: HTTPFields
    /// The body.
    public var body: [UInt8]

    /// A reply by its parts.
    public init(status: Int, fields: HTTPFields = HTTPFields(), body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// The reply that `response` carries; a streamed body counts as empty, since no provider's answer is one.
    public init(_ response: HTTPResponse) {
        status = response.status
        fields = response.fields
        body = response.bytes ?? []
    }

    /// The response that carries this reply.
    public var response: HTTPResponse { HTTPResponse(status: status, fields: fields, body: body) }
}
