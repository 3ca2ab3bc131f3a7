import Base
import ProviderKit

extension WPayClient {
    /// Looks the means of an auto-pay up. Safe to repeat.
    ///
    /// - Throws: ``WPayError``.
    public func autoPayMeans(_ token: WPayToken, of userKey: WPayUserKey, identity: PlainValue? = nil) async throws(WPayError)
        -> MeansInformation
    {
        let reply = try await call(
            "payinfo/auto", [("wpayUserKey", userKey.value), ("wpayToken", .plain(token.text))] + given([("ci", identity)]))
        return MeansInformation(reply.reading, received: reply.receivedReading)
    }

    /// The auto-pays of a member. Safe to repeat.
    ///
    /// - Parameters:
    ///   - userKey: The member.
    ///   - status: Those in one state only.
    ///   - wtid: The one with that sign-up only.
    /// - Throws: ``WPayError``.
    public func autoPays(
        of userKey: WPayUserKey, status: AutoPayContract.Status? = nil, wtid: WalletTransactionID? = nil
    ) async throws(WPayError) -> [AutoPayContract] {
        let reply = try await call(
            "billinginfos", [("wpayUserKey", userKey.value)] + given([("status", status?.rawValue), ("wtid", wtid?.rawValue)]))
        return reply.reading.list("billingList").map { AutoPayContract($0) }
    }

    /// Charges a means that a member signed up, without the member: the money moves. Never to be repeated by a machine: WPAY documents no net-cancel for it and no enquiry.
    ///
    /// - Parameters:
    ///   - order: What is sold; names must not contain `&`, since they are signed as they are.
    ///   - userKey: The member.
    ///   - wtid: The transaction of the sign-up.
    ///   - token: The token of the sign-up.
    ///   - identity: The identity value (CI), if the merchant knows it.
    /// - Throws: ``WPayError``; after an unknown outcome a person must look.
    public func charge(
        _ order: WPayOrder, userKey: WPayUserKey, wtid: WalletTransactionID, token: WPayToken, identity: PlainValue? = nil
    ) async throws(WPayError) -> WPayApproval {
        let request = try build(
            WPayClient.api(.autoPay, "payreqappl"),
            [
                ("mid", .plain(autoPayMid)), ("wpayUserKey", userKey.value), ("wtid", .plain(wtid.rawValue)),
                ("wpayToken", .plain(token.text)),
            ] + given([("ci", identity)]) + order.goods + order.buyer)
        let reply = try await succeeded(request, at: places.autoPay)
        guard let approval = WPayApproval(reply) else { throw .unreadable(request.api.effect) }
        return approval
    }

    /// Ends an auto-pay. After an unknown outcome look at ``autoPays(of:status:wtid:)``.
    ///
    /// - Throws: ``WPayError``.
    public func endAutoPay(_ wtid: WalletTransactionID, of userKey: WPayUserKey, identity: PlainValue? = nil) async throws(WPayError) {
        let request = try build(
            WPayClient.api(.autoPay, "autopaycancel"),
            [("mid", .plain(autoPayMid)), ("wpayUserKey", userKey.value), ("wtid", .plain(wtid.rawValue))] + given([("ci", identity)]))
        _ = try await succeeded(request, at: places.autoPay, site: places.autoPaySite)
    }

    /// Refunds a settled payment, wholly or in part, through INIAPI: the money moves. Never to be repeated by a machine.
    ///
    /// - Parameters:
    ///   - tid: The approval's tid; not its wtid.
    ///   - payMethod: A word such as `Card`; not `01`.
    ///   - reason: Why.
    ///   - clientIP: The address of this server, which INIAPI may compare with a list.
    ///   - part: Which part; nothing for the whole amount.
    /// - Throws: ``WPayError``; `refused` carries INIAPI's own two digits.
    public func refund(
        _ tid: TransactionID, payMethod: String = "Card", reason: String, clientIP: String, part: INIAPIRefund.Part? = nil
    ) async throws(WPayError) -> WPayRefund {
        guard !tid.rawValue.isEmpty else { throw .invalid("tid가 비어 있습니다.", "the tid is empty") }
        let json = try await send(
            INIAPIRefund(mid: mid, tid: tid.rawValue, payMethod: payMethod, message: reason, clientIP: clientIP, time: time.now, part: part)
        )
        let reading = MemberReading(json: json)
        guard let code = reading.text("resultCode") else { throw .unreadable(INIAPIRefund.route.effect) }
        guard code == INIAPIRefund.successCode else { throw .refused(WPayResultCode(code), reading.text("resultMsg")) }
        return WPayRefund(json)
    }
}
