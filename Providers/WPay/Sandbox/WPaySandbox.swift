public import Base
public import ProviderKit
public import SandboxKit
import Storage
import Transport
import WPay

/// The half of KG Inicis: WPAY's pages and calls of all product lines, and the refunds of INIAPI, as far as they are known, with everything that nobody has published as a setting.
///
/// State is kept in the environment's database, each row under its tenant. A call is judged within one read or one write, so that no two approvals of one payment can both
/// pass. Nothing here uses the network but callbacks that the sandbox is told to post by itself.
public struct WPaySandbox: SandboxService {
    /// `wpay`.
    public static let provider = WPayDemonstration.name
    /// The hosts of all product lines for development, test and live, their mirrors, and those of the refunds.
    public static var hosts: [String] { WPayHosts.all }

    let environment: SandboxEnvironment

    /// Opens the service and brings its tables up to date.
    ///
    /// - Throws: `StorageError` when the state cannot be opened; `WPayKeyError` when this OpenSSL has no SEED.
    public init(environment: SandboxEnvironment) async throws {
        self.environment = environment
        // At once, and not at the first call: without SEED nothing here works.
        _ = try DemoData.merchants(at: Timestamp(unixSeconds: 0)).map { try $0.keys() }
        try await environment.database.migrate(StateTables.owner, StateTables.migrations)
    }

    /// Judges one call, its path relative to WPAY's host.
    public func respond(to call: Call, from source: CallSource) async -> Judgement {
        let desk = Desk(call: call, source: source, environment: environment)
        let finished: Finished
        do {
            finished =
                desk.needsWriting
                ? try await environment.database.write { try desk.judge($0) } : try await environment.database.read { try desk.judge($0) }
        } catch let rejection as Rejection {
            finished = rejection.finished
        } catch {
            environment.log.error("the state of the WPAY sandbox cannot be used", .word("error", String(describing: error)))
            return WPaySandbox.failure
        }
        if finished.scheduleChanged, let tenant = finished.judgement.tenant { environment.scheduleChanged(tenant) }
        guard let callback = finished.posting else { return finished.judgement }
        var judgement = finished.judgement
        let delivery = await CallbackDelivery(environment: environment).post(callback)
        if !delivery.arrived { judgement.verdict = delivery.verdict }
        return judgement
    }

    /// The sandbox itself failed; nothing that a caller could take for WPAY's own answer.
    private static var failure: Judgement {
        let reason = BilingualText(
            korean: "샌드박스의 상태 저장소를 사용할 수 없습니다. 로그를 확인하세요.", english: "The sandbox cannot use its stored state; see its log.")
        return Judgement(
            reply: ControlError(status: 500, message: reason).reply, verdict: Verdict(rule: "sandbox.storage", reason: reason))
    }

    /// Whose MID the call carries; nothing when it names no merchant of any tenant.
    public func tenant(of call: Call) async -> TenantID? {
        let desk = desk(call)
        return try? await environment.database.read { try desk.tenant($0) }
    }

    /// The call's name among WPAY's APIs, such as `payappl/card` or `old/payreqappl`; `iniapi/refund`; or `page` for the buttons of a page.
    public func route(of call: Call) -> String? { desk(call).routeName }

    /// Whether the call opens one of the pages, which shops send their customers' browsers to with a form. The pages' own buttons are
    /// pressed from the page itself, never from another site.
    public func isPage(_ call: Call) -> Bool { desk(call).opensPage }

    private func desk(_ call: Call) -> Desk {
        Desk(call: call, source: CallSource(peer: HTTPPeer(address: "", port: 0), host: ""), environment: environment)
    }

    /// The names of fields, in bodies, queries and replies, whose values no log may show.
    public var redactedFields: Set<String> {
        MessageMask.personal.union([
            "hashKey", "seedKey", "seedIV", "iniApiKey", "bankCardNo", "applCardNum", "billKey", "pin", "cardNumber", "accountNumber",
            "name",
        ])
    }

    /// Of misspelt calls no value is shown: they carry people under any name. The buttons of a page carry cards and PINs.
    public func privacy(ofRoute route: String?) -> RoutePrivacy {
        route == nil || route == Desk.visitRoute ? RoutePrivacy(hidesRequest: true) : RoutePrivacy()
    }

    /// Lines for a person; `baseURL` is where this provider's calls are served, such as `http://127.0.0.1:8600/wpay`.
    public func introduction(baseURL: String) -> [BilingualText] { DemoData.introduction(baseURL: baseURL) }
}

/// What a call came to; what it changed is kept.
struct Finished: Sendable {
    var judgement: Judgement
    /// Whether something has come into being that comes due.
    var scheduleChanged = false
    /// A callback that the sandbox posts by itself, when everything is written.
    var posting: Callback?
}

/// A call that was refused: thrown, so that whatever it had changed is undone.
struct Rejection: Error {
    var finished: Finished
}
