public import Base
public import ProviderKit
public import SandboxKit
import Storage
import TossAuth
import Transport

/// The provider's half of Toss Auth: tokens, session keys, identity checks on the tenant's clock, and the person with the phone, with everything that nobody has documented as
/// a setting.
///
/// State is kept in the environment's database, each row under its tenant; people are sealed there. What takes its time (RSA, AES, signatures) is done outside of its
/// transactions, while a session's use and a result's read are written in one, so that a session is never accepted twice and a result never given too often.
public struct TossAuthSandbox: SandboxService {
    /// `toss-auth`.
    public static var provider: String { "toss-auth" }
    /// The token host and the API host. Neither asks for a client certificate.
    public static var hosts: [String] { [TossAuthHosts.token, TossAuthHosts.service] }

    let house: House
    var environment: SandboxEnvironment { house.environment }

    /// Opens the service: brings its tables up to date, and puts the public key into the provider's folder.
    ///
    /// - Throws: `StorageError` when the state cannot be opened, or the file with the key that seals people is damaged; `SystemError` when the folder with that file cannot
    ///   be used.
    public init(environment: SandboxEnvironment) async throws {
        house = try House(environment)
        try await environment.database.migrate(Tables.owner, Tables.migrations)
        try await environment.database.migrate(CertificateBook.owner, CertificateBook.migrations)
        if house.seal.isNew, try await environment.database.read(Records.hasSealedRows) {
            environment.log.warning(
                "the key that sealed the people, signatures and keys of Toss Auth is gone, and a new one was made: what was sealed cannot be opened",
                .word("file", environment.files?.path(House.sealFile) ?? House.sealFile))
        }
        try await handOutPublicKey()
    }

    /// Judges one call, its path relative to the provider's host.
    public func respond(to call: Call, from source: CallSource) async -> Judgement {
        let row = TossAuthRoutes.row(call.method, call.path)
        var trace = Trace(route: route(of: call))
        do {
            if let page = phonePage(call, host: source.host) { return try await page.answer() }
            guard let row else { throw TossAuthSandbox.unknown(call) }
            return try await answer(call, row, host: source.host, &trace)
        } catch let refused as Refused {
            return trace.judgement(refused)
        } catch is ServiceKeys.Unreadable {
            return Judgement(
                reply: ControlError(status: 500, message: ServiceKeys.Unreadable.reason).reply, tenant: trace.tenant, route: trace.route,
                verdict: Verdict(rule: "key.unreadable", reason: ServiceKeys.Unreadable.reason, remedy: ServiceKeys.Unreadable.remedy))
        } catch {
            TossAuthSandbox.tell(error, to: environment.log)
            let reason = BilingualText(
                korean: "샌드박스 내부 오류로 처리하지 못했습니다. 로그를 확인하세요.", english: "The sandbox itself failed; see its log.")
            return Judgement(
                reply: ControlError(status: 500, message: reason).reply, tenant: trace.tenant, route: trace.route,
                verdict: Verdict(rule: "sandbox.failure", reason: reason))
        }
    }

    /// Tells the log why the sandbox itself failed. Only the storage's errors speak: others may repeat a name that stands in a certificate.
    static func tell(_ error: any Error, to log: Log) {
        let words = (error as? StorageError).map { String(describing: $0) } ?? String(reflecting: type(of: error))
        log.error("the Toss Auth sandbox failed", .word("error", words))
    }

    /// The phone that a call looks at or taps; it is at the sandbox's own addresses only, since the provider's hosts have no such page.
    private func phonePage(_ call: Call, host: String) -> PhonePage? {
        guard PhonePage.isPath(call.path), !TossAuthSandbox.hosts.contains(host) else { return nil }
        return PhonePage(call: call, environment: environment, seal: house.seal)
    }

    private func answer(_ call: Call, _ row: TossAuthAPI, host: String, _ trace: inout Trace) async throws -> Judgement {
        if TossAuthSandbox.hosts.contains(host), host != row.host, try await settings(of: call, &trace)[ServiceSettingList.hostsApart] {
            throw Refused(.notFound, CallVerdicts.wrongHost(row, asked: host))
        }
        if row.purpose == .token { return trace.judgement(try await TokenCall(call: call, house: house).answer(&trace)) }
        if row.isOlderSpelling, try await !settings(of: call, &trace)[ServiceSettingList.oldPaths] {
            throw Refused(.notFound, CallVerdicts.olderSpelling(row))
        }
        let service = ServiceCall(call: call, row: row, house: house)
        let content: JSON
        switch row.purpose {
        case .request: content = try await RequestCall(service: service).answer(&trace)
        case .status: content = try await StatusCall(service: service).answer(&trace)
        case .result: content = try await ResultCall(service: service).answer(&trace)
        case .certificateValidation: content = try await CertificateCall(service: service).answer(&trace)
        case .token: throw TossAuthSandbox.unknown(call)
        }
        return trace.judgement(Reply(status: 200, json: TossAuthEnvelope.success(content)))
    }

    /// What is in force for whoever the call says it is from.
    private func settings(of call: Call, _ trace: inout Trace) async throws -> ServiceSettings {
        let house = house
        guard let tenant = await tenant(of: call) else { return trace.settings }
        trace.tenant = tenant
        trace.settings = try await environment.database.read { try Records($0, tenant, house.seal).settings() }
        return trace.settings
    }

    private static func unknown(_ call: Call) -> Refused {
        TossAuthRoutes.isKnown(path: call.path)
            ? Refused(.methodNotAllowed, CallVerdicts.wrongMethod(call.method.rawValue))
            : Refused(.notFound, CallVerdicts.unknownPath(call.path))
    }

    /// Whose check a phone's page shows, or whose client the call's token names, proved or not, or its form; nothing when it names none.
    public func tenant(of call: Call) async -> TenantID? {
        if PhonePage.isPath(call.path) { return try? await environment.database.read { try PhonePage.tenant(of: call.path, $0) } }
        let named: String?
        if let text = try? Bearer.token(call) {
            named = TokenMint.claims(unproved: text)?.client
        } else {
            named = TokenCall(call: call, house: house).client
        }
        guard let named else { return nil }
        return try? await environment.database.read { try Client.find(named, $0)?.tenant }
    }

    /// The short name of the call's row in the protocol's table, such as `id-result`; `phone` for a person's taps.
    public func route(of call: Call) -> String? {
        PhonePage.isPath(call.path) ? PhonePage.route : TossAuthRoutes.row(call.method, call.path)?.name
    }

    /// A phone's page may be opened from another site, such as an application's own; its buttons may not be pressed from there.
    public func isPage(_ call: Call) -> Bool { PhonePage.looks(call) }

    /// The names of fields, in bodies and replies, whose values no log may show, encrypted or not.
    public var redactedFields: Set<String> {
        [
            "userName", "userPhone", "userBirthday", "sessionKey", "personalData", "signature", "certificate", "access_token",
            "client_secret", "nonce", "name", "gender", "nationality", "ageGroup",
        ]
    }

    /// What is sent under a misspelt name, or in a wrong place, is anybody's guess: of every call only known names are shown, and values that look like what belongs there.
    public func privacy(ofRoute route: String?) -> RoutePrivacy {
        RoutePrivacy(shown: route == PhonePage.route ? HarmlessMembers.ofPhone : HarmlessMembers.ofCalls)
    }

    /// Lines for a person; `baseURL` is where this provider's calls are served, such as `http://127.0.0.1:8600/toss-auth`.
    public func introduction(baseURL: String) -> [BilingualText] { DemoData.introduction(baseURL: baseURL, files: environment.files) }
}
