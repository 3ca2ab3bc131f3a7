public import Transport

/// The machines in front of the gateway that are believed when they say whom they pass on.
public struct TrustedProxies: Sendable {
    private let ranges: [AddressRange]

    /// Proxies by their addresses; by default nobody is believed.
    public init(_ ranges: [AddressRange] = []) { self.ranges = ranges }

    /// Who made a request: whoever opened the connection, or, when that is a trusted proxy, the right-most address of `X-Forwarded-For` that is none.
    ///
    /// Every proxy adds the address it was called from at the right, so what stands left of an address that nobody trusts may be made up. What cannot be read ends the
    /// walk as well: the caller is then the proxy that passed it on. The port of a caller behind a proxy is not known and 0, and its TLS is not the caller's own.
    func caller(of fields: HTTPFields, from peer: HTTPPeer) -> HTTPPeer {
        guard !ranges.isEmpty, trusts(peer.address) else { return peer }
        var caller = peer
        for value in fields.values("X-Forwarded-For").reversed() {
            for entry in value.split(separator: ",", omittingEmptySubsequences: false).reversed() {
                guard let address = TrustedProxies.address(entry) else { return caller }
                caller = HTTPPeer(address: address, port: 0)
                guard trusts(address) else { return caller }
            }
        }
        return caller
    }

    private func trusts(_ address: String) -> Bool { ranges.contains { $0.contains(address) } }

    /// Reads `203.0.113.7`, `203.0.113.7:1234`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:1234`, with white space around it.
    private static func address(_ entry: Substring) -> String? {
        var text = entry
        while let first = text.utf8.first, first == 0x20 || first == 0x09 { text = text.dropFirst() }
        while let last = text.utf8.last, last == 0x20 || last == 0x09 { text = text.dropLast() }
        if text.utf8.first == UInt8(ascii: "[") {
            guard let end = text.utf8.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            let inside = text[text.utf8.index(after: text.startIndex)..<end]
            guard inside.utf8.contains(UInt8(ascii: ":")), isPort(text[text.utf8.index(after: end)...]) else { return nil }
            text = inside
        } else if let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), text[..<colon].utf8.contains(UInt8(ascii: ".")) {
            guard isPort(text[colon...]) else { return nil }
            text = text[..<colon]
        }
        return SocketAddress(numericHost: String(text), port: 0)?.host
    }

    /// Whether `text` is nothing, or a colon and a port.
    private static func isPort(_ text: Substring) -> Bool {
        guard text.utf8.first == UInt8(ascii: ":") else { return text.isEmpty }
        let digits = text.dropFirst()
        return (1...5).contains(digits.utf8.count) && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
            && (Int(digits) ?? 65_536) <= 65_535
    }
}
