import Base
import Cryptography
import ProviderKit

/// The chapter "Promotion" (프로모션, 토스 포인트 지급).
///
/// ``grant(_:)`` does all of it safely; the three calls behind it are there for applications that keep the key themselves.
public struct AppsInTossPromotions: Sendable {
    let client: AppsInTossClient

    /// A grant of points to a user.
    public struct Grant: Sendable, Equatable {
        /// The application's own name for this grant, unique and the same whenever it is tried again, such as `welcome-443731104`.
        public var reference: String
        /// The promotion; codes for tests begin with `TEST_`.
        public var promotionCode: String
        /// How many points; one person may get 5,000 altogether.
        public var points: Int64
        /// Who gets them.
        public var user: AppsInTossUser

        /// A grant.
        public init(reference: String, promotionCode: String, points: Int64, user: AppsInTossUser) {
            self.reference = reference
            self.promotionCode = promotionCode
            self.points = points
            self.user = user
        }

        var recordName: String { "promotion-" + Hexadecimal.encode(Digest.sha256.hash(Array(reference.utf8))) }

        var purpose: String {
            Hexadecimal.encode(Digest.sha256.hash(Array("\(promotionCode)\u{0}\(points)\u{0}\(user.identity)".utf8)))
        }

        func check() throws(AppsInTossError) {
            guard !reference.isEmpty, !promotionCode.isEmpty else {
                throw .invalid("reference와 promotionCode가 필요합니다.", "reference and promotionCode are needed")
            }
            guard (1...AppsInTossLimits.promotionPointsPerPerson).contains(points) else {
                throw .invalid("포인트는 1~5,000이어야 합니다.", "the points must be 1 to 5,000")
            }
        }
    }

    /// Gets a key for one grant. It can be used once, within an hour.
    public func key(for user: AppsInTossUser) async throws(AppsInTossError) -> PromotionKey {
        let answer = try await client.call("get-key", user: user)
        guard let key = answer.content.text("key"), !key.isEmpty else { throw answer.unreadable }
        return PromotionKey(key)
    }

    /// Grants points. Keep the key before; after an unknown outcome, and after 4113, ask ``result(_:key:for:)``, and never for another key.
    public func execute(
        _ promotionCode: String, key: PromotionKey, points: Int64, for user: AppsInTossUser
    ) async throws(AppsInTossError) {
        _ = try await client.call(
            "execute-promotion", user: user,
            ["promotionCode": .string(promotionCode), "key": key.json, "amount": .number(points)])
    }

    /// What became of a grant.
    public func result(
        _ promotionCode: String, key: PromotionKey, for user: AppsInTossUser
    ) async throws(AppsInTossError) -> PromotionOutcome {
        let answer = try await client.call(
            "execution-result", user: user, ["promotionCode": .string(promotionCode), "key": key.json])
        guard let word = answer.content.string, !word.isEmpty else { throw answer.unreadable }
        return PromotionOutcome(rawValue: word)
    }

    /// Grants points at most once, however often it is called with the same reference.
    ///
    /// The key is kept (in the client's records) before anything is executed. After an unknown outcome, and when a grant of this reference was begun before, execution-result
    /// is asked instead of executing again; 4110 is repeated up to 3 times with the same key; and never is another key asked for, whatever happened. A grant is for one
    /// process at a time: records that several processes share do not lock.
    /// - Returns: ``PromotionOutcome/success``, ``PromotionOutcome/failed``, or ``PromotionOutcome/pending``: then call it again later.
    /// - Throws: ``AppsInTossError``; with the outcome `unknown` call it again later. With `promotionKeySpent` the key of an earlier attempt cannot be used any more and
    ///   nothing was granted with it: ``startOver(_:)`` allows another.
    public func grant(_ grant: Grant) async throws(AppsInTossError) -> PromotionOutcome {
        try grant.check()
        let name = grant.recordName
        guard client.grantsUnderWay.withLock({ $0.insert(name).inserted }) else {
            throw .invalid("같은 reference의 지급이 진행 중입니다.", "a grant of this reference is under way")
        }
        defer { client.grantsUnderWay.withLock { _ = $0.remove(name) } }
        var (record, isNew) = try await begin(grant, name)
        var plan = PromotionGrantPlan(phase: record.phase)
        var failure: AppsInTossError?
        var questions = 0
        var step = plan.next(after: .began(isNew: isNew))
        while true {
            let event: PromotionGrantRecord.Event
            switch step {
            case .execute(let isRepeat):
                if isRepeat { try await pause() }
                event = await executed(grant, record.key, &failure)
            case .ask:
                if questions > 0 { try await pause() }
                questions += 1
                guard let answer = await asked(grant, record.key, &failure) else { throw failure ?? AppsInTossPromotions.unasked }
                event = answer
            case .finish(let outcome): return outcome
            case .later: return .pending
            case .fail: throw failure ?? AppsInTossPromotions.unasked
            case .spent: throw AppsInTossPromotions.spent(failure)
            }
            step = plan.next(after: event)
            guard plan.phase != record.phase else { continue }
            record.phase = plan.phase
            try await keep(record, name, isAfterwards: true)
        }
    }

