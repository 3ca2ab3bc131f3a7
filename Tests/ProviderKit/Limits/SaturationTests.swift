import Base
import ProviderKit
import TestSupport
import Testing

/// Ten minutes in which more is asked for than the limit allows, judged by a provider of each kind at the moment the calls arrive there.
@Suite struct SaturationTests {
    private static let length = Duration.seconds(600)

    struct Judgement {
        var name: String
        var refused: Int
    }

    /// What each kind of provider says to calls that arrive at these moments.
    static func judge(_ arrivals: [Duration], limit: Int) -> [Judgement] {
        var judges: [(String, any ProviderWindow)] = [
            ("sliding window", SlidingWindow(limit: limit)), ("token bucket", TokenBucket(limit: limit)),
        ]
        for offset in stride(from: 0, to: 60, by: 7) {
            judges.append(("fixed window from second \(offset)", FixedWindow(limit: limit, offset: .seconds(offset))))
        }
        return judges.map { name, judge in
            var judge = judge
            var refused = 0
            for arrival in arrivals where !judge.takes(callAt: arrival) { refused += 1 }
            return Judgement(name: name, refused: refused)
        }
    }

    private func saturate(_ settings: LimiterWorld.Settings, lanes: [Lane], callers: Int = 30) throws -> LimiterWorld {
        let world = LimiterWorld(settings)
        try world.simulation.run {
            let program = try await ProgramLife(world)
            await withTaskGroup(of: Void.self) { group in
                for index in 0..<callers {
                    group.addTask {
                        await world.callAgainAndAgain(program, lanes[index % lanes.count], until: Self.length, deadline: .seconds(30))
                    }
                }
            }
            await program.end()
        }
        return world
    }

    private func report(_ world: LimiterWorld, _ title: String) {
        let limit = world.settings.limit.perMinute
        let arrivals = world.arrivals.filter { $0 <= Self.length }
        let judgements = Self.judge(arrivals, limit: limit)
        for judgement in judgements { #expect(judgement.refused == 0, "\(title), \(judgement.name)") }
        let share = Double(arrivals.count) / Double(limit * 10)
        #expect(share >= 0.99, "\(title)")
        var window = SlidingWindow(limit: limit)
        for arrival in arrivals { _ = window.takes(callAt: arrival) }
        let hundredths = (share * 10_000).rounded() / 100
        print(
            "saturated for ten minutes, \(title): \(arrivals.count) of \(limit * 10) calls (\(hundredths) %), most in any 60 s \(window.most), refused "
                + judgements.map(\.refused).reduce(0, +).description)
    }

    @Test("Ten saturated minutes with both lanes and latencies up to 450 ms are refused by no provider, and 99 % of the limit are used")
    func bothLanes() throws { report(try saturate(LimiterWorld.Settings(), lanes: [.person, .bulk]), "both lanes, up to 450 ms") }

    @Test("So do ten minutes in which nobody tells when the answers came, with up to 500 ms on the way")
    func untold() throws {
        var settings = LimiterWorld.Settings(transit: .milliseconds(500), answer: .zero, seed: 2)
        settings.tellsOfAnswers = false
        report(try saturate(settings, lanes: [.person]), "answers not told of, up to 500 ms")
    }

    @Test("So do ten minutes at once: calls that take no time, with a disk that takes none")
    func immediate() throws {
        report(
            try saturate(LimiterWorld.Settings(transit: .zero, answer: .zero, disk: .zero, seed: 3), lanes: [.bulk]), "no latency")
    }

    @Test("A provider that stalls for seconds and then counts everything at once refuses nothing either")
    func stalls() throws {
        let world = LimiterWorld(
            LimiterWorld.Settings(
                limit: RateLimit(perMinute: 600, perSecond: 10), transit: .seconds(8), answer: .milliseconds(10), seed: 4))
        try world.simulation.run {
            let program = try await ProgramLife(world)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<100 {
                    group.addTask { await world.callAgainAndAgain(program, .person, until: .seconds(200), deadline: .seconds(30)) }
                }
            }
        }
        for judgement in Self.judge(world.arrivals, limit: 600) { #expect(judgement.refused == 0, "\(judgement.name)") }
        #expect(world.arrivals.count > 1700)
    }

    @Test("The judges themselves refuse what is too much: one call more, and a limiter without memory")
    func judges() {
        let evenly = (0...3000).map { Duration.milliseconds($0 * 19) }
        let refusals = Self.judge(evenly, limit: 3000)
        #expect(refusals[0].refused == 1)
        #expect(refusals[2].refused == 1)
        // The bucket fills while it is emptied, and takes twice as much in the first minute.
        #expect(refusals[1].refused == 0)
        #expect(Self.judge((0...3000).map { Duration.microseconds($0) }, limit: 3000)[1].refused == 1)
    }

    @Test("Killed at random moments inside of a window and started again, it still never sends too much", arguments: 1...2)
    func restarts(seed: Int) throws {
        let world = LimiterWorld(LimiterWorld.Settings(seed: UInt64(seed) + 100))
        let lives = Locked(0)
        try world.simulation.run {
            while world.simulation.uptime < Self.length {
                let program = try await ProgramLife(world)
                lives.withLock { $0 += 1 }
                await withTaskGroup(of: Void.self) { group in
                    for index in 0..<30 {
                        group.addTask {
                            await world.callAgainAndAgain(
                                program, index % 2 == 0 ? .person : .bulk, until: Self.length, deadline: .seconds(70))
                        }
                    }
                    try? await world.simulation.sleep(for: world.chance(upTo: .seconds(50)))
                    program.kill()
                    // Those who wait are gone with their process.
                    group.cancelAll()
                }
            }
        }
        let arrivals = world.arrivals.filter { $0 <= Self.length }
        for judgement in Self.judge(arrivals, limit: 3000) { #expect(judgement.refused == 0, "\(judgement.name)") }
        let share = (Double(arrivals.count) / 3).rounded() / 100
        print("ten minutes with \(lives.withLock { $0 }) kills: \(arrivals.count) of 30000 calls (\(share) %), refused 0")
        #expect(arrivals.count > 24_000)
    }
}
