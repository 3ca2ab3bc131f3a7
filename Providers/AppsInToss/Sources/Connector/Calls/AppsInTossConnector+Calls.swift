import Base
public import ProviderKit
import Transport

/// What the connector wants to know again when the answer to a call comes, or does not come.
struct SentCall: Sendable {
    /// The call as the application made it, its path without the place's prefix.
    var call: Call
    /// Its row; nothing for a path that the table does not know.
    var api: AppsInTossAPI?
    /// Whether the answer's personal data is to be decrypted.
    var opensFields = false
    /// The promotion that it executes.
    var promotion: PromotionLedger.Execution?
}

extension AppsInTossConnector {
    /// Proofs are the connection's own; and an answer that comes compressed, in part, or not at all because it has not changed could not be read.
    private static let never = HTTPFieldNames([
        "proxy-authorization", "accept-encoding", "range", "if-range", "if-match", "if-none-match", "if-modified-since",
        "if-unmodified-since",
    ])

    /// Has the call go out with the mini-app's certificate as soon as the limit lets it.
    public func prepare(_ call: Call, deadline: Duration) async throws(CallFailure) -> PreparedCall {
        try prove(call)
        let api = AppsInTossRoutes.row(call.method == .head ? .get : call.method, call.path)
        let lane = try lane(call, api)
        var sent = SentCall(call: call, api: api)
        sent.opensFields = try opensFields(call, api)
        sent.call.fields.removeAll(AppsInTossConnector.never)
        try keepUserToken(&sent)
        completeBody(&sent)
        try admitUser(sent)
        var admission: any Admission = limiter.admission(lane)
        if api?.name == "execute-promotion", let execution = PromotionLedger.Execution(sent.call.body) {
            sent.promotion = execution
            admission = RecordedAdmission(limit: admission, ledger: promotions, execution: execution)
        }
        let place = configuration.place(of: host(of: sent))
        var outgoing = sent.call
        outgoing.path = place.pathPrefix + outgoing.path
        return PreparedCall(
            call: outgoing, origin: place.origin, context: sent, connectTimeout: configuration.connectTimeout,
            readTimeout: configuration.readTimeout, exchange: keeper.exchange, admission: admission)
    }

    private func host(of sent: SentCall) -> AppsInTossAPI.Host {
        sent.api?.host ?? (sent.call.path.hasPrefix(AppsInTossRoutes.prefix + "/pay/") ? .pay : .general)
    }

    /// Lets the end user's token pass to the calls that it is for, and no other credentials anywhere.
    private func keepUserToken(_ sent: inout SentCall) throws(CallFailure) {
        let values = sent.call.fields.values(AppsInTossHeaders.authorization)
        sent.call.fields.removeAll(AppsInTossHeaders.authorization)
        guard sent.api == nil || sent.api?.user == .bearer, let value = values.first else { return }
        guard values.count == 1, value.lowercased().hasPrefix("bearer ") else {
            throw .appsInTossRefused(
                "Authorization에는 사용자의 accessToken만 쓸 수 있습니다: Bearer <accessToken>. 호출자 인증은 Bujeol-Caller로 보내세요.",
                "Authorization takes the user's accessToken only: Bearer <accessToken>. A caller proves itself in Bujeol-Caller")
        }
        sent.call.fields.append(AppsInTossHeaders.authorization, value)
    }

    /// What a quick curl leaves out: the empty object of a call without members, and the type of a JSON text.
    private func completeBody(_ sent: inout SentCall) {
        guard sent.call.method == .post else { return }
        if sent.call.body.isEmpty, sent.api?.fields.isEmpty == true { sent.call.body = Array("{}".utf8) }
        let first = sent.call.body.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
        guard first == UInt8(ascii: "{") else { return }
        let type = sent.call.fields["Content-Type"]?.lowercased()
        guard type == nil || type?.hasPrefix("application/x-www-form-urlencoded") == true else { return }
        sent.call.fields["Content-Type"] = AppsInTossHeaders.contentType
    }

