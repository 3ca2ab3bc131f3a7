public import ProviderKit
public import Transport

/// One call of Toss Auth: a row of ``TossAuthRoutes``.
public struct TossAuthAPI: Sendable, Hashable {
    /// What a call is for.
    public enum Purpose: String, Sendable, Hashable, CaseIterable {
        /// Client id and secret against an access token.
        case token
        /// Begins a check of a person.
        case request
        /// Asks how far it has come.
        case status
        /// Reads what came of it.
        case result
        /// Asks whether a signer's certificate is good.
        case certificateValidation = "certificate-validation"
    }

    /// One member of a call's body.
    public struct Field: Sendable, Hashable {
        /// Its name, spelt as the provider spells it.
        public var name: String
        /// The kinds of check for which the provider refuses a call without it; those of both kinds are always needed. Empty for a member that may be left out.
        public var requiredFor: Set<AuthRequestType>
        /// Whether its value is encrypted under the session key of the same call.
        public var isEncrypted: Bool

        init(_ name: String, for types: Set<AuthRequestType> = [.userPersonal, .userNone], isEncrypted: Bool = false) {
            self.name = name
            self.isEncrypted = isEncrypted
            requiredFor = types
        }

        /// Whether a call of this kind needs it.
        public func isRequired(for type: AuthRequestType) -> Bool { requiredFor.contains(type) }
    }

    /// What it is for.
    public var purpose: Purpose
    /// Short name, method, path and effect.
    public var route: Route
    /// The host: one of ``TossAuthHosts``.
    public var host: String
    /// The members of its body, in the documentation's order.
    public var fields: [Field]
    /// Whether it is the older spelling of a path, without `/id`: the same call outside Apps in Toss (간편인증).
    public var isOlderSpelling: Bool

    init(
        _ purpose: Purpose, _ name: String, _ path: String, _ effect: Effect, host: String = TossAuthHosts.service, fields: [Field],
        isOlderSpelling: Bool = false
    ) {
        self.purpose = purpose
        self.host = host
        self.fields = fields
        self.isOlderSpelling = isOlderSpelling
        route = Route(name, .post, path, effect)
    }

    /// Its short name, such as `id-result`.
    public var name: String { route.name }
    /// Its path.
    public var path: String { route.path }
    /// The member of that name.
    public func field(_ name: String) -> Field? { fields.first { $0.name == name } }
}

/// The calls of Toss Auth as data.
///
/// `movesMoney` marks what a machine must never repeat: here the result call, of which there are two. The request call may be repeated, with a **new** session each time:
/// a transaction that nobody uses simply expires.
public enum TossAuthRoutes {
    /// The table's rows: the documented calls, the older spellings, and the check of a certificate.
    public static let all: [TossAuthAPI] =
        [
            TossAuthAPI(
                .token, "token", "/token", .repeatable, host: TossAuthHosts.token,
                fields: [.init("grant_type"), .init("scope"), .init("client_id"), .init("client_secret")])
        ] + calls("/api/v2/sign/user/auth/id", prefix: "id-", isOlderSpelling: false)
        + calls("/api/v2/sign/user/auth", prefix: "", isOlderSpelling: true) + [
            TossAuthAPI(
                .certificateValidation, "certificate-validate", "/api/v1/certificate/validate", .reads, fields: [.init("certificate")])
        ]

    /// The rows, looked up by method and path.
    public static let table = RouteTable(all.map(\.route))
    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
    private static let paths = Set(all.map(\.path))

    /// The row of that short name.
    public static func row(named name: String) -> TossAuthAPI? { byName[name] }
    /// The row for `method` and `path`.
    public static func row(_ method: HTTPMethod, _ path: String) -> TossAuthAPI? { table.route(method, path).flatMap { byName[$0.name] } }
    /// Whether the path is one of the table's, whatever the method.
    public static func isKnown(path: String) -> Bool { paths.contains(path) }

    /// The row for `purpose`.
    ///
    /// - Parameter olderPath: Whether the older spelling is meant, without `/id`, where there is one.
    public static func row(for purpose: TossAuthAPI.Purpose, olderPath: Bool) -> TossAuthAPI {
        (olderPath ? all.first { $0.purpose == purpose && $0.isOlderSpelling } : nil) ?? row(for: purpose)
    }

    /// The documented row for `purpose`.
    public static func row(for purpose: TossAuthAPI.Purpose) -> TossAuthAPI {
        switch purpose {
        case .token: all[0]
        case .request: all[1]
        case .status: all[2]
        case .result: all[3]
        case .certificateValidation: all[all.count - 1]
        }
    }

    private static func calls(_ path: String, prefix: String, isOlderSpelling: Bool) -> [TossAuthAPI] {
        let personal: Set<AuthRequestType> = [.userPersonal]
        return [
            TossAuthAPI(
                .request, prefix + "request", path + "/request", .repeatable,
                fields: [
                    .init("requestType"), .init("requestUrl"), .init("triggerType", for: personal),
                    .init("userName", for: personal, isEncrypted: true), .init("userPhone", for: personal, isEncrypted: true),
                    .init("userBirthday", for: personal, isEncrypted: true), .init("sessionKey", for: personal),
                ], isOlderSpelling: isOlderSpelling),
            TossAuthAPI(
                .status, prefix + "status", path + "/status", .reads, fields: [.init("txId")], isOlderSpelling: isOlderSpelling),
            TossAuthAPI(
                .result, prefix + "result", path + "/result", .movesMoney(enquiry: nil), fields: [.init("txId"), .init("sessionKey")],
                isOlderSpelling: isOlderSpelling),
        ]
    }
}
