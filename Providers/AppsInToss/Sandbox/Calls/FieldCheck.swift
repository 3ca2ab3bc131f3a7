import AppsInToss
import Base
import SandboxKit

/// One thing that is wrong with a field: an element of `error.data.errorDetails`.
struct FieldComplaint: Sendable {
    /// The field's name, with the path to it: `contextList[3].userKey`.
    var field: String
    var message: BilingualText
    /// The value as the caller sent it; null when it is missing.
    var rejected: JSON = .null

    /// As the answer tells it.
    var json: JSON { AppsInTossRefusal.FieldError(field: field, message: message.korean, rejectedValue: rejected).json }
}

/// Holds a body against the protocol's table of fields.
///
/// Numbers and texts may trade places, as the provider's own parser lets them: `"amount":"1000"` is 1000.
enum FieldCheck {
    /// Everything that is wrong with `members`, at most so many as a person would read.
    static func complaints(_ members: JSON.Members, _ fields: [AppsInTossAPI.Field], at path: String = "") -> [FieldComplaint] {
        var found: [FieldComplaint] = []
        for field in fields where found.count < longest {
            let name = path + field.name
            guard let value = members[field.name], !value.isNull else {
                if field.isRequired { found.append(FieldComplaint(field: name, message: required)) }
                continue
            }
            if let message = complaint(value, field) {
                found.append(FieldComplaint(field: name, message: message, rejected: shown(value)))
            } else if case .list(let inner) = field.kind {
                for (index, element) in (value.elements ?? []).enumerated() where found.count < longest {
                    let place = "\(name)[\(index)]"
                    if let members = element.members {
                        found += complaints(members, inner, at: place + ".")
                    } else {
                        found.append(FieldComplaint(field: place, message: object, rejected: shown(element)))
                    }
                }
            }
        }
        return Array(found.prefix(longest))
    }

    /// The refusal that tells of everything that was found.
    static func refused(_ complaints: [FieldComplaint]) -> Refused {
        let list = complaints.map { "\($0.field): \($0.message.korean)" }.joined(separator: ", ")
        let listInEnglish = complaints.map { "\($0.field) \($0.message.english)" }.joined(separator: ", ")
        return Refused(
            .invalidParameter,
            Verdict(
                "field.invalid", ko: "본문 항목이 잘못되었습니다. \(list)", en: "fields of the call are wrong: \(listInEnglish)",
                fix: (
                    "error.data.errorDetails의 항목을 고쳐서 다시 보내세요. 이 오류만 HTTP 400으로 답합니다.",
                    "Correct what error.data.errorDetails names; only this kind of failure is answered with HTTP 400."
                ), ["fields": .array(complaints.map { .string($0.field) })]),
            data: ["errorDetails": .array(complaints.map(\.json))])
    }

    /// One field that a rule beyond the tables found wrong.
    static func refused(_ field: String, _ message: BilingualText, _ value: JSON = .null) -> Refused {
        refused([FieldComplaint(field: field, message: message, rejected: shown(value))])
    }

    private static let longest = 20
    private static let required = BilingualText(korean: "필수 값입니다.", english: "is required")
    private static let object = BilingualText(korean: "객체여야 합니다.", english: "must be an object")

    /// Large values are not sent back.
    private static func shown(_ value: JSON) -> JSON {
        switch value {
        case .array, .object: return .null
        case .string(let text): return text.utf8.count <= 200 ? value : .null
        default: return value
        }
    }

    private static func complaint(_ value: JSON, _ field: AppsInTossAPI.Field) -> BilingualText? {
        switch field.kind {
        case .text:
            guard let text = Fields.text(value) else { return BilingualText(korean: "문자열이어야 합니다.", english: "must be a text") }
            guard text.utf8.count <= 10_000 else { return BilingualText(korean: "너무 깁니다.", english: "is too long") }
            return complaint(text, field.rule)
        case .whole:
            guard let number = Fields.whole(value) else { return BilingualText(korean: "정수여야 합니다.", english: "must be a whole number") }
            if case .range(let range)? = field.rule, !range.contains(number) { return outside(range) }
            return nil
        case .userKey:
            guard let number = Fields.whole(value), number > 0 else {
                return BilingualText(korean: "userKey(양의 정수)여야 합니다.", english: "must be a user key, a positive whole number")
            }
            return nil
        case .boolean:
            guard value.boolean == nil, !["true", "false"].contains(value.string) else { return nil }
            return BilingualText(korean: "true 또는 false여야 합니다.", english: "must be true or false")
        case .object: return value.members == nil ? object : nil
        case .list:
            guard let elements = value.elements else { return BilingualText(korean: "배열이어야 합니다.", english: "must be a list") }
            if case .range(let range)? = field.rule, !range.contains(Int64(elements.count)) {
                return BilingualText(
                    korean: "원소가 \(range.lowerBound)개에서 \(range.upperBound)개 사이여야 합니다.",
                    english: "must have \(range.lowerBound) to \(range.upperBound) elements")
            }
            return nil
        }
    }