    /// Holds back what would be more than one user may get in a minute.
    ///
    /// Apps in Toss refuses that with the same code as too many calls of the whole mini-app; one user's eleventh call must not stop everybody's payments.
    private func admitUser(_ sent: SentCall) throws(CallFailure) {
        guard let name = sent.api?.name, AppsInTossLimits.isLimitedPerUser(name),
            let user = AppsInTossUser(naming: sent.call.fields)
        else { return }
        let now = time.uptime
        guard let wait = users.withLock({ $0.enter("\(name) \(user.identity)", at: now) }) else { return }
        throw .userLimitReached(retryAfter: wait)
    }

    private func lane(_ call: Call, _ api: AppsInTossAPI?) throws(CallFailure) -> Lane {
        guard let word = call.fields[CallFields.lane] else { return api?.urgency == .bulk ? .bulk : .person }
        guard let lane = Lane(rawValue: word) else {
            throw .appsInTossRefused("Bujeol-Lane은 person 또는 bulk여야 합니다.", "Bujeol-Lane must be person or bulk")
        }
        return lane
    }

    private func opensFields(_ call: Call, _ api: AppsInTossAPI?) throws(CallFailure) -> Bool {
        switch call.fields[CallFields.open] {
        case nil, "none"?, "false"?: return false
        case "fields"?, "true"?: break
        default: throw .appsInTossRefused("Bujeol-Open은 fields 또는 none이어야 합니다.", "Bujeol-Open must be fields or none")
        }
        guard api?.name == "login-me" else {
            throw .appsInTossRefused(
                "Bujeol-Open은 login-me에만 쓸 수 있습니다. 다른 응답에는 암호화된 필드가 없습니다.",
                "Bujeol-Open is for login-me only; no other answer holds encrypted fields")
        }
        guard configuration.cipher != nil else { throw .noPersonalDataKey }
        return true
    }

    // MARK: Answers

    /// Says in `Bujeol-Result` what the envelope says, whatever the HTTP status; after an answer that leaves the outcome open, asks what became of the call.
    public func accept(_ reply: Reply, to prepared: PreparedCall, deadline: Duration) async throws(CallFailure) -> Acceptance {
        guard let sent = prepared.context as? SentCall else { return .deliver(reply) }
        if sent.call.method == .head { return .deliver(reply) }
        var reply = reply
        let isRepeated = (prepared.admission as? RecordedAdmission)?.isRepeated == true
        if isRepeated { reply.fields.append(CallFields.repeated, "true") }
        switch AppsInTossEnvelope.read(reply.body) {
        case .success?:
            counters.result(sent.api?.name, .success)
            lastRefusal.withLock { $0 = nil }
            reply.fields.append(CallFields.result, ConnectorCounters.Result.success.rawValue)
            await promotionEnded(sent, "success", nil)
            if sent.opensFields { reply = try openFields(reply) }
            return .deliver(reply)
        case .refusal(let refusal)?:
            if AppsInTossConnector.isWord(refusal.code.rawValue) { reply.fields.append(CallFields.errorCode, refusal.code.rawValue) }
            heed(refusal, sent.api, sent.call)
            guard refusal.leavesOutcomeOpen else {
                counters.result(sent.api?.name, .fail)
                reply.fields.append(CallFields.result, ConnectorCounters.Result.fail.rawValue)
                await promotionEnded(sent, "fail", nil, refusal.code)
                // The key has been used: this call did nothing, but the one before it may have granted the points.
                guard sent.promotion != nil, refusal.code == .promotionKeyUsed else { return .deliver(reply) }
                return .deliver(await found(reply, sent))
            }
            return .deliver(await leftOpen(reply, sent))
        case nil: return .deliver(await leftOpen(reply, sent))
        }
    }

    /// Asks what became of a call that left and brought no answer.
    public func resolve(_ failure: CallFailure, of prepared: PreparedCall) async throws(CallFailure) -> Acceptance {
        guard let sent = prepared.context as? SentCall else { throw failure }
        counters.result(sent.api?.name, .unknown)
        throw await explain(failure, sent)
    }

