import AppsInToss
import Base
import ProviderKit
import SandboxKit

/// One accepted mini-app's call with its fields, within one read or write: what the rows' handlers work with. Each part adds its handlers in extensions.
final class CallContext {
    let call: Call
    let row: CallRow
    /// The body's members, checked against the protocol's table of fields.
    let fields: Fields
    /// Whom `x-toss-user-key` or `x-anon-key` names; nobody for a call that names none there.
    let user: CallingUser
    let app: MiniApp
    let settings: SandboxSettings
    let now: Timestamp
    let environment: SandboxEnvironment
    let records: Records
    /// Whether something may be changed; a handler that must, and may not, throws ``NeedsWriting``.
    let mayWrite: Bool
    private let memory: SandboxMemory
    /// What the developer should know although the call is accepted.
    private(set) var warnings: [Verdict] = []
    /// Whether something has come into being that comes due.
    var scheduleChanged = false

    /// What a call comes to.
    enum Answer {
        /// The content of the envelope.
        case success(JSON)
        /// The content of the envelope, under `result` where older pages have it.
        case named(AppsInTossEnvelope.SuccessName, JSON)
        /// Refused, but what it changed is kept. Every other refusal is thrown and undoes everything.
        case refusedButKept(Refused)
    }

    init(
        call: Call, row: CallRow, fields: Fields, user: CallingUser, access: Access, environment: SandboxEnvironment, memory: SandboxMemory,
        mayWrite: Bool
    ) {
        self.call = call
        self.row = row
        self.fields = fields
        self.user = user
        self.memory = memory
        self.mayWrite = mayWrite
        self.environment = environment
        app = access.app
        settings = access.settings
        now = access.now
        records = access.records
    }

    var random: any RandomSource { environment.random }

    func warn(_ verdict: Verdict) { warnings.append(verdict) }

    /// Counts this call at the limit of its user, 10 a minute for each call of that name unless the settings say otherwise.
    ///
    /// To be called once by a row that is begun as a write, before it changes anything: what was counted stays counted, also when the row refuses later.
    /// - Throws: ``Refused`` with 4095.
    func countAtUserLimit() throws(Refused) {
        let perMinute = settings[LimitSettings.userPerMinute]
        guard let perMinute, let name = user.limitName else { return }
        let rule = LimitRule(perMinute: perMinute, model: .slidingMinute, block: .zero)
        let key = LimitBook.Key(tenant: app.tenant, app: app.name, scope: "\(row.api.name) \(name)")
        let now = now
        guard case .refused(let refusal) = memory.limits.withLock({ $0.callArrived(key, rule, at: now) }) else { return }
        throw LimitVerdicts.user(refusal, row.api.name, perMinute, settings)
    }
}

/// Whom a call names in its header fields.
enum CallingUser: Sendable {
    case nobody
    /// By `x-toss-user-key`.
    case user(TossUser)
    /// By `x-anon-key`.
    case anonymous(AnonymousUser)

    /// The user who has logged in.
    var known: TossUser? {
        if case .user(let user) = self { return user }
        return nil
    }

    /// A name that tells users of a mini-app apart, such as `user:443731104`: for rows that belong to a user, whichever way it was named.
    var limitName: String? {
        switch self {
        case .nobody: return nil
        case .user(let user): return "user:\(user.key)"
        case .anonymous(let user): return "anonymous:\(user.key)"
        }
    }

    /// Whether pushes do not reach them.
    var refusesPush: Bool {
        switch self {
        case .nobody: return false
        case .user(let user): return user.refusesPush
        case .anonymous(let user): return user.refusesPush
        }
    }
}
