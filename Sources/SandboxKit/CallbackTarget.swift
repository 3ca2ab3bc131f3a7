import Base
public import Transport

/// Where a sandbox's own call goes, a callback or a notification: an `http` or `https` address with any path.
public struct CallbackTarget: Equatable, Sendable {
    /// Scheme, host and port.
    public var origin: HTTPOrigin
    /// Path and query.
    public var target: String

    /// Reads an address; nothing when it is not `http(s)://host[:port][/…]`, has more than 2,048 bytes, or has characters that a request line cannot carry. A
    /// fragment is left out.
    public init?(_ text: String) {
        guard let scheme = ["http://", "https://"].first(where: { text.lowercased().hasPrefix($0) }) else { return nil }
        let isPrintable = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        let rest = text.dropFirst(scheme.count).prefix { $0 != "#" }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard isPrintable, text.utf8.count <= 2048, let origin = HTTPOrigin(scheme + rest[..<end]) else { return nil }
        self.origin = origin
        let tail = rest[end...]
        target = tail.hasPrefix("/") ? String(tail) : "/" + tail
    }

    /// Whether it is this machine.
    public var isLoopback: Bool {
        if origin.host == "localhost" || origin.host.hasSuffix(".localhost") { return true }
        return SocketAddress(numericHost: origin.host, port: 0)?.isLoopback ?? false
    }
}
