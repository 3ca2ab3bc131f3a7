import Base

/// Reading as leniently as the provider writes: numbers as texts and the other way round, `null` for what is missing.
extension JSON {
    /// A text, or the digits of a number.
    var lenientText: String? {
        switch self {
        case .string(let text): text
        case .number(let digits): digits
        default: nil
        }
    }

    /// A whole number, or one that a text writes.
    var lenientWhole: Int64? {
        switch self {
        case .number(let digits): JSON.integer(digits)
        case .string(let text): JSON.integer(text)
        default: nil
        }
    }

    /// A truth value, or one that a text writes.
    var lenientFlag: Bool? {
        switch self {
        case .boolean(let value): value
        case .string("true"): true
        case .string("false"): false
        default: nil
        }
    }

    /// The member `name` as a text.
    func text(_ name: String) -> String? { self[name]?.lenientText }
    /// The member `name` as a whole number.
    func whole(_ name: String) -> Int64? { self[name]?.lenientWhole }
    /// The member `name` as a truth value.
    func flag(_ name: String) -> Bool? { self[name]?.lenientFlag }
    /// The member `name` as a moment.
    func moment(_ name: String) -> Timestamp? { text(name).flatMap(AppsInTossTime.read) }
    /// The member `name` as a word of a list.
    func word<Word: AppsInTossWord>(_ name: String) -> Word? { text(name).map { Word(rawValue: $0) } }
}
