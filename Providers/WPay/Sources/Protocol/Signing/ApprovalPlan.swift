/// What to do around one approval (승인): events in, actions out. It neither sends nor waits itself.
///
/// An approval whose outcome is not a clear success is followed by a net-cancel (망취소), so that no shopper pays for an order that the merchant believes unpaid. The
/// net-cancel is repeated, up to ``attemptLimit`` times in all and ``pause`` apart; if none is confirmed, the state is unknown and a person must look. After a net-cancel
/// the payment is never approved again: a new authentication begins it anew.
public struct ApprovalPlan: Sendable, Hashable {
    /// How often a net-cancel is sent at most.
    public static let attemptLimit = 3
    /// How long to wait between two net-cancels.
    public static let pause = Duration.seconds(1)

    /// What has happened.
    public enum Event: Sendable, Hashable {
        /// Not one byte of the approval has left.
        case approvalNotSent
        /// The approval was answered, readably, with a result code.
        case approvalAnswered(WPayResultCode)
        /// The approval left, and no answer came or none that can be read.
        case approvalLost
        /// A net-cancel was answered with a result code.
        case netCancelAnswered(WPayResultCode)
        /// A net-cancel brought no readable answer, or did not even leave.
        case netCancelLost
        /// The pause is over.
        case pauseEnded
    }

    /// What to do now.
    public enum Action: Sendable, Hashable {
        /// Send the net-cancel with the approval's member and wtid, to the same place.
        case sendNetCancel
        /// Wait, then report ``Event/pauseEnded``.
        case wait(Duration)
        /// Nothing is left to do.
        case finish(Outcome)
    }

    /// What became of the approval.
    public enum Outcome: Sendable, Hashable {
        /// It is paid.
        case approved(WPayResultCode)
        /// Nothing has left; nothing was paid and nothing needs to be undone.
        case notSent
        /// WPAY refused. The one net-cancel after it is a precaution, whatever becomes of it.
        case refused(WPayResultCode, NetCancel)
        /// The approval's outcome is not known, but the net-cancel is confirmed: nothing is paid.
        case undone(NetCancel)
        /// Neither the approval's outcome nor that of any net-cancel is known. A person must look.
        case unknown(NetCancel)
    }

    /// What became of the net-cancel.
    public struct NetCancel: Sendable, Hashable {
        /// How many were sent.
        public var attempts: Int
        /// Whether WPAY confirmed one.
        public var isConfirmed: Bool
        /// The result code of the last one that was answered.
        public var resultCode: WPayResultCode?

        /// A net-cancel by what became of it.
        public init(attempts: Int = 0, isConfirmed: Bool = false, resultCode: WPayResultCode? = nil) {
            self.attempts = attempts
            self.isConfirmed = isConfirmed
            self.resultCode = resultCode
        }
    }

    private enum State: Hashable {
        case approving
        case cancelling(refusal: WPayResultCode?, NetCancel)
        case pausing(NetCancel)
        case finished(Outcome)
    }

    private var state = State.approving

    /// A plan whose approval is about to be sent.
    public init() {}

    /// Takes what has happened and says what to do. An event that cannot happen in the plan's state changes nothing that was decided; before a decision it leads to an unknown outcome.
    public mutating func handle(_ event: Event) -> Action {
        switch (state, event) {
        case (.finished(let outcome), _): return .finish(outcome)
        case (.approving, .approvalNotSent): return finish(.notSent)
        case (.approving, .approvalAnswered(let code)) where code.isSuccess: return finish(.approved(code))
        case (.approving, .approvalAnswered(let code)): return cancel(refusal: code, NetCancel())
        case (.approving, .approvalLost): return cancel(refusal: nil, NetCancel())
        case (.cancelling(let refusal, var report), .netCancelAnswered(let code)):
            report.resultCode = code
            report.isConfirmed = code.isSuccess
            return netCancelEnded(refusal, report)
        case (.cancelling(let refusal, let report), .netCancelLost): return netCancelEnded(refusal, report)
        case (.pausing(let report), .pauseEnded): return cancel(refusal: nil, report)
        case (.approving, _): return finish(.unknown(NetCancel()))
        case (.cancelling(_, let report), _), (.pausing(let report), _): return finish(.unknown(report))
        }
    }

    private mutating func cancel(refusal: WPayResultCode?, _ report: NetCancel) -> Action {
        var report = report
        report.attempts += 1
        state = .cancelling(refusal: refusal, report)
        return .sendNetCancel
    }

    private mutating func netCancelEnded(_ refusal: WPayResultCode?, _ report: NetCancel) -> Action {
        if let refusal { return finish(.refused(refusal, report)) }
        if report.isConfirmed { return finish(.undone(report)) }
        guard report.attempts < ApprovalPlan.attemptLimit else { return finish(.unknown(report)) }
        state = .pausing(report)
        return .wait(ApprovalPlan.pause)
    }

    private mutating func finish(_ outcome: Outcome) -> Action {
        state = .finished(outcome)
        return .finish(outcome)
    }
}

extension WPayRequest {
    /// The values of the net-cancel that undoes this approval: the same merchant, member and wtid, and the reason.
    ///
    /// - Returns: Nothing when this is no request that a net-cancel undoes.
    public func netCancelValues(reason: String) -> [(name: String, value: WPayValue)]? {
        guard let netCancel = WPayTables.netCancel(of: api) else { return nil }
        return netCancel.signedRequest.map { field in
            (field.name, field.name == "cancelMsg" ? .plain(reason) : .final(value(field.name) ?? .empty))
        }
    }
}
