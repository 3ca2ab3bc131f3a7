import Base
import ProviderKit
import SandboxKit
import TestSupport
import Testing
import Transport
import WPay

@testable import WPaySandbox

@Suite("WPAY sandbox: the pages' HTML, read by an independent parser")
struct SandboxPageMarkupTests {
    private static let hostile = "\"><script>alert('1')</script><img src=x onerror=alert(2)>&amp;<\u{301}b>` 한글"

    /// Every view with hostile text wherever text can stand.
    private static var documents: [PageDocument] {
        let text = hostile
        let page = OpenPage(action: "/wpay/sandbox/visit/0", merchant: text, notice: BilingualText(text, text))
        let order = Views.Order(goods: text, price: text, buyer: text, number: text, quota: text)
        let means = Views.Means(id: text, company: text, number: text, nickname: text, isMain: true, isExpired: true)
        let registration = Views.Registration(
            companies: [(value: text, label: text)], company: text, chosenCompany: text, number: text, expiry: text, nickname: text)
        let person = Views.Joining(
            userName: text, phone: text, carrier: text, birthDay: text, readOnly: ["userNm"], agreementName: text,
            agreementAddress: "https://x.example/" + text, representative: text)
        let callback = PageCallback(
            merchant: text, callback: Callback(address: "https://x.example/" + text, carrier: .page, fields: [(text, text)]),
            resultCode: text,
            isSuccess: true)
        return [
            Views.join(page, person), Views.pinCheck(page, isNew: false), Views.pinChange(page, isLocked: true, isNew: false),
            Views.identityCheck(page, phone: text), Views.register(page, registration), Views.pay(page, order, with: means, pin: .present),
            Views.window(page, order, means: [means], chosen: text, pin: .new, email: text, offersAccounts: true),
            Views.myPage(page, member: text, means: [means], pin: .present), Views.callback(callback), Views.delivered(callback),
            Views.end(BilingualText(text, text), BilingualText(text, text), merchant: text),
            Views.trouble(BilingualText(text, text), log: "http://x.example/" + text, merchant: text),
        ]
    }

    private static func html(_ document: PageDocument) -> String { String(decoding: document.reply().body, as: UTF8.self) }

    @Test("No value of a request becomes markup, wherever it stands, and every one is readable as it was")
    func escaping() throws {
        let pages = try SeenPage.read(Self.documents.map(Self.html))
        let known: Set<String> = [
            "html", "head", "meta", "title", "style", "body", "header", "p", "b", "small", "main", "h1", "h2", "form", "label", "span",
            "input",
            "select", "option", "button", "div", "dl", "dt", "dd", "fieldset", "legend", "section", "footer", "a", "pre", "script",
        ]
        for (number, page) in pages.enumerated() {
            #expect(Set(page.elements).isSubset(of: known), "\(number): \(Set(page.elements).subtracting(known))")
            #expect(page.elements.count { $0 == "script" } == (number == 8 ? 1 : 0), "\(number)")
            #expect(page.attributes.allSatisfy { !$0.hasPrefix("on") && $0 != "src" && $0 != "style" }, "\(number)")
            #expect(page.text.contains(Self.hostile), "\(number)")
        }
        let form = try #require(pages[8].forms.first)
        #expect(form.fields.elementsEqual([(name: Self.hostile, value: Self.hostile)], by: ==))
        #expect(form.action == "https://x.example/" + Self.hostile)
    }

    @Test("Values of a callback come through the page unchanged: quotes, ampersands, signs, line breaks, Korean")
    func values() throws {
        let values = ["", " ", "a+b/c==", "%EA%B0%80+%26", "&quot;&amp;", "'\"`<>", "한글 값", "\r\n\t", "x\n\ny", "👨‍👩‍👧 é"]
        let callback = Callback(
            address: "https://shop.example/", carrier: .page, fields: values.enumerated().map { (name: "f\($0.offset)", value: $0.element) }
        )
        let outcome = PageCallback(merchant: "M", callback: callback, resultCode: "0000", isSuccess: true)
        let seen = try SeenPage.read([Self.html(Views.callback(outcome))])[0]
        #expect(seen.forms[0].fields.map(\.value) == values)
        let kept = try #require(PageCallback(stored: try JSON(outcome.stored.text)))
        #expect(kept.callback.fields.elementsEqual(callback.fields, by: ==) && kept.isRepeated)
    }

    @Test("Links lead to web addresses only")
    func links() throws {
        let page = OpenPage(action: "/", merchant: "M")
        let addresses = ["javascript:alert(1)", " https://x.example", "data:text/html,x", "//x.example", "https://x.example/a"]
        let pages = try SeenPage.read(
            addresses.map { Self.html(Views.join(page, Views.Joining(agreementName: "약관", agreementAddress: $0))) })
        #expect(pages.map { $0.elements.contains("a") } == [false, false, false, false, true])
    }

    @Test("The policy allows this style and this line of script only, by their hashes, and forms that lead back")
    func policy() throws {
        for (document, seen) in zip(Self.documents, try SeenPage.read(Self.documents.map(Self.html))) {
            let reply = document.reply()
            let policy = try #require(reply.fields["Content-Security-Policy"])
            #expect(seen.hashes.allSatisfy { policy.contains("'sha256-\($0)'") } && !policy.contains("unsafe"))
            #expect(policy.hasPrefix("default-src 'none'; ") && policy.contains("base-uri 'none'"))
            #expect(policy.contains(seen.elements.contains("script") ? "form-action http: https:" : "form-action 'self'"))
            #expect(reply.fields["Cache-Control"] == "no-store" && reply.fields["Referrer-Policy"] == "strict-origin")
            #expect(reply.fields["Content-Type"] == "text/html; charset=utf-8" && reply.fields["X-Content-Type-Options"] == "nosniff")
        }
    }

    @Test("Amounts are grouped by thousands, and what is no number is left alone")
    func amounts() {
        let groups = ["": "", "7": "7", "100": "100", "1000": "1,000", "12900": "12,900", "1234567": "1,234,567", "-1": "-1", "1,0": "1,0"]
        for (digits, text) in groups { #expect(Views.grouped(digits) == text) }
    }
}
