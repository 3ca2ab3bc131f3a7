public import Base
import Transport

/// The addresses from which a provider's customer may call: everything, or single addresses and ranges of IPv4 and IPv6.
public struct AllowList: Equatable, Sendable {
    /// A line that is neither an address nor a range.
    public struct InvalidLine: Error, Equatable {
        /// The line as it was written; empty when it was no text.
        public var text: String

        /// A wrong line.
        public init(text: String) { self.text = text }
    }

    /// The lines; nothing allows every address.
    private var ranges: [AddressRange]?

    /// Every address.
    public static let all = AllowList(ranges: nil)

    private init(ranges: [AddressRange]?) { self.ranges = ranges }

    /// Reads what ``json`` writes.
    ///
    /// - Throws: ``InvalidLine`` with the first line that is not an address.
    public init(_ json: JSON) throws(InvalidLine) {
        if json == "all" {
            self = .all
            return
        }
        guard let elements = json.elements else { throw InvalidLine(text: json.string ?? "") }
        var ranges: [AddressRange] = []
        for element in elements {
            guard let range = element.string.flatMap(AddressRange.init) else { throw InvalidLine(text: element.string ?? "") }
            ranges.append(range)
        }
        self.init(ranges: ranges)
    }

    /// The list as JSON: `"all"`, or an array of texts.
    public var json: JSON { ranges.map { .array($0.map { .string($0.description) }) } ?? "all" }

    /// Whether calls from `address` (in numbers) are served; an empty list serves nobody.
    public func allows(_ address: String) -> Bool {
        guard let ranges else { return true }
        return ranges.contains { $0.contains(address) }
    }
}
