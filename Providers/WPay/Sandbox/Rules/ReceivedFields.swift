import Base
import ProviderKit
import SandboxKit
import Transport
import WPay

/// A request's fields after exactly one decoding: what WPAY hashes.
struct ReceivedFields: Sendable {
    /// The values in the order in which they came, `signature` included.
    let pairs: [(name: String, value: String)]
    private let values: [String: String]

    /// The value under `name`; empty when there is none.
    subscript(name: String) -> String { values[name] ?? "" }

    /// The values without the signature.
    var withoutSignature: [String: String] { values.filter { $0.key != WPayRequest.signatureField } }

    /// More than any genuine request has. Explaining takes time in proportion to fields times bytes and more, within the sandbox's one turn at its state.
    private static let (explainedFields, explainedBytes) = (200, 8 * 1024)

    /// Whether the request is small enough that a mistake in it is searched for and shown.
    var isExplained: Bool { pairs.count <= ReceivedFields.explainedFields && byteCount <= ReceivedFields.explainedBytes }

    /// What a verdict says about a request that is too large to be shown.
    var size: JSON.Members { ["fields": .number(pairs.count), "bytes": .number(byteCount)] }

    private var byteCount: Int { pairs.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count } }

    /// The signature as it was sent.
    var signature: String { self[WPayRequest.signatureField] }

    init(_ pairs: [(name: String, value: String)]) {
        self.pairs = pairs
        values = Dictionary(pairs.map { ($0.name, $0.value) }) { first, _ in first }
    }

    /// Reads a call without judging it: for finding out whose it is.
    init(lenient call: Call) {
        if call.method == .get {
            self.init(FormText.decode((call.query ?? "").utf8) ?? [])
        } else if let members = (try? JSON(call.body))?.members {
            self.init(ReceivedFields.pairs(members) ?? [])
        } else {
            self.init(FormText.decode(call.body) ?? [])
        }
    }

    /// Reads a call in the way of its carrier.
    init(of call: Call, _ carrier: WPayCarrier, _ settings: SandboxSettings) throws(Refused) {
        let pairs: [(name: String, value: String)]
        switch carrier {
        case .query:
            guard let read = FormText.decode((call.query ?? "").utf8) else { throw ReceivedFields.unreadable("query") }
            pairs = read
        case .page, .form:
            try ReceivedFields.checkType(call, settings)
            guard let read = FormText.decode(call.body) else { throw ReceivedFields.unreadable("form") }
            pairs = read
        case .json:
            guard let members = (try? JSON(call.body))?.members, let read = ReceivedFields.pairs(members) else {
                throw ReceivedFields.unreadable("JSON")
            }
            pairs = read
        }
        var seen: Set<String> = []
        for (name, _) in pairs where !seen.insert(name).inserted {
            throw Refused(
                "field.twice", ko: "\(name.prefix(40)) 필드가 두 번 들어 있습니다.", en: "the field \(name.prefix(40)) came twice",
                fix: ("필드마다 한 번만 보내세요.", "Send each field once."))
        }
        self.init(pairs)
    }

    /// Members that are texts, numbers or truth values; null counts as empty.
    private static func pairs(_ members: JSON.Members) -> [(name: String, value: String)]? {
        // Each member is looked for among all.
        guard members.count <= ReceivedFields.explainedFields else { return nil }
        var pairs: [(name: String, value: String)] = []
        for name in members.names {
            switch members[name] {
            case .string(let text), .number(let text): pairs.append((name, text))
            case .boolean(let value): pairs.append((name, value ? "true" : "false"))
            case .null: pairs.append((name, ""))
            case .array, .object, nil: return nil
            }
        }
        return pairs
    }

    private static let form = "application/x-www-form-urlencoded"
    /// As the specification prints it.
    private static let misspelt = [
        "application/www-form-urlencoded-x", "application/www-from-urldecoded-x", "application/www-from-urlencoded-x",
    ]

    private static func checkType(_ call: Call, _ settings: SandboxSettings) throws(Refused) {
        let type = (call.fields["Content-Type"] ?? form).prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        if type == form || (settings.takesMisspeltContentTypes && misspelt.contains(type)) { return }
        throw Refused(
            "body.content-type", ko: "본문은 폼(application/x-www-form-urlencoded)이어야 합니다.",
            en: "the body must be a form (application/x-www-form-urlencoded)",
            fix: (
                "JSON이나 multipart로 보내지 마세요. JSON은 wpayplus의 payreqappl만 받습니다.",
                "Do not send JSON or multipart; only payreqappl of wpayplus takes JSON."
            ))
    }

    private static func unreadable(_ form: String) -> Refused {
        Refused(
            "body.unreadable", ko: "요청을 \(form)(UTF-8)으로 읽을 수 없습니다.", en: "the request cannot be read as \(form) in UTF-8",
            fix: (
                "값을 퍼센트 인코딩할 때 UTF-8을 쓰고, base64의 +와 /도 인코딩하세요.",
                "Percent-encode values in UTF-8, the + and / of base64 included."
            ))
    }
}
