import Base
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport

@testable import Sandbox

@Suite struct SettlementTests {
    @Test("what comes due while the clock jumps is done at the moments it came due")
    func stepwise() async throws {
        let house = try await House()
        for minutes in [40, 10, 90, 10] { await house.counter(.post, "/later", ["after_ms": .number(minutes * 60_000)]) }
        let answer = await house.call(.post, "/-/clock", ["freeze": true, "advance": "1h"])
        #expect(answer.json["settled"] == ["steps": 2, "complete": true])
        #expect(
            await house.done() == ["2026-01-01T00:40:00.000Z", "2026-01-01T00:10:00.000Z", "2026-01-01T00:10:00.000Z"])
        #expect(answer.json["now"] == "2026-01-01T01:00:00.000Z")
        _ = await house.call(.post, "/-/clock", ["advance": "30m"])
        #expect(await house.done().contains("2026-01-01T01:30:00.000Z"))
    }

    @Test("a thing that makes the next thing is followed along the way")
    func chains() async throws {
        let house = try await House()
        await house.counter(.post, "/later", ["after_ms": 60_000, "every_ms": 600_000])
        let answer = await house.call(.post, "/-/clock", ["advance": "31m"])
        #expect(answer.json["settled"]?["steps"] == 4)
        #expect(await house.done().map { String($0.dropFirst(11).prefix(5)) } == ["00:01", "00:11", "00:21", "00:31"])
    }

    @Test("a running clock shows after a jump exactly the jump more, and what was due before it is done first")
    func running() async throws {
        let time = ManualTime(House.start)
        let house = try await House(time: time)
        await house.counter(.post, "/later", ["after_ms": 1000])
        time.advance(by: .seconds(5))
        let answer = await house.call(.post, "/-/clock", ["advance": "10m"])
        #expect(answer.json["now"] == "2026-01-01T00:10:05.000Z")
        // It was overdue already: nobody ran the scheduler.
        #expect(await house.done() == ["2026-01-01T00:00:05.000Z"])
    }

    @Test("a clock with more stops on its way than allowed jumps over the rest and says so")
    func bounded() async throws {
        let house = try await House(clockSteps: 5)
        await house.counter(.post, "/later", ["after_ms": 1000, "every_ms": 1000])
        let answer = await house.call(.post, "/-/clock", ["freeze": true, "advance": "20s"])
        #expect(answer.json["settled"] == ["steps": 5, "complete": false])
        let done = await house.done()
        #expect(done.count == 20 && done[4] == "2026-01-01T00:00:05.000Z" && done[5] == "2026-01-01T00:00:20.000Z")
    }

    @Test("a clock that is put back does nothing anew")
    func back() async throws {
        let house = try await House()
        await house.counter(.post, "/later", ["after_ms": 1000])
        _ = await house.call(.post, "/-/clock", ["advance": "1m", "freeze": true])
        let answer = await house.call(.post, "/-/clock", ["set": "2025-12-01T00:00:00Z"])
        #expect(answer.json["now"] == "2025-12-01T00:00:00.000Z")
        #expect(await house.done() == ["2026-01-01T00:00:01.000Z"])
    }

    @Test("the scheduler does things when they come due, for running clocks only, and ends when it is told to")
    func scheduler() throws {
        let simulation = Simulation()
        try simulation.run {
            let house = try await House(time: simulation, database: try Database(.memory, executor: simulation))
            await house.makeTenant("frozen")
            await house.makeTenant("ahead")
            _ = await house.call(.post, "/-/clock?tenant=frozen", ["freeze": true])
            _ = await house.call(.post, "/-/clock?tenant=ahead", ["advance": "1h"])
            let background = Task(executorPreference: simulation) { await house.sandbox.run() }

            await house.counter(.post, "/later", ["after_ms": 7_200_000])
            await house.counter(.post, "/later", ["after_ms": 1500])
            await house.counter(.post, "/later", ["after_ms": 1500], key: "frozen-key")
            await house.counter(.post, "/later", ["after_ms": 2500], key: "ahead-key")
            try await simulation.sleep(for: .seconds(10))
            #expect(await house.done() == ["2026-01-01T00:00:01.500Z"])
            #expect(await house.done("frozen") == [])
            #expect(await house.done("ahead") == ["2026-01-01T01:00:02.500Z"])

            // What is due at once happens under a frozen clock as well.
            await house.counter(.post, "/later", ["after_ms": 0], key: "frozen-key")
            try await simulation.sleep(for: .seconds(1))
            #expect(await house.done("frozen") == ["2026-01-01T00:00:00.000Z"])

            // Let go, it does the rest in its own time: 1.5 s after the moment at which it stood.
            _ = await house.call(.post, "/-/clock?tenant=frozen", ["resume": true])
            try await simulation.sleep(for: .seconds(10))
            #expect(await house.done("frozen").first == "2026-01-01T00:00:01.500Z")

            try await simulation.sleep(for: .seconds(7200))
            #expect(await house.done().count == 2)
            #expect(await house.done().first == "2026-01-01T02:00:00.000Z")
            background.cancel()
            await background.value
        }
    }

    @Test("two settlements of one tenant are never under way at the same time")
    func turns() async throws {
        let time = ManualTime(House.start)
        let house = try await House(time: time)
        let background = Task { await house.sandbox.run() }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { await house.counter(.post, "/later", ["after_ms": 1000, "every_ms": 1000]) }
                group.addTask { _ = await house.call(.post, "/-/clock", ["freeze": true, "advance": "2s"]) }
                group.addTask { _ = await house.call(.post, "/-/clock", ["advance": "3s"]) }
            }
        }
        #expect(await house.call(.get, "/-/counter/overlap").json == 1)
        background.cancel()
        await background.value
    }

    @Test("a turn goes to those who wait in the order they came, and another tenant does not wait")
    func order() throws {
        let simulation = Simulation()
        let demo = TenantID.demo
        let seen = try simulation.run {
            let turns = Turns()
            let seen = Locked<[Int]>([])
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<5 {
                    group.addTask {
                        try? await simulation.sleep(for: .milliseconds(number))
                        await turns.withTurn(demo) {
                            try? await simulation.sleep(for: .seconds(5 - number))
                            seen.withLock { $0.append(number) }
                        }
                    }
                }
                group.addTask {
                    try? await simulation.sleep(for: .milliseconds(10))
                    if let other = TenantID(rawValue: "other") { await turns.withTurn(other) { seen.withLock { $0.append(99) } } }
                }
            }
            return seen.withLock { $0 }
        }
        #expect(seen == [99, 0, 1, 2, 3, 4])
    }
}

