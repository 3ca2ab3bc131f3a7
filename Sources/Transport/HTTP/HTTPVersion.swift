/// The protocol version of a message. A higher minor version than 1 is understood as 1.1 (RFC 9110, section 2.5).
public enum HTTPVersion: Sendable, Hashable {
    /// HTTP/1.0: one request per connection unless both sides say `keep-alive`, no transfer codings.
    case http10
    /// HTTP/1.1.
    case http11

    /// Reads `HTTP/1.x` at `range`.
    init(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(HTTPProtocolError) {
        let start = range.lowerBound
        guard range.count == 8, bytes[start] == 0x48, bytes[start + 1] == 0x54, bytes[start + 2] == 0x54, bytes[start + 3] == 0x50,
            bytes[start + 4] == 0x2F, HTTPSyntax.isDigit(bytes[start + 5]), bytes[start + 6] == 0x2E, HTTPSyntax.isDigit(bytes[start + 7])
        else { throw .malformed("the start line has no valid protocol version") }
        guard bytes[start + 5] == 0x31 else {
            throw HTTPProtocolError(.versionNotSupported, "only HTTP/1.0 and HTTP/1.1 are spoken here")
        }
        self = bytes[start + 7] == 0x30 ? .http10 : .http11
    }
}
