public import Transport

/// What a call does at the provider. Retries, limits and journals act on this, never on a provider's name.
public enum Effect: Sendable, Hashable {
    /// It changes nothing: a machine may repeat it.
    case reads
    /// It changes something, but doing it twice has the effect of once: a machine may repeat it.
    case repeatable
    /// It moves money or makes something that a second call would make again: a machine must never repeat it. What became of it
    /// is found out by `enquiry`, a path of the same provider such as `GET /receipt/{receipt_id}`; nothing when the provider offers none.
    case movesMoney(enquiry: String?)

    /// Whether a machine may send such a call again.
    public var mayBeRepeated: Bool {
        switch self {
        case .reads, .repeatable: return true
        case .movesMoney: return false
        }
    }
}

/// One of a provider's calls: a row of its table.
public struct Route: Sendable, Hashable {
    /// A short name of ours, fit for logs and metrics.
    public var name: String
    /// The method.
    public var method: HTTPMethod
    /// The path; a segment in braces, such as `{receipt_id}`, matches any one segment.
    public var path: String
    /// What it does.
    public var effect: Effect

    /// A row of a table.
    public init(_ name: String, _ method: HTTPMethod, _ path: String, _ effect: Effect) {
        self.name = name
        self.method = method
        self.path = path
        self.effect = effect
    }
}

/// A provider's calls, looked up by method and path.
public struct RouteTable: Sendable {
    /// The rows in the order they were given.
    public let routes: [Route]
    private let patterns: [[Segment]]

    private enum Segment: Sendable {
        case literal([UInt8])
        case parameter(String)
    }

    /// A route that a path matched, with the segments that stood for its parameters.
    public struct Match: Sendable {
        /// The row.
        public var route: Route
        /// The segments by parameter name, as on the wire.
        public var parameters: [String: String]
    }

    /// A table; where two rows match one path, the earlier wins.
    public init(_ routes: [Route]) {
        self.routes = routes
        patterns = routes.map { route in
            route.path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { segment in
                if segment.first == UInt8(ascii: "{"), segment.last == UInt8(ascii: "}") {
                    return .parameter(String(decoding: segment.dropFirst().dropLast(), as: UTF8.self))
                }
                return .literal(Array(segment))
            }
        }
    }

    /// The row for `method` and `path` without its parameters, found without making anything new: for every call on its way through.
    public func route(_ method: HTTPMethod, _ path: String) -> Route? {
        let bytes = path.utf8.span
        for route in routes where route.method == method && RouteTable.matches(route.path.utf8.span, bytes) { return route }
        return nil
    }

    private static func matches(_ pattern: Span<UInt8>, _ path: Span<UInt8>) -> Bool {
        let slash = UInt8(ascii: "/")
        var place = 0
        var index = 0
        while index < pattern.count {
            if pattern[index] == UInt8(ascii: "{"), index > 0, pattern[index - 1] == slash {
                while index < pattern.count, pattern[index] != slash { index += 1 }
                while place < path.count, path[place] != slash { place += 1 }
            } else {
                guard place < path.count, path[place] == pattern[index] else { return false }
                place += 1
                index += 1
            }
        }
        return place == path.count
    }

    /// The row for `method` and `path`, or nothing when no row matches. A parameter also matches an empty segment.
    public func match(_ method: HTTPMethod, _ path: String) -> Match? {
        let segments = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for (route, pattern) in zip(routes, patterns) where route.method == method && pattern.count == segments.count {
            var parameters: [String: String] = [:]
            var matches = true
            for (expected, segment) in zip(pattern, segments) {
                switch expected {
                case .literal(let bytes):
                    matches = bytes.elementsEqual(segment)
                case .parameter(let name): parameters[name] = String(segment)
                }
                if !matches { break }
            }
            if matches { return Match(route: route, parameters: parameters) }
        }
        return nil
    }
}
