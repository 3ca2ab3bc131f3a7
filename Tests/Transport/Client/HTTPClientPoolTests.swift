import Base
import Foundation
import TestSupport
import Testing

@testable import Transport

@Suite("HTTPClient connections")
struct HTTPClientPoolTests {
    /// Answers all requests of all connections.
    private func server(host: String = "127.0.0.1") throws -> RawServer {
        try RawServer(host: host) { connection, _ in
            while true {
                try connection.readRequest()
                try connection.answer()
            }
        }
    }

    @Test("one after the other, all exchanges of a task use one connection")
    func sequential() async throws {
        let server = try server()
        try await withClient { (client) async throws in for _ in 0..<50 { _ = try await client.post(server.origin) } }
        #expect(server.seen.connections == 1 && server.seen.requests == 50)
    }

    @Test("tasks on different loops use connections of their own loop, from beginning to end")
    func loops() async throws {
        let server = try server()
        let group = try EventLoopGroup(count: 2)
        let client = try HTTPClient(group: group)
        for loop in group.loops {
            let stayed = try await Task(executorPreference: loop) {
                var stayed = true
                for _ in 0..<20 {
                    _ = try await client.post(server.origin)
                    stayed = stayed && loop.isCurrent
                }
                return stayed
            }.value
            #expect(stayed)
        }
        #expect(server.seen.connections == 2 && server.seen.requests == 40)
        await client.shutDown()
        group.stop()
    }

    @Test("many at once are all answered, on no more connections than allowed")
    func concurrencyLimit() async throws {
        let arrived = Locked(0)
        let server = try RawServer { connection, _ in
            while true {
                try connection.readRequest()
                arrived.withLock { $0 += 1 }
                // Nobody is answered before as many have come as may come at once.
                for _ in 0..<60_000 where arrived.withLock({ $0 }) < 3 { connection.pause(0.001) }
                try connection.answer()
            }
        }
        try await withClient(HTTPClient.Configuration(maximumConnections: 3)) { (client) async throws in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for _ in 0..<60 { tasks.addTask { () async throws in #expect(try await client.post(server.origin).text == "ok") } }
                try await tasks.waitForAll()
            }
        }
        #expect(server.seen.connections == 3 && server.seen.requests == 60)
    }

    @Test("at the limit, an idle connection to one origin makes room for another origin")
    func eviction() async throws {
        let (one, other) = (try server(), try server())
        try await withClient(HTTPClient.Configuration(maximumConnections: 1)) { (client) async throws in
            for _ in 0..<3 {
                _ = try await client.get(one.origin)
                _ = try await client.get(other.origin)
            }
        }
        #expect(one.seen.connections == 3 && other.seen.connections == 3)
    }

    @Test("who waits too long for a connection fails as not sent")
    func queueDeadline() async throws {
        let release = DispatchSemaphore(value: 0)
        let server = try RawServer { connection, _ in
            try connection.readRequest()
            release.wait()
            try connection.answer()
        }
        try await withClient(HTTPClient.Configuration(maximumConnections: 1)) { (client) async throws in
            async let first = client.post(server.origin)
            while server.seen.requests == 0 { try await Task.sleep(for: .milliseconds(1)) }
            let error = await client.failure(server.origin, timeouts: HTTPTimeouts(connect: .milliseconds(30)))
            #expect(error == HTTPExchangeError(.connectTimeout, .notSent))
            release.signal()
            #expect(try await first.text == "ok")
        }
        #expect(server.seen.requests == 1)
    }

    @Test("who finds too many waiting fails at once as not sent")
    func queueFull() async throws {
        let release = DispatchSemaphore(value: 0)
        let server = try RawServer { connection, _ in
            try connection.readRequest()
            release.wait()
            try connection.answer()
        }
        try await withClient(HTTPClient.Configuration(maximumConnections: 1, maximumWaiting: 0)) { (client) async throws in
            async let first = client.post(server.origin)
            while server.seen.requests == 0 { try await Task.sleep(for: .milliseconds(1)) }
            #expect(await client.failure(server.origin) == HTTPExchangeError(.tooManyWaiting, .notSent))
            release.signal()
            #expect(try await first.text == "ok")
        }
        #expect(server.seen.requests == 1)
    }

    @Test("an idle connection is closed by us when its time is over")
    func idleTime() async throws {
        let ended = Locked(false)
        let server = try RawServer { connection, _ in
            try connection.readRequest()
            try connection.answer()
            connection.waitForEnd()
            ended.withLock { $0 = true }
        }
        try await withClient(HTTPClient.Configuration(idleTime: .milliseconds(40))) { (client) async throws in
            let start = ContinuousClock.now
            _ = try await client.get(server.origin)
            while !ended.withLock({ $0 }), ContinuousClock.now - start < .seconds(60) { try await Task.sleep(for: .milliseconds(2)) }
            let elapsed = ContinuousClock.now - start
            #expect(elapsed >= .milliseconds(40) && elapsed < .seconds(60))
        }
    }

    @Test("a waiting task that is cancelled fails at once: not sent in the queue, unknown once written")
    func cancellation() async throws {
        let server = try RawServer { connection, _ in
            try connection.readRequest()
            connection.waitForEnd()
        }
        try await withClient(HTTPClient.Configuration(maximumConnections: 1)) { (client) async throws in
            let active = Task { await client.failure(server.origin) }
            while server.seen.requests == 0 { try await Task.sleep(for: .milliseconds(1)) }
            let waiting = Task { await client.failure(server.origin) }
            try await Task.sleep(for: .milliseconds(20))
            waiting.cancel()
            #expect(await waiting.value == HTTPExchangeError(.cancelled, .notSent))
            active.cancel()
            #expect(await active.value == HTTPExchangeError(.cancelled, .unknown))
            let early = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await client.failure(server.origin)
            }
            #expect(await early.value == HTTPExchangeError(.cancelled, .notSent))
        }
        #expect(server.seen.requests == 1)
    }

