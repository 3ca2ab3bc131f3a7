import Base
import SandboxKit
import TossAuth

/// Why a transaction gives no result, in words.
enum TransactionVerdicts {
    static var approvedTooLate: Verdict {
        Verdict(
            warned: "approval.too-late", ko: "approve_after_seconds로 승인되기 전에 이 요청의 시간이 끝납니다. 저절로 승인되지 않습니다.",
            en: "the time of this request is over before approve_after_seconds has passed: it will not be approved by itself",
            fix: ("expireSeconds를 늘리거나 approve_after_seconds를 줄이세요.", "Ask for more expireSeconds, or set approve_after_seconds lower."))
    }

    static func unknown(isOthers: Bool) -> Refused {
        Refused(
            .requestUnknown,
            Verdict(
                isOthers ? "transaction.other-client" : "transaction.unknown",
                ko: isOthers ? "다른 client_id가 만든 txId입니다." : "이 테넌트에 없는 txId입니다.",
                en: isOthers ? "the txId is another client's" : "this tenant has no such txId",
                fix: (
                    "요청을 만든 것과 같은 client_id의 토큰을 쓰고, 요청 응답의 txId를 그대로 보내세요.",
                    "Use a token of the client that made the request, and send the txId of its reply as it is."
                )))
    }

    /// The refusal of a reading that is not given.
    static func refusal(_ reading: Transaction.Reading, _ transaction: Transaction, _ limits: Transaction.ReadLimits) -> Refused? {
        let facts: JSON.Members = [
            "txId": .string(transaction.id), "requested_at": .optional(transaction.requestedAt),
            "completed_at": .optional(transaction.completedAt), "reads": .number(transaction.reads),
        ]
        let again = ("요청부터 다시 시작하세요.", "Begin again with the request call.")
        switch reading {
        case .given: return nil
        case .notFinished:
            return Refused(
                .notFinished,
                Verdict(
                    transaction.deniedAt == nil ? "result.not-finished" : "result.denied",
                    ko: transaction.deniedAt == nil ? "사용자가 아직 인증을 마치지 않았습니다." : "사용자가 거절했습니다. 거절을 나타내는 상태는 없어 만료될 때까지 그대로입니다.",
                    en: transaction.deniedAt == nil
                        ? "the person has not finished" : "the person said no; there is no state for it, so it stays until it expires",
                    fix: (
                        "상태가 COMPLETED가 된 뒤에 조회하세요. 샌드박스에서는 POST /-/toss-auth/transactions/<txId>/approve로 승인합니다.",
                        "Ask when the status is COMPLETED; in the sandbox POST /-/toss-auth/transactions/<txId>/approve approves."
                    ), facts))
        case .expired:
            return Refused(
                .expired,
                Verdict(
                    "result.expired", ko: "사용자가 인증을 마치기 전에 유효시간이 지났습니다.", en: "its time was over before the person had finished",
                    fix: again, facts))
        case .usedUp:
            return Refused(
                .readsUsedUp,
                Verdict(
                    "result.used-up", ko: "결과는 성공 기준 \(limits.count)회까지만 조회할 수 있고 모두 썼습니다.",
                    en: "a result is given \(limits.count) times, and has been", fix: again, facts))
        case .tooLate:
            return Refused(
                .expired,
                Verdict(
                    "result.too-late", ko: "완료 후 \(limits.window.wholeSeconds)초가 지나 결과를 조회할 수 없습니다.",
                    en: "the result is given within \(limits.window.wholeSeconds) seconds of completion, which are over", fix: again, facts)
            )
        case .usedUpAndTooLate:
            return Refused(
                .bothLimits,
                Verdict(
                    "result.used-up-and-too-late", ko: "조회 횟수를 모두 썼고 조회할 수 있는 시간도 지났습니다.",
                    en: "the result has been given as often as allowed, and its time is over as well", fix: again, facts))
        }
    }
}
