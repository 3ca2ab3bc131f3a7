import Base
import Cryptography
import ProviderKit
import SandboxKit
import Storage
import TossAuth
import Transport

/// `POST /token`: client id and secret against an access token.
struct TokenCall: Sendable {
    private let call: Call
    private let house: House
    /// Nothing when the body is no form.
    private let form: Form?

    init(call: Call, house: House) {
        self.call = call
        self.house = house
        form = Form(call)
    }

    private struct Form: Sendable {
        /// The values by name, none of a form with too many.
        var values: [String: String] = [:]
        /// The names that come twice.
        var repeated: [String] = []
        var hasTooMany = false

        init?(_ call: Call) {
            let type = call.fields["Content-Type"]?.lowercased().split(separator: ";").first?.filter { $0 != " " }
            guard type == "application/x-www-form-urlencoded", let pairs = FormText.decode(call.body) else { return nil }
            guard pairs.count <= BodyMembers.most else {
                hasTooMany = true
                return
            }
            let groups = Dictionary(grouping: pairs, by: \.name)
            values = groups.compactMapValues { $0.first?.value }
            repeated = groups.filter { $0.value.count > 1 }.keys.sorted()
        }
    }

    /// Credentials in a Basic field.
    private var basic: (id: String, secret: String)? {
        guard let field = call.fields["Authorization"], field.lowercased().hasPrefix("basic "),
            let bytes = Base64.decode(String(field.dropFirst(6)).filter { $0 != " " }), let text = String(validating: bytes, as: UTF8.self),
            let colon = text.firstIndex(of: ":")
        else { return nil }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }

    /// Whose client the call names; nothing when it names none.
    var client: String? { form?.values["client_id"] ?? basic?.id }

    func answer(_ trace: inout Trace) async throws -> Reply {
        let named = client
        let found = try await house.environment.database.read { connection -> (client: Client?, settings: ServiceSettings?) in
            let client = try named.flatMap { try Client.find($0, connection) }
            return (client, try client.map { try Records(connection, $0.tenant, house.seal).settings() })
        }
        trace.tenant = found.client?.tenant
        trace.settings = found.settings ?? trace.settings
        let settings = trace.settings
        guard let form else {
            let first = call.body.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
            throw Refused(
                .token(.invalidRequest),
                TokenVerdicts.notAForm(call.fields["Content-Type"], looksLikeJSON: first == UInt8(ascii: "{")))
        }
        guard !form.hasTooMany else { throw Refused(.token(.invalidRequest), TokenVerdicts.tooMany(BodyMembers.most)) }
        guard form.repeated.isEmpty else {
            let known = form.repeated.filter(Set(TossAuthRoutes.row(for: .token).fields.map(\.name)).contains)
            throw Refused(.token(.invalidRequest), TokenVerdicts.repeated(known, others: form.repeated.count - known.count))
        }
        let (id, secret) = try credentials(form.values, settings)
        guard form.values["grant_type"] == "client_credentials" else { throw Refused(.token(.unsupportedGrant), TokenVerdicts.grant) }
        guard let client = found.client, client.id == id else {
            throw Refused(.token(.invalidClient), TokenVerdicts.unknownClient(isTest: id.hasPrefix("test_")))
        }
        guard client.accepts(secret) else { throw Refused(.token(.invalidClient), TokenVerdicts.wrongSecret) }
        let scope = form.values["scope"] ?? ""
        guard scope == TokenCall.scope || settings[ServiceSettingList.otherScopes].contains(scope) else {
            throw Refused(.token(.invalidScope), TokenVerdicts.scope)
        }
        let lifetime = client.tokenLifetime(settings)
        let token = try house.mint.token(
            for: client, scope: scope, lifetime: lifetime, at: house.environment.clocks.now(client.tenant), house.environment.random)
        return Reply(
            status: 200,
            json: [
                "access_token": .string(token), "scope": .string(scope), "token_type": "Bearer",
                "expires_in": .number(lifetime.wholeSeconds),
            ])
    }

    /// The scope of everything that is served here.
    static let scope = "ca"

    /// Both credentials, when no parameter is missing.
    private func credentials(_ form: [String: String], _ settings: ServiceSettings) throws(Refused) -> (id: String, secret: String) {
        let hasOwn = !(form["client_id"] ?? "").isEmpty && !(form["client_secret"] ?? "").isEmpty
        if !hasOwn, let basic {
            guard settings[ServiceSettingList.basicCredentials] else { throw Refused(.token(.invalidRequest), TokenVerdicts.basic) }
            try require(["grant_type", "scope"], form)
            return basic
        }
        try require(["grant_type", "scope", "client_id", "client_secret"], form)
        return (form["client_id"] ?? "", form["client_secret"] ?? "")
    }

    private func require(_ names: [String], _ form: [String: String]) throws(Refused) {
        let missing = names.filter { (form[$0] ?? "").isEmpty }
        guard missing.isEmpty else { throw Refused(.token(.invalidRequest), TokenVerdicts.missing(missing)) }
    }
}
