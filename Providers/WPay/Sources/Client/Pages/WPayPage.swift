/// A page of WPAY's that a shopper's browser opens by posting a signed form.
public protocol WPayPage: Sendable {
    /// The row of the table that the page is; some kinds of page have one row for cards and another for accounts.
    static func api(of page: Self) -> WPayAPI
    /// The fields, without the merchant id.
    var values: [(name: String, value: WPayValue)] { get }
}

/// A form for the merchant's page: the browser posts the fields, in this order, to the action.
///
/// U fields are encoded already and the browser encodes every value once more; that is what WPAY expects.
public struct WPayForm: Sendable, CustomStringConvertible {
    /// Where the form is posted.
    public let action: String
    /// Names and values of the hidden inputs, in order, the signature among them.
    public let fields: [(name: String, value: String)]

    /// The form as HTML, its values escaped: put it into a page and submit it.
    ///
    /// - Parameter id: The form's `id`: letters, digits, `-` and `_`; other characters are left out.
    public func html(id: String = "wpay") -> String {
        let name = String(
            id.unicodeScalars.filter { ("a"..."z" ~= $0) || ("A"..."Z" ~= $0) || ("0"..."9" ~= $0) || $0 == "-" || $0 == "_" })
        let inputs = fields.map { field in
            "<input type=\"hidden\" name=\"\(WPayForm.escaped(field.name))\" value=\"\(WPayForm.escaped(field.value))\">\n"
        }
        return
            "<form id=\"\(name)\" method=\"post\" action=\"\(WPayForm.escaped(action))\" accept-charset=\"utf-8\">\n\(inputs.joined())</form>\n"
    }

    /// The action alone; the fields may hold personal data.
    public var description: String { "form for \(action)" }

    private static func escaped(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}

/// How a page looks; every field may be left out.
public struct WPayAppearance: Sendable, Hashable {
    /// The address of a style sheet.
    public var styleSheetURL: String?
    /// The address of a file with other texts.
    public var textURL: String?
    /// The page's title.
    public var title: String?
    /// The address of the page's icon.
    public var iconURL: String?

    /// An appearance.
    public init(styleSheetURL: String? = nil, textURL: String? = nil, title: String? = nil, iconURL: String? = nil) {
        self.styleSheetURL = styleSheetURL
        self.textURL = textURL
        self.title = title
        self.iconURL = iconURL
    }

    var values: [(name: String, value: WPayValue)] {
        given([("resetCssUrl", styleSheetURL), ("resetTextUrl", textURL), ("customTitle", title), ("customShortcutUrl", iconURL)])
    }
}

/// What a shopper who registers an account types into the telephone when the bank calls (ARS).
public enum WPayPhoneCheck: Sendable, Hashable {
    /// The day of birth.
    case birthDay
    /// A number that the page shows, of 2 to 4 digits.
    case number(digits: Int)

    var values: [(name: String, value: WPayValue)] {
        switch self {
        case .birthDay: given([("arsVersion", "1")])
        case .number(let digits): given([("arsVersion", "2"), ("authNoLength", String(digits))])
        }
    }
}

/// What is sold: the fields that every payment page shares.
public struct WPayOrder: Sendable, Hashable {
    /// The merchant's number of the order, ASCII without `&`.
    public var id: String
    /// What is sold, below 100 bytes of UTF-8.
    public var goodsName: String
    /// The amount in won.
    public var price: Int64
    /// Who buys, at most 30 bytes of UTF-8.
    public var buyerName: PlainValue
    /// The buyer's telephone number, digits and hyphens.
    public var buyerTel: PlainValue
    /// The buyer's address for mail.
    public var buyerEmail: PlainValue?

    /// An order.
    public init(
        id: String, goodsName: String, price: Int64, buyerName: PlainValue, buyerTel: PlainValue, buyerEmail: PlainValue? = nil
    ) {
        self.id = id
        self.goodsName = goodsName
        self.price = price
        self.buyerName = buyerName
        self.buyerTel = buyerTel
        self.buyerEmail = buyerEmail
    }

    var goods: [(name: String, value: WPayValue)] {
        given([("oid", id), ("goodsName", goodsName), ("goodsPrice", String(price))])
    }

    var buyer: [(name: String, value: WPayValue)] { given([("buyerName", buyerName), ("buyerTel", buyerTel), ("buyerEmail", buyerEmail)]) }
}

/// The fields that have a value.
func given(_ fields: [(name: String, value: String?)]) -> [(name: String, value: WPayValue)] {
    fields.compactMap { field in field.value.map { (field.name, .plain($0)) } }
}

/// The fields that have a value.
func given(_ fields: [(name: String, value: PlainValue?)]) -> [(name: String, value: WPayValue)] {
    fields.compactMap { field in field.value.map { (field.name, .plain($0)) } }
}
