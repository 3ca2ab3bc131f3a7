/// Where an in-app purchase stands (`status` of get-order-status).
public struct PurchaseStatus: AppsInTossWord {
    /// The word as the provider writes it.
    public let rawValue: String
    /// One by its word; also one that is not known yet.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Paid, and the product granted.
    public static let purchased = PurchaseStatus(rawValue: "PURCHASED")
    /// Paid; granting is pending or has failed.
    public static let paymentCompleted = PurchaseStatus(rawValue: "PAYMENT_COMPLETED")
    /// The buyer is still at it.
    public static let inProgress = PurchaseStatus(rawValue: "ORDER_IN_PROGRESS")
    /// The payment failed.
    public static let failed = PurchaseStatus(rawValue: "FAILED")
    /// Refunded.
    public static let refunded = PurchaseStatus(rawValue: "REFUNDED")
    /// There is no such order.
    public static let notFound = PurchaseStatus(rawValue: "NOT_FOUND")
    /// The order is another mini-app's.
    public static let miniAppMismatch = PurchaseStatus(rawValue: "MINIAPP_MISMATCH")
    /// Something went wrong at the provider.
    public static let error = PurchaseStatus(rawValue: "ERROR")

    /// Those that are known.
    public static let known: [PurchaseStatus] = [
        .purchased, .paymentCompleted, .inProgress, .failed, .refunded, .notFound, .miniAppMismatch, .error,
    ]
}

/// Where a subscription stands.
public struct SubscriptionStatus: AppsInTossWord {
    /// The word as the provider writes it.
    public let rawValue: String
    /// One by its word; also one that is not known yet.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// It runs.
    public static let active = SubscriptionStatus(rawValue: "ACTIVE")
    /// A payment failed; access goes on for a while.
    public static let inGracePeriod = SubscriptionStatus(rawValue: "IN_GRACE_PERIOD")
    /// A payment failed and access has ended.
    public static let onHold = SubscriptionStatus(rawValue: "ON_HOLD")
    /// The subscriber paused it.
    public static let paused = SubscriptionStatus(rawValue: "PAUSED")
    /// It ended.
    public static let expired = SubscriptionStatus(rawValue: "EXPIRED")
    /// It was taken back.
    public static let revoked = SubscriptionStatus(rawValue: "REVOKED")

    /// Those that are known.
    public static let known: [SubscriptionStatus] = [.active, .inGracePeriod, .onHold, .paused, .expired, .revoked]
}

/// Why a subscription changed (`changeReason`).
public struct SubscriptionChangeReason: AppsInTossWord {
    /// The word as the provider writes it.
    public let rawValue: String
    /// One by its word; also one that is not known yet.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// It began.
    public static let created = SubscriptionChangeReason(rawValue: "CREATED")
    /// It was renewed.
    public static let renewed = SubscriptionChangeReason(rawValue: "RENEWED")
    /// A failed payment was made good.
    public static let recovered = SubscriptionChangeReason(rawValue: "RECOVERED")
    /// It began again.
    public static let restarted = SubscriptionChangeReason(rawValue: "RESTARTED")
    /// A payment failed.
    public static let enteredGracePeriod = SubscriptionChangeReason(rawValue: "ENTERED_GRACE_PERIOD")
    /// The grace period ended.
    public static let onHold = SubscriptionChangeReason(rawValue: "ON_HOLD")
    /// The subscriber paused it.
    public static let paused = SubscriptionChangeReason(rawValue: "PAUSED")
    /// It will be renewed.
    public static let autoRenewEnabled = SubscriptionChangeReason(rawValue: "AUTO_RENEW_ENABLED")
    /// It will not be renewed.
    public static let autoRenewDisabled = SubscriptionChangeReason(rawValue: "AUTO_RENEW_DISABLED")
    /// Its end was moved.
    public static let extended = SubscriptionChangeReason(rawValue: "EXTENDED")
    /// It ended.
    public static let expired = SubscriptionChangeReason(rawValue: "EXPIRED")
    /// It was taken back.
    public static let revoked = SubscriptionChangeReason(rawValue: "REVOKED")

    /// Those that are known.
    public static let known: [SubscriptionChangeReason] = [
        .created, .renewed, .recovered, .restarted, .enteredGracePeriod, .onHold, .paused, .autoRenewEnabled, .autoRenewDisabled, .extended,
        .expired, .revoked,
    ]
}

/// Why a user's link ended (`referrer` of the unlink callback).
public struct UnlinkReferrer: AppsInTossWord {
    /// The word as the provider writes it.
    public let rawValue: String
    /// One by its word; also one that is not known yet.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The user ended it in the Toss app.
    public static let unlink = UnlinkReferrer(rawValue: "UNLINK")
    /// The user withdrew a consent.
    public static let termsWithdrawn = UnlinkReferrer(rawValue: "WITHDRAWAL_TERMS")
    /// The user left Toss.
    public static let tossLeft = UnlinkReferrer(rawValue: "WITHDRAWAL_TOSS")

    /// Those that are known.
    public static let known: [UnlinkReferrer] = [.unlink, .termsWithdrawn, .tossLeft]
}

