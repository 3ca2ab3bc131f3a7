import Base
import Cryptography
import ProviderKit

/// Remembers every key that execute-promotion was sent with, before it is sent: after a crash, an application with a key in its hand can find out whether the gateway has used it.
///
/// The key itself is not kept, only its digest.
final class PromotionLedger: Sendable {
    /// One execution, as far as it is remembered.
    struct Execution: Sendable {
        /// The SHA-256 digest of the key in hexadecimal.
        let digest: String
        let promotionCode: String
        let amount: Int64?

        /// Reads the body of an execute-promotion; nothing when it has no key, which the provider will refuse.
        init?(_ body: [UInt8]) {
            guard let json = try? JSON(body), let key = json["key"]?.string, !key.isEmpty else { return nil }
            digest = PromotionLedger.digest(of: key)
            promotionCode = String((json["promotionCode"]?.string ?? "").prefix(100))
            amount = json.whole("amount")
        }
    }

    /// How long an execution is remembered. A key lives for an hour; whoever asks may come later (ours).
    static let memory = Duration.seconds(7 * 86_400)
    /// How many open executions are listed at most.
    static let longestList = 500
    private static let openPrefix = "promotion/open/"
    private static let endedPrefix = "promotion/ended/"

    private let records: any RecordKeeper
    private let time: any TimeSource

    init(records: any RecordKeeper, time: any TimeSource) {
        self.records = records
        self.time = time
    }

    static func digest(of key: String) -> String { Hexadecimal.encode(Digest.sha256.hash(Array(key.utf8))) }

    /// The execution is about to be sent.
    ///
    /// - Returns: Whether its key had been sent before.
    func begins(_ execution: Execution) async throws(RecordError) -> Bool {
        let before = try await found(execution.digest)
        let now = time.now
        var members: JSON.Members = [
            "promotionCode": .string(execution.promotionCode), "amount": execution.amount.map { .number($0) } ?? .null,
            "firstSentAt": before?["firstSentAt"] ?? .string(now.internetText), "lastSentAt": .string(now.internetText),
            "times": .number((before?.whole("times") ?? 0) + 1),
        ]
        members["keyDigest"] = .string(execution.digest)
        // A repeat does not undo what is known: its refusal says nothing about the sending before it.
        for name in ["result", "executionResult"] { members[name] = before?[name] }
        try await records.keep(
            PromotionLedger.openPrefix + execution.digest, JSON.object(members).bytes, until: now + PromotionLedger.memory)
        return before != nil
    }

    /// The execution was answered, or asked for: `success`, `fail`, `done` and `undone` end it, `unknown` does not.
    func ended(
        _ execution: Execution, _ result: String, _ code: AppsInTossErrorCode?, _ executionResult: PromotionOutcome?
    ) async throws(RecordError) {
        let name = PromotionLedger.openPrefix + execution.digest
        guard let bytes = try await records.record(name), let json = try? JSON(bytes), var members = json.members else { return }
        let result = PromotionLedger.standing(
            result, code, before: json["result"]?.string, isRepeat: (json.whole("times") ?? 1) > 1)
        members["result"] = .string(result)
        members["errorCode"] = code.map { .string($0.rawValue) }
        if let executionResult { members["executionResult"] = .string(executionResult.rawValue) }
        let end = time.now + PromotionLedger.memory
        guard result != "unknown" else { return try await records.keep(name, JSON.object(members).bytes, until: end) }
        try await records.keep(PromotionLedger.endedPrefix + execution.digest, JSON.object(members).bytes, until: end)
        try await records.forget(name)
    }

    /// What is known of a key after an answer: points that were granted stay granted, and a refusal settles nothing where the key was used already, or may have been by
    /// an earlier sending whose answer was lost.
    private static func standing(_ result: String, _ code: AppsInTossErrorCode?, before: String?, isRepeat: Bool) -> String {
        if let before, before == "success" || before == "done" { return before }
        guard result == "fail" else { return result }
        if code == .promotionKeyUsed { return "unknown" }
        return isRepeat && before != "fail" && before != "undone" ? "unknown" : result
    }

    /// What is remembered of a key; nothing when it was not sent.
    func found(_ digest: String) async throws(RecordError) -> JSON? {
        for prefix in [PromotionLedger.openPrefix, PromotionLedger.endedPrefix] {
            if let bytes = try await records.record(prefix + digest), let json = try? JSON(bytes) { return json }
        }
        return nil
    }

    /// The executions whose outcome is not known.
    func open() async throws(RecordError) -> [JSON] {
        var list: [JSON] = []
        for name in try await records.names(beginningWith: PromotionLedger.openPrefix).prefix(PromotionLedger.longestList) {
            if let bytes = try await records.record(name), let json = try? JSON(bytes) { list.append(json) }
        }
        return list
    }
}

/// The admission of an execute-promotion: once the limit lets it go, its key is written down, and only then it is sent.
final class RecordedAdmission: Admission {
    private let limit: any Admission
    private let ledger: PromotionLedger
    private let execution: PromotionLedger.Execution
    private let repeated = Locked(false)

    init(limit: any Admission, ledger: PromotionLedger, execution: PromotionLedger.Execution) {
        self.limit = limit
        self.ledger = ledger
        self.execution = execution
    }

    /// Whether the key had been sent before.
    var isRepeated: Bool { repeated.withLock { $0 } }

    func enter(deadline: Duration) async throws(CallFailure) {
        try await limit.enter(deadline: deadline)
        do throws(RecordError) {
            let isRepeated = try await ledger.begins(execution)
            repeated.withLock { $0 = isRepeated }
        } catch {
            limit.leave()
            throw .recordsFailed(error)
        }
    }

    func leave() { limit.leave() }
}

extension AppsInTossConnector {
    /// Notes what became of a promotion's execution.
    func promotionEnded(_ sent: SentCall, _ result: String, _ executionResult: PromotionOutcome?, _ code: AppsInTossErrorCode? = nil) async
    {
        guard let execution = sent.promotion else { return }
        do throws(RecordError) {
            try await promotions.ended(execution, result, code, executionResult)
        } catch {
            // The record of the sending stands; the execution merely stays open in it.
            environment.log.error("a promotion's result could not be kept", .word("connection", environment.connection))
        }
    }

    /// What is known of one key (`?key=`), or all executions whose outcome is open.
    func promotionPage(_ call: Call) async throws(CallFailure) -> Reply {
        let key = try AppsInTossConnector.key(call.query)
        do throws(RecordError) {
            guard let key else { return Reply(status: 200, json: ["open": .array(try await promotions.open())]) }
            let found = try await promotions.found(PromotionLedger.digest(of: key))
            return Reply(status: 200, json: ["sent": .boolean(found != nil), "execution": found ?? .null])
        } catch {
            throw .recordsFailed(error)
        }
    }

    private static func key(_ query: String?) throws(CallFailure) -> String? {
        guard let query, !query.isEmpty else { return nil }
        guard let pairs = FormText.decode(query.utf8), pairs.count == 1, pairs[0].name == "key", !pairs[0].value.isEmpty else {
            throw .promotionKeyMissing
        }
        // A plus that was not percent-encoded reads as a space, which no key holds.
        return String(pairs[0].value.map { $0 == " " ? "+" : $0 })
    }
}
