/// A JSON text as a value that loses nothing: members keep their order, numbers keep their digits, unknown members survive a round trip.
///
/// Providers write amounts as `1000`, `1000.0` and `"1000"`, tell meaning by member order in signed texts, and add members without notice; a
/// decoder into fixed types would drop what it does not know.
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
        }

        /// No members.
        public init() {}

        /// Members in the order given.
        public init(dictionaryLiteral elements: (String, JSON)...) {
            for (name, value) in elements { self[name] = value }
        }

        /// The value under `name`. Setting an existing member keeps its place; setting nothing removes it.
        public subscript(name: String) -> JSON? {
            get { pairs.first { $0.name == name }?.value }
            set {
                if let index = pairs.firstIndex(where: { $0.name == name }) {
                    if let newValue { pairs[index].value = newValue } else { pairs.remove(at: index) }
                } else if let newValue {
                    pairs.append(Pair(name: name, value: newValue))
                }
            }
        }

        /// Sets a member while its caller remembers where each name stands.
        mutating func set(_ name: String, _ value: JSON, knownPlaces places: inout [String: Int]) {
            if let place = places[name] {
                pairs[place].value = value
            } else {
                places[name] = pairs.count
                pairs.append(Pair(name: name, value: value))
            }
        }

        /// How many members there are.
        public var count: Int { pairs.count }

        /// The names in order.
        public var names: [String] { pairs.map(\.name) }
    }

    /// The whole number `value`.
    public static func number(_ value: some BinaryInteger) -> JSON { .number(String(value)) }
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
        var exponent = 0
        var bytes = Array(text.utf8)[...]
        if bytes.first == UInt8(ascii: "-") {
            isNegative = true
            bytes = bytes.dropFirst()
        }
        guard let first = bytes.first, (0x30...0x39).contains(first) else { return nil }
        while let byte = bytes.first {
            bytes = bytes.dropFirst()
            switch byte {
            case 0x30...0x39:
                digits.append(byte)
                if sawPoint { scale += 1 }
            case UInt8(ascii: ".") where !sawPoint:
                sawPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                guard let value = Int(String(decoding: bytes, as: UTF8.self)), abs(value) <= 400 else { return nil }
                exponent = value
                bytes = []
            default: return nil
            }
        }
        var zeros = exponent - scale
        while zeros < 0, digits.last == 0x30, digits.count > 1 {
            digits.removeLast()
            zeros += 1
        }
        if digits == [0x30] { return 0 }
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
