import ProviderKit

extension WPayClient {
    /// Looks a card or an account up. Safe to repeat.
    ///
    /// - Throws: ``WPayError``.
    public func means(_ token: WPayToken, of userKey: WPayUserKey, identity: PlainValue? = nil) async throws(WPayError) -> MeansInformation
    {
        let reply = try await call("payinfo", values(token, userKey, identity))
        return MeansInformation(reply.reading, received: reply.receivedReading)
    }

    /// All cards and accounts of a member. Safe to repeat.
    ///
    /// - Parameters:
    ///   - userKey: The member.
    ///   - payMethod: `01` for cards only, `16` for accounts only.
    ///   - companyCode: Those of one card company or bank only.
    ///   - identity: The identity value (CI), if the merchant knows it.
    /// - Throws: ``WPayError``.
    public func allMeans(
        of userKey: WPayUserKey, payMethod: String? = nil, companyCode: String? = nil, identity: PlainValue? = nil
    ) async throws(WPayError) -> [MeansInformation] {
        let reply = try await call(
            "payinfos",
            [("wpayUserKey", userKey.value)] + given([("ci", identity)])
                + given([("payMethod", payMethod), ("bankCardCode", companyCode)]))
        return zip(reply.reading.list("payList"), reply.receivedReading.list("payList")).map { MeansInformation($0, received: $1) }
    }

    /// Makes a card the member's main card, or an account the main account. Safe to repeat.
    ///
    /// - Throws: ``WPayError``.
    public func setMain(_ token: WPayToken, of userKey: WPayUserKey, identity: PlainValue? = nil) async throws(WPayError) {
        _ = try await call("setmaj", values(token, userKey, identity))
    }

    /// Takes that back. Safe to repeat.
    ///
    /// - Throws: ``WPayError``.
    public func releaseMain(_ token: WPayToken, of userKey: WPayUserKey, identity: PlainValue? = nil) async throws(WPayError) {
        _ = try await call("rlsmaj", values(token, userKey, identity))
    }

    /// Names a card or an account. Safe to repeat.
    ///
    /// - Throws: ``WPayError``.
    public func setNickname(
        _ nickname: String, of token: WPayToken, userKey: WPayUserKey, identity: PlainValue? = nil
    ) async throws(WPayError) {
        _ = try await call("setncnm", values(token, userKey, identity) + given([("wpayTokenNcnm", nickname)]))
    }

    /// Deletes a card or an account. Not to be repeated blindly: look it up first.
    ///
    /// - Throws: ``WPayError``.
    public func deleteMeans(_ token: WPayToken, of userKey: WPayUserKey, identity: PlainValue? = nil) async throws(WPayError) {
        _ = try await call("delpayinfo", values(token, userKey, identity))
    }

    private func values(
        _ token: WPayToken, _ userKey: WPayUserKey, _ identity: PlainValue?
    ) -> [(name: String, value: WPayValue)] {
        [("wpayUserKey", userKey.value), ("wpayToken", token.value)] + given([("ci", identity)])
    }
}
