import Base
import ProviderKit
import Transport

extension BootpayClient {
    /// Looks a payment up. Safe to repeat.
    ///
    /// To decide whether an order was paid, use ``verify(_:expecting:)``, which compares the amount too.
    ///
    /// - Throws: ``BootpayError``; `notFound` when there is no such receipt in this project.
    public func verify(_ receiptID: ReceiptID) async throws(BootpayError) -> PaymentReceipt {
        try readReceipt(try await call(.get, "/receipt/\(try BootpayClient.segment(receiptID.rawValue))"), movesMoney: false)
    }

    /// Looks a payment up and makes sure that it is paid, in won, to exactly `price`, with nothing of it cancelled. Safe to repeat.
    ///
    /// The amount must come from the merchant's own record of the order, never from the shopper's browser.
    ///
    /// - Throws: ``BootpayError``; `notPaid` in any other state, `amountDiffers` for another amount or currency or after a cancel.
    public func verify(_ receiptID: ReceiptID, expecting price: Won) async throws(BootpayError) -> PaymentReceipt {
        let receipt = try await verify(receiptID)
        guard receipt.receiptID == receiptID else { throw BootpayError.unreadable(movesMoney: false) }
        guard receipt.status == .paid else {
            throw BootpayError(
                .notPaid, outcome: .answered,
                message: BilingualText(
                    korean: "결제가 완료되지 않았습니다(상태 \(receipt.status.rawValue)).",
                    english: "the payment is not paid (status \(receipt.status.rawValue), \(receipt.status))"))
        }
        let isWon = receipt.currency == nil || receipt.currency == "krw"
        guard receipt.price == price, isWon, receipt.cancelledPrice ?? 0 == 0 else {
            throw BootpayError(
                .amountDiffers, outcome: .answered,
                message: BilingualText(
                    korean: "결제 금액이 주문과 다릅니다. 주문 \(price.amount)원, 결제 \(receipt.price.amount), 취소 \(receipt.cancelledPrice?.amount ?? 0).",
                    english: "the payment is not what was expected: \(price) were, \(receipt.price) were paid, "
                        + "\(receipt.cancelledPrice ?? 0) were cancelled, currency \(isWon ? "krw" : "other")"))
        }
        return receipt
    }

    /// Takes a payment back, wholly or in part. Moves money: after an unknown outcome, verify the receipt before sending the same request again.
    ///
    /// - Throws: ``BootpayError``; `refused` also when a cancel with this id was done before.
    public func cancel(_ request: CancelRequest) async throws(BootpayError) -> Cancellation {
        let data = try await call(.post, "/cancel", try request.body())
        guard let cancellation = Cancellation(data) else { throw BootpayError.unreadable(movesMoney: true) }
        return cancellation
    }

    /// Approves a payment that waits for the server (status 2), after its amount was verified. Moves money: after an unknown outcome, verify the receipt.
    ///
    /// - Returns: The paid receipt.
    public func submit(_ receiptID: ReceiptID) async throws(BootpayError) -> PaymentReceipt {
        _ = try BootpayClient.segment(receiptID.rawValue)
        return try readReceipt(try await call(.post, "/submit", ["receipt_id": .string(receiptID.rawValue)]), movesMoney: true)
    }

    /// Makes a page on which a shopper pays.
    ///
    /// - Returns: The page's URL.
    public func paymentLink(_ request: PaymentLinkRequest) async throws(BootpayError) -> String {
        guard request.price >= 100 else { throw .invalid("결제 금액은 100원 이상이어야 합니다.", "the price must be at least ₩100") }
        // The one reply whose data is a text.
        guard let url = try await call(.post, "/request/payment", request.body).string, !url.isEmpty else {
            throw BootpayError.unreadable(movesMoney: true)
        }
        return url
    }

    /// Looks the result of an identity check up. Safe to repeat.
    public func identity(ofReceipt receiptID: ReceiptID) async throws(BootpayError) -> IdentityResult {
        let data = try await call(.get, "/certificate/\(try BootpayClient.segment(receiptID.rawValue))")
        guard let result = IdentityResult(data) else { throw BootpayError.unreadable(movesMoney: false) }
        return result
    }

    /// Tells that the goods of an escrow payment were sent. Safe to repeat.
    ///
    /// - Parameters:
    ///   - receiptID: The payment.
    ///   - trackingNumber: The parcel's number.
    ///   - courier: The courier's name or code, as Bootpay's console lists it.
    public func startShipping(
        of receiptID: ReceiptID, trackingNumber: String, courier: String
    ) async throws(BootpayError) {
        _ = try await call(
            .put, "/delivery/start/\(try BootpayClient.segment(receiptID.rawValue))",
            ["delivery_no": .string(trackingNumber), "delivery_corp": .string(courier)])
    }

    func readReceipt(_ data: JSON, movesMoney: Bool) throws(BootpayError) -> PaymentReceipt {
        guard let receipt = PaymentReceipt(data) else { throw BootpayError.unreadable(movesMoney: movesMoney) }
        return receipt
    }
}
