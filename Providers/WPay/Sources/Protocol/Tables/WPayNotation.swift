/// The notation in which the tables of this folder are written, so that they can be read beside WPAY's own.
///
/// Words are field names in signing order. `*` behind one: required. `+` alone: what follows is unsigned. `(E)`, `(U)`, `(-)` behind one: its mark, where it differs from
/// ``WPayDictionary``; `(?)`: the dictionary's mark is a guess there; `:12` its length likewise. `list[ a b ]`: a JSON list of objects with these members. `skin`: the four extras that all pages of version 2.0 take.
enum WPayNotation {
    private static let skin = ["resetCssUrl", "resetTextUrl", "customTitle", "customShortcutUrl"]

    /// The fields that `text` lists.
    static func fields(_ text: String, of product: WPayProduct) -> [WPayField] {
        var words = text.split(separator: " ")[...]
        return read(&words, product)
    }

    private static func read(_ words: inout ArraySlice<Substring>, _ product: WPayProduct) -> [WPayField] {
        var fields: [WPayField] = []
        var isSigned = true
        while let word = words.popFirst() {
            switch word {
            case "]": return fields
            case "+": isSigned = false
            case "skin": fields += skin.map { field($0[...], product, isSigned: false) }
            case _ where word.hasSuffix("["):
                var list = field(word.dropLast(), product, isSigned: isSigned)
                list.members = read(&words, product)
                fields.append(list)
            default: fields.append(field(word, product, isSigned: isSigned))
            }
        }
        return fields
    }

    private static func field(_ word: Substring, _ product: WPayProduct, isSigned: Bool) -> WPayField {
        let name = String(word.prefix { !"*(:".contains($0) })
        let signs = word.dropFirst(name.count)
        var mark = WPayDictionary.mark(of: name, product)
        if signs.contains("(E)") { mark = .encrypted }
        if signs.contains("(U)") { mark = .encoded }
        if signs.contains("(-)") { mark = .plain }
        let length = signs.firstIndex(of: ":").flatMap { Int(signs[signs.index(after: $0)...]) }
        return WPayField(
            name, mark, isMarkGuessed: signs.contains("(?)"), isRequired: signs.contains("*"), isSigned: isSigned,
            maximumLength: length ?? WPayDictionary.lengths[name],
            maximumByteCount: WPayDictionary.byteLimits[name])
    }
}