    private static func outside(_ range: ClosedRange<Int64>) -> BilingualText {
        BilingualText(
            korean: "\(range.lowerBound)에서 \(range.upperBound) 사이여야 합니다.",
            english: "must be from \(range.lowerBound) to \(range.upperBound)")
    }

    private static func complaint(_ text: String, _ rule: AppsInTossAPI.Field.Rule?) -> BilingualText? {
        switch rule {
        case .orderNumber?:
            return AppsInTossFormat.isOrderNumber(text)
                ? nil
                : BilingualText(
                    korean: "50자 이하의 영문, 숫자와 _-:.^@만 쓸 수 있습니다.", english: "must have at most 50 of the characters 0-9 A-Z a-z _-:.^@")
        case .productDescription?:
            return AppsInTossFormat.isProductDescription(text)
                ? nil
                : BilingualText(
                    korean: "255자 이하이고 비어 있지 않아야 하며 \\와 \"를 쓸 수 없습니다.",
                    english: "must have at most 255 characters, something but white space, and neither \\ nor \"")
        case .refundReason?:
            return AppsInTossFormat.isRefundReason(text)
                ? nil
                : BilingualText(
                    korean: "55자 이하의 한글, 영문, 숫자, 공백과 _-:.^@()[]#/!%?&만 쓸 수 있습니다.",
                    english: "must have at most 55 of Korean, letters, digits, space and _-:.^@()[]#/!%?&")
        case .notEmpty?:
            return text.contains { !$0.isWhitespace } ? nil : BilingualText(korean: "비어 있을 수 없습니다.", english: "must not be empty")
        case .uuid?:
            return AppsInTossFormat.isUUID(text) ? nil : BilingualText(korean: "UUID여야 합니다.", english: "must be a UUID")
        case .word(let words)?:
            let list = words.joined(separator: ", ")
            return words.contains(text) ? nil : BilingualText(korean: "\(list) 가운데 하나여야 합니다.", english: "must be one of \(list)")
        case .range(let range)?:
            guard let number = JSON.integer(text), range.contains(number) else { return outside(range) }
            return nil
        case nil: return nil
        }
    }
}

/// The members of a call's body, once they were found to be in order.
struct Fields: Sendable {
    let members: JSON.Members

    /// The value under `name`; nothing when it is missing or null.
    subscript(name: String) -> JSON? { members[name].flatMap { $0.isNull ? nil : $0 } }

    /// The text under `name`.
    func text(_ name: String) -> String? { self[name].flatMap(Fields.text) }
    /// The whole number under `name`.
    func whole(_ name: String) -> Int64? { self[name].flatMap(Fields.whole) }
    /// The truth value under `name`.
    func boolean(_ name: String) -> Bool? { self[name].flatMap { $0.boolean ?? ["true": true, "false": false][$0.string ?? ""] } }
    /// The members of the object under `name`.
    func object(_ name: String) -> JSON.Members? { self[name]?.members }

    /// The text under `name`, which the table of fields has required.
    func required(_ name: String) throws(Refused) -> String {
        guard let text = text(name) else { throw missing(name) }
        return text
    }

    /// The whole number under `name`, which the table of fields has required.
    func requiredWhole(_ name: String) throws(Refused) -> Int64 {
        guard let number = whole(name) else { throw missing(name) }
        return number
    }

    /// The truth value under `name`, which the table of fields has required.
    func requiredBoolean(_ name: String) throws(Refused) -> Bool {
        guard let value = boolean(name) else { throw missing(name) }
        return value
    }

    private func missing(_ name: String) -> Refused {
        FieldCheck.refused(name, BilingualText(korean: "필수 값입니다.", english: "is required"))
    }

    static func text(_ value: JSON) -> String? {
        if case .number(let digits) = value { return digits }
        return value.string
    }

    static func whole(_ value: JSON) -> Int64? { value.integer ?? value.string.flatMap { JSON.integer($0) } }
}
