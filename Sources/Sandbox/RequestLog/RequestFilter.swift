import Base
import SandboxKit

/// Which records somebody wants to see: the query of `GET /-/requests`.
struct RequestFilter: Sendable {
    /// The moment or the record after which records are wanted.
    enum Since: Sendable {
        /// From this moment of the tenant's clock on.
        case moment(Timestamp)
        /// Newer than the record of this number.
        case record(Int)
    }

    var limit = 100
    var provider: String?
    var route: String?
    var statuses: ClosedRange<Int>?
    var kind: Verdict.Kind?
    var rule: String?
    var since: Since?
    var language: String?

    static let largestLimit = 100_000

    /// Reads a query.
    ///
    /// - Throws: ``ControlError`` for a name nobody reads or a value that makes no sense.
    init(_ query: ControlQuery) throws(ControlError) {
        for (name, value) in query.pairs {
            switch name {
            case "tenant": break
            case "provider": provider = value
            case "route": route = value
            case "rule": rule = value
            case "limit":
                guard let number = Int(value), (1...Self.largestLimit).contains(number) else {
                    throw Self.error(name, "1에서 \(Self.largestLimit) 사이의 정수", "a whole number from 1 to \(Self.largestLimit)")
                }
                limit = number
            case "status":
                guard let range = Self.statuses(value) else { throw Self.error(name, "401 또는 4xx 꼴", "like 401 or 4xx") }
                statuses = range
            case "kind":
                guard let word = Verdict.Kind(rawValue: value) else {
                    throw Self.error(name, "refused 또는 warned", "refused or warned")
                }
                kind = word
            case "since": since = try Self.since(value)
            case "language": language = try Self.language(value)
            default:
                let names = "limit, provider, route, status, kind, rule, since, language, tenant"
                throw ControlError(
                    korean: "조건 \"\(name.prefix(40))\"은(는) 없습니다. 쓸 수 있는 조건: \(names)",
                    english: "There is no filter \"\(name.prefix(40))\"; there are: \(names)")
            }
        }
    }

    /// Whether a record is wanted.
    func wants(_ record: RequestRecord) -> Bool {
        if let provider, record.provider != provider { return false }
        if let route, record.route != route { return false }
        if let statuses, !(record.status.map { statuses.contains($0) } ?? false) { return false }
        if let kind, record.verdict?.kind != kind { return false }
        if let rule, record.verdict?.rule != rule { return false }
        switch since {
        case .moment(let moment): return record.tenantTime >= moment
        case .record(let id): return record.id > id
        case nil: return true
        }
    }

    /// `ko` or `en`.
    static func language(_ value: String) throws(ControlError) -> String {
        guard value == "ko" || value == "en" else { throw error("language", "ko 또는 en", "ko or en") }
        return value
    }

    private static func since(_ value: String) throws(ControlError) -> Since {
        if let id = Int(value), id >= 0 { return .record(id) }
        // In a query a plus sign that was not encoded has become a space.
        let text = String(value.map { $0 == " " ? "+" : $0 })
        if let moment = Timestamp(internetText: text) { return .moment(moment) }
        throw error("since", "요청 번호 또는 2026-01-01T00:00:00Z 꼴의 시각", "a request's number or a moment like 2026-01-01T00:00:00Z")
    }

    private static func statuses(_ value: String) -> ClosedRange<Int>? {
        if value.utf8.count == 3, value.lowercased().hasSuffix("xx"), let hundred = Int(value.prefix(1)), (1...5).contains(hundred) {
            return hundred * 100...hundred * 100 + 99
        }
        guard let status = Int(value), (100...599).contains(status) else { return nil }
        return status...status
    }

    private static func error(_ name: String, _ korean: String, _ english: String) -> ControlError {
        ControlError(korean: "\(name)의 값은 \(korean)이어야 합니다.", english: "\(name) must be \(english).")
    }
}
