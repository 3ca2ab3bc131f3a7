import Base
import SandboxKit

extension Fault {
    /// Reads the body of `POST /-/faults`.
    ///
    /// - Throws: ``ControlError`` for an unknown kind, a member that the kind does not have, or a value that makes no sense.
    init(_ body: JSON, providers: [String]) throws(ControlError) {
        guard let members = body.members, let word = members["kind"]?.string else {
            throw ControlError(
                korean: "kind가 필요합니다. 예: {\"kind\":\"delay\",\"duration\":\"3s\"}. 종류: \(Self.kinds)",
                english: "A kind is needed, such as {\"kind\":\"delay\",\"duration\":\"3s\"}; there are: \(Self.kinds)")
        }
        let own: [String]
        switch word {
        case "delay":
            own = ["duration"]
            kind = .delay(try Self.duration(members, ifMissing: nil))
        case "status":
            own = ["status", "body", "content_type"]
            kind = .status(try Self.answer(members, statusIfMissing: nil))
        case "error-after":
            own = ["status", "body", "content_type"]
            kind = .errorAfter(try Self.answer(members, statusIfMissing: 500))
        case "hang":
            own = ["duration", "when"]
            kind = .hang(try Self.duration(members, ifMissing: .seconds(600)), try Self.moment(members))
        case "drop":
            own = ["when"]
            kind = .drop(try Self.moment(members))
        case "truncate":
            own = []
            kind = .truncate
        default:
            throw ControlError(
                korean: "\"\(word)\"은(는) 없는 종류입니다. 종류: \(Self.kinds)", english: "There is no kind \"\(word)\"; there are: \(Self.kinds)")
        }
        let allowed = ["kind", "provider", "route", "times"] + own
        for name in members.names where !allowed.contains(name) {
            let list = allowed.joined(separator: ", ")
            throw ControlError(
                korean: "\(word)에는 \"\(name)\"이(가) 없습니다. 쓸 수 있는 이름: \(list)", english: "\(word) has no \"\(name)\"; it has: \(list)")
        }
        provider = try Self.provider(members, providers)
        route = try Self.text("route", members)
        remaining = try Self.number("times", members, 1...1_000_000, ifMissing: 1)
    }

    private static let kinds = "delay, status, error-after, hang, drop, truncate"
    private static let longestDuration = Duration.seconds(3600)

    private static func provider(_ members: JSON.Members, _ providers: [String]) throws(ControlError) -> String? {
        guard let name = try text("provider", members) else { return nil }
        guard providers.contains(name) else {
            let list = providers.joined(separator: ", ")
            throw ControlError(
                korean: "제공사 \"\(name)\"은(는) 없습니다. 있는 것: \(list)", english: "There is no provider \"\(name)\"; there are: \(list)")
        }
        return name
    }

    private static func text(_ name: String, _ members: JSON.Members) throws(ControlError) -> String? {
        guard let value = members[name] else { return nil }
        guard let text = value.string, !text.isEmpty else {
            throw ControlError(korean: "\(name)은(는) 비어 있지 않은 문자열이어야 합니다.", english: "\(name) must be a text that is not empty.")
        }
        return text
    }

    private static func number(
        _ name: String, _ members: JSON.Members, _ range: ClosedRange<Int>, ifMissing preset: Int?
    ) throws(ControlError) -> Int {
        if members[name] == nil, let preset { return preset }
        guard let value = members[name]?.integer.flatMap({ Int(exactly: $0) }), range.contains(value) else {
            throw ControlError(
                korean: "\(name)은(는) \(range.lowerBound)에서 \(range.upperBound) 사이의 정수여야 합니다.",
                english: "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return value
    }

    private static func duration(_ members: JSON.Members, ifMissing preset: Duration?) throws(ControlError) -> Duration {
        if members["duration"] == nil, let preset { return preset }
        guard let duration = members["duration"]?.string.flatMap(Duration.init(controlText:)), duration <= longestDuration else {
            throw ControlError(
                korean: "duration은 3s, 500ms, 1m30s처럼 적고 1h를 넘을 수 없습니다. 실제 시간으로 셉니다.",
                english: "duration is written like 3s, 500ms or 1m30s, at most 1h; it is counted in real time.")
        }
        return duration
    }

    private static func moment(_ members: JSON.Members) throws(ControlError) -> Moment {
        guard let value = members["when"] else { return .before }
        guard let moment = value.string.flatMap(Moment.init(rawValue:)) else {
            throw ControlError(
                korean: "when은 before(처리 전) 또는 after(처리 후)입니다.", english: "when is before (the service acts) or after.")
        }
        return moment
    }

    private static func answer(_ members: JSON.Members, statusIfMissing: Int?) throws(ControlError) -> Answer {
        var answer = Answer(status: try number("status", members, 200...599, ifMissing: statusIfMissing))
        answer.contentType = try text("content_type", members)
        switch members["body"] {
        case nil: break
        case .string(let text)?: answer.body = Array(text.utf8)
        case let value?:
            answer.body = value.bytes
            answer.contentType = answer.contentType ?? "application/json"
        }
        return answer
    }
}
