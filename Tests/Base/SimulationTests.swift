import Base
import Foundation
import TestSupport
import Testing

@Suite("Simulated time")
struct SimulationTests {
    @Test("sleepers wake by their deadline, and those of one deadline in the order they lay down")
    func order() throws {
        let simulation = Simulation()
        let trace = Locked<[String]>([])
        try simulation.run {
            await withTaskGroup(of: Void.self) { group in
                for (name, seconds) in [("c", 3), ("a", 1), ("b", 2), ("b2", 2), ("z", 0), ("a2", 1)] {
                    group.addTask {
                        try? await simulation.sleep(for: .seconds(seconds))
                        trace.withLock { $0.append("\(name)@\(simulation.uptime.wholeSeconds)") }
                    }
                }
            }
        }
        #expect(trace.withLock { $0 } == ["z@0", "a@1", "a2@1", "b@2", "b2@2", "c@3"])
        #expect(simulation.now == Timestamp(unixSeconds: 1_767_225_603))
    }

    @Test("a cancelled sleep throws at once and the clock does not move for it")
    func cancellation() throws {
        let simulation = Simulation()
        let uptime = try simulation.run {
            let sleeper = Task(executorPreference: simulation) { try await simulation.sleep(for: .seconds(600)) }
            try await simulation.sleep(for: .seconds(1))
            sleeper.cancel()
            await #expect(throws: CancellationError.self) { try await sleeper.value }
            let late = Task(executorPreference: simulation) { try await simulation.sleep(for: .zero) }
            late.cancel()
            await #expect(throws: CancellationError.self) { try await late.value }
            return simulation.uptime
        }
        #expect(uptime == .seconds(1))
    }

    @Test("ten hours of one sleep a second are over at once")
    func tenHours() throws {
        let simulation = Simulation()
        let taken = try ContinuousClock().measure {
            try simulation.run { for _ in 0..<36_000 { try await simulation.sleep(for: .seconds(1)) } }
        }
        #expect(simulation.uptime == .seconds(36_000))
        #expect(taken < .seconds(600), "a wide bound for a busy machine; it takes about a tenth of a second")
    }

    @Test("everything waiting for what will not come is reported")
    func stall() {
        let simulation = Simulation(patience: .milliseconds(20))
        let waiting = Locked<CheckedContinuation<Void, Never>?>(nil)
        let taken = ContinuousClock().measure {
            #expect(throws: SimulationStalled.self) {
                try simulation.run { await withCheckedContinuation { continuation in waiting.withLock { $0 = continuation } } }
            }
        }
        #expect(taken >= .milliseconds(20) && taken < .seconds(60))
        waiting.withLock { $0 }?.resume()
    }

    @Test("work that arrives from another thread in time is no stall")
    func otherThreads() throws {
        let simulation = Simulation()
        let value = Locked(0)
        try simulation.run { await onAnotherThread { value.withLock { $0 = 7 } } }
        #expect(value.withLock { $0 } == 7)
    }

    @Test("what the body throws comes out, and the next run starts afresh on the same clock")
    func runs() throws {
        struct Refusal: Error {}
        let simulation = Simulation()
        #expect(throws: Refusal.self) {
            try simulation.run {
                try await simulation.sleep(for: .seconds(2))
                throw Refusal()
            }
        }
        let uptime = try simulation.run {
            try await simulation.sleep(for: .seconds(3))
            return simulation.uptime
        }
        #expect(uptime == .seconds(5))
    }

    @Test("an actor that asks for the simulation as its executor runs inside it")
    func actors() throws {
        let simulation = Simulation()
        let tally = Tally(executor: simulation)
        let total = try simulation.run {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<100 { group.addTask { await tally.add(simulation) } }
            }
            return await tally.total
        }
        #expect(total == 100)
        #expect(simulation.uptime == .seconds(1))
    }

    @Test("a sleeper that another thread cancels at any moment is resumed once, never twice")
    func racingCancellation() throws {
        let simulation = Simulation()
        try simulation.run {
            for _ in 0..<500 {
                let sleeper = Task(executorPreference: simulation) { try await simulation.sleep(for: .seconds(1)) }
                await onAnotherThread { sleeper.cancel() }
                _ = await sleeper.result
            }
        }
    }

    @Test("a hand-moved clock moves by hand and by sleeping")
    func manualTime() async throws {
        let time = ManualTime(Timestamp(unixSeconds: 100))
        time.advance(by: .seconds(5))
        try await time.sleep(for: .milliseconds(500))
        #expect(time.now == Timestamp(unixSeconds: 105) + .milliseconds(500))
        #expect(time.uptime == .milliseconds(5500))
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            try await time.sleep(for: .seconds(1))
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(time.uptime == .milliseconds(5500))
    }

    @Test("seeded bytes repeat, differ by seed, and do not depend on how they are asked for")
    func seededRandom() {
        #expect(SeededRandom(seed: 1).bytes(64) == SeededRandom(seed: 1).bytes(64))
        #expect(SeededRandom(seed: 1).bytes(64) != SeededRandom(seed: 2).bytes(64))
        let random = SeededRandom(seed: 1)
        #expect(random.bytes(3) + random.bytes(5) == SeededRandom(seed: 1).bytes(8))
        var counts = [UInt8: Int]()
        for byte in random.bytes(25_600) { counts[byte, default: 0] += 1 }
        #expect(counts.count == 256 && counts.values.allSatisfy { (50...160).contains($0) })
    }
}

private actor Tally {
    private let executor: Simulation
    private(set) var total = 0
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(executor: Simulation) { self.executor = executor }

    func add(_ simulation: Simulation) async {
        try? await simulation.sleep(for: .seconds(1))
        total += 1
    }
}

/// Not a detached task: simulations block the threads of the pool that would have to run it.
private func onAnotherThread(_ body: @escaping @Sendable () -> Void) async {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread {
            body()
            continuation.resume()
        }
    }
}
