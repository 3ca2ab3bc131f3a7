/// What happens to a field's value before it is signed and sent (columns E and U of WPAY's tables).
public enum WPayFieldMark: String, Sendable, Hashable {
    /// Nothing: the value goes as it is.
    case plain
    /// E: encrypted with SEED and written in Base64; an empty value stays empty.
    case encrypted = "E"
    /// U: URL-encoded as UTF-8; an empty value stays empty.
    case encoded = "U"
}

/// One field of a request or a reply: a row of one of WPAY's tables.
public struct WPayField: Sendable, Hashable {
    /// The field's name, as on the wire.
    public var name: String
    /// What happens to its value.
    public var mark: WPayFieldMark
    /// Whether nobody has published the mark of this field here, so that a value which does not decrypt is taken as it is.
    public var isMarkGuessed: Bool
    /// Whether it must be there and not empty.
    public var isRequired: Bool
    /// Whether it has a place in the signing order; fields without one are unauthenticated.
    public var isSigned: Bool
    /// The longest value, in characters of the plain text; nothing where the dictionary names no length.
    public var maximumLength: Int?
    /// The longest value in bytes of UTF-8, where the dictionary names such a limit besides.
    public var maximumByteCount: Int?
    /// The fields of each element, when the value is a list or an object of JSON; empty for a text.
    public var members: [WPayField]

    /// A row of a table.
    public init(
        _ name: String, _ mark: WPayFieldMark = .plain, isMarkGuessed: Bool = false, isRequired: Bool = false, isSigned: Bool = true,
        maximumLength: Int? = nil,
        maximumByteCount: Int? = nil, members: [WPayField] = []
    ) {
        self.name = name
        self.mark = mark
        self.isMarkGuessed = isMarkGuessed
        self.isRequired = isRequired
        self.isSigned = isSigned
        self.maximumLength = maximumLength
        self.maximumByteCount = maximumByteCount
        self.members = members
    }
}

/// How the fields of a message travel.
public enum WPayCarrier: String, Sendable, Hashable {
    /// A form that the shopper's browser posts.
    case page
    /// The body of a server's POST, as a form.
    case form
    /// The body of a server's POST, as JSON.
    case json
    /// The query of a GET.
    case query

    /// Whether U fields are URL-encoded in the signed message. In JSON and in queries they are signed as they are (one source, the specification's export).
    public var encodesMarkedFields: Bool {
        switch self {
        case .page, .form: true
        case .json, .query: false
        }
    }
}
