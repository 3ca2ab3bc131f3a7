import Base

/// Bootpay writes the same value as a number in one reply and as a text in another; these accept both.
extension JSON {
    /// The text of a string, or the digits of a number; nothing for the rest and for empty text.
    func text(_ name: String) -> String? {
        switch self[name] {
        case .string(let text)?: text.isEmpty ? nil : text
        case .number(let digits)?: digits
        default: nil
        }
    }

    /// A whole number, as a number or as a text.
    func wholeNumber(_ name: String) -> Int64? {
        switch self[name] {
        case .string(let text)?: JSON.integer(text)
        case .number(let digits)?: JSON.integer(digits)
        default: nil
        }
    }

    func won(_ name: String) -> Won? { wholeNumber(name).map { Won($0) } }

    func personal(_ name: String) -> PersonalText? { text(name).map { PersonalText($0) } }

    /// A moment written as `YYYY-MM-DD HH:MM:SS` in Korean time, with or without the offset that some replies add.
    func koreanTime(_ name: String) -> Timestamp? {
        guard let text = text(name) else { return nil }
        return Timestamp(koreanText: String(text.prefix(19)))
    }
}
