import Base
import Testing

@testable import Transport

private actor Counter {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    private(set) var count = 0

    init(loop: EventLoop) { self.loop = loop }

    func increment() { count += loop.isCurrent ? 1 : 1_000_000 }
}

@Suite("The event loop")
struct EventLoopTests {
    @Test("An actor that lives on a loop is only ever touched from its thread")
    func actorStaysOnLoop() async throws {
        let group = try EventLoopGroup(count: 2)
        let counter = Counter(loop: group.loops[0])
        await withTaskGroup(of: Void.self) { tasks in
            for _ in 0..<200 { tasks.addTask { await counter.increment() } }
        }
        #expect(await counter.count == 200)
        group.stop()
    }

    @Test("A task with a loop as its preferred executor comes back to that loop after every wait")
    func taskStaysOnLoop() async throws {
        let group = try EventLoopGroup(count: 2)
        let loop = group.loops[1]
        let places = await Task(executorPreference: loop) {
            var places = [EventLoop.current === loop]
            try? await Task.sleep(for: .milliseconds(1))
            places.append(EventLoop.current === loop)
            await Task.yield()
            places.append(EventLoop.current === loop)
            return places
        }.value
        #expect(places == [true, true, true])
        #expect(EventLoop.current == nil)
        group.stop()
    }

    @Test("Closures handed over from many threads all run, in the order each thread gave them")
    func closuresRunInOrder() async throws {
        let loop = try EventLoop()
        let seen = Locked<[Int: [Int]]>([:])
        await withTaskGroup(of: Void.self) { tasks in
            for sender in 0..<8 {
                tasks.addTask {
                    for number in 0..<500 { loop.execute { seen.withLock { $0[sender, default: []].append(number) } } }
                }
            }
        }
        loop.stop()
        let result = seen.withLock { $0 }
        #expect(result.count == 8)
        #expect(result.values.allSatisfy { $0 == Array(0..<500) })
    }

    @Test("A timer fires once, in order of its delay, and not at all when unscheduled")
    func timers() async throws {
        let loop = try EventLoop()
        let order = Locked<[String]>([])
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            loop.execute {
                let late = LoopTimer(loop: loop) { order.withLock { $0.append("late") } }
                let early = LoopTimer(loop: loop) { order.withLock { $0.append("early") } }
                let never = LoopTimer(loop: loop) { order.withLock { $0.append("never") } }
                let end = LoopTimer(loop: loop) {
                    _ = (late, early, never)
                    done.resume()
                }
                late.schedule(after: .milliseconds(20))
                early.schedule(after: .milliseconds(5))
                never.schedule(after: .milliseconds(10))
                never.unschedule()
                end.schedule(after: .milliseconds(40))
                keep(end)
            }
        }
        loop.stop()
        #expect(order.withLock { $0 } == ["early", "late"])
    }

    @Test("A watcher reports a readable descriptor until it is disabled")
    func watcher() async throws {
        let loop = try EventLoop()
        let listener = try Socket.listen(on: try #require(SocketAddress(numericHost: "127.0.0.1", port: 0)))
        let address = try #require(Socket.localAddress(listener))
        let client = try Socket.connect(to: address)
        let accepted: (descriptor: Int32, peer: SocketAddress) = await withCheckedContinuation { done in
            loop.execute {
                let holder = Locked<DescriptorWatcher?>(nil)
                let watcher = DescriptorWatcher(loop: loop, descriptor: listener, interest: .readable) {
                    guard let pair = try? Socket.accept(listener) else { return }
                    holder.withLock { $0?.cancel() }
                    done.resume(returning: pair)
                }
                holder.withLock { $0 = watcher }
                watcher.enable()
            }
        }
        #expect(accepted.peer.host == "127.0.0.1")
        #expect(Socket.write(client, Array("hello".utf8)) == .moved(5))
        var buffer: [UInt8] = []
        var result = Socket.Transfer.wouldBlock
        while result == .wouldBlock { result = Socket.read(accepted.descriptor, into: &buffer, atMost: 100) }
        #expect(buffer == Array("hello".utf8))
        loop.stop()
        for descriptor in [listener, client, accepted.descriptor] { Socket.close(descriptor) }
    }

    @Test(
        "An address in numbers is read and written back",
        arguments: ["127.0.0.1", "0.0.0.0", "255.1.2.3", "::1", "2001:db8::8:800:200c:417a"])
    func addresses(text: String) throws {
        let address = try #require(SocketAddress(numericHost: text, port: 80))
        #expect(address.host == text)
        #expect(SocketAddress(numericHost: "localhost", port: 80) == nil)
        #expect(SocketAddress(numericHost: text, port: 70_000) == nil)
    }

    @Test("The machine's own addresses are told from all others, in either family and in both together")
    func loopback() {
        func isLoopback(_ host: String) -> Bool? { SocketAddress(numericHost: host, port: 1)?.isLoopback }
        for host in ["127.0.0.1", "127.255.255.254", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:7f01:203"] {
            #expect(isLoopback(host) == true, "\(host)")
        }
        for host in [
            "0.0.0.0", "126.255.255.255", "128.0.0.1", "10.127.0.1", "::", "::2", "::100:1", "1::1", "::127.0.0.1", "::ffff:128.0.0.1",
            "fe80::1",
        ] {
            #expect(isLoopback(host) == false, "\(host)")
        }
    }

    @Test("An IPv4 address inside IPv6 is shown as IPv4")
    func mappedAddress() throws {
        #expect(try #require(SocketAddress(numericHost: "::ffff:10.1.2.3", port: 1)).host == "10.1.2.3")
    }
}

/// Keeps an object alive until its loop has gone: the timers of a test have no other owner.
private func keep(_ object: LoopTimer) { kept.withLock { $0.append(object) } }
private let kept = Locked<[LoopTimer]>([])
