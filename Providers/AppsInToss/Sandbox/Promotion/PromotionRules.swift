import Base

/// Whether a promotion grants.
enum PromotionState: String, CaseIterable, Sendable {
    /// The console has not approved it.
    case unapproved = "UNAPPROVED"
    /// Approved, and not begun.
    case approved = "APPROVED"
    case running = "RUNNING"
    case stopped = "STOPPED"
    case ended = "ENDED"

    /// The refusal that the state alone leads to; nothing while it runs.
    var obstacle: PromotionObstacle? {
        switch self {
        case .unapproved: .notApproved
        case .approved: .notRunning
        case .running: nil
        case .stopped: .stopped
        case .ended: .ended
        }
    }
}

/// Why a grant is refused; each has its documented code.
enum PromotionObstacle: String, CaseIterable, Error, Sendable {
    case notFound = "4100"
    case stopped = "4104"
    case ended = "4105"
    case notApproved = "4108"
    /// Not begun, or the budget is used up.
    case notRunning = "4109"
    /// Cannot be granted now; the same key may be tried again.
    case notNow = "4110"
    /// There is no such key, or nothing was granted with it.
    case noRecord = "4111"
    /// The partner's promotion money is short.
    case moneyShort = "4112"
    case keyUsed = "4113"
    /// More than one grant, or one person, may have.
    case aboveGrant = "4114"
    case aboveBudget = "4116"
}

/// What a promotion may still spend. A value without I/O.
struct PromotionBudget: Equatable, Sendable {
    var state: PromotionState
    /// Points in all.
    var budget: Int64
    /// Points that were granted.
    var spent: Int64
    /// The most points of one grant.
    var perGrant: Int64
    /// What the partner has paid in for promotions; nothing is as much as needed.
    var money: Int64?

    /// Why `amount` points cannot be granted to somebody who has had `received`; nothing when they can.
    func obstacle(to amount: Int64, received: Int64, perPerson: Int64) -> PromotionObstacle? {
        if let obstacle = state.obstacle { return obstacle }
        if amount > perGrant || amount > perPerson - received { return .aboveGrant }
        let left = budget - spent
        if left <= 0 { return .notRunning }
        if amount > left { return .aboveBudget }
        if let money, amount > money { return .moneyShort }
        return nil
    }

    /// Points were granted.
    mutating func granted(_ amount: Int64) {
        spent += amount
        money = money.map { $0 - amount }
    }

    /// A grant failed afterwards: its points come back.
    mutating func gaveBack(_ amount: Int64) {
        spent -= amount
        money = money.map { $0 + amount }
    }
}

/// One key for one grant. A value without I/O.
struct PromotionKeyCourse: Equatable, Sendable {
    /// What the key was used for.
    struct Grant: Equatable, Sendable {
        var promotion: String
        var user: String
        /// In points.
        var amount: Int64
        var at: Timestamp
        var outcome: Outcome
        /// How many times execution-result still says `PENDING`.
        var pendingPolls: Int64
    }

    /// What becomes of a grant.
    enum Outcome: String, CaseIterable, Sendable {
        case success = "SUCCESS"
        case failed = "FAILED"
    }

    /// What execution-result says.
    enum Result: String, CaseIterable, Sendable {
        case success = "SUCCESS"
        case pending = "PENDING"
        case failed = "FAILED"
    }

    let issuedAt: Timestamp
    private(set) var grant: Grant?

    /// A key that get-key gave out, perhaps used since.
    init(issuedAt: Timestamp, grant: Grant? = nil) {
        self.issuedAt = issuedAt
        self.grant = grant
    }

    /// Why the key cannot be used; nothing when it can. A used key says so however old it is.
    func obstacle(at moment: Timestamp, life: Duration) -> PromotionObstacle? {
        if grant != nil { return .keyUsed }
        return moment - issuedAt >= life ? .noRecord : nil
    }

    /// execute-promotion went through with this key.
    ///
    /// - Returns: Whether the points come back at once, since the grant has failed already.
    mutating func used(for grant: Grant) -> Bool {
        self.grant = grant
        return grant.outcome == .failed && grant.pendingPolls == 0
    }

    /// execution-result asked.
    ///
    /// - Returns: The answer, and whether the points come back now: with the last `PENDING`, the failure that the next answer tells has happened.
    mutating func resultAsked() -> (result: Result, givesBack: Bool)? {
        guard var grant else { return nil }
        guard grant.pendingPolls > 0 else { return (grant.outcome == .success ? .success : .failed, false) }
        grant.pendingPolls -= 1
        self.grant = grant
        return (.pending, grant.pendingPolls == 0 && grant.outcome == .failed)
    }
}
