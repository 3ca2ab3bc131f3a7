extension StringProtocol {
    /// Whether both are the same code, byte for byte. `==` also takes the Kelvin sign for a K, as the two are canonically equivalent: such a `KRW` would pass for won in
    /// every comparison and still be a currency of its own in every table.
    func isCode(_ other: some StringProtocol) -> Bool { utf8.elementsEqual(other.utf8) }
}

extension Sequence where Element: StringProtocol {
    /// Whether one of the codes is this one, byte for byte.
    func holdsCode(_ code: some StringProtocol) -> Bool { contains { $0.isCode(code) } }
}
