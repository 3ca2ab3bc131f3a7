import Base
import ProviderKit
import SandboxKit

/// One page as the browser gets it: in the sandboxes' common frame, with WPAY's name on it.
struct PageDocument: Sendable {
    /// What the page is for.
    var title: BilingualText
    /// The merchant id (MID) that opened it; nothing when it is not known to be one.
    var merchant: String?
    /// What stands beneath the title.
    var body: Markup
    /// Where the forms of the page may lead; only the callback's leads to the merchant.
    var formTarget = PageFrame.FormTarget.ownPages

    /// The reply that carries the page.
    func reply(status: Int = 200) -> Reply {
        let origin: Markup = merchant.map { "<p class=\"merchant\">가맹점 <b>\($0)</b></p>" } ?? ""
        return Self.frame.reply(title: title, corner: origin, body: body, formTarget: formTarget, status: status)
    }

    /// Submits the callback's form as soon as the page is there.
    static let submission: Markup = "HTMLFormElement.prototype.submit.call(document.getElementById(\"callback\"))"

    private static let frame = PageFrame(
        site: "WPAY 샌드박스", brand: "<b>WPAY</b> 샌드박스 <small lang=\"en\">sandbox</small>",
        footer: BilingualText(
            "부절의 시험용 화면입니다. 실제 결제는 일어나지 않으니 진짜 카드 번호나 개인정보를 넣지 마세요.",
            "A test page of Bujeol: no money moves. Do not enter real cards or personal data."), style: style, script: submission)

    private static let style: Markup = """
        .merchant { font-size: .875rem; color: var(--soft) } main .price > small { display: inline }
        .price { font-size: 1.75rem; font-weight: 700; margin: 0 0 .5rem } .price small { font-size: 1rem }
        .pin { letter-spacing: .5em; font-size: 1.25rem } .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0 .75rem }
        .badge { font-size: .75rem; padding: .05rem .4rem; margin-left: .35rem; border-radius: 1rem; color: var(--on-accent);
          background: var(--accent); white-space: nowrap }
        .badge.past { background: var(--soft) }
        .means { padding: 1rem; margin: 0 0 .75rem; border: 1px solid var(--line); border-radius: .5rem } .means p { margin: 0 0 .75rem }
        .means p small { display: block }
        .inline { display: grid; grid-template-columns: 1fr auto; gap: .5rem; margin-bottom: .5rem } .inline button { width: auto }
        @media (forced-colors: active) { .badge { border: 1px solid } }

        """
}
