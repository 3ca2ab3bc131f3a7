import Base
import ProviderKit
import Testing
import Transport

@testable import Bootpay

/// Drives a plan by hand: `seconds` since the start by both clocks of this machine, and a provider whose clock is `ahead`.
private struct PlanDriver {
    var plan: BootpayTokenPlan
    let ahead: Duration
    static let start = Timestamp(unixSeconds: 1_767_225_600)

    init(ahead: Duration = .zero, margin: Duration = .seconds(300)) {
        var rules = BootpayTokenPlan.Rules()
        rules.renewalMargin = margin
        plan = BootpayTokenPlan(credentials: PlanDriver.credentials(key: "key"), rules: rules)
        self.ahead = ahead
    }

    static func credentials(key: String) -> BootpayCredentials {
        BootpayCredentials(
            origin: HTTPOrigin(isSecure: true, host: "api.bootpay.co.kr", port: 443), applicationID: "application", privateKey: Secret(key))
    }

    func moment(_ seconds: Double) -> BootpayTokenPlan.Moment {
        BootpayTokenPlan.Moment(civil: PlanDriver.start + .seconds(seconds), uptime: .seconds(seconds))
    }

    /// What the provider writes at a moment about a token first issued at another.
    func token(_ text: String, issued: Double, at now: Double) -> BootpayToken {
        BootpayToken(
            token: Secret(text), serverTime: Timestamp(unixSeconds: (PlanDriver.start + .seconds(now) + ahead).unixSeconds),
            expiresAt: Timestamp(unixSeconds: (PlanDriver.start + .seconds(issued) + .seconds(1800) + ahead).unixSeconds))
    }

    /// Wants a token and says in a word what the plan decided.
    mutating func want(_ seconds: Double) -> (word: String, fetch: BootpayTokenPlan.Fetch?) {
        switch plan.tokenWanted(at: moment(seconds)) {
        case .use(let token): ("use \(token.secret.withText { $0 })", nil)
        case .useAndFetch(let token, let fetch): ("use \(token.secret.withText { $0 }) and fetch", fetch)
        case .fetch(let fetch): ("fetch", fetch)
        case .wait: ("wait", nil)
        case .fail(let failure): ("fail \(failure.code.rawValue)", nil)
        }
    }

    mutating func refused(_ generation: Int, _ seconds: Double) -> (word: String, fetch: BootpayTokenPlan.Fetch?) {
        switch plan.tokenRefused(generation: generation, at: moment(seconds)) {
        case .proveAgain: ("again", nil)
        case .fetch(let fetch): ("fetch", fetch)
        case .wait: ("wait", nil)
        case .deliver: ("deliver", nil)
        }
    }

