import Base
import Transport

/// The outbound product: a Korean partner's users send money abroad. From ``SentbeClient/outbound``.
public struct SentbeOutbound: Sendable {
    let client: SentbeClient

    // MARK: Users

    /// Registers a user; a code goes to the telephone at once. Never repeat blindly: look into ``users(page:)`` first.
    public func createUser(_ user: OutboundUser.Draft) async throws(SentbeError) -> OutboundUser {
        let data = try await client.call("outbound-create-user", [], try user.parameters())
        return try SentbeClient.one(data, "outbound-create-user", OutboundUser.init)
    }

    /// The users, 5 to a page. Safe to repeat.
    public func users(page: Int = 1) async throws(SentbeError) -> [OutboundUser] {
        try SentbeClient.list(try await client.call("outbound-users", [], try SentbeClient.page(page)), "outbound-users", OutboundUser.init)
    }

    /// One user, with the state of the checks. Safe to repeat.
    public func user(_ id: SentbeUserID) async throws(SentbeError) -> OutboundUser {
        try SentbeClient.one(try await client.call("outbound-user", [id.rawValue]), "outbound-user", OutboundUser.init)
    }

    /// Changes a user.
    public func updateUser(_ id: SentbeUserID, _ change: OutboundUser.Change) async throws(SentbeError) -> OutboundUser {
        var parameters = change.parameters
        parameters["user_id"] = id.json
        return try SentbeClient.one(
            try await client.call("outbound-update-user", [], parameters), "outbound-update-user", OutboundUser.init)
    }

    /// Takes over somebody who is Sentbe's customer already: sends a code, to be given to ``verifyMobile(_:code:asExternal:)``.
    public func registerByMobile(_ id: SentbeUserID) async throws(SentbeError) {
        _ = try await client.call("outbound-register-by-mobile", [], ["id": id.json])
    }

    /// The values that one of the lists allows: `often_send_country`, `occupation`, `transfer_purpose` or `funds_source`. Safe to repeat.
    public func dataList(_ type: String) async throws(SentbeError) -> [String] {
        try SentbeClient.list(try await client.call("outbound-data-list", [type]), "outbound-data-list", \.string)
    }

    // MARK: Checks

    /// Checks the name of an account; Sentbe then pays 1 won into it, with a code in the entry's text.
    public func checkBank(_ id: SentbeUserID, _ account: BankAccount) async throws(SentbeError) {
        var parameters: JSON.Members = ["user_id": id.json]
        for name in ["name", "account_number", "account_holder_name"] { parameters[name] = account.parameters[name] }
        _ = try await client.call("outbound-check-bank", [], parameters)
    }

    /// Finishes the check of an account with the code of four digits.
    public func verifyBank(_ id: SentbeUserID, code: String) async throws(SentbeError) {
        _ = try await client.call("outbound-verify-bank", [], ["user_id": id.json, "token": .string(code)])
    }

    /// Sends a code to the user's telephone.
    public func checkMobile(_ id: SentbeUserID) async throws(SentbeError) {
        _ = try await client.call("outbound-check-mobile", [], ["user_id": id.json])
    }

    /// Finishes the check of a telephone; not possible after 5 failures or 3 minutes.
    ///
    /// - Parameter externalID: The partner's own number of the user, to finish ``registerByMobile(_:)``.
    public func verifyMobile(_ id: SentbeUserID, code: String, asExternal externalID: String? = nil) async throws(SentbeError) {
        var parameters: JSON.Members = ["user_id": id.json, "token": .string(code)]
        if let externalID {
            parameters["token_type"] = .string(SentbeLists.externalTokenType)
            parameters["external_id"] = .string(externalID)
        }
        _ = try await client.call("outbound-verify-mobile", [], parameters)
    }

    /// Hands in the picture of a document, in clear as Sentbe wants it.
    ///
    /// - Returns: The id of the check.
    public func checkDocument(_ form: DocumentForm) async throws(SentbeError) -> String {
        try SentbeClient.one(try await client.call("outbound-check-document", form: form), "outbound-check-document") { $0.text("id") }
    }

    // MARK: Recipients

    /// Which fields a recipient needs. Safe to repeat.
    public func recipientFields(
        country: String? = nil, method: SentbeReceiveMethod? = nil
    ) async throws(SentbeError) -> RecipientFields {
        let data: JSON
        switch (country, method) {
        case (let country?, let method?): data = try await client.call("outbound-recipient-fields-of-method", [country, method.rawValue])
        case (let country?, nil): data = try await client.call("outbound-recipient-fields-of-country", [country])
        case (nil, nil): data = try await client.call("outbound-recipient-fields")
        case (nil, .some): throw .invalid("수취 방법만으로는 물을 수 없습니다. 국가도 주세요.", "a method needs its country")
        }
        return try SentbeClient.one(data, "outbound-recipient-fields", RecipientFields.init)
    }

