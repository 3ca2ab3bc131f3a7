import Base
import ProviderKit
import SandboxKit
import Sentbe
import Storage
import Transport

/// Takes one call in: finds out whose it is and which, opens its envelope, and hands it to the rules of its row.
///
/// The order of the checks: source address, `PARTNER-ID`, `KEY`, route, `SIGNATURE`, parameters; the ids and everything else are the row's.
struct Desk: Sendable {
    let call: Call
    let source: CallSource
    let environment: SandboxEnvironment
    let replays: Locked<ReplayMemory>
    private let kind: Kind

    private enum Kind: Sendable {
        case separate(any SeparateFront)
        case known(CallRow, path: [String: String])
        case unknown
    }

    init(call: Call, source: CallSource, environment: SandboxEnvironment, replays: Locked<ReplayMemory>) {
        var call = call
        // HEAD is GET without the body, which the server leaves out by itself.
        if call.method == .head { call.method = .get }
        self.call = call
        self.source = source
        self.environment = environment
        self.replays = replays
        if let front = SandboxParts.all.compactMap(\.front).first(where: { $0.owns(call) }) {
            kind = .separate(front)
        } else if let (row, parameters) = CallTable.all.match(call.method, call.path) {
            kind = .known(row, path: parameters)
        } else {
            kind = .unknown
        }
    }

    /// The call's name as the request log shows it; nothing when there is no such call.
    var routeName: String? {
        switch kind {
        case .separate(let front): return front.routeName(of: call)
        case .known(let row, _): return row.route.name
        case .unknown: return nil
        }
    }

    /// Whether the call changes something for certain.
    var needsWriting: Bool {
        switch kind {
        case .separate(let front): return front.needsWriting(call)
        case .known(let row, _): return row.route.effect != .reads
        case .unknown: return false
        }
    }

    /// Whether the call is for a page that a browser reaches from another site.
    var isPage: Bool {
        if case .separate(let front) = kind { return front.isPage(call) }
        return false
    }

    /// Whose credentials the call carries, right or wrong; nothing when they name nobody.
    func tenant(_ connection: Connection) throws -> TenantID? {
        if case .separate(let front) = kind { return try front.tenant(of: call, connection) }
        guard let id = call.fields[SentbeHeaders.partnerID] else { return nil }
        return try Partner.find(id, connection)?.tenant
    }

    /// Judges the call.
    ///
    /// - Throws: ``Rejection`` when it is refused, ``NeedsWriting`` when it cannot be judged by reading alone.
    func judge(_ connection: Connection, mayWrite: Bool) throws -> Finished {
        if case .separate(let front) = kind { return try front.judge(self, connection, mayWrite: mayWrite) }
        let trace = Trace(route: routeName)
        do {
            let access = try access(trace, connection)
            guard case .known(let row, let path) = kind else { throw Refused(.notSupported, unknownCall) }
            let isSettled = try settleFirst(access, mayWrite: mayWrite)
            let envelope = row.isEncrypted ? try openedEnvelope(access, trace) : nil
            let members = envelope?.parameters ?? [:]
            let parameters = try row.check(members, call, access.settings, hasSignature: envelope != nil)
            let context = CallContext(
                call: call, row: row, path: path, parameters: parameters, access: access, environment: environment, mayWrite: mayWrite)
            context.scheduleChanged = isSettled
            for warning in try warnings(row, access, parameters) { trace.warn(warning) }
            let answer = try row.handle(context)
            for warning in context.warnings { trace.warn(warning) }
            rememberEnvelope(trace)
            return finished(answer, context, trace)
        } catch let refused as Refused {
            rememberEnvelope(trace)
            throw Rejection(judgement: trace.judgement(refused))
        }
    }

    /// Only now that the call has its answer: one that began as a read and begins again as a write must not meet its own envelope as a replay.
    private func rememberEnvelope(_ trace: Trace) {
        guard let envelope = trace.envelope, let tenant = trace.tenant else { return }
        replays.withLock { $0.callAnswered(envelope, of: tenant) }
    }

    /// What time has changed is seen by every call, even when nobody has settled it yet. Returns whether anything had come due.
    private func settleFirst(_ access: Access, mayWrite: Bool) throws -> Bool {
        let due = Due(records: access.records, settings: access.settings, random: environment.random)
        guard try due.isAnything(by: access.now) else { return false }
        guard mayWrite else { throw NeedsWriting() }
        try due.run(until: access.now)
        return true
    }

    private func finished(_ answer: CallContext.Answer, _ context: CallContext, _ trace: Trace) -> Finished {
        let judgement =
            switch answer {
            case .data(let data): trace.judgement(data)
            case .refusedButKept(let refused): trace.judgement(refused)
            }
        return Finished(judgement: judgement, scheduleChanged: context.scheduleChanged)
    }
}

/// Whose call it is, once its credentials were accepted.
struct Access {
    var partner: Partner
    var settings: SandboxSettings
    var now: Timestamp
    var records: Records
}

/// A call that was accepted, or refused in a way that changed something: what it did is kept.
struct Finished {
    var judgement: Judgement
    /// Whether something has come into being that comes due.
    var scheduleChanged = false
    /// What is to be done with the network once the change is kept, before there is an answer; its judgement takes the place of the other.
    var errand: (@Sendable (SandboxEnvironment) async throws -> Judgement)?
}

/// A call that was refused: thrown, so that whatever it had changed is undone.
struct Rejection: Error {
    var judgement: Judgement
}

/// The call turned out to need a write although it was begun as a read.
struct NeedsWriting: Error {}
