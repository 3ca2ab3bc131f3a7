import Base
import ProviderKit
import TestSupport
import Testing

/// Small limits under everything that can happen at once, by seeds: whoever finds a seed that fails can repeat it.
@Suite struct LimiterPropertyTests {
    @Test("Whatever comes together, no provider ever counts too much and no second holds more than the burst", arguments: 1...24)
    func neverTooMuch(seed: Int) throws {
        let dice = SeededRandom(seed: UInt64(seed) &* 7919)
        @Sendable func pick(_ range: ClosedRange<Int>) -> Int { range.lowerBound + Int(dice.number(below: UInt64(range.count))) }
        let perMinute = pick(1...120)
        let limit = RateLimit(perMinute: perMinute, perSecond: pick(1...perMinute), transit: .milliseconds(pick(0...800)))
        let told = pick(0...3) > 0
        // Where nobody tells of the answers, calls may take as long as the margin allows. Otherwise they may take any time.
        let transit = told ? Duration.milliseconds(pick(0...20_000)) : limit.transit
        let world = LimiterWorld(
            LimiterWorld.Settings(
                limit: limit, transit: transit, answer: told ? .milliseconds(pick(0...500)) : .zero,
                disk: .milliseconds(pick(0...400)), tellsOfAnswers: told, seed: UInt64(seed)))
        let end = Duration.seconds(400)
        try world.simulation.run {
            var boot = Duration.zero
            while world.simulation.uptime < end {
                // A machine that is started anew takes a moment.
                if pick(0...3) == 0 {
                    try await world.simulation.sleep(for: .milliseconds(pick(1...3000)))
                    boot = world.simulation.uptime
                }
                let time = MovedTime(world.simulation, offset: .seconds(pick(-4000...4000)), boot: boot)
                let program = try await ProgramLife(world, time: time)
                let isOrderly = pick(0...2) == 0
                let life = Duration.milliseconds(pick(10...90_000))
                await withTaskGroup(of: Void.self) { group in
                    for index in 0..<pick(1...40) {
                        let lane: Lane = index % 3 == 0 ? .bulk : .person
                        let deadline = Duration.milliseconds(pick(1...150_000))
                        let stop = min(end, world.simulation.uptime + life)
                        group.addTask { await world.callAgainAndAgain(program, lane, until: stop, deadline: deadline) }
                    }
                    try? await world.simulation.sleep(for: life)
                    if pick(0...5) == 0 { program.limiter.blocked(for: .seconds(pick(0...40))) }
                    if !isOrderly { program.kill() }
                    group.cancelAll()
                }
                if isOrderly { await program.end() }
            }
        }
        for judgement in SaturationTests.judge(world.arrivals, limit: perMinute) { #expect(judgement.refused == 0, "\(judgement.name)") }
        let sends = world.sends.map(\.moment)
        for (index, moment) in sends.enumerated().dropFirst(limit.perSecond) {
            #expect(moment - sends[index - limit.perSecond] >= .seconds(1))
        }
        #expect(sends.count >= perMinute)
    }
}
