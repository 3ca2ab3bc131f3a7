import Base
import ProviderKit
import Transport

/// What the connector wants to know again when the answer to a call comes.
struct SentCall: Sendable {
    let api: WPayAPI
    let opensFields: Bool
    /// Of the merchant id that called.
    let seed: SeedCodec
    /// Where an approval of a wtid in the answer goes.
    let base: WPayBase
}

/// The same for an approval.
struct SentApprovalCall: Sendable {
    let sent: SentCall
    let approval: SentApproval
}

extension WPayConnector {
    static let resultField = "Bujeol-Result"
    static let openField = "Bujeol-Open"
    static let unopenedField = "Bujeol-Unopened"
    static let ticketField = "Bujeol-Ticket"
    static let netCancelField = "Bujeol-Net-Cancel"

    /// APIs that undo an approval.
    private static let netCancels = Set(WPayTables.all.compactMap { WPayTables.netCancel(of: $0)?.identifier })
    /// The one API besides the pages after whose answer a payment can be approved: the one-time code of custom sites.
    private static let oneTimeCode = "cst/apis/payreqauth/otc"

    func prepareCall(_ call: Call) throws(CallFailure) -> PreparedCall {
        let opensFields = try opensFields(call)
        guard let match = WPayTables.routes.match(call.method, call.path) else { throw .wpayUnknownCall }
        let site = match.parameters["site"]
        guard let api = WPayTables.api(call.method, call.path) else { throw .wpayUnknownCall }
        if api.isPage {
            throw .wpayPageCalled(api, "/start/" + (api.takesSite ? String(call.path.dropFirst()) : api.identifier))
        }
        var fields = try GivenFields(call)
        try fillMerchant(&fields, api)
        let keys = keys(of: fields.plain("mid"))
        let request = try build(api, fields, keys)
        let wtid = request.value("wtid")?.text ?? ""
        let isApproval = api.undoneBy != nil
        let isNetCancel = WPayConnector.netCancels.contains(api.identifier)
        let isKnown = isApproval && knows(wtid)
        let base = isApproval || isNetCancel ? try destination(api, wtid, call) : configuration.place.base(of: api.product)
        guard let signed = request.call(pathPrefix: base.pathPrefix, site: site) else { throw .wpaySite }
        let sent = SentCall(api: api, opensFields: opensFields, seed: keys.seed, base: base)
        var prepared = PreparedCall(
            call: signed, origin: base.origin, context: sent, connectTimeout: configuration.connectTimeout,
            readTimeout: configuration.readTimeout)
        if isApproval {
            switch ApprovalLease.take(wtid, from: ledger, time: time) {
            case .failure(let refusal): throw .wpayNotAgain(refusal.standing)
            case .success(let lease):
                let approval = SentApproval(
                    request: request, builder: WPayRequestBuilder(keys), base: base, site: site, isFirst: isKnown, lease: lease)
                prepared.context = SentApprovalCall(sent: sent, approval: approval)
            }
        } else if isNetCancel {
            let now = time.uptime
            ledger.withLock { $0.settle(wtid, as: .undone, now: now) }
        }
        return prepared
    }

    func accept(_ reply: Reply, _ sent: SentCall) throws(CallFailure) -> Reply {
        guard let answer = WPayAnswer(reply) else {
            guard sent.api.effect == .reads else { throw .wpayUnverified }
            var reply = reply
            reply.fields.append(WPayConnector.resultField, ResultWord.unreadable.rawValue)
            return reply
        }
        var delivered = deliver(reply, answer, sent)
        if sent.api.identifier == WPayConnector.oneTimeCode, answer.code.isSuccess, let wtid = answer.json["wtid"]?.string, !wtid.isEmpty {
            // Nothing but TLS vouches for this answer, and it names no place: its approval goes where it came from.
            let now = time.uptime
            memory.withLock { $0.note(wtid, .base(sent.base), now: now) }
            let claim = TicketOffice.Claim(wtid: wtid, oid: "", wpayDomain: "")
            delivered.fields.append(WPayConnector.ticketField, tickets.issue(claim, at: time.now))
        }
        return delivered
    }

    func accept(_ reply: Reply, _ call: SentApprovalCall) async throws(CallFailure) -> Reply {
        guard let answer = WPayAnswer(reply) else { throw await undo(call.approval, .wpayUnverified) }
        if answer.code.isSuccess {
            call.approval.lease.settle(as: .approved)
            return deliver(reply, answer, call.sent)
        }
        var delivered = deliver(reply, answer, call.sent)
        guard call.approval.isFirst else {
            counters.netCancel(.withheld)
            delivered.fields.append(WPayConnector.netCancelField, NetCancelWord.withheld.rawValue)
            return delivered
        }
        let outcome = await canceller.finish(call.approval, after: .approvalAnswered(answer.code))
        if case .refused(_, let report) = outcome {
            let word = NetCancelWord(report)
            counters.netCancel(word)
            delivered.fields.append(WPayConnector.netCancelField, word.rawValue)
        }
        return delivered
    }