@Suite struct AgendaTests {
    private let demo = TenantID.demo
    private let start = House.start

    private func plan(_ agenda: inout Agenda, at seconds: Int64 = 0, running: Bool = true) -> Agenda.Plan {
        agenda.plan(uptime: .seconds(seconds)) { _ in Agenda.Reading(now: start + .seconds(seconds), isRunning: running) }
    }

    @Test("a new tenant is settled at once, and not twice at a time")
    func fresh() {
        var agenda = Agenda()
        agenda.tenantCame(demo)
        #expect(plan(&agenda) == Agenda.Plan(settle: [demo]))
        agenda.scheduleChanged(demo)
        #expect(plan(&agenda) == Agenda.Plan())
        agenda.settled(demo, next: nil, now: start, uptime: .zero)
        agenda.settlementEnded(demo)
        #expect(plan(&agenda) == Agenda.Plan(settle: [demo]))
    }

    @Test("it waits until the earliest thing of a running clock, at most a minute, and not at all for a standing one")
    func waiting() {
        var agenda = Agenda()
        agenda.tenantCame(demo)
        _ = plan(&agenda)
        agenda.settled(demo, next: start + .seconds(30), now: start, uptime: .zero)
        agenda.settlementEnded(demo)
        #expect(plan(&agenda) == Agenda.Plan(wait: .seconds(30)))
        #expect(plan(&agenda, running: false) == Agenda.Plan())
        #expect(plan(&agenda, at: 30) == Agenda.Plan(settle: [demo]))
        agenda.settled(demo, next: start + .seconds(3600), now: start, uptime: .zero)
        agenda.settlementEnded(demo)
        #expect(plan(&agenda) == Agenda.Plan(wait: .seconds(60)))
        agenda.tenantWent(demo)
        #expect(plan(&agenda) == Agenda.Plan())
    }

    @Test("what stays due is tried again after growing pauses of at most 100 ms")
    func stuck() {
        var agenda = Agenda()
        agenda.tenantCame(demo)
        var pauses: [Duration] = []
        for _ in 0..<12 {
            agenda.settled(demo, next: start, now: start, uptime: .zero)
            pauses.append(agenda.plan(uptime: .zero) { _ in Agenda.Reading(now: start, isRunning: true) }.wait ?? .zero)
            agenda.settlementEnded(demo)
        }
        #expect(pauses.first == .zero && pauses.last == .milliseconds(100) && pauses == pauses.sorted())
        agenda.settled(demo, next: nil, now: start, uptime: .zero)
        agenda.scheduleChanged(demo)
        #expect(plan(&agenda).settle == [demo])
    }
}
