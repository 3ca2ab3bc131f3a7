public import Base
import ProviderKit
import Transport

/// The inbound product: a foreign partner prefunds a wallet and pays out to Korean accounts. From ``SentbeClient/inbound``.
public struct SentbeInbound: Sendable {
    let client: SentbeClient

    /// Registers a sender. Never repeat blindly: look into ``users(page:)`` first.
    ///
    /// - Returns: The sender with the id that every transfer needs. Store it.
    public func createUser(_ user: InboundUser.Draft) async throws(SentbeError) -> InboundUser {
        try SentbeClient.one(try await client.call("inbound-create-user", [], user.parameters), "inbound-create-user", InboundUser.init)
    }

    /// The senders, newest page first, 5 to a page. Safe to repeat.
    public func users(page: Int = 1) async throws(SentbeError) -> [InboundUser] {
        try SentbeClient.list(try await client.call("inbound-users", [], try SentbeClient.page(page)), "inbound-users", InboundUser.init)
    }

    /// One sender. Safe to repeat.
    public func user(_ id: SentbeUserID) async throws(SentbeError) -> InboundUser {
        try SentbeClient.one(try await client.call("inbound-user", [id.rawValue]), "inbound-user", InboundUser.init)
    }

    /// Changes a sender. Safe to repeat.
    public func updateUser(_ id: SentbeUserID, _ change: InboundUser.Change) async throws(SentbeError) -> InboundUser {
        var parameters = change.parameters
        parameters["user_id"] = id.json
        return try SentbeClient.one(try await client.call("inbound-update-user", [], parameters), "inbound-update-user", InboundUser.init)
    }

    /// Registers a recipient. Never repeat blindly: look into ``recipients(page:)`` first.
    public func createRecipient(_ recipient: InboundRecipient.Draft) async throws(SentbeError) -> InboundRecipient {
        let data = try await client.call("inbound-create-recipient", [], recipient.parameters)
        return try SentbeClient.one(data, "inbound-create-recipient", InboundRecipient.init)
    }

    /// The recipients, 5 to a page. Safe to repeat.
    public func recipients(page: Int = 1) async throws(SentbeError) -> [InboundRecipient] {
        let data = try await client.call("inbound-recipients", [], try SentbeClient.page(page))
        return try SentbeClient.list(data, "inbound-recipients", InboundRecipient.init)
    }

    /// One recipient. Safe to repeat.
    public func recipient(_ id: SentbeRecipientID) async throws(SentbeError) -> InboundRecipient {
        try SentbeClient.one(try await client.call("inbound-recipient", [id.rawValue]), "inbound-recipient", InboundRecipient.init)
    }

    /// Changes a recipient who has not verified yet (afterwards: E0010). Safe to repeat.
    public func updateRecipient(
        _ id: SentbeRecipientID, _ change: InboundRecipient.Change
    ) async throws(SentbeError) -> InboundRecipient {
        var parameters = change.parameters
        parameters["recipient_id"] = id.json
        let data = try await client.call("inbound-update-recipient", [], parameters)
        return try SentbeClient.one(data, "inbound-update-recipient", InboundRecipient.init)
    }

    /// The bank codes with their names, by which `bank_attributes.name` is filled. Safe to repeat.
    public func banks() async throws(SentbeError) -> [InboundBank] {
        let data = try await client.call("inbound-banks")
        guard let members = data.members else { throw .unreadable(status: 200, effect: .reads) }
        return members.names.map { InboundBank(code: $0, label: members[$0]?.text("label") ?? "") }
    }

    /// What the wallets hold. Safe to repeat.
    public func balances() async throws(SentbeError) -> [SentbeMoney] {
        try SentbeClient.list(try await client.call("inbound-balances"), "inbound-balances") { $0.money("amount", "currency") }
    }

    /// What one wallet holds. Safe to repeat.
    public func balance(_ currency: String) async throws(SentbeError) -> SentbeMoney {
        try SentbeClient.one(try await client.call("inbound-balance", [currency]), "inbound-balance") { $0.money("amount", "currency") }
    }

    /// What a payout would cost at this moment. Safe to repeat.
    public func quote(_ request: PayoutQuote.Request) async throws(SentbeError) -> PayoutQuote {
        try SentbeClient.one(try await client.call("inbound-quote", [], request.parameters), "inbound-quote", PayoutQuote.init)
    }

    /// Pays out. Moves money: after an unknown outcome, look for the transfer with ``find(_:since:pages:)``, or wait for the callback, before sending anything again.
    public func createTransfer(_ request: Payout.Request) async throws(SentbeError) -> Payout {
        let data = try await client.call("inbound-create-transfer", [], try request.parameters())
        return try SentbeClient.one(data, "inbound-create-transfer", Payout.init)
    }

    /// The transfers, 5 to a page. Safe to repeat.
    public func transfers(page: Int = 1) async throws(SentbeError) -> [Payout] {
        try SentbeClient.list(try await client.call("inbound-transfers", [], try SentbeClient.page(page)), "inbound-transfers", Payout.init)
    }

    /// One transfer. Safe to repeat.
    public func transfer(_ id: SentbeTransferID) async throws(SentbeError) -> Payout {
        // Another transfer than the one that was asked for is no answer: its state must not be taken for this one's.
        try SentbeClient.one(try await client.call("inbound-transfer", [id.rawValue]), "inbound-transfer") { json in
            Payout(json).flatMap { $0.id == id ? $0 : nil }
        }
    }

    /// Looks for a transfer whose answer got lost among the newest pages: same sender, recipient and amount, made at `moment` or later. There is no look-up by external_id.
    ///
    /// - Returns: All that fit, since two payouts of one amount to one person cannot be told apart. None is no proof that there is none on later pages.
    public func find(_ request: Payout.Request, since moment: Timestamp, pages: Int = 4) async throws(SentbeError) -> [Payout] {
        var found: [Payout] = []
        for page in 1...max(1, pages) {
            let rows = try await transfers(page: page)
            found += rows.filter { row in
                row.userID == request.userID && row.recipientID == request.recipientID
                    && row.received.amount == ExactDecimal(request.sendAmount)
                    && row.createdAt.map { $0 >= moment } ?? true
            }
            if rows.count < SentbeRoutes.rowsPerPage { break }
        }
        return found
    }

    /// Checks a callback: its token, then the transfer itself, which alone is to be believed.
    ///
    /// - Parameters:
    ///   - body: The body of Sentbe's call.
    ///   - transferID: The id that the partner stored for the callback's external_id; nothing when it knows none.
    /// - Returns: What the callback says, and the transfer as it is now; the latter is nothing when its id is not known.
    public func confirm(
        _ body: [UInt8], transferID: (_ externalID: String) async -> SentbeTransferID?
    ) async throws(SentbeError) -> (callback: SentbeCallback, transfer: Payout?) {
        let callback = try client.readCallback(body)
        guard let id = await transferID(callback.externalID) else { return (callback, nil) }
        return (callback, try await transfer(id))
    }
}

/// A Korean bank by the code that recipients are registered with.
public struct InboundBank: Sendable, Hashable {
    /// The code, such as `10316` or `002`.
    public var code: String
    /// The name, in Korean.
    public var label: String

    /// A bank.
    public init(code: String, label: String) {
        self.code = code
        self.label = label
    }
}
