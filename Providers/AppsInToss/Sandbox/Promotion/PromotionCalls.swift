import AppsInToss
import Base
import Cryptography
import SandboxKit

extension CallContext {
    /// get-key.
    func promotionKey() throws -> JSON {
        if settings[PromotionSettings.keyNeedsUser], user.limitName == nil {
            throw CallVerdicts.noUser(takesAnonymous: true, hasAnonymous: false)
        }
        let key = PromotionKey(
            key: Base64.encode(random.bytes(32)), app: app.name, course: PromotionKeyCourse(issuedAt: now))
        try records.add(key)
        return ["key": .string(key.key)]
    }

    /// execute-promotion: charges the budget, once for each key.
    func executePromotion() throws -> Answer {
        try countAtUserLimit()
        let (code, text) = (try fields.required("promotionCode"), try fields.required("key"))
        let amount = try fields.requiredWhole("amount")
        guard amount > 0 else {
            throw FieldCheck.refused(
                "amount", BilingualText(korean: "1포인트 이상이어야 합니다.", english: "must be at least one point"), .number(amount))
        }
        var promotion = try ownPromotion(code)
        guard var key = try records.promotionKey(text) else { throw PromotionVerdicts.unknownKey(text) }
        guard key.app == app.name else { throw PromotionVerdicts.keyOfOtherApp(key) }
        let life = Duration.seconds(settings[PromotionSettings.keySeconds])
        switch key.course.obstacle(at: now, life: life) {
        case .keyUsed?: throw PromotionVerdicts.keyUsed(key, by: user)
        case _?: throw PromotionVerdicts.keyExpired(key, now, life)
        case nil: break
        }
        let name = user.limitName ?? ""
        let isOne = settings[PromotionSettings.personScope] == .promotion
        let received = try records.pointsReceived(by: name, of: app.name, promotion: isOne ? code : nil)
        let perPerson = settings[PromotionSettings.perPerson]
        if let obstacle = promotion.budget.obstacle(to: amount, received: received, perPerson: perPerson) {
            throw PromotionVerdicts.refused(obstacle, promotion, amount: amount, received: received, perPerson: perPerson)
        }
        if promotion.transient > 0 {
            promotion.transient -= 1
            try records.save(promotion)
            return .refusedButKept(PromotionVerdicts.notNow(promotion))
        }
        promotion.budget.granted(amount)
        key.isGivenBack = key.course.used(
            for: PromotionKeyCourse.Grant(
                promotion: code, user: name, amount: amount, at: now, outcome: settings[PromotionSettings.outcome],
                pendingPolls: settings[PromotionSettings.pendingPolls]))
        if key.isGivenBack { promotion.budget.gaveBack(amount) }
        try records.save(promotion)
        try records.save(key)
        return .success(["key": .string(key.key)])
    }

    /// execution-result: a bare text.
    func executionResult() throws -> JSON {
        let (code, text) = (try fields.required("promotionCode"), try fields.required("key"))
        var promotion = try ownPromotion(code)
        guard var key = try records.promotionKey(text) else { throw PromotionVerdicts.unknownKey(text) }
        guard key.app == app.name else { throw PromotionVerdicts.keyOfOtherApp(key) }
        guard let grant = key.course.grant else { throw PromotionVerdicts.keyNotUsed(key) }
        guard grant.promotion == code, grant.user == user.limitName else {
            throw PromotionVerdicts.otherGrant(isUser: grant.promotion == code)
        }
        // A question that changes how many are left to be answered with PENDING.
        if grant.pendingPolls > 0, !mayWrite { throw NeedsWriting() }
        guard let asked = key.course.resultAsked() else { throw PromotionVerdicts.keyNotUsed(key) }
        if grant.pendingPolls > 0 {
            if asked.givesBack {
                key.isGivenBack = true
                promotion.budget.gaveBack(grant.amount)
                try records.save(promotion)
            }
            try records.save(key)
        }
        return .string(asked.result.rawValue)
    }

    private func ownPromotion(_ code: String) throws -> Promotion {
        guard let promotion = try records.promotion(code, of: app.name) else {
            throw PromotionVerdicts.unknown(isOther: try records.isPromotionOfOtherApp(code, than: app.name), app.name)
        }
        return promotion
    }
}
