import Base
import ProviderKit
import TestSupport
import Testing

@Suite("Work that is shared")
struct SharedWorkTests {
    private actor Bench {
        var begun = 0
        func begin() { begun += 1 }
    }

    @Test(
        "those who come while it is under way get what it brings, the next begins anew, and deadline and cancellation end a wait and not the work"
    )
    func sharing() throws {
        let time = Simulation()
        try time.run {
            let bench = Bench()
            let shared = SharedWork<String, Int>(time: time)
            @Sendable func value(_ deadline: Duration) async -> String {
                switch await shared.value(
                    "a", deadline: deadline,
                    {
                        await bench.begin()
                        try? await time.sleep(for: .seconds(10))
                        return await bench.begun
                    })
                {
                case .done(let value, let isOwn): "\(value) \(isOwn)"
                case .deadlinePassed: "late"
                case .cancelled: "cancelled"
                }
            }
            let answers = Locked<[String: String]>([:])
            func start(_ name: String, _ deadline: Duration) -> Task<Void, Never> {
                startTask {
                    let answer = await value(deadline)
                    answers.withLock { $0[name] = answer }
                }
            }
            let tasks = [start("own", .seconds(3)), start("other", .seconds(30)), start("gone", .seconds(30))]
            try await time.sleep(for: .seconds(1))
            #expect(shared.isUnderWay("a") && !shared.isUnderWay("b"))
            tasks[2].cancel()
            for task in tasks { await task.value }
            #expect(answers.withLock { $0 } == ["own": "late", "other": "1 false", "gone": "cancelled"])
            #expect(time.uptime == .seconds(10) && !shared.isUnderWay("a"))
            #expect(await value(.seconds(30)) == "2 true")
        }
    }

    @Test(
        "who waits for the end of all work is told as soon as the last has ended, or when the limit is over, whether its own task is cancelled or not"
    )
    func idle() throws {
        let time = Simulation()
        try time.run {
            let shared = SharedWork<String, Int>(time: time)
            #expect(await shared.becomeIdle(within: .seconds(1)) && time.uptime == .zero)
            for (name, seconds) in [("a", 10), ("b", 20)] as [(String, Int64)] {
                startTask {
                    _ = await shared.value(name, deadline: .seconds(1)) {
                        try? await time.sleep(for: .seconds(seconds))
                        return 0
                    }
                }
            }
            try await time.sleep(for: .seconds(2))
            #expect(await shared.becomeIdle(within: .seconds(3)) == false)
            #expect(time.uptime == .seconds(5))
            let moment = Locked<Duration?>(nil)
            let cancelled = startTask {
                if await shared.becomeIdle(within: .seconds(100)) { moment.withLock { $0 = time.uptime } }
            }
            cancelled.cancel()
            #expect(await shared.becomeIdle(within: .seconds(100)))
            await cancelled.value
            #expect(time.uptime == .seconds(20) && moment.withLock { $0 } == .seconds(20))
        }
    }

    @Test("turns are taken one after the other in the order of arrival, each name by itself, and a failure ends a turn too")
    func turns() throws {
        let time = Simulation()
        try time.run {
            let turns = Turns<String>()
            let order = Locked<[Int]>([])
            await withTaskGroup(of: Void.self) { group in
                for index in 0..<5 {
                    group.addTask {
                        try? await time.sleep(for: .milliseconds(Int64(index)))
                        try? await turns.take("a") {
                            try await time.sleep(for: .seconds(1))
                            order.withLock { $0.append(index) }
                            if index == 1 { throw CancellationError() }
                        }
                    }
                }
                group.addTask { await turns.take("b") { order.withLock { $0.append(9) } } }
            }
            #expect(order.withLock { $0 } == [9, 0, 1, 2, 3, 4] && time.uptime == .seconds(5))
        }
    }
}
