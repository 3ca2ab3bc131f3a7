import Base
import Foundation
import Testing

@testable import Transport

/// Servers that die at each stage: the error must say whether the request may have been received.
@Suite("HTTPClient against servers that die")
struct HTTPClientDeathTests {
    private func failure(
        timeouts: HTTPTimeouts = HTTPTimeouts(), body: [UInt8] = Array("x=1".utf8),
        script: @escaping @Sendable (RawConnection, Int) throws -> Void
    ) async throws -> (error: HTTPExchangeError?, seen: RawServer.Counters) {
        let server = try RawServer(script: script)
        let error = try await withClient { await $0.failure(server.origin, body: body, timeouts: timeouts) }
        return (error, server.seen)
    }

    @Test("nobody listens: not sent")
    func refused() async throws {
        let server = try RawServer { _, _ in }
        let origin = server.origin
        server.stop()
        let error = try await withClient { await $0.failure(origin) }
        #expect(error == HTTPExchangeError(.connectionRefused, .notSent))
    }

    @Test("the host has no address: not sent")
    func noName() async throws {
        let origin = HTTPOrigin(isSecure: false, host: "nobody.invalid", port: 80)
        let error = try await withClient(resolver: FixedResolver([:])) { await $0.failure(origin) }
        #expect(error == HTTPExchangeError(.nameNotFound, .notSent))
    }

    @Test("closed before reading anything: unknown, since the bytes had been handed over")
    func closedUnread() async throws {
        let (error, _) = try await failure { connection, _ in
            connection.waitForBytes()
            connection.reset()
        }
        #expect(error == HTTPExchangeError(.connectionLost, .unknown))
    }

    @Test("closed after reading the request: unknown, and it was read once")
    func closedAfterReading() async throws {
        let (error, seen) = try await failure { connection, _ in try connection.readRequest() }
        #expect(error == HTTPExchangeError(.connectionLost, .unknown))
        #expect(seen.requests == 1 && seen.connections == 1)
    }

    @Test(
        "closed in the middle of the response: unknown",
        arguments: [
            "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
        ])
    func closedInResponse(start: String) async throws {
        let (error, seen) = try await failure { connection, _ in
            try connection.readRequest()
            try connection.write(start)
        }
        #expect(error == HTTPExchangeError(.connectionLost, .unknown))
        #expect(seen.requests == 1)
    }

    @Test("reset in the middle of a body that ends with the connection: unknown, not a short body")
    func resetBody() async throws {
        let (error, _) = try await failure { connection, _ in
            try connection.readRequest()
            try connection.write("HTTP/1.1 200 OK\r\n\r\nhalf")
            connection.pause(0.02)
            connection.reset()
        }
        #expect(error == HTTPExchangeError(.connectionLost, .unknown))
    }

    @Test("a pooled connection that dies under a POST: unknown, and the server never sees it twice")
    func staleUnderPost() async throws {
        let server = try RawServer { connection, _ in
            try connection.readRequest()
            try connection.answer()
            // The second request is read, and only then does the connection end.
            try connection.readRequest()
        }
        try await withClient { (client) async throws in
            #expect(try await client.post(server.origin).text == "ok")
            let error = await client.failure(server.origin)
            #expect(error == HTTPExchangeError(.connectionLost, .unknown))
        }
        #expect(server.seen.requests == 2 && server.seen.connections == 1)
    }

    @Test("a pooled connection that the server has closed is replaced before anything is written")
    func staleReplaced() async throws {
        let server = try RawServer { connection, _ in
            try connection.readRequest()
            try connection.answer()
            connection.part()
        }
        try await withClient { (client) async throws in
            for number in 1...3 {
                #expect(try await client.post(server.origin).text == "ok")
                #expect(await eventually { server.seen.partings == number })
            }
        }
        #expect(server.seen.requests == 3 && server.seen.connections == 3)
    }

