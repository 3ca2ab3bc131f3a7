import AppsInToss
import Base
import ProviderKit
import SandboxKit
import Transport

/// One call behind the common front: its row in the protocol's tables and what the sandbox does with it.
struct CallRow: Sendable {
    let api: AppsInTossAPI
    /// Whether the call is begun as a write. One that is not may still throw ``NeedsWriting``.
    let writes: Bool
    /// The HTTP status of a refusal, where the group has ideas of its own; nothing takes the usual one.
    let status: @Sendable (_ refused: Refused, _ settings: SandboxSettings) -> Int?
    /// What it does.
    ///
    /// It throws ``Refused`` to refuse, which undoes what it has changed.
    let handle: @Sendable (CallContext) throws -> CallContext.Answer

    /// A row that does nothing but answer or refuse: what it returns stands under `success`.
    init(
        _ api: AppsInTossAPI, writes: Bool? = nil,
        status: @escaping @Sendable (_ refused: Refused, _ settings: SandboxSettings) -> Int? = { _, _ in nil },
        _ handle: @escaping @Sendable (CallContext) throws -> JSON
    ) {
        self.init(api, writes: writes, status: status, answer: { .success(try handle($0)) })
    }

    /// A row that may also name its content differently, or keep what it changed although it refuses.
    init(
        _ api: AppsInTossAPI, writes: Bool? = nil,
        status: @escaping @Sendable (_ refused: Refused, _ settings: SandboxSettings) -> Int? = { _, _ in nil },
        answer handle: @escaping @Sendable (CallContext) throws -> CallContext.Answer
    ) {
        self.api = api
        self.writes = writes ?? (api.route.effect != .reads)
        self.status = status
        self.handle = handle
    }

    /// The rows of one group of the protocol's tables, each with its handler by the call's short name; a call without a handler is left out.
    static func rows(
        _ group: AppsInTossAPI.Group,
        status: @escaping @Sendable (_ refused: Refused, _ settings: SandboxSettings) -> Int? = { _, _ in nil },
        _ handlers: [String: @Sendable (CallContext) throws -> CallContext.Answer]
    ) -> [CallRow] {
        AppsInTossRoutes.all.filter { $0.group == group }.compactMap { api in
            handlers[api.name].map { CallRow(api, status: status, answer: $0) }
        }
    }
}

/// The calls of all parts, looked up by method and path.
struct CallTable: Sendable {
    static let all = CallTable(SandboxParts.all.flatMap(\.rows))

    private let rows: [String: CallRow]
    private let table: RouteTable

    init(_ rows: [CallRow]) {
        precondition(Set(rows.map(\.api.name)).count == rows.count, "two calls have the same name")
        self.rows = Dictionary(uniqueKeysWithValues: rows.map { ($0.api.name, $0) })
        table = RouteTable(rows.map(\.api.route))
    }

    func match(_ method: HTTPMethod, _ path: String) -> CallRow? { table.route(method, path).flatMap { rows[$0.name] } }

    /// The methods that `path` takes.
    func methods(of path: String) -> [HTTPMethod] { [HTTPMethod.get, .post].filter { match($0, path) != nil } }

    /// The path that was probably meant: one that differs in letter case, in a slash at its end, or in the part in front.
    func likeliest(_ path: String) -> String? {
        var wanted = path.lowercased()
        while wanted.hasSuffix("/") { wanted.removeLast() }
        let paths = table.routes.map(\.path)
        return paths.first { $0.lowercased() == wanted }
            ?? paths.first { wanted.split(separator: "/").last == $0.split(separator: "/").last?.lowercased()[...] }
    }
}
