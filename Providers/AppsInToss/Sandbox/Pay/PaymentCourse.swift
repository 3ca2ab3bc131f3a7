import Base

/// Where a payment stands, in the words of get-payment-status.
enum PaymentStatus: String, CaseIterable, Sendable {
    /// Made; the buyer has not authenticated.
    case standby = "PAY_STANDBY"
    /// The buyer has authenticated; nothing is paid yet.
    case approved = "PAY_APPROVED"
    /// The buyer cancelled, or time ran out.
    case cancelled = "PAY_CANCEL"
    /// The bank or the card company is at it.
    case inProgress = "PAY_PROGRESS"
    /// Paid.
    case complete = "PAY_COMPLETE"
    /// The refund is under way.
    case refundInProgress = "REFUND_PROGRESS"
    /// Paid back before the settlement.
    case refunded = "REFUND_SUCCESS"
    /// Paid, and settled with the merchant.
    case settled = "SETTLEMENT_COMPLETE"
    /// Paid back after the settlement.
    case settledRefunded = "SETTLEMENT_REFUND_COMPLETE"
}

/// The way of one payment through its states, with the tenant's time. A value without I/O: events go in, the state and the next moment come out.
struct PaymentCourse: Equatable, Sendable {
    /// What happens to a payment.
    enum Event: String, CaseIterable, Sendable {
        /// The buyer went through the payment sheet.
        case buyerAuthenticated
        /// The buyer closed it.
        case buyerCancelled
        /// The merchant made another payment under the same order number before the buyer came.
        case replaced
        /// execute-payment was taken.
        case executionBegan
        /// refund-payment was taken.
        case refundBegan
        /// The merchant was paid out.
        case settled
    }

    /// How long things take. Nobody has published any of it.
    struct Times: Equatable, Sendable {
        /// How long the buyer has to authenticate, and the merchant to execute afterwards.
        var patience: Duration = .seconds(900)
        /// How long the bank takes for a payment; nothing makes execute-payment answer with the outcome.
        var execution: Duration = .zero
        /// How long the bank takes for a refund.
        var refund: Duration = .zero
    }

    /// The calls of which the state decides whether they go on.
    enum Attempt: String, CaseIterable, Sendable {
        /// make-payment with this payment's order number.
        case make
        case execute
        case refund
    }

    /// Why the state forbids a call.
    enum Obstacle: String, CaseIterable, Error, Sendable {
        /// The order number's payment was authenticated, whatever came of it.
        case orderUsed
        case notAuthenticated
        case cancelled
        case lapsed
        case replaced
        /// Executed before.
        case executed
        case notPaid
        /// Refunded before, or the refund is under way.
        case refunded
    }

    private(set) var status: PaymentStatus
    /// When the present state ends by itself; nothing when it does not.
    private(set) var dueAt: Timestamp?
    /// When the buyer authenticated.
    private(set) var authenticatedAt: Timestamp?
    /// When it was paid.
    private(set) var paidAt: Timestamp?
    /// When it was settled.
    private(set) var settledAt: Timestamp?
    /// When it was paid back.
    private(set) var refundedAt: Timestamp?
    /// Whether it ended since nobody came in time.
    private(set) var hasLapsed: Bool
    /// Whether it ended since a newer payment took its order number.
    private(set) var isReplaced: Bool

    /// make-payment made it at `moment`.
    init(madeAt moment: Timestamp, _ times: Times) {
        self.init(stored: .standby, dueAt: moment + times.patience)
    }

    /// A payment as it was kept.
    init(
        stored status: PaymentStatus, dueAt: Timestamp?, authenticatedAt: Timestamp? = nil, paidAt: Timestamp? = nil,
        settledAt: Timestamp? = nil, refundedAt: Timestamp? = nil, hasLapsed: Bool = false, isReplaced: Bool = false
    ) {
        self.status = status
        self.dueAt = dueAt
        self.authenticatedAt = authenticatedAt
        self.paidAt = paidAt
        self.settledAt = settledAt
        self.refundedAt = refundedAt
        self.hasLapsed = hasLapsed
        self.isReplaced = isReplaced
    }

    /// What keeps `attempt` from going on in this state; nothing when it goes on.
    func obstacle(to attempt: Attempt) -> Obstacle? {
        switch (attempt, status) {
        case (.make, .standby): nil
        case (.make, .cancelled): authenticatedAt == nil ? nil : .orderUsed
        case (.make, _): .orderUsed
        case (.execute, .approved): nil
        case (.execute, .standby): .notAuthenticated
        case (.execute, .cancelled): ending
        case (.execute, _): .executed
        case (.refund, .complete), (.refund, .settled): nil
        case (.refund, .refundInProgress), (.refund, .refunded), (.refund, .settledRefunded): .refunded
        case (.refund, .cancelled): ending
        case (.refund, .standby), (.refund, .approved), (.refund, .inProgress): .notPaid
        }
    }

    /// Why a cancelled payment was.
    private var ending: Obstacle { isReplaced ? .replaced : hasLapsed ? .lapsed : .cancelled }

    /// Takes the event in.
    ///
    /// - Returns: Whether the state allowed it; otherwise nothing has changed.
    mutating func happened(_ event: Event, at moment: Timestamp, _ times: Times) -> Bool {
        switch (event, status) {
        case (.buyerAuthenticated, .standby):
            authenticatedAt = moment
            move(to: .approved, until: moment + times.patience)
        case (.buyerCancelled, .standby): move(to: .cancelled)
        case (.replaced, .standby):
            isReplaced = true
            move(to: .cancelled)
        case (.replaced, .cancelled) where authenticatedAt == nil:
            // It had ended already; from now on the order number is another payment's.
            isReplaced = true
        case (.executionBegan, .approved):
            move(to: .inProgress, until: moment + times.execution)
            if times.execution == .zero { timePassed() }
        case (.settled, .complete):
            settledAt = moment
            move(to: .settled)
        case (.refundBegan, .complete), (.refundBegan, .settled):
            move(to: .refundInProgress, until: moment + times.refund)
            if times.refund == .zero { timePassed() }
        default: return false
        }
        return true
    }

    /// Time has reached ``dueAt``: the state ends as of that moment.
    mutating func timePassed() {
        guard let moment = dueAt else { return }
        switch status {
        case .standby, .approved:
            hasLapsed = true
            move(to: .cancelled)
        case .inProgress:
            paidAt = moment
            move(to: .complete)
        case .refundInProgress:
            refundedAt = moment
            move(to: settledAt == nil ? .refunded : .settledRefunded)
        default: dueAt = nil
        }
    }

    private mutating func move(to status: PaymentStatus, until dueAt: Timestamp? = nil) {
        self.status = status
        self.dueAt = dueAt
    }
}
