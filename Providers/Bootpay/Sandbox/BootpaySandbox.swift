public import Base
import Bootpay
public import ProviderKit
public import SandboxKit
import Storage
import Transport

/// Bootpay's half: its server API, version 1, as far as it is known, with everything that nobody has documented as a setting.
///
/// State is kept in the environment's database, each row under its tenant. A call is judged within one read or one write, so that no two calls can both pass
/// a rule that only one of them may pass. Nothing here waits for the network but ``settle(_:)``, which sends the webhooks.
public struct BootpaySandbox: SandboxService {
    /// `bootpay`.
    public static let provider = "bootpay"
    /// Bootpay's production, development, stage and test hosts.
    public static var hosts: [String] { BootpayHosts.all }

    let environment: SandboxEnvironment
    /// Webhooks that are being sent right now, so that two settlings do not send one twice.
    let sending = Locked<Set<Int64>>([])

    /// Opens the service and brings its tables up to date.
    ///
    /// - Throws: `StorageError` when the state cannot be opened.
    public init(environment: SandboxEnvironment) async throws {
        self.environment = environment
        try await environment.database.migrate(BootpayTables.owner, BootpayTables.migrations)
    }

    /// Judges one call, its path relative to Bootpay's host.
    public func respond(to call: Call, from source: CallSource) async -> Judgement {
        let desk = Desk(call: call, source: source, environment: environment)
        do {
            let finished = try await judge(desk)
            if finished.scheduleChanged, let tenant = finished.judgement.tenant { environment.scheduleChanged(tenant) }
            return finished.judgement
        } catch let rejection as Rejection {
            return rejection.judgement
        } catch {
            environment.log.error("the state of the Bootpay sandbox cannot be used", .word("error", String(describing: error)))
            return BootpaySandbox.failure
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

    /// The sandbox itself failed; nothing that a caller could take for Bootpay's own answer.
    private static var failure: Judgement {
        let reason = BilingualText(
            korean: "샌드박스의 상태 저장소를 사용할 수 없습니다. 로그를 확인하세요.", english: "The sandbox cannot use its stored state; see its log.")
        return Judgement(
            reply: ControlError(status: 500, message: reason).reply, verdict: Verdict(rule: "sandbox.storage", reason: reason))
    }

    /// Whose credentials the call carries; nothing when they name no tenant.
    public func tenant(of call: Call) async -> TenantID? {
        let source = CallSource(peer: HTTPPeer(address: "", port: 0), host: "")
        let desk = Desk(call: call, source: source, environment: environment)
        return try? await environment.database.read { try desk.tenant($0) }
    }

    /// The name of the call's row in the tables of calls, or `payment-page`.
    public func route(of call: Call) -> String? {
        Desk(call: call, source: CallSource(peer: HTTPPeer(address: "", port: 0), host: ""), environment: environment).routeName
    }

    /// Whether the call is for the page behind a payment link, which shops send their customers' browsers to. Its own buttons are
    /// pressed from the page itself, never from another site.
    public func isPage(_ call: Call) -> Bool { call.method == .get && PaymentPage.link(call.path) != nil }

    /// The names of fields, in headers, bodies and replies, whose values no log may show.
    public var redactedFields: Set<String> {
        [
            "authorization", "private_key", "token", "card_no", "card_pw", "expire_year", "expire_month", "identify_number", "account",
            "accountholder", "user_token", "email", "phone", "birth", "username", "unique", "di", "identify", "secret_key",
        ]
    }

    /// Who cancels and who pays is told under `name`, which elsewhere is the product's. Of the calls whose form nobody has published, and of misspelt ones, no value is
    /// shown: they carry cards, phone numbers and messages under any name.
    public func privacy(ofRoute route: String?) -> RoutePrivacy {
        guard let route else { return RoutePrivacy(hidesRequest: true) }
        if BootpayRoutes.rare.routes.contains(where: { $0.name == route }) { return RoutePrivacy(hidesRequest: true) }
        return ["cancel", "user-token"].contains(route) ? RoutePrivacy(fields: ["name"]) : RoutePrivacy()
    }

    /// Lines for a person; `baseURL` is where this provider's calls are served, such as `http://127.0.0.1:8600/bootpay`.
    public func introduction(baseURL: String) -> [BilingualText] { DemoData.introduction(baseURL: baseURL) }
}

/// A call that was accepted, or refused in a way that changed something: what it did is kept.
struct Finished {
    var judgement: Judgement
    /// Whether something has come into being that comes due.
    var scheduleChanged = false
}

/// A call that was refused: thrown, so that whatever it had changed is undone.
struct Rejection: Error {
    var judgement: Judgement
}

/// The call turned out to need a write although it was begun as a read.
struct NeedsWriting: Error {}