    @Test("cancelling while a connection is being opened is not sent, and the room is given back")
    func cancelOpening() async throws {
        // The resolver never answers for this name.
        struct Silent: NameResolving {
            func resolve(_ host: String, port: Int, completion: @escaping @Sendable ([SocketAddress]) -> Void) {}
        }
        let server = try server()
        try await withClient(HTTPClient.Configuration(maximumConnections: 1), resolver: Silent()) { (client) async throws in
            let origin = HTTPOrigin(isSecure: false, host: "slow.test", port: 80)
            let opening = Task { await client.failure(origin) }
            try await Task.sleep(for: .milliseconds(20))
            opening.cancel()
            #expect(await opening.value == HTTPExchangeError(.cancelled, .notSent))
            let late = await client.failure(origin, timeouts: HTTPTimeouts(connect: .milliseconds(30)))
            #expect(late == HTTPExchangeError(.connectTimeout, .notSent))
            #expect(try await client.post(server.origin).text == "ok")
        }
    }

    @Test("a shut-down lets requests on their way finish and refuses new ones")
    func shutDown() async throws {
        let release = DispatchSemaphore(value: 0)
        let server = try RawServer { connection, _ in
            try connection.readRequest()
            release.wait()
            try connection.answer()
        }
        let group = try EventLoopGroup(count: 2)
        let client = try HTTPClient(group: group)
        async let finished = client.post(server.origin)
        while server.seen.requests == 0 { try await Task.sleep(for: .milliseconds(1)) }
        let ending = Task { await client.shutDown(grace: .seconds(600)) }
        // Until the shut-down has begun, further ones wait for an answer like the first, for a moment.
        let impatience = HTTPTimeouts(firstByte: .milliseconds(5))
        var refused = await client.failure(server.origin, timeouts: impatience)
        for _ in 0..<10_000 where refused?.code == .firstByteTimeout { refused = await client.failure(server.origin, timeouts: impatience) }
        #expect(refused == HTTPExchangeError(.shutDown, .notSent))
        for _ in 0..<server.seen.connections { release.signal() }
        #expect(try await finished.text == "ok")
        await ending.value
        group.stop()
    }

