public import Base
public import SandboxKit
import Storage
import Transport

extension SentbeSandbox {
    /// How many callbacks of a tenant are sent side by side.
    private static let callbacksAtOnce = 16

    /// Moves the transfers that have come due by the tenant's clock, and sends the callbacks.
    public func settle(_ tenant: TenantID) async -> Timestamp? {
        let environment = environment
        do {
            let isDue = try await environment.database.read { connection in
                try SentbeSandbox.due(connection, tenant, environment).isAnything(by: environment.clocks.now(tenant))
            }
            if isDue {
                try await environment.database.write { connection in
                    try SentbeSandbox.due(connection, tenant, environment).run(until: environment.clocks.now(tenant))
                }
            }
            while try await sendDueCallbacks(tenant) {}
            let underWay = sending.withLock { $0 }
            return try await environment.database.read { connection in
                let records = Records(connection, tenant)
                let moments = [
                    try SentbeSandbox.due(connection, tenant, environment).moment(), try records.nextCallback(except: underWay),
                ]
                return moments.compactMap { $0 }.min()
            }
        } catch {
            environment.log.error("what has come due at Sentbe could not be settled", .word("error", String(describing: error)))
            return nil
        }
    }

    private static func due(_ connection: Connection, _ tenant: TenantID, _ environment: SandboxEnvironment) throws -> Due {
        let records = Records(connection, tenant)
        return Due(records: records, settings: try records.settings(), random: environment.random)
    }

    /// Sends what is due once, side by side; returns whether anything was sent.
    private func sendDueCallbacks(_ tenant: TenantID) async throws -> Bool {
        let environment = environment
        let sending = sending
        // Claimed within the read, and let go only after the outcome was written: so a stale row is never sent again.
        let claimed = try await environment.database.read { connection in
            let records = Records(connection, tenant)
            let settings = try records.settings()
            let limit = Int64(SentbeSandbox.callbacksAtOnce + sending.withLock { $0.count })
            var claimed: [Dispatch] = []
            for callback in try records.dueCallbacks(environment.clocks.now(tenant), limit: limit)
            where claimed.count < SentbeSandbox.callbacksAtOnce && sending.withLock({ $0.insert(callback.id).inserted }) {
                let token = (try? records.partner(callback.partner))?.accessID ?? ""
                claimed.append(Dispatch(callback: callback, settings: settings, token: token))
            }
            return claimed
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for dispatch in claimed { group.addTask { try await self.deliver(dispatch, tenant) } }
            try await group.waitForAll()
        }
        return !claimed.isEmpty
    }

    /// Sends one callback once and keeps what came of it.
    private func deliver(_ dispatch: Dispatch, _ tenant: TenantID) async throws {
        defer { sending.withLock { _ = $0.remove(dispatch.callback.id) } }
        let attempt = await send(dispatch, at: environment.clocks.now(tenant))
        let callback = dispatch.callback
        let pauses = dispatch.settings[CommonSettings.callbackPauses]
        // Counted from this attempt and not from when it was due: after hours in which nothing ran, the repeats must not all be spent at once.
        let next: Timestamp? =
            attempt.isAccepted || callback.attempts >= pauses.count ? nil : attempt.at + .seconds(pauses[Int(callback.attempts)])
        try await environment.database.write { try Records($0, tenant).record(attempt, of: callback, next: next) }
    }

    private func send(_ dispatch: Dispatch, at moment: Timestamp) async -> CallbackAttempt {
        let callback = dispatch.callback
        guard let target = CallbackTarget(callback.url) else {
            return CallbackAttempt(at: moment, problem: "the address is not http(s)://host[:port]/path")
        }
        let request = HTTPRequest(
            method: .post, target: target.target, fields: ["Content-Type": "application/json; charset=utf-8", "Accept": "*/*"],
            body: callback.body(token: dispatch.token))
        let patience = Duration.seconds(dispatch.settings[CommonSettings.callbackTimeout])
        do throws(HTTPExchangeError) {
            let response = try await environment.exchange.send(
                request, to: target.origin, timeouts: HTTPTimeouts(connect: patience, firstByte: patience, total: patience))
            return CallbackAttempt(at: moment, status: response.status)
        } catch {
            return CallbackAttempt(at: moment, problem: error.description)
        }
    }
}

/// A callback with what is needed to send it.
private struct Dispatch: Sendable {
    var callback: Callback
    var settings: SandboxSettings
    var token: String
}
