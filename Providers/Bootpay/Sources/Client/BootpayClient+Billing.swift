public import Base
import ProviderKit
import Transport

extension BootpayClient {
    /// Issues a billing key for a card. After an unknown outcome a key may exist that nobody knows of; Bootpay offers no way to ask.
    public func issueBillingKey(_ request: BillingKeyRequest) async throws(BootpayError) -> IssuedBillingKey {
        guard let key = IssuedBillingKey(try await call(.post, "/request/card_rebill", request.body)) else {
            throw BootpayError.unreadable(movesMoney: true)
        }
        return key
    }

    /// Finds the billing key that was issued in the client's window, by the receipt that the window handed over (status 11). Safe to repeat.
    public func billingKey(ofReceipt receiptID: ReceiptID) async throws(BootpayError) -> IssuedBillingKey {
        let data = try await call(.get, "/subscribe/billing/\(try BootpayClient.segment(receiptID.rawValue))")
        guard let key = IssuedBillingKey(data) else { throw BootpayError.unreadable(movesMoney: false) }
        return key
    }

    /// Deletes a billing key; later charges with it fail. Safe to repeat.
    public func deleteBillingKey(_ key: BillingKey) async throws(BootpayError) {
        _ = try await call(.delete, "/subscribe/billing/\(try BootpayClient.segment(key.rawValue))")
    }

    /// Charges a stored card. Moves money, and must never be repeated by a machine: after an unknown outcome look for the order in Bootpay's console or wait for its webhook.
    public func charge(_ request: ChargeRequest) async throws(BootpayError) -> PaymentReceipt {
        try request.check()
        return try readReceipt(try await call(.post, "/subscribe/billing", .object(request.members)), movesMoney: true)
    }

    /// Reserves a charge of a stored card; at most five may wait for one key. Must never be repeated by a machine.
    ///
    /// - Parameters:
    ///   - request: The charge.
    ///   - moment: When it is to happen; Bootpay counts in whole seconds.
    public func reserve(_ request: ChargeRequest, at moment: Timestamp) async throws(BootpayError) -> Reservation {
        try request.check()
        var members = request.members
        members["execute_at"] = .number(moment.unixSeconds)
        members["scheduler_type"] = "oneshot"
        guard let reservation = Reservation(try await call(.post, "/subscribe/billing/reserve", .object(members))) else {
            throw BootpayError.unreadable(movesMoney: true)
        }
        return reservation
    }

    /// Cancels a reserved charge that has not happened yet. Safe to repeat.
    public func cancelReservation(_ id: ReservationID) async throws(BootpayError) {
        _ = try await call(.delete, "/subscribe/billing/reserve/\(try BootpayClient.segment(id.rawValue))")
    }

    /// Asks for a shopper's token for easy pay. Safe to repeat.
    public func userToken(_ request: UserTokenRequest) async throws(BootpayError) -> UserToken {
        guard !request.userID.isEmpty else { throw .invalid("userID가 비어 있습니다.", "the user's id is empty") }
        guard let token = UserToken(try await call(.post, "/request/user/token", request.body)) else {
            throw BootpayError.unreadable(movesMoney: false)
        }
        return token
    }
}
