public import ProviderKit
public import Transport

/// The calls of the partner API as data.
///
/// `movesMoney` marks what a machine must never repeat: besides money also whatever uses up a code, ends a link or sends a message. The enquiry is the documented call that
/// tells what became of it.
public enum AppsInTossRoutes {
    /// What every path begins with.
    public static let prefix = "/api-partner/v1/apps-in-toss"

    /// All calls.
    public static let all: [AppsInTossAPI] = login + pay + purchases + messages + promotion + anonymousKey
    /// All calls, looked up by method and path.
    public static let table = RouteTable(all.map(\.route))

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
    private static let paths = Set(all.map(\.path))

    /// The row of that short name.
    public static func row(named name: String) -> AppsInTossAPI? { byName[name] }
    /// The row for `method` and `path`.
    public static func row(_ method: HTTPMethod, _ path: String) -> AppsInTossAPI? { table.route(method, path).flatMap { byName[$0.name] } }
    /// Whether the path is one of the table's, whatever the method.
    public static func isKnown(path: String) -> Bool { paths.contains(path) }

    private static let oauth = prefix + "/user/oauth2"
    /// Chapter "Toss login".
    static let login: [AppsInTossAPI] = [
        AppsInTossAPI(
            .login, "generate-token", .post, oauth + "/generate-token", .movesMoney(enquiry: nil), user: .none,
            fields: [.init("authorizationCode", .text, .notEmpty), .init("referrer", .text, .notEmpty)]),
        AppsInTossAPI(
            .login, "refresh-token", .post, oauth + "/refresh-token", .repeatable, user: .none,
            fields: [.init("refreshToken", .text, .notEmpty)]),
        AppsInTossAPI(.login, "login-me", .get, oauth + "/login-me", .reads, user: .bearer),
        AppsInTossAPI(
            .login, "remove-by-access-token", .post, oauth + "/access/remove-by-access-token", .movesMoney(enquiry: nil), user: .bearer),
        AppsInTossAPI(
            .login, "remove-by-user-key", .post, oauth + "/access/remove-by-user-key", .movesMoney(enquiry: nil), user: .none,
            fields: [.init("userKey", .userKey)]),
    ]

    /// The enquiry after a payment or a refund.
    public static let paymentEnquiry = "POST \(prefix)/pay/get-payment-status"
    private static let payer = AppsInTossAPI.User.key(isRequired: true, orAnonymous: true)
    private static let isTest = AppsInTossAPI.Field("isTestPayment", .boolean)
    /// What no single payment reaches (ours).
    private static let mostWon: Int64 = 999_999_999_999
    private static let won = AppsInTossAPI.Field.Rule.range(0...mostWon)

    /// Chapter "Toss Pay".
    static let pay: [AppsInTossAPI] = [
        AppsInTossAPI(
            .pay, "make-payment", .post, prefix + "/pay/make-payment", .movesMoney(enquiry: paymentEnquiry), user: payer,
            fields: [
                .init("orderNo", .text, .orderNumber), .init("productDesc", .text, .productDescription),
                .init("amount", .whole, .range(1...mostWon)), .init("amountTaxFree", .whole, won),
                .init("amountTaxable", .whole, isRequired: false, won), .init("amountVat", .whole, isRequired: false, won),
                .init("amountServiceFee", .whole, isRequired: false, won), .init("enablePayMethods", .text, isRequired: false),
                .init("cashReceipt", .boolean, isRequired: false),
                .init(
                    "cashReceiptTradeOption", .text, isRequired: false, .word(CashReceiptTradeOption.known.map(\.rawValue))),
                .init("installment", .text, isRequired: false, .word(Installment.known.map(\.rawValue))), isTest,
            ]),
        AppsInTossAPI(
            .pay, "execute-payment", .post, prefix + "/pay/execute-payment", .movesMoney(enquiry: paymentEnquiry), user: payer,
            fields: [.init("payToken", .text, .notEmpty), .init("orderNo", .text, isRequired: false, .orderNumber), isTest]),
        AppsInTossAPI(
            .pay, "refund-payment", .post, prefix + "/pay/refund-payment", .movesMoney(enquiry: paymentEnquiry), user: payer,
            fields: [.init("payToken", .text, .notEmpty), .init("reason", .text, .refundReason), isTest]),
        AppsInTossAPI(
            .pay, "get-payment-status", .post, prefix + "/pay/get-payment-status", .reads, user: payer,
            fields: [
                .init("payToken", .text, isRequired: false, .notEmpty), .init("orderNo", .text, isRequired: false, .orderNumber), isTest,
            ]),
    ]

    /// Chapter "In-app purchase".
    static let purchases: [AppsInTossAPI] = [
        AppsInTossAPI(
            .inAppPurchase, "get-order-status", .post, prefix + "/order/get-order-status", .reads,
            user: .key(isRequired: false, orAnonymous: false), fields: [.init("orderId", .text, .uuid)])
    ]

    private static let templateFields: [AppsInTossAPI.Field] = [.init("templateSetCode", .text, .notEmpty), .init("context", .object)]

    /// Chapter "Messages".
    static let messages: [AppsInTossAPI] = [
        AppsInTossAPI(
            .messages, "send-message", .post, prefix + "/messenger/send-message", .movesMoney(enquiry: nil),
            user: .key(isRequired: true, orAnonymous: true), urgency: .bulk, fields: templateFields),
        AppsInTossAPI(
            .messages, "send-bulk-message", .post, prefix + "/messenger/send-bulk-message", .movesMoney(enquiry: nil), user: .none,
            urgency: .bulk,
            fields: [
                .init("templateSetCode", .text, .notEmpty),
                .init(
                    "contextList",
                    .list([
                        .init("userKey", .userKey, isRequired: false), .init("anonKey", .text, isRequired: false, .notEmpty),
                        .init("context", .object),
                    ]), .range(Int64(AppsInTossLimits.bulkMessages.lowerBound)...Int64(AppsInTossLimits.bulkMessages.upperBound))),
            ]),
        AppsInTossAPI(
            .messages, "send-test-message", .post, prefix + "/messenger/send-test-message", .movesMoney(enquiry: nil),
            user: .key(isRequired: true, orAnonymous: true), fields: templateFields + [.init("deploymentId", .text, .uuid)]),
    ]

    /// The enquiry after an execution of a promotion.
    public static let promotionEnquiry = "POST \(prefix)/promotion/execution-result"
    private static let code = AppsInTossAPI.Field("promotionCode", .text, .notEmpty)
    private static let key = AppsInTossAPI.Field("key", .text, .notEmpty)

    /// Chapter "Promotion".
    static let promotion: [AppsInTossAPI] = [
        AppsInTossAPI(
            .promotion, "get-key", .post, prefix + "/promotion/execute-promotion/get-key", .repeatable,
            user: .key(isRequired: false, orAnonymous: true)),
        AppsInTossAPI(
            .promotion, "execute-promotion", .post, prefix + "/promotion/execute-promotion", .movesMoney(enquiry: promotionEnquiry),
            user: .key(isRequired: true, orAnonymous: true),
            fields: [code, key, .init("amount", .whole, .range(1...999_999_999))]),
        AppsInTossAPI(
            .promotion, "execution-result", .post, prefix + "/promotion/execution-result", .reads,
            user: .key(isRequired: true, orAnonymous: true), fields: [code, key]),
    ]

    /// The check of an anonymous key.
    static let anonymousKey: [AppsInTossAPI] = [
        AppsInTossAPI(
            .anonymousKey, "verify-anonymous-key", .post, prefix + "/users/anon-key/verify", .reads, user: .anonymousKey)
    ]
}
