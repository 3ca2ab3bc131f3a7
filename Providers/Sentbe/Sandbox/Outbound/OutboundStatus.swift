/// Where a transfer stands, by the words that replies and callbacks say.
enum OutboundStatus: String, CaseIterable, Sendable {
    /// Waits for the deposit.
    case requested = "Transfer Requested"
    case processing = "Processing"
    /// Held by the money-laundering filter.
    case filtered = "AML filtered"
    case complete = "Complete"
    case canceled = "Canceled"
    case expired = "Expired"
    case refunded = "Refunded"

    /// What happens to a transfer.
    enum Event: String, CaseIterable, Sendable {
        /// The whole amount has reached the virtual account.
        case deposited
        /// The deposit did not come in time.
        case timeRanOut = "time-ran-out"
        /// The partner has cancelled.
        case cancelled
        /// The money-laundering filter holds it.
        case held
        /// The filter lets it go on.
        case released
        /// The filter stops it for good.
        case stopped
        /// The recipient has the money.
        case paidOut = "paid-out"
        /// The sender has the money back.
        case paidBack = "paid-back"
    }

    /// Where the transfer stands after `event`; nothing when that cannot happen to it now.
    func after(_ event: Event) -> OutboundStatus? {
        switch (self, event) {
        case (.requested, .deposited): .processing
        case (.requested, .timeRanOut): .expired
        case (.requested, .cancelled): .canceled
        case (.processing, .held): .filtered
        case (.processing, .paidOut): .complete
        case (.filtered, .released): .processing
        case (.filtered, .stopped): .canceled
        case (.filtered, .paidBack): .refunded
        case (.complete, .paidBack): .refunded
        default: nil
        }
    }

    /// Whether the sender's money never left or came back, so that a used credit is given back.
    var isUndone: Bool { [.canceled, .expired, .refunded].contains(self) }
}
