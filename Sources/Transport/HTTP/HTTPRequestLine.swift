/// The first line of a request, taken apart and checked.
struct HTTPRequestLine: Sendable {
    var method: HTTPMethod
    /// The target in origin form, or `*`.
    var target: String
    /// The host that an absolute form named; it takes the place of the `Host` field (RFC 9112, section 3.2.2).
    var authority: String?
    var version: HTTPVersion

    init(_ line: Range<Int>, _ bytes: Span<UInt8>) throws(HTTPProtocolError) {
        var index = line.lowerBound
        while index < line.upperBound, HTTPSyntax.isTokenCharacter(bytes[index]) { index += 1 }
        let name = line.lowerBound..<index
        guard !name.isEmpty, index < line.upperBound, bytes[index] == 0x20 else { throw .malformed("the request line has no valid method") }
        index += 1
        let targetStart = index
        while index < line.upperBound, HTTPSyntax.isTargetCharacter(bytes[index]) { index += 1 }
        let range = targetStart..<index
        guard !range.isEmpty, index < line.upperBound, bytes[index] == 0x20 else {
            throw .malformed("the request line has no valid target followed by a version")
        }
        version = try HTTPVersion(bytes, (index + 1)..<line.upperBound)
        method = HTTPRequestLine.method(name, bytes)
        if method == .connect { throw HTTPProtocolError(.methodNotImplemented, "no tunnels are opened here") }
        if bytes[targetStart] == 0x2F {
            target = bytes.text(range)
        } else if range.count == 1, bytes[targetStart] == 0x2A, method == .options {
            target = "*"
        } else {
            (authority, target) = try HTTPRequestLine.absoluteForm(range, bytes, method)
        }
    }

    /// The method without making a string for the usual ones.
    private static func method(_ name: Range<Int>, _ bytes: Span<UInt8>) -> HTTPMethod {
        switch (name.count, bytes[name.lowerBound], bytes[name.lowerBound + (name.count > 1 ? 1 : 0)]) {
        case (3, 0x47, 0x45) where bytes[name.lowerBound + 2] == 0x54: .get
        case (4, 0x50, 0x4F) where bytes[name.lowerBound + 2] == 0x53 && bytes[name.lowerBound + 3] == 0x54: .post
        default: HTTPMethod(rawValue: bytes.text(name))
        }
    }

    /// Takes `http://host:port/path?query` apart.
    private static func absoluteForm(
        _ range: Range<Int>, _ bytes: Span<UInt8>, _ method: HTTPMethod
    ) throws(HTTPProtocolError) -> (authority: String, target: String) {
        let scheme = ["http://", "https://"].first {
            range.count > $0.utf8.count && HTTPSyntax.matches(bytes, range.lowerBound..<(range.lowerBound + $0.utf8.count), $0)
        }
        guard let scheme else { throw .malformed("the request target is neither a path nor an http URI") }
        let start = range.lowerBound + scheme.utf8.count
        var end = start
        while end < range.upperBound, bytes[end] != 0x2F, bytes[end] != 0x3F { end += 1 }
        guard HTTPSyntax.isAuthority(bytes, start..<end) else { throw .malformed("the request target has no valid host") }
        let rest = bytes.text(end..<range.upperBound)
        let path = rest.isEmpty && method == .options ? "*" : rest.hasPrefix("/") ? rest : "/" + rest
        return (bytes.text(start..<end), path)
    }
}

extension Span where Element == UInt8 {
    /// The bytes at `range`, which have been found to be ASCII, as text.
    func text(_ range: Range<Int>) -> String {
        do {
            return String(copying: try UTF8Span(validating: extracting(range)))
        } catch {
            return ""
        }
    }
}
