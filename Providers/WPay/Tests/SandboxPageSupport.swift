import Base
import ProviderKit
import SandboxKit
import TestSupport
import Testing
import Transport
import WPay

@testable import WPaySandbox

/// A page as a reader that is not ours sees it: Python's own HTML parser, which undoes escapes as browsers do.
struct SeenPage: Sendable {
    struct Form: Sendable {
        var action: String
        var method: String
        /// Hidden fields in the order in which a browser sends them.
        var fields: [(name: String, value: String)]
        /// The values of its buttons.
        var buttons: [String]

        /// The value of a hidden field; nothing when there is none of that name.
        func value(_ name: String) -> String? { fields.first { $0.name == name }?.value }

        /// The fields as the callback oracle takes them.
        var json: JSON {
            var members = JSON.Members()
            for (name, value) in fields { members[name] = .string(value) }
            return .object(members)
        }
    }

    var title: String
    /// The text that a person reads.
    var text: String
    var forms: [Form]
    /// The names of all elements, in order.
    var elements: [String]
    /// The names of all attributes.
    var attributes: Set<String>
    /// The values of `href`, `src` and `action`.
    var addresses: [String]
    /// What stands in `style` and `script`, each hashed with SHA-256 in base64.
    var hashes: [String]

    /// The form that goes back to the merchant.
    var callback: Form? { forms.first { $0.fields.contains { $0.name == "resultCode" } } }

    static func read(_ pages: [String]) throws -> [SeenPage] {
        try PythonOracle.lines(script, input: pages.map { JSON.string($0).text }).map { line in
            let json = try JSON(line)
            func texts(_ name: String) -> [String] { json[name]?.elements?.compactMap(\.string) ?? [] }
            let forms = (json["forms"]?.elements ?? []).map { form in
                Form(
                    action: form["action"]?.string ?? "", method: form["method"]?.string ?? "",
                    fields: (form["fields"]?.elements ?? []).compactMap { pair in
                        guard let parts = pair.elements, let name = parts[0].string, let value = parts[1].string else { return nil }
                        return (name, value)
                    }, buttons: form["buttons"]?.elements?.compactMap(\.string) ?? [])
            }
            return SeenPage(
                title: json["title"]?.string ?? "", text: json["text"]?.string ?? "", forms: forms, elements: texts("elements"),
                attributes: Set(texts("attributes")), addresses: texts("addresses"), hashes: texts("hashes"))
        }
    }

