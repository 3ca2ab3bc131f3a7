import Base
import Testing
import Transport

@testable import Bootpay
@testable import ProviderKit

/// Drives the plan of a Bootpay token by hand: `seconds` since the start by this machine's clocks, and a provider whose clock is `ahead`.
private struct TokenDriver {
    var plan = TokenPlan(credentials: TokenDriver.credentials(key: "key"), rules: .bootpay)
    let ahead: Duration
    let margin: Duration
    static let start = Timestamp(unixSeconds: 1_767_225_600)

    init(ahead: Duration = .zero, margin: Duration = .seconds(300)) {
        self.ahead = ahead
        self.margin = margin
    }

    static func credentials(key: String) -> BootpayCredentials {
        BootpayCredentials(
            origin: HTTPOrigin(isSecure: true, host: "api.bootpay.co.kr", port: 443), applicationID: "application", privateKey: Secret(key))
    }

    func moment(_ seconds: Double) -> TokenMoment {
        TokenMoment(civil: TokenDriver.start + .seconds(seconds), uptime: .seconds(seconds))
    }

    /// Wants a token and says in a word what the plan decided.
    mutating func want(_ seconds: Double) -> (word: String, fetch: TokenPlan<BootpayCredentials>.Fetch?) {
        switch plan.tokenWanted(at: moment(seconds)) {
        case .use(let token): ("use \(token.secret.withText { $0 })", nil)
        case .useAndFetch(let token, let fetch): ("use \(token.secret.withText { $0 }) and fetch", fetch)
        case .fetch(let fetch): ("fetch", fetch)
        case .wait: ("wait", nil)
        case .fail(let failure): ("fail \(failure.code.rawValue)", nil)
        }
    }

    /// The provider answers a fetch at `now` with a token that it first issued at `issued`, and writes both without their fractions.
    mutating func succeed(
        _ fetch: TokenPlan<BootpayCredentials>.Fetch?, _ text: String, issued: Double, at now: Double
    ) throws -> String {
        let token = BootpayToken(
            token: Secret(text), serverTime: Timestamp(unixSeconds: (TokenDriver.start + .seconds(now) + ahead).unixSeconds),
            expiresAt: Timestamp(unixSeconds: (TokenDriver.start + .seconds(issued) + .seconds(1800) + ahead).unixSeconds))
        return
            switch plan.fetchSucceeded(
                try #require(fetch), token.fetched(renewalMargin: margin), asked: moment(now - 0.1), at: moment(now))
        {
        case .held(_, let isNew): isNew ? "new" : "same"
        case .failed, .dropped: "failed"
        }
    }

    /// A driver that has held a token since second 0, first issued `age` seconds before.
    static func holding(age: Double = 0, ahead: Duration = .zero, margin: Duration = .seconds(300)) throws -> TokenDriver {
        var driver = TokenDriver(ahead: ahead, margin: margin)
        let first = driver.want(-0.1)
        #expect(try driver.succeed(first.fetch, "A", issued: -age, at: 0) == "new")
        return driver
    }
}

@Suite("How long a Bootpay token lives, and when it is renewed")
struct TokenLifeTests {
    @Test(
        "Renewal begins five minutes before the end by the provider's clock, once, while the old token serves",
        arguments: [Duration.zero, .seconds(40), .seconds(-40), .seconds(86_400 * 400), .milliseconds(700)])
    func renewal(_ ahead: Duration) throws {
        var driver = try TokenDriver.holding(ahead: ahead)
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
        var driver = try TokenDriver.holding(age: 1480)
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
                    var driver = TokenDriver()
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
        var driver = try TokenDriver.holding(margin: .seconds(60))
        #expect(driver.want(1739).word == "use A")
        #expect(driver.want(1742).word == "use A and fetch")
    }

    @Test("Another application or host is another token too")
    func otherIdentity() throws {
        for change in [
            { $0.applicationID = "other" }, { $0.origin = HTTPOrigin(isSecure: true, host: "dev-api.bootpay.co.kr", port: 443) },
        ] as [(inout BootpayCredentials) -> Void] {
            var driver = try TokenDriver.holding()
            var credentials = TokenDriver.credentials(key: "key")
            change(&credentials)
            #expect(driver.plan.credentialsReplaced(by: credentials) == nil)
            #expect(driver.want(1).word == "fetch")
        }
    }

    @Test("A token that is dead on arrival counts as a failure")
    func deadOnArrival() throws {
        var driver = TokenDriver()
        let first = driver.want(0)
        #expect(try driver.succeed(first.fetch, "A", issued: -1800, at: 0.2) == "failed")
        #expect(driver.want(0.3).word == "fail proof-unavailable")
    }

    @Test("The measured skew is the provider's lead to within a second")
    func skew() throws {
        let driver = try TokenDriver.holding(ahead: .seconds(40))
        let skew = try #require(driver.plan.held?.skew)
        #expect(abs(skew.fractionalSeconds - 40) <= 1)
    }
}
