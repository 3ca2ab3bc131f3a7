/// A request method (RFC 9110, section 9): case-sensitive, any token.
public struct HTTPMethod: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The method as it stands in the request line.
    public let rawValue: String

    /// A method by its name; nothing checks that it is a token, the decoder and the encoder do.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Asks for a representation.
    public static let get = HTTPMethod(rawValue: "GET")
    /// As `GET`, without the body.
    public static let head = HTTPMethod(rawValue: "HEAD")
    /// Hands something over to be processed.
    public static let post = HTTPMethod(rawValue: "POST")
    /// Replaces the target.
    public static let put = HTTPMethod(rawValue: "PUT")
    /// Changes part of the target.
    public static let patch = HTTPMethod(rawValue: "PATCH")
    /// Removes the target.
    public static let delete = HTTPMethod(rawValue: "DELETE")
    /// Asks what is possible.
    public static let options = HTTPMethod(rawValue: "OPTIONS")
    /// Opens a tunnel through a proxy.
    public static let connect = HTTPMethod(rawValue: "CONNECT")

    /// The method's name.
    public var description: String { rawValue }
}
