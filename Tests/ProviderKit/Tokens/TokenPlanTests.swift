import Base
import Testing

@testable import ProviderKit

/// Drives a plan by hand: `seconds` since the start by both clocks of this machine.
private struct PlanDriver {
    var plan: TokenPlan<String>
    static let start = Timestamp(unixSeconds: 1_767_225_600)
    static let life = 1800.0
    static let margin = 300.0

    init(refusedTokenIsDead: Bool = false) {
        var rules = TokenRules(provider: BilingualText(korean: "제공사", english: "the provider"))
        rules.refusedTokenIsDead = refusedTokenIsDead
        plan = TokenPlan(credentials: "key", rules: rules)
    }

    func moment(_ seconds: Double) -> TokenMoment {
        TokenMoment(civil: PlanDriver.start + .seconds(seconds), uptime: .seconds(seconds))
    }

    /// What is fetched at a moment of a token first issued at another.
    func token(_ text: String, issued: Double, at now: Double) -> FetchedToken {
        let end = issued + PlanDriver.life
        return FetchedToken(secret: Secret(text), life: .seconds(end - now), renewAfter: .seconds(end - now - PlanDriver.margin))
    }

    /// Wants a token and says in a word what the plan decided.
    mutating func want(_ seconds: Double) -> (word: String, fetch: TokenPlan<String>.Fetch?) {
        switch plan.tokenWanted(at: moment(seconds)) {
        case .use(let token): ("use \(token.secret.withText { $0 })", nil)
        case .useAndFetch(let token, let fetch): ("use \(token.secret.withText { $0 }) and fetch", fetch)
        case .fetch(let fetch): ("fetch", fetch)
        case .wait: ("wait", nil)
        case .fail(let failure): ("fail \(failure.code.rawValue)", nil)
        }
    }

    mutating func refused(_ generation: Int, _ seconds: Double) -> (word: String, fetch: TokenPlan<String>.Fetch?) {
        switch plan.tokenRefused(generation: generation, at: moment(seconds)) {
        case .proveAgain: ("again", nil)
        case .fetch(let fetch): ("fetch", fetch)
        case .wait: ("wait", nil)
        case .deliver: ("deliver", nil)
        }
    }

