import AppsInToss
import Base
import ProviderKit
import SandboxKit
import Storage
import Transport

/// One call at the front: lets it in by its certificate, counts it, and hands it to the rules of its row.
///
/// The order of the checks: certificate and mini-app, ordered faults, the limit, path and method, host, user, body, fields; everything else is the row's.
struct Desk: Sendable {
    let call: Call
    let source: CallSource
    let environment: SandboxEnvironment
    let memory: SandboxMemory
    let row: CallRow?
    /// What must happen once although a call that was begun as a read may begin again as a write.
    private let once = Locked(Once())

    private struct Once {
        var limit: LimitDecision?
        var wasFaultTaken = false
        var fault: ProviderFault?
    }

    init(call: Call, source: CallSource, environment: SandboxEnvironment, memory: SandboxMemory) {
        var call = call
        // HEAD is GET without the body, which the server leaves out by itself.
        if call.method == .head { call.method = .get }
        self.call = call
        self.source = source
        self.environment = environment
        self.memory = memory
        row = CallTable.all.match(call.method, call.path)
    }

    /// The call's name as the request log shows it; nothing when there is no such call.
    var routeName: String? { row?.api.name }

    /// Whether the call changes something for certain.
    var needsWriting: Bool { row?.writes ?? false }

    /// Judges the call.
    ///
    /// - Throws: ``Rejection`` when it is refused, ``NeedsWriting`` when it cannot be judged by reading alone.
    func judge(_ connection: Connection, mayWrite: Bool) throws -> Finished {
        let trace = Trace(route: routeName)
        trace.row = row
        do {
            let access = try access(trace, connection)
            let fault = takenFault(access)
            if let fault, fault.moment == .before { throw fault.refused }
            try countAtLimit(access)
            let row = try servedRow(access.settings)
            let isSettled = try settleFirst(access, mayWrite: mayWrite)
            let user = try user(row.api.user, access)
            let fields = try fields(row.api, trace)
            let context = CallContext(
                call: call, row: row, fields: fields, user: user, access: access, environment: environment, memory: memory,
                mayWrite: mayWrite)
            context.scheduleChanged = isSettled
            let answer = try row.handle(context)
            for warning in context.warnings { trace.warn(warning) }
            return finished(answer, fault, context, trace)
        } catch let refused as Refused {
            throw Rejection(judgement: trace.judgement(refused))
        }
    }

    private func finished(_ answer: CallContext.Answer, _ fault: ProviderFault?, _ context: CallContext, _ trace: Trace) -> Finished {
        if let fault {
            return Finished(judgement: trace.judgement(fault.refused), scheduleChanged: context.scheduleChanged)
        }
        let judgement =
            switch answer {
            case .success(let content): trace.judgement(content, under: .success)
            case .named(let name, let content): trace.judgement(content, under: name)
            case .refusedButKept(let refused): trace.judgement(refused)
            }
        return Finished(judgement: judgement, scheduleChanged: context.scheduleChanged)
    }

    private func takenFault(_ access: Access) -> ProviderFault? {
        once.withLock { once in
            if !once.wasFaultTaken {
                once.wasFaultTaken = true
                once.fault = memory.faults.withLock { $0.take(access.app.tenant, app: access.app.name, route: routeName) }
            }
            return once.fault
        }
    }

    private func countAtLimit(_ access: Access) throws(Refused) {
        let (app, settings) = (access.app, access.settings)
        let isPay = row.map { $0.api.host == .pay } ?? (source.host == AppsInTossHosts.pay)
        let scope = settings[LimitSettings.scope] == .bothHosts ? "" : isPay ? AppsInTossHosts.pay : AppsInTossHosts.general
        let decision = once.withLock { once in
            if let known = once.limit { return known }
            let key = LimitBook.Key(tenant: app.tenant, app: app.name, scope: scope)
            let decided = memory.limits.withLock { $0.callArrived(key, settings.limitRule(app), at: access.now) }
            once.limit = decided
            return decided
        }
        if case .refused(let refusal) = decision { throw LimitVerdicts.miniApp(refusal, app, settings) }
    }

    /// What time has changed is seen by every call, even when nobody has settled it yet. Returns whether anything had come due.
    private func settleFirst(_ access: Access, mayWrite: Bool) throws -> Bool {
        let due = Due(records: access.records, settings: access.settings, random: environment.random)
        guard try due.isAnything(by: access.now) else { return false }
        guard mayWrite else { throw NeedsWriting() }
        try due.run(until: access.now)
        return true
    }

    // MARK: Path, user, body

    private func servedRow(_ settings: SandboxSettings) throws(Refused) -> CallRow {
        guard let row else {
            let methods = CallTable.all.methods(of: call.path).map(\.rawValue)
            guard methods.isEmpty else { throw CallVerdicts.wrongMethod(call, methods) }
            throw CallVerdicts.unknownPath(call)
        }
        let isProviderHost = [AppsInTossHosts.general, AppsInTossHosts.pay].contains(source.host)
        if isProviderHost, source.host != row.api.host.name, settings[CommonSettings.hostsApart] {
            throw CallVerdicts.wrongHost(row.api, asked: source.host)
        }
        return row
    }

    private func user(_ rule: AppsInTossAPI.User, _ access: Access) throws -> CallingUser {
        guard case .key(let isRequired, let takesAnonymous) = rule else { return .nobody }
        let key = call.fields[AppsInTossHeaders.userKey].flatMap { $0.isEmpty ? nil : $0 }
        let anonymous = call.fields[AppsInTossHeaders.anonymousKey].flatMap { $0.isEmpty ? nil : $0 }
        if key != nil, anonymous != nil { throw CallVerdicts.twoUsers }
        if let key {
            guard let number = JSON.integer(key), number > 0, String(number) == key else { throw CallVerdicts.userKeyForm(key) }
            if let user = try access.records.user(number, of: access.app.name) { return .user(user) }
            throw CallVerdicts.unknownUser(
                access, isOther: try access.records.isUserOfOtherApp(number, than: access.app.name), header: AppsInTossHeaders.userKey)
        }
        if let anonymous, takesAnonymous {
            if let user = try access.records.anonymousUser(anonymous, of: access.app.name) { return .anonymous(user) }
            throw CallVerdicts.unknownUser(access, isOther: false, header: AppsInTossHeaders.anonymousKey)
        }
        if isRequired { throw CallVerdicts.noUser(takesAnonymous: takesAnonymous, hasAnonymous: anonymous != nil) }
        return .nobody
    }

    private func fields(_ api: AppsInTossAPI, _ trace: Trace) throws(Refused) -> Fields {
        guard api.route.method == .post else { return Fields(members: [:]) }
        if !call.body.isEmpty, let type = call.fields["Content-Type"], !type.lowercased().hasPrefix("application/json") {
            trace.warn(CallVerdicts.contentType)
        }
        if call.body.isEmpty, !api.fields.contains(where: \.isRequired) { return Fields(members: [:]) }
        guard let members = (try? JSON(call.body))?.members else { throw CallVerdicts.noObject(isEmpty: call.body.isEmpty) }
        let complaints = FieldCheck.complaints(members, api.fields)
        guard complaints.isEmpty else { throw FieldCheck.refused(complaints) }
        let unknown = members.names.filter { api.field($0) == nil }
        if !unknown.isEmpty { trace.warn(CallVerdicts.unknownFields(unknown, api)) }
        return Fields(members: members)
    }
}

/// Whose call it is, once its certificate was accepted.
struct Access {
    var app: MiniApp
    var settings: SandboxSettings
    var now: Timestamp
    var records: Records
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
