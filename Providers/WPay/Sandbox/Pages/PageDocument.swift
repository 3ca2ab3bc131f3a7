import Base
import Cryptography
import ProviderKit
import Transport

/// One page as the browser gets it: plain HTML that fits a phone, with a policy that lets it load nothing and run nothing but its one line of script.
struct PageDocument: Sendable {
    /// What the page is for.
    var title: BilingualText
    /// The merchant id (MID) that opened it; nothing when it is not known to be one.
    var merchant: String?
    /// What stands beneath the title.
    var body: Markup
    /// Where the forms of the page may lead.
    var formTarget = FormTarget.ownPages

    /// Where the forms of a page may lead.
    enum FormTarget: Sendable {
        /// Back to the sandbox only.
        case ownPages
        /// To the merchant. Browsers apply the policy to redirects as well, and a merchant's callback address usually redirects to a page of another host;
        /// the page's only form is ours, so that naming one origin would protect nothing and break that.
        case merchant
    }

    /// The reply that carries the page.
    func reply(status: Int = 200) -> Reply {
        var fields: HTTPFields = [
            "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
            // Not `no-referrer`: with that a browser names no origin when a button is pressed, and the press could not be told from a stranger's.
            "Referrer-Policy": "strict-origin",
        ]
        fields.append("Content-Security-Policy", formTarget == .merchant ? Self.merchantPolicy : Self.ownPolicy)
        return Reply(status: status, fields: fields, body: Array(markup.html.utf8))
    }

    private var markup: Markup {
        let origin: Markup = merchant.map { "<p class=\"merchant\">가맹점 <b>\($0)</b></p>" } ?? ""
        return """
            <!doctype html>
            <html lang="ko">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title.korean) · WPAY 샌드박스</title>
            <style>\(Self.style)</style>
            </head>
            <body>
            <header><p class="brand"><b>WPAY</b> 샌드박스 <small lang="en">sandbox</small></p>\(origin)</header>
            <main>
            <h1>\(title)</h1>
            \(body)
            </main>
            <footer><p>부절의 시험용 화면입니다. 실제 결제는 일어나지 않으니 진짜 카드 번호나 개인정보를 넣지 마세요.
            <small lang="en">A test page of Bujeol: no money moves. Do not enter real cards or personal data.</small></p></footer>
            </body>
            </html>

            """
    }

    /// Submits the callback's form as soon as the page is there.
    static let submission: Markup = "HTMLFormElement.prototype.submit.call(document.getElementById(\"callback\"))"

    private static let ownPolicy = policy(formAction: "'self'")
    private static let merchantPolicy = policy(formAction: "http: https:")

    private static func policy(formAction: String) -> String {
        "default-src 'none'; style-src '\(hash(style))'; script-src '\(hash(submission))'; form-action \(formAction); base-uri 'none'"
    }

    private static func hash(_ text: Markup) -> String { "sha256-\(Base64.encode(Digest.sha256.hash(text.html)))" }

