import Base
import Testing
import Transport

@Suite("The request decoder")
struct RequestDecoderTests {
    private func single(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> HTTPDecodedRequest {
        let result = DecoderVerifier.requests(text, sourceLocation: sourceLocation)
        #expect(result.failure == nil, sourceLocation: sourceLocation)
        #expect(result.requests.count == 1, sourceLocation: sourceLocation)
        return try #require(result.requests.first, sourceLocation: sourceLocation)
    }

    @Test("A request without a body is complete with its head")
    func simple() throws {
        let decoded = try single("GET /a/b?c=%20d HTTP/1.1\r\nHost: example.com:8080\r\nX-One:  two words\t \r\nEmpty:\r\n\r\n")
        #expect(decoded.request.method == .get)
        #expect(decoded.request.target == "/a/b?c=%20d")
        #expect(decoded.request.fields == ["Host": "example.com:8080", "X-One": "two words", "Empty": ""])
        #expect(decoded.request.body.isEmpty)
        #expect(decoded.version == .http11)
        #expect(decoded.keepsAlive)
    }

    @Test("A body has the announced length, whatever the method", arguments: ["GET", "POST", "DELETE", "PUT", "PATCH", "QUERY", "get"])
    func length(method: String) throws {
        let decoded = try single("\(method) / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n\r\n\0xy")
        #expect(decoded.request.method.rawValue == method)
        #expect(decoded.request.body == Array("\r\n\0xy".utf8))
    }

    @Test("A chunked body is put together; extensions and trailers are dropped")
    func chunked() throws {
        let decoded = try single(
            "POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding: Chunked\r\n\r\n"
                + "5\r\nhello\r\n00A;name=\"va;lue\"\r\n0123456789\r\n0;last\r\nX-Trailer: 1\r\nContent-Length: 9\r\n\r\n")
        #expect(decoded.request.body == Array("hello0123456789".utf8))
        #expect(decoded.request.fields == ["Host": "a", "transfer-encoding": "Chunked"])
    }

    @Test("Requests that come behind each other are all decoded, in order")
    func pipelined() {
        let one = "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        let two = "\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
        let three = "GET /3 HTTP/1.1\r\nHost: a\r\n\r\n"
        let result = DecoderVerifier.requests(one + two + three + one + "GET /4")
        #expect(result.failure == nil)
        #expect(result.requests.map(\.request.target) == ["/1", "/2", "/3", "/1"])
        #expect(result.requests.map(\.request.body.count) == [3, 1, 0, 3])
        #expect(result.leftOver == 1)
    }

    @Test(
        "Whether the connection stays open follows from version and Connection",
        arguments: [
            ("1.1", "", true), ("1.1", "close", false), ("1.1", "Keep-Alive", true), ("1.1", "x, CLOSE ,y", false), ("1.0", "", false),
            ("1.0", "keep-alive", true), ("1.0", "keep-alive, close", false), ("1.9", "", true), ("1.1", "closed", true),
        ])
    func keepAlive(version: String, connection: String, expected: Bool) throws {
        let decoded = try single("GET / HTTP/\(version)\r\nHost: a\r\nConnection: \(connection)\r\n\r\n")
        #expect(decoded.keepsAlive == expected)
        #expect(decoded.version == (version == "1.0" ? .http10 : .http11))
    }

    @Test("HTTP/1.0 needs no Host")
    func noHost() throws { #expect(try single("GET / HTTP/1.0\r\n\r\n").version == .http10) }

    @Test(
        "An absolute form becomes an origin form, and its host takes the place of the Host field",
        arguments: [
            ("GET", "http://b.example/x?y", "/x?y"), ("GET", "HTTPS://b.example", "/"), ("GET", "http://b.example?q", "/?q"),
            ("OPTIONS", "http://b.example", "*"),
        ])
    func absoluteForm(method: String, target: String, expected: String) throws {
        let decoded = try single("\(method) \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(decoded.request.target == expected)
        #expect(decoded.request.fields.values("host") == ["b.example"])
    }

    @Test("An asterisk is a target for OPTIONS")
    func asterisk() throws { #expect(try single("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").request.target == "*") }

    @Test(
        "Hosts may be names, addresses and ports",
        arguments: ["a", "a.b-c_d.example", "127.0.0.1:80", "[::1]", "[2001:db8::1]:65535", "a:"])
    func hosts(host: String) throws {
        #expect(try single("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n").request.fields["host"] == host)
    }

    @Test("Bytes above 127 pass through a field value unchanged")
    func obsText() throws {
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\nX: ".utf8) + [0xEA, 0xB0, 0x80, 0xFF] + Array("\r\n\r\n".utf8)
        let result = DecoderVerifier.requests(bytes)
        let request = try #require(result.requests.first?.request)
        var output: [UInt8] = []
        try HTTPRequestEncoder.append(request, authority: "a", to: &output)
        #expect(output.firstRange(of: [0xEA, 0xB0, 0x80, 0xFF]) != nil)
    }

    @Test("The wish for 100 Continue is known with the head, and only when a body follows")
    func expectation() {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n"
        #expect(DecoderVerifier.requests(head + "Content-Length: 1\r\n\r\n").continues == 1)
        #expect(DecoderVerifier.requests(head + "Content-Length: 1\r\n\r\n").requests.isEmpty)
        #expect(DecoderVerifier.requests(head + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n").continues == 1)
        #expect(DecoderVerifier.requests(head + "Content-Length: 0\r\n\r\n").continues == 0)
        let old = DecoderVerifier.requests("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx")
        #expect(old.continues == 0 && old.requests.count == 1)
    }

    @Test("A request cut anywhere is neither complete nor wrong")
    func truncation() {
        let text = Array(
            "\r\nPOST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: v\r\n\r\n".utf8)
        for count in 0..<text.count {
            let result = DecoderVerifier.requests(Array(text[..<count]))
            #expect(result.requests.isEmpty && result.failure == nil && result.leftOver == (count == 0 || count == 2 ? 0 : 1), "\(count)")
        }
        #expect(DecoderVerifier.requests(text).requests.count == 1)
    }

    @Test("A failed decoder repeats its verdict and decodes nothing more")
    func failureStays() {
        var decoder = HTTPRequestDecoder()
        decoder.append(Array("BROKEN\r\n\r\n".utf8))
        #expect(throws: HTTPProtocolError.self) { try decoder.next() }
        decoder.append(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        #expect(throws: HTTPProtocolError.self) { try decoder.next() }
        #expect(decoder.progress == .failed)
    }

    @Test("The decoder tells where it stands, which decides the deadline")
    func progress() throws {
        var decoder = HTTPRequestDecoder()
        #expect(decoder.progress == .idle)
        decoder.append(Array("GET / HT".utf8))
        #expect(try decoder.next() == nil)
        #expect(decoder.progress == .head)
        decoder.append(Array("TP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n".utf8))
        #expect(try decoder.next() == nil)
        #expect(decoder.progress == .body)
        decoder.append(Array("xy".utf8))
        #expect(try decoder.next() != nil)
        #expect(decoder.progress == .idle)
    }
}