    private func leftOpen(_ reply: Reply, _ sent: SentCall) async -> Reply {
        var reply = reply
        counters.result(sent.api?.name, .unknown)
        reply.fields.append(CallFields.result, ConnectorCounters.Result.unknown.rawValue)
        return await found(reply, sent)
    }

    /// Adds what the enquiry finds, where there is one.
    private func found(_ reply: Reply, _ sent: SentCall) async -> Reply {
        var reply = reply
        guard let finding = await enquire(sent) else {
            await promotionEnded(sent, "unknown", nil)
            return reply
        }
        reply.fields.append(CallFields.effect, finding.effect.rawValue)
        if let status = finding.payStatus, AppsInTossConnector.isWord(status.rawValue) {
            reply.fields.append(CallFields.payStatus, status.rawValue)
        }
        if let result = finding.executionResult, AppsInTossConnector.isWord(result.rawValue) {
            reply.fields.append(CallFields.executionResult, result.rawValue)
        }
        return reply
    }

    /// Acts on refusals that concern more than the one call.
    func heed(_ refusal: AppsInTossRefusal, _ api: AppsInTossAPI?, _ call: Call) {
        counters.refusal(refusal.code)
        if refusal.code == .limitExceeded {
            limiter.blocked(for: refusal.retryAfter ?? AppsInTossLimits.block)
        } else if AppsInTossConnector.concernsCertificate(refusal, api, call) {
            keeper.refusedByProvider()
            let isNews = lastRefusal.withLock { last in
                defer { last = refusal.code }
                return last == nil
            }
            if isNews {
                environment.log.error(
                    "the provider does not know the certificate", .word("connection", environment.connection),
                    .word("route", api?.name ?? "unknown"), .word("code", refusal.code.rawValue))
            }
        } else if refusal.resultType == .fail || refusal.isOAuth {
            // Whoever is told about a wrong member or a dead token has been recognised.
            lastRefusal.withLock { $0 = nil }
        }
    }

    /// Whether it is the certificate that was refused; an anonymous key that is not known is refused with the same code.
    private static func concernsCertificate(_ refusal: AppsInTossRefusal, _ api: AppsInTossAPI?, _ call: Call) -> Bool {
        guard refusal.resultType == .fail, refusal.code == .unauthenticated || refusal.code == .miniAppUnknown else { return false }
        return api?.user != .anonymousKey && !call.fields.contains(AppsInTossHeaders.anonymousKey)
    }

    /// Whether a text of the provider's is fit for a header field.
    private static func isWord(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F }
    }

    // MARK: Personal data

    /// Puts the plain texts into the places of the encrypted ones.
    private func openFields(_ reply: Reply) throws(CallFailure) -> Reply {
        guard let cipher = configuration.cipher, var members = (try? JSON(reply.body))?.members,
            let name = [AppsInTossEnvelope.SuccessName.success, .result].map(\.rawValue).first(where: { members[$0]?.members != nil }),
            var person = members[name]?.members
        else { throw .personalDataUnreadable }
        var opened: [String] = []
        for field in AppsInTossConnector.personalFields {
            guard let sealed = person[field]?.string else { continue }
            do throws(PersonalDataError) {
                person[field] = .string(try cipher.open(sealed).reveal())
                opened.append(field)
            } catch {
                environment.log.error(
                    "personal data does not open with the configured key", .word("connection", environment.connection))
                throw .personalDataUnreadable
            }
        }
        members[name] = .object(person)
        var reply = reply
        reply.body = JSON.object(members).bytes
        reply.fields[CallFields.opened] = opened.isEmpty ? "none" : opened.joined(separator: ", ")
        reply.fields["Cache-Control"] = "no-store"
        return reply
    }

    /// The members of login-me that come encrypted.
    static let personalFields = ["name", "phone", "birthday", "ci", "di", "gender", "nationality", "email"]
}
