public import Base
public import ProviderKit

/// What the provider answered to an application that encrypts by itself.
public struct PassedAnswer: Sendable {
    /// The answer as it came, its fields encrypted for the application's own session.
    public var reply: Reply
    /// How the check stands.
    public var state: VerificationState
}

/// For applications that make sessions of their own: their calls pass untouched, and the ledger counts all the same.
extension VerificationCourse {
    /// Begins a check with a body that the application has encrypted itself.
    ///
    /// - Parameters:
    ///   - body: The body, to be sent as it is.
    ///   - type: How the person is checked.
    ///   - reference: The application's own word for it; kept sealed, and never sent.
    ///   - olderPath: Whether the call goes to the older path without `/id`.
    ///   - deadline: How long this may take.
    public func passRequest(
        _ body: JSON, type: AuthRequestType, reference: String? = nil, olderPath: Bool = false, deadline: Duration
    ) async throws(TossAuthError) -> StartedVerification {
        let row = TossAuthRoutes.row(for: .request, olderPath: olderPath)
        let asked = time.now
        let (content, reply) = try await call(row, body, until: time.uptime + deadline)
        guard let txID = content["txId"]?.string.flatMap({ TransactionID($0) }) else { throw .open(row, reply: reply) }
        let state = await begun(
            txID, type: type, reference: reference, usesOlderPath: olderPath, VerificationFacts(content), asked: asked)
        return StartedVerification(txID: txID, reply: reply, content: content, state: state)
    }

    /// Reads a result under a session of the application's own. Nothing of it can be opened or kept here: an answer that is lost on the way to the application is lost, and the read with it.
    ///
    /// - Parameters:
    ///   - body: The body, to be sent as it is.
    ///   - olderPath: Whether to read at the older path without `/id`; nothing for the one at which the check was begun.
    /// - Throws: ``TossAuthError``, as ``result(of:fresh:olderPath:deadline:)`` does.
    public func passResult(
        of txID: TransactionID, _ body: JSON, olderPath: Bool? = nil, deadline: Duration
    ) async throws(TossAuthError) -> PassedAnswer {
        let end = time.uptime + deadline
        let row = TossAuthRoutes.row(for: .result, olderPath: await usesOlderPath(txID, olderPath))
        let answer = Locked<Result<PassedAnswer, TossAuthError>?>(nil)
        let hasBegun = Locked(false)
        while true {
            let left = left(until: end)
            guard left > .zero else { throw .tooLate }
            let turn = await reads.value(txID, deadline: left + .seconds(1)) { [self] in
                hasBegun.withLock { $0 = true }
                let passed = await pass(row, txID, body, until: end)
                answer.withLock { $0 = passed }
                return .failure(.readElsewhere)
            }
            switch turn {
            case .done(_, isOwn: true):
                guard let passed = answer.withLock({ $0 }) else { throw .tooLate }
                return try passed.get()
            case .done(_, isOwn: false): continue
            // Ours may have left by now, and then nobody can tell what became of it.
            case .deadlinePassed: throw hasBegun.withLock { $0 } ? .passedReadLost : .readElsewhere
            case .cancelled: throw .waitCancelled
            }
        }
    }

    private func pass(
        _ row: TossAuthAPI, _ txID: TransactionID, _ body: JSON, until end: Duration
    ) async -> Result<PassedAnswer, TossAuthError> {
        do throws(TossAuthError) {
            try await refuseHopelessRead(of: txID)
            var isRepeat = false
            while true {
                let token = try await token(until: end)
                let read = try await start(txID, nil)
                let number = read.number
                let answer: Answer
                do throws(TossAuthError) {
                    answer = try await send(row, body, token: token, until: end)
                } catch {
                    return await fail(error, txID) { error.outcome == .notSent ? $0.readNotSent(number) : $0.readLost(number) }
                }
                switch answer {
                case .success(let content, let reply):
                    if let doubt = VerificationCourse.doubt(content, of: txID) {
                        return await fail(doubt, txID) { $0.readUnverified(number) }
                    }
                    return .success(await passed(reply, VerificationFacts(content), read, txID))
                case .refusal(let refusal, let reply):
                    if VerificationCourse.isOpen(refusal, reply) {
                        return await fail(.open(row, reply: reply, refusal: refusal), txID) { $0.readLost(number) }
                    }
                    let refused: Result<PassedAnswer, TossAuthError> = await fail(.refused(refusal, reply: reply), txID) {
                        $0.readRefused(number, refusal.code)
                    }
                    guard !isRepeat, await isWorthRepeating(refusal, with: token, until: end) else { return refused }
                    isRepeat = true
                case .unreadable(let reply): return await fail(.open(row, reply: reply), txID) { $0.readLost(number) }
                }
            }
        } catch {
            return .failure(error)
        }
    }

    private func passed(_ reply: Reply, _ facts: VerificationFacts, _ read: StartedRead, _ txID: TransactionID) async -> PassedAnswer {
        let now = time.now
        var ledger = read.succeeded(facts, at: now)
        do throws(RecordError) {
            ledger =
                try await store.change(txID, orBegin: nil) { ledger in
                    ledger.readSucceeded(read.number, facts, at: now, keptUntil: nil)
                } ?? ledger
        } catch {
            // The read counts as one of unknown outcome; the answer itself is worth more.
            TossAuthError.record(error, in: log)
        }
        return PassedAnswer(reply: reply, state: VerificationState(ledger, at: now))
    }
}

extension TossAuthError {
    /// Somebody with a session of their own is reading the result; nobody else can open what comes.
    static let readElsewhere = TossAuthError(
        .readUnderWay, outcome: .notSent,
        message: BilingualText(
            korean: "같은 txId의 결과를 다른 호출이 조회하고 있어 보내지 않았습니다. 잠시 뒤 다시 시도하세요.",
            english: "another call is reading the result of this check; nothing was sent, try again in a moment"), retryAfter: .seconds(1))

    /// The time was over before it was known what became of a read under a session of the application's own.
    static let passedReadLost = TossAuthError(
        .deadlinePassed, outcome: .unknown,
        message: BilingualText(
            korean: "제한 시간 안에 결과 조회의 응답을 확인하지 못했습니다. 결과 조회 2회 가운데 1회가 차감되었을 수 있습니다.",
            english: "the deadline passed before it was known what became of the read; one of the two reads may be gone"))
}
