import Base
import ProviderKit
import SandboxKit
import Sentbe

/// Which parameters a call may and must have: the names only, not yet their values.
struct ParameterRule {
    /// Unknown names that are taken and not looked at.
    var tolerated: Set<String>
    /// Whether other unknown names are refused.
    var isStrict: Bool
    /// Where else parameters were put, when there is no envelope.
    var misplaced: Misplaced?

    /// Where a caller put its parameters instead of into `SIGNATURE`.
    enum Misplaced: String {
        case body, query

        init?(_ call: Call) {
            if !call.body.isEmpty {
                self = .body
            } else if let query = call.query, !query.isEmpty {
                self = .query
            } else {
                return nil
            }
        }
    }

    /// Refuses unknown and missing names with `E0005`.
    func check(_ members: JSON.Members, against known: [SentbeParameter], oneOf: [String] = []) throws(Refused) {
        try check(members, against: known, under: "")
        guard oneOf.isEmpty || oneOf.contains(where: { ParameterRule.isThere(members[$0]) }) else {
            throw missing([oneOf.joined(separator: " / ")])
        }
    }

    private func check(_ members: JSON.Members, against known: [SentbeParameter], under prefix: String) throws(Refused) {
        let unknown = members.names.filter { name in !known.contains { $0.name == name } && !tolerated.contains(name) }
        if isStrict, !unknown.isEmpty { throw unpermitted(unknown, known, prefix) }
        let missing = known.filter { $0.isRequired && !ParameterRule.isThere(members[$0.name]) }.map { prefix + $0.name }
        if !missing.isEmpty { throw self.missing(missing) }
        for parameter in known where !parameter.members.isEmpty {
            guard let value = members[parameter.name], !value.isNull else { continue }
            guard let inner = value.members else {
                throw Parameters.wrong(prefix + parameter.name, ko: "객체여야 합니다", en: "must be an object")
            }
            try check(inner, against: parameter.members, under: "\(prefix)\(parameter.name).")
        }
    }

    /// Missing, null and empty texts are all absent.
    private static func isThere(_ value: JSON?) -> Bool {
        guard let value else { return false }
        return !value.isNull && value != .string("")
    }

    private func missing(_ names: [String]) -> Refused {
        let list = names.joined(separator: ", ")
        var details: JSON.Members = ["parameters": .array(names.map { .string($0) })]
        guard let misplaced else {
            return Refused(
                .invalidParameter,
                Verdict(
                    "parameter.missing", ko: "필수 매개변수가 없습니다: \(list)", en: "required parameters are missing: \(list)",
                    fix: ("값이 없거나 null, 빈 문자열이면 보내지 않은 것으로 봅니다.", "A parameter that is missing, null or an empty text counts as absent."),
                    details), message: "Missing parameter: \(names[0])")
        }
        details["found_in"] = .string(misplaced.rawValue)
        return Refused(
            .invalidParameter,
            Verdict(
                "parameter.misplaced", ko: "SIGNATURE 헤더가 없어 매개변수가 하나도 전달되지 않았습니다. \(misplaced == .body ? "본문" : "쿼리")은 읽지 않습니다.",
                en: "there is no SIGNATURE header, so no parameter arrived; the \(misplaced.rawValue) is not read",
                fix: (
                    "매개변수는 GET에서도 JSON으로 암호화해 SIGNATURE 헤더에 넣으세요.",
                    "Encrypt the parameters as JSON into the SIGNATURE header, on GET too."
                ), details), message: "Missing parameter: \(names[0])")
    }

    private func unpermitted(_ names: [String], _ known: [SentbeParameter], _ prefix: String) -> Refused {
        // A name may be anything that the caller wrote: only what looks like a name is repeated.
        let shown = names.map { prefix + (ParameterRule.isName($0) ? $0 : "?") }
        let list = shown.joined(separator: ", ")
        var details: JSON.Members = [
            "parameters": .array(shown.map { .string($0) }), "permitted": .array(known.map { .string(prefix + $0.name) }),
        ]
        let hints = names.compactMap { name in known.first { $0.name == ParameterRule.misspelt[name] }.map { "\(name) → \($0.name)" } }
        if !hints.isEmpty { details["spelling"] = .array(hints.map { .string($0) }) }
        return Refused(
            .invalidParameter,
            Verdict(
                "parameter.unpermitted", ko: "이 호출에 없는 매개변수입니다: \(list)\(hints.isEmpty ? "" : " (철자: \(hints.joined(separator: ", ")))")",
                en: "this call has no such parameter: \(list)\(hints.isEmpty ? "" : " (spelling: \(hints.joined(separator: ", ")))")",
                fix: (
                    "문서의 이름만 보내세요. tolerated_parameters 설정에 넣은 이름은 무시하고 통과시킵니다.",
                    "Send the documented names only. Names in the setting tolerated_parameters are let through and ignored."
                ), details), message: "Unpermitted parameter: \(shown[0])")
    }

    /// Right spellings of which the documentation itself has a wrong one.
    private static let misspelt = [
        "receive_amount": "recieve_amount", "receive_amount_currency": "recieve_amount_currency", "recieve_method": "receive_method",
    ]

    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || $0 == 0x5F || $0 == 0x2D }
    }
}
