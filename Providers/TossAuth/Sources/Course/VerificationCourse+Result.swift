import Base
import Cryptography
import ProviderKit
import Transport

extension VerificationCourse {
    /// The result of a check.
    ///
    /// One that is kept is handed over again, without a read. Otherwise the provider is asked, once: the session is kept before the call is sent, and the opened result before it is
    /// returned. Calls for one check at one time share one read.
    ///
    /// - Parameters:
    ///   - fresh: Whether to spend a read on purpose although a result is kept.
    ///   - olderPath: Whether to read at the older path without `/id`; nothing for the one at which the check was begun.
    ///   - deadline: How long to wait. A read that has been sent goes on, and its result is handed over to the next call.
    /// - Throws: ``TossAuthError``. Outcome `unknown` and `unverified`: one of the two reads may be gone.
    public func result(
        of txID: TransactionID, fresh: Bool = false, olderPath: Bool? = nil, deadline: Duration
    ) async throws(TossAuthError) -> VerificationResult {
        let end = time.uptime + deadline
        let olderPath = await usesOlderPath(txID, olderPath)
        while true {
            if !fresh, let result = try await keptResult(of: txID, until: end) { return result }
            let left = left(until: end)
            guard left > .zero else { throw .tooLate }
            switch await reads.value(txID, deadline: left, { [self] in await read(txID, fresh: fresh, olderPath: olderPath, until: end) }) {
            case .done(.success(let result), isOwn: true): return result
            case .done(.failure(let error), isOwn: true): throw error
            case .done(.success(let result), isOwn: false):
                // Somebody else's read. A caller who wants one of its own on purpose begins it now.
                if fresh { continue }
                return VerificationResult(repeating: result)
            case .done(.failure(let error), isOwn: false):
                // One that did not leave because somebody else's time was over says nothing to who has time left.
                if error.code == .deadlinePassed, error.outcome == .notSent, self.left(until: end) > .zero { continue }
                // Never another read by machine: those who waited learn what the one who read learnt, unless an earlier result is kept.
                if !fresh, let result = try await keptResult(of: txID, until: end) { return result }
                throw error
            case .deadlinePassed: throw .readGoesOn(isKept: options.keepResult > .zero)
            case .cancelled: throw .waitCancelled
            }
        }
    }

    /// The kept result; nothing when none is.
    private func keptResult(of txID: TransactionID, until end: Duration) async throws(TossAuthError) -> VerificationResult? {
        let entry = try await stored(txID)
        guard let entry, let result = entry.result, result.until > time.now else { return nil }
        return await handOver(result, entry.ledger, isRepeated: true, until: end)
    }

    private func stored(_ txID: TransactionID) async throws(TossAuthError) -> VerificationRecords.Entry? {
        do throws(RecordError) {
            return try await store.entry(txID)
        } catch {
            throw TossAuthError(error)
        }
    }

    /// One read, repeated for its token only; runs alone for its check, and in a task that nobody cancels.
    private func read(
        _ txID: TransactionID, fresh: Bool, olderPath: Bool, until end: Duration
    ) async -> Result<VerificationResult, TossAuthError> {
        let row = TossAuthRoutes.row(for: .result, olderPath: olderPath)
        do throws(TossAuthError) {
            // Another read may have ended between the look and this moment.
            if !fresh, let result = try await keptResult(of: txID, until: end) { return .success(result) }
            try await refuseHopelessRead(of: txID)
            var isRepeat = false
            while true {
                let token = try await token(until: end)
                let session: ResultSession
                do { session = try ResultSession(for: key, random: random) } catch { throw .sealing(error) }
                let read = try await start(txID, session.kept())
                switch await attempt(row, read, of: txID, session, token: token, until: end) {
                case .success(let result): return .success(result)
                case .failure(let error):
                    if !isRepeat, error.code == .refused, let refusal = error.refusal,
                        await isWorthRepeating(refusal, with: token, until: end)
                    {
                        isRepeat = true
                        continue
                    }
                    return .failure(error)
                }
            }
        } catch {
            return .failure(error)
        }
    }

    /// A read that has been entered into the ledger.
    struct StartedRead: Sendable {
        var number: Int
        /// The ledger with it: what is known even if nothing can be recorded any more.
        var ledger: VerificationLedger

        /// The ledger after the success of this read, where that cannot be recorded.
        func succeeded(_ facts: VerificationFacts, at received: Timestamp) -> VerificationLedger {
            var ledger = ledger
            ledger.readSucceeded(number, facts, at: received, keptUntil: nil)
            return ledger
        }
    }

    /// Refuses a read that the provider would refuse, without so much as a token for it.
    func refuseHopelessRead(of txID: TransactionID) async throws(TossAuthError) {
        let now = time.now
        guard let ledger = try await stored(txID)?.ledger, case .refuse(let obstacle) = ledger.decision(at: now) else { return }
        throw .noRead(obstacle, VerificationState(ledger, at: now))
    }

