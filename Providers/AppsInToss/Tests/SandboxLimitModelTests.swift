import Base
import SandboxKit
import TestSupport
import Testing

@testable import AppsInTossSandbox

@Suite("Apps in Toss sandbox: the three ways of counting a minute")
struct SandboxLimitModelTests {
    private func moment(_ seconds: Int64, _ nanoseconds: Int64 = 0) -> Timestamp {
        Timestamp(unixSeconds: seconds) + .nanoseconds(nanoseconds)
    }

    /// How many of `count` calls at one moment pass.
    private func admitted(_ model: inout any RateModel, _ count: Int, at now: Timestamp) -> Int {
        (0..<count).count { _ in model.admits(at: now) }
    }

    @Test("the fixed minute begins anew at the full minute, so that twice as many pass around it")
    func fixed() {
        var model = RateModelKind.fixedMinute.model(perMinute: 3000)
        #expect(admitted(&model, 4000, at: moment(119, 999_999_999)) == 3000)
        #expect(model.wait(at: moment(119, 999_999_999)) == .nanoseconds(1))
        #expect(model.used(at: moment(119, 999_999_999)) == 3000)
        #expect(admitted(&model, 4000, at: moment(120)) == 3000)
        #expect(model.wait(at: moment(120)) == .seconds(60))
        // Before 1970 minutes are full minutes too.
        #expect(admitted(&model, 4000, at: moment(-61)) == 3000)
        #expect(model.wait(at: moment(-61)) == .seconds(1))
    }

    @Test("the sliding minute counts a call until just before the same moment a minute later")
    func sliding() {
        var model = RateModelKind.slidingMinute.model(perMinute: 3000)
        #expect(admitted(&model, 2999, at: moment(100)) == 2999)
        #expect(admitted(&model, 2, at: moment(130)) == 1)
        #expect(model.wait(at: moment(130)) == .seconds(30))
        #expect(admitted(&model, 1, at: moment(159, 999_999_999)) == 0)
        #expect(model.used(at: moment(160)) == 1)
        #expect(admitted(&model, 4000, at: moment(160)) == 2999)
        #expect(model.wait(at: moment(189, 999_999_999)) == .nanoseconds(1))
        #expect(model.wait(at: moment(190)) == .zero)
    }

    @Test("the bucket fills evenly: a fiftieth of a second brings one of 3,000 a minute, a nanosecond less brings none")
    func bucket() {
        var model = RateModelKind.tokenBucket.model(perMinute: 3000)
        #expect(admitted(&model, 4000, at: moment(100)) == 3000)
        #expect(model.wait(at: moment(100)) == .milliseconds(20))
        #expect(admitted(&model, 1, at: moment(100, 19_999_999)) == 0)
        #expect(admitted(&model, 2, at: moment(100, 20_000_000)) == 1)
        #expect(admitted(&model, 4000, at: moment(130, 20_000_000)) == 1500)
        #expect(admitted(&model, 4000, at: moment(1000)) == 3000)
        #expect(model.used(at: moment(1000)) == 3000)
        #expect(model.used(at: moment(1059, 999_999_999)) == 1)
        #expect(model.used(at: moment(1060)) == 0)
    }

    @Test("the bucket does not lose or gain a token over very many odd steps")
    func bucketIsExact() {
        var model = RateModelKind.tokenBucket.model(perMinute: 7)
        #expect(admitted(&model, 100, at: moment(0)) == 7)
        // 7 a minute for ten minutes, looked at every 13.7 milliseconds.
        var admitted = 0
        var now = moment(0)
        while now < moment(600) {
            now = min(moment(600), now + .microseconds(13_700))
            if model.admits(at: now) { admitted += 1 }
        }
        #expect(admitted == 70)
    }

    @Test("a clock that was put back begins every count anew", arguments: RateModelKind.allCases)
    func clockPutBack(_ kind: RateModelKind) {
        var model = kind.model(perMinute: 5)
        #expect(admitted(&model, 9, at: moment(10_000)) == 5)
        #expect(admitted(&model, 9, at: moment(5000)) == 5)
    }

    @Test("the largest limit there may be does not overflow", arguments: RateModelKind.allCases)
    func largest(_ kind: RateModelKind) {
        var model = kind.model(perMinute: RateModelBounds.largest)
        #expect(admitted(&model, Int(RateModelBounds.largest) + 1, at: moment(0)) == Int(RateModelBounds.largest))
        #expect(admitted(&model, 1, at: moment(0)) == 0)
        #expect(admitted(&model, 1, at: moment(60)) == 1)
    }

