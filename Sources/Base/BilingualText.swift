/// A sentence for a person, in both languages the project speaks.
public struct BilingualText: Hashable, Sendable {
    /// The Korean sentence.
    public var korean: String
    /// The English sentence.
    public var english: String

    /// Pairs the two sentences.
    public init(korean: String, english: String) {
        self.korean = korean
        self.english = english
    }
}
