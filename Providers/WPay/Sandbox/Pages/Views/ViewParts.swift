import Base
import SandboxKit

/// The names under which a page's forms send what was entered and pressed.
enum PageField {
    static let press = "press"
    static let pin = "pin"
    static let newPIN = "new-pin"
    static let repeatedPIN = "new-pin-again"
    static let userName = "name"
    static let phone = "phone"
    static let carrier = "carrier"
    static let birthDay = "birth"
    static let agreement = "agreed"
    static let company = "company"
    static let number = "number"
    static let expiry = "expiry"
    static let cardKind = "kind"
    static let holder = "holder"
    static let nickname = "nickname"
    static let means = "means"
    static let quota = "quota"
    static let email = "email"
    static let receipt = "receipt"
}

/// What can be pressed on a page.
enum PagePress: String, Sendable, CaseIterable {
    /// Goes on as the shopper wants it.
    case approve
    /// Has WPAY fail, by the developer's wish.
    case fail
    /// The shopper gives up.
    case cancel
    /// In a window with a choice of means: shows the form for a new card, or for a new account.
    case newCard = "new-card"
    case newAccount = "new-account"
    /// Registers what that form holds.
    case register
    /// Goes back from that form.
    case back
    /// On my page: makes one means the main one, or takes that away.
    case main
    case notMain = "not-main"
    /// Gives one means another nickname.
    case rename
    /// Deletes one means.
    case delete
    /// Leaves the service.
    case leave
}

/// A page that waits for somebody to press something.
struct OpenPage: Sendable {
    /// Where the buttons lead; nobody can guess it.
    var action: String
    /// The merchant id.
    var merchant: String
    /// What was wrong with the latest press.
    var notice: BilingualText?
}

/// The views of the pages: each a function from plain values to a page.
enum Views {}

extension Views {
    /// The form around what a page asks for.
    static func form(_ page: OpenPage, _ content: Markup) -> Markup { .form(action: page.action, content) }

    static func notice(_ page: OpenPage) -> Markup { .notice(page.notice) }

    /// The three buttons of every page: one that goes on, and two that do not look at what was entered.
    static func buttons(_ approve: BilingualText, fail: Bool = true) -> Markup {
        """
        <button class="main" name="\(PageField.press)" value="\(PagePress.approve.rawValue)">\(approve)</button>
        <div class="row">
        <button class="small" name="\(PageField.press)" value="\(PagePress.cancel.rawValue)" formnovalidate>취소 <small lang="en">cancel</small></button>
        <button class="small danger" name="\(PageField.press)" value="\(PagePress.fail.rawValue)" formnovalidate>실패시키기 <small lang="en">fail</small></button>
        </div>
        """
    }

    /// An entry with its name above it.
    static func entry(_ label: BilingualText, _ input: Markup) -> Markup { "<label><span class=\"name\">\(label)</span>\(input)</label>\n" }

    static func text(_ name: String, _ value: String, maximum: Int, required: Bool = true, readOnly: Bool = false) -> Markup {
        """
        <input name="\(name)" value="\(value)" maxlength="\(maximum)"\(" required", if: required)\(" readonly", if: readOnly)>
        """
    }

    /// An entry of digits, spaces and hyphens, for which a phone shows its number keys.
    static func digits(_ name: String, _ value: String, maximum: Int, placeholder: String = "", readOnly: Bool = false) -> Markup {
        """
        <input name="\(name)" value="\(value)" maxlength="\(maximum)" inputmode="numeric" pattern="[0-9 \\-]*" placeholder="\(placeholder)" \
        required\(" readonly", if: readOnly)>
        """
    }

    static func pin(_ label: BilingualText = BilingualText(korean: "PIN 여섯 자리", english: "six digits"), name: String = PageField.pin)
        -> Markup
    {
        entry(
            label,
            """
            <input class="pin" type="password" name="\(name)" inputmode="numeric" pattern="[0-9]{6}" minlength="6" maxlength="6" \
            autocomplete="off" required>
            """)
    }

    /// Which PIN a page asks for.
    enum PINEntry: Sendable {
        case none
        /// The member's.
        case present
        /// One that the member, who has none, sets here.
        case new
    }

    static func pin(_ entry: PINEntry) -> Markup {
        switch entry {
        case .none: .empty
        case .present: pin()
        case .new:
            """
            <p>아직 PIN이 없습니다. 여기서 정합니다. <small lang="en">No PIN yet; set one here.</small></p>
            <div class="pair">\(pin(BilingualText("새 PIN", "new PIN"), name: PageField.newPIN))\
            \(pin(BilingualText("한 번 더", "again"), name: PageField.repeatedPIN))</div>
            """
        }
    }

    /// An amount as people write it: `12,000`. What is no number stays as it is.
    static func grouped(_ digits: String) -> String {
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return digits }
        var output = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.utf8.count - place) % 3 == 0 { output.append(",") }
            output.append(digit)
        }
        return output
    }
}