    private static let script = #"""
        import sys, json, hashlib, base64
        from html.parser import HTMLParser
        class Reader(HTMLParser):
            def __init__(self):
                super().__init__(convert_charrefs=True)
                self.seen = dict(title='', text='', forms=[], elements=[], attributes=[], addresses=[], hashes=[])
                self.open = []
            def handle_starttag(self, tag, attributes):
                a, s = dict(attributes), self.seen
                assert len(a) == len(attributes), 'an attribute twice'
                s['elements'].append(tag); s['attributes'] += a; s['addresses'] += [a[n] for n in ('href', 'src', 'action') if n in a]
                if tag not in ('meta', 'input', 'link', 'br'): self.open.append(tag)
                if tag == 'form': s['forms'].append(dict(action=a.get('action', ''), method=a.get('method', ''), fields=[], buttons=[]))
                if tag == 'input' and a.get('type') == 'hidden': s['forms'][-1]['fields'].append([a['name'], a['value']])
                if tag == 'button': s['forms'][-1]['buttons'].append(a.get('value', ''))
            def handle_endtag(self, tag):
                assert self.open.pop() == tag, 'a wrong end tag'
            def handle_data(self, data):
                inside = self.open[-1] if self.open else ''
                if inside in ('style', 'script'):
                    self.seen['hashes'].append(base64.b64encode(hashlib.sha256(data.encode()).digest()).decode())
                elif inside == 'title': self.seen['title'] += data
                else: self.seen['text'] += data
        for line in sys.stdin:
            reader = Reader()
            reader.feed(json.loads(line))
            reader.close()
            assert not reader.open, 'an element without an end'
            print(json.dumps(reader.seen))
        """#
}

extension SandboxHouse {
    /// The address that a shown page's buttons lead to.
    static func action(_ judgement: Judgement) throws -> String {
        let found = judgement.text.firstMatch(of: /action="(\/wpay)?(\/sandbox\/visit\/[0-9a-f]{64})"/)
        return String(try #require(found?.output.2, "no page: \(judgement.verdict?.json.text ?? "") \(judgement.text.suffix(800))"))
    }

    /// Presses a button of a shown page, with what was typed in.
    func press(_ press: String, on page: Judgement, _ entries: [String: String] = [:]) async throws -> Judgement {
        try await self.press(press, at: try SandboxHouse.action(page), entries)
    }

    func press(_ press: String, at action: String, _ entries: [String: String] = [:]) async throws -> Judgement {
        let pairs = entries.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) } + [("press", press)]
        return await send(
            Call(
                method: .post, path: action, fields: ["Content-Type": "application/x-www-form-urlencoded"],
                body: Array(FormText.encode(pairs).utf8)))
    }

    /// A form of a page of the demo member's, with a card payment's fields where the page takes them.
    static func order(_ row: String, _ more: [String: String] = [:], mistake: String = "") throws -> SandboxOracle.Order {
        let api = try #require(WPayTables.api(identifier: row))
        let all = member.merging([
            "userId": "visitor-\(api.product.rawValue)-\(api.name.utf8.count)", "userNm": "박방문", "hNum": "01011112222", "hCorp": "KTF",
            "birthDay": "19910203", "agreePayNm": "상점 약관",
            "agreeUrl": "https://shop.example/terms", "wpayToken": api.name == "payauth/acct" ? DemoData.accountToken : DemoData.cardToken,
            "oid": "ORDER-7", "goodsName": "과일 & 상자", "goodsPrice": "5000", "buyerName": "홍길동", "buyerTel": "010-1234-5678",
            "cardQuota": "00", "billkeyAppFlag": "Y", "nMid": DemoData.autoPayMID, "iniBillKeyiMid": WPayDemonstration.mid,
            "returnUrl": "https://shop.example/return?id=5", "cancelReturnUrl": "https://shop.example/bye?a=1",
        ]) { $1 }.filter { api.requestField($0.key) != nil }
        var values = all.merging(more) { $1 }
        if api.name == "payauth/acct" { values["bankCardCode"] = "04" }
        return SandboxOracle.Order(row: row, values: values, mistake: mistake)
    }

    /// Opens a page with a form of the project's own builder: quicker than the oracle, whose turn is in SandboxPageTests.
    func open(_ row: String, _ more: [String: String] = [:]) async throws -> Judgement {
        await send(try SandboxHouse.call(row, try SandboxHouse.order(row, more).values))
    }

    /// What a shopper types in on a page so that it goes through.
    static func entries(_ row: String, number: Int = 0) throws -> [String: String] {
        let api = try #require(WPayTables.api(identifier: row))
        switch PageKind(api, [:]) {
        case .join:
            return [
                "name": "박방문", "phone": "010-1111-2222", "carrier": "KTF", "birth": "19910203", "new-pin": "246810",
                "new-pin-again": "246810", "agreed": "Y",
            ]
        case .pinChange: return ["pin": DemoData.pin, "new-pin": DemoData.pin, "new-pin-again": DemoData.pin]
        case .registerCard: return ["company": "06", "number": "9410 0000 0000 \(1000 + number)", "expiry": "12/30", "nickname": "내 카드"]
        case .registerAccount: return ["company": "88", "number": "110-000-00\(1000 + number)"]
        default: return ["pin": DemoData.pin]
        }
    }
}
