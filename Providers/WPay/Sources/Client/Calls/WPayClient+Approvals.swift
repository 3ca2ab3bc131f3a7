import Base
import ProviderKit

extension WPayClient {
    /// The parts of an amount, in won; what is not given WPAY works out itself.
    public struct AmountParts: Sendable, Hashable {
        /// The value added tax.
        public var tax: Int64?
        /// The tax-free part.
        public var taxFree: Int64?
        /// The deposit for cups; cards only.
        public var cupDeposit: Int64?

        /// Parts of an amount.
        public init(tax: Int64? = nil, taxFree: Int64? = nil, cupDeposit: Int64? = nil) {
            self.tax = tax
            self.taxFree = taxFree
            self.cupDeposit = cupDeposit
        }
    }

    /// Approves a payment by card: the money moves. Once only, within seconds of the callback, after its order was found and compared.
    ///
    /// It goes to the place that the callback named, if that is believed. An answer that is lost, unreadable or no success is followed by a net-cancel (망취소), up to three times where the outcome is not known;
    /// ``WPayError/outcome`` and ``WPayError/netCancel`` say what became of both. After an error never approve the same authentication again: let the shopper begin anew.
    ///
    /// This client sends no second approval of an authentication within an hour (`notApprovedAgain`): WPAY would refuse it, and the net-cancel after that refusal would undo the first. Another process knows
    /// nothing of that, so the order's own state must come first.
    ///
    /// - Parameters:
    ///   - authentication: The callback.
    ///   - parts: The parts of the amount.
    ///   - identity: The identity value (CI), if the merchant knows it.
    /// - Throws: ``WPayError``.
    public func approveCard(
        _ authentication: WPayAuthentication, parts: AmountParts = AmountParts(), identity: PlainValue? = nil
    ) async throws(WPayError) -> WPayApproval {
        try await approve("payappl/card", authentication, parts, identity)
    }

    /// Approves a payment from an account. As ``approveCard(_:parts:identity:)``.
    ///
    /// - Throws: ``WPayError``.
    public func approveAccount(
        _ authentication: WPayAuthentication, parts: AmountParts = AmountParts(), identity: PlainValue? = nil
    ) async throws(WPayError) -> WPayApproval {
        try await approve("payappl/acct", authentication, parts, identity)
    }

    /// Undoes an approval that was just asked for and whose outcome the merchant does not know, for instance after a crash. Safe to repeat. No refund: for that see ``refund(_:payMethod:reason:clientIP:part:)``.
    ///
    /// - Throws: ``WPayError``.
    public func netCancel(_ authentication: WPayAuthentication, reason: String) async throws(WPayError) {
        let base = try believed(authentication)
        let request = try build(
            WPayClient.api(.standard20, "payreqapplcancel"), approvalValues(authentication) + given([("cancelMsg", reason)]))
        // From here on the wtid is dead, whatever the answer.
        let now = time.uptime
        ledger.withLock { $0.settle(authentication.wtid.rawValue, as: .undone, now: now) }
        _ = try await succeeded(request, at: base)
    }

    private func approvalValues(_ authentication: WPayAuthentication) -> [(name: String, value: WPayValue)] {
        [("mid", .plain(mid)), ("wpayUserKey", authentication.userKey.value), ("wtid", .plain(authentication.wtid.rawValue))]
    }

    /// Where an authentication's approval goes.
    private func believed(_ authentication: WPayAuthentication) throws(WPayError) -> WPayBase {
        if let base = authentication.callback.base(allowed: places.allowedHosts) { return base }
        throw WPayError(
            .domainRefused, outcome: .notSent,
            message: BilingualText(
                korean: "콜백의 wpayDomain이 허용된 이니시스 호스트가 아니어서 승인 요청을 보내지 않았습니다.",
                english: "the callback's wpayDomain is no allowed host of WPAY's, so the approval was not sent"))
    }

