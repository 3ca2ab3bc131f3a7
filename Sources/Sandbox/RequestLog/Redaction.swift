import Base
import ProviderKit
import SandboxKit
import Transport

/// Knows which fields must not be shown.
struct Redactor: Sendable {
    /// What stands in the place of a value that is not shown.
    static let mark = "[redacted]"

    /// Names that are secret or personal as a whole.
    private static let usualNames: Set<String> = [
        "authorization", "secret", "clientsecret", "pin", "otp", "cvc", "cvv", "ssn", "rrn", "ci", "di", "tel", "username", "realname",
        "pw", "pwd", "key", "accountno", "accountnumber", "bankaccount", "address", "cookie", "session",
    ]

    /// Parts of names that make any name secret or personal: `user_phone`, `phone_number`, `easy_pay_user_token`.
    private static let usualParts = [
        "privatekey", "secretkey", "apikey", "accesskey", "token", "password", "passwd", "passphrase", "cardno", "cardnumber", "cardpw",
        "cardpassword",
        "cardexpire", "cardexpiry", "identifyn", "identityno", "residentn", "phone", "mobile", "email", "birth", "credential",
    ]

    private let names: Set<String>

    /// Whether no value of a request's query and body may be shown.
    let hidesRequest: Bool
    /// All that may be shown of a request's query and body; nothing where that goes by ``isSecret(_:)``.
    let shown: ShownRequest?

    /// Knows the usual names and, besides, `more`.
    init(_ more: Set<String> = [], hidesRequest: Bool = false) {
        names = Self.usualNames.union(more.map(Self.normal))
        self.hidesRequest = hidesRequest
        shown = nil
    }

    private init(names: Set<String>, hidesRequest: Bool, shown: ShownRequest?) {
        self.names = names
        self.hidesRequest = hidesRequest
        self.shown = shown
    }

    /// Knows what is private in one route's calls besides.
    func adding(_ privacy: RoutePrivacy) -> Redactor {
        guard !privacy.fields.isEmpty || privacy.hidesRequest || privacy.shown != nil else { return self }
        return Redactor(
            names: names.union(privacy.fields.map(Self.normal)), hidesRequest: hidesRequest || privacy.hidesRequest,
            shown: privacy.shown ?? shown)
    }

    /// Whether the value under `name` must not be shown. Of `user[phone]` or `user.phone` each part counts, and the whole.
    func isSecret(_ name: String) -> Bool {
        let parts = name.utf8.split { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "]") || $0 == UInt8(ascii: ".") }
            .map { Self.normal(String($0) ?? "") }
        let whole = parts.joined()
        return names.contains(whole) || parts.contains { names.contains($0) } || Self.usualParts.contains { whole.contains($0) }
    }

    /// Case, underscores, hyphens and spaces do not count: `cardNo`, `card_no` and `CARD-NO` are one name.
    private static func normal(_ name: String) -> String {
        name.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " }
    }
}

/// Makes one call and its answer fit to be kept and shown.
///
/// It also remembers what it took out, so that a secret from the request does not come back in an error's text, in the path or in a verdict.
struct RedactionPass {
    private let redactor: Redactor
    private(set) var removed: Set<String> = []

    /// Longer bodies are not read, only their length is told.
    private static let longestRead = 256 * 1024
    /// Of longer texts the beginning is kept.
    private static let longestKept = 16 * 1024
    /// Shorter values are not looked for elsewhere: they would be found where they mean something else.
    private static let shortestSought = 6
    /// Of a request that is shown member by member, so many are.
    private static let mostMembers = 200
    /// Header fields that are shown with their values.
    private static let harmlessFields: Set<String> = [
        "accept", "accept-encoding", "accept-language", "allow", "connection", "content-length", "content-type", "date", "expect", "host",
        "retry-after", "user-agent",
    ]

    /// Words before a credential that are no credential.
    private static let schemes: Set<String> = ["basic", "bearer", "digest"]

    init(_ redactor: Redactor) { self.redactor = redactor }

    /// The header fields: names, and the values of harmless ones.
    mutating func fields(_ fields: HTTPFields) -> JSON {
        var members = JSON.Members()
        for (name, value) in fields {
            if Self.harmlessFields.contains(name.lowercased()) {
                members[name] = .string(String(value.prefix(512)))
            } else {
                members[name] = .string(Redactor.mark)
                guard redactor.isSecret(name) else { continue }
                for word in value.utf8.split(whereSeparator: { " =;,".utf8.contains($0) }) {
                    let word = String(word) ?? ""
                    if !Self.schemes.contains(word.lowercased()) { remember(word) }
                }
            }
        }
        return .object(members)
    }

