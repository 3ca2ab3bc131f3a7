import Base
import ProviderKit
import SandboxKit
import TestSupport
import Testing
import TossAuth
import Transport

@testable import TossAuthSandbox

@Suite("Toss Auth sandbox: the phone's HTML, read by an independent parser")
struct SandboxPhoneMarkupTests {
    private static let hostile = "\"><script>alert('1')</script><img src=x onerror=alert(2)>&amp;<\u{301}b>` 한글"
    private static let now = Timestamp(unixSeconds: 1_784_160_000)

    private static func check(
        _ status: Transaction.Status, _ text: String = hostile, url: String? = nil, isDenied: Bool = false, isHeld: Bool = false
    ) -> PhoneViews.Check {
        PhoneViews.Check(
            id: "4b0a8a43-1a2b-4c3d-8e4f-5a6b7c8d9e0f", client: text, kind: .none, status: status, requestURL: url ?? text,
            expiresAt: now + .seconds(600), now: now, isDenied: isDenied, holder: isHeld ? text : nil,
            choices: isHeld ? [] : [(id: text, label: text), (id: "p2", label: text)])
    }

    /// Every view with hostile text wherever text can stand.
    private static var replies: [Reply] {
        let notice = BilingualText(hostile, hostile)
        let statuses = Transaction.Status.allCases
        return statuses.map { PhoneViews.check(check($0), notice: notice) } + statuses.map { PhoneViews.check(check($0, isHeld: true)) }
            + statuses.map { PhoneViews.check(check($0, url: "intoss://a/?b=\"'<x>&c`")) }
            + [
                PhoneViews.check(check(.requested, isDenied: true)),
                PhoneViews.list([check(.requested), check(.inProgress)], folder: "phone/"),
                PhoneViews.list([], folder: ""),
                PhoneViews.unknown(), PhoneViews.wrong(notice, status: 405),
            ]
    }

    private static func html(_ reply: Reply) -> String { String(decoding: reply.body, as: UTF8.self) }

    @Test("No value of a request becomes markup, wherever it stands, and every one is readable as it was")
    func escaping() throws {
        let known: Set<String> = [
            "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "p", "b", "small", "h1", "h2", "dl", "div", "dt",
            "dd",
            "ul", "li", "form", "label", "span", "select", "option", "button", "details", "summary", "a", "code",
        ]
        let pages = try SeenPage.read(Self.replies.map(Self.html))
        for (number, page) in pages.enumerated() {
            #expect(Set(page.elements).isSubset(of: known), "\(number): \(Set(page.elements).subtracting(known))")
            #expect(page.attributes.allSatisfy { !$0.hasPrefix("on") && $0 != "src" && $0 != "style" }, "\(number)")
            let shows = number < 14 || number == 16
            #expect(page.text.contains(Self.hostile) == shows, "\(number)")
        }
    }

    @Test("The policy allows this style by its hash, no script, and forms that lead back; nothing is kept, sniffed or loaded")
    func policy() throws {
        for (reply, page) in zip(Self.replies, try SeenPage.read(Self.replies.map(Self.html))) {
            let hash = try #require(page.hashes.first)
            #expect(page.hashes.count == 1)
            #expect(
                reply.fields["Content-Security-Policy"]
                    == "default-src 'none'; style-src 'sha256-\(hash)'; form-action 'self'; base-uri 'none'")
            #expect(reply.fields["Cache-Control"] == "no-store" && reply.fields["X-Content-Type-Options"] == "nosniff")
            #expect(reply.fields["Referrer-Policy"] == "strict-origin" && reply.fields["Content-Type"] == "text/html; charset=utf-8")
            #expect(!Self.html(reply).contains("url(") && !Self.html(reply).contains("@import"))
        }
    }

    @Test(
        "The way back is a link for the schemes of the web and of apps, and bare text for anything that could do more than lead somewhere")
    func wayBack() throws {
        let harmless = [
            "intoss://my-granite-app", "https://shop.example/a?b=c#d", "HTTP://shop.example", "supertoss://x", "my.app+1-x://open?c=%20",
            "intoss://한글?a='b'",
        ]
        let harmful = [
            "javascript:alert(1)", "JavaScript://%0aalert(1)", "javascript://x", " javascript://x", "java\nscript://x",
            "\u{1}javascript://x",
            "data:text/html,x", "data://text/html,x", "vbscript://x", "file:///etc/passwd", "blob:https://x",
            "view-source:https://x.example",
            "intent://x#Intent;S.browser_fallback_url=javascript:1;end", "//evil.example", "/path", "mailto:a@b", "https:", "https://", "",
            "x y://z", "1app://x", "null", "https//x", "about://blank", "intoss://a b", "intoss://" + String(repeating: "a", count: 2000),
        ]
        let addresses = harmless.map { ($0, true) } + harmful.map { ($0, false) }
        let pages = try SeenPage.read(addresses.map { Self.html(PhoneViews.check(Self.check(.completed, "c", url: $0.0))) })
        for ((address, isLink), page) in zip(addresses, pages) { #expect(page.addresses == (isLink ? [address] : []), "\(address)") }
    }

    @Test("The forms of a page lead to the page itself, and offer what can be done where the check stands")
    func buttons() throws {
        let shown = [
            PhoneViews.check(Self.check(.requested)), PhoneViews.check(Self.check(.inProgress)),
            PhoneViews.check(Self.check(.inProgress, isDenied: true)), PhoneViews.check(Self.check(.completed)),
            PhoneViews.check(Self.check(.expired)),
        ]
        let pages = try SeenPage.read(shown.map(Self.html))
        let expected = [["open", "deny", "expire"], ["approve", "deny", "expire"], ["expire"], [], []]
        #expect(pages.map { $0.forms.flatMap(\.buttons) } == expected)
        #expect(pages.flatMap(\.forms).allSatisfy { $0.action == Self.check(.requested).id && $0.method == "post" })
        #expect(pages.map { $0.elements.contains("select") } == [false, true, false, false, false])
    }

    @Test(
        "The time left is rounded up to the second, with the end in Korean time",
        arguments: [
            (600_000, "10분 (09:10:00까지)"), (599_001, "10분 (09:09:59까지)"), (61_000, "1분 1초 (09:01:01까지)"), (1, "1초 (09:00:00까지)"),
            (0, "0초 (09:00:00까지)"), (-5000, "0초 (08:59:55까지)"), (3_600_000, "1시간 (10:00:00까지)"),
        ])
    func timeLeft(_ milliseconds: Int64, _ text: String) {
        var check = Self.check(.requested)
        check.expiresAt = Self.now + .milliseconds(milliseconds)
        #expect(PhoneViews.timeLeft(check) == text)
    }

    @Test(
        "People are shown by masked names",
        arguments: [
            ("김토스", "김*스 · p1"), ("남궁토스", "남**스 · p1"), ("김토", "김* · p1"), ("김", "* · p1"), ("", "- · p1"), ("Ann Lee", "A*****e · p1"),
        ])
    func masked(_ name: String, _ label: String) {
        let person = Person(id: "p1", name: name, phone: "01012345678", birthday: "19930324", gender: .female, nationality: .local)
        #expect(PhonePage.label(person) == label)
        let foreigner = Person(id: "p1", name: name, phone: "01012345678", birthday: "19930324", gender: .male, nationality: .foreigner)
        #expect(PhonePage.label(foreigner) == label + " · 외국인")
    }
}
