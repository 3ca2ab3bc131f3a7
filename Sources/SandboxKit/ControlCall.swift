public import Base
public import ProviderKit
public import Transport

/// One call of a service's control API, or the desk that answers it: what such calls have in common.
public protocol ControlCallReader {
    /// The call, its path relative to `/-/<name>`.
    var call: Call { get }
}

extension ControlCallReader {
    /// Refuses other methods.
    ///
    /// - Throws: ``ControlError`` with status 405.
    public func only(_ methods: HTTPMethod...) throws(ControlError) {
        guard !methods.contains(call.method) else { return }
        let list = methods.map(\.rawValue).joined(separator: ", ")
        throw ControlError(status: 405, message: BilingualText(korean: "\(list)만 쓸 수 있습니다.", english: "Use \(list)."))
    }

    /// The body's members, whatever its content type says; none for an empty body.
    ///
    /// - Throws: ``ControlError`` when it is no JSON object.
    public func body() throws(ControlError) -> JSON.Members {
        if call.body.isEmpty { return [:] }
        guard let members = (try? JSON(call.body))?.members else { throw .wrong("JSON 객체를 보내세요.", "Send a JSON object.") }
        return members
    }

    /// The body's members, none of which may be unknown.
    ///
    /// - Throws: ``ControlError`` that names what is unknown; never a value.
    public func body(_ known: [String]) throws(ControlError) -> JSON.Members {
        let members = try body()
        let unknown = members.names.filter { !known.contains($0) }
        guard unknown.isEmpty else {
            let names = unknown.joined(separator: ", ")
            let list = known.joined(separator: ", ")
            throw .wrong("모르는 항목입니다: \(names). 쓸 수 있는 이름: \(list)", "Unknown members: \(names). Known are: \(list)")
        }
        return members
    }

    /// As ``body(_:)``, where a member that is null counts as left out: for calls in which null means nothing by itself.
    ///
    /// - Throws: ``ControlError`` that names what is unknown; never a value.
    public func given(_ known: [String]) throws(ControlError) -> JSON.Members {
        let members = try body(known)
        return JSON.Members(zip(members.names, members.values).filter { !$1.isNull })
    }

    /// The first value of that name in the query.
    public func queried(_ name: String) -> String? { FormText.decode((call.query ?? "").utf8)?.first { $0.name == name }?.value }

    /// How many rows of a list are wanted, 1 to 1,000: 100 unless `?limit=` says otherwise.
    public func limit() throws(ControlError) -> Int64 {
        guard let text = queried("limit") else { return 100 }
        guard let limit = Int64(text), (1...1000).contains(limit) else {
            throw .wrong("limit은 1에서 1000 사이여야 합니다.", "limit must be 1 to 1000.")
        }
        return limit
    }

    /// The complaint that a call makes no sense, with status 400.
    public static func wrong(_ korean: String, _ english: String) -> ControlError { .wrong(korean, english) }

    /// The complaint that a thing is not there, with status 404.
    public static func missing(_ korean: String, _ english: String) -> ControlError { .missing(korean, english) }

    /// The complaint that a thing is not where the move could be made, with status 409.
    public static func conflict(_ korean: String, _ english: String) -> ControlError { .conflict(korean, english) }
}

/// A call of a service's control API by its parts.
public struct ControlCall: ControlCallReader, Sendable {
    /// The call; `HEAD` has become `GET`, since the server leaves the body out by itself.
    public let call: Call
    /// The parts of the path behind the provider's name.
    public let segments: [String]

    /// Reads a call, its path relative to `/-/<name>`.
    public init(_ call: Call) {
        var call = call
        if call.method == .head { call.method = .get }
        self.call = call
        segments = call.path.split(separator: "/").map(String.init)
    }

    /// Whether something is to be changed.
    public var changes: Bool { call.method != .get }
}

extension ControlError {
    /// The complaint that a call makes no sense, with status 400.
    public static func wrong(_ korean: String, _ english: String) -> ControlError {
        ControlError(message: BilingualText(korean: korean, english: english))
    }

    /// The complaint that a thing is not there, with status 404.
    public static func missing(_ korean: String, _ english: String) -> ControlError {
        ControlError(status: 404, message: BilingualText(korean: korean, english: english))
    }

    /// The complaint that a thing is not where the move could be made, with status 409.
    public static func conflict(_ korean: String, _ english: String) -> ControlError {
        ControlError(status: 409, message: BilingualText(korean: korean, english: english))
    }
}