    mutating func succeed(_ fetch: BootpayTokenPlan.Fetch?, _ text: String, issued: Double, at now: Double) throws -> String {
        let settlement = plan.fetchSucceeded(
            try #require(fetch), token(text, issued: issued, at: now), asked: moment(now - 0.1), at: moment(now))
        return describe(settlement)
    }

    mutating func fail(_ fetch: BootpayTokenPlan.Fetch?, _ failure: CallFailure = .deadTokenReceived, at now: Double) throws -> String {
        describe(plan.fetchFailed(try #require(fetch), failure, at: moment(now)))
    }

    private func describe(_ settlement: BootpayTokenPlan.Settlement) -> String {
        switch settlement {
        case .held(_, let isNew): isNew ? "new" : "same"
        case .failed(let failure): "failed \(failure.retryAfter?.fractionalSeconds ?? 0)"
        case .dropped: "dropped"
        }
    }

    /// A driver that has held a token since second 0, first issued `age` seconds before.
    static func holding(age: Double = 0, ahead: Duration = .zero, margin: Duration = .seconds(300)) throws -> PlanDriver {
        var driver = PlanDriver(ahead: ahead, margin: margin)
        let first = driver.want(-0.1)
        #expect(try driver.succeed(first.fetch, "A", issued: -age, at: 0) == "new")
        return driver
    }
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

    @Test(
        "Renewal begins five minutes before the end by the provider's clock, once, while the old token serves",
        arguments: [Duration.zero, .seconds(40), .seconds(-40), .seconds(86_400 * 400), .milliseconds(700)])
    func renewal(_ ahead: Duration) throws {
        var driver = try PlanDriver.holding(ahead: ahead)
        #expect(driver.want(1499.9).word == "use A")
        let renewal = driver.want(1502)
        #expect(renewal.word == "use A and fetch")
        #expect(driver.want(1502.1).word == "use A")
        #expect(driver.want(1790).word == "use A")
        #expect(try driver.succeed(renewal.fetch, "B", issued: 1790, at: 1790.2) == "new")
        #expect(driver.want(1790.3).word == "use B")
        #expect(driver.want(1790 + 1499).word == "use B")
        #expect(driver.want(1790 + 1502).word == "use B and fetch")
    }

    @Test("A token that arrives aged is honoured to its own end, not for half an hour from now")
    func agedToken() throws {
        var driver = try PlanDriver.holding(age: 1480)
        #expect(driver.want(19).word == "use A")
        let renewal = driver.want(22)
        #expect(renewal.word == "use A and fetch")
        #expect(driver.want(315).word == "use A")
        // 320 s after receipt it is 30 minutes old, and no call may carry it then, nor in the second in which it might die.
        #expect(driver.want(318).word == "wait")
        #expect(driver.want(320).word == "wait")
        #expect(try driver.succeed(renewal.fetch, "B", issued: 321, at: 321.5) == "new")
    }

    @Test("Whatever fractions of a second were cut off, a renewal is never asked for too early, nor a token used too late")
    func fractions() throws {
        for issuedFraction in stride(from: 0.0, to: 1, by: 0.09) {
            for readFraction in stride(from: 0.0, to: 1, by: 0.09) {
                for age in [0.0, 700, 1400] {
                    let issued = issuedFraction - age - 1
                    var driver = PlanDriver()
                    let first = driver.want(readFraction - 0.1)
                    #expect(try driver.succeed(first.fetch, "A", issued: issued, at: readFraction) == "new")
                    var second = issued + 1498
                    while driver.want(second).fetch == nil, second < issued + 1510 { second += 0.01 }
                    #expect((1500...1502.1).contains(second - issued), "asked at an age of \(second - issued)")
                    second = issued + 1790
                    while driver.want(second).word == "use A" { second += 0.01 }
                    // `expired_at` has no fraction either.
                    #expect((1796.8...1799).contains(second - issued), "used up to an age of \(second - issued)")
                }
            }
        }
    }

    @Test("A smaller margin renews later")
    func margin() throws {
        var driver = try PlanDriver.holding(margin: .seconds(60))
        #expect(driver.want(1739).word == "use A")
        #expect(driver.want(1742).word == "use A and fetch")
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
        #expect(try driver.fail(first.fetch, .bootpayCredentialsRefused, at: 0) == "failed 5.0")
        #expect(driver.want(4.9).word == "fail credentials-refused")
        let second = driver.want(5)
        #expect(try driver.fail(second.fetch, .bootpayCredentialsRefused, at: 5) == "failed 10.0")
        #expect(driver.want(14).word == "fail credentials-refused")
        #expect(driver.plan.credentialsReplaced(by: PlanDriver.credentials(key: "other")) == nil)
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
        #expect(try driver.fail(first.fetch, .bootpayCredentialsRefused, at: 10) == "failed 5.0")
        for tenth in 0..<49 { #expect(driver.refused(1, 10 + Double(tenth) / 10).word == "deliver") }
        #expect(driver.want(11).word == "use A")
        #expect(driver.refused(1, 15).word == "fetch")
    }

    @Test("What was fetched with a replaced key is dropped, whether it is held or still under way")
    func replacedKey() throws {
        var driver = try PlanDriver.holding()
        #expect(driver.plan.credentialsReplaced(by: PlanDriver.credentials(key: "key")) == nil)
        #expect(driver.want(1).word == "use A")
        #expect(driver.plan.credentialsReplaced(by: PlanDriver.credentials(key: "new key")) == nil)
        let old = driver.want(2)
        #expect(old.word == "fetch")
        #expect(old.fetch?.credentials.privateKey == Secret("new key"))
        let replacement = driver.plan.credentialsReplaced(by: PlanDriver.credentials(key: "newest key"))
        let newest = try #require(replacement)
        #expect(newest.credentials.privateKey == Secret("newest key"))
        #expect(try driver.succeed(old.fetch, "B", issued: 2, at: 3) == "dropped")
        #expect(driver.want(3).word == "wait")
        #expect(try driver.succeed(newest, "C", issued: 3, at: 4) == "new")
        #expect(driver.want(4).word == "use C")
        #expect(driver.refused(1, 4).word == "again")
    }

    @Test("Another application or host is another token too")
    func otherIdentity() throws {
        for change in [
            { $0.applicationID = "other" }, { $0.origin = HTTPOrigin(isSecure: true, host: "dev-api.bootpay.co.kr", port: 443) },
        ] as [(inout BootpayCredentials) -> Void] {
            var driver = try PlanDriver.holding()
            var credentials = PlanDriver.credentials(key: "key")
            change(&credentials)
            #expect(driver.plan.credentialsReplaced(by: credentials) == nil)
            #expect(driver.want(1).word == "fetch")
        }
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
            let now = BootpayTokenPlan.Moment(civil: PlanDriver.start + .seconds(civil), uptime: .seconds(uptime))
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
        let busy = CallFailure.bootpayTokenUnavailable(status: 503, retryAfter: .seconds(20))
        let first = driver.want(0)
        #expect(try driver.fail(first.fetch, busy, at: 0) == "failed 20.0")
        let hour = CallFailure.bootpayTokenUnavailable(status: 503, retryAfter: .seconds(3600))
        let second = driver.want(21)
        #expect(try driver.fail(second.fetch, hour, at: 21) == "failed 60.0")
    }

    @Test("The measured skew is the provider's lead to within a second")
    func skew() throws {
        let driver = try PlanDriver.holding(ahead: .seconds(40))
        let skew = try #require(driver.plan.held?.skew)
        #expect(abs(skew.fractionalSeconds - 40) <= 1)
    }
}