    /// Enters a read into the ledger, with its session where that is ours, before anything is sent. To be called within the one read of the check.
    func start(_ txID: TransactionID, _ session: Secret?) async throws(TossAuthError) -> StartedRead {
        let now = time.now
        var outcome: Result<Int, TossAuthError> = .failure(.noRead(.readsUsedUp, nil))
        do throws(RecordError) {
            let ledger = try await store.change(txID, orBegin: VerificationLedger(foreign: txID, at: now)) { ledger in
                // No read of this check is under way in this process: one that was begun and has not ended was cut off.
                ledger.wasInterrupted()
                switch ledger.decision(at: now) {
                case .refuse(let obstacle): outcome = .failure(.noRead(obstacle, VerificationState(ledger, at: now)))
                case .send: outcome = .success(ledger.readStarted(session: session, at: now))
                }
            }
            if case .success(let number) = outcome, let ledger { return StartedRead(number: number, ledger: ledger) }
        } catch {
            throw TossAuthError(error)
        }
        _ = try outcome.get()
        throw .noRead(.readsUsedUp, nil)
    }

    /// Sends a read that has been entered, and enters its end.
    private func attempt(
        _ row: TossAuthAPI, _ read: StartedRead, of txID: TransactionID, _ session: consuming ResultSession, token: HeldToken,
        until end: Duration
    ) async -> Result<VerificationResult, TossAuthError> {
        let number = read.number
        let body: JSON = ["txId": .string(txID.text), "sessionKey": .string(session.sessionKey)]
        let answer: Answer
        do throws(TossAuthError) {
            // Once it is sent, it has all the time that a read may take, whenever the caller's own deadline ends.
            answer = try await send(
                row, body, token: token, until: end,
                timeouts: HTTPTimeouts(
                    connect: options.connectTimeout, firstByte: options.readTimeout,
                    total: options.connectTimeout + options.readTimeout + .seconds(5)))
        } catch {
            return await fail(error, txID) { error.outcome == .notSent ? $0.readNotSent(number) : $0.readLost(number) }
        }
        switch answer {
        case .success(let content, _):
            let person: PersonalData
            do {
                person = try session.open(content["personalData"] ?? .null)
            } catch {
                return await fail(.foreignFields, txID) { $0.readUnverified(number) }
            }
            if let doubt = VerificationCourse.doubt(content, of: txID) ?? doubt(person) {
                return await fail(doubt, txID) { $0.readUnverified(number) }
            }
            return .success(await keep(content, person, read, of: txID, until: end))
        case .refusal(let refusal, let reply):
            if VerificationCourse.isOpen(refusal, reply) {
                return await fail(.open(row, reply: reply, refusal: refusal), txID) { $0.readLost(number) }
            }
            return await fail(.refused(refusal, reply: reply), txID) { $0.readRefused(number, refusal.code) }
        case .unreadable(let reply): return await fail(.open(row, reply: reply), txID) { $0.readLost(number) }
        }
    }

    /// Why a result cannot be believed, whoever can open it; nothing when it can.
    static func doubt(_ content: JSON, of txID: TransactionID) -> TossAuthError? {
        if let name = content["txId"], !name.isNull, name.string != txID.text {
            return .unverified(
                "결과의 txId가 요청한 것과 다릅니다. 결과를 전달하지 않았습니다.", "the result names another check than was asked for; nothing of it is delivered")
        }
        if let status = content["status"], !status.isNull, status.string != AuthStatus.completed.rawValue {
            return .unverified(
                "결과의 status가 COMPLETED가 아닙니다. 결과를 전달하지 않았습니다.", "the result's status is not COMPLETED; nothing of it is delivered")
        }
        return nil
    }

    /// Why a person cannot be believed although the result could be opened; nothing when it can. What was never encrypted proves nothing about whoever wrote it.
    private func doubt(_ person: PersonalData) -> TossAuthError? {
        if let member = person.implausibleMember {
            return .unverified(
                "결과의 \(member.rawValue) 값이 없거나 그 항목의 값일 수 없습니다. 결과를 전달하지 않았습니다.",
                "the result's \(member.rawValue) is missing, or cannot be what its name says; nothing of it is delivered")
        }
        guard person.isTestPersona != tokens.credentials.isTest else { return nil }
        return tokens.credentials.isTest
            ? .unverified(
                "테스트 자격 증명(test_)에 테스트 인물이 아닌 사람의 결과가 왔습니다. 결과를 전달하지 않았습니다.",
                "a result under test credentials is about somebody else than the test's made-up person; nothing of it is delivered")
            : .unverified(
                "운영 자격 증명에 테스트 인물의 결과가 왔습니다. 결과를 전달하지 않았습니다.",
                "a result under live credentials is about the test's made-up person; nothing of it is delivered")
    }

