/// A range of IPv4 or IPv6 addresses, as firewalls and lists of allowed callers write it.
public struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    /// As it was written.
    public let description: String
    private let first: [UInt8]
    private let last: [UInt8]

    /// Reads a range.
    ///
    /// A single address (`203.0.113.7`), a network (`203.0.113.0/24`, `2001:db8::/32`), or two ends with `-` or `~` between them (`203.0.113.80-203.0.113.87`), of
    /// which the second may be the last number of an IPv4 address only (`203.0.113.80~87`).
    /// - Returns: Nothing when the text is none of these, or its end comes before its beginning.
    public init?(_ text: String) {
        description = text
        let bytes = text.utf8
        if let mark = bytes.firstIndex(where: { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "~") }) {
            guard let first = AddressRange.octets(text[..<mark]),
                let last = AddressRange.end(text[bytes.index(after: mark)...], of: first),
                first.count == last.count, !last.lexicographicallyPrecedes(first)
            else { return nil }
            (self.first, self.last) = (first, last)
            return
        }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let octets = AddressRange.octets(parts[0]) else { return nil }
        guard parts.count == 2 else {
            (first, last) = (octets, octets)
            return
        }
        guard let length = AddressRange.number(parts[1]), length <= octets.count * 8 else { return nil }
        let masks = octets.indices.map { index in UInt8(truncatingIfNeeded: 0xFF00 >> min(8, max(0, length - index * 8))) }
        first = zip(octets, masks).map { $0 & $1 }
        last = zip(octets, masks).map { $0 | ~$1 }
    }

    /// Whether `address` (in numbers) lies in the range; IPv4 inside IPv6 (`::ffff:203.0.113.7`) counts as IPv4, and an interface (`%eth0`) is left out.
    public func contains(_ address: String) -> Bool {
        guard let octets = AddressRange.octets(address[...]), octets.count == first.count else { return false }
        return !octets.lexicographicallyPrecedes(first) && !last.lexicographicallyPrecedes(octets)
    }

    private static func octets(_ address: Substring) -> [UInt8]? {
        guard let octets = SocketAddress(numericHost: String(address.prefix { $0 != "%" }), port: 0)?.octets else { return nil }
        let isMapped = octets.count == 16 && octets.prefix(10).allSatisfy { $0 == 0 } && octets[10] == 0xFF && octets[11] == 0xFF
        return isMapped ? Array(octets[12...]) : octets
    }

    private static func end(_ text: Substring, of first: [UInt8]) -> [UInt8]? {
        guard first.count == 4, let number = number(text), let octet = UInt8(exactly: number) else { return octets(text) }
        return first.dropLast() + [octet]
    }

    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }
}
