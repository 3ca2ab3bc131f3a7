import AppsInToss
import Base
import SandboxKit

/// Why a call of promotion is refused, in words.
enum PromotionVerdicts {
    static func unknown(isOther: Bool, _ app: String) -> Refused {
        Refused(
            .promotionNotFound,
            Verdict(
                isOther ? "promotion.other-app" : "promotion.unknown",
                ko: isOther ? "다른 미니앱의 프로모션입니다. 미니앱 \(app)에는 없습니다." : "미니앱 \(app)에 없는 promotionCode입니다.",
                en: isOther
                    ? "the promotion is another mini-app's; \(app) has none of that code" : "the mini-app \(app) has no such promotionCode",
                fix: (
                    "GET /-/apps-in-toss/promotions 로 확인하고 POST로 만드세요. 시험 코드는 TEST_로 시작합니다.",
                    "GET /-/apps-in-toss/promotions lists them and POST makes one; test codes begin with TEST_."
                )))
    }

    // MARK: Keys

    static func unknownKey(_ key: String) -> Refused {
        Refused(
            .promotionNoRecord,
            Verdict(
                "promotion.key-unknown", ko: "이 샌드박스가 준 적이 없는 key입니다.", en: "the sandbox has given out no such key",
                fix: (
                    "get-key가 준 key를 글자 하나도 바꾸지 말고 쓰세요(base64의 +, /, = 포함).",
                    "Use the key from get-key without changing a letter, the + / = of Base64 included."
                ), ["length": .number(key.utf8.count)]))
    }

    static func keyOfOtherApp(_ key: PromotionKey) -> Refused {
        Refused(
            .promotionNoRecord,
            Verdict(
                "promotion.key-other-app", ko: "다른 미니앱 \(key.app)이(가) 받은 key입니다.",
                en: "the key was given to the mini-app \(key.app)",
                fix: ("같은 미니앱의 인증서로 get-key부터 호출하세요.", "Call get-key with the same mini-app's certificate.")))
    }

    static func keyExpired(_ key: PromotionKey, _ now: Timestamp, _ life: Duration) -> Refused {
        Refused(
            .promotionNoRecord,
            Verdict(
                "promotion.key-expired", ko: "key의 수명(\(life.wholeSeconds)초)이 지났습니다. 받은 지 \((now - key.course.issuedAt).wholeSeconds)초입니다.",
                en: "the key was given out \((now - key.course.issuedAt).wholeSeconds) s ago and lives \(life.wholeSeconds) s",
                fix: ("쓰지 않은 key이므로 새로 받아도 두 번 지급되지 않습니다.", "It was never used, so that a new key does not grant twice."),
                ["age_seconds": .number((now - key.course.issuedAt).wholeSeconds)]))
    }

    static func keyUsed(_ key: PromotionKey, by user: CallingUser) -> Refused {
        let isSame = key.course.grant?.user == user.limitName
        var details: JSON.Members = ["same_user": .boolean(isSame)]
        if let grant = key.course.grant {
            details["granted_at"] = .optional(grant.at)
            details["promotion"] = .string(grant.promotion)
            details["amount"] = .number(grant.amount)
        }
        return Refused(
            .promotionKeyUsed,
            Verdict(
                "promotion.key-used", ko: "이미 쓴 key입니다. 예산은 한 번만 차감되었습니다.", en: "the key was used before; the budget was charged once",
                fix: (
                    "새 key를 받아 다시 보내면 두 번 지급됩니다. 같은 key로 execution-result를 확인하세요.",
                    "A new key would grant twice: ask execution-result with this one."
                ), details))
    }

    static func keyNotUsed(_ key: PromotionKey) -> Refused {
        Refused(
            .promotionNoRecord,
            Verdict(
                "promotion.key-not-used", ko: "이 key로 지급한 적이 없습니다.", en: "nothing was granted with this key",
                fix: (
                    "execute-promotion이 도착하지 않은 것이므로 같은 key로 다시 보내도 됩니다.",
                    "The execute-promotion has not arrived; it may be sent again with the same key."
                ), ["issued_at": .optional(key.course.issuedAt)]))
    }

    static func otherGrant(isUser: Bool) -> Refused {
        Refused(
            .promotionNoRecord,
            Verdict(
                isUser ? "promotion.other-user" : "promotion.other-code",
                ko: isUser ? "이 key는 다른 사용자에게 지급하는 데 썼습니다." : "이 key는 다른 promotionCode로 지급하는 데 썼습니다.",
                en: isUser ? "the key was used to grant to another user" : "the key was used to grant with another promotionCode",
                fix: (
                    "execute-promotion과 같은 사용자 헤더, promotionCode, key로 조회하세요.",
                    "Ask with the user header, promotionCode and key of the execute-promotion."
                )))
    }

    // MARK: State, amount, budget

