import Base
import Foundation
import TestSupport
import Testing

@testable import Transport

@Suite("HTTPClient responses")
struct HTTPClientResponseTests {
    /// Answers every request of a connection with `response`, and closes after it when told so.
    private func server(_ response: String, closes: Bool = false) throws -> RawServer {
        try RawServer { connection, _ in
            repeat {
                try connection.readRequest()
                try connection.write(response)
            } while !closes
        }
    }

    @Test("the request arrives as HTTP/1.1 asks: one Host, one Content-Length, the fields and the body as given")
    func requestForm() async throws {
        let server = try RawServer { connection, _ in try connection.answer(connection.readRequest()) }
        let request = HTTPRequest(
            method: .post, target: "/path?q=1", fields: ["X-One": "1", "Content-Length": "999", "Connection": "close"],
            body: Array("body".utf8))
        let text = try await withClient { client in try await client.send(request, to: server.origin).text }
        #expect(text == "POST /path?q=1 HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\nX-One: 1\r\nContent-Length: 4\r\n\r\nbody")
    }

    @Test(
        "a malformed response is refused, unknown, and its connection is not used again",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x2\r\nok\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokk\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\nok\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
            "HTTP/1.1 200 OK\r\nX: a\u{0}b\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/2 200 OK\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
            "SSH-2.0-OpenSSH\r\n\r\n",
        ])
    func malformed(response: String) async throws {
        let server = try server(response)
        try await withClient { (client) async throws in
            for _ in 0..<2 {
                let error = await client.failure(server.origin)
                // A major version other than 1 is not HTTP/1.1's business but just as unreadable.
                #expect(error == HTTPExchangeError(.malformedResponse, .unknown))
            }
        }
        #expect(server.seen.connections == 2 && server.seen.requests == 2)
    }

    @Test("a response beyond the limits is refused: body announced, body in chunks, body until close, header section")
    func tooLarge() async throws {
        let long = String(repeating: "x", count: 200)
        let responses = [
            "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n",
            "HTTP/1.1 200 OK\r\n\r\n\(long)", "HTTP/1.1 200 OK\r\nX: \(String(repeating: long, count: 200))\r\n\r\n",
        ]
        let configuration = HTTPClient.Configuration(responseLimits: HTTPLimits(body: 100))
        for response in responses {
            let server = try server(response)
            let error = try await withClient(configuration) { await $0.failure(server.origin) }
            #expect(error == HTTPExchangeError(.responseTooLarge, .unknown))
        }
        let exact = try server("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n\(long.prefix(100))")
        let response = try await withClient(configuration) { try await $0.get(exact.origin) }
        #expect(response.text.utf8.count == 100)
    }

    @Test("a large body arrives whole")
    func largeBody() async throws {
        let text = String(repeating: "0123456789abcdef", count: 400_000)
        let server = try server("HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
        let response = try await withClient { try await $0.get(server.origin) }
        #expect(response.text == text)
    }

    @Test("an HTTP/1.0 response ends with the connection, which is not used again")
    func http10() async throws {
        let server = try server("HTTP/1.0 200 OK\r\nX: y\r\n\r\nuntil the end", closes: true)
        try await withClient { (client) async throws in
            for _ in 0..<2 {
                let response = try await client.get(server.origin)
                #expect(response.text == "until the end")
                #expect(response.fields["x"] == "y")
            }
        }
        #expect(server.seen.connections == 2)
    }

    @Test("responses without a body end with their head, and the connection is used again", arguments: [204, 304])
    func noBody(status: Int) async throws {
        let server = try server("HTTP/1.1 \(status) X\r\n\r\n")
        try await withClient { (client) async throws in
            for _ in 0..<3 { #expect(try await client.get(server.origin).status == status) }
        }
        #expect(server.seen.connections == 1 && server.seen.requests == 3)
    }

    @Test("the response to HEAD has no body, whatever its Content-Length says")
    func head() async throws {
        let server = try server("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
        try await withClient { (client) async throws in
            for _ in 0..<3 {
                let response = try await client.send(HTTPRequest(method: .head, target: "/"), to: server.origin)
                #expect(response.bytes?.isEmpty == true)
                #expect(response.fields["content-length"] == "500")
            }
        }
        #expect(server.seen.connections == 1)
    }

    @Test("informational responses are skipped, and only the first byte of anything must come in time")
    func informational() async throws {
        let time = HeldTime()
        let server = try RawServer { connection, _ in
            try connection.readRequest()
            try connection.write("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
            // From here on the client's time goes by, several times as much as the first byte was given.
            time.letGo()
            connection.pause(0.2)
            try connection.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok")
        }
        let response = try await withClient(time: time) {
            try await $0.get(server.origin, timeouts: HTTPTimeouts(firstByte: .milliseconds(50)))
        }
        #expect(response.status == 201)
        #expect(response.text == "ok")
    }

    @Test("chunks that arrive byte by byte make one body, and the connection is used again")
    func chunks() async throws {
        let server = try RawServer { connection, _ in
            while true {
                try connection.readRequest()
                for byte in "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nT: x\r\n\r\n" {
                    try connection.write(String(byte))
                }
            }
        }
        try await withClient { (client) async throws in
            for _ in 0..<3 { #expect(try await client.get(server.origin).text == "hello world") }
        }
        #expect(server.seen.connections == 1)
    }

    @Test("Connection: close is heeded")
    func close() async throws {
        let server = try server("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
        try await withClient { (client) async throws in
            for _ in 0..<3 { #expect(try await client.get(server.origin).text == "ok") }
        }
        #expect(server.seen.connections == 3)
    }
}
