/// A word out of one of the provider's lists. Lists grow without notice, so that a word that is not known is kept as it is.
public protocol AppsInTossWord: RawRepresentable, Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral
where RawValue == String {
    /// One by its word.
    init(rawValue: String)
    /// Those that are known.
    static var known: [Self] { get }
}

extension AppsInTossWord {
    /// One by its word.
    public init(stringLiteral value: String) { self.init(rawValue: value) }
    /// Whether it is one of those that are known.
    public var isKnown: Bool { Self.known.contains(self) }
    /// The word.
    public var description: String { rawValue }
}
