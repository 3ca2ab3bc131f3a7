public import Base
public import SandboxKit
import Storage
import Transport

extension AppsInTossSandbox {
    /// How many callbacks of a tenant are sent side by side.
    private static let callbacksAtOnce = 16

    /// Does what has come due by the tenant's clock, and sends the callbacks.
    public func settle(_ tenant: TenantID) async -> Timestamp? {
        let environment = environment
        do {
            let isDue = try await environment.database.read { connection in
                try AppsInTossSandbox.due(connection, tenant, environment).isAnything(by: environment.clocks.now(tenant))
            }
            if isDue {
                try await environment.database.write { connection in
                    try AppsInTossSandbox.due(connection, tenant, environment).run(until: environment.clocks.now(tenant))
                }
            }
            while try await sendDueCallbacks(tenant) {}
            let underWay = memory.sending.withLock { $0 }
            return try await environment.database.read { connection in
                let moments = [
                    try AppsInTossSandbox.due(connection, tenant, environment).moment(),
                    try Records(connection, tenant).nextCallback(except: underWay),
                ]
                return moments.compactMap { $0 }.min()
            }
        } catch {
            environment.log.error("what has come due at Apps in Toss could not be settled", .word("error", String(describing: error)))
            return nil
        }
    }

    private static func due(_ connection: Connection, _ tenant: TenantID, _ environment: SandboxEnvironment) throws -> Due {
        let records = Records(connection, tenant)
        return Due(records: records, settings: try records.settings(), random: environment.random)
    }

    /// Sends what is due once, each mini-app's callbacks of one kind in their order; returns whether anything was sent.
    private func sendDueCallbacks(_ tenant: TenantID) async throws -> Bool {
        let environment = environment
        let memory = memory
        // Claimed within the read, and let go only after the outcome was written: so a stale row is never sent again.
        let claimed = try await environment.database.read { connection in
            let records = Records(connection, tenant)
            let settings = try records.settings()
            let limit = Int64(AppsInTossSandbox.callbacksAtOnce + memory.sending.withLock { $0.count })
            var claimed: [Dispatch] = []
            for callback in try records.dueCallbacks(environment.clocks.now(tenant), limit: limit)
            where claimed.count < AppsInTossSandbox.callbacksAtOnce && memory.sending.withLock({ $0.insert(callback.id).inserted }) {
                claimed.append(Dispatch(callback: callback, settings: settings, fields: records.fields(of: callback, settings)))
            }
            return claimed
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for line in Dictionary(grouping: claimed, by: \.line).values { group.addTask { try await self.deliver(inOrder: line, tenant) } }
            try await group.waitForAll()
        }
        return !claimed.isEmpty
    }

    /// Sends callbacks one behind the other, so that the events of a subscription arrive as they happened; from the first on that nobody answers, side by side: nobody is there to see an
    /// order, and each would take its whole timeout.
    private func deliver(inOrder line: [Dispatch], _ tenant: TenantID) async throws {
        var rest = line[...]
        while let next = rest.popFirst() { if try await !deliver(next, tenant) { break } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for dispatch in rest { group.addTask { _ = try await self.deliver(dispatch, tenant) } }
            try await group.waitForAll()
        }
    }

    /// Sends one callback once and keeps what came of it; returns whether there was an answer.
    private func deliver(_ dispatch: Dispatch, _ tenant: TenantID) async throws -> Bool {
        defer { memory.sending.withLock { _ = $0.remove(dispatch.callback.id) } }
        let attempt = await send(dispatch, at: environment.clocks.now(tenant))
        let callback = dispatch.callback
        let pauses = dispatch.settings[CommonSettings.callbackPauses]
        // Counted from this attempt and not from when it was due: after hours in which nothing ran, the repeats must not all be spent at once.
        let next: Timestamp? =
            attempt.isAccepted || callback.attempts >= pauses.count ? nil : attempt.at + .seconds(pauses[Int(callback.attempts)])
        try await environment.database.write { try Records($0, tenant).record(attempt, of: callback, next: next) }
        return attempt.status != nil
    }

    private func send(_ dispatch: Dispatch, at moment: Timestamp) async -> CallbackAttempt {
        let callback = dispatch.callback
        guard let target = CallbackTarget(callback.url) else {
            return CallbackAttempt(at: moment, problem: "the address is not http(s)://host[:port]/path")
        }
        let request = HTTPRequest(method: callback.method, target: target.target, fields: dispatch.fields, body: Array(callback.body.utf8))
        let patience = Duration.seconds(dispatch.settings[CommonSettings.callbackTimeout])
        do throws(HTTPExchangeError) {
            let response = try await environment.exchange.send(
                request, to: target.origin, timeouts: HTTPTimeouts(connect: patience, firstByte: patience, total: patience))
            let accepts = SandboxParts.callbackKind(callback.kind)?.accepts(response.status, dispatch.settings) ?? false
            return CallbackAttempt(at: moment, status: response.status, isAccepted: accepts)
        } catch {
            return CallbackAttempt(at: moment, problem: error.description)
        }
    }
}

extension Records {
    /// The header fields of a callback: its proof, and what the parts add.
    fileprivate func fields(of callback: Callback, _ settings: SandboxSettings) -> HTTPFields {
        var fields: HTTPFields = ["Accept": "*/*"]
        if !callback.body.isEmpty { fields.append("Content-Type", "application/json; charset=utf-8") }
        if let app = try? app(callback.app), let proof = SandboxParts.callbackKind(callback.kind)?.authorization(app, settings) {
            fields.append("Authorization", proof)
        }
        for part in SandboxParts.all {
            for (name, value) in part.callbackFields(callback, settings) { fields.append(name, value) }
        }
        return fields
    }
}

/// A callback with what is needed to send it.
private struct Dispatch: Sendable {
    var callback: Callback
    var settings: SandboxSettings
    var fields: HTTPFields

    /// What is sent in its order.
    var line: [String] { [callback.app, callback.kind] }
}
