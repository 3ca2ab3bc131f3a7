import AppsInToss
import Base
import SandboxKit

extension SandboxPart {
    /// In-app purchase: orders that the mini-app makes, and the webhook that tells of subscriptions.
    static let purchases = SandboxPart(
        name: "purchases", migrations: PurchaseTables.migrations, tables: PurchaseTables.names,
        rows: CallRow.rows(.inAppPurchase, ["get-order-status": { .success(try $0.orderStatus()) }]),
        settings: PurchaseSettings.all,
        callbacks: [
            CallbackKind(
                name: SubscriptionWebhook.verification, authorization: { $0.webhookProof($1[PurchaseSettings.verificationProof]) },
                accepts: { $1[PurchaseSettings.accepted].holds($0) }),
            CallbackKind(
                name: SubscriptionWebhook.event, authorization: { $0.webhookProof($1[PurchaseSettings.eventProof]) },
                accepts: { $1[PurchaseSettings.accepted].holds($0) }),
        ],
        nextDue: { try $0.nextDueSubscription()?.dueAt },
        runNextDue: { records, settings, _ in try records.runNextDueSubscription(settings) },
        webhookRegistered: { records, app, moment in try records.announceRegistration(of: app, at: moment) },
        control: { desk, segments in try desk.purchases(segments) })
}

/// Settings of in-app purchase: what nobody has published, and what the documentation says in two ways.
enum PurchaseSettings {
    /// How `statusDeterminedAt` is written.
    enum TimeForm: String, CaseIterable, Sendable {
        /// As the sample shows: `2025-09-12T16:57:12`.
        case plain
        /// As the table says: `2025-09-12T16:57:12+09:00`.
        case offset
    }

    /// In which status an order ends that was paid and granted.
    enum FinalStatus: String, CaseIterable, Sendable {
        case purchased = "PURCHASED"
        case paymentCompleted = "PAYMENT_COMPLETED"
    }

    /// In which form the webhook's secret travels.
    enum Proof: String, CaseIterable, Sendable {
        case basic
        case bearer
    }

    /// Which answers to the webhook count as taken.
    enum Accepted: String, CaseIterable, Sendable {
        /// 200 to 299.
        case anySuccess = "2xx"
        /// 200 and 204.
        case both = "200-204"
        case noContent = "204"

        func holds(_ status: Int) -> Bool {
            switch self {
            case .anySuccess: (200...299).contains(status)
            case .both: status == 200 || status == 204
            case .noContent: status == 204
            }
        }
    }

    /// Whether get-order-status demands `x-toss-user-key`, as older pages say.
    static let userRequired = Setting.boolean("order_user_required", false)
    static let timeForm = Setting<TimeForm>.choice("order_time_form", .plain)
    static let finalStatus = Setting<FinalStatus>.choice("order_final_status", .purchased)
    /// How long a new order cannot be looked up yet, in milliseconds.
    static let lag = Setting.integer("order_lag_milliseconds", 0, 0...600_000)
    /// How long a mini-app has to grant before the order says that it has not, in seconds.
    static let grantSeconds = Setting.integer("order_grant_seconds", AppsInTossLimits.purchaseGrantTime.wholeSeconds, 1...86_400)
    /// One paid period of a subscription, in seconds.
    static let periodSeconds = Setting.integer("subscription_period_seconds", 30 * 86_400, 3600...(10 * 31_536_000))
    /// How long the product may be used after a renewal failed, in seconds.
    static let graceSeconds = Setting.integer("subscription_grace_seconds", 3 * 86_400, 3600...31_536_000)
    /// Whether the tenant's clock renews and ends subscriptions by itself.
    static let byClock = Setting.boolean("subscription_by_clock", true)
    static let eventProof = Setting<Proof>.choice("webhook_proof", .basic)
    static let verificationProof = Setting<Proof>.choice("webhook_verification_proof", .bearer)
    static let accepted = Setting<Accepted>.choice("webhook_accepted_status", .anySuccess)

    static let all: [AnySetting] = [
        userRequired.erased, timeForm.erased, finalStatus.erased, lag.erased, grantSeconds.erased, periodSeconds.erased,
        graceSeconds.erased, byClock.erased, eventProof.erased, verificationProof.erased, accepted.erased,
    ]
}

extension SandboxSettings {
    /// How long things last in a subscription's life.
    var subscriptionTimes: SubscriptionCourse.Times {
        SubscriptionCourse.Times(
            period: .seconds(self[PurchaseSettings.periodSeconds]), grace: .seconds(self[PurchaseSettings.graceSeconds]))
    }
}

extension MiniApp {
    /// What the webhook proves itself with; nothing when no secret was set.
    fileprivate func webhookProof(_ proof: PurchaseSettings.Proof) -> String? {
        webhookSecret.map { CallbackProof($0).value(proof == .basic ? .basic : .bearer).withText { $0 } }
    }
}
