/// A complete request: its head and its whole body.
public struct HTTPRequest: Sendable, Equatable {
    /// The method.
    public var method: HTTPMethod
    /// The request target as it stands in the request line: origin form (`/path?query`), or `*`, or an authority for `CONNECT`.
    public var target: String
    /// The header fields.
    public var fields: HTTPFields
    /// The body after removal of any transfer coding; empty when there is none.
    public var body: [UInt8]

    /// A request; framing fields (`Content-Length`, `Transfer-Encoding`, `Host`) are the encoder's business.
    public init(method: HTTPMethod, target: String, fields: HTTPFields = HTTPFields(), body: [UInt8] = []) {
        self.method = method
        self.target = target
        self.fields = fields
        self.body = body
    }
}
