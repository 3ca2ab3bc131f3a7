import Base
import SandboxKit

extension Views {
    /// My page: every means with what can be done to it, and the way out of the service.
    static func myPage(_ page: OpenPage, member: String, means: [Means], pin: PINEntry) -> PageDocument {
        let none: Markup = "<p>등록한 결제수단이 없습니다. <small lang=\"en\">Nothing registered yet.</small></p>"
        return PageDocument(
            title: BilingualText("마이페이지", "My page"), merchant: page.merchant,
            body: """
                \(notice(page))\(Markup.facts([(BilingualText("회원", "member"), member)]))
                <h2>결제수단 <small lang="en">Means of payment</small></h2>
                \(means.map { item($0, page) })\(none, if: means.isEmpty)
                \(form(page, """
                    <div class="row">
                    <button class="small" name="\(PageField.press)" value="\(PagePress.newCard.rawValue)">+ 카드 등록 <small lang="en">card</small></button>
                    <button class="small" name="\(PageField.press)" value="\(PagePress.newAccount.rawValue)">+ 계좌 등록 <small lang="en">account</small></button>
                    </div>
                    """))
                <h2>서비스 탈퇴 <small lang="en">Leave WPAY</small></h2>
                <p>모든 결제수단이 지워집니다. 가맹점에는 탈퇴했을 때만 결과가 전달됩니다.
                <small lang="en">Deletes every means. Only leaving calls the merchant back; to go without, close the window.</small></p>
                \(form(page, """
                    \(Views.pin(pin))<button class="danger" name="\(PageField.press)" value="\(PagePress.leave.rawValue)">탈퇴 <small lang="en">leave</small></button>
                    <button class="small danger" name="\(PageField.press)" value="\(PagePress.fail.rawValue)" formnovalidate>탈퇴 실패시키기 \
                    <small lang="en">fail to leave</small></button>
                    <button class="small" name="\(PageField.press)" value="\(PagePress.cancel.rawValue)" formnovalidate>닫기 <small lang="en">close</small></button>
                    """))
                """)
    }

    private static func item(_ means: Means, _ page: OpenPage) -> Markup {
        let toggle: Markup =
            means.isMain
            ? "<button class=\"small\" name=\"\(PageField.press)\" value=\"\(PagePress.notMain.rawValue)\">대표 해제 <small lang=\"en\">unset</small></button>"
            : "<button class=\"small\" name=\"\(PageField.press)\" value=\"\(PagePress.main.rawValue)\">대표 지정 <small lang=\"en\">main</small></button>"
        return """
            <section class="means"><p>\(name(means))</p>
            \(form(page, """
                <input type="hidden" name="\(PageField.means)" value="\(means.id)">
                <div class="inline"><input name="\(PageField.nickname)" value="\(means.nickname)" maxlength="30" aria-label="별명 nickname" placeholder="별명">
                <button class="small" name="\(PageField.press)" value="\(PagePress.rename.rawValue)">별명 저장 <small lang="en">save</small></button></div>
                <div class="row">\(toggle)
                <button class="small danger" name="\(PageField.press)" value="\(PagePress.delete.rawValue)">삭제 <small lang="en">delete</small></button></div>
                """))
            </section>

            """
    }
}
