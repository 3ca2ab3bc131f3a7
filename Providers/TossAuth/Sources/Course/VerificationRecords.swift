import Base
import ProviderKit

/// The records of the checks: a ledger each, the opened result beside it, and the requests under way. All of it is sealed by the keeper that is handed in.
///
/// The opened result is kept before the ledger says so; where the process ended between the two, the ledger learns of it when it is read.
struct VerificationRecords: Sendable {
    let records: any RecordKeeper
    private let turns = Turns<TransactionID>()

    /// What is kept of one check.
    struct Entry: Sendable {
        var ledger: VerificationLedger
        var result: KeptResult?
    }

    private static let requestPrefix = "request/"
    private static func ledgerName(_ txID: TransactionID) -> String { "check/\(txID.text)" }
    private static func resultName(_ txID: TransactionID) -> String { "result/\(txID.text)" }

    init(_ records: any RecordKeeper) { self.records = records }

    /// What is kept of a check; nothing when nothing is.
    func entry(_ txID: TransactionID) async throws(RecordError) -> Entry? {
        guard var ledger = try await ledger(txID) else { return nil }
        guard ledger.mayHaveResult, let result = try await result(txID) else { return Entry(ledger: ledger) }
        ledger.resultFound(ofRead: result.read, result.facts, openedAt: result.openedAt, until: result.until)
        return Entry(ledger: ledger, result: result)
    }

    /// The ledger as it stands; nothing when there is none.
    func current(_ txID: TransactionID) async throws(RecordError) -> VerificationLedger? { try await entry(txID)?.ledger }

    /// Changes a ledger while nobody else does, and keeps it where the change made a difference.
    ///
    /// - Parameters:
    ///   - fallback: The ledger to begin with where none is kept; nothing when the change is then pointless.
    /// - Returns: The ledger afterwards; nothing when there was none and no fallback.
    func change(
        _ txID: TransactionID, orBegin fallback: VerificationLedger?, _ body: (inout VerificationLedger) -> Void
    ) async throws(RecordError) -> VerificationLedger? {
        try await turns.take(txID) { () async throws(RecordError) -> VerificationLedger? in
            let before = try await entry(txID)?.ledger
            guard var ledger = before ?? fallback else { return nil }
            body(&ledger)
            if ledger != before { try await keep(ledger) }
            return ledger
        }
    }

    /// Keeps an opened result and tells the ledger; where the check was forgotten in the meantime, the ledger alone learns of it.
    ///
    /// - Returns: The ledger afterwards; nothing when there is none, and then nothing is kept.
    func keep(
        _ result: KeptResult, of txID: TransactionID, _ body: (inout VerificationLedger) -> Void
    ) async throws(RecordError) -> VerificationLedger? {
        try await turns.take(txID) { () async throws(RecordError) -> VerificationLedger? in
            guard var ledger = try await ledger(txID) else { return nil }
            if result.until > result.openedAt, !ledger.isForgotten(read: result.read) {
                let bytes = Secret(result.bytes)
                try await keep(VerificationRecords.resultName(txID), bytes, until: result.until)
            }
            body(&ledger)
            try await keep(ledger)
            return ledger
        }
    }

    /// Puts a result in the place of the one that is kept, where that is still the same read's.
    func replace(_ result: KeptResult, of txID: TransactionID) async throws(RecordError) {
        try await turns.take(txID) { () async throws(RecordError) in
            guard let kept = try await self.result(txID), kept.read == result.read else { return }
            try await keep(VerificationRecords.resultName(txID), Secret(result.bytes), until: result.until)
        }
    }

    /// Forgets the result of a check and whatever else is the person's, readable or not; what counts of the reads stays to the end of its day.
    ///
    /// - Returns: Whether there was anything to forget.
    func forget(_ txID: TransactionID, at now: Timestamp) async throws(RecordError) -> Bool {
        try await turns.take(txID) { () async throws(RecordError) -> Bool in
            let name = VerificationRecords.resultName(txID)
            let hadResult = try await records.names(beginningWith: name).contains(name)
            try await records.forget(name)
            var ledger: VerificationLedger
            do throws(RecordError) {
                guard let known = try await self.ledger(txID) else { return hadResult }
                ledger = known
            } catch {
                try await keep(VerificationLedger(uncounted: txID, at: now))
                return true
            }
            let before = ledger
            ledger.personForgotten()
            guard ledger.hasCount else {
                try await records.forget(VerificationRecords.ledgerName(txID))
                return true
            }
            if ledger != before { try await keep(ledger) }
            return hadResult || ledger != before
        }
    }

    // MARK: Requests under way

    func keep(_ request: PendingRequest) async throws(RecordError) {
        try await records.keep(VerificationRecords.requestPrefix + request.id, request.bytes, until: request.startedAt + .seconds(86_400))
    }

    func forget(_ request: PendingRequest) async throws(RecordError) {
        try await records.forget(VerificationRecords.requestPrefix + request.id)
    }

    func requests() async throws(RecordError) -> [PendingRequest] {
        var requests: [PendingRequest] = []
        for name in try await records.names(beginningWith: VerificationRecords.requestPrefix) {
            // One whose answer has come in the meantime is gone by now.
            guard let bytes = try await records.record(name) else { continue }
            guard let request = PendingRequest(id: String(name.dropFirst(VerificationRecords.requestPrefix.count)), bytes) else {
                throw VerificationRecords.damaged(name)
            }
            requests.append(request)
        }
        return requests.sorted { ($0.startedAt, $0.id) < ($1.startedAt, $1.id) }
    }

    // MARK: One by one

    private func ledger(_ txID: TransactionID) async throws(RecordError) -> VerificationLedger? {
        let name = VerificationRecords.ledgerName(txID)
        guard let bytes = try await records.record(name) else { return nil }
        guard let json = try? JSON(bytes), let ledger = VerificationLedger(json), ledger.txID == txID else {
            throw VerificationRecords.damaged(name)
        }
        return ledger
    }

    private func result(_ txID: TransactionID) async throws(RecordError) -> KeptResult? {
        let name = VerificationRecords.resultName(txID)
        guard let bytes = try await records.record(name) else { return nil }
        guard let result = KeptResult(bytes) else { throw VerificationRecords.damaged(name) }
        return result
    }

    private func keep(_ ledger: VerificationLedger) async throws(RecordError) {
        try await keep(VerificationRecords.ledgerName(ledger.txID), Secret(ledger.json.bytes), until: ledger.end)
    }

    private func keep(_ name: String, _ bytes: Secret, until end: Timestamp) async throws(RecordError) {
        try await records.keep(name, bytes.withBytes { $0 }, until: end)
    }

    private static func damaged(_ name: String) -> RecordError {
        RecordError(
            BilingualText(
                korean: "보관된 기록 \"\(name)\"의 내용을 읽을 수 없습니다. 기록은 그대로 남아 있습니다.",
                english: "what is kept as \"\(name)\" cannot be read; it is left as it is"))
    }
}
