import Base
import ProviderKit

extension VerificationCourse {
    /// Begins a check of a person.
    ///
    /// That a request is under way is kept before it is sent, by the id of its session. The session itself is not kept: it opens nothing that comes back. Without an answer the call is
    /// repeated only where the request says so, with a session of its own.
    ///
    /// - Throws: ``TossAuthError``. With the outcome `unknown` a check may have been begun; it expires by itself, and another request may be made.
    public func request(_ request: VerificationRequest, deadline: Duration) async throws(TossAuthError) -> StartedVerification {
        try request.check()
        let end = time.uptime + deadline
        var attempts = request.repeatsWhenUnanswered ? 2 : 1
        while true {
            do throws(TossAuthError) {
                return try await begin(request, until: end)
            } catch {
                attempts -= 1
                guard attempts > 0, error.outcome == .unknown, error.code != .cancelled, time.uptime < end else { throw error }
            }
        }
    }

    /// One request, repeated for its token only.
    private func begin(_ request: VerificationRequest, until end: Duration) async throws(TossAuthError) -> StartedVerification {
        let row = TossAuthRoutes.row(for: .request, olderPath: request.usesOlderPath)
        var isRepeat = false
        while true {
            let token = try await token(until: end)
            let (body, session) = try body(of: request)
            let pending = PendingRequest(
                id: session ?? RandomUUID.text(random), requestType: request.type, reference: request.reference, startedAt: time.now)
            do throws(RecordError) {
                try await store.keep(pending)
            } catch {
                throw TossAuthError(error)
            }
            let asked = time.now
            let answer: Answer
            do throws(TossAuthError) {
                answer = try await send(row, body, token: token, until: end)
            } catch {
                if error.outcome == .notSent { await forget(pending) }
                throw error
            }
            switch answer {
            case .success(let content, let reply):
                guard let txID = content["txId"]?.string.flatMap({ TransactionID($0) }) else { throw .open(row, reply: reply) }
                let state = await begun(
                    txID, type: request.type, reference: request.reference, usesOlderPath: request.usesOlderPath,
                    VerificationFacts(content),
                    asked: asked)
                await forget(pending)
                return StartedVerification(txID: txID, reply: reply, content: content, state: state)
            case .refusal(let refusal, let reply):
                if VerificationCourse.isOpen(refusal, reply) { throw .open(row, reply: reply, refusal: refusal) }
                await forget(pending)
                if !isRepeat, await isWorthRepeating(refusal, with: token, until: end) {
                    isRepeat = true
                    continue
                }
                throw .refused(refusal, reply: reply)
            case .unreadable(let reply): throw .open(row, reply: reply)
            }
        }
    }

    /// The body of the call, and the id of the session under which its fields are encrypted.
    private func body(of request: VerificationRequest) throws(TossAuthError) -> (body: JSON, session: String?) {
        var members = request.extras
        members["requestType"] = .string(request.type.rawValue)
        members["requestUrl"] = .string(request.returnTo)
        guard case .personal(let claim) = request.way else { return (.object(members), nil) }
        members["triggerType"] = .string(request.triggerType)
        do {
            let sealed = try RequestSession(for: key, random: random).seal(claim)
            for (name, value) in sealed.members { members[name] = .string(value) }
            return (.object(members), sealed.sessionKey.split(separator: "$").dropFirst().first.map { String($0) })
        } catch {
            throw .sealing(error)
        }
    }

    /// Enters a check that the provider has begun.
    func begun(
        _ txID: TransactionID, type: AuthRequestType?, reference: String?, usesOlderPath: Bool, _ facts: VerificationFacts, asked: Timestamp
    ) async -> VerificationState {
        var ledger = VerificationLedger(
            txID: txID, requestType: type, reference: reference, requestedAt: facts.requestedAt, asked: asked,
            received: time.now)
        ledger.usesOlderPath = usesOlderPath
        do throws(RecordError) {
            // A name that is known already keeps its reads.
            let kept = try await store.change(txID, orBegin: ledger) { [ledger] in $0.requestRepeated(by: ledger) }
            return state(by: kept ?? ledger)
        } catch {
            TossAuthError.record(error, in: log)
            return VerificationState(ledger, at: time.now)
        }
    }

    private func forget(_ pending: PendingRequest) async {
        do throws(RecordError) {
            try await store.forget(pending)
        } catch {
            TossAuthError.record(error, in: log)
        }
    }
}

extension TossAuthError {
    /// A session could not be made, or sealed nothing: nothing was sent.
    static func sealing(_ error: any Error) -> TossAuthError {
        TossAuthError(
            .misconfigured, outcome: .notSent,
            message: BilingualText(
                korean: "공개 키로 세션키를 암호화하지 못했습니다. 요청은 전송되지 않았습니다.",
                english: "no session key could be encrypted under the public key; the call was not sent"))
    }
}
