import Base
import Testing

@testable import AppsInTossSandbox

@Suite("Apps in Toss sandbox: rules of promotions and messages") struct SandboxPromotionRulesTests {
    private static let start = Timestamp(unixSeconds: 1_767_225_600)
    private static let life = Duration.seconds(3600)

    private static func budget(_ state: PromotionState = .running, left: Int64 = 10_000, money: Int64? = nil) -> PromotionBudget {
        PromotionBudget(state: state, budget: 100_000, spent: 100_000 - left, perGrant: 3000, money: money)
    }

    @Test("Each state of a promotion refuses with its own code, before any amount is looked at", arguments: PromotionState.allCases)
    func states(_ state: PromotionState) {
        let codes: [String: String] = ["UNAPPROVED": "4108", "APPROVED": "4109", "STOPPED": "4104", "ENDED": "4105"]
        let obstacle = Self.budget(state).obstacle(to: 1, received: 0, perPerson: 5000)
        #expect(obstacle?.rawValue == codes[state.rawValue])
        if state != .running {
            #expect(Self.budget(state, left: 0, money: 0).obstacle(to: 9000, received: 5000, perPerson: 5000) == obstacle)
        }
    }

    @Test("Amounts at the edges: per grant, per person, budget, money")
    func amounts() {
        func code(_ amount: Int64, _ received: Int64 = 0, left: Int64 = 10_000, money: Int64? = nil) -> String? {
            Self.budget(left: left, money: money).obstacle(to: amount, received: received, perPerson: 5000)?.rawValue
        }
        #expect(code(3000) == nil && code(3001) == "4114")
        #expect(code(3000, 2000) == nil && code(3000, 2001) == "4114" && code(1, 5000) == "4114")
        #expect(code(3000, left: 3000) == nil && code(3000, left: 2999) == "4116" && code(1, left: 0) == "4109")
        #expect(code(3000, money: 3000) == nil && code(3000, money: 2999) == "4112")
    }

    @Test("What was granted is gone from budget and money, and a failed grant brings both back")
    func spending() {
        var budget = Self.budget(left: 5000, money: 4000)
        budget.granted(3000)
        #expect(budget.spent == 98_000 && budget.money == 1000)
        budget.gaveBack(3000)
        #expect(budget == Self.budget(left: 5000, money: 4000))
    }

    @Test("A key lives one hour, is used once, and a used one says so for ever")
    func keys() {
        var key = PromotionKeyCourse(issuedAt: Self.start)
        #expect(key.obstacle(at: Self.start + .seconds(3600) - .nanoseconds(1), life: Self.life) == nil)
        #expect(key.obstacle(at: Self.start + .seconds(3600), life: Self.life) == .noRecord)
        #expect(key.resultAsked() == nil)
        let grant = PromotionKeyCourse.Grant(
            promotion: "P", user: "1", amount: 10, at: Self.start, outcome: .success, pendingPolls: 0)
        let comesBackAtOnce = key.used(for: grant)
        #expect(!comesBackAtOnce)
        #expect(key.obstacle(at: Self.start, life: Self.life) == .keyUsed)
        #expect(key.obstacle(at: Self.start + .seconds(90_000), life: Self.life) == .keyUsed)
        for _ in 0..<3 {
            let asked = key.resultAsked()
            #expect(asked?.result == .success && asked?.givesBack == false)
        }
    }

    @Test("PENDING for as many polls as wanted; the points of a failed grant come back exactly once", arguments: [Int64(0), 1, 3])
    func polls(_ count: Int64) {
        for outcome in PromotionKeyCourse.Outcome.allCases {
            var key = PromotionKeyCourse(issuedAt: Self.start)
            var givenBack = 0
            let grant = PromotionKeyCourse.Grant(
                promotion: "P", user: "1", amount: 10, at: Self.start, outcome: outcome, pendingPolls: count)
            if key.used(for: grant) { givenBack += 1 }
            var answers: [String] = []
            for _ in 0..<(count + 3) {
                guard let asked = key.resultAsked() else { continue }
                answers.append(asked.result.rawValue)
                if asked.givesBack { givenBack += 1 }
            }
            #expect(answers == Array(repeating: "PENDING", count: Int(count)) + Array(repeating: outcome.rawValue, count: 3))
            #expect(givenBack == (outcome == .failed ? 1 : 0))
        }
    }

    @Test("Who gets a message by which way: unknown, unwilling and untested users fail, each with its word")
    func deliveries() {
        let template = MessageTemplate(
            code: "T", app: "a", variables: ["product", "price"], isApproved: true, channels: MessageChannel.allCases)
        func reasons(_ recipient: MessageRecipient, isTest: Bool = false) -> [String?] {
            template.outcomes(for: recipient, isTest: isTest).map { $0.reason?.rawValue }
        }
        let willing = MessageRecipient(isKnown: true, refusesPush: false, takesTests: true)
        #expect(reasons(willing) == [nil, nil, nil, nil, nil])
        #expect(reasons(.init(isKnown: true, refusesPush: true, takesTests: true)) == ["PUSH_NOT_AGREED", nil, nil, nil, nil])
        #expect(reasons(.init(isKnown: false, refusesPush: false, takesTests: true)) == Array(repeating: "USER_NOT_FOUND", count: 5))
        let untested = MessageRecipient(isKnown: true, refusesPush: false, takesTests: false)
        #expect(reasons(untested) == [nil, nil, nil, nil, nil])
        #expect(reasons(untested, isTest: true) == Array(repeating: "NOT_AGREED_TEST", count: 5))
        #expect(template.missing(among: ["product"]) == ["price"])
        #expect(template.unknown(among: ["product", "userName", "colour"]) == ["colour"])
        let names = ["sentPush", "sentInbox", "sentSms", "sentAlimtalk", "sentFriendtalk"]
        #expect(MessageChannel.allCases.map(\.listName) == names && MessageChannel.push.countName == "sentPushCount")
    }
}