    @Test("a pooled connection closed at any moment around the next POST: answered, or an error, never received twice")
    func staleRace() async throws {
        let server = try RawServer { connection, index in
            try connection.readRequest()
            try connection.answer()
            connection.pause(Double(index % 7) * 0.0004)
            if index.isMultiple(of: 2) { connection.reset() }
        }
        let (sent, delivered) = try await withClient { (client) async throws in
            var delivered = 0
            for number in 0..<60 {
                let error = await client.failure(server.origin)
                if error == nil { delivered += 1 }
                #expect(
                    error == nil || error == HTTPExchangeError(.connectionLost, .unknown)
                        || error == HTTPExchangeError(.connectionLost, .notSent))
                try await Task.sleep(for: .microseconds(number * 37 % 2000))
            }
            return (60, delivered)
        }
        // Each connection answers one request only, so whatever was answered was received, and nothing more than once.
        #expect(server.seen.requests <= sent)
        #expect(server.seen.requests >= delivered)
        #expect(delivered > 0)
    }

    @Test("bytes that nobody asked for make an idle connection unusable")
    func unsolicited() async throws {
        let hasSpoken = Locked(false)
        let server = try RawServer { connection, index in
            try connection.readRequest()
            try connection.answer("first")
            if index == 1 {
                connection.pause(0.01)
                try connection.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged")
                hasSpoken.withLock { $0 = true }
            }
            connection.waitForEnd()
        }
        try await withClient { (client) async throws in
            #expect(try await client.get(server.origin).text == "first")
            while !hasSpoken.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
            #expect(try await client.get(server.origin).text == "first")
        }
        #expect(server.seen.connections == 2)
    }

    @Test("a second response right behind the first is never given to the next request")
    func smuggledResponse() async throws {
        let server = try RawServer { connection, _ in
            try connection.readRequest()
            try connection.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nrealHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged")
            connection.waitForEnd()
        }
        try await withClient { (client) async throws in
            for _ in 0..<3 { #expect(try await client.get(server.origin).text == "real") }
        }
        #expect(server.seen.connections == 3)
    }

    @Test("no answer at all: first-byte timeout, unknown")
    func silence() async throws {
        let timeouts = HTTPTimeouts(firstByte: .milliseconds(50), total: .seconds(120))
        let server = try RawServer { connection, _ in
            try connection.readRequest()
            connection.waitForEnd()
        }
        let error = try await withClient { await $0.failure(server.origin, timeouts: timeouts) }
        #expect(error == HTTPExchangeError(.firstByteTimeout, .unknown))
        #expect(await eventually { server.seen.requests == 1 })
    }

    @Test("an answer that dribbles in: total timeout, unknown")
    func dribble() async throws {
        let timeouts = HTTPTimeouts(firstByte: .seconds(60), total: .milliseconds(150))
        let (error, _) = try await failure(timeouts: timeouts) { connection, _ in
            try connection.readRequest()
            try connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while true {
                try connection.write("x")
                connection.pause(0.01)
            }
        }
        #expect(error == HTTPExchangeError(.totalTimeout, .unknown))
    }

    @Test("a server that stops reading a large body: total timeout, unknown")
    func slowReader() async throws {
        let timeouts = HTTPTimeouts(firstByte: .milliseconds(20), total: .milliseconds(120))
        let release = DispatchSemaphore(value: 0)
        let server = try RawServer { connection, _ in
            try connection.readHead()
            release.wait()
        }
        let error = try await withClient {
            await $0.failure(server.origin, body: [UInt8](repeating: 0x78, count: 20_000_000), timeouts: timeouts)
        }
        release.signal()
        #expect(error == HTTPExchangeError(.totalTimeout, .unknown))
        #expect(server.seen.requests == 0)
    }

    @Test("connections are used again after a timeout elsewhere, with timers set for the new exchange")
    func timersStartAnew() async throws {
        let server = try RawServer { connection, _ in
            for number in 1... {
                try connection.readRequest()
                if number == 4 { connection.waitForEnd() }
                try connection.answer("\(number)")
            }
        }
        try await withClient { (client) async throws in
            let patient = HTTPTimeouts(firstByte: .seconds(120), total: .seconds(120))
            for number in 1...3 { #expect(try await client.post(server.origin, timeouts: patient).text == "\(number)") }
            let start = ContinuousClock.now
            let error = await client.failure(server.origin, timeouts: HTTPTimeouts(firstByte: .milliseconds(40), total: .seconds(120)))
            #expect(error == HTTPExchangeError(.firstByteTimeout, .unknown))
            #expect(ContinuousClock.now - start < .seconds(60))
        }
        #expect(server.seen.connections == 1)
    }

    @Test("an answer that comes before the whole request was written is delivered, and the connection is not used again")
    func earlyAnswer() async throws {
        let server = try RawServer { connection, index in
            if index > 1 {
                try connection.readRequest()
                return try connection.answer("second")
            }
            try connection.readHead()
            try connection.write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig")
            // Room for whatever else is written: a request that followed here would vanish in the body of the first.
            connection.pause(0.05)
            connection.waitForEnd()
        }
        try await withClient { (client) async throws in
            let response = try await client.post(server.origin, body: [UInt8](repeating: 0x78, count: 20_000_000))
            #expect(response.status == 413)
            #expect(response.text == "big")
            #expect(try await client.get(server.origin, timeouts: HTTPTimeouts(firstByte: .seconds(30))).text == "second")
        }
        #expect(server.seen.connections == 2)
    }

    @Test("a request that cannot be written is refused before anything happens")
    func invalidRequests() async throws {
        let server = try RawServer { connection, _ in try connection.answer() }
        try await withClient { (client) async throws in
            for request in [
                HTTPRequest(method: .get, target: "/a b"), HTTPRequest(method: .get, target: "relative"),
                HTTPRequest(method: HTTPMethod(rawValue: "G T"), target: "/"), HTTPRequest(method: .connect, target: "x:1"),
                HTTPRequest(method: .get, target: "/\r\nX: y"),
            ] {
                await #expect(throws: HTTPExchangeError(.invalidRequest, .notSent)) { try await client.send(request, to: server.origin) }
            }
        }
        #expect(server.seen.connections == 0)
    }
}

/// Answers from a table.
struct FixedResolver: NameResolving {
    private let addresses: [String: [String]]
    init(_ addresses: [String: [String]]) { self.addresses = addresses }

    func resolve(_ host: String, port: Int, completion: @escaping @Sendable ([SocketAddress]) -> Void) {
        completion((addresses[host] ?? []).compactMap { SocketAddress(numericHost: $0, port: port) })
    }
}