    /// Registers a recipient. Never repeat blindly: look into ``recipients(of:page:)`` first.
    public func createRecipient(_ recipient: OutboundRecipient.Draft) async throws(SentbeError) -> OutboundRecipient {
        let data = try await client.call("outbound-create-recipient", [], recipient.parameters)
        return try SentbeClient.one(data, "outbound-create-recipient", OutboundRecipient.init)
    }

    /// The recipients of all users, 5 to a page. Safe to repeat.
    public func recipients(page: Int = 1) async throws(SentbeError) -> [OutboundRecipient] {
        let data = try await client.call("outbound-recipients", [], try SentbeClient.page(page))
        return try SentbeClient.list(data, "outbound-recipients", OutboundRecipient.init)
    }

    /// The recipients of one user, 5 to a page. Safe to repeat.
    public func recipients(of user: SentbeUserID, page: Int = 1) async throws(SentbeError) -> [OutboundRecipient] {
        let data = try await client.call("outbound-recipients-of-user", [user.rawValue], try SentbeClient.page(page))
        return try SentbeClient.list(data, "outbound-recipients-of-user", OutboundRecipient.init)
    }

    /// One recipient. Safe to repeat.
    public func recipient(_ id: SentbeRecipientID) async throws(SentbeError) -> OutboundRecipient {
        try SentbeClient.one(try await client.call("outbound-recipient", [id.rawValue]), "outbound-recipient", OutboundRecipient.init)
    }

    /// The codes of banks, counters and cards. Safe to repeat.
    ///
    /// - Parameter method: One of ``SentbeLists/remittanceMethods``.
    public func remittanceCodes(_ method: String, country: String? = nil, page: Int = 1) async throws(SentbeError) -> [RemittanceCode] {
        let parameters = try SentbeClient.page(page)
        let data: JSON =
            if let country {
                try await client.call("outbound-codes-of-country", [method, country], parameters)
            } else {
                try await client.call("outbound-codes", [method], parameters)
            }
        return try SentbeClient.list(data, "outbound-codes", RemittanceCode.init)
    }

    // MARK: Money

    /// What a transfer would cost, and the rate's id that it needs. Safe to repeat; the id is a new one each time.
    public func quote(_ request: RemittanceQuote.Request) async throws(SentbeError) -> RemittanceQuote {
        let data = try await client.call("outbound-quote", [], try request.parameters())
        return try SentbeClient.one(data, "outbound-quote", RemittanceQuote.init)
    }

    /// Orders a transfer, which runs when the won have been deposited. Never repeat blindly: look into ``transfers(of:page:)`` first.
    public func createTransfer(_ request: Remittance.Request) async throws(SentbeError) -> Remittance {
        let data = try await client.call("outbound-create-transfer", [], try request.parameters())
        return try SentbeClient.one(data, "outbound-create-transfer", Remittance.init)
    }

    /// The transfers of all users, 5 to a page. Safe to repeat.
    public func transfers(page: Int = 1) async throws(SentbeError) -> [Remittance] {
        let data = try await client.call("outbound-transfers", [], try SentbeClient.page(page))
        return try SentbeClient.list(data, "outbound-transfers", Remittance.init)
    }

    /// The transfers of one user, 5 to a page. Safe to repeat.
    public func transfers(of user: SentbeUserID, page: Int = 1) async throws(SentbeError) -> [Remittance] {
        let data = try await client.call("outbound-transfers-of-user", [user.rawValue], try SentbeClient.page(page))
        return try SentbeClient.list(data, "outbound-transfers-of-user", Remittance.init)
    }

    /// One transfer. Safe to repeat.
    public func transfer(_ id: SentbeTransferID) async throws(SentbeError) -> Remittance {
        // Another transfer than the one that was asked for is no answer: its state must not be taken for this one's.
        try SentbeClient.one(try await client.call("outbound-transfer", [id.rawValue]), "outbound-transfer") { json in
            Remittance(json).flatMap { $0.id == id ? $0 : nil }
        }
    }

    /// Cancels a transfer that still waits for its deposit. After an unknown outcome, look at ``transfer(_:)``.
    public func cancelTransfer(_ id: SentbeTransferID) async throws(SentbeError) -> Remittance {
        let data = try await client.call("outbound-cancel-transfer", [], ["transfer_id": id.json])
        return try SentbeClient.one(data, "outbound-cancel-transfer", Remittance.init)
    }

    /// Checks a callback as ``SentbeInbound/confirm(_:transferID:)`` does.
    public func confirm(
        _ body: [UInt8], transferID: (_ externalID: String) async -> SentbeTransferID?
    ) async throws(SentbeError) -> (callback: SentbeCallback, transfer: Remittance?) {
        let callback = try client.readCallback(body)
        guard let id = await transferID(callback.externalID) else { return (callback, nil) }
        return (callback, try await transfer(id))
    }
}
