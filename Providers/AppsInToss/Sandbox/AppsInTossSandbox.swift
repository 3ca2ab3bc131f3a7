import AppsInToss
public import Base
public import ProviderKit
public import SandboxKit
import Storage
import Transport

/// The provider's half of Apps in Toss: mutual TLS, the envelope, the request limit and the API groups, with everything that nobody has documented as a setting.
///
/// State is kept in the environment's database, each row under its tenant. A call is judged within one read or one write, so that no two calls can both pass
/// a rule that only one of them may pass: one authorizationCode never gives two tokens. What is counted for the limit is kept in memory. Nothing here waits for the
/// network but ``settle(_:)``, which sends the callbacks.
public struct AppsInTossSandbox: SandboxService {
    /// `apps-in-toss`.
    public static var provider: String { "apps-in-toss" }
    /// The two hosts of the partner API.
    public static var hosts: [String] { [AppsInTossHosts.general, AppsInTossHosts.pay] }
    /// Both: the certificate is the caller's identity, and there is no other.
    public static var hostsWithClientCertificates: Set<String> { Set(hosts) }

    /// `cert issue`, `cert list`, `cert disable`, `cert enable`.
    public static var commands: [ProviderCommand] { CertificateCommands.all }

    let environment: SandboxEnvironment
    let memory = SandboxMemory()

    /// Opens the service: brings the tables of all parts up to date and sees to the demo mini-app's certificate.
    ///
    /// - Throws: `StorageError` when the state cannot be opened.
    public init(environment: SandboxEnvironment) async throws {
        self.environment = environment
        for part in SandboxParts.all where !part.migrations.isEmpty { try await environment.database.migrate(part.owner, part.migrations) }
        try await handOutDemoCertificate()
        for tenant in try await environment.database.read({ try Records.tenants($0) }) { try await copyCertificates(of: tenant) }
    }

    /// Judges one call, its path relative to the provider's host.
    public func respond(to call: Call, from source: CallSource) async -> Judgement {
        let desk = Desk(call: call, source: source, environment: environment, memory: memory)
        do {
            let finished = try await judge(desk)
            if finished.scheduleChanged, let tenant = finished.judgement.tenant { environment.scheduleChanged(tenant) }
            return finished.judgement
        } catch let rejection as Rejection {
            return rejection.judgement
        } catch {
            environment.log.error("the state of the Apps in Toss sandbox cannot be used", .word("error", String(describing: error)))
            return AppsInTossSandbox.failure
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

    /// The sandbox itself failed; nothing that a caller could take for the provider's own answer.
    private static var failure: Judgement {
        let reason = BilingualText(
            korean: "샌드박스의 상태 저장소를 사용할 수 없습니다. 로그를 확인하세요.", english: "The sandbox cannot use its stored state; see its log.")
        return Judgement(
            reply: ControlError(status: 500, message: reason).reply, verdict: Verdict(rule: "sandbox.storage", reason: reason))
    }

    /// Whose certificate, or on the plain port whose `Bujeol-Mini-App`, the call carries; nothing when it names no tenant.
    public func tenant(of call: Call, from source: CallSource) async -> TenantID? {
        let desk = Desk(call: call, source: source, environment: environment, memory: memory)
        return try? await environment.database.read { try desk.tenant($0) }
    }

    /// The short name of the call's row in the protocol's tables.
    public func route(of call: Call) -> String? { CallTable.all.match(call.method == .head ? .get : call.method, call.path)?.api.name }

    /// The names of fields, in headers, bodies and replies, whose values no log may show.
    public var redactedFields: Set<String> { SandboxParts.all.reduce(into: []) { $0.formUnion($1.redactedFields) } }

    /// What a misspelt path's body and query hold is anybody's guess: neither is shown.
    public func privacy(ofRoute route: String?) -> RoutePrivacy {
        guard let route else { return RoutePrivacy(hidesRequest: true) }
        return SandboxParts.all.lazy.compactMap { $0.routePrivacy[route] }.first ?? RoutePrivacy()
    }

    /// Lines for a person; `baseURL` is where this provider's calls are served, such as `http://127.0.0.1:8600/apps-in-toss`.
    public func introduction(baseURL: String) -> [BilingualText] { DemoData.introduction(baseURL: baseURL, files: environment.files) }
}
