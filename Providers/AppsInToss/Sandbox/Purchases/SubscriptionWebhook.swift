import AppsInToss
import Base
import SandboxKit
import Transport

/// The kinds of callbacks to a mini-app's webhook.
enum SubscriptionWebhook {
    static let verification = "webhook-verification"
    static let event = "subscription"
}

extension Records {
    /// The console has stored the webhook's address: tries it with `callback.registration_verification`.
    ///
    /// - Returns: Whether there was an address to try.
    @discardableResult
    func announceRegistration(of app: MiniApp, at moment: Timestamp) throws -> Bool {
        try announce(SubscriptionWebhook.verification, .registration(at: moment), of: app, at: moment)
    }

    /// Makes a change of a subscription: keeps it, and tells the mini-app.
    func make(
        _ move: SubscriptionMove, _ state: SubscriptionState, of subscription: Subscription, isNew: Bool = false, at moment: Timestamp
    ) throws -> Subscription {
        var changed = subscription
        changed.course = SubscriptionCourse(stored: state)
        changed.dueAt = changed.course.next?.moment
        try save(changed)
        let event = SubscriptionEvent.changed(
            SubscriptionEvent.Change(
                orderID: changed.orderID, sku: changed.sku, reason: SubscriptionChangeReason(rawValue: move.rawValue),
                previous: isNew ? nil : subscription.course.state.event, current: state.event), at: moment)
        if let app = try app(changed.app) { try announce(SubscriptionWebhook.event, event, of: app, at: moment) }
        return changed
    }

    /// Does what time does to the subscription that is due first, as of its own moment.
    func runNextDueSubscription(_ settings: SandboxSettings) throws {
        guard var subscription = try nextDueSubscription() else { return }
        let times = settings.subscriptionTimes
        guard settings[PurchaseSettings.byClock], let next = subscription.course.next,
            let state = subscription.course.after(next.reason, at: next.moment, times)
        else {
            // Time passes over it; it must not be asked for again and again.
            subscription.dueAt = nil
            try save(subscription)
            return
        }
        _ = try make(next.reason, state, of: subscription, at: next.moment)
    }

    @discardableResult
    private func announce(_ kind: String, _ event: SubscriptionEvent, of app: MiniApp, at moment: Timestamp) throws -> Bool {
        guard let url = app.webhookURL, app.deletedAt == nil else { return false }
        try announce(Callback(app: app.name, kind: kind, method: .post, url: url, body: event.json.text), at: moment)
        return true
    }
}

extension SubscriptionState {
    /// As the webhook writes it.
    var event: SubscriptionEvent.State {
        SubscriptionEvent.State(
            status: SubscriptionStatus(rawValue: phase.rawValue), accessGranted: accessGranted,
            expiresAt: expiresAt.map(AppsInTossTime.plainText), autoRenew: autoRenew)
    }
}
