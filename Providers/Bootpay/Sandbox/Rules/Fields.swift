import Base
import Bootpay
import ProviderKit
import SandboxKit
import Transport

/// A request's members, read as leniently as Bootpay must be: official clients send forms, JSON, JSON without a content type, empty bodies, numbers as
/// texts and floats, explicit nulls, and objects flattened to bare names.
struct Fields {
    /// The members as they came.
    let members: JSON.Members
    /// Whether the body was a form.
    let isForm: Bool

    /// Fields that are there already.
    init(_ members: JSON.Members = [:], isForm: Bool = false) {
        self.members = members
        self.isForm = isForm
    }

    /// Reads the body of a call; bodies on GET and DELETE are ignored, whatever they are.
    init(of call: Call) throws(Refused) {
        guard call.method != .get, call.method != .delete, !call.body.isEmpty else {
            self.init()
            return
        }
        let type = (call.fields["Content-Type"] ?? "").prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        if type == "application/x-www-form-urlencoded" {
            if Fields.looksLikeJSON(call.body) { throw Fields.mislabelled }
            guard let form = Fields.form(call.body) else { throw Fields.unreadable("form") }
            self.init(form, isForm: true)
        } else if type == "application/json" || type.hasSuffix("+json") {
            guard let members = Fields.json(call.body) else { throw Fields.unreadable("JSON") }
            self.init(members)
        } else if let members = Fields.json(call.body) {
            self.init(members)
        } else if !type.hasPrefix("multipart/"), !Fields.looksLikeJSON(call.body), let form = Fields.form(call.body) {
            self.init(form, isForm: true)
        } else {
            throw Fields.unreadable("JSON")
        }
    }

    private static func json(_ body: [UInt8]) -> JSON.Members? {
        switch try? JSON(body) {
        case .object(let members): return members
        case .array(let elements) where elements.isEmpty: return [:]
        case .null: return [:]
        default: return nil
        }
    }

    private static func form(_ body: [UInt8]) -> JSON.Members? { FormText.decode(body).flatMap(FormTree.members) }

    private static func looksLikeJSON(_ body: [UInt8]) -> Bool {
        body.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "{")
    }
}

// MARK: Values

extension Fields {
    /// The value under `name`; nothing when it is absent, which is to say missing, null or an empty text.
    subscript(name: String) -> JSON? {
        guard let value = members[name], !value.isNull, value != .string("") else { return nil }
        return value
    }

    /// Whether the member was written, but as an empty text.
    func isEmptyText(_ name: String) -> Bool { members[name] == .string("") }

    /// The text under `name`; a number or truth value counts by how it is written, and of a repeated name the last counts.
    func text(_ name: String) throws(Refused) -> String? {
        guard var value = self[name] else { return nil }
        if isForm, let last = value.elements?.last { value = last }
        guard let text = Fields.scalar(value) else { throw Fields.wrong(name, ko: "문자열이어야 합니다", en: "must be a text") }
        return text.isEmpty ? nil : text
    }

    /// The text under `name`, which must be there.
    func required(_ name: String) throws(Refused) -> String {
        guard let text = try text(name) else { throw Fields.missing([name]) }
        return text
    }

    /// Complains about all of `names` that are absent, at once.
    func require(_ names: String...) throws(Refused) {
        let missing = names.filter { self[$0] == nil }
        if !missing.isEmpty { throw Fields.missing(missing) }
    }

    private static let largestNumber: Int64 = 1_000_000_000_000

    /// A whole number of at most twelve zeros: written as a number, a float or a text.
    func number(_ name: String) throws(Refused) -> Int64? {
        guard let text = try text(name) else { return nil }
        // Larger than any amount: most likely another field's value, a card number for instance, which no verdict may repeat.
        guard let number = JSON.integer(text), (-Fields.largestNumber...Fields.largestNumber).contains(number) else {
            throw Fields.wrong(
                name, ko: "정수여야 합니다. 쉼표나 단위, 소수점 아래 값은 쓸 수 없습니다",
                en: "must be a whole number, without separators, units or a fraction")
        }
        return number
    }

    /// An amount of won, which must be there.
    func requiredNumber(_ name: String) throws(Refused) -> Int64 {
        guard let number = try number(name) else { throw Fields.missing([name]) }
        return number
    }

