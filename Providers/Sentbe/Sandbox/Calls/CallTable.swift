import Base
import ProviderKit
import SandboxKit
import Sentbe
import Transport

/// One call behind the common front: its row in the protocol's tables and what the sandbox does with it.
struct CallRow: Sendable {
    private(set) var route: Route
    /// The parameters it takes; others are refused.
    let parameters: [SentbeParameter]
    /// Names of which at least one is required.
    let oneOf: [String]
    /// Whether the parameters come in `SIGNATURE`; a row without reads the body by itself.
    let isEncrypted: Bool
    /// What it does.
    ///
    /// It throws ``Refused`` to refuse, which undoes what it has changed.
    let handle: @Sendable (CallContext) throws -> CallContext.Answer

    /// A row that does nothing but answer or refuse.
    init(_ api: SentbeRoute, _ handle: @escaping @Sendable (CallContext) throws -> JSON) {
        self.init(api, answer: { .data(try handle($0)) })
    }

    /// A row that may also keep what it changed although it refuses.
    init(_ api: SentbeRoute, answer handle: @escaping @Sendable (CallContext) throws -> CallContext.Answer) {
        route = api.route
        parameters = api.parameters
        oneOf = api.oneOf
        isEncrypted = api.carrier == .envelope
        self.handle = handle
    }

    /// The same call under a further path, for slips of the documentation.
    func also(at path: String, as name: String) -> CallRow {
        var row = self
        row.route = Route(name, route.method, path, route.effect)
        return row
    }

    /// The members as parameters, once they were found to be those of this row.
    func check(_ members: JSON.Members, _ call: Call, _ settings: SandboxSettings, hasSignature: Bool) throws(Refused) -> Parameters {
        guard isEncrypted else { return Parameters() }
        let rule = ParameterRule(
            tolerated: Set(settings[CommonSettings.tolerated]), isStrict: settings[CommonSettings.strictParameters],
            misplaced: hasSignature ? nil : ParameterRule.Misplaced(call))
        try rule.check(members, against: parameters, oneOf: oneOf)
        return Parameters(members)
    }
}

/// The calls of all parts, looked up by method and path.
struct CallTable: Sendable {
    static let all = CallTable(SandboxParts.all.flatMap(\.rows))

    private let rows: [CallRow]
    private let table: RouteTable

    init(_ rows: [CallRow]) {
        precondition(Set(rows.map(\.route.name)).count == rows.count, "two calls have the same name")
        self.rows = rows
        table = RouteTable(rows.map(\.route))
    }

    /// The row for `method` and `path` with the path's own parameters, percent-decoded; nothing when one of them is empty or cannot be decoded.
    func match(_ method: HTTPMethod, _ path: String) -> (CallRow, [String: String])? {
        guard let match = table.match(method, path), let row = rows.first(where: { $0.route.name == match.route.name }) else { return nil }
        let parameters = match.parameters.mapValues { FormText.decodePart($0.utf8, plusIsSpace: false) ?? "" }
        return parameters.values.contains("") ? nil : (row, parameters)
    }

    /// The methods that `path` takes.
    func methods(of path: String) -> [HTTPMethod] { [HTTPMethod.get, .post, .put, .delete].filter { match($0, path) != nil } }
}
