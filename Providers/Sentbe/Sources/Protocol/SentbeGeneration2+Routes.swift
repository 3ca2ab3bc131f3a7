public import ProviderKit
import Transport

extension SentbeGeneration2 {
    /// What the paths of the one known partner begin with.
    public static let pathPrefix = "/hanwha"

    /// One call of the second generation.
    public struct Row: Sendable, Hashable {
        /// Name, method, path and effect.
        public var route: Route
        /// The members of the plain request, in the published order. Which of them are required is not known.
        public var request: [SentbeParameter]
        /// The members of the opened answer.
        public var reply: [String]

        init(_ name: String, _ path: String, _ effect: Effect, _ request: [SentbeParameter] = [], reply: [String] = []) {
            route = Route("generation-2-\(name)", name == "ping" ? .get : .post, pathPrefix + "/" + path, effect)
            self.request = request
            self.reply = reply
        }
    }

    /// The calls that the partner makes.
    public static let rows: [Row] = [
        Row("ping", "ping", .reads),
        Row("test-encrypt", "test/encrypt", .reads),
        Row("test-decrypt", "test/decrypt", .reads),
        Row(
            "calculation", "getCalculation", .reads,
            SentbeParameter.optional("input_amount", "input_currency", "from_currency", "to_currency", "to_country", "exchange_rate_id"),
            reply: ["exchange_rate_id", "from_amount", "from_currency", "to_amount", "to_currency", "transfer_fee", "base_rate"]),
        Row(
            "create-user", "createUser", .movesMoney(enquiry: "POST /hanwha/checkUser"),
            [.object("agreements", isRequired: false, SentbeParameter.optional("version", "list"))] + person
                + SentbeParameter.optional("id_number", "id_type") + profile,
            reply: ["user_id", "webview_id", "verification_id"]),
        Row(
            "migrate-user", "migrationUser", .movesMoney(enquiry: "POST /hanwha/checkUser"),
            SentbeParameter.optional("user_id") + person + profile, reply: ["user_id", "webview_id"]),
        Row(
            "check-user", "checkUser", .reads, SentbeParameter.optional("id_number"),
            reply: ["id_number", "sign_status", "sentbe_exist_status", "phone", "remittable_status", "user_id", "account_number"]),
        Row("delete-user", "deleteUser", .movesMoney(enquiry: "POST /hanwha/checkUser"), SentbeParameter.optional("user_id")),
        Row("webview-id", "getWebviewId", .reads, SentbeParameter.optional("user_id"), reply: ["user_id", "webview_id"]),
        Row(
            "result", "getResult", .movesMoney(enquiry: nil),
            SentbeParameter.optional("tr_id", "user_id", "withdrawal_amount", "tr_no"), reply: ["status"]),
    ]

    /// The call that the provider makes at the partner: it hands over `user_id` and gets `verification_code`.
    public static let verificationPath = "getVerification"

    /// The consents of `agreements.list`.
    public static let agreements = ["SSFCTS", "EFTS", "PRIVACY", "CAUTIONS", "CLAIMS"]
    /// The web views that a webview_id opens.
    public static let webViews = ["user", "transfer_list", "transfer"]

    /// The rows by method and path.
    public static let table = RouteTable(rows.map(\.route))

    private static let person: [SentbeParameter] =
        [
            .object("phone", isRequired: false, SentbeParameter.optional("iso", "number")),
            .object("user_name", isRequired: false, SentbeParameter.optional("first", "middle", "last")),
        ] + SentbeParameter.optional("gender", "account_number", "account_holder_name", "birth_date", "nationality_iso")
    private static let profile = SentbeParameter.optional(
        "email", "often_send_country_iso", "occupation", "funds_source", "transfer_purpose")
}
