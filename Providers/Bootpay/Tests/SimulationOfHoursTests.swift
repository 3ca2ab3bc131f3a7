import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import Bootpay

/// Ten hours of a call every second.
///
/// How many token calls are the least: a new token comes into being only when the newest is more than 25 minutes old, so in 36,000 s at most 24 come, one
/// at the beginning and one each time 1500 s have gone by (35,999 / 1500 = 23.99). A gateway that renews with five minutes left, and asks neither too early (the same token would come
/// back) nor twice, therefore makes exactly 24.
@Suite("Ten simulated hours with a call every second")
struct SimulationOfHoursTests {
    static let seconds = 36_000
    static let leastTokenCalls = 24

    struct Run: Sendable, CustomTestStringConvertible {
        var start: Duration
        var ahead: Duration
        var testDescription: String { "begun at .\(start.wholeNanoseconds / 1_000_000) s, provider \(ahead.wholeSeconds) s ahead" }
    }

    @Test(
        "No caller sees a 401, and the token calls are the fewest possible",
        arguments: [
            Run(start: .zero, ahead: .zero), Run(start: .milliseconds(730), ahead: .seconds(40)),
            Run(start: .milliseconds(999), ahead: .seconds(-40)), Run(start: .milliseconds(250), ahead: .milliseconds(400)),
        ])
    func everySecond(_ run: Run) throws {
        let house = SimulatedHouse(start: run.start, ahead: run.ahead)
        let bad = try house.simulation.run {
            var bad = 0
            for second in 0..<SimulationOfHoursTests.seconds {
                try await house.simulation.sleep(for: .seconds(second) - house.simulation.uptime)
                if !house.isGood(await house.call()) { bad += 1 }
            }
            return bad
        }
        #expect(bad == 0)
        house.provider.with { state in
            #expect(state.refusals == 0)
            #expect(state.calls == SimulationOfHoursTests.seconds)
            #expect(state.tokenCalls == SimulationOfHoursTests.leastTokenCalls)
            #expect(state.uselessTokenCalls == 0)
            #expect(state.issues.count == state.tokenCalls)
        }
    }

    @Test("64 callers at once at each roll-over, and at the very first call, change nothing about that")
    func crowds() throws {
        let house = SimulatedHouse(start: .milliseconds(400))
        let bad = try house.simulation.run {
            var bad = await house.calls(64)
            var crowds = 1
            for second in 1..<SimulationOfHoursTests.seconds {
                try await house.simulation.sleep(for: .seconds(second) - house.simulation.uptime)
                let age = house.provider.with { state in house.provider.now - (state.issues.last?.at ?? house.provider.now) }
                if (.seconds(1498) ... .seconds(1504)).contains(age) || age < .seconds(2) {
                    bad += await house.calls(64)
                    crowds += 1
                } else if !house.isGood(await house.call()) {
                    bad += 1
                }
            }
            #expect(crowds > 100)
            return bad
        }
        #expect(bad == 0)
        house.provider.with { state in
            #expect(state.refusals == 0)
            #expect(state.tokenCalls == SimulationOfHoursTests.leastTokenCalls)
            #expect(state.uselessTokenCalls == 0)
        }
    }

    @Test("64 callers after half an hour of silence share one fetch")
    func silence() throws {
        let house = SimulatedHouse()
        let bad = try house.simulation.run {
            var bad = 0
            for pause in [0, 1800, 4000, 1799, 1801] {
                try await house.simulation.sleep(for: .seconds(pause))
                bad += await house.calls(64)
            }
            return bad
        }
        #expect(bad == 0)
        house.provider.with { state in
            #expect(state.refusals == 0)
            #expect(state.tokenCalls == 5)
            #expect(state.issues.count == 5)
        }
    }

    @Test("A first token that is nearly 25 minutes old is honoured to its own end", arguments: [0, 1, 299, 700, 1100, 1499])
    func agedFirstToken(_ age: Int) throws {
        let house = SimulatedHouse(start: .milliseconds(300))
        house.provider.with { state in
            state.issues = [ModelProvider.Issue(token: String(repeating: "a", count: 64), at: house.provider.now - .seconds(age))]
        }
        let bad = try house.simulation.run {
            var bad = 0
            for second in 0..<4000 {
                try await house.simulation.sleep(for: .seconds(second) - house.simulation.uptime)
                if !house.isGood(await house.call()) { bad += 1 }
            }
            return bad
        }
        #expect(bad == 0)
        house.provider.with { state in
            #expect(state.refusals == 0)
            // The first call is handed the aged token; every other one brings a new one.
            #expect(state.uselessTokenCalls == 1)
            #expect(state.tokenCalls == state.issues.count)
            #expect(state.issues.count == 2 + (4000 - (1500 - age)) / 1502)
        }
    }

    @Test("A token call that fails for minutes around the roll-over is seen by no caller", arguments: [false, true])
    func outage(_ isUnreachable: Bool) throws {
        let house = SimulatedHouse()
        let bad = try house.simulation.run {
            var bad = 0
            for second in 0..<5000 {
                try await house.simulation.sleep(for: .seconds(second) - house.simulation.uptime)
                let isDown = (1440..<1740).contains(second)
                house.provider.with { state in
                    if isUnreachable { state.tokenCallIsUnreachable = isDown } else { state.tokenCallIsDown = isDown }
                }
                if !house.isGood(await house.call()) { bad += 1 }
            }
            return bad
        }
        #expect(bad == 0)
        house.provider.with { state in
            #expect(state.refusals == 0)
            #expect(state.uselessTokenCalls == 0)
            // At 0, after 1740, and twice more at about 1502 s each; besides, where it answers 503, the asks between 1501 and 1740, growing to a
            // quarter of a minute apart.
            #expect(state.issues.count == 4)
            #expect(isUnreachable ? state.tokenCalls == 4 : (19...27).contains(state.tokenCalls))
        }
    }

    @Test(
        "When the outage outlasts the token, callers are told that nothing was sent, and the first call after it succeeds within the pause")
    func longOutage() throws {
        let house = SimulatedHouse()
        try house.simulation.run {
            #expect(house.isGood(await house.call()))
            house.provider.with { $0.tokenCallIsDown = true }
            var failures = 0
            for second in 1500..<2400 {
                try await house.simulation.sleep(for: .seconds(second) - house.simulation.uptime)
                let response = await house.call()
                if second < 1798 { #expect(house.isGood(response)) }
                if second >= 1800 {
                    failures += 1
                    #expect(response.status == 503)
                    #expect(response.outcome == "not-sent")
                    #expect(response.json?["code"] == "proof-unavailable")
                    #expect(response.json?["cause"] == "token-call-503")
                    let pause = response.fields["Retry-After"].flatMap { Int($0) }
                    #expect(pause.map { (1...15).contains($0) } == true)
                }
            }
            #expect(failures == 600)
            house.provider.with { state in
                #expect(state.refusals == 0)
                #expect(state.tokenCalls < 80)
                state.tokenCallIsDown = false
            }
            try await house.simulation.sleep(for: .seconds(15))
            #expect(house.isGood(await house.call()))
        }
    }
}
