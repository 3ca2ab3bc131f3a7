import Base

/// A page as a reader that is not ours sees it: Python's own HTML parser, which undoes escapes as browsers do.
public struct SeenPage: Sendable {
    /// A form with what a browser would send of it.
    public struct Form: Sendable {
        /// Where it leads.
        public var action: String
        /// `get` or `post`.
        public var method: String
        /// Hidden fields in the order in which a browser sends them.
        public var fields: [(name: String, value: String)]
        /// The values of its buttons.
        public var buttons: [String]

        /// The value of a hidden field; nothing when there is none of that name.
        public func value(_ name: String) -> String? { fields.first { $0.name == name }?.value }

        /// The hidden fields by name.
        public var json: JSON {
            var members = JSON.Members()
            for (name, value) in fields { members[name] = .string(value) }
            return .object(members)
        }
    }

    /// What stands in the browser's tab.
    public var title: String
    /// The text that a person reads.
    public var text: String
    /// The forms in their order.
    public var forms: [Form]
    /// The names of all elements, in order.
    public var elements: [String]
    /// The names of all attributes.
    public var attributes: Set<String>
    /// The values of `href`, `src` and `action`.
    public var addresses: [String]
    /// What stands in `style` and `script`, each hashed with SHA-256 in base64.
    public var hashes: [String]

    /// Reads the HTML of pages; fails where an element is not closed or an attribute stands twice.
    public static func read(_ pages: [String]) throws -> [SeenPage] {
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
