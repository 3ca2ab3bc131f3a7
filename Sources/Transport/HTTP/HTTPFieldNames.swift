/// A set of field names, prepared once, that a section can be freed of in one pass and without making a string.
public struct HTTPFieldNames: Sendable {
    /// The names by their length; most lengths have none.
    private let byLength: [[String]]
    private let prefixes: [String]

    /// The set of these names, and of every name that begins with one of `prefixes`; case does not matter.
    public init(_ names: [String], prefixes: [String] = []) {
        var byLength = [[String]](repeating: [], count: (names.map(\.utf8.count).max() ?? 0) + 1)
        for name in names { byLength[name.utf8.count].append(name.lowercased()) }
        self.byLength = byLength
        self.prefixes = prefixes.map { $0.lowercased() }
    }

    /// What belongs to one connection only, not to the message (RFC 9110, section 7.6.1), framing included.
    public static let hopByHop = [
        "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer",
        "transfer-encoding", "upgrade",
    ]

    func contains(_ range: Range<Int>, in bytes: Span<UInt8>) -> Bool {
        if range.count < byLength.count {
            for name in byLength[range.count] where HTTPSyntax.matches(bytes, range, name) { return true }
        }
        for prefix in prefixes {
            let length = prefix.utf8.count
            if range.count >= length, HTTPSyntax.matches(bytes, range.lowerBound..<range.lowerBound + length, prefix) { return true }
        }
        return false
    }
}

extension HTTPFields {
    /// Removes what `Connection` nominates as belonging to this connection only (RFC 9110, section 7.6.1), besides `close` and `keep-alive`, which
    /// name no field worth a search. To be called before `Connection` itself is removed.
    public mutating func removeNominatedByConnection() {
        for name in namesNominatedByConnection() { removeAll(name) }
    }

    private func namesNominatedByConnection() -> [String] {
        var names: [String] = []
        let span = bytes.span
        for entry in entries where HTTPSyntax.matches(span, entry.name, "connection") {
            var start = entry.value.lowerBound
            for index in entry.value.lowerBound...entry.value.upperBound {
                guard index == entry.value.upperBound || span[index] == UInt8(ascii: ",") else { continue }
                let option = HTTPSyntax.trimmed(span, start..<index)
                start = index + 1
                // Nearly every Connection field says one of these two, so they must cost no string.
                if option.isEmpty || HTTPSyntax.matches(span, option, "close") || HTTPSyntax.matches(span, option, "keep-alive") {
                    continue
                }
                names.append(String(decoding: bytes[option], as: UTF8.self))
            }
        }
        return names
    }
}
