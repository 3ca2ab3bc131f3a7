public import Base

extension Markup {
    /// A form that posts to `action`, around what a page asks for.
    public static func form(action: String, _ content: Markup) -> Markup {
        """
        <form method="post" action="\(action)" autocomplete="off">
        \(content)
        </form>
        """
    }

    /// What went wrong, read out by screen readers at once; nothing when nothing did.
    public static func notice(_ text: BilingualText?) -> Markup {
        text.map { "<p class=\"notice\" role=\"alert\">\($0)</p>" } ?? .empty
    }

    /// Names and values in rows; empty values are left out.
    public static func facts(_ rows: [(label: BilingualText, value: String)]) -> Markup {
        let rows: [Markup] = rows.filter { !$0.value.isEmpty }
            .map { "<div><dt>\($0.label)</dt><dd>\($0.value)</dd></div>\n" }
        return rows.isEmpty ? .empty : "<dl>\(rows)</dl>\n"
    }

    /// A list to choose one from.
    ///
    /// - Parameters:
    ///   - name: The field's name.
    ///   - selected: The value that is chosen at first; the first one when it is none of them.
    public static func select(_ name: String, _ options: [(value: String, label: String)], selected: String = "") -> Markup {
        let options: [Markup] = options.map { option in
            "<option value=\"\(option.value)\"\(" selected", if: option.value == selected)>\(option.label)</option>"
        }
        return "<select name=\"\(name)\">\(options)</select>"
    }
}

extension BilingualText {
    /// In the compact form in which pages write theirs.
    public init(_ korean: String, _ english: String) { self.init(korean: korean, english: english) }
}
