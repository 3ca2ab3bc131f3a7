import Bootpay

/// What was ordered, and what became of it.
struct Order: Sendable, Equatable {
    enum State: Sendable, Equatable {
        case waitingForPayment
        /// Paid by this receipt, and handed to whoever packs and sends.
        case fulfilled(ReceiptID)
    }

    var id: String
    var item: String
    var price: Won
    var state = State.waitingForPayment
}

/// All orders. A shop keeps them in a database; the rule is the same: an order becomes fulfilled once, however often its payment is reported.
actor Orders {
    private var orders: [String: Order] = [:]
    private(set) var parcels: [String] = []

    func place(item: String, price: Won) -> Order {
        let order = Order(id: "ORDER-\(orders.count + 1)", item: item, price: price)
        orders[order.id] = order
        return order
    }

    func order(_ id: String) -> Order? { orders[id] }

    /// Marks an order as paid and sends it off. Browser and webhook both report a payment, often at once: only the first report sends a parcel.
    func fulfil(_ id: String, paidBy receipt: ReceiptID) -> Order? {
        guard var order = orders[id] else { return nil }
        if order.state == .waitingForPayment {
            order.state = .fulfilled(receipt)
            orders[id] = order
            parcels.append(order.id)
        }
        return order
    }
}