    /// The path with the query, secret fields of the query replaced.
    mutating func target(path: String, query: String?) -> String {
        guard let query else { return path }
        if let shown = redactor.shown {
            guard let pairs = FormText.decode(query.utf8), pairs.count <= Self.mostMembers else { return "\(path)?\(Redactor.mark)" }
            let texts = pairs.map { "\(self.name($0.name, shown))=\(value(.string($0.value), of: $0.name, shown).string ?? Redactor.mark)" }
            return "\(path)?\(texts.joined(separator: "&"))"
        }
        return "\(path)?\(self.query(query, isSecret: redactor.hidesRequest))"
    }

    /// The body of the request.
    mutating func requestBody(_ bytes: [UInt8], contentType: String?) -> JSON {
        guard let shown = redactor.shown, !bytes.isEmpty, bytes.count <= Self.longestRead else {
            return body(bytes, contentType: contentType, isSecret: redactor.hidesRequest)
        }
        let pairs: [(name: String, value: JSON)]
        if let members = (try? JSON(bytes))?.members {
            pairs = zip(members.names, members.values).map { ($0, $1) }
        } else if contentType?.lowercased().hasPrefix("application/x-www-form-urlencoded") ?? false, let form = FormText.decode(bytes) {
            pairs = form.map { ($0.name, .string($0.value)) }
        } else {
            return .string("[\(bytes.count) bytes that are neither a JSON object nor a form]")
        }
        guard pairs.count <= Self.mostMembers else {
            return .string("[\(bytes.count) bytes with \(pairs.count) members, too many to show]")
        }
        return members(pairs.map { (name($0.name, shown), value($0.value, of: $0.name, shown)) })
    }

