import Base
import ProviderKit
import Transport

/// An approval that is on its way, with all that its net-cancel needs.
struct SentApproval: Sendable {
    let request: WPayRequest
    /// Signs for the merchant id that asked for it.
    let builder: WPayRequestBuilder
    /// Where it went; the net-cancel goes there too.
    let base: WPayBase
    /// The partner's word, where the path takes one.
    let site: String?
    /// Whether nobody can have approved the wtid before: this process verified its callback, and would know. Otherwise a refusal may mean that it is paid already,
    /// and the net-cancel that usually follows one would undo that payment.
    let isFirst: Bool
    let lease: ApprovalLease
}

/// Follows an ``ApprovalPlan`` with the real network and clock.
struct NetCanceller: Sendable {
    let exchange: any HTTPExchange
    let time: any TimeSource
    let timeouts: HTTPTimeouts

    /// What WPAY shows as the reason.
    static let reason = "approval outcome unknown"

    /// The longest that it takes altogether.
    static func limit(_ timeouts: HTTPTimeouts) -> Duration {
        timeouts.total * ApprovalPlan.attemptLimit + ApprovalPlan.pause * (ApprovalPlan.attemptLimit - 1) + .seconds(1)
    }

    /// Does what the plan says after `event`, until it is finished.
    ///
    /// Runs as a task of its own, so that a caller who goes away does not cut it short.
    func finish(_ approval: SentApproval, after event: ApprovalPlan.Event) async -> ApprovalPlan.Outcome {
        let outcome = Locked(ApprovalPlan.Outcome.unknown(ApprovalPlan.NetCancel()))
        await startTask {
            let result = await follow(approval, event)
            outcome.withLock { $0 = result }
        }.value
        return outcome.withLock { $0 }
    }

    private func follow(_ approval: SentApproval, _ first: ApprovalPlan.Event) async -> ApprovalPlan.Outcome {
        var plan = ApprovalPlan()
        var event = first
        while true {
            switch plan.handle(event) {
            case .finish(let outcome): return outcome
            case .wait(let duration):
                try? await time.sleep(for: duration)
                event = .pauseEnded
            case .sendNetCancel:
                // From here on the wtid is dead, whatever the answer: before the first byte leaves, so that no approval can overtake it.
                approval.lease.settle(as: .undone)
                event = await send(approval).map { .netCancelAnswered($0) } ?? .netCancelLost
            }
        }
    }

    private func send(_ approval: SentApproval) async -> WPayResultCode? {
        guard let api = WPayTables.netCancel(of: approval.request.api),
            let values = approval.request.netCancelValues(reason: NetCanceller.reason),
            let request = try? approval.builder.build(api, values),
            let call = request.call(pathPrefix: approval.base.pathPrefix, site: approval.site)
        else { return nil }
        guard let response = try? await exchange.send(call.request, to: approval.base.origin, timeouts: timeouts) else { return nil }
        return WPayAnswer(Reply(response))?.code
    }
}