    private func approve(
        _ name: String, _ authentication: WPayAuthentication, _ parts: AmountParts, _ identity: PlainValue?
    ) async throws(WPayError) -> WPayApproval {
        let base = try believed(authentication)
        let request = try build(
            WPayClient.api(.standard20, name),
            approvalValues(authentication) + given([("ci", identity)])
                + given([
                    ("tax", parts.tax.map { String($0) }), ("taxFree", parts.taxFree.map { String($0) }),
                    ("cupDeposit", parts.cupDeposit.map { String($0) }),
                ]))
        switch ApprovalLease.take(authentication.wtid.rawValue, from: ledger, time: time) {
        case .failure(let refusal): throw .notAgain(refusal.standing)
        case .success(let lease): return try await ApprovalRun(client: self, request: request, base: base, lease: lease).run()
        }
    }
}

/// One approval with what follows it: performs what ``ApprovalPlan`` decides.
private struct ApprovalRun: Sendable {
    let client: WPayClient
    let request: WPayRequest
    let base: WPayBase
    let lease: ApprovalLease

    private static let reason = "통신 오류로 인한 망취소"

    func run() async throws(WPayError) -> WPayApproval {
        var plan = ApprovalPlan()
        var approval: WPayApproval?
        var failure = WPayError.unreadable(request.api.effect)
        let action: ApprovalPlan.Action
        do throws(WPayError) {
            let reply = try await client.send(request, to: base)
            approval = WPayApproval(reply)
            let isClear = !reply.resultCode.isSuccess || approval != nil
            if isClear { failure = .refused(reply.resultCode, reply.text("resultMsg")) }
            action = plan.handle(isClear ? .approvalAnswered(reply.resultCode) : .approvalLost)
        } catch {
            failure = error
            action = plan.handle(error.outcome == .notSent ? .approvalNotSent : .approvalLost)
        }
        let outcome = await ended(plan, action)
        if case .approved = outcome, let approval {
            lease.settle(as: .approved)
            return approval
        }
        throw ApprovalRun.error(failure, outcome)
    }

    /// Does what is left to do, in a task of its own: a shopper who goes away must not keep the net-cancel from being sent.
    private func ended(_ plan: ApprovalPlan, _ action: ApprovalPlan.Action) async -> ApprovalPlan.Outcome {
        if case .finish(let outcome) = action { return outcome }
        // Before the first net-cancel leaves, so that no approval can overtake it.
        lease.settle(as: .undone)
        let result = Locked(ApprovalPlan.Outcome.unknown(ApprovalPlan.NetCancel()))
        await startTask {
            var (plan, action) = (plan, action)
            while true {
                switch action {
                case .sendNetCancel: action = plan.handle(await netCancelled())
                case .wait(let pause):
                    try? await client.time.sleep(for: pause)
                    action = plan.handle(.pauseEnded)
                case .finish(let outcome):
                    result.withLock { $0 = outcome }
                    return
                }
            }
        }.value
        return result.withLock { $0 }
    }

    private func netCancelled() async -> ApprovalPlan.Event {
        do throws(WPayError) {
            guard let api = WPayTables.netCancel(of: request.api), let values = request.netCancelValues(reason: ApprovalRun.reason) else {
                return .netCancelLost
            }
            return .netCancelAnswered(try await client.send(try client.build(api, values), to: base).resultCode)
        } catch {
            return .netCancelLost
        }
    }

    /// The failure of the approval, with what became of the net-cancel.
    private static func error(_ failure: WPayError, _ outcome: ApprovalPlan.Outcome) -> WPayError {
        var error = failure
        switch outcome {
        case .approved, .notSent: break
        case .refused(_, let netCancel): error.netCancel = netCancel
        case .undone(let netCancel):
            error.outcome = .undone
            error.netCancel = netCancel
            error.message = BilingualText(
                korean: "승인 응답을 받지 못해 망취소했고, 망취소는 확인되었습니다. 결제되지 않았습니다. 새로 인증부터 시작하세요.",
                english:
                    "the approval's answer was lost or unreadable, and the net-cancel is confirmed: nothing is paid; begin again with a new authentication"
            )
        case .unknown(let netCancel):
            error.outcome = .unknown
            error.netCancel = netCancel
            error.message = BilingualText(
                korean: "승인 응답을 받지 못했고 망취소 \(netCancel.attempts)번도 확인되지 않았습니다. 결제되었을 수 있으니 이니시스 상점 관리자에서 직접 확인하세요.",
                english:
                    "the approval's answer was lost or unreadable, and none of \(netCancel.attempts) net-cancels is confirmed: it may be paid, so a person must look"
            )
        }
        return error
    }
}
