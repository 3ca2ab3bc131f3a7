public import Base
public import Storage

// How services keep moments in their tables, and how the control API shows them.

extension Timestamp {
    /// The moment as a statement's value: nanoseconds since 1970.
    public var value: SQLValue { .integer(nanosecondsSinceEpoch) }
}

extension SQLValue {
    /// A moment, or null when there is none.
    public static func moment(_ moment: Timestamp?) -> SQLValue { moment.map(\.value) ?? .null }
}

extension Row {
    /// The moment in a column; nothing when it holds null or another kind of value.
    public func moment(_ column: String) -> Timestamp? { integer(column).map { Timestamp(nanosecondsSinceEpoch: $0) } }
}

extension JSON {
    /// A text, or null.
    public static func optional(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }
    /// A whole number, or null.
    public static func optional(_ number: Int64?) -> JSON { number.map { .number($0) } ?? .null }
    /// A moment in the way of the control API, or null.
    public static func optional(_ moment: Timestamp?) -> JSON { moment.map { .string($0.internetText) } ?? .null }
    /// Texts as an array.
    public static func texts(_ texts: [String]) -> JSON { .array(texts.map { .string($0) }) }
}
