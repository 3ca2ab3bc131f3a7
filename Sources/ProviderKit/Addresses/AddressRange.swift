import Transport

/// One or more neighbouring addresses of IPv4 or IPv6, as firewall tables write them: `203.0.113.7`, `203.0.113.0/29`, `203.0.113.80~87` or
/// `203.0.113.80~203.0.113.87`.
public struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    /// As it was written.
    public let text: String
    /// The first address, 4 or 16 bytes.
    public let first: [UInt8]
    /// The last address, as many bytes.
    public let last: [UInt8]

    /// Reads a range; nothing when the text is none of the four forms, when it ends before it begins, or mixes IPv4 and IPv6.
    ///
    /// Bits of a `/29` behind the prefix are taken for what they stand in: `203.0.113.87/29` is `203.0.113.80~87`.
    public init?(_ text: String) {
        self.text = text
        if let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")) {
            let prefix = text[text.utf8.index(after: slash)...]
            guard let address = AddressRange.octets(String(text[..<slash])), let length = AddressRange.number(prefix),
                length <= address.count * 8
            else { return nil }
            var (first, last) = (address, address)
            for index in address.indices {
                let kept = min(8, max(0, length - index * 8))
                let mask = UInt8(truncatingIfNeeded: 0xFF00 >> kept)
                first[index] &= mask
                last[index] |= ~mask
            }
            (self.first, self.last) = (first, last)
        } else if let tilde = text.utf8.firstIndex(of: UInt8(ascii: "~")) {
            guard let first = AddressRange.octets(String(text[..<tilde])) else { return nil }
            let end = text[text.utf8.index(after: tilde)...]
            var last = first
            if let number = AddressRange.number(end), first.count == 4 {
                guard let byte = UInt8(exactly: number) else { return nil }
                last[3] = byte
            } else {
                guard let octets = AddressRange.octets(String(end)), octets.count == first.count else { return nil }
                last = octets
            }
            guard !last.lexicographicallyPrecedes(first) else { return nil }
            (self.first, self.last) = (first, last)
        } else {
            guard let address = AddressRange.octets(text) else { return nil }
            (first, last) = (address, address)
        }
    }

    /// Whether an address in numbers lies in the range, IPv4 inside IPv6 (`::ffff:203.0.113.7`) taken for IPv4. What is no address lies in none.
    public func contains(_ address: String) -> Bool { AddressRange.octets(address).map(contains) ?? false }

    /// Whether an address of 4 or 16 bytes lies in the range.
    public func contains(_ octets: [UInt8]) -> Bool {
        octets.count == first.count && !octets.lexicographicallyPrecedes(first) && !last.lexicographicallyPrecedes(octets)
    }

    /// Every address of the range in numbers; nothing when there are more than `limit`.
    public func addresses(limit: Int = 256) -> [String]? {
        var addresses: [String] = []
        var octets = first
        while addresses.count < limit {
            addresses.append(AddressRange.text(octets))
            if octets == last { return addresses }
            var index = octets.count - 1
            while octets[index] == 0xFF {
                octets[index] = 0
                index -= 1
            }
            octets[index] += 1
        }
        return nil
    }

    /// As it was written.
    public var description: String { text }

    /// The bytes of an address in numbers: IPv4 inside IPv6 (`::ffff:203.0.113.7`) counts as IPv4, and an interface (`%eth0`) is left out. Nothing when it is none.
    public static func octets(_ address: String) -> [UInt8]? {
        let bare = String(address.prefix { $0 != "%" })
        guard let octets = SocketAddress(numericHost: bare, port: 0)?.octets else { return nil }
        let isMapped = octets.count == 16 && octets.prefix(10).allSatisfy { $0 == 0 } && octets[10] == 0xFF && octets[11] == 0xFF
        return isMapped ? Array(octets[12...]) : octets
    }

    private static func text(_ octets: [UInt8]) -> String {
        if octets.count == 4 { return octets.map(String.init).joined(separator: ".") }
        return stride(from: 0, to: octets.count, by: 2).map { String(UInt16(octets[$0]) << 8 | UInt16(octets[$0 + 1]), radix: 16) }
            .joined(separator: ":")
    }

    private static func number(_ digits: Substring) -> Int? {
        guard (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(digits)
    }
}