    @Test("Python, counting naively with fractions, decides the same for calls at random moments", arguments: RateModelKind.allCases)
    func againstPython(_ kind: RateModelKind) throws {
        let random = SeededRandom(seed: 11)
        var now = Int64(1_784_160_000_000_000_000)
        var moments: [Int64] = []
        for _ in 0..<1500 {
            // Bursts, breaks, and steps that end exactly on the borders of a minute.
            switch random.number(below: 10) {
            case 0: now += 60_000_000_000
            case 1: now = (now / 60_000_000_000 + 1) * 60_000_000_000
            case 2: now += 6_000_000_000
            case 3...5: break
            default: now += Int64(random.number(below: 900_000_000))
            }
            moments.append(now)
        }
        let script = """
            import sys
            from fractions import Fraction
            kind, limit, minute = "\(kind.rawValue)", 40, 60 * 10**9
            seen, tokens, last = [], Fraction(limit), None
            for line in sys.stdin:
                now = int(line)
                if kind == "fixed-minute":
                    passes = sum(1 for t in seen if t // minute == now // minute) < limit
                elif kind == "sliding-minute":
                    passes = sum(1 for t in seen if now - minute < t) < limit
                else:
                    if last is not None: tokens = min(Fraction(limit), tokens + Fraction((now - last) * limit, minute))
                    last = now
                    passes = tokens >= 1
                    if passes: tokens -= 1
                if passes: seen.append(now)
                print("yes" if passes else "no")
            """
        let expected = try PythonOracle.lines(script, input: moments.map { String($0) })
        var model = kind.model(perMinute: 40)
        let decided = moments.map { model.admits(at: Timestamp(nanosecondsSinceEpoch: $0)) ? "yes" : "no" }
        #expect(decided == expected)
        #expect(decided.contains("no") && decided.contains("yes"))
    }
}

@Suite("Apps in Toss sandbox: the block after the limit")
struct SandboxLimitBlockTests {
    private let start = Timestamp(unixSeconds: 1_784_160_000)
    private let rule = LimitRule(perMinute: 3, model: .slidingMinute, block: .seconds(60))
    private let key = LimitBook.Key(tenant: .demo, app: "app")

    private func refusal(_ decision: LimitDecision) -> LimitRefusal? {
        if case .refused(let refusal) = decision { return refusal }
        return nil
    }

    @Test("the fourth of three begins a block of exactly a minute, in which nothing passes and nothing counts")
    func block() throws {
        var book = LimitBook()
        for _ in 0..<3 { #expect(book.callArrived(key, rule, at: start) == .passes) }
        let first = try #require(refusal(book.callArrived(key, rule, at: start + .seconds(10))))
        #expect(first.beganBlock && first.retryAfterSeconds == 60)
        let later = try #require(refusal(book.callArrived(key, rule, at: start + .seconds(69) + .nanoseconds(1))))
        #expect(!later.beganBlock && later.retryAfterSeconds == 1)
        // Refused calls did not count: all three are there again.
        for _ in 0..<3 { #expect(book.callArrived(key, rule, at: start + .seconds(70)) == .passes) }
        #expect(refusal(book.callArrived(key, rule, at: start + .seconds(70))) != nil)
    }

    @Test("with the rule that refused calls count, each begins the block anew")
    func refusedCount() throws {
        var book = LimitBook()
        var rule = rule
        rule.countsRefused = true
        for _ in 0..<4 { _ = book.callArrived(key, rule, at: start) }
        let again = try #require(refusal(book.callArrived(key, rule, at: start + .seconds(59))))
        #expect(again.retryAfterSeconds == 60)
        #expect(refusal(book.callArrived(key, rule, at: start + .seconds(60))) != nil)
        #expect(book.callArrived(key, rule, at: start + .seconds(120)) == .passes)
    }

    @Test("without a block the refusal says when there is room, and then there is")
    func noBlock() throws {
        var book = LimitBook()
        var rule = rule
        rule.block = .zero
        for second in 0..<3 { #expect(book.callArrived(key, rule, at: start + .seconds(second)) == .passes) }
        let refused = try #require(refusal(book.callArrived(key, rule, at: start + .seconds(30))))
        #expect(refused.wait == .seconds(30))
        #expect(book.callArrived(key, rule, at: start + .seconds(60)) == .passes)
        #expect(refusal(book.callArrived(key, rule, at: start + .seconds(60))) != nil)
    }

    @Test("tenants, mini-apps and scopes are counted apart, and other rules begin anew")
    func keys() {
        var book = LimitBook()
        for _ in 0..<4 { _ = book.callArrived(key, rule, at: start) }
        var others = [key, key, key]
        others[0].app = "other"
        others[1].scope = "pay"
        others[2].tenant = TenantID(rawValue: "job-7") ?? .demo
        for other in others { #expect(book.callArrived(other, rule, at: start) == .passes) }
        var raised = rule
        raised.perMinute = 4
        #expect(book.callArrived(key, raised, at: start) == .passes)
        book.forget(.demo, app: "other")
        #expect(book.state(.demo, app: "other", at: start).isEmpty)
        #expect(book.state(.demo, app: "app", at: start).map(\.used) == [1, 1])
    }

    @Test("a clock that goes back by a little is no clock that was put back: the count goes on")
    func smallStep() throws {
        var book = LimitBook()
        for _ in 0..<3 { #expect(book.callArrived(key, rule, at: start) == .passes) }
        #expect(refusal(book.callArrived(key, rule, at: start - .seconds(2))) != nil)
        #expect(book.callArrived(key, rule, at: start - .seconds(3)) == .passes)
    }

    @Test("counters that nobody has asked for an hour are dropped when there are very many")
    func sweep() {
        var book = LimitBook()
        for number in 0..<10_000 { _ = book.callArrived(.init(tenant: .demo, app: "app", scope: "user:\(number)"), rule, at: start) }
        _ = book.callArrived(.init(tenant: .demo, app: "app", scope: "user:new"), rule, at: start + .seconds(3601))
        #expect(book.state(.demo, app: "app", at: start + .seconds(3601)).map(\.scope) == ["user:new"])
    }
}
