public import Base
import Cryptography
public import ProviderKit
import Transport

/// What all pages of one provider's sandbox have in common: plain HTML that fits a phone, with a policy that lets a page load nothing and run nothing but,
/// at the most, one script that is known beforehand.
public struct PageFrame: Sendable {
    /// Where the forms of a page may lead.
    public enum FormTarget: Sendable {
        /// Back to the sandbox only.
        case ownPages
        /// To any web address, for the way back to a caller. Browsers apply the policy to redirects as well, and a caller's address usually redirects to a page
        /// of another host; where such a page's only form is the sandbox's own, naming one origin would protect nothing and break that.
        case anywhere
    }

    private let site: String
    private let brand: Markup
    private let footer: BilingualText
    private let style: Markup
    private let ownPolicy: String
    private let openPolicy: String

    /// A frame; to be made once, since it hashes the style.
    ///
    /// - Parameters:
    ///   - site: Stands behind the title in the browser's tab.
    ///   - brand: Stands above every page.
    ///   - footer: Stands beneath every page.
    ///   - style: What the pages need besides ``PageStyle/base``.
    ///   - script: The one script that pages may run, in a `script` element without anything else; nothing for pages without one.
    public init(site: String, brand: Markup, footer: BilingualText, style: Markup = .empty, script: Markup? = nil) {
        self.site = site
        self.brand = brand
        self.footer = footer
        let style: Markup = "\(PageStyle.base)\(style)"
        self.style = style
        let sources = "style-src '\(PageFrame.hash(style))'; " + (script.map { "script-src '\(PageFrame.hash($0))'; " } ?? "")
        ownPolicy = PageFrame.policy(sources, formAction: "'self'")
        openPolicy = PageFrame.policy(sources, formAction: "http: https:")
    }

    /// The reply that carries a page.
    ///
    /// - Parameters:
    ///   - title: What the page is for.
    ///   - corner: What stands beside the brand, a `p` element; such as who asked for the page.
    ///   - body: What stands beneath the title.
    ///   - formTarget: Where the forms of the page may lead.
    ///   - status: The HTTP status.
    public func reply(
        title: BilingualText, corner: Markup = .empty, body: Markup, formTarget: FormTarget = .ownPages, status: Int = 200
    ) -> Reply {
        let markup: Markup = """
            <!doctype html>
            <html lang="ko">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title.korean) · \(site)</title>
            <style>\(style)</style>
            </head>
            <body>
            <header><p class="brand">\(brand)</p>\(corner)</header>
            <main>
            <h1>\(title)</h1>
            \(body)
            </main>
            <footer><p>\(footer)</p></footer>
            </body>
            </html>

            """
        var fields: HTTPFields = [
            "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
            // Not `no-referrer`: with that a browser names no origin when a button is pressed, and the press could not be told from a stranger's.
            "Referrer-Policy": "strict-origin",
        ]
        fields.append("Content-Security-Policy", formTarget == .anywhere ? openPolicy : ownPolicy)
        return Reply(status: status, fields: fields, body: Array(markup.html.utf8))
    }

    private static func policy(_ sources: String, formAction: String) -> String {
        "default-src 'none'; \(sources)form-action \(formAction); base-uri 'none'"
    }

    private static func hash(_ text: Markup) -> String { "sha256-\(Base64.encode(Digest.sha256.hash(text.html)))" }
}
