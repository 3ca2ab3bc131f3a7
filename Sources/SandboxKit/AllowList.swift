public import Base
import Transport

/// The addresses from which a provider's customer may call: everything, or single addresses and CIDR ranges of IPv4 and IPv6.
public struct AllowList: Equatable, Sendable {
    /// One line of the list.
    private struct Range: Equatable, Sendable {
        /// As written.
        var text: String
        var octets: [UInt8]
        /// How many leading bits count.
        var prefix: Int

        /// Reads `203.0.113.7`, `203.0.113.0/24`, `2001:db8::1` or `2001:db8::/32`; nothing when the text is none of them.
        init?(_ text: String) {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count <= 2, let octets = AllowList.octets(String(parts[0])) else { return nil }
            self.text = text
            self.octets = octets
            prefix = octets.count * 8
            guard parts.count == 2 else { return }
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(parts[1]), length <= prefix else { return nil }
            prefix = length
        }

        func contains(_ address: [UInt8]) -> Bool {
            guard address.count == octets.count else { return false }
            return (0..<prefix).allSatisfy { bit in (address[bit / 8] ^ octets[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0 }
        }
    }

    /// A line that is neither an address nor a range.
    public struct InvalidLine: Error, Equatable {
        /// The line as it was written; empty when it was no text.
        public var text: String

        /// A wrong line.
        public init(text: String) { self.text = text }
    }

    /// The lines; nothing allows every address.
    private var ranges: [Range]?

    /// Every address.
    public static let all = AllowList(ranges: nil)

    private init(ranges: [Range]?) { self.ranges = ranges }

    /// Reads what ``json`` writes.
    ///
    /// - Throws: ``InvalidLine`` with the first line that is not an address.
    public init(_ json: JSON) throws(InvalidLine) {
        if json == "all" {
            self = .all
            return
        }
        guard let elements = json.elements else { throw InvalidLine(text: json.string ?? "") }
        var ranges: [Range] = []
        for element in elements {
            guard let range = element.string.flatMap(Range.init) else { throw InvalidLine(text: element.string ?? "") }
            ranges.append(range)
        }
        self.init(ranges: ranges)
    }

    /// The list as JSON: `"all"`, or an array of texts.
    public var json: JSON { ranges.map { .array($0.map { .string($0.text) }) } ?? "all" }

    /// Whether calls from `address` (in numbers) are served; an empty list serves nobody.
    public func allows(_ address: String) -> Bool {
        guard let ranges else { return true }
        guard let octets = AllowList.octets(address) else { return false }
        return ranges.contains { $0.contains(octets) }
    }

    /// The bytes of an address in numbers; IPv4 inside IPv6 (`::ffff:203.0.113.7`) counts as IPv4, and an interface (`%eth0`) is left out.
    private static func octets(_ address: String) -> [UInt8]? {
        let bare = String(address.prefix { $0 != "%" })
        guard let octets = SocketAddress(numericHost: bare, port: 0)?.octets else { return nil }
        let isMapped = octets.count == 16 && octets.prefix(10).allSatisfy { $0 == 0 } && octets[10] == 0xFF && octets[11] == 0xFF
        return isMapped ? Array(octets[12...]) : octets
    }
}
