import AppsInToss
import Base
import SandboxKit

extension SandboxPart {
    /// Promotion: Toss points out of a budget, each grant with a key of its own.
    static let promotion = SandboxPart(
        name: "promotion", migrations: PromotionTables.migrations, tables: PromotionTables.names,
        rows: CallRow.rows(
            .promotion,
            [
                "get-key": { .success(try $0.promotionKey()) },
                "execute-promotion": { try $0.executePromotion() },
                "execution-result": { .success(try $0.executionResult()) },
            ]),
        settings: PromotionSettings.all,
        makeData: { records, app, now, _ in
            guard app.tenant == .demo, app.name == AppsInTossDemonstration.app else { return }
            for promotion in Promotion.demonstration(now) { try records.save(promotion) }
        },
        control: { desk, segments in try desk.promotions(segments) })
}

/// Settings of promotions.
enum PromotionSettings {
    /// What one person's limit counts together.
    enum PersonScope: String, CaseIterable, Sendable {
        case promotion
        /// All promotions of the mini-app.
        case app
    }

    /// How long a key can be used, in seconds.
    static let keySeconds = Setting.integer("promotion_key_seconds", AppsInTossLimits.promotionKeyLife.wholeSeconds, 1...86_400)
    /// How many points one person may get.
    static let perPerson = Setting.integer("promotion_person_limit", AppsInTossLimits.promotionPointsPerPerson, 1...1_000_000_000)
    static let personScope = Setting<PersonScope>.choice("promotion_person_scope", .promotion)
    /// How many times execution-result says `PENDING` of the grants that are made from now on.
    static let pendingPolls = Setting.integer("promotion_pending_polls", 0, 0...1000)
    /// What becomes of the grants that are made from now on.
    static let outcome = Setting<PromotionKeyCourse.Outcome>.choice("promotion_outcome", .success)
    /// Whether get-key demands a user, as the guide says.
    static let keyNeedsUser = Setting.boolean("promotion_key_needs_user", false)
    /// Whether a promotion begins only after a grant with its test code.
    static let needsTest = Setting.boolean("promotion_needs_test", true)

    static let all: [AnySetting] = [
        keySeconds.erased, perPerson.erased, personScope.erased, pendingPolls.erased, outcome.erased, keyNeedsUser.erased,
        needsTest.erased,
    ]
}

extension Promotion {
    /// The demo mini-app's promotions: one that runs, and one in each state that refuses.
    static func demonstration(_ now: Timestamp) -> [Promotion] {
        func promotion(_ code: String, _ state: PromotionState) -> Promotion {
            Promotion(
                code: code, app: AppsInTossDemonstration.app,
                budget: PromotionBudget(state: state, budget: 1_000_000, spent: 0, perGrant: 5000, money: nil), transient: 0, createdAt: now
            )
        }
        return [
            promotion(AppsInTossDemonstration.promotion, .running), promotion("TEST_01JBUJEOLDEMOUNAPPROVED0", .unapproved),
            promotion("TEST_01JBUJEOLDEMOAPPROVED000", .approved), promotion("TEST_01JBUJEOLDEMOSTOPPED0000", .stopped),
            promotion("TEST_01JBUJEOLDEMOENDED000000", .ended),
        ]
    }
}