    /// A body by its fields; values without a field's name are not shown. What is neither JSON nor a form has no field names to go by and is not shown.
    mutating func body(_ bytes: [UInt8], contentType: String?, isSecret: Bool = false) -> JSON {
        guard !bytes.isEmpty else { return .null }
        guard bytes.count <= Self.longestRead else { return .string("[\(bytes.count) bytes, too long to show]") }
        let first = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "["), let value = try? JSON(bytes) {
            return bounded(json(value, isSecret: isSecret, isNamed: false), byteCount: bytes.count)
        }
        let type = contentType?.lowercased() ?? "application/x-www-form-urlencoded"
        if type.hasPrefix("application/x-www-form-urlencoded"), let pairs = FormText.decode(bytes),
            pairs.allSatisfy({ Self.isFieldName($0.name) })
        {
            return bounded(form(pairs, isSecret: isSecret), byteCount: bytes.count)
        }
        return .string("[\(bytes.count) bytes that are neither JSON nor a form]")
    }

    /// A value in which nothing that was taken out elsewhere stands any more. To be called when everything else was read.
    func scrubbed(_ value: JSON) -> JSON {
        guard !removed.isEmpty else { return value }
        switch value {
        case .string(let text): return .string(scrubbed(text))
        case .array(let elements): return .array(elements.map(scrubbed))
        case .object(let members):
            return .object(JSON.Members(zip(members.names, members.values).map { (scrubbed($0), scrubbed($1)) }))
        case .null, .boolean, .number: return value
        }
    }

    /// A text in which nothing that was taken out elsewhere stands any more.
    func scrubbed(_ text: String) -> String {
        // The longest first: a part of a secret may have been taken out by itself.
        removed.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }.reduce(text) { replacing($1, in: $0) }
    }

    // MARK: Values

    private mutating func json(_ value: JSON, isSecret: Bool, isNamed: Bool = true) -> JSON {
        switch value {
        case .null, .boolean: return value
        case .number(let digits):
            guard isSecret || !isNamed else { return value }
            remember(digits)
            return .string(Redactor.mark)
        case .string(let text):
            guard !text.isEmpty else { return value }
            guard isSecret || !isNamed else { return .string(self.text(text)) }
            remember(text)
            return .string(Redactor.mark)
        case .array(let elements): return .array(elements.map { json($0, isSecret: isSecret, isNamed: isNamed) })
        case .object(let members):
            var pairs: [(String, JSON)] = []
            for (name, member) in zip(members.names, members.values) {
                pairs.append((name, json(member, isSecret: isSecret || redactor.isSecret(name))))
            }
            return .object(JSON.Members(pairs))
        }
    }

    /// Whether it can be the name of a form's field, and not a piece of a text that only looks like a form.
    private static func isFieldName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || "_-.[]".utf8.contains(byte)
            }
    }

    /// A text that may be JSON or an address by itself.
    private mutating func text(_ text: String) -> String {
        if text.hasPrefix("{") || text.hasPrefix("["), let inner = try? JSON(text) {
            return json(inner, isSecret: false, isNamed: inner.members != nil).text
        }
        if text.contains("://"), let mark = text.utf8.firstIndex(of: UInt8(ascii: "?")) {
            return text[...mark] + query(String(text[text.utf8.index(after: mark)...]))
        }
        return text
    }

    private mutating func query(_ query: String, isSecret: Bool = false) -> String {
        guard let pairs = FormText.decode(query.utf8) else { return "[unreadable]" }
        return pairs.map { pair in
            // Percent signs are left out: the text is for a person.
            guard isSecret || redactor.isSecret(pair.name), !pair.value.isEmpty else { return "\(pair.name)=\(pair.value)" }
            remember(pair.value)
            return "\(pair.name)=\(Redactor.mark)"
        }.joined(separator: "&")
    }

    private mutating func form(_ pairs: [(name: String, value: String)], isSecret: Bool) -> JSON {
        members(pairs.map { ($0.name, json(.string($0.value), isSecret: isSecret || redactor.isSecret($0.name))) })
    }

    /// An object in which values of one name stand together.
    private func members(_ pairs: [(name: String, value: JSON)]) -> JSON {
        var members = JSON.Members()
        for (name, value) in pairs {
            switch members[name] {
            case nil: members[name] = value
            case .array(let earlier)?: members[name] = .array(earlier + [value])
            case let earlier?: members[name] = .array([earlier, value])
            }
        }
        return .object(members)
    }

    /// A name that is known, or a mark in the place of one that may be anything.
    private func name(_ name: String, _ shown: ShownRequest) -> String { shown.names.contains(name) ? name : Redactor.mark }

    /// A value that is what belongs under its name, or a mark in the place of one that may be anything.
    private mutating func value(_ value: JSON, of name: String, _ shown: ShownRequest) -> JSON {
        switch value {
        case .null, .boolean: return value
        case .string(""): return value
        case .string(let text):
            if !redactor.isSecret(name), let isHarmless = shown.values[name], isHarmless(text) || isHarmless(Self.trimmed(text)) {
                return value
            }
            remember(text)
        case .number(let digits): remember(digits)
        case .array, .object: break
        }
        return .string(Redactor.mark)
    }

    private func bounded(_ value: JSON, byteCount: Int) -> JSON {
        guard byteCount > Self.longestKept else { return value }
        let text = value.bytes
        guard text.count > Self.longestKept else { return value }
        return .string(String(decoding: text.prefix(Self.longestKept), as: UTF8.self) + "… [cut]")
    }

    private mutating func remember(_ value: String) {
        if value.utf8.count >= Self.shortestSought, value != Redactor.mark { removed.insert(value) }
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    /// Compares bytes: a secret is found also where a combining character follows it. What is written like the words of protocols, in capitals, is not looked for inside of longer such
    /// words: a wrong `USER_PERSON` does not take `USER_PERSONAL` out of the explanation.
    private func replacing(_ secret: String, in text: String) -> String {
        let secret = Array(secret.utf8)
        let bytes = Array(text.utf8)
        let isWord = secret.allSatisfy(Self.isCapital)
        guard bytes.count >= secret.count else { return text }
        var output: [UInt8] = []
        var index = 0
        var found = false
        while index < bytes.count {
            if bytes[index] == secret[0], bytes[index...].starts(with: secret),
                !isWord || !Self.isInsideWord(index..<index + secret.count, of: bytes)
            {
                output.append(contentsOf: Redactor.mark.utf8)
                index += secret.count
                found = true
            } else {
                output.append(bytes[index])
                index += 1
            }
        }
        return found ? String(decoding: output, as: UTF8.self) : text
    }

    private static func isCapital(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || byte == 0x5F }

    private static func isInsideWord(_ range: Range<Int>, of bytes: [UInt8]) -> Bool {
        range.lowerBound > 0 && isCapital(bytes[range.lowerBound - 1])
            || range.upperBound < bytes.count && isCapital(bytes[range.upperBound])
    }
}
