import Base
import SandboxKit

extension Views {
    /// What a registration form starts with.
    struct Registration: Sendable {
        /// Cards, or bank accounts.
        var isAccount = false
        /// The companies to choose from, by WPAY's code.
        var companies: [(value: String, label: String)] = []
        /// The company that the merchant asked for; the choice is then fixed.
        var company = ""
        /// The company that was chosen before.
        var chosenCompany = ""
        var number = ""
        var expiry = ""
        var nickname = ""
        /// Whether the form stands within a window with a choice of means, which it leads back to.
        var isWithinWindow = false
    }

    static let cardKinds: [(value: String, label: String)] = [("0", "신용 credit"), ("1", "체크 check"), ("2", "선불 prepaid")]
    static let holders: [(value: String, label: String)] = [("0", "개인 personal"), ("1", "법인 corporate")]

    static func register(_ page: OpenPage, _ means: Registration) -> PageDocument {
        let companies = means.company.isEmpty ? means.companies : means.companies.filter { $0.value == means.company }
        let company = entry(
            means.isAccount ? BilingualText("은행", "bank") : BilingualText("카드사", "card company"),
            Markup.select(
                PageField.company, companies.isEmpty ? [(means.company, means.company)] : companies,
                selected: means.company.isEmpty ? means.chosenCompany : means.company))
        let number = entry(
            means.isAccount ? BilingualText("계좌번호", "account number") : BilingualText("카드번호", "card number"),
            digits(PageField.number, means.number, maximum: 23, placeholder: means.isAccount ? "000000000000" : "0000 0000 0000 0000"))
        let card: Markup = """
            <div class="pair">\
            \(entry(BilingualText("종류", "kind"), Markup.select(PageField.cardKind, cardKinds)))\
            \(entry(BilingualText("명의", "holder"), Markup.select(PageField.holder, holders)))\
            </div>\
            \(entry(BilingualText("유효기간 MMYY", "expiry"), digits(PageField.expiry, means.expiry, maximum: 5, placeholder: "1230")))
            """
        let nickname = entry(
            BilingualText("별명", "nickname, optional"), text(PageField.nickname, means.nickname, maximum: 30, required: false))
        let within: Markup = """
            <button class="main" name="\(PageField.press)" value="\(PagePress.register.rawValue)">등록 <small lang="en">register</small></button>
            <button class="small" name="\(PageField.press)" value="\(PagePress.back.rawValue)" formnovalidate>돌아가기 <small lang="en">back</small></button>
            """
        let buttons = means.isWithinWindow ? within : buttons(BilingualText("등록", "register"))
        return PageDocument(
            title: means.isAccount ? BilingualText("계좌 등록", "Register an account") : BilingualText("카드 등록", "Register a card"),
            merchant: page.merchant,
            body: "\(notice(page))\(form(page, "\(company)\(number)\(card, if: !means.isAccount)\(nickname)\(buttons)"))")
    }
}
