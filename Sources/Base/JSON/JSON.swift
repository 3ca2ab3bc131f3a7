/// A JSON text as a value that loses nothing: members keep their order, numbers keep their digits, unknown members survive a round trip.
///
/// Providers write amounts as `1000`, `1000.0` and `"1000"`, tell meaning by member order in signed texts, and add members without notice; a
/// decoder into fixed types would drop what it does not know.
///
/// Names and texts are compared byte by byte (RFC 8259, section 8.3), not as Swift compares strings: composed and decomposed Hangul look
/// alike and are different members.
public enum JSON: Sendable, Hashable {
    /// `null`.
    case null
    /// `true` or `false`.
    case boolean(Bool)
    /// A number by its digits as written, for example `3000.0` or `1e3`.
    case number(String)
    /// A string, unescaped.
    case string(String)
    /// An array.
    case array([JSON])
    /// An object.
    case object(Members)

    /// The members of an object in the order they were written; a name that is written twice keeps its last value.
    public struct Members: Sendable, Hashable, ExpressibleByDictionaryLiteral {
        private(set) var pairs: [Pair] = []

        struct Pair: Sendable, Hashable {
            var name: String
            var value: JSON

            static func == (left: Pair, right: Pair) -> Bool { left.name.isIdentical(to: right.name) && left.value == right.value }
        }

        /// No members.
        public init() {}

        /// Members in the order given.
        public init(dictionaryLiteral elements: (String, JSON)...) {
            for (name, value) in elements { self[name] = value }
        }

        /// Members from pairs, however many, in time that grows with their number only; of two with one name the last value counts, in the place of the first.
        public init(_ pairs: some Sequence<(String, JSON)>) {
            var places: [[UInt8]: Int] = [:]
            for (name, value) in pairs { set(name, value, knownPlaces: &places) }
        }

        /// The value under `name`. Setting an existing member keeps its place; setting nothing removes it.
        public subscript(name: String) -> JSON? {
            get { pairs.first { $0.name.isIdentical(to: name) }?.value }
            set {
                if let index = pairs.firstIndex(where: { $0.name.isIdentical(to: name) }) {
                    if let newValue { pairs[index].value = newValue } else { pairs.remove(at: index) }
                } else if let newValue {
                    pairs.append(Pair(name: name, value: newValue))
                }
            }
        }

        /// Sets a member while its caller remembers where each name stands.
        mutating func set(_ name: String, _ value: JSON, knownPlaces places: inout [[UInt8]: Int]) {
            // Most objects are small, and looking through a few members costs less than a table.
            if pairs.count < 16 {
                self[name] = value
                return
            }
            if places.isEmpty { for (index, pair) in pairs.enumerated() { places[Array(pair.name.utf8)] = index } }
            let key = Array(name.utf8)
            if let place = places[key] {
                pairs[place].value = value
            } else {
                places[key] = pairs.count
                pairs.append(Pair(name: name, value: value))
            }
        }

        /// How many members there are.
        public var count: Int { pairs.count }

        /// The names in order.
        public var names: [String] { pairs.map(\.name) }

        /// The values in the order of ``names``: to go through all members, since asking for each by its name looks through them anew.
        public var values: [JSON] { pairs.map(\.value) }
    }

    /// The whole number `value`.
    public static func number(_ value: some BinaryInteger) -> JSON { .number(String(value)) }

    /// Whether both are written the same, digits and order of members included.
    public static func == (left: JSON, right: JSON) -> Bool {
        switch (left, right) {
        case (.null, .null): return true
        case (.boolean(let one), .boolean(let other)): return one == other
        case (.number(let one), .number(let other)), (.string(let one), .string(let other)): return one.isIdentical(to: other)
        case (.array(let one), .array(let other)): return one == other
        case (.object(let one), .object(let other)): return one == other
        default: return false
        }
    }
}

extension String {
    /// Whether both are the same bytes; `==` also takes canonically equivalent texts for equal.
    fileprivate func isIdentical(to other: String) -> Bool {
        // What differs by `==` differs in bytes too, and `==` is quick to see it.
        self == other && utf8.elementsEqual(other.utf8)
    }
}

extension JSON {
    /// The member `name` of an object; nothing for another kind of value or a missing member.
    public subscript(name: String) -> JSON? {
        if case .object(let members) = self { return members[name] }
        return nil
    }

    /// The element at `index` of an array; nothing for another kind of value or beyond the end.
    public subscript(index: Int) -> JSON? {
        if case .array(let elements) = self, elements.indices.contains(index) { return elements[index] }
        return nil
    }

    /// The text of a string.
    public var string: String? {
        if case .string(let text) = self { return text }
        return nil
    }

    /// The truth value of a boolean.
    public var boolean: Bool? {
        if case .boolean(let value) = self { return value }
        return nil
    }

    /// The elements of an array.
    public var elements: [JSON]? {
        if case .array(let elements) = self { return elements }
        return nil
    }

    /// The members of an object.
    public var members: Members? {
        if case .object(let members) = self { return members }
        return nil
    }

    /// The value of a number that is whole (`3000`, `3000.0`, `3e3`) and fits 64 bits.
    public var integer: Int64? {
        if case .number(let digits) = self { return JSON.integer(digits) }
        return nil
    }

    /// Whether it is `null`.
    public var isNull: Bool { self == .null }

    /// The whole number that decimal `text` writes exactly, such as `1000`, `-7`, `1000.00` or `1.5e1`; nothing when it is not whole or too large.
    public static func integer(_ text: String) -> Int64? {
        if let plain = Int64(text) { return text.hasPrefix("+") ? nil : plain }
        var digits: [UInt8] = []
        var scale = 0
        var isNegative = false
        var sawPoint = false
        var last: UInt8 = 0
        var exponent = 0
        var bytes = Array(text.utf8)[...]
        if bytes.first == UInt8(ascii: "-") {
            isNegative = true
            bytes = bytes.dropFirst()
        }
        guard let first = bytes.first, (0x30...0x39).contains(first) else { return nil }
        while let byte = bytes.first {
            bytes = bytes.dropFirst()
            defer { last = byte }
            switch byte {
            case 0x30...0x39:
                digits.append(byte)
                if sawPoint { scale += 1 }
            case UInt8(ascii: ".") where !sawPoint:
                sawPoint = true
            case UInt8(ascii: "e") where last != UInt8(ascii: "."), UInt8(ascii: "E") where last != UInt8(ascii: "."):
                guard let value = Int(String(decoding: bytes, as: UTF8.self)), (-400...400).contains(value) else { return nil }
                exponent = value
                bytes = []
            default: return nil
            }
        }
        guard last != UInt8(ascii: ".") else { return nil }
        if digits.allSatisfy({ $0 == 0x30 }) { return 0 }
        var zeros = exponent - scale
        while zeros < 0, digits.last == 0x30 {
            digits.removeLast()
            zeros += 1
        }
        guard zeros >= 0, zeros < 20 else { return nil }
        return Int64((isNegative ? "-" : "") + String(decoding: digits, as: UTF8.self) + String(repeating: "0", count: zeros))
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .number(String(value)) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    /// An array.
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    /// An object.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        var members = Members()
        for (name, value) in elements { members[name] = value }
        self = .object(members)
    }
    /// `null`.
    public init(nilLiteral: ()) { self = .null }
}
