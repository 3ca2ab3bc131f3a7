public import Base
public import ProviderKit
public import SandboxKit
import Sentbe
import Storage
import Transport

/// Sentbe's half: the remittance APIs that its partners call, as far as they are known, with everything that nobody has documented as a setting.
///
/// State is kept in the environment's database, each row under its tenant. A call is judged within one read or one write, so that no two calls can both pass
/// a rule that only one of them may pass: two transfers never share the last dollar of a wallet. Nothing here waits for the network but ``settle(_:)``, which
/// sends the callbacks, and a separate front's errand, which begins when its change is kept.
public struct SentbeSandbox: SandboxService {
    /// `sentbe`.
    public static let provider = SentbeDemonstration.name
    /// None: Sentbe hands its base addresses out at registration and has never published one.
    public static var hosts: [String] { [] }

    let environment: SandboxEnvironment
    /// Callbacks that are being sent right now, so that two settlings do not send one twice.
    let sending = Locked<Set<Int64>>([])
    /// Envelopes that came before.
    let replays = Locked(ReplayMemory())

    /// Opens the service and brings the tables of all parts up to date.
    ///
    /// - Throws: `StorageError` when the state cannot be opened.
    public init(environment: SandboxEnvironment) async throws {
        self.environment = environment
        for part in SandboxParts.all where !part.migrations.isEmpty { try await environment.database.migrate(part.owner, part.migrations) }
    }

    /// Judges one call, its path relative to Sentbe's host.
    public func respond(to call: Call, from source: CallSource) async -> Judgement {
        let desk = Desk(call: call, source: source, environment: environment, replays: replays)
        do {
            let finished = try await judge(desk)
            if finished.scheduleChanged, let tenant = finished.judgement.tenant { environment.scheduleChanged(tenant) }
            return try await finished.errand?(environment) ?? finished.judgement
        } catch let rejection as Rejection {
            return rejection.judgement
        } catch {
            environment.log.error("the state of the Sentbe sandbox cannot be used", .word("error", String(describing: error)))
            return SentbeSandbox.failure
        }
    }

    private func judge(_ desk: Desk) async throws -> Finished {
        if desk.needsWriting { return try await environment.database.write { try desk.judge($0, mayWrite: true) } }
        do {
            return try await environment.database.read { try desk.judge($0, mayWrite: false) }
        } catch is NeedsWriting {
            return try await environment.database.write { try desk.judge($0, mayWrite: true) }
        }
    }

    /// The sandbox itself failed; nothing that a caller could take for Sentbe's own answer.
    private static var failure: Judgement {
        let reason = BilingualText(
            korean: "샌드박스의 상태 저장소를 사용할 수 없습니다. 로그를 확인하세요.", english: "The sandbox cannot use its stored state; see its log.")
        return Judgement(
            reply: ControlError(status: 500, message: reason).reply, verdict: Verdict(rule: "sandbox.storage", reason: reason))
    }

    private func desk(_ call: Call) -> Desk {
        Desk(
            call: call, source: CallSource(peer: HTTPPeer(address: "", port: 0), host: ""), environment: environment,
            replays: Locked(ReplayMemory()))
    }

    /// Whose `PARTNER-ID` the call carries; nothing when it names no tenant.
    public func tenant(of call: Call) async -> TenantID? {
        let desk = desk(call)
        return try? await environment.database.read { try desk.tenant($0) }
    }

    /// The name of the call's row in the tables of calls.
    public func route(of call: Call) -> String? { desk(call).routeName }

    /// Whether the call is for a page that a browser reaches from another site.
    public func isPage(_ call: Call) -> Bool { desk(call).isPage }

    /// The names of fields, in headers, bodies and replies, whose values no log may show.
    public var redactedFields: Set<String> {
        Set([
            "key", "signature", "first_name", "middle_name", "last_name", "account_number", "account_holder_name", "email", "phone_number",
            "birth_date", "secret_key", "access_id", "token",
        ]).union(SandboxParts.all.flatMap(\.redactedFields))
    }

    /// What a misspelt path's body and query hold is anybody's guess, and no encrypted call has any: neither is shown.
    /// The second generation encrypts its replies, and who learns the secret later could read a log of them.
    public func privacy(ofRoute route: String?) -> RoutePrivacy {
        RoutePrivacy(fields: route?.hasPrefix("generation-2-") ?? false ? ["data"] : [], hidesRequest: true)
    }

    /// Lines for a person; `baseURL` is where this provider's calls are served, such as `http://127.0.0.1:8600/sentbe`.
    public func introduction(baseURL: String) -> [BilingualText] { DemoData.introduction(baseURL: baseURL, environment.random) }
}