    /// A moment in unix seconds; a fraction, which clients that write floats send, is cut off.
    func moment(_ name: String) throws(Refused) -> Timestamp? {
        guard let text = try text(name) else { return nil }
        guard let seconds = Double(text), seconds.isFinite, seconds >= 0 else {
            throw Fields.wrong(name, ko: "유닉스 시각(초)이어야 합니다", en: "must be a unix time in seconds")
        }
        guard seconds < 9_000_000_000 else {
            throw Fields.wrong(name, ko: "초 단위여야 합니다. 밀리초를 보낸 것 같습니다", en: "must be in seconds; this looks like milliseconds")
        }
        return Timestamp(unixSeconds: Int64(seconds))
    }

    /// A switch written as 0 or 1, a truth value, or text of either.
    func isOn(_ name: String) throws(Refused) -> Bool {
        guard let text = try text(name) else { return false }
        return text == "1" || text == "true"
    }

    /// The object under `name`; empty when it is absent or was flattened away.
    func object(_ name: String) -> Fields { Fields(self[name]?.members ?? [:], isForm: isForm) }

    /// The list under `name`, or under the first of the other names that has one; `items[0]…` of a form counts as a list.
    func list(_ names: String...) -> [JSON] {
        for name in names {
            switch self[name] {
            case .array(let elements): return elements
            case .object(let members) where members.count > 0 && members.names.allSatisfy({ Int($0) != nil }):
                return members.names.sorted { (Int($0) ?? 0) < (Int($1) ?? 0) }.compactMap { members[$0] }
            default: continue
            }
        }
        return []
    }

    /// Whether an object was flattened to its member names (`refund=account&refund=bankcode`), which loses its values.
    func isFlattened(_ name: String) -> Bool {
        guard isForm, let value = self[name] else { return false }
        return value.members == nil
    }

    private static func scalar(_ value: JSON) -> String? {
        switch value {
        case .string(let text), .number(let text): return text
        case .boolean(let value): return value ? "true" : "false"
        default: return nil
        }
    }
}

// MARK: Complaints

extension Fields {
    /// Required members are absent.
    static func missing(_ names: [String]) -> Refused {
        let list = names.joined(separator: ", ")
        return Refused(
            .invalidRequest,
            Verdict(
                "field.missing", ko: "필수 항목이 없습니다: \(list)", en: "required fields are missing: \(list)",
                fix: ("값이 없거나 null, 빈 문자열이면 보내지 않은 것으로 봅니다.", "A field that is missing, null or an empty text counts as absent."),
                ["fields": .array(names.map { .string($0) })]))
    }

    /// A member has a value that cannot be meant. The value itself is not repeated: it may be a secret.
    static func wrong(_ name: String, ko korean: String, en english: String, allowed: [String] = []) -> Refused {
        var details: JSON.Members = ["field": .string(name)]
        if !allowed.isEmpty { details["allowed"] = .array(allowed.map { .string($0) }) }
        return Refused(
            .invalidRequest, Verdict("field.value", ko: "\(name): \(korean).", en: "\(name) \(english).", fix: nil, details))
    }

    private static func unreadable(_ format: String) -> Refused {
        Refused(
            .invalidRequest,
            Verdict(
                "body.unreadable", ko: "본문을 \(format)으로 읽을 수 없습니다.", en: "the body cannot be read as \(format)",
                fix: (
                    "JSON 객체를 Content-Type: application/json 으로 보내거나 폼(urlencoded)으로 보내세요.",
                    "Send a JSON object with Content-Type: application/json, or an urlencoded form."
                )))
    }

    private static var mislabelled: Refused {
        Refused(
            .invalidRequest,
            Verdict(
                "body.content-type", ko: "본문은 JSON인데 Content-Type은 폼(urlencoded)입니다.",
                en: "the body is JSON but its Content-Type says urlencoded form",
                fix: (
                    "curl -d 는 기본으로 폼 형식을 붙입니다. -H 'Content-Type: application/json' 을 함께 주세요.",
                    "curl -d says form by itself; add -H 'Content-Type: application/json'."
                )))
    }
}