/// Where a login began (`referrer` of `appLogin()`). Pass on exactly the text that the SDK gave: another letter case is answered with invalid_grant.
public struct LoginReferrer: AppsInTossWord {
    /// The word as the provider writes it.
    public let rawValue: String
    /// One by its word; also one that is not known yet.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The Toss app.
    public static let live = LoginReferrer(rawValue: "DEFAULT")
    /// The sandbox app.
    public static let sandbox = LoginReferrer(rawValue: "SANDBOX")
    /// The sandbox app, as some of its versions write it.
    public static let sandboxInLowerCase = LoginReferrer(rawValue: "sandbox")

    /// Those that are known.
    public static let known: [LoginReferrer] = [.live, .sandbox, .sandboxInLowerCase]
}

/// What a user has agreed to tell, as `scope` writes it.
public struct LoginScope: AppsInTossWord {
    /// The word as the provider writes it.
    public let rawValue: String
    /// One by its word; also one that is not known yet.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The user's key; since 2026-01-02 always there.
    public static let userKey = LoginScope(rawValue: "user_key")
    /// The name.
    public static let name = LoginScope(rawValue: "user_name")
    /// The e-mail address.
    public static let email = LoginScope(rawValue: "user_email")
    /// The gender.
    public static let gender = LoginScope(rawValue: "user_gender")
    /// The date of birth.
    public static let birthday = LoginScope(rawValue: "user_birthday")
    /// Korean or not.
    public static let nationality = LoginScope(rawValue: "user_nationality")
    /// The telephone number.
    public static let phone = LoginScope(rawValue: "user_phone")
    /// The connecting information (CI).
    public static let connectingInformation = LoginScope(rawValue: "user_ci")

    /// Those that are known.
    public static let known: [LoginScope] = [.userKey, .name, .email, .gender, .birthday, .nationality, .phone, .connectingInformation]
}

/// What became of an execution (`success` of execution-result).
public struct PromotionOutcome: AppsInTossWord {
    /// The word as the provider writes it.
    public let rawValue: String
    /// One by its word; also one that is not known yet.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The points were granted.
    public static let success = PromotionOutcome(rawValue: "SUCCESS")
    /// Not decided yet.
    public static let pending = PromotionOutcome(rawValue: "PENDING")
    /// The points were not granted.
    public static let failed = PromotionOutcome(rawValue: "FAILED")

    /// Those that are known.
    public static let known: [PromotionOutcome] = [.success, .pending, .failed]
}

/// What an answer's `resultType` says.
public struct AppsInTossResultType: AppsInTossWord {
    /// The word as the provider writes it.
    public let rawValue: String
    /// One by its word; also one that is not known yet.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// It worked.
    public static let success = AppsInTossResultType(rawValue: "SUCCESS")
    /// It was refused.
    public static let fail = AppsInTossResultType(rawValue: "FAIL")
    /// A server behind the provider's was too slow.
    public static let httpTimeout = AppsInTossResultType(rawValue: "HTTP_TIMEOUT")
    /// A server behind the provider's was not reached.
    public static let networkError = AppsInTossResultType(rawValue: "NETWORK_ERROR")
    /// It broke off.
    public static let executionFail = AppsInTossResultType(rawValue: "EXECUTION_FAIL")
    /// It was interrupted.
    public static let interrupted = AppsInTossResultType(rawValue: "INTERRUPTED")
    /// Something else.
    public static let internalError = AppsInTossResultType(rawValue: "INTERNAL_ERROR")

    /// Those that are known.
    public static let known: [AppsInTossResultType] = [
        .success, .fail, .httpTimeout, .networkError, .executionFail, .interrupted, .internalError,
    ]
}

extension AppsInTossResultType {
    /// Whether the provider may have acted although it reports no success: everything but `SUCCESS` and `FAIL`, words that are not known included.
    public var leavesOutcomeOpen: Bool { self != .success && self != .fail }
}

extension LoginScope {
    /// Scopes that can be had without an unlink callback registered in the console.
    public static let withoutUnlinkCallback: Set<LoginScope> = [.userKey, .name, .email, .gender]

    /// Reads `scope`, separated by spaces (generate-token), commas (login-me), or both.
    public static func list(_ text: String) -> [LoginScope] {
        text.utf8.split { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: " ") }.map {
            LoginScope(rawValue: String(decoding: $0, as: UTF8.self))
        }
    }

    /// The word that the console uses, such as `USER_NAME`.
    public var consoleWord: String { rawValue.uppercased() }
}

extension PurchaseStatus {
    /// Whether the buyer has paid and not been refunded. The documentation's versions disagree on which of the two is final: grant on either, exactly once.
    public var isPaid: Bool { self == .purchased || self == .paymentCompleted }
    /// Whether an answer of this status names the product and a time.
    public var namesProduct: Bool { ![.notFound, .miniAppMismatch, .error].contains(self) }
}

extension PayStatus {
    /// Whether the buyer's money has been taken and not given back. A refund under way counts as paid until it is done.
    public var isPaid: Bool { [.complete, .settled, .refundInProgress].contains(self) }
    /// Whether the money has gone back.
    public var isRefunded: Bool { self == .refunded || self == .settledRefund }
    /// Whether nothing was paid and nothing will be without another call.
    public var isUnpaid: Bool { [.standby, .approved, .cancelled].contains(self) }
}
