public import Base
public import ProviderKit
public import SandboxKit
import Storage
import Transport

extension AppsInTossSandbox {
    /// Answers a call of the control API; its path begins behind `/-/apps-in-toss`.
    public func control(_ call: Call, tenant: TenantID) async -> Reply? {
        let (environment, memory) = (environment, memory)
        do {
            let answer = try await environment.database.write { connection in
                try ControlDesk(call: call, tenant: tenant, environment: environment, memory: memory, connection: connection).answer()
            }
            if answer?.scheduleChanged ?? false { environment.scheduleChanged(tenant) }
            return answer?.reply
        } catch let error as ControlError {
            return error.reply
        } catch let refused as Refused {
            return ControlError(message: refused.verdict.reason).reply
        } catch {
            environment.log.error("the state of the Apps in Toss sandbox cannot be used", .word("error", String(describing: error)))
            return ControlError(
                status: 500,
                message: BilingualText(korean: "상태 저장소를 사용할 수 없습니다. 로그를 확인하세요.", english: "The stored state cannot be used; see the log.")
            ).reply
        }
    }

    /// Makes a tenant's first mini-app: the demo one, or one with fresh secrets and a certificate of its own. A tenant that has one already keeps everything.
    ///
    /// - Parameter settings: Optional `settings` as the control API takes them, and the members of `POST /-/apps-in-toss/apps`, directly or under `apps-in-toss`.
    /// - Returns: The mini-apps; for a tenant other than the demo also `certificate` with the key, which is kept nowhere.
    public func createTenant(_ tenant: TenantID, settings: JSON) async throws -> JSON {
        let environment = environment
        let wishes = settings["apps-in-toss"] ?? settings
        let now = environment.clocks.now(tenant)
        let answer = try await environment.database.write { connection in
            let records = Records(connection, tenant)
            var certificate: JSON?
            if try records.apps(withDeleted: true).isEmpty {
                var own = SandboxSettings()
                if let wanted = wishes["settings"] { try own.change(wanted) }
                try records.save(own)
                let app = try MiniApp.first(tenant, wishes, own, now: now, environment.random)
                try records.make(app, now: now, environment.random)
                if tenant != .demo, let authority = environment.authority {
                    certificate = try records.issue(app: app.name, days: CertificateDays.usual, now: now, authority).json(now)
                }
            }
            var members: JSON.Members = ["apps": .array(try records.apps().map { try records.describe($0) })]
            if let first = members["apps"]?[0] { members["app"] = first["app"] }
            members["certificate"] = certificate
            return JSON.object(members)
        }
        if tenant == .demo { try await handOutDemoCertificate() }
        try await copyCertificates(of: tenant)
        return answer
    }

    /// Drops every row of the tenant, and what was counted for it.
    public func removeTenant(_ tenant: TenantID) async throws {
        try await environment.database.write { try Records($0, tenant).removeAll() }
        memory.limits.withLock { $0.forget(tenant) }
        memory.faults.withLock { _ = $0.removeAll(tenant) }
        memory.certificates.withLock { $0.replace(tenant, []) }
    }
}

/// One call of the control API, within one write.
struct ControlDesk: ControlCallReader {
    let call: Call
    let tenant: TenantID
    let environment: SandboxEnvironment
    let memory: SandboxMemory
    let records: Records
    let settings: SandboxSettings
    let now: Timestamp

    /// An answer, and whether something has come into being that comes due.
    struct Answer: Sendable {
        var reply: Reply
        var scheduleChanged = false

        /// An answer with status 200, or another.
        init(_ json: JSON, status: Int = 200, scheduleChanged: Bool = false) {
            reply = Reply(status: status, json: json)
            self.scheduleChanged = scheduleChanged
        }
    }

    init(call: Call, tenant: TenantID, environment: SandboxEnvironment, memory: SandboxMemory, connection: Connection) throws {
        var call = call
        if call.method == .head { call.method = .get }
        self.call = call
        self.tenant = tenant
        self.environment = environment
        self.memory = memory
        records = Records(connection, tenant)
        settings = try records.settings()
        now = environment.clocks.now(tenant)
    }

    /// The answer, or nothing when there is no such call.
    ///
    /// - Throws: ``ControlError`` or ``Refused`` for a call that makes no sense.
    func answer() throws -> Answer? {
        let segments = call.path.split(separator: "/").map(String.init)
        guard !segments.isEmpty else { return nil }
        try Due(records: records, settings: settings, random: environment.random).run(until: now)
        for part in SandboxParts.all {
            guard let answer = try part.control(self, segments) else { continue }
            if call.method != .get, ["certificates", "settings"].contains(segments[0]) { try records.copyCertificates(to: memory) }
            return answer
        }
        return nil
    }

    // MARK: What calls have in common

    /// The mini-app that is meant: that of `body["app"]` or `?app=`, or the tenant's first.
    func app(_ body: JSON.Members = [:]) throws -> MiniApp {
        guard let named = body["app"] ?? queried("app").map({ .string($0) }) else {
            guard let first = try records.apps().first else {
                throw ControlDesk.missing(
                    "테넌트에 미니앱이 없습니다. POST /-/apps-in-toss/apps로 만드세요.",
                    "The tenant has no mini-app; make one with POST /-/apps-in-toss/apps.")
            }
            return first
        }
        guard let name = named.string, let app = try records.app(name), app.deletedAt == nil else {
            throw ControlDesk.missing(
                "없는 미니앱입니다. GET /-/apps-in-toss/apps로 확인하세요.", "There is no such mini-app; GET /-/apps-in-toss/apps lists them.")
        }
        return app
    }

    /// The user that is meant, by `body["user_key"]` or `?user_key=`; the mini-app's oldest when none is named.
    func user(_ body: JSON.Members, of app: MiniApp) throws -> TossUser {
        guard let named = body["user_key"] ?? queried("user_key").map({ .string($0) }) else {
            guard let first = try records.users(of: app.name, limit: 1).first else {
                throw ControlDesk.missing(
                    "미니앱에 사용자가 없습니다. POST /-/apps-in-toss/users로 만드세요.",
                    "The mini-app has no user; make one with POST /-/apps-in-toss/users.")
            }
            return first
        }
        return try user(named: Fields.whole(named), of: app)
    }

    /// The user of that key.
    func user(named key: Int64?, of app: MiniApp) throws -> TossUser {
        guard let key, let user = try records.user(key, of: app.name) else {
            throw ControlDesk.missing("미니앱 \(app.name)에 없는 user_key입니다.", "The mini-app \(app.name) has no such user_key.")
        }
        return user
    }
}