    /// Keeps an opened result, and then lets the ledger know.
    private func keep(
        _ content: JSON, _ person: PersonalData, _ read: StartedRead, of txID: TransactionID, until end: Duration
    ) async -> VerificationResult {
        let now = time.now
        let facts = VerificationFacts(content)
        var members = content.members ?? [:]
        members["personalData"] = person.clear()
        var ledger = read.succeeded(facts, at: now)
        let kept = KeptResult(
            read: read.number, content: Secret(JSON.object(members).bytes), openedAt: now,
            until: KeptResult.end(openedAt: now, deadline: ledger.localDeadline, atMost: options.keepResult),
            signature: SignatureCheck(authorities: options.signatureAuthorities).finding(
                facts.signature, of: txID, at: facts.completedAt ?? now))
        let keptUntil = kept.until > now ? kept.until : nil
        do throws(RecordError) {
            let known = try await store.keep(kept, of: txID) { ledger in
                ledger.readSucceeded(read.number, facts, at: now, keptUntil: keptUntil)
            }
            // Where the check was forgotten meanwhile, nothing is kept.
            if let known { ledger = known }
        } catch {
            // The person's answer is here and a read is spent: it is handed over although it could not be kept. The read counts as one of unknown outcome.
            TossAuthError.record(error, in: log)
        }
        return await handOver(kept, ledger, isRepeated: false, until: end)
    }

    /// The longest that a result which is there already waits for what the provider says about the signer's certificate.
    private static let longestValidation = Duration.seconds(3)

    /// Completes a result with what the provider says about the signer's certificate, where that is wanted and not known yet. The person's data does not wait for it beyond a moment: what is
    /// not told now is asked again when the result is handed over once more.
    private func handOver(
        _ result: KeptResult, _ ledger: VerificationLedger, isRepeated: Bool, until end: Duration
    ) async -> VerificationResult {
        var result = result
        let limit = min(left(until: end) - .seconds(1), VerificationCourse.longestValidation)
        if options.validatesCertificates, result.certificate == nil, limit > .zero,
            let pem = SignatureCheck.signerCertificate(result.facts.signature),
            let finding = try? await validateCertificate(pem: pem, deadline: limit)
        {
            result.certificate = finding
            try? await store.replace(result, of: ledger.txID)
        }
        return VerificationResult(result, state: VerificationState(ledger, at: time.now), isRepeated: isRepeated)
    }

    /// Enters the end of a read that brought nothing.
    func fail<Success>(
        _ error: TossAuthError, _ txID: TransactionID, _ body: (inout VerificationLedger) -> Void
    ) async -> Result<Success, TossAuthError> {
        var error = error
        do throws(RecordError) {
            error.state = try await store.change(txID, orBegin: nil, body).map { VerificationState($0, at: time.now) }
        } catch {
            TossAuthError.record(error, in: log)
        }
        return .failure(error)
    }
}

extension VerificationResult {
    /// The same for another caller.
    init(repeating result: VerificationResult) { self.init(result, isRepeated: true) }
}

extension TossAuthError {
    static let foreignFields = TossAuthError.unverified(
        "결과의 암호화된 값이 이 조회의 세션에 속하지 않거나 손상되었습니다. 결과를 전달하지 않았고, 조회 2회 가운데 1회가 차감되었을 수 있습니다.",
        "the result's encrypted values do not belong to the session of this read, or are damaged; nothing of it is delivered, and one of the two reads may be gone"
    )

    /// The caller's deadline passed before the read's end.
    ///
    /// - Parameter isKept: Whether what the read brings is kept for another call.
    static func readGoesOn(isKept: Bool) -> TossAuthError {
        TossAuthError(
            .deadlinePassed, outcome: .unknown,
            message: isKept
                ? BilingualText(
                    korean: "제한 시간이 지났지만 결과 조회는 계속됩니다. 다시 부르면 조회 횟수를 더 쓰지 않고 결과를 받을 수 있습니다.",
                    english:
                        "the deadline passed while the result is being read; the read goes on, and another call gets what it brings without a further read"
                )
                : BilingualText(
                    korean:
                        "제한 시간이 지났지만 결과 조회는 계속됩니다. 결과를 보관하지 않는 설정(keepResult)이라, 조회가 끝나기 전에 다시 불러야 그 결과를 받습니다. 그 뒤의 호출은 남은 조회 1회를 씁니다.",
                    english:
                        "the deadline passed while the result is being read; the read goes on, but nothing is kept (keepResult): only a call that comes before its end gets what it brings, and a later one spends another read"
                ))
    }
}
