import Base
import Foundation
import TestSupport
import Testing
import Transport

@Suite("The HTTP server's limits and deadlines")
struct ServerLimitTests {
    @Test("Every malformed request gets its status and the end of the connection, and reaches no handler")
    func malformed() async throws {
        let handler = ClosureHandler { request, _ in HTTPResponse(status: 299, body: Array(request.target.utf8)) }
        try await withServer(handler: handler) { server in
            for request in MalformedRequest.all {
                let client = try RawClient(server.address)
                client.send(request.bytes)
                let all = client.receiveAll()
                #expect(all.hasPrefix("HTTP/1.1 \(request.status) "), "\(request.name): \(all.prefix(60))")
                #expect(all.contains("\r\nConnection: close\r\n"), "\(request.name)")
                #expect(client.hasEnded, "\(request.name)")
            }
            #expect(server.counters.requests == 0)
            #expect(server.counters.malformedRequests == MalformedRequest.all.count)
        }
    }

    @Test("What follows a malformed request on the same connection is never served")
    func nothingSmuggled() async throws {
        try await withServer { server in
            for request in MalformedRequest.all {
                let client = try RawClient(server.address)
                client.send(Array("GET /good HTTP/1.1\r\nHost: a\r\n\r\n".utf8) + request.bytes)
                client.send("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
                let all = client.receiveAll()
                #expect(all.contains("GET /good 0") && !all.contains("GET /smuggled"), "\(request.name)")
            }
        }
    }

    @Test(
        "An oversized request gets its status even while the caller is still sending",
        arguments: [
            ("GET /\(String(repeating: "x", count: 9000)) HTTP/1.1\r\n", 414),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 25_000))\r\n", 431),
            ("GET / HTTP/1.1\r\nHost: a\r\n\(String(repeating: "X: y\r\n", count: 100))", 431),
            ("GET / HTTP/1.1\r\nHost: a\r\n\(String(repeating: "X: \(String(repeating: "y", count: 3000))\r\n", count: 11))", 431),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n", 413),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2dc6c0\r\n", 413),
        ])
    func oversized(start: String, status: Int) async throws {
        try await withServer { server in
            let client = try RawClient(server.address)
            client.send(start)
            client.send(String(repeating: "z", count: 3_000_000))
            client.endSending()
            let all = client.receiveAll()
            #expect(all.hasPrefix("HTTP/1.1 \(status) "))
            #expect(client.hasEnded && !client.wasReset)
        }
    }

    @Test("A head that trickles in gets 408 in time, although every byte is quick", arguments: [0, 1, 3])
    func slowHead(before: Int) async throws {
        let time = ManualTime()
        try await withServer(HTTPServerConfiguration(headerTimeout: .milliseconds(20)), time: time) { server in
            let client = try RawClient(server.address)
            for _ in 0..<before {
                client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n")
                pause(milliseconds: 10)
                client.send("x")
                #expect(try client.receiveResponse().status == 200)
            }
            let start = time.uptime
            client.send("GET / HTTP/1.1\r\nHost: ")
            // A byte each millisecond of the server's clock, and no end of them: only a deadline for the whole head ends this.
            for _ in 0..<20_000 where !client.hasInput {
                time.advance(by: .milliseconds(1))
                if !client.send("a") { break }
                pause(milliseconds: 1)
            }
            #expect(client.receiveAll().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
            #expect(time.uptime - start >= .milliseconds(20))
            #expect(server.counters.timeouts == 1)
        }
    }

    @Test("A head that begins right behind another request has its own deadline")
    func slowSecondHead() async throws {
        let time = HeldTime()
        try await withServer(HTTPServerConfiguration(headerTimeout: .milliseconds(100)), time: time) { server in
            let client = try RawClient(server.address)
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /half HTTP")
            #expect(try client.receiveResponse().status == 200)
            time.letGo()
            #expect(client.receiveAll().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        }
    }

    @Test("A body that does not come gets 408")
    func slowBody() async throws {
        try await withServer(HTTPServerConfiguration(requestTimeout: .milliseconds(100))) { server in
            let client = try RawClient(server.address)
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc")
            #expect(client.receiveAll().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        }
    }

    @Test("A handler that takes too long is answered for with 503; it runs on, and its late answer goes nowhere")
    func slowHandler() async throws {
        let gate = Gate()
        let ended = Locked(false)
        let handler = ClosureHandler { _, _ in
            await gate.pass()
            ended.withLock { $0 = true }
            return HTTPResponse(status: 200, body: Array("late".utf8))
        }
        try await withServer(
            HTTPServerConfiguration(requestTimeout: .milliseconds(80), lingerTimeout: .milliseconds(300)), handler: handler
        ) { server in
            let client = try RawClient(server.address)
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.receiveResponse().status == 503)
            gate.open()
            #expect(client.receiveAll() == "")
            #expect(await eventually { ended.withLock { $0 } })
        }
    }

    @Test("An idle connection is closed without a word")
    func idle() async throws {
        let time = HeldTime()
        try await withServer(HTTPServerConfiguration(idleTimeout: .milliseconds(80)), time: time) { server in
            let used = try RawClient(server.address)
            used.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try used.receiveResponse().status == 200)
            let fresh = try RawClient(server.address)
            time.letGo()
            for client in [fresh, used] {
                #expect(client.receiveAll() == "")
                #expect(client.hasEnded)
            }
            #expect(server.counters.timeouts == 0)
        }
    }

    @Test("Requests that keep coming are not cut off by the deadlines of those before")
    func deadlinesMove() async throws {
        let time = ManualTime()
        let configuration = HTTPServerConfiguration(
            headerTimeout: .milliseconds(10), requestTimeout: .milliseconds(10), idleTimeout: .milliseconds(10))
        try await withServer(configuration, time: time) { server in
            let client = try RawClient(server.address)
            for _ in 0..<10 {
                // What the server says to the head shows that it has read it before the clock moves on.
                client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
                #expect(client.receive(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
                time.advance(by: .milliseconds(7))
                // Long enough for the server to look at the clock: it does every 10 ms.
                pause(milliseconds: 20)
                client.send("x")
                #expect(try client.receiveResponse().status == 200)
                time.advance(by: .milliseconds(7))
                pause(milliseconds: 20)
            }
            #expect(server.counters.timeouts == 0)
        }
    }

    @Test("A caller that does not read its answer is cut off", arguments: [false, true])
    func slowReader(streams: Bool) async throws {
        let handler = ClosureHandler { _, _ in
            let bytes = [UInt8](repeating: 0x78, count: 30_000_000)
            return streams ? HTTPResponse(status: 200) { try await $0.write(bytes) } : HTTPResponse(status: 200, body: bytes)
        }
        try await withServer(HTTPServerConfiguration(writeTimeout: .milliseconds(100)), handler: handler) { server in
            let client = try RawClient(server.address, receiveBuffer: 4096)
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(client.receiveMore())
            #expect(await eventually { server.counters.openConnections == 0 })
            #expect(server.counters.timeouts == 1)
            #expect(await eventually { server.counters.runningRequests == 0 })
        }
    }

    @Test("One connection too many gets 503, and there is room again when another ends")
    func connectionLimit() async throws {
        try await withServer(HTTPServerConfiguration(maximumConnections: 3)) { server in
            var clients = try (0..<3).map { _ in try RawClient(server.address) }
            for client in clients {
                client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try client.receiveResponse().status == 200)
            }
            let surplus = try RawClient(server.address)
            surplus.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(surplus.receiveAll().hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
            #expect(surplus.hasEnded && !surplus.wasReset)
            #expect(server.counters.refusedConnections == 1)
            clients.removeAll()
            #expect(await eventually { server.counters.openConnections <= 1 })
            let next = try RawClient(server.address)
            next.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try next.receiveResponse().status == 200)
        }
    }

    @Test("The server's own refusals look as the configuration says")
    func refusal() async throws {
        let configuration = HTTPServerConfiguration { status, _ in
            HTTPResponse(status: status, fields: ["Content-Type": "application/problem+json"], body: Array("{}".utf8))
        }
        try await withServer(configuration) { server in
            let client = try RawClient(server.address)
            client.send("nonsense\r\n")
            let all = client.receiveAll()
            #expect(all.contains("\r\nContent-Type: application/problem+json\r\n") && all.hasSuffix("\r\n\r\n{}"))
        }
    }

    @Test("A thousand connections opened and closed in every way leave no descriptor behind")
    func descriptors() async throws {
        try await withServer(loops: 2) { server in
            let before = try Self.descriptorCount(server)
            for round in 0..<250 {
                let clients = try (0..<4).map { _ in try RawClient(server.address) }
                clients[0].send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                clients[1].send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                clients[2].send("nonsense\r\n\r\n")
                if round % 10 == 0 { _ = try clients[0].receiveResponse() }
                clients[3].reset()
            }
            #expect(await eventually { server.counters.acceptedConnections == 1000 && server.counters.openConnections == 0 })
            #expect(try Self.descriptorCount(server) <= before)
        }
    }

    /// Sockets of this process that are bound to the server's port; other tests open descriptors at the same time.
    private static func descriptorCount(_ server: HTTPServer) throws -> Int {
        (3..<4096).count { descriptor in
            var name = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let result = withUnsafeMutablePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(Int32(descriptor), $0, &length) }
            }
            return result == 0 && Int(UInt16(bigEndian: name.sin_port)) == server.address.port
        }
    }
}
