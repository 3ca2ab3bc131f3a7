public import ProviderKit
public import Transport

/// One parameter of a call, as the tables of the documentation list it.
public struct SentbeParameter: Sendable, Hashable {
    /// Its name, spelt as the provider spells it.
    public var name: String
    /// Whether the provider refuses a call without it.
    public var isRequired: Bool
    /// Its own members, where it is an object; empty for a text.
    public var members: [SentbeParameter]

    /// A parameter.
    public init(_ name: String, isRequired: Bool = false, members: [SentbeParameter] = []) {
        self.name = name
        self.isRequired = isRequired
        self.members = members
    }

    /// Whether it is an object.
    public var isObject: Bool { !members.isEmpty }

    static func required(_ names: String...) -> [SentbeParameter] { names.map { SentbeParameter($0, isRequired: true) } }
    static func optional(_ names: String...) -> [SentbeParameter] { names.map { SentbeParameter($0) } }
    static func object(_ name: String, isRequired: Bool, _ members: [SentbeParameter]) -> SentbeParameter {
        SentbeParameter(name, isRequired: isRequired, members: members)
    }
}

/// One of the provider's two products, which share credentials and envelope.
public enum SentbeAPI: String, Sendable, CaseIterable {
    /// A foreign partner pays out to Korean accounts; paths begin `/inbound`.
    case inbound
    /// A Korean partner's users send money abroad; paths begin `/outbound`.
    case outbound
}

/// One call of the API: a row of ``SentbeRoutes``.
public struct SentbeRoute: Sendable, Hashable {
    /// How the parameters travel.
    public enum Carrier: Sendable, Hashable {
        /// Encrypted, in `SIGNATURE`.
        case envelope
        /// In clear, as `multipart/form-data`: the document check only.
        case multipart
    }

    /// Which product it belongs to.
    public var api: SentbeAPI
    /// Name, method, path and effect.
    public var route: Route
    /// The parameters in the documentation's order.
    public var parameters: [SentbeParameter]
    /// Names of which at least one is required.
    public var oneOf: [String] = []
    /// How the parameters travel.
    public var carrier: Carrier = .envelope
    /// Whether the answer's `data` is a list, 5 rows a page.
    public var isList = false

    init(
        _ api: SentbeAPI, _ name: String, _ method: HTTPMethod, _ path: String, _ effect: Effect, _ parameters: [SentbeParameter] = [],
        oneOf: [String] = [], carrier: Carrier = .envelope, isList: Bool = false
    ) {
        self.api = api
        route = Route("\(api.rawValue)-\(name)", method, "/\(api.rawValue)/\(path)", effect)
        self.parameters = parameters
        self.oneOf = oneOf
        self.carrier = carrier
        self.isList = isList
    }

    /// Its short name, such as `inbound-create-transfer`.
    public var name: String { route.name }
    /// Its path with `{…}` for ids.
    public var path: String { route.path }
    /// The parameter of that name on the outermost level.
    public func parameter(_ name: String) -> SentbeParameter? { parameters.first { $0.name == name } }
}

/// The calls of the first generation's API as data.
///
/// `movesMoney` marks what a machine must never repeat: besides transfers and their cancellation also whatever makes a person or a recipient, or sends a code. The
/// enquiry is the call that shows what became of it.
public enum SentbeRoutes {
    /// The inbound calls.
    public static let inbound = inboundUsers + inboundMoney
    /// The outbound calls.
    public static let outbound = outboundUsers + outboundChecks + outboundRecipients + outboundMoney
    /// All of them.
    public static let all = inbound + outbound
    /// All of them, looked up by method and path.
    public static let table = RouteTable(all.map(\.route))

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// The row of that name.
    public static func row(named name: String) -> SentbeRoute? { byName[name] }

    /// The row for `method` and `path`.
    public static func row(_ method: HTTPMethod, _ path: String) -> SentbeRoute? { table.route(method, path).flatMap { byName[$0.name] } }

    /// The row for `method` and `path`, with the ids out of the path.
    public static func match(_ method: HTTPMethod, _ path: String) -> (row: SentbeRoute, parameters: [String: String])? {
        guard let match = table.match(method, path), let row = byName[match.route.name] else { return nil }
        return (row, match.parameters)
    }

    /// How many rows a page of a list has.
    public static let rowsPerPage = 5

    static let page = SentbeParameter.optional("page")
    static let bankMembers: [SentbeParameter] =
        SentbeParameter.required("name", "account_number", "account_holder_name") + SentbeParameter.optional("branch")
    static let address: [SentbeParameter] =
        SentbeParameter.required("region", "country", "line_1") + SentbeParameter.optional("line_2")
        + SentbeParameter.required("city", "postal_code")
    static let addressOptional = SentbeParameter.optional("region", "country", "line_1", "line_2", "city", "postal_code")
}
