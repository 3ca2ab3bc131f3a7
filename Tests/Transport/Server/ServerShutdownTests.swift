import Base
import Foundation
import Testing
import Transport

@Suite("The HTTP server's end")
struct ServerShutdownTests {
    private static func start(_ handler: any HTTPHandler, loops: Int = 1) throws -> (HTTPServer, EventLoopGroup) {
        let group = try EventLoopGroup(count: loops)
        let address = try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
        return (try HTTPServer(group: group, address: address, handler: handler), group)
    }

    @Test("A request in flight is answered with Connection: close; idle connections end at once; new ones are refused")
    func graceful() async throws {
        try await onOwnThread {
            let started = Gate()
            let gate = Gate()
            let handler = ClosureHandler { request, _ in
                if request.target == "/slow" {
                    started.open()
                    await gate.pass()
                }
                return HTTPResponse(status: 200, body: Array("done".utf8))
            }
            let (server, group) = try Self.start(handler, loops: 2)
            let idle = try RawClient(server.address)
            idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try idle.receiveResponse().status == 200)
            let busy = try RawClient(server.address)
            busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            await started.pass()
            let ending = Task { await server.shutdown(deadline: .seconds(60)) }
            #expect(idle.receiveAll() == "")
            #expect(idle.hasEnded)
            #expect(await eventually { (try? RawClient(server.address)) == nil })
            #expect(server.counters.runningRequests == 1)
            gate.open()
            let response = try busy.receiveResponse()
            #expect(response.body == "done")
            #expect(response.head.contains("\r\nConnection: close\r\n"))
            #expect(busy.receiveAll() == "")
            await ending.value
            #expect(server.counters.openConnections == 0)
            group.stop()
        }
    }

    @Test("A half-received request may still be completed while the server ends")
    func halfReceived() async throws {
        try await onOwnThread {
            let (server, group) = try Self.start(echo)
            let client = try RawClient(server.address)
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab")
            let idle = try RawClient(server.address)
            #expect(await eventually { server.counters.openConnections == 2 })
            let ending = Task { await server.shutdown(deadline: .seconds(60)) }
            // The end of the idle connection shows that the server is ending.
            #expect(idle.receiveAll() == "" && idle.hasEnded)
            client.send("cd")
            let all = client.receiveAll()
            #expect(all.hasSuffix("POST / 4\nabcd") && all.contains("\r\nConnection: close\r\n"))
            await ending.value
            group.stop()
        }
    }

    @Test("What has not ended by the deadline is closed")
    func deadline() async throws {
        try await onOwnThread {
            let started = Gate()
            let gate = Gate()
            let handler = ClosureHandler { _, _ in
                started.open()
                await gate.pass()
                return HTTPResponse(status: 200)
            }
            let (server, group) = try Self.start(handler)
            let client = try RawClient(server.address)
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await started.pass()
            let before = ContinuousClock.now
            await server.shutdown(deadline: .milliseconds(60))
            // The handler would not end by itself: that this has returned is the deadline's doing.
            #expect(ContinuousClock.now - before >= .milliseconds(50))
            #expect(client.receiveAll() == "")
            #expect(server.counters.openConnections == 0)
            gate.open()
            #expect(await eventually { server.counters.runningRequests == 0 })
            group.stop()
        }
    }

    @Test("The end waits for a handler whose caller has gone")
    func handlerWithoutCaller() async throws {
        try await onOwnThread {
            let started = Gate()
            let gate = Gate()
            let ended = Locked(false)
            let handler = ClosureHandler { _, _ in
                started.open()
                await gate.pass()
                ended.withLock { $0 = true }
                return HTTPResponse(status: 200)
            }
            let (server, group) = try Self.start(handler)
            let client = try RawClient(server.address)
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await started.pass()
            client.reset()
            #expect(await eventually { server.counters.openConnections == 0 })
            let ending = Task { await server.shutdown(deadline: .seconds(60)) }
            try await Task.sleep(for: .milliseconds(30))
            gate.open()
            await ending.value
            #expect(ended.withLock { $0 })
            group.stop()
        }
    }

    @Test("A port that is taken is reported by name of the call")
    func portTaken() async throws {
        try await onOwnThread {
            let (server, group) = try Self.start(echo)
            #expect(throws: SystemError.self) { try HTTPServer(group: group, address: server.address, handler: echo) }
            await server.shutdown()
            group.stop()
        }
    }
}
