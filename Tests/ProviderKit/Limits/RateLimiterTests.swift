import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@Suite struct RateLimiterTests {
    private func limiter(_ simulation: Simulation, _ limit: RateLimit, records: (any RecordKeeper)? = nil, metrics: Metrics = Metrics())
        -> RateLimiter
    {
        RateLimiter(name: "calls", limit: limit, time: simulation, records: records, metrics: metrics, connection: "shop")
    }

    /// Enters and leaves at once.
    private func pass(_ limiter: RateLimiter, _ lane: Lane = .person, deadline: Duration = .seconds(100)) async throws(CallFailure) {
        let admission = limiter.admission(lane)
        try await admission.enter(deadline: deadline)
        admission.leave()
    }

    @Test("A call that cannot be sent in time is turned away at once: 429, not sent, and when to come back")
    func refusal() throws {
        let simulation = Simulation()
        let metrics = Metrics()
        try simulation.run {
            let limiter = limiter(simulation, RateLimit(perMinute: 2, perSecond: 2), metrics: metrics)
            for _ in 0..<2 { try await pass(limiter) }
            do throws(CallFailure) {
                try await pass(limiter, deadline: .seconds(30))
                Issue.record("was let in")
            } catch {
                #expect(error.code == .limitReached)
                #expect(error.outcome == .notSent)
                #expect(error.status == 429)
                #expect(error.retryAfter == .milliseconds(60_510))
                #expect(simulation.uptime == .zero)
            }
            // Who has the time is let in as soon as there is room, and not before.
            try await pass(limiter, deadline: .seconds(70))
            #expect(simulation.uptime == .milliseconds(60_510))
            #expect(limiter.used == 1)
        }
        let text = metrics.text
        #expect(text.contains("bujeol_limit_refusals_total{connection=\"shop\",limit=\"calls\",reason=\"full\"} 1\n"))
        #expect(text.contains("bujeol_limit_places{connection=\"shop\",limit=\"calls\"} 2\n"))
        #expect(text.contains("bujeol_limit_used{connection=\"shop\",limit=\"calls\"} 1\n"))
        #expect(text.contains("bujeol_limit_wait_seconds_count{connection=\"shop\",limit=\"calls\",lane=\"person\"} 3\n"))
        #expect(text.contains("bujeol_limit_wait_seconds_sum{connection=\"shop\",limit=\"calls\",lane=\"person\"} 60.51\n"))
    }

    @Test("A call that is never said to be over holds its place only as long as its admission lives")
    func released() throws {
        let simulation = Simulation()
        try simulation.run {
            let limiter = limiter(simulation, RateLimit(perMinute: 1, perSecond: 1))
            var admission: (any Admission)? = limiter.admission(.person)
            try await admission?.enter(deadline: .seconds(1))
            try await simulation.sleep(for: .seconds(200))
            #expect(limiter.used == 1)
            admission = nil
            #expect(limiter.used == 1)
            try await pass(limiter)
            #expect(simulation.uptime == .milliseconds(260_010))
        }
    }

    @Test("A caller who goes away while it waits gives its turn to the next")
    func cancelled() throws {
        let simulation = Simulation()
        try simulation.run {
            let limiter = limiter(simulation, RateLimit(perMinute: 1, perSecond: 1))
            try await pass(limiter)
            let outcome = Locked<CallFailure?>(nil)
            let first = Task(executorPreference: simulation) {
                do { try await limiter.admission(.person).enter(deadline: .seconds(500)) } catch let failure as CallFailure {
                    outcome.withLock { $0 = failure }
                }
            }
            try await simulation.sleep(for: .seconds(1))
            #expect(limiter.waiting(.person) == 1)
            let second = Task(executorPreference: simulation) { try await limiter.admission(.person).enter(deadline: .seconds(500)) }
            try await simulation.sleep(for: .seconds(1))
            #expect(limiter.waiting(.person) == 2)
            first.cancel()
            _ = await first.result
            #expect(outcome.withLock { $0 }?.code == .cancelled)
            #expect(outcome.withLock { $0 }?.outcome == .notSent)
            #expect(simulation.uptime == .seconds(2))
            try await second.value
            #expect(simulation.uptime == .milliseconds(60_510))
            // Whoever is cancelled already does not begin to wait.
            let third = Task(executorPreference: simulation) {
                withUnsafeCurrentTask { $0?.cancel() }
                try await limiter.admission(.person).enter(deadline: .seconds(500))
            }
            await #expect(throws: CallFailure.self) { try await third.value }
            #expect(simulation.uptime == .milliseconds(60_510))
        }
    }

    @Test("Somebody who waits is turned away at its deadline when bulk calls and persons have taken its turn")
    func overtaken() throws {
        let simulation = Simulation()
        try simulation.run {
            let limiter = limiter(simulation, RateLimit(perMinute: 10, perSecond: 10))
            for _ in 0..<10 { try await pass(limiter) }
            let bulk = Task(executorPreference: simulation) { try await limiter.admission(.bulk).enter(deadline: .seconds(61)) }
            try await simulation.sleep(for: .seconds(1))
            // Nine persons go first, and the tenth place is its own.
            let persons = (0..<20).map { _ in
                Task(executorPreference: simulation) { try await limiter.admission(.person).enter(deadline: .seconds(500)) }
            }
            try await bulk.value
            #expect(simulation.uptime == .milliseconds(60_510))
            for person in persons { try await person.value }
        }
    }

    @Test("Two limits of one connection know nothing of each other, on the disk neither")
    func independent() throws {
        let simulation = Simulation()
        try simulation.run {
            let records = MemoryRecords(time: simulation)
            func make(_ name: String) -> RateLimiter {
                RateLimiter(name: name, limit: RateLimit(perMinute: 1, perSecond: 1), time: simulation, records: records)
            }
            let (one, other) = (make("one"), make("other"))
            try await one.open()
            try await other.open()
            try await pass(one)
            try await pass(other)
            #expect(simulation.uptime == .zero)
            #expect(try await records.names(beginningWith: "limit/") == ["limit/one", "limit/other"])
            one.blocked(for: .seconds(100))
            #expect(one.isBlocked && !other.isBlocked)
            try await pass(other)
            #expect(simulation.uptime == .milliseconds(60_510))
        }
    }

    @Test("A limiter that nobody opened takes up what was kept when the first call comes")
    func lazy() throws {
        let world = LimiterWorld(LimiterWorld.Settings(limit: RateLimit(perMinute: 100, perSecond: 100)))
        try world.simulation.run {
            let first = try await ProgramLife(world)
            for _ in 0..<60 { await world.call(first, .person, deadline: .seconds(10)) }
            first.kill()
            let limiter = RateLimiter(
                name: "calls", limit: RateLimit(perMinute: 100, perSecond: 100), time: world.simulation, records: world.disk.attached())
            try await pass(limiter)
            #expect(limiter.used >= 61)
        }
    }

    @Test("An orderly end keeps exactly what was sent: not one place more is taken after it")
    func orderlyEnd() throws {
        let world = LimiterWorld(LimiterWorld.Settings(limit: RateLimit(perMinute: 100, perSecond: 100)))
        try world.simulation.run {
            let first = try await ProgramLife(world)
            for _ in 0..<37 { await world.call(first, .person, deadline: .seconds(10)) }
            await first.end()
            await #expect(throws: CallFailure.self) { try await first.limiter.admission(.person).enter(deadline: .seconds(1)) }
            let second = try await ProgramLife(world)
            #expect(second.limiter.used == 37)
            second.kill()
        }
    }

    @Test("Records cost a write per block of calls and not per call, and nobody waits for the disk")
    func writes() throws {
        let world = LimiterWorld(LimiterWorld.Settings(transit: .zero, answer: .zero, disk: .zero))
        let disk = SlowDisk(world.simulation, SeededRandom(), longest: .milliseconds(200))
        try world.simulation.run {
            let limiter = RateLimiter(
                name: "calls", limit: RateLimit(perMinute: 3000, perSecond: 50), time: world.simulation, records: disk)
            try await limiter.open()
            for index in 0..<2000 {
                let before = world.simulation.uptime
                try await pass(limiter)
                #expect(world.simulation.uptime == before, "call \(index)")
                try await world.simulation.sleep(for: .milliseconds(21))
            }
        }
        #expect((40...45).contains(disk.writes))
    }

    @Test("While nothing can be written calls are turned away unsent, and go on when the disk takes records again")
    func brokenDisk() throws {
        let world = LimiterWorld(LimiterWorld.Settings(limit: RateLimit(perMinute: 3000, perSecond: 50)))
        try world.simulation.run {
            let limiter = RateLimiter(name: "calls", limit: world.settings.limit, time: world.simulation, records: world.disk)
            try await limiter.open()
            world.disk.fails(true)
            for _ in 0..<50 { try await pass(limiter) }
            try await world.simulation.sleep(for: .seconds(5))
            do throws(CallFailure) {
                try await pass(limiter)
                Issue.record("was let in")
            } catch {
                #expect(error.code == .recordsUnavailable)
                #expect(error.status == 503)
                #expect(error.outcome == .notSent)
            }
            world.disk.fails(false)
            try await world.simulation.sleep(for: .seconds(2))
            try await pass(limiter)
            // One that cannot even be opened says so, and can be opened later.
            world.disk.fails(true)
            let other = RateLimiter(name: "other", limit: world.settings.limit, time: world.simulation, records: world.disk)
            await #expect(throws: RecordError.self) { try await other.open() }
            await #expect(throws: CallFailure.self) { try await pass(other) }
            world.disk.fails(false)
            try await other.open()
            try await pass(other)
        }
    }

    @Test("The settings of a limit are read, and what is out of range is refused at its line")
    func settings() throws {
        func read(_ text: String) throws -> RateLimit {
            let settings = try Settings(file: "limit.json5", source: TextSource(text: text))
            return try RateLimit(try settings.object("limit"), standard: RateLimit(perMinute: 3000, perSecond: 50))
        }
        #expect(try read("{}") == RateLimit(perMinute: 3000, perSecond: 50))
        #expect(try read("{ limit: { perMinute: 600 } }") == RateLimit(perMinute: 600, perSecond: 50))
        #expect(try read("{ limit: { perMinute: 20 } }") == RateLimit(perMinute: 20, perSecond: 20))
        #expect(
            try read("{ limit: { perSecond: 5, reserved: 100, transit: '1s' } }")
                == RateLimit(perMinute: 3000, perSecond: 5, reserved: 100, transit: .seconds(1)))
        for wrong in ["perMinute: 0", "perSecond: 3001", "reserved: 3000", "transit: '61s'", "perHour: 1"] {
            #expect(throws: ConfigurationError.self, "\(wrong)") { try read("{ limit: { \(wrong) } }") }
        }
    }
}

private struct TextSource: SettingsSource {
    let text: String
    func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) { (Array(text.utf8), false) }
    func environment(_ name: String) -> String? { nil }
}