    /// Allows another key for a grant whose key is spent: after ``PromotionOutcome/failed`` or `promotionKeySpent`, when the application has decided that the points shall be
    /// granted all the same.
    ///
    /// - Throws: ``AppsInTossError`` with `invalidRequest` for a grant that was made, or of which nobody knows that it was not.
    public func startOver(_ grant: Grant) async throws(AppsInTossError) {
        let name = grant.recordName
        guard !client.grantsUnderWay.withLock({ $0.contains(name) }), let record = try await record(name) else { return }
        guard record.phase == .failed || record.phase == .unknown else {
            throw .invalid(
                "지급되었거나 결과를 모르는 지급은 다시 시작할 수 없습니다. grant를 다시 불러 결과를 확인하세요.",
                "a grant that was made, or whose outcome is not known, cannot start over; call grant again to find out")
        }
        do throws(RecordError) {
            try await client.records.forget(name)
        } catch {
            throw AppsInTossError(error)
        }
    }
}

extension AppsInTossPromotions {
    private func begin(_ grant: Grant, _ name: String) async throws(AppsInTossError) -> (PromotionGrantRecord, isNew: Bool) {
        if let record = try await record(name) {
            guard record.purpose == grant.purpose else {
                throw .invalid(
                    "같은 reference로 다른 지급(프로모션, 사용자 또는 포인트)을 이미 시작했습니다.",
                    "another grant (promotion, user or points) was begun under this reference")
            }
            return (record, false)
        }
        let record = PromotionGrantRecord(key: try await key(for: grant.user), purpose: grant.purpose)
        try await keep(record, name, isAfterwards: false)
        return (record, true)
    }

    private func record(_ name: String) async throws(AppsInTossError) -> PromotionGrantRecord? {
        do throws(RecordError) {
            guard let bytes = try await client.records.record(name) else { return nil }
            if let record = PromotionGrantRecord(bytes) { return record }
        } catch {
            throw AppsInTossError(error)
        }
        throw AppsInTossError(
            .recordsUnavailable, outcome: .notSent,
            message: BilingualText(korean: "보관된 지급 기록을 읽을 수 없습니다.", english: "what was kept about this grant cannot be read"))
    }

    private func keep(_ record: PromotionGrantRecord, _ name: String, isAfterwards: Bool) async throws(AppsInTossError) {
        do throws(RecordError) {
            try await client.records.keep(name, record.bytes, until: nil)
        } catch {
            // What was found out can be found out again; a key that is not kept must not be used.
            if !isAfterwards { throw AppsInTossError(error) }
        }
    }

    private func executed(
        _ grant: Grant, _ key: PromotionKey, _ failure: inout AppsInTossError?
    ) async -> PromotionGrantRecord.Event {
        do throws(AppsInTossError) {
            try await execute(grant.promotionCode, key: key, points: grant.points, for: grant.user)
            failure = nil
            return .executed
        } catch {
            failure = error
            // The key has been used, or may have been: until somebody has asked, points may have been granted.
            if error.errorCode == .promotionKeyUsed || error.errorCode == .internalError { failure?.outcome = .unknown }
            // What never left changes nothing: the empty code is no reason to try anything else.
            return error.outcome == .unknown ? .lost : .refused(error.outcome == .refused ? error.errorCode ?? "" : "")
        }
    }

    /// The provider's answer to the enquiry; nothing when there was none, and then the first failure stands.
    private func asked(
        _ grant: Grant, _ key: PromotionKey, _ failure: inout AppsInTossError?
    ) async -> PromotionGrantRecord.Event? {
        do throws(AppsInTossError) {
            return .result(try await result(grant.promotionCode, key: key, for: grant.user))
        } catch {
            if failure == nil {
                failure = error
                // Only the question failed: the grant may have been made.
                failure?.outcome = .unknown
            }
            return error.outcome == .refused ? .resultRefused(error.errorCode ?? "") : nil
        }
    }

    private func pause() async throws(AppsInTossError) {
        do {
            try await client.options.time.sleep(for: AppsInTossLimits.promotionPollPause)
        } catch {
            throw AppsInTossPromotions.unasked
        }
    }

    private static let unasked = AppsInTossError(
        .outcomeOpen, outcome: .unknown,
        message: BilingualText(
            korean: "지급 결과를 확인하지 못했습니다. 나중에 같은 reference로 다시 부르세요.",
            english: "what became of the grant is not known; call it again later with the same reference"))

    private static func spent(_ failure: AppsInTossError?) -> AppsInTossError {
        AppsInTossError(
            .promotionKeySpent, outcome: .refused,
            message: BilingualText(
                korean: "이 지급의 키는 더 쓸 수 없고 이 키로 지급된 포인트는 없습니다. 다시 지급하려면 startOver를 부른 뒤 grant를 부르세요.",
                english:
                    "this grant's key cannot be used any more, and nothing was granted with it; to grant the points all the same, call startOver and then grant"
            ),
            refusal: failure?.refusal, status: failure?.status ?? 0)
    }
}
