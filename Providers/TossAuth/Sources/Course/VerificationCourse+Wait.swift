import Base
import ProviderKit

/// When a check was polled last, and what came of it: so that those who wait together poll together.
struct PollBook: Sendable {
    /// What a status call brought.
    typealias Answer = Result<VerificationProgress, TossAuthError>

    private struct Poll {
        var endedAt: Duration
        var answer: Answer
    }

    private let polls = Locked<[TransactionID: Poll]>([:])

    /// What a poll within the last second brought; nothing when there was none.
    func recent(_ txID: TransactionID, at uptime: Duration) -> Answer? {
        polls.withLock { polls in
            guard let poll = polls[txID], uptime - poll.endedAt < TossAuthLimits.statusPause else { return nil }
            return poll.answer
        }
    }

    func polled(_ txID: TransactionID, _ answer: Answer, at uptime: Duration) {
        polls.withLock { polls in
            if polls.count >= 1_000 { polls = polls.filter { uptime - $0.value.endedAt < TossAuthLimits.statusPause } }
            polls[txID] = Poll(endedAt: uptime, answer: answer)
        }
    }
}

extension VerificationCourse {
    /// The longest ``wait(for:atMost:deadline:)``.
    public static let longestWait = Duration.seconds(60)
    /// The pauses between the polls of one who waits; the last again and again.
    static let pollPauses: [Duration] = [.seconds(1), .seconds(1), .seconds(2), .seconds(2), .seconds(3), .seconds(5)]

    /// Asks the provider how far a check has come. Free, and as often as one likes, though once a second is enough.
    ///
    /// - Parameters:
    ///   - olderPath: Whether to ask at the older path without `/id`; nothing for the one at which the check was begun.
    ///   - deadline: How long this may take.
    public func status(
        of txID: TransactionID, olderPath: Bool? = nil, deadline: Duration
    ) async throws(TossAuthError) -> VerificationProgress {
        let row = TossAuthRoutes.row(for: .status, olderPath: await usesOlderPath(txID, olderPath))
        let asked = time.now
        let (content, reply) = try await call(row, ["txId": .string(txID.text)], until: time.uptime + deadline)
        guard let word = content["status"]?.string, content["txId"].map({ $0.isNull || $0.string == txID.text }) ?? true else {
            throw .open(row, reply: reply)
        }
        let status = AuthStatus(rawValue: word)
        let received = time.now
        let facts = VerificationFacts(content)
        let change: @Sendable (inout VerificationLedger) -> Void = { ledger in
            ledger.statusReported(status, requestedAt: facts.requestedAt, asked: asked, received: received)
        }
        var ledger = VerificationLedger(foreign: txID, at: received)
        do throws(RecordError) {
            ledger = try await store.change(txID, orBegin: ledger, change) ?? ledger
        } catch {
            TossAuthError.record(error, in: log)
            change(&ledger)
        }
        return VerificationProgress(status: status, reply: reply, state: state(by: ledger))
    }

    /// Which of the two spellings of the paths a check goes by.
    func usesOlderPath(_ txID: TransactionID, _ wanted: Bool?) async -> Bool {
        if let wanted { return wanted }
        return (try? await store.current(txID))?.usesOlderPath ?? false
    }

    /// Waits until a check has come further: until its status is another than the one known at the beginning, or the time is over. Returns at once for one that has come to its end;
    /// whether it is true that the provider does not know a check is asked once more.
    ///
    /// Asks after 0, 1, 2, 4, 6, 9, 14, … seconds. All who wait for one check share their polls, which are never less than a second apart.
    ///
    /// - Parameter longest: How long to wait; never longer than ``longestWait`` and `deadline`.
    /// - Throws: ``TossAuthError`` where the provider refuses, or could not be asked even once.
    public func wait(for txID: TransactionID, atMost longest: Duration, deadline: Duration) async throws(TossAuthError) -> VerificationState
    {
        let known = try await state(of: txID)
        let isAskedAgain = known?.ended == .requestNotFound
        if let known, !isAskedAgain, known.status?.isFinal == true || known.completedAt != nil || known.ended != nil { return known }
        let end = time.uptime + min(longest, deadline, VerificationCourse.longestWait)
        var latest = known
        var failure: TossAuthError?
        for step in 0... {
            switch try await poll(txID, until: end) {
            case .success(let progress)?:
                if isAskedAgain || progress.status != known?.status { return progress.state }
                latest = progress.state
                failure = nil
            case .failure(let error)?:
                guard error.outcome != .refused, error.code != .credentialsRefused else { throw error }
                failure = error
            case nil: break
            }
            let pause = VerificationCourse.pollPauses[min(step, VerificationCourse.pollPauses.count - 1)]
            let left = left(until: end)
            do { try await time.sleep(for: min(left, pause)) } catch { throw .waitCancelled }
            if left <= pause { break }
        }
        if let latest, failure == nil || known != nil { return latest }
        throw failure ?? .tooLate
    }

    /// One poll, shared by all who wait; nothing when the time was over before its answer came.
    private func poll(_ txID: TransactionID, until end: Duration) async throws(TossAuthError) -> PollBook.Answer? {
        if let answer = pollBook.recent(txID, at: time.uptime) { return answer }
        let end = await polls.value(txID, deadline: left(until: end)) { [self] in
            // Another may have ended between the look and this moment.
            if let answer = pollBook.recent(txID, at: time.uptime) { return answer }
            let answer: PollBook.Answer
            do throws(TossAuthError) {
                answer = .success(try await status(of: txID, deadline: options.connectTimeout + options.readTimeout))
            } catch {
                answer = .failure(error)
            }
            pollBook.polled(txID, answer, at: time.uptime)
            return answer
        }
        switch end {
        case .done(let answer, _): return answer
        case .deadlinePassed: return nil
        case .cancelled: throw .waitCancelled
        }
    }
}
