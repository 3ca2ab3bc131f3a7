/// The state of a payment: `data.status` of a receipt. Not the envelope's `status`, which repeats the HTTP status.
///
/// A value that is not listed here is kept as it is. Source: Bootpay's server documentation; the texts of all but 1 are our choice.
public struct PaymentStatus: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number as Bootpay writes it.
    public let rawValue: Int

    /// A state by its number.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Requested, waiting for the shopper.
    public static let ready = PaymentStatus(rawValue: 0)
    /// Paid.
    public static let paid = PaymentStatus(rawValue: 1)
    /// Before approval by the server; also a virtual account that waits for its deposit.
    public static let awaitingApproval = PaymentStatus(rawValue: 2)
    /// Being approved at the payment gateway.
    public static let approving = PaymentStatus(rawValue: 3)
    /// A billing key was issued; nothing was paid.
    public static let billingKeyIssued = PaymentStatus(rawValue: 11)
    /// Cancelled in full.
    public static let cancelled = PaymentStatus(rawValue: 20)
    /// Failed before approval.
    public static let failed = PaymentStatus(rawValue: -1)
    /// The approval failed.
    public static let approvalFailed = PaymentStatus(rawValue: -2)
    /// The issue of a virtual account was cancelled.
    public static let virtualAccountCancelled = PaymentStatus(rawValue: -3)
    /// The billing key was cancelled.
    public static let billingKeyCancelled = PaymentStatus(rawValue: -11)
    /// A cancel failed; the payment stands.
    public static let cancelFailed = PaymentStatus(rawValue: -20)
    /// A cancel is running at the payment gateway.
    public static let cancelling = PaymentStatus(rawValue: -30)

    /// The states with their English and Korean words, as `status_en` and `status_ko` give them.
    public static let words: [PaymentStatus: (english: String, korean: String)] = [
        .ready: ("ready", "결제대기"), .paid: ("complete", "결제완료"), .awaitingApproval: ("confirm", "결제승인전"),
        .approving: ("confirming", "결제승인중"), .billingKeyIssued: ("billing", "빌링키발급"), .cancelled: ("cancel", "결제취소"),
        .failed: ("fail", "결제실패"), .approvalFailed: ("confirm_fail", "승인실패"),
        .virtualAccountCancelled: ("vbank_cancel", "가상계좌발급취소"), .billingKeyCancelled: ("billing_cancel", "빌링키취소"),
        .cancelFailed: ("cancel_fail", "취소실패"), .cancelling: ("canceling", "결제취소중"),
    ]

    /// Which states may follow which, by any of Bootpay's calls, the shopper, or time. A cancel that runs at the gateway leads back to paid when it was partial.
    public static let moves: [PaymentStatus: Set<PaymentStatus>] = [
        .ready: [.awaitingApproval, .paid, .failed], .awaitingApproval: [.approving, .paid, .failed, .virtualAccountCancelled],
        .approving: [.paid, .approvalFailed], .paid: [.paid, .cancelled, .cancelling, .cancelFailed], .cancelling: [.cancelled, .paid],
        .cancelFailed: [.paid], .billingKeyIssued: [.billingKeyCancelled],
    ]

    /// Whether a payment in this state may next be in `next`.
    public func mayBecome(_ next: PaymentStatus) -> Bool { PaymentStatus.moves[self]?.contains(next) ?? false }

    /// The English word, or the number.
    public var description: String { PaymentStatus.words[self]?.english ?? String(rawValue) }
}
