import Base
import Bootpay
import Storage

/// One payment as the provider keeps it; callers see it as a receipt.
struct Payment: Equatable {
    /// The receipt id, 24 hexadecimal digits.
    var id: String
    /// Whose it is.
    var project: String
    var status: PaymentStatus = .paid
    /// All amounts in won.
    var price: Int64
    var taxFree: Int64 = 0
    var cancelledPrice: Int64 = 0
    var cancelledTaxFree: Int64 = 0
    var orderID: String
    var name: String
    /// The payment gateway's alias (`pg`).
    var gateway: String
    /// The method's alias.
    var method: String
    var requestedAt: Timestamp
    var purchasedAt: Timestamp?
    var revokedAt: Timestamp?
    var lastPartialCancel: Timestamp?
    /// Whether it was cancelled on the payment gateway's own console, of which Bootpay learns nothing.
    var isCancelledAtGateway = false
    /// When time changes it: an approval or virtual account lapses, a running cancel ends, a test payment is taken back.
    var dueAt: Timestamp?
    /// The key it was charged with, which decides who is notified.
    var billingKey: String?
    /// The address that a charge asked to be notified at.
    var feedbackURL: String?
    var feedbackType: WebhookFormat?
    var details = Details()

    /// What varies by method and call.
    struct Details: Equatable {
        /// `payment_data` without the short copies: card, account, person.
        var data: JSON.Members = [:]
        /// `params`, returned unchanged.
        var params: JSON?
        /// `item_name` of a charge.
        var itemName: String?
        /// The payment gateway's transaction id.
        var transaction = ""
        /// Parcel of an escrow payment: `delivery_no`, `delivery_corp`.
        var delivery: JSON.Members?
        /// A cancel that runs at the gateway, in won.
        var pendingPrice: Int64?
        var pendingTaxFree: Int64?
        /// Whether a test charge is taken back by Bootpay at `dueAt`; otherwise by the gateway.
        var isTestCharge = false
    }

    var remaining: Int64 { price - cancelledPrice }
    var remainingTaxFree: Int64 { taxFree - cancelledTaxFree }
    var gatewayName: String { BootpayGateway(alias: gateway)?.name ?? gateway }
    var methodName: String { BootpayMethod(alias: method)?.name ?? method }
    var receiptURL: String { "https://app.bootpay.co.kr/bill/\(id)" }
}

// MARK: As callers see it

extension Payment {
    /// The receipt object, members in the order of the documentation.
    var receipt: JSON {
        var members: JSON.Members = ["receipt_id": .string(id), "order_id": .string(orderID), "name": .string(name)]
        if let itemName = details.itemName { members["item_name"] = .string(itemName) }
        members["price"] = .number(price)
        members["tax_free"] = .number(taxFree)
        members["remain_price"] = .number(remaining)
        members["remain_tax_free"] = .number(remainingTaxFree)
        members["cancelled_price"] = .number(cancelledPrice)
        members["cancelled_tax_free"] = .number(cancelledTaxFree)
        members["receipt_url"] = .string(receiptURL)
        members["unit"] = "krw"
        members["pg"] = .string(gateway)
        members["method"] = .string(method)
        members["pg_name"] = .string(gatewayName)
        members["method_name"] = .string(methodName)
        members["params"] = details.params ?? .null
        members["payment_data"] = paymentData
        members["requested_at"] = .string(requestedAt.koreanText)
        members["purchased_at"] = purchasedAt.map { .string($0.koreanText) } ?? .null
        members["revoked_at"] = revokedAt.map { .string($0.koreanText) } ?? .null
        members["status"] = .number(status.rawValue)
        let words = PaymentStatus.words[status]
        members["status_en"] = .string(words?.english ?? "unknown")
        members["status_ko"] = .string(words?.korean ?? "알 수 없음")
        if details.delivery != nil {
            members["escrow_status"] = 1
            members["escrow_status_en"] = "delivery_start"
            members["escrow_status_ko"] = "배송시작"
        }
        return .object(members)
    }

    /// `payment_data`: what the method brings, then the short copies that all have.
    var paymentData: JSON {
        var members = details.data
        members["receipt_id"] = .string(id)
        members["n"] = .string(name)
        members["p"] = .number(price)
        members["tid"] = .string(details.transaction)
        members["pg"] = .string(gatewayName)
        members["pm"] = .string(methodName)
        members["pg_a"] = .string(gateway)
        members["pm_a"] = .string(method)
        members["o_id"] = .string(orderID)
        members["p_at"] = purchasedAt.map { .string($0.koreanText) } ?? .null
        members["s"] = .number(status.rawValue)
        members["g"] = 2
        return .object(members)
    }

    /// `data` of a cancel's reply.
    func cancelReply(of price: Int64, at moment: Timestamp) -> JSON {
        [
            "receipt_id": .string(id), "request_cancel_price": .number(price), "remain_price": .number(remaining),
            "remain_tax_free": .number(remainingTaxFree), "cancelled_price": .number(cancelledPrice),
            "cancelled_tax_free": .number(cancelledTaxFree), "revoked_at": .string(moment.koreanText),
            "tid": .string(details.transaction),
        ]
    }
}

// MARK: Changes

extension Payment {
    /// A cancel went through.
    mutating func cancelled(_ grant: CancelRule.Grant, at moment: Timestamp) {
        cancelledPrice += grant.price
        cancelledTaxFree += grant.taxFree
        revokedAt = moment
        details.pendingPrice = nil
        details.pendingTaxFree = nil
        dueAt = nil
        if grant.isPartial { lastPartialCancel = moment }
        status = grant.isPartial ? .paid : .cancelled
    }

    /// The money has come: an approval, a deposit, the shopper's payment.
    mutating func paid(at moment: Timestamp) {
        status = .paid
        purchasedAt = moment
        dueAt = nil
    }
}

extension Payment.Details {
    var json: JSON {
        var members: JSON.Members = ["data": .object(data), "transaction": .string(transaction)]
        members["params"] = params
        members["item_name"] = itemName.map { .string($0) }
        members["delivery"] = delivery.map { .object($0) }
        members["pending_price"] = pendingPrice.map { .number($0) }
        members["pending_tax_free"] = pendingTaxFree.map { .number($0) }
        if isTestCharge { members["test_charge"] = true }
        return .object(members)
    }

    init(_ json: JSON) {
        data = json["data"]?.members ?? [:]
        transaction = json["transaction"]?.string ?? ""
        params = json["params"]
        itemName = json["item_name"]?.string
        delivery = json["delivery"]?.members
        pendingPrice = json["pending_price"]?.integer
        pendingTaxFree = json["pending_tax_free"]?.integer
        isTestCharge = json["test_charge"]?.boolean ?? false
    }
}
