public import Base
import Bootpay
public import SandboxKit
import Storage
import Transport

extension BootpaySandbox {
    /// How many notifications of a tenant are sent side by side.
    private static let webhooksAtOnce = 16

    /// Makes the reserved charges, lapses and repeats of notifications that have come due by the tenant's clock.
    public func settle(_ tenant: TenantID) async -> Timestamp? {
        let environment = environment
        do {
            let isDue = try await environment.database.read { try Records($0, tenant).isAnythingDue(environment.clocks.now(tenant)) }
            if isDue {
                try await environment.database.write { connection in
                    let records = Records(connection, tenant)
                    try Due(records: records, settings: try records.settings(), random: environment.random)
                        .run(until: environment.clocks.now(tenant))
                }
            }
            while try await sendDueWebhooks(tenant) {}
            let underWay = sending.withLock { $0 }
            return try await environment.database.read { try Records($0, tenant).nextDue(exceptWebhooks: underWay) }
        } catch {
            environment.log.error("what has come due at Bootpay could not be settled", .word("error", String(describing: error)))
            return nil
        }
    }

    /// Sends what is due once, side by side; returns whether anything was sent.
    private func sendDueWebhooks(_ tenant: TenantID) async throws -> Bool {
        let environment = environment
        let sending = sending
        // Claimed within the read, and let go only after the outcome was written: so a stale row is never sent again.
        let claimed = try await environment.database.read { connection in
            let records = Records(connection, tenant)
            let settings = try records.settings()
            let limit = Int64(BootpaySandbox.webhooksAtOnce + sending.withLock { $0.count })
            var claimed: [Dispatch] = []
            for webhook in try records.dueWebhooks(environment.clocks.now(tenant), limit: limit)
            where claimed.count < BootpaySandbox.webhooksAtOnce && sending.withLock({ $0.insert(webhook.id).inserted }) {
                let key = (try? records.project(webhook.project))?.privateKey ?? Secret("")
                claimed.append(Dispatch(webhook: webhook, settings: settings, privateKey: key))
            }
            return claimed
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for dispatch in claimed { group.addTask { try await self.deliver(dispatch, tenant) } }
            try await group.waitForAll()
        }
        return !claimed.isEmpty
    }

    /// Sends one notification once and keeps what came of it.
    private func deliver(_ dispatch: Dispatch, _ tenant: TenantID) async throws {
        defer { sending.withLock { _ = $0.remove(dispatch.webhook.id) } }
        let attempt = await send(dispatch, at: environment.clocks.now(tenant))
        let webhook = dispatch.webhook
        // Counted from this attempt and not from when it was due: after hours in which nothing ran, the repeats must not all be spent at once. A clock that is moved
        // stops at each repeat on its way, so there both are the same moment.
        let pause = attempt.isAccepted ? nil : dispatch.settings.webhookSchedule.pause(before: webhook.attempts + 1)
        let next = pause.map { attempt.at + $0 }
        try await environment.database.write { try Records($0, tenant).record(attempt, of: webhook, next: next) }
    }

    private func send(_ dispatch: Dispatch, at moment: Timestamp) async -> WebhookAttempt {
        let webhook = dispatch.webhook
        guard let target = CallbackTarget(webhook.url) else {
            return WebhookAttempt(at: moment, answer: "the address is not http(s)://host[:port]/path", isAccepted: false)
        }
        let request = HTTPRequest(
            method: .post, target: target.target, fields: ["Content-Type": webhook.contentType, "Accept": "*/*"],
            body: webhook.body(privateKey: dispatch.privateKey, nesting: dispatch.settings.webhookNesting))
        let patience = Duration.seconds(dispatch.settings.webhookTimeout)
        do throws(HTTPExchangeError) {
            let response = try await environment.exchange.send(
                request, to: target.origin, timeouts: HTTPTimeouts(connect: patience, firstByte: patience, total: patience))
            let body = response.bytes ?? []
            return WebhookAttempt(
                at: moment, status: response.status, answer: String(decoding: body.prefix(200), as: UTF8.self),
                isAccepted: WebhookSchedule.isAccepted(status: response.status, body: body))
        } catch {
            return WebhookAttempt(at: moment, answer: error.description, isAccepted: false)
        }
    }
}

/// A notification with what is needed to send it.
private struct Dispatch: Sendable {
    var webhook: Webhook
    var settings: SandboxSettings
    var privateKey: Secret
}
