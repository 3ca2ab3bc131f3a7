public import ProviderKit
import Transport

/// The calls of Bootpay's server API, version 1, as data: what the gateway knows of each, and what the sandbox answers.
///
/// Paths hang directly under the host. Every one of them may carry a `.json` suffix, even after an id; ``normalized(_:)`` takes it away.
public enum BootpayRoutes {
    private static let receiptEnquiry = "GET /receipt/{receipt_id}"

    /// The documented calls, and those known from official clients only. An earlier row wins over a later one.
    public static let table = RouteTable([
        Route("token", .post, "/request/token", .repeatable),
        Route("verify", .get, "/receipt/{receipt_id}", .reads),
        // A cancel without cancel_id, repeated blindly, cancels twice; with one, Bootpay refuses the second.
        Route("cancel", .post, "/cancel", .movesMoney(enquiry: receiptEnquiry)),
        Route("issue-billing-key", .post, "/request/card_rebill", .movesMoney(enquiry: nil)),
        Route("charge", .post, "/subscribe/billing", .movesMoney(enquiry: nil)),
        Route("reserve", .post, "/subscribe/billing/reserve", .movesMoney(enquiry: nil)),
        Route("cancel-reservation", .delete, "/subscribe/billing/reserve/{reserve_id}", .repeatable),
        Route("delete-billing-key", .delete, "/subscribe/billing/{billing_key}", .repeatable),
        // The same shape of path with another kind of id: GET takes a receipt's, DELETE a billing key.
        Route("find-billing-key", .get, "/subscribe/billing/{receipt_id}", .reads),
        Route("submit", .post, "/submit", .movesMoney(enquiry: receiptEnquiry)),
        Route("user-token", .post, "/request/user/token", .repeatable),
        Route("payment-link", .post, "/request/payment", .movesMoney(enquiry: nil)),
        Route("identity", .get, "/certificate/{receipt_id}", .reads),
        Route("shipping-started", .put, "/delivery/start/{receipt_id}", .repeatable),
    ])

    /// Calls that one official client each has and whose answers nobody published; the sandbox accepts and records them.
    public static let rare = RouteTable([
        Route("replace-billing-card", .put, "/request/card_rebill/{receipt_id}", .movesMoney(enquiry: nil)),
        Route("webhook", .post, "/webhook", .movesMoney(enquiry: nil)),
        Route("remote-form", .post, "/app/rest/remote_form", .movesMoney(enquiry: nil)),
        Route("remote-link", .post, "/app/rest/remote_link", .movesMoney(enquiry: nil)),
        Route("short-message", .post, "/push/sms", .movesMoney(enquiry: nil)),
        Route("long-message", .post, "/push/lms", .movesMoney(enquiry: nil)),
        Route("naver-pay-product", .post, "/npay/product", .movesMoney(enquiry: nil)),
        Route("project-payment", .post, "/project/payment", .movesMoney(enquiry: nil)),
        Route("seller-lookup", .get, "/seller/lookup", .reads),
        Route("seller-join", .post, "/seller/join", .movesMoney(enquiry: nil)),
        Route("wallet-card", .post, "/subscribe/wallet/card", .movesMoney(enquiry: nil)),
        Route("easy-card-confirm-ready", .post, "/easy/card/confirm_ready", .movesMoney(enquiry: nil)),
        Route("samsung-token", .post, "/samsung/request/token", .repeatable),
        Route("samsung-chatbot-pay", .post, "/samsung/request/chatbotpay", .movesMoney(enquiry: nil)),
        Route("samsung-cancel", .post, "/samsung/cancel", .movesMoney(enquiry: receiptEnquiry)),
    ])

    /// `path` without the `.json` suffix that official clients put on any path.
    public static func normalized(_ path: String) -> String {
        path.utf8.suffix(5).elementsEqual(".json".utf8) ? String(path.dropLast(5)) : path
    }
}
