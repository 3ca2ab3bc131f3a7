import Base
import SandboxKit

extension Views {
    /// What is to be paid.
    struct Order: Sendable {
        var goods = ""
        /// In won, as the merchant wrote it.
        var price = ""
        var buyer = ""
        var number = ""
        /// Months, or empty for no instalments to be shown.
        var quota = ""
        /// Whether this signs up for automatic payments.
        var isAutomatic = false
    }

    /// One card or account as a page shows it.
    struct Means: Sendable {
        /// Names it within the page; the token itself stays with the sandbox.
        var id: String
        var isAccount = false
        var company: String
        /// Masked.
        var number: String
        var nickname = ""
        var isMain = false
        var isExpired = false
    }

    /// Pays with the means that the merchant named.
    static func pay(_ page: OpenPage, _ order: Order, with means: Means, pin: PINEntry) -> PageDocument {
        let rows: [(label: BilingualText, value: String)] = [
            (means.isAccount ? BilingualText("계좌", "account") : BilingualText("카드", "card"), "\(means.company) \(means.number)"),
            (BilingualText("별명", "nickname"), means.nickname), (BilingualText("할부", "instalments"), quotaText(order.quota)),
        ]
        return PageDocument(
            title: title(order), merchant: page.merchant,
            body: """
                \(summary(order, rows))\(notice(page))\
                \(form(page, "\(Views.pin(pin))\(buttons(order.isAutomatic ? signUp : payNow))"))
                """)
    }

    /// The standard window: chooses the means here, or registers one.
    ///
    /// - Parameters:
    ///   - chosen: The id of the means that is selected at first.
    ///   - email: What to fill in where an address for the bill is asked for; nothing when it is not.
    static func window(
        _ page: OpenPage, _ order: Order, means: [Means], chosen: String, pin: PINEntry, email: String?, offersAccounts: Bool
    ) -> PageDocument {
        let choices: [Markup] = means.map { means in
            """
            <label class="choice"><input type="radio" name="\(PageField.means)" value="\(means.id)" required\(" checked", if: means.id == chosen)>
            <span>\(name(means))</span></label>

            """
        }
        let none: Markup = "<p>등록한 결제수단이 없습니다. <small lang=\"en\">Nothing registered yet.</small></p>"
        let email: Markup =
            email.map { address in
                entry(
                    BilingualText("청구 안내를 받을 이메일", "e-mail for the bill"),
                    "<input type=\"email\" name=\"\(PageField.email)\" value=\"\(address)\" maxlength=\"60\" required>")
            } ?? .empty
        let quota = entry(BilingualText("할부", "instalments, cards only"), Markup.select(PageField.quota, quotas, selected: "00"))
        let account: Markup = """
            <button class="small" name="\(PageField.press)" value="\(PagePress.newAccount.rawValue)" formnovalidate>+ 계좌 등록 \
            <small lang="en">account</small></button>
            """
        let entries: Markup =
            "\(email)\(quota, if: !order.isAutomatic)\(Views.pin(pin))\(buttons(order.isAutomatic ? signUp : payNow))"
        return PageDocument(
            title: title(order), merchant: page.merchant,
            body: """
                \(summary(order, []))\(notice(page))
                \(form(page, """
                    <fieldset><legend><h2>결제수단 <small lang="en">Means of payment</small></h2></legend>
                    \(choices)\(none, if: means.isEmpty)
                    <div class="row">
                    <button class="small" name="\(PageField.press)" value="\(PagePress.newCard.rawValue)" formnovalidate>+ 카드 등록 \
                    <small lang="en">card</small></button>
                    \(account, if: offersAccounts)
                    </div></fieldset>
                    \(entries)
                    """))
                """)
    }

    private static let quotas: [(value: String, label: String)] = [
        ("00", "일시불"), ("02", "2개월"), ("03", "3개월"), ("04", "4개월"), ("05", "5개월"), ("06", "6개월"), ("10", "10개월"), ("12", "12개월"),
    ]

    private static let payNow = BilingualText("결제", "pay")
    private static let signUp = BilingualText("자동결제 신청", "sign up")

    private static func title(_ order: Order) -> BilingualText {
        order.isAutomatic ? BilingualText("자동결제 신청", "Sign up for automatic payments") : BilingualText("결제", "Payment")
    }

    private static func summary(_ order: Order, _ more: [(label: BilingualText, value: String)]) -> Markup {
        let price: Markup = "<p class=\"price\">\(grouped(order.price))원 <small lang=\"en\">KRW</small></p>"
        let rows =
            [
                (BilingualText("상품", "goods"), order.goods), (BilingualText("구매자", "buyer"), order.buyer),
                (BilingualText("주문번호", "order"), order.number),
            ] + more
        return "\(price, if: !order.price.isEmpty)\(Markup.facts(rows))"
    }

    private static func quotaText(_ quota: String) -> String {
        switch quota {
        case "": ""
        case "0", "00": "일시불"
        default: "\(quota.hasPrefix("0") ? String(quota.dropFirst()) : quota)개월"
        }
    }

    /// A means in one line, with what is special about it.
    static func name(_ means: Means) -> Markup {
        let nickname: Markup = "<small>\(means.nickname)</small>"
        let main: Markup = "<span class=\"badge\">대표</span>"
        let expired: Markup = "<span class=\"badge past\">유효기간 지남</span>"
        return """
            <b>\(means.company)</b> \(means.number)\(main, if: means.isMain)\(expired, if: means.isExpired)\
            \(nickname, if: !means.nickname.isEmpty)
            """
    }
}