    @Test("what has not finished when a shut-down's grace is over is ended: unknown")
    func shutDownGrace() async throws {
        let never = try RawServer { connection, _ in
            try connection.readRequest()
            connection.waitForEnd()
        }
        let group = try EventLoopGroup(count: 2)
        let client = try HTTPClient(group: group)
        async let ended = client.failure(never.origin)
        while never.seen.requests == 0 { try await Task.sleep(for: .milliseconds(1)) }
        let start = ContinuousClock.now
        await client.shutDown(grace: .milliseconds(200))
        // The loop counts in the system's ticks, so a timer may be some milliseconds early.
        #expect(ContinuousClock.now - start >= .milliseconds(190))
        #expect(await ended == HTTPExchangeError(.shutDown, .unknown))
        group.stop()
    }

    @Test(
        "a host with both families is reached through whichever answers", arguments: hasIPv6Loopback ? ["127.0.0.1", "::1"] : ["127.0.0.1"])
    func families(listening: String) async throws {
        var found = try server(host: listening)
        // Another test may use the same port of the other family: take one that is free there, and keep it so. Nobody can use a family that is not there.
        var reserved: Int32?
        while hasIPv6Loopback {
            reserved = reserve(listening == "::1" ? "127.0.0.1" : "::1", port: found.port)
            if reserved != nil { break }
            found = try server(host: listening)
        }
        defer { reserved.map { _ = close($0) } }
        let server = found
        let resolver = FixedResolver(["both.test": ["::1", "127.0.0.1"], "turned.test": ["127.0.0.1", "::1"]])
        try await withClient(resolver: resolver) { (client) async throws in
            for host in ["both.test", "turned.test"] {
                let origin = HTTPOrigin(isSecure: false, host: host, port: server.port)
                #expect(try await client.get(origin).text == "ok")
            }
        }
    }

    /// Binds a port without listening on it, so that attempts to connect are refused; nothing when it is taken.
    private func reserve(_ host: String, port: Int) -> Int32? {
        let descriptor = socket(host.contains(":") ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let address = SocketAddress(numericHost: host, port: port)
        if address?.withSocketAddress({ bind(descriptor, $0, $1) }) == 0 { return descriptor }
        close(descriptor)
        return nil
    }

    @Test("an address that does not answer does not hold up the next one")
    func stagger() async throws {
        let server = try server()
        // 192.0.2.0/24 is reserved for documentation and leads nowhere.
        let resolver = FixedResolver(["slow.test": ["192.0.2.1", "127.0.0.1"]])
        try await withClient(resolver: resolver) { (client) async throws in
            // The connect timeout is far shorter than the system's own patience with the first address.
            let origin = HTTPOrigin(isSecure: false, host: "slow.test", port: server.port)
            #expect(try await client.get(origin, timeouts: HTTPTimeouts(connect: .seconds(30))).text == "ok")
        }
    }

    @Test("the families take turns, beginning with the system's first choice")
    func interleaving() {
        func addresses(_ hosts: String...) -> [SocketAddress] { hosts.compactMap { SocketAddress(numericHost: $0, port: 1) } }
        let mixed = addresses("::1", "::2", "::3", "10.0.0.1")
        #expect(AddressRace.interleaved(mixed) == addresses("::1", "10.0.0.1", "::2", "::3"))
        #expect(AddressRace.interleaved(addresses("10.0.0.1", "::1")) == addresses("10.0.0.1", "::1"))
        #expect(AddressRace.interleaved([]).isEmpty)
    }

    @Test("the system's names are looked up off the loop, remembered, and shared by all who ask")
    func systemNames() async throws {
        let server = try server()
        let origin = HTTPOrigin(isSecure: false, host: "localhost", port: server.port)
        try await withClient(loops: 2) { (client) async throws in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for _ in 0..<20 { tasks.addTask { () async throws in #expect(try await client.get(origin).text == "ok") } }
                try await tasks.waitForAll()
            }
        }
        #expect(server.seen.requests == 20)
    }

    @Test("an override leads elsewhere, and the Host field stays")
    func addressOverride() async throws {
        let server = try RawServer { connection, _ in try connection.answer(connection.readRequest()) }
        let origin = HTTPOrigin(isSecure: false, host: "api.example.test", port: 80)
        let configuration = HTTPClient.Configuration(addressOverrides: [origin: server.address])
        let text = try await withClient(configuration, resolver: FixedResolver([:])) { try await $0.get(origin).text }
        #expect(text.contains("Host: api.example.test\r\n"))
    }
}
