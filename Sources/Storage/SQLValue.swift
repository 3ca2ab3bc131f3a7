/// One value in a column or in the place of a `?` of a statement.
public enum SQLValue: Sendable, Hashable {
    /// No value.
    case null
    /// A whole number of 64 bits.
    case integer(Int64)
    /// A floating-point number; SQLite stores a NaN as null.
    case real(Double)
    /// A text in UTF-8.
    case text(String)
    /// Bytes.
    case blob([UInt8])

    /// The whole number; nothing for any other kind of value.
    public var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    /// The number, also of a whole number; nothing for any other kind of value.
    public var real: Double? {
        switch self {
        case .real(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }
    /// The text; nothing for any other kind of value.
    public var text: String? { if case .text(let value) = self { value } else { nil } }
    /// The bytes; nothing for any other kind of value.
    public var blob: [UInt8]? { if case .blob(let value) = self { value } else { nil } }
    /// Whether there is no value.
    public var isNull: Bool { self == .null }

    /// A text, or null when there is none.
    public static func optional(_ text: String?) -> SQLValue { text.map { .text($0) } ?? .null }
    /// A whole number, or null when there is none.
    public static func optional(_ integer: Int64?) -> SQLValue { integer.map { .integer($0) } ?? .null }
    /// Bytes, or null when there are none.
    public static func optional(_ blob: [UInt8]?) -> SQLValue { blob.map { .blob($0) } ?? .null }
    /// 1 for true and 0 for false, as SQLite has no truth values of its own.
    public static func boolean(_ value: Bool) -> SQLValue { .integer(value ? 1 : 0) }
}

extension SQLValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByNilLiteral {
    /// A text.
    public init(stringLiteral value: String) { self = .text(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A floating-point number.
    public init(floatLiteral value: Double) { self = .real(value) }
    /// Null.
    public init(nilLiteral: ()) { self = .null }
}

/// One row of a query's answer.
public struct Row: Sendable, Hashable {
    /// The names of the columns, in the query's order.
    public let columns: [String]
    /// The values, in the same order.
    public let values: [SQLValue]

    /// The value in the column called `column`; asking for a column that the query does not have is a mistake of the program and stops it.
    public subscript(_ column: String) -> SQLValue {
        guard let index = columns.firstIndex(of: column) else { preconditionFailure("the row has no column \(column)") }
        return values[index]
    }

    /// The text in a column; nothing when it holds null or another kind of value.
    public func text(_ column: String) -> String? { self[column].text }
    /// The whole number in a column; nothing when it holds null or another kind of value.
    public func integer(_ column: String) -> Int64? { self[column].integer }
    /// The number in a column; nothing when it holds null or another kind of value.
    public func real(_ column: String) -> Double? { self[column].real }
    /// The bytes in a column; nothing when it holds null or another kind of value.
    public func blob(_ column: String) -> [UInt8]? { self[column].blob }
    /// Whether the whole number in a column is other than 0; nothing when it holds null or another kind of value.
    public func boolean(_ column: String) -> Bool? { self[column].integer.map { $0 != 0 } }
}