    /// Sends net-cancels for an approval without a readable answer, and puts what became of them into `failure`.
    func undo(_ approval: SentApproval, _ failure: CallFailure) async -> CallFailure {
        let outcome = await canceller.finish(approval, after: .approvalLost)
        let report: ApprovalPlan.NetCancel
        switch outcome {
        case .undone(let net), .unknown(let net), .refused(_, let net): report = net
        case .approved, .notSent: return failure
        }
        let word = NetCancelWord(report)
        counters.netCancel(word)
        if word == .accepted {
            environment.log.warning(
                "an approval without an answer was net-cancelled", .word("connection", environment.connection),
                .word("route", approval.request.api.identifier), .count("attempts", report.attempts))
        } else {
            environment.log.error(
                "an approval has no answer and no net-cancel was confirmed: a person must look",
                .word("connection", environment.connection), .word("route", approval.request.api.identifier),
                .word("net-cancel", word.rawValue), .count("attempts", report.attempts))
        }
        return failure.withNetCancel(report, wtid: approval.lease.wtid)
    }

    private var canceller: NetCanceller {
        NetCanceller(exchange: environment.exchange, time: time, timeouts: timeouts)
    }

    private func deliver(_ reply: Reply, _ answer: WPayAnswer, _ sent: SentCall) -> Reply {
        var reply = reply
        reply.fields.append(WPayConnector.resultField, ResultWord(answer.code).rawValue)
        guard sent.opensFields else { return reply }
        var opening = ReplyOpening(seed: sent.seed)
        reply.body = opening.open(answer.json, sent.api.reply).bytes
        if !opening.unopened.isEmpty { reply.fields.append(WPayConnector.unopenedField, opening.unopened.joined(separator: ", ")) }
        return reply
    }

    private func opensFields(_ call: Call) throws(CallFailure) -> Bool {
        switch call.fields[WPayConnector.openField] {
        case nil: return configuration.opensFields
        case "fields"?: return true
        case "none"?: return false
        default:
            throw .wpayRefused("Bujeol-Open은 fields 또는 none이어야 합니다.", "Bujeol-Open must be fields or none")
        }
    }

    /// Whether this process has seen the callback of a wtid itself, and so every approval of it.
    private func knows(_ wtid: String) -> Bool {
        let now = time.uptime
        return memory.withLock { $0.knows(wtid, now: now) }
    }

    /// Where an approval or a net-cancel goes: to the place that the verified authentication named.
    private func destination(_ api: WPayAPI, _ wtid: String, _ call: Call) throws(CallFailure) -> WPayBase {
        let configured = configuration.place.base(of: api.product)
        // Callbacks of the old standard name no place.
        if api.product == .oldStandard { return configured }
        let now = time.uptime
        switch memory.withLock({ $0.destination(of: wtid, now: now) }) {
        case .base(let base)?: return base
        case .notAllowed?: throw .wpayDomainRefused
        case nil: break
        }
        guard let ticket = call.fields[WPayConnector.ticketField] else { throw .wpayUnproven }
        guard let claim = tickets.read(ticket, at: time.now), claim.wtid == wtid else { throw .wpayTicketRefused }
        guard !claim.wpayDomain.isEmpty else { return configured }
        guard let base = configuration.allowedHosts.base(of: claim.wpayDomain) else { throw .wpayDomainRefused }
        return base
    }

    /// Fills in the merchant ids, and refuses those of others.
    func fillMerchant(_ fields: inout GivenFields, _ api: WPayAPI) throws(CallFailure) {
        for name in ["mid", "nMid"] where api.requestField(name) != nil {
            if fields.has(name) {
                guard let given = fields.plain(name), given == configuration.mid || given == configuration.autoPayMid else {
                    throw .wpayMerchant(name)
                }
            } else if name == "mid" {
                let isCharge = api.product == .autoPay && api.name == "payreqappl"
                fields.set(name, isCharge ? configuration.autoPayMid ?? configuration.mid : configuration.mid)
            } else if let autoPayMid = configuration.autoPayMid {
                fields.set(name, autoPayMid)
            }
        }
    }

    func build(_ api: WPayAPI, _ fields: GivenFields, _ keys: WPayKeys) throws(CallFailure) -> WPayRequest {
        do throws(WPayRequestError) {
            return try WPayRequestBuilder(keys).build(api, fields.values)
        } catch {
            throw .wpayRequest(error)
        }
    }
}
