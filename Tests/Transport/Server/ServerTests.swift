import Base
import Foundation
import TestSupport
import Testing
import Transport

@Suite("The HTTP server")
struct ServerTests {
    @Test("Answers requests over one connection, one after the other")
    func keepAlive() async throws {
        try await withServer { server in
            let client = try RawClient(server.address)
            for number in 0..<3 {
                client.send("POST /\(number) HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
                let response = try client.receiveResponse()
                #expect(response.status == 200)
                #expect(response.body == "POST /\(number) 2\nhi")
                #expect(!response.head.contains("Connection:"))
                #expect(response.head.contains("Date: "))
            }
            #expect(server.counters.acceptedConnections == 1)
            #expect(server.counters.requests == 3)
        }
    }

    @Test("Pipelined requests are answered in order, although the first takes longest")
    func pipelining() async throws {
        let handler = ClosureHandler { request, _ in
            if request.target == "/0" { try? await Task.sleep(for: .milliseconds(30)) }
            return HTTPResponse(status: 200, body: Array(request.target.utf8))
        }
        try await withServer(handler: handler) { server in
            let client = try RawClient(server.address)
            client.send((0..<50).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
            for number in 0..<50 { #expect(try client.receiveResponse().body == "/\(number)") }
        }
    }

    @Test("Pipelined requests of a caller that ends its side are all answered before the connection ends")
    func halfClosed() async throws {
        try await withServer { server in
            let client = try RawClient(server.address)
            client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3 HT")
            client.endSending()
            let all = client.receiveAll()
            #expect(all.contains("GET /1 0\n") && all.contains("GET /2 0\n"))
            #expect(all.components(separatedBy: "HTTP/1.1 200 OK").count == 3)
            #expect(client.hasEnded)
        }
    }

    @Test("Much that is sent ahead of the answer waits outside, and none of it is lost")
    func readAhead() async throws {
        let gate = Gate()
        let handler = ClosureHandler { request, _ in
            await gate.pass()
            return HTTPResponse(status: 200, body: Array("\(request.body.count)".utf8))
        }
        try await withServer(handler: handler) { server in
            let client = try RawClient(server.address)
            let request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n" + String(repeating: "x", count: 50_000)
            let sender = Task.detached { client.send(String(repeating: request, count: 20)) }
            try await Task.sleep(for: .milliseconds(50))
            gate.open()
            for _ in 0..<20 { #expect(try client.receiveResponse().body == "50000") }
            #expect(await sender.value)
        }
    }

    @Test("Connection: close and HTTP/1.0 end the connection after the answer; keep-alive keeps an old caller's")
    func versions() async throws {
        try await withServer { server in
            let closing = try RawClient(server.address)
            closing.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(closing.receiveAll().contains("\r\nConnection: close\r\n"))
            #expect(closing.hasEnded)
            let old = try RawClient(server.address)
            old.send("GET / HTTP/1.0\r\n\r\n")
            #expect(old.receiveAll().hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(old.hasEnded)
            let kept = try RawClient(server.address)
            for _ in 0..<2 {
                kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                #expect(try kept.receiveResponse().head.contains("\r\nConnection: keep-alive\r\n"))
            }
        }
    }

    @Test("100 Continue is sent when the body is wanted, and a final status instead when it is not")
    func expectation() async throws {
        try await withServer(HTTPServerConfiguration(limits: HTTPLimits(body: 10))) { server in
            let client = try RawClient(server.address)
            client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
            #expect(client.receive(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            client.send("abc")
            #expect(try client.receiveResponse().body == "POST / 3\nabc")
            client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n")
            #expect(client.receiveAll().hasPrefix("HTTP/1.1 413 "))
            let other = try RawClient(server.address)
            other.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nContent-Length: 1\r\n\r\n")
            #expect(other.receiveAll().hasPrefix("HTTP/1.1 417 "))
        }
    }

    @Test("HEAD gets the head of the answer to GET, and the next answer follows at once")
    func head() async throws {
        try await withServer { server in
            let client = try RawClient(server.address)
            client.send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\nGET /y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let all = client.receiveAll()
            #expect(all.contains("Content-Length: 10\r\n\r\nHTTP/1.1 200 OK"))
            #expect(!all.contains("HEAD /x 0"))
            #expect(all.hasSuffix("GET /y 0\n"))
        }
    }

    @Test("A chunked body reaches the handler, and a streamed answer leaves in chunks")
    func chunked() async throws {
        let handler = ClosureHandler { request, _ in
            HTTPResponse(status: 200) { writer in
                try await writer.write(request.body)
                try await Task.sleep(for: .milliseconds(1))
                try await writer.write(Array("end".utf8))
            }
        }
        try await withServer(handler: handler) { server in
            let client = try RawClient(server.address)
            let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            for _ in 0..<2 {
                client.send(head + "2\r\nab\r\n3;x\r\ncde\r\n0\r\n\r\n")
                #expect(client.receive(through: "0\r\n\r\n")?.hasSuffix("\r\n\r\n5\r\nabcde\r\n3\r\nend\r\n0\r\n\r\n") == true)
            }
            let old = try RawClient(server.address)
            old.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let all = old.receiveAll()
            #expect(all.contains("\r\nConnection: close\r\n") && all.hasSuffix("\r\n\r\nend"))
        }
    }

    @Test("A stream that fails ends without its last chunk")
    func failedStream() async throws {
        let handler = ClosureHandler { _, _ in
            HTTPResponse(status: 200) { writer in
                try await writer.write(Array("begin".utf8))
                throw CancellationError()
            }
        }
        try await withServer(handler: handler) { server in
            let client = try RawClient(server.address)
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(!client.receiveAll().contains("0\r\n\r\n"))
        }
    }

    @Test("An aborted answer is the end of the connection and not one byte")
    func aborted() async throws {
        try await withServer(handler: ClosureHandler { _, _ in .abort }) { server in
            let client = try RawClient(server.address)
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(client.receiveAll() == "")
            #expect(client.hasEnded)
        }
    }

    @Test("A stream's producer waits while the caller does not read, and is told when the caller has gone")
    func backPressure() async throws {
        let written = Locked(0)
        let failed = Gate()
        let handler = ClosureHandler { _, _ in
            HTTPResponse(status: 200) { writer in
                do {
                    for _ in 0..<10_000 {
                        try await writer.write(Array(repeating: 0x78, count: 16_384))
                        written.withLock { $0 += 16_384 }
                    }
                } catch {
                    failed.open()
                    throw error
                }
            }
        }
        try await withServer(handler: handler) { server in
            do {
                let client = try RawClient(server.address, receiveBuffer: 4096)
                client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                client.receiveMore()
                var before = -1
                #expect(
                    await eventually {
                        let now = written.withLock { $0 }
                        defer { before = now }
                        return now > 0 && now == before
                    })
                // What the kernel buffers, but by far not everything.
                #expect(written.withLock { $0 } < 20_000_000)
            }
            await failed.pass()
        }
    }

    @Test("The handler sees the caller's address and port")
    func peer() async throws {
        let handler = ClosureHandler { _, peer in
            HTTPResponse(status: 200, body: Array("\(peer.address) \(peer.port > 0) \(peer.tls == nil)".utf8))
        }
        try await withServer(handler: handler) { server in
            let client = try RawClient(server.address)
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.receiveResponse().body == "127.0.0.1 true true")
        }
    }

    @Test("A handler stays on its connection's loop, whatever it waits for, and so does what it calls concurrently")
    func stays() async throws {
        let handler = ClosureHandler { _, _ in
            let loop = EventLoop.current
            var places = [loop != nil]
            try? await Task.sleep(for: .milliseconds(1))
            places.append(EventLoop.current === loop)
            places.append(await currentLoopConcurrently() === loop)
            places.append(
                await withTaskGroup(of: Bool.self) { tasks in
                    tasks.addTask { EventLoop.current === loop }
                    return await tasks.next() == true
                })
            return HTTPResponse(status: 200, body: Array("\(places)".utf8))
        }
        try await withServer(loops: 2, handler: handler) { server in
            for _ in 0..<8 {
                let client = try RawClient(server.address)
                client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try client.receiveResponse().body == "[true, true, true, true]")
            }
        }
    }

    @Test("A handler runs to its end although its caller has gone")
    func callerGone() async throws {
        let started = Gate()
        let gate = Gate()
        let ended = Locked(0)
        let handler = ClosureHandler { _, _ in
            started.open()
            await gate.pass()
            ended.withLock { $0 += 1 }
            return HTTPResponse(status: 200)
        }
        try await withServer(handler: handler) { server in
            do {
                let client = try RawClient(server.address)
                client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nmore that is never read")
                await started.pass()
                client.reset()
            }
            #expect(await eventually { server.counters.openConnections == 0 })
            #expect(server.counters.runningRequests == 1)
            gate.open()
            #expect(await eventually { server.counters.runningRequests == 0 })
            #expect(ended.withLock { $0 } == 1)
        }
    }

    @Test("curl is content: both ways chunked, a large body with 100-continue, HEAD, HTTP/1.0")
    func curl() async throws {
        try await withServer(loops: 2) { server in
            let base = "http://\(server.address)"
            let folder = try TemporaryDirectory()
            let file = folder.path + "/body"
            try Data(repeating: 0x61, count: 900_000).write(to: URL(fileURLWithPath: file))
            let large = try await output(
                of: "curl",
                ["-s", "-S", "-w", "%{http_code} %{size_download}", "-o", "/dev/null", "--data-binary", "@\(file)", base + "/large"])
            #expect(large.text == "200 \(900_000 + "POST /large 900000\n".utf8.count)")
            let chunked = try await output(
                of: "curl", ["-s", "-H", "Transfer-Encoding: chunked", "--data-binary", "@\(file)", base + "/chunked"])
            #expect(chunked.text.hasPrefix("POST /chunked 900000\na"))
            let head = try await output(of: "curl", ["-s", "-I", base + "/head"])
            #expect(head.text.contains("Content-Length: 13"))
            let old = try await output(of: "curl", ["-s", "-0", base + "/old", base + "/older"])
            #expect(old.text == "GET /old 0\nGET /older 0\n")
        }
    }
}

@concurrent
private func currentLoopConcurrently() async -> EventLoop? { EventLoop.current }
