import Base
import Cryptography

/// One grant of points, as it is kept before anything is executed: the pure part of ``AppsInTossPromotions/grant(_:)``.
///
/// The key is what makes a grant happen at most once. It is kept first; everything that follows uses this very key, also after the process has been started anew, and only
/// the application may decide that the grant begins again with another key.
struct PromotionGrantRecord: Sendable, Equatable {
    /// What is known about the key.
    enum Phase: String, Sendable {
        /// Kept, and perhaps sent.
        case kept
        /// The provider says that points were granted.
        case granted = "SUCCESS"
        /// The provider says that points were not granted.
        case failed = "FAILED"
        /// The provider knows of no grant with this key, or takes the key no longer.
        case unknown
    }

    var key: PromotionKey
    /// The digest of promotion, user and points: another grant under the same name is a mistake.
    var purpose: String
    var phase: Phase

    init(key: PromotionKey, purpose: String, phase: Phase = .kept) {
        self.key = key
        self.purpose = purpose
        self.phase = phase
    }

    init?(_ bytes: [UInt8]) {
        guard let json = try? JSON(bytes), let key = json["key"]?.string, let purpose = json["purpose"]?.string,
            let phase = json["phase"]?.string.flatMap(Phase.init)
        else { return nil }
        self.init(key: PromotionKey(key), purpose: purpose, phase: phase)
    }

    var bytes: [UInt8] {
        JSON.object(["key": key.json, "purpose": .string(purpose), "phase": .string(phase.rawValue)]).bytes
    }

    /// What happened last.
    enum Event: Sendable, Equatable {
        /// The record is there: new, or from before.
        case began(isNew: Bool)
        /// execute-promotion was answered with success.
        case executed
        /// execute-promotion was refused.
        case refused(AppsInTossErrorCode)
        /// execute-promotion brought no answer that could be believed.
        case lost
        /// execution-result was answered.
        case result(PromotionOutcome)
        /// execution-result was refused.
        case resultRefused(AppsInTossErrorCode)
    }

    /// What to do next.
    enum Step: Sendable, Equatable {
        /// Send execute-promotion, after a pause where it is a repeat.
        case execute(isRepeat: Bool)
        /// Ask execution-result.
        case ask
        /// It is over, and known how.
        case finish(PromotionOutcome)
        /// Ask later: not decided yet.
        case later
        /// Give the last failure to the application.
        case fail
        /// The key is spent: only the application may ask for another.
        case spent
    }
}

/// Which step follows which event in one run of a grant.
struct PromotionGrantPlan: Sendable {
    private(set) var phase: PromotionGrantRecord.Phase
    /// How often 4110 may still be answered with another attempt.
    private var repeatsLeft = AppsInTossLimits.promotionRepeats
    private var polls = 0
    /// Whether this run has sent execute-promotion.
    private var hasExecuted = false

    init(phase: PromotionGrantRecord.Phase) { self.phase = phase }

    mutating func next(after event: PromotionGrantRecord.Event) -> PromotionGrantRecord.Step {
        switch event {
        case .began(let isNew):
            switch phase {
            case .granted: return .finish(.success)
            case .failed, .unknown: return .spent
            case .kept: return isNew ? execute() : .ask
            }
        case .executed, .lost, .refused(.promotionKeyUsed), .refused(.internalError): return .ask
        case .refused(.promotionTransient):
            guard repeatsLeft > 0 else { return .fail }
            repeatsLeft -= 1
            return .execute(isRepeat: true)
        case .refused(.promotionNoRecord):
            // The provider takes this key no longer, for instance because its hour is over.
            phase = .unknown
            return .spent
        case .refused: return .fail
        case .result(.success):
            phase = .granted
            return .finish(.success)
        case .result(.failed):
            phase = .failed
            return .finish(.failed)
        case .result:
            polls += 1
            return polls < AppsInTossLimits.promotionPolls ? .ask : .later
        case .resultRefused(.promotionNoRecord):
            // A call that this run has sent may still arrive, so that nothing can be concluded. From an earlier run it is over, and the key works once at most.
            return hasExecuted ? .fail : execute()
        case .resultRefused: return .fail
        }
    }

    private mutating func execute() -> PromotionGrantRecord.Step {
        hasExecuted = true
        return .execute(isRepeat: false)
    }
}