    mutating func succeed(_ fetch: TokenPlan<String>.Fetch?, _ text: String, issued: Double, at now: Double) throws -> String {
        let settlement = plan.fetchSucceeded(
            try #require(fetch), token(text, issued: issued, at: now), asked: moment(now - 0.1), at: moment(now))
        return describe(settlement)
    }

    mutating func fail(_ fetch: TokenPlan<String>.Fetch?, _ failure: CallFailure = .passing, at now: Double) throws -> String {
        describe(plan.fetchFailed(try #require(fetch), failure, at: moment(now)))
    }

    private func describe(_ settlement: TokenSettlement) -> String {
        switch settlement {
        case .held(_, let isNew): isNew ? "new" : "same"
        case .failed(let failure): "failed \(failure.retryAfter?.fractionalSeconds ?? 0)"
        case .dropped: "dropped"
        }
    }

    /// A driver that has held a token since second 0, first issued `age` seconds before.
    static func holding(age: Double = 0, refusedTokenIsDead: Bool = false) throws -> PlanDriver {
        var driver = PlanDriver(refusedTokenIsDead: refusedTokenIsDead)
        let first = driver.want(-0.1)
        #expect(try driver.succeed(first.fetch, "A", issued: -age, at: 0) == "new")
        return driver
    }
}

extension CallFailure {
    fileprivate static let passing = CallFailure.tokenUnavailable(
        from: BilingualText(korean: "제공사", english: "the provider"), status: 500, retryAfter: nil)
    fileprivate static let refused = CallFailure(
        .credentialsRefused, outcome: .notSent, status: 502, message: BilingualText(korean: "거절", english: "refused"))
}

@Suite("When the token plan uses, fetches and renews")
struct TokenPlanTests {
    @Test("The first call fetches, and every other one waits for that fetch")
    func singleFlight() throws {
        var driver = PlanDriver()
        let first = driver.want(0)
        #expect(first.word == "fetch")
        for second in 1...64 { #expect(driver.want(Double(second) / 100).word == "wait") }
        #expect(try driver.succeed(first.fetch, "A", issued: 1, at: 1) == "new")
        #expect(driver.want(1).word == "use A")
    }

    @Test("Renewal begins when a newer token is to be had, once, while the old token serves to its end")
    func renewal() throws {
        var driver = try PlanDriver.holding()
        #expect(driver.want(1499.9).word == "use A")
        let renewal = driver.want(1500)
        #expect(renewal.word == "use A and fetch")
        #expect(driver.want(1500.1).word == "use A")
        #expect(driver.want(1798.8).word == "use A")
        #expect(driver.want(1798.9).word == "wait", "its life is counted from the asking, and it is not sent in its last second")
        #expect(try driver.succeed(renewal.fetch, "B", issued: 1799, at: 1799.2) == "new")
        #expect(driver.want(1799.3).word == "use B")
        #expect(driver.want(1799 + 1501).word == "use B and fetch")
    }

    @Test("Where a refused token is dead, it is given up at once, fetched anew once, and no other call is sent with it")
    func deadRefusedToken() throws {
        var driver = try PlanDriver.holding(refusedTokenIsDead: true)
        let ask = driver.refused(1, 100)
        #expect(ask.word == "fetch")
        #expect(driver.want(100).word == "wait")
        #expect(driver.refused(1, 100).word == "wait")
        #expect(try driver.succeed(ask.fetch, "B", issued: 100, at: 100.2) == "new")
        #expect(driver.want(100.3).word == "use B")
        #expect(driver.refused(1, 100.3).word == "again")
        // The new one is refused as well: the token is not the reason, and asking on and on would help nobody.
        for tenth in 0..<48 { #expect(driver.refused(2, 100.3 + Double(tenth) / 10).word == "deliver") }
        #expect(driver.want(105).word == "use B")
        #expect(driver.refused(2, 106).word == "fetch")
    }

    @Test("A dead token that comes back the same is not worth a repeat, and one whose successor cannot be had does not serve again")
    func deadTokenWithoutSuccessor() throws {
        var driver = try PlanDriver.holding(refusedTokenIsDead: true)
        let ask = driver.refused(1, 100)
        #expect(try driver.succeed(ask.fetch, "A", issued: 0, at: 100.2) == "same")
        #expect(driver.plan.held?.generation == 1)
        #expect(driver.refused(1, 100.3).word == "deliver")
        let again = driver.refused(1, 106)
        #expect(try driver.fail(again.fetch, .refused, at: 106.2) == "failed 5.0")
        #expect(driver.want(106.3).word == "fail credentials-refused")
        #expect(driver.refused(1, 106.3).word == "deliver")
        #expect(driver.want(111.3).word == "fetch")
    }

    @Test("A token of a year is held, and renewed ahead of its end")
    func longLife() throws {
        var driver = PlanDriver()
        let year = 31_536_000.0
        let first = driver.want(0)
        let token = FetchedToken(secret: Secret("A"), life: .seconds(year), renewAfter: .seconds(year - 60))
        _ = driver.plan.fetchSucceeded(try #require(first.fetch), token, asked: driver.moment(0), at: driver.moment(0.1))
        #expect(driver.want(year - 60).word == "use A")
        #expect(driver.want(year - 59).word == "use A and fetch")
        #expect(driver.want(year).word == "wait")
    }

    @Test("A renewal that brings the same token is not repeated in a tight loop, and the token keeps its generation")
    func sameToken() throws {
        var driver = try PlanDriver.holding()
        let generation = try #require(driver.plan.held?.generation)
        var asks = 0
        var second = 1490.0
        while second < 1796 {
            let wanted = driver.want(second)
            if wanted.fetch != nil {
                asks += 1
                #expect(try driver.succeed(wanted.fetch, "A", issued: 0, at: second + 0.1) == "same")
                #expect(driver.plan.held?.generation == generation)
            } else {
                #expect(wanted.word == "use A")
            }
            second += 0.25
        }
        #expect((8...20).contains(asks), "\(asks) asks in five minutes")
    }

    @Test("A failed renewal keeps the old token to its end and asks again after growing pauses")
    func failedRenewal() throws {
        var driver = try PlanDriver.holding()
        var asked: [Double] = []
        var second = 1500.0
        while second < 1796 {
            let wanted = driver.want(second)
            #expect(wanted.word.hasPrefix("use A"))
            if let fetch = wanted.fetch {
                asked.append(second)
                _ = try driver.fail(fetch, at: second)
            }
            second += 0.25
        }
        #expect((15...28).contains(asked.count), "\(asked.count) asks")
        let pauses = zip(asked, asked.dropFirst()).map { $1 - $0 }
        #expect(pauses.prefix(6) == [0.5, 1, 2, 4, 8, 15])
        #expect(pauses.dropFirst(6).allSatisfy { $0 == 15 })
        // The end: nothing is left, and a call during the pause fails at once instead of asking.
        #expect(driver.want((asked.last ?? 0) + 14).word == "fail proof-unavailable")
        #expect(driver.want(2000).word == "fetch")
    }

    @Test("A refusal of the credentials is remembered for seconds, then for longer, and forgotten with other credentials")
    func refusedCredentials() throws {
        var driver = PlanDriver()
        let first = driver.want(0)
        #expect(try driver.fail(first.fetch, .refused, at: 0) == "failed 5.0")
        #expect(driver.want(4.9).word == "fail credentials-refused")
        let second = driver.want(5)
        #expect(try driver.fail(second.fetch, .refused, at: 5) == "failed 10.0")
        #expect(driver.want(14).word == "fail credentials-refused")
        #expect(driver.plan.credentialsReplaced(by: "other") == nil)
        #expect(driver.want(14).word == "fetch")
    }

    @Test("After a refused call the provider is asked once; a newer token is worth a repeat, the same one is not")
    func refusedCalls() throws {
        var driver = try PlanDriver.holding()
        let ask = driver.refused(1, 100)
        #expect(ask.word == "fetch")
        #expect(driver.refused(1, 100).word == "wait")
        #expect(try driver.succeed(ask.fetch, "A", issued: 0, at: 100.2) == "same")
        for tenth in 0..<40 { #expect(driver.refused(1, 100.3 + Double(tenth) / 10).word == "deliver") }
        let later = driver.refused(1, 106)
        #expect(later.word == "fetch")
        #expect(try driver.succeed(later.fetch, "B", issued: 106, at: 106.2) == "new")
        #expect(driver.refused(1, 106.3).word == "again")
        #expect(driver.refused(2, 106.3).word == "fetch")
    }

    @Test("After a refused call and a refused fetch, calls are delivered as they are until the pause is over")
    func refusedCallsWithRefusedCredentials() throws {
        var driver = try PlanDriver.holding()
        let first = driver.refused(1, 10)
        #expect(try driver.fail(first.fetch, .refused, at: 10) == "failed 5.0")
        for tenth in 0..<49 { #expect(driver.refused(1, 10 + Double(tenth) / 10).word == "deliver") }
        #expect(driver.want(11).word == "use A")
        #expect(driver.refused(1, 15).word == "fetch")
    }

    @Test("What was fetched with a replaced key is dropped, whether it is held or still under way")
    func replacedKey() throws {
        var driver = try PlanDriver.holding()
        #expect(driver.plan.credentialsReplaced(by: "key") == nil)
        #expect(driver.want(1).word == "use A")
        #expect(driver.plan.credentialsReplaced(by: "new key") == nil)
        let old = driver.want(2)
        #expect(old.word == "fetch")
        #expect(old.fetch?.credentials == "new key")
        let replacement = driver.plan.credentialsReplaced(by: "newest key")
        let newest = try #require(replacement)
        #expect(newest.credentials == "newest key")
        #expect(try driver.succeed(old.fetch, "B", issued: 2, at: 3) == "dropped")
        #expect(driver.want(3).word == "wait")
        #expect(try driver.succeed(newest, "C", issued: 3, at: 4) == "new")
        #expect(driver.want(4).word == "use C")
        #expect(driver.refused(1, 4).word == "again")
    }

    @Test("A token that is dead on arrival counts as a failure")
    func deadOnArrival() throws {
        var driver = PlanDriver()
        let first = driver.want(0)
        #expect(try driver.succeed(first.fetch, "A", issued: -1800, at: 0.2).hasPrefix("failed"))
        #expect(driver.want(0.3).word == "fail proof-unavailable")
    }

    @Test("A civil clock that is set back does not lengthen a token's life, and one that leaps ahead only renews early")
    func leapingClocks() throws {
        let driver = try PlanDriver.holding()
        func decision(civil: Double, uptime: Double) -> String {
            var plan = driver.plan
            let now = TokenMoment(civil: PlanDriver.start + .seconds(civil), uptime: .seconds(uptime))
            switch plan.tokenWanted(at: now) {
            case .use: return "use"
            case .useAndFetch: return "renew"
            case .fetch: return "fetch"
            default: return "other"
            }
        }
        #expect(decision(civil: -7200, uptime: 1502) == "renew")
        #expect(decision(civil: -7200, uptime: 1800) == "fetch")
        #expect(decision(civil: 1502, uptime: 10) == "renew")
        // A suspended machine: its steady clock stood still, the civil one did not.
        #expect(decision(civil: 7200, uptime: 10) == "fetch")
    }

    @Test("The provider's pause is honoured, up to a minute")
    func retryAfter() throws {
        var driver = PlanDriver()
        let provider = BilingualText(korean: "제공사", english: "the provider")
        let busy = CallFailure.tokenUnavailable(from: provider, status: 503, retryAfter: .seconds(20))
        let first = driver.want(0)
        #expect(try driver.fail(first.fetch, busy, at: 0) == "failed 20.0")
        let hour = CallFailure.tokenUnavailable(from: provider, status: 503, retryAfter: .seconds(3600))
        let second = driver.want(21)
        #expect(try driver.fail(second.fetch, hour, at: 21) == "failed 60.0")
    }
}