    private static let style: Markup = """
        :root { --ink: #1b2430; --soft: #5d6b7c; --line: #d7dee7; --ground: #f2f5f8; --sheet: #fff; --accent: #1f5fbf; --wrong: #b3261e; color-scheme: light }
        * { box-sizing: border-box }
        body { margin: 0; color: var(--ink); background: var(--ground); word-break: keep-all; overflow-wrap: anywhere;
          font: 16px/1.55 system-ui, -apple-system, "Apple SD Gothic Neo", "Noto Sans KR", "Noto Sans CJK KR", "Malgun Gothic", sans-serif }
        header, main, footer { max-width: 30rem; margin: 0 auto; padding: 0 1.25rem }
        header { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; padding-top: 1rem; padding-bottom: .75rem }
        header p { margin: 0 } .brand b { color: var(--accent); letter-spacing: .04em } .merchant { font-size: .875rem; color: var(--soft) }
        header p { white-space: nowrap } main p > small { display: block } main .price > small { display: inline }
        main { background: var(--sheet); padding-top: 1.25rem; padding-bottom: 1.5rem; border-top: 3px solid var(--accent) }
        h1 { font-size: 1.375rem; line-height: 1.3; margin: 0 0 1rem } h2 { font-size: 1.0625rem; margin: 1.75rem 0 .5rem }
        h1 small, h2 small { display: block; font-size: .8125rem; font-weight: 400 }
        small { font-size: .8125rem; color: var(--soft) } p { margin: .5rem 0 } a { color: var(--accent) }
        .price { font-size: 1.75rem; font-weight: 700; margin: 0 0 .5rem } .price small { font-size: 1rem }
        dl { margin: 0 0 1rem; border-top: 1px solid var(--line) }
        dl div { display: flex; gap: 1rem; justify-content: space-between; padding: .5rem 0; border-bottom: 1px solid var(--line) }
        dt { color: var(--soft); flex: none } dt small { display: block; line-height: 1.2 } dd { margin: 0; text-align: right }
        label, fieldset { display: block; margin: 0 0 .875rem } fieldset { border: 0; padding: 0 } legend { padding: 0 }
        .name { display: block; margin-bottom: .25rem; font-size: .9375rem }
        input, select { width: 100%; min-height: 2.875rem; padding: .5rem .75rem; font: inherit; color: inherit; background: #fff;
          border: 1px solid #8a97a6; border-radius: .5rem }
        input[readonly] { background: var(--ground); color: var(--soft) }
        input[type=radio], input[type=checkbox] { width: 1.25rem; min-height: 1.25rem; margin: .15rem 0 0; flex: none; accent-color: var(--accent) }
        .pin { letter-spacing: .5em; font-size: 1.25rem } .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0 .75rem }
        .choice { display: flex; gap: .75rem; padding: .75rem; margin: 0 0 .5rem; border: 1px solid var(--line); border-radius: .5rem }
        .choice:has(:checked) { border-color: var(--accent); background: #f0f5fc } .choice small, .means p small { display: block }
        .badge { font-size: .75rem; padding: .05rem .4rem; margin-left: .35rem; border-radius: 1rem; color: #fff; background: var(--accent); white-space: nowrap }
        .badge.past { background: var(--soft) }
        button, .button { display: block; width: 100%; min-height: 3rem; padding: .5rem 1rem; font: inherit; font-weight: 600; cursor: pointer;
          color: var(--ink); background: #fff; border: 1px solid #8a97a6; border-radius: .5rem }
        button small { font-weight: 400; color: inherit; opacity: .8 } button + button { margin-top: .5rem }
        .main { color: #fff; background: var(--accent); border-color: var(--accent); margin-bottom: .5rem }
        .row { display: grid; grid-template-columns: 1fr 1fr; gap: .5rem } .row button { margin: 0 }
        .danger { color: var(--wrong); border-color: var(--wrong) } .small { min-height: 2.5rem; font-size: .9375rem; font-weight: 400 }
        :focus-visible { outline: 3px solid #7fb0f5; outline-offset: 2px }
        .notice { padding: .75rem; border-left: 4px solid var(--wrong); background: #fdf1f0; margin: 0 0 1rem } .notice small { display: block }
        .means { padding: 1rem; margin: 0 0 .75rem; border: 1px solid var(--line); border-radius: .5rem } .means p { margin: 0 0 .75rem }
        .inline { display: grid; grid-template-columns: 1fr auto; gap: .5rem; margin-bottom: .5rem } .inline button { width: auto }
        code { font-size: .875rem; background: var(--ground); padding: .1rem .3rem; border-radius: .25rem }
        pre { font-size: .8125rem; background: var(--ground); padding: .75rem; border-radius: .5rem; white-space: pre-wrap; word-break: break-all }
        footer p { font-size: .8125rem; color: var(--soft); margin: 1rem 0 2rem } footer small { display: block }
        @media (min-width: 40rem) { header { padding-top: 2.5rem } header, footer { padding-left: .25rem; padding-right: .25rem }
          main { padding: 1.75rem 2rem 2rem; border-radius: .75rem; border: 1px solid var(--line); border-top: 3px solid var(--accent) } }
        @media (forced-colors: active) { .badge { border: 1px solid } }
        """
}
