import AppsInToss
import Base
import ProviderKit
import SandboxKit
import Transport

extension ControlDesk {
    /// Promotions and their keys; nothing when the path is not one of them.
    func promotions(_ segments: [String]) throws -> Answer? {
        if segments == ["promotion-keys"] {
            try only(.get)
            let keys = try records.promotionKeys(of: try app().name, promotion: queried("promotionCode"), limit: try limit())
            return Answer(["promotion_keys": .array(keys.map(\.json))])
        }
        guard segments.first == "promotions" else { return nil }
        switch segments.count {
        case 1:
            try only(.get, .post)
            if call.method == .post { return try makePromotion() }
            return Answer(["promotions": .array(try records.promotions(of: try app().name).map(\.json))])
        case 2:
            try only(.get, .put)
            let wishes = call.method == .put ? try body(["app"] + Promotion.changeable) : [:]
            var promotion = try promotion(segments[1], wishes)
            if call.method == .put {
                try promotion.change(wishes)
                try records.save(promotion)
            }
            return Answer(promotion.json)
        case 3: return try movePromotion(segments[1], segments[2])
        default: return nil
        }
    }

    private func promotion(_ code: String, _ wishes: JSON.Members) throws -> Promotion {
        let app = try app(wishes)
        guard let promotion = try records.promotion(code, of: app.name) else {
            throw ControlDesk.missing("미니앱 \(app.name)에 없는 프로모션입니다.", "The mini-app \(app.name) has no such promotion.")
        }
        return promotion
    }

    /// Makes a promotion; for a real code also its test code, which runs at once.
    private func makePromotion() throws -> Answer {
        let wishes = try body(["app", "promotionCode"] + Promotion.changeable)
        let app = try app(wishes)
        let code = wishes["promotionCode"] ?? .string("01J" + Identifier.letters(23, environment.random).uppercased())
        guard let text = code.string, (1...100).contains(text.utf8.count), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2F })
        else {
            throw ControlDesk.wrong(
                "promotionCode는 공백과 /가 없는 ASCII 100자 이하여야 합니다.",
                "promotionCode must be at most 100 ASCII characters without spaces and slashes.")
        }
        guard try records.promotion(text, of: app.name) == nil else {
            throw ControlDesk.conflict("이미 있는 promotionCode입니다. PUT으로 바꾸세요.", "There is one already; change it with PUT.")
        }
        let isTest = text.hasPrefix(Promotion.testMark)
        var promotion = Promotion(
            code: text, app: app.name,
            budget: PromotionBudget(state: isTest ? .running : .approved, budget: 1_000_000, spent: 0, perGrant: 5000, money: nil),
            transient: 0,
            createdAt: now)
        var test = promotion
        try promotion.change(wishes)
        try records.save(promotion)
        if let testCode = promotion.testCode, try records.promotion(testCode, of: app.name) == nil {
            test.code = testCode
            test.budget.state = .running
            try records.save(test)
        }
        return Answer(promotion.json, status: 201)
    }

    private func movePromotion(_ code: String, _ move: String) throws -> Answer? {
        let moves: [String: (from: [PromotionState], to: PromotionState)] = [
            "approve": ([.unapproved], .approved), "start": ([.approved, .stopped], .running), "stop": ([.running], .stopped),
            "end": ([.approved, .running, .stopped], .ended),
        ]
        guard let (origins, target) = moves[move] else { return nil }
        try only(.post)
        var promotion = try promotion(code, try body(["app"]))
        guard origins.contains(promotion.budget.state) else {
            let list = origins.map(\.rawValue).joined(separator: ", ")
            throw ControlDesk.conflict(
                "\(list) 상태에서만 할 수 있습니다. 지금은 \(promotion.budget.state.rawValue)입니다.",
                "Only a promotion in \(list) allows it; this one is in \(promotion.budget.state.rawValue).")
        }
        if target == .running, settings[PromotionSettings.needsTest], let testCode = promotion.testCode,
            try !records.hasGranted(testCode, of: promotion.app)
        {
            throw ControlDesk.conflict(
                "시작하기 전에 시험 코드 \(testCode)로 한 번 지급에 성공해야 합니다(설정 promotion_needs_test).",
                "One grant with the test code \(testCode) must have succeeded before (setting promotion_needs_test).")
        }
        promotion.budget.state = target
        try records.save(promotion)
        return Answer(promotion.json)
    }
}

extension Promotion {
    /// What may be wished for when a promotion is made, and changed afterwards.
    static let changeable = ["state", "budget", "per_grant", "money", "transient"]

    /// Takes the wishes that are there; null as `money` is as much as needed.
    ///
    /// - Throws: ``ControlError`` that names the member.
    mutating func change(_ wishes: JSON.Members) throws(ControlError) {
        if let wanted = wishes["state"] {
            guard let state = wanted.string.flatMap(PromotionState.init) else {
                let list = PromotionState.allCases.map(\.rawValue).joined(separator: ", ")
                throw ControlDesk.wrong("state는 \(list) 가운데 하나여야 합니다.", "state must be one of \(list).")
            }
            budget.state = state
        }
        if let wanted = wishes["budget"] {
            budget.budget = try Promotion.points(wanted, "budget", from: budget.spent)
        }
        if let wanted = wishes["per_grant"] { budget.perGrant = try Promotion.points(wanted, "per_grant", from: 1) }
        if let wanted = wishes["money"] { budget.money = wanted.isNull ? nil : try Promotion.points(wanted, "money", from: 0) }
        if let wanted = wishes["transient"] { transient = try Promotion.points(wanted, "transient", from: 0) }
    }

    private static func points(_ json: JSON, _ name: String, from lowest: Int64) throws(ControlError) -> Int64 {
        guard let number = json.integer, (lowest...1_000_000_000_000).contains(number) else {
            throw ControlDesk.wrong(
                "\(name)은(는) \(lowest) 이상의 정수여야 합니다(이미 쓴 만큼보다 작을 수 없습니다).",
                "\(name) must be a whole number from \(lowest); a budget is never less than what was spent.")
        }
        return number
    }
}
