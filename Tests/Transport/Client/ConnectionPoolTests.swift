import Testing

@testable import Transport

@Suite("HTTPClient connection pool")
struct ConnectionPoolTests {
    private typealias Pool = ConnectionPool<String, Int, String>

    private func pool(connections: Int = 4, idle: Int = 2, waiting: Int = 3, age: Duration? = nil) -> Pool {
        Pool(limits: .init(connections: connections, idlePerKey: idle, waiting: waiting, idleTime: .seconds(30), age: age))
    }

    @Test("opens for the first exchange and reuses the connection that was used last")
    func reuse() {
        var pool = pool()
        #expect(pool.exchangeRequested("a", for: "x", now: .zero) == .open)
        #expect(pool.exchangeRequested("b", for: "x", now: .zero) == .open)
        for connection in [1, 2] {
            #expect(
                pool.connectionReleased(connection, key: "x", isReusable: true, establishedAt: .zero, now: .seconds(connection)) == .keep)
        }
        #expect(pool.idleCount == 2)
        #expect(pool.exchangeRequested("c", for: "x", now: .seconds(3)) == .reuse(2))
        #expect(pool.exchangeRequested("d", for: "x", now: .seconds(3)) == .reuse(1))
        #expect(pool.exchangeRequested("e", for: "x", now: .seconds(3)) == .open)
        #expect(pool.connectionCount == 3 && pool.idleCount == 0)
    }

    @Test("never gives a connection to an exchange with another key")
    func keys() {
        var pool = pool()
        _ = pool.exchangeRequested("a", for: "x", now: .zero)
        _ = pool.connectionReleased(1, key: "x", isReusable: true, establishedAt: .zero, now: .zero)
        #expect(pool.exchangeRequested("b", for: "y", now: .zero) == .open)
        #expect(pool.exchangeRequested("c", for: "x", now: .zero) == .reuse(1))
    }

    @Test("closes what cannot be reused and what exceeds the idle limit")
    func idleLimit() {
        var pool = pool()
        for name in ["a", "b", "c", "d"] { #expect(pool.exchangeRequested(name, for: "x", now: .zero) == .open) }
        #expect(pool.connectionReleased(1, key: "x", isReusable: false, establishedAt: .zero, now: .zero) == .close)
        #expect(pool.connectionReleased(2, key: "x", isReusable: true, establishedAt: .zero, now: .zero) == .keep)
        #expect(pool.connectionReleased(3, key: "x", isReusable: true, establishedAt: .zero, now: .zero) == .keep)
        #expect(pool.connectionReleased(4, key: "x", isReusable: true, establishedAt: .zero, now: .zero) == .close)
        #expect(pool.connectionCount == 2)
    }

    @Test("lets exchanges wait at the limit and serves them in their order, with a new connection for another key")
    func waiting() {
        var pool = pool(connections: 1)
        #expect(pool.exchangeRequested("a", for: "x", now: .zero) == .open)
        #expect(pool.exchangeRequested("b", for: "x", now: .zero) == .wait)
        #expect(pool.exchangeRequested("c", for: "y", now: .zero) == .wait)
        #expect(pool.exchangeRequested("d", for: "x", now: .zero) == .wait)
        #expect(pool.exchangeRequested("e", for: "x", now: .zero) == .queueFull)
        #expect(pool.connectionReleased(1, key: "x", isReusable: true, establishedAt: .zero, now: .zero) == .handOver("b"))
        #expect(pool.connectionReleased(1, key: "x", isReusable: true, establishedAt: .zero, now: .zero) == .closeAndOpen("c", "y"))
        #expect(pool.connectionEnded() == .init(waiter: "d", key: "x"))
        #expect(pool.connectionCount == 1)
        #expect(pool.connectionEnded() == nil)
        #expect(pool.connectionCount == 0)
    }

    @Test("forgets an exchange that no longer waits")
    func leaving() {
        var pool = pool(connections: 1)
        _ = pool.exchangeRequested("a", for: "x", now: .zero)
        _ = pool.exchangeRequested("b", for: "x", now: .zero)
        _ = pool.exchangeRequested("c", for: "x", now: .zero)
        #expect(pool.waiterLeft("b") == true)
        #expect(pool.waiterLeft("b") == false)
        #expect(pool.waiterLeft("a") == false)
        #expect(pool.connectionReleased(1, key: "x", isReusable: true, establishedAt: .zero, now: .zero) == .handOver("c"))
    }

    @Test("gives up the longest idle connection of another key rather than let anybody wait")
    func eviction() {
        var pool = pool(connections: 2)
        _ = pool.exchangeRequested("a", for: "x", now: .zero)
        _ = pool.exchangeRequested("b", for: "y", now: .zero)
        _ = pool.connectionReleased(2, key: "y", isReusable: true, establishedAt: .zero, now: .seconds(1))
        _ = pool.connectionReleased(1, key: "x", isReusable: true, establishedAt: .zero, now: .seconds(2))
        #expect(pool.exchangeRequested("c", for: "z", now: .seconds(3)) == .openReplacing(2))
        #expect(pool.connectionCount == 2 && pool.idleCount == 1)
        #expect(pool.exchangeRequested("d", for: "y", now: .seconds(3)) == .openReplacing(1))
    }

    @Test("discards connections that have been idle too long, when asked and by the clock")
    func idleTime() {
        var pool = pool()
        _ = pool.exchangeRequested("a", for: "x", now: .zero)
        _ = pool.exchangeRequested("b", for: "x", now: .zero)
        _ = pool.connectionReleased(1, key: "x", isReusable: true, establishedAt: .zero, now: .zero)
        _ = pool.connectionReleased(2, key: "x", isReusable: true, establishedAt: .zero, now: .seconds(10))
        #expect(pool.timePassed(now: .seconds(29)) == ([], .seconds(1)))
        #expect(pool.timePassed(now: .seconds(30)) == ([1], .seconds(10)))
        #expect(pool.exchangeRequested("c", for: "x", now: .seconds(40)) == .discard(2))
        #expect(pool.exchangeRequested("c", for: "x", now: .seconds(40)) == .open)
        #expect(pool.connectionCount == 1)
        #expect(pool.timePassed(now: .seconds(90)) == ([], nil))
    }

    @Test("does not keep a connection beyond its age")
    func age() {
        var pool = pool(age: .seconds(60))
        _ = pool.exchangeRequested("a", for: "x", now: .zero)
        #expect(pool.connectionReleased(1, key: "x", isReusable: true, establishedAt: .zero, now: .seconds(59)) == .keep)
        #expect(pool.exchangeRequested("b", for: "x", now: .seconds(60)) == .discard(1))
        _ = pool.exchangeRequested("b", for: "x", now: .seconds(60))
        #expect(pool.connectionReleased(2, key: "x", isReusable: true, establishedAt: .zero, now: .seconds(61)) == .close)
    }

    @Test("forgets an idle connection that ended by itself, once")
    func idleEnd() {
        var pool = pool()
        _ = pool.exchangeRequested("a", for: "x", now: .zero)
        _ = pool.connectionReleased(1, key: "x", isReusable: true, establishedAt: .zero, now: .zero)
        #expect(pool.idleConnectionEnded(1, key: "x") == true)
        #expect(pool.idleConnectionEnded(1, key: "x") == false)
        #expect(pool.connectionCount == 0 && pool.idleCount == 0)
        #expect(pool.exchangeRequested("b", for: "x", now: .zero) == .open)
    }

    @Test("gives up the idle connections of some keys at once, and counts the others on")
    func retirement() {
        var pool = pool(connections: 4)
        for name in ["a", "b", "c"] { #expect(pool.exchangeRequested(name, for: name == "c" ? "y" : "x", now: .zero) == .open) }
        for (connection, key) in [(1, "x"), (2, "x"), (3, "y")] {
            #expect(pool.connectionReleased(connection, key: key, isReusable: true, establishedAt: .zero, now: .zero) == .keep)
        }
        let retired = pool.retired { $0 == "x" }
        #expect(retired == [1, 2])
        #expect(pool.connectionCount == 1 && pool.idleCount == 1)
        let again = pool.retired { $0 == "x" }
        #expect(again.isEmpty)
        #expect(pool.exchangeRequested("d", for: "x", now: .zero) == .open)
        #expect(pool.exchangeRequested("e", for: "y", now: .zero) == .reuse(3))
    }

    @Test("turns everybody away after a shut-down and keeps nothing")
    func shutDown() {
        var pool = pool(connections: 2)
        _ = pool.exchangeRequested("a", for: "x", now: .zero)
        _ = pool.exchangeRequested("b", for: "y", now: .zero)
        _ = pool.exchangeRequested("c", for: "x", now: .zero)
        let (idle, waiting) = pool.shutDownBegan()
        #expect(idle.isEmpty && waiting == ["c"])
        #expect(pool.exchangeRequested("d", for: "x", now: .zero) == .shutDown)
        #expect(pool.connectionReleased(1, key: "x", isReusable: true, establishedAt: .zero, now: .zero) == .close)
        #expect(pool.connectionEnded() == nil)
        #expect(pool.connectionCount == 0)
    }

    @Test("never counts more connections than the limit, whatever happens in whatever order")
    func randomWalk() {
        var generator = SystemRandomNumberGenerator()
        var pool = pool(connections: 5, idle: 3, waiting: 8)
        var busy: [(Int, String)] = []
        var opening: [String] = []
        var (number, name) = (0, 0)
        func place(_ placement: Pool.Placement, _ key: String) {
            switch placement {
            case .reuse(let connection): busy.append((connection, key))
            case .open, .openReplacing: opening.append(key)
            default: break
            }
        }
        for step in 0..<20_000 {
            let now = Duration.milliseconds(step * 200)
            let key = ["x", "y", "z"].randomElement(using: &generator)!
            switch Int.random(in: 0..<7, using: &generator) {
            case 6: _ = pool.retired { $0 == key }
            case 0, 1:
                name += 1
                place(pool.exchangeRequested("\(name)", for: key, now: now), key)
            case 2 where !opening.isEmpty:
                number += 1
                busy.append((number, opening.removeFirst()))
            case 3 where !opening.isEmpty:
                opening.removeFirst()
                if let next = pool.connectionEnded() { opening.append(next.key) }
            case 4 where !busy.isEmpty:
                let (connection, key) = busy.remove(at: Int.random(in: busy.indices, using: &generator))
                let reusable = Bool.random(using: &generator)
                switch pool.connectionReleased(connection, key: key, isReusable: reusable, establishedAt: now, now: now) {
                case .handOver: busy.append((connection, key))
                case .closeAndOpen(_, let other): opening.append(other)
                case .keep, .close: break
                }
            default: _ = pool.timePassed(now: now)
            }
            #expect(pool.connectionCount == busy.count + opening.count + pool.idleCount)
            #expect(pool.connectionCount <= 5)
            // Nobody waits while there is room.
            #expect(pool.waitingCount == 0 || (pool.connectionCount == 5 && pool.idleCount == 0))
        }
    }
}
