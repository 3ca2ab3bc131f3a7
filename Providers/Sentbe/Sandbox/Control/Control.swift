public import Base
public import ProviderKit
public import SandboxKit
import Storage
import Transport

extension SentbeSandbox {
    /// Answers a call of the control API; its path begins behind `/-/sentbe`.
    public func control(_ call: Call, tenant: TenantID) async -> Reply? {
        let environment = environment
        do {
            let answer = try await environment.database.write { connection in
                try ControlDesk(call: call, tenant: tenant, environment: environment, connection: connection).answer()
            }
            if answer?.scheduleChanged ?? false { environment.scheduleChanged(tenant) }
            return answer?.reply
        } catch let error as ControlError {
            return error.reply
        } catch let refused as Refused {
            return ControlError(message: refused.verdict.reason).reply
        } catch {
            environment.log.error("the state of the Sentbe sandbox cannot be used", .word("error", String(describing: error)))
            return ControlError(
                status: 500,
                message: BilingualText(korean: "상태 저장소를 사용할 수 없습니다. 로그를 확인하세요.", english: "The stored state cannot be used; see the log.")
            ).reply
        }
    }

    /// Makes a tenant's first partner: the demo one, or one with fresh credentials. A tenant that has one already keeps everything.
    ///
    /// - Parameter settings: Optional `settings` as the control API takes them, `callback_url`, `allow_list` and `name`, directly or under `sentbe`.
    public func createTenant(_ tenant: TenantID, settings: JSON) async throws -> JSON {
        let environment = environment
        let wishes = settings["sentbe"] ?? settings
        let now = environment.clocks.now(tenant)
        return try await environment.database.write { connection in
            let records = Records(connection, tenant)
            if try records.partners().isEmpty {
                var own = SandboxSettings()
                if let wanted = wishes["settings"] { try own.change(wanted) }
                try records.save(own)
                var partner = try Partner.fresh(tenant, now: now, connection, environment.random)
                try partner.change(wishes)
                try records.make(partner, now: now, environment.random)
            }
            return try records.describePartners()
        }
    }

    /// Drops every row of the tenant.
    public func removeTenant(_ tenant: TenantID) async throws {
        try await environment.database.write { try Records($0, tenant).removeAll() }
        replays.withLock { $0.tenantRemoved(tenant) }
    }
}

/// One call of the control API, within one write.
struct ControlDesk: ControlCallReader {
    let call: Call
    let tenant: TenantID
    let environment: SandboxEnvironment
    let records: Records
    let settings: SandboxSettings
    let now: Timestamp

    /// An answer, and whether something has come into being that comes due.
    struct Answer: Sendable {
        var reply: Reply
        var scheduleChanged = false

        /// An answer with status 200.
        init(_ json: JSON, scheduleChanged: Bool = false) {
            self.init(reply: Reply(status: 200, json: json), scheduleChanged: scheduleChanged)
        }

        init(reply: Reply, scheduleChanged: Bool = false) {
            self.reply = reply
            self.scheduleChanged = scheduleChanged
        }
    }

    init(call: Call, tenant: TenantID, environment: SandboxEnvironment, connection: Connection) throws {
        self.call = call
        self.tenant = tenant
        self.environment = environment
        records = Records(connection, tenant)
        settings = try records.settings()
        now = environment.clocks.now(tenant)
    }

    /// The answer, or nothing when there is no such call.
    ///
    /// - Throws: ``ControlError`` or ``Refused`` for a call that makes no sense.
    func answer() throws -> Answer? {
        let segments = call.path.split(separator: "/").map(String.init)
        guard let first = segments.first else { return nil }
        try Due(records: records, settings: settings, random: environment.random).run(until: now)
        switch (first, segments.count) {
        case ("partners", _): return try partners(Array(segments.dropFirst()))
        case ("settings", 1): return try changeSettings()
        case ("callbacks", 1):
            try only(.get)
            return Answer(try records.callbacks(limit: try limit()))
        default:
            for part in SandboxParts.all {
                if let answer = try part.control(self, segments) { return answer }
            }
            return nil
        }
    }

    private func changeSettings() throws -> Answer {
        try only(.get, .put)
        var settings = settings
        if call.method == .put {
            try settings.change(.object(try body()))
            try records.save(settings)
        }
        return Answer(settings.json, scheduleChanged: call.method == .put)
    }

    // MARK: What calls have in common

    /// The partner that is meant: the named one, or the tenant's first.
    func partner(_ id: String?) throws -> Partner {
        let found = if let id { try records.partner(id) } else { try records.partners().first }
        guard let found else { throw ControlDesk.missing("없는 partner_id입니다.", "There is no such partner_id.") }
        return found
    }
}