    static func notNow(_ promotion: Promotion) -> Refused {
        Refused(
            .promotionTransient,
            Verdict(
                "promotion.transient", ko: "일시적으로 지급할 수 없게 해 두었습니다(transient). 남은 횟수는 \(promotion.transient)입니다.",
                en: "the promotion's transient is set: grants fail for now, \(promotion.transient) more times",
                fix: (
                    "key는 쓰이지 않았습니다. 같은 key로 두세 번까지 다시 보내세요. 새 key를 받지 마세요.",
                    "The key was not used: send it again with the same key two or three times, never with a new one."
                ), ["left": .number(promotion.transient)]))
    }

    static func refused(_ obstacle: PromotionObstacle, _ promotion: Promotion, amount: Int64, received: Int64, perPerson: Int64) -> Refused
    {
        let budget = promotion.budget
        let left = budget.budget - budget.spent
        let isPerson = obstacle == .aboveGrant && amount <= budget.perGrant
        let (rule, reason, fix) = words(obstacle, promotion, isPerson: isPerson, received: received, perPerson: perPerson)
        return Refused(
            AppsInTossErrorCode(rawValue: obstacle.rawValue),
            Verdict(
                rule: "promotion.\(rule)", reason: reason, remedy: fix,
                details: [
                    "state": .string(budget.state.rawValue), "amount": .number(amount), "budget_left": .number(left),
                    "per_grant": .number(budget.perGrant), "received": .number(received), "per_person": .number(perPerson),
                    "money": .optional(budget.money),
                ]))
    }

    private static func words(
        _ obstacle: PromotionObstacle, _ promotion: Promotion, isPerson: Bool, received: Int64, perPerson: Int64
    ) -> (String, BilingualText, BilingualText) {
        let path = "/-/apps-in-toss/promotions/\(promotion.code)"
        let budget = promotion.budget
        let left = budget.budget - budget.spent
        switch obstacle {
        case .stopped, .ended, .notApproved:
            let state = budget.state.rawValue
            return (
                "state", BilingualText(korean: "프로모션이 \(state) 상태입니다.", english: "the promotion is in \(state)"),
                BilingualText(
                    korean: "PUT \(path) {\"state\":\"RUNNING\"}으로 바꿀 수 있습니다. 실제로는 콘솔에서 합니다.",
                    english: "PUT \(path) {\"state\":\"RUNNING\"} changes it; in reality the console does.")
            )
        case .notRunning where budget.state == .running:
            return (
                "budget-used-up", BilingualText(korean: "예산을 모두 썼습니다.", english: "the budget is used up"),
                BilingualText(korean: "PUT \(path) {\"budget\":…}으로 늘리세요.", english: "Raise it with PUT \(path) {\"budget\":…}.")
            )
        case .notRunning, .notFound, .notNow, .noRecord, .keyUsed:
            return (
                "not-running", BilingualText(korean: "승인되었지만 아직 시작하지 않은 프로모션입니다.", english: "the promotion is approved and has not begun"),
                BilingualText(
                    korean: "POST \(path)/start 로 시작하세요. TEST_ 코드로 한 번 성공해야 시작할 수 있습니다.",
                    english: "Begin it with POST \(path)/start, after one successful grant with its TEST_ code.")
            )
        case .aboveGrant where isPerson:
            return (
                "person-limit",
                BilingualText(
                    korean: "한 사람에게 모두 \(perPerson)포인트까지입니다. 이 사용자는 이미 \(received)포인트를 받았습니다.",
                    english: "one person may get \(perPerson) points in all; this one has had \(received)"),
                BilingualText(
                    korean: "지급 기록으로 사람별 한도를 지키세요. 한도는 설정 promotion_person_limit입니다.",
                    english: "Keep the limit by your own records; it is the setting promotion_person_limit.")
            )
        case .aboveGrant:
            return (
                "grant-limit",
                BilingualText(korean: "1회 지급 한도 \(budget.perGrant)포인트를 넘습니다.", english: "one grant may have \(budget.perGrant) points"),
                BilingualText(
                    korean: "금액을 줄이거나 PUT \(path) {\"per_grant\":…}으로 한도를 바꾸세요.", english: "Grant less, or PUT \(path) {\"per_grant\":…}.")
            )
        case .aboveBudget:
            return (
                "budget", BilingualText(korean: "남은 예산 \(left)포인트보다 큽니다.", english: "the budget has \(left) points left"),
                BilingualText(
                    korean: "금액을 줄이거나 PUT \(path) {\"budget\":…}으로 늘리세요.",
                    english: "Grant less, or raise it with PUT \(path) {\"budget\":…}.")
            )
        case .moneyShort:
            return (
                "money",
                BilingualText(korean: "프로모션 머니가 \(budget.money ?? 0)원뿐입니다.", english: "the promotion money is \(budget.money ?? 0)"),
                BilingualText(
                    korean: "PUT \(path) {\"money\":…}으로 채우세요. 실제로는 콘솔에서 충전합니다.",
                    english: "Fill it with PUT \(path) {\"money\":…}; in reality in the console.")
            )
        }
    }
}
