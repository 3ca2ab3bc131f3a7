import Base

/// What get-order-status says of an order.
enum OrderStatus: String, CaseIterable, Sendable {
    /// Paid, and the product was granted.
    case purchased = "PURCHASED"
    /// Paid; the grant is pending or failed.
    case paymentCompleted = "PAYMENT_COMPLETED"
    /// The buyer is still at it.
    case inProgress = "ORDER_IN_PROGRESS"
    case failed = "FAILED"
    case refunded = "REFUNDED"
    case notFound = "NOT_FOUND"
    /// An order of another mini-app.
    case otherMiniApp = "MINIAPP_MISMATCH"
    /// The provider failed.
    case error = "ERROR"

    /// Whether `sku` and `statusDeterminedAt` are told with it.
    var showsProduct: Bool { ![OrderStatus.notFound, .otherMiniApp, .error].contains(self) }
}

/// What buyer, mini-app and shop do to an order.
enum OrderMove: String, CaseIterable, Sendable {
    /// The buyer paid.
    case pay
    /// The payment failed.
    case fail
    /// The mini-app confirmed that the product was granted.
    case grant
    /// The mini-app confirmed nothing, or said that the grant failed.
    case failGrant = "fail-grant"
    case refund

    /// Where the move leads; nothing when it cannot be made from `status`.
    func target(from status: OrderStatus) -> OrderStatus? {
        switch (self, status) {
        case (.pay, .inProgress): .paymentCompleted
        case (.fail, .inProgress): .failed
        case (.grant, .paymentCompleted): .purchased
        case (.failGrant, .paymentCompleted): .paymentCompleted
        case (.refund, .paymentCompleted), (.refund, .purchased): .refunded
        default: nil
        }
    }
}
