import ProviderKit

extension WPayClient {
    /// Looks a member up. Safe to repeat.
    ///
    /// - Throws: ``WPayError``.
    public func member(_ userKey: WPayUserKey, identity: PlainValue? = nil) async throws(WPayError) -> MemberInformation {
        let reply = try await call("userinfo", [("wpayUserKey", userKey.value)] + given([("ci", identity)]))
        guard let member = MemberInformation(reply) else { throw .unreadable(.reads) }
        return member
    }

    /// Takes a member out of the service, with all cards and accounts. Not to be repeated blindly: look the member up first.
    ///
    /// - Throws: ``WPayError``.
    @discardableResult
    public func leave(
        _ userKey: WPayUserKey, userID: PlainValue? = nil, identity: PlainValue? = nil
    ) async throws(WPayError) -> WalletTransactionID? {
        try await call("memunreg", [("wpayUserKey", userKey.value)] + given([("userId", userID), ("ci", identity)])).wtid
    }

    /// What the merchant can offer: cards, points, instalments, discounts. Safe to repeat.
    ///
    /// - Parameter options: `MQ` longest instalments, `CP` points, `CE` discounts, `NI` instalments without interest, `PK` means, `UC` cards, `BI` issuers of BC;
    ///   none for all.
    /// - Throws: ``WPayError``.
    public func basicInformation(_ options: [String] = []) async throws(WPayError) -> BasicInformation {
        BasicInformation(try await call("getBasicInfos", given([("options", options.isEmpty ? nil : options.joined(separator: ":"))])))
    }
}
