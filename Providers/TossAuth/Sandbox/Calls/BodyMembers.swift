import Base
import ProviderKit
import SandboxKit
import TossAuth
import Transport

/// The members of a call's JSON body.
struct BodyMembers: Sendable {
    private let members: JSON.Members

    /// So many members a body may have, or a form parameters.
    static let most = 200

    /// Reads a body.
    ///
    /// - Throws: ``Refused`` when it is no JSON object, or one with too many members.
    init(_ call: Call) throws(Refused) {
        guard let json = try? JSON(call.body) else {
            throw Refused(.parameter, BodyVerdicts.noJSON(isEmpty: call.body.isEmpty, type: call.fields["Content-Type"]))
        }
        guard let members = json.members else { throw Refused(.parameter, BodyVerdicts.noObject) }
        guard members.count <= BodyMembers.most else { throw Refused(.parameter, BodyVerdicts.tooMany(BodyMembers.most)) }
        self.members = members
    }

    /// The member of that name.
    subscript(name: String) -> JSON? { members[name] }

    /// A member that must be a text and not empty.
    ///
    /// - Throws: ``Refused`` naming the member.
    func text(_ name: String, longest: Int = 4096) throws(Refused) -> String {
        guard let text = try optionalText(name, longest: longest) else { throw Refused(.parameter, BodyVerdicts.missing(name)) }
        return text
    }

    /// A member that may be missing or null, and otherwise must be a text that is not empty.
    func optionalText(_ name: String, longest: Int = 4096) throws(Refused) -> String? {
        guard let value = members[name], !value.isNull else { return nil }
        guard let text = value.string else { throw Refused(.parameter, BodyVerdicts.noText(name)) }
        guard !text.isEmpty else { throw Refused(.parameter, BodyVerdicts.missing(name)) }
        guard text.utf8.count <= longest else { throw Refused(.parameter, BodyVerdicts.tooLong(name, longest)) }
        return text
    }

    /// A member that may be missing or null, and otherwise must be a whole number in a range.
    func optionalNumber(_ name: String, _ range: ClosedRange<Int64>) throws(Refused) -> Int64? {
        guard let value = members[name], !value.isNull else { return nil }
        guard let number = value.integer, range.contains(number) else { throw Refused(.parameter, BodyVerdicts.noNumber(name, range)) }
        return number
    }

    /// Whether a member is there and not null.
    func has(_ name: String) -> Bool { members[name].map { !$0.isNull } ?? false }

    /// The names that are none of `known`.
    func names(besides known: Set<String>) -> [String] { members.names.filter { !known.contains($0) } }
}

/// What is wrong with a body, in words, which never repeat a value.
enum BodyVerdicts {
    static func noJSON(isEmpty: Bool, type: String?) -> Verdict {
        let isForm = type?.lowercased().hasPrefix("application/x-www-form-urlencoded") ?? false
        return Verdict(
            isEmpty ? "body.empty" : "body.no-json", ko: isEmpty ? "본문이 없습니다." : "본문이 JSON이 아닙니다.",
            en: isEmpty ? "there is no body" : "the body is not JSON",
            fix: isForm
                ? ("폼은 토큰 호출만 받습니다. 나머지는 JSON 객체로 보내세요.", "Only the token call takes a form; send a JSON object.")
                : ("JSON 객체를 UTF-8로 보내세요.", "Send a JSON object in UTF-8."))
    }

    static var noObject: Verdict {
        Verdict(
            "body.no-object", ko: "본문이 JSON 객체가 아닙니다.", en: "the body is JSON, but no object",
            fix: ("JSON 객체({…})로 보내세요.", "Send a JSON object, {…}."))
    }

    static func tooMany(_ most: Int) -> Verdict {
        Verdict(
            "body.too-many", ko: "본문의 항목이 \(most)개를 넘습니다.", en: "the body has more than \(most) members",
            fix: ("문서에 있는 항목만 보내세요.", "Send the documented members only."))
    }

    static func missing(_ name: String) -> Verdict {
        Verdict(
            "field.missing", ko: "필수 항목이 없거나 비어 있습니다: \(name)", en: "the required member \(name) is missing or empty",
            ["field": .string(name)])
    }

    static func noText(_ name: String) -> Verdict {
        Verdict("field.no-text", ko: "\(name) 값은 문자열이어야 합니다.", en: "\(name) must be a text", ["field": .string(name)])
    }

    static func tooLong(_ name: String, _ longest: Int) -> Verdict {
        Verdict(
            "field.too-long", ko: "\(name) 값이 너무 깁니다(최대 \(longest)바이트).", en: "\(name) is too long, at most \(longest) bytes",
            ["field": .string(name)])
    }

    static func noNumber(_ name: String, _ range: ClosedRange<Int64>) -> Verdict {
        Verdict(
            "field.no-number", ko: "\(name) 값은 \(range.lowerBound)에서 \(range.upperBound) 사이의 정수여야 합니다.",
            en: "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)", ["field": .string(name)])
    }

    static func wrongWord(_ name: String, _ allowed: [String]) -> Verdict {
        let list = allowed.joined(separator: ", ")
        return Verdict(
            "field.wrong-word", ko: "\(name) 값은 \(list) 가운데 하나여야 합니다.", en: "\(name) must be one of \(list)",
            ["field": .string(name), "allowed": .texts(allowed)])
    }

    static var contentType: Verdict {
        Verdict(
            warned: "body.content-type", ko: "Content-Type이 application/json이 아닙니다. 샌드박스는 읽었지만 실제 서버는 거절할 수 있습니다.",
            en: "the content type is not application/json; the sandbox has read the body, the real service may refuse it",
            fix: ("Content-Type: application/json으로 보내세요.", "Send Content-Type: application/json."))
    }

    static func unknown(_ names: [String], known: [String]) -> Verdict {
        // A name may be anything, a value that was put in the wrong place included; only what looks like a name is shown.
        let shown = names.prefix(10).filter { name in
            (1...40).contains(name.utf8.count) && name.utf8.first.map { $0 > 0x39 } ?? false
                && name.utf8.allSatisfy {
                    (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F
                }
        }
        let hidden = names.count - shown.count
        let korean = shown + (hidden == 0 ? [] : ["이름을 보이지 않는 항목 \(hidden)개"])
        let english = shown + (hidden == 0 ? [] : ["\(hidden) whose names are not shown"])
        return Verdict(
            warned: "field.unknown", ko: "모르는 항목은 읽지 않았습니다: \(korean.joined(separator: ", "))",
            en: "unknown members were not read: \(english.joined(separator: ", "))",
            fix: ("철자를 확인하세요. 있는 항목: \(known.joined(separator: ", "))", "Check the spelling; there are: \(known.joined(separator: ", "))"),
            ["fields": .texts(shown)])
    }

    static func ignored(_ name: String) -> Verdict {
        Verdict(
            warned: "field.ignored", ko: "USER_NONE 요청에는 쓰이지 않는 항목입니다: \(name)", en: "a USER_NONE request has no use for \(name)",
            fix: (
                "원터치 인증은 requestType과 requestUrl만 보냅니다. 개인정보를 보내지 마세요.",
                "One touch sends requestType and requestUrl only; send nothing about the person."
            ), ["field": .string(name)])
    }
}
