import Testing
import Transport

@Suite("The response decoder")
struct ResponseDecoderTests {
    @Test("A response with a length is complete with its last byte, and the connection may be reused")
    func length() {
        let result = DecoderVerifier.responses("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello")
        #expect(result.statuses == [200])
        #expect(result.fields == [["Content-Length": "5", "X": "y"]])
        #expect(result.bodies == [Array("hello".utf8)])
        #expect(result.failure == nil)
        #expect(result.mayReuse)
    }

    @Test("A chunked response is put together; extensions and trailers are dropped")
    func chunked() {
        let result = DecoderVerifier.responses(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n")
        #expect(result.bodies == [Array("abc0123456789".utf8)])
        #expect(result.mayReuse)
    }

    @Test("A response without any length ends with the connection")
    func untilClose() {
        let result = DecoderVerifier.responses("HTTP/1.1 200 OK\r\n\r\nhello")
        #expect(result.bodies == [Array("hello".utf8)])
        #expect(result.failure == nil)
        #expect(!result.mayReuse)
    }

    @Test(
        "Where no body may be, none is read",
        arguments: [
            (HTTPMethod.head, "200", "Content-Length: 5\r\n"), (.head, "200", "Transfer-Encoding: chunked\r\n"), (.head, "200", ""),
            (.get, "304", "Content-Length: 5\r\n"), (.get, "204", ""), (.get, "204", "Content-Length: 0\r\n"), (.connect, "200", ""),
        ])
    func withoutBody(method: HTTPMethod, status: String, line: String) {
        let result = DecoderVerifier.responses("HTTP/1.1 \(status) X\r\n\(line)\r\n", to: [method])
        #expect(result.statuses == [Int(status)])
        #expect(result.bodies == [[]])
        #expect(result.failure == nil)
        #expect(result.mayReuse)
    }

    @Test("Responses to requests behind each other come in order")
    func several() {
        let one = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"
        let two = "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        let result = DecoderVerifier.responses(one + two + one, to: [.get, .post, .get])
        #expect(result.statuses == [200, 201, 200])
        #expect(result.mayReuse)
    }

    @Test("Bytes behind the response make the connection unusable")
    func excess() {
        let result = DecoderVerifier.responses("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab")
        #expect(result.statuses == [200])
        #expect(!result.mayReuse)
    }

    @Test(
        "Whether the connection may be reused follows from version and Connection",
        arguments: [
            ("1.1", "", true), ("1.1", "close", false), ("1.0", "", false), ("1.0", "Keep-Alive", true), ("1.1", "foo, Close", false),
        ])
    func reuse(version: String, connection: String, expected: Bool) {
        let result = DecoderVerifier.responses("HTTP/\(version) 200 OK\r\nConnection: \(connection)\r\nContent-Length: 0\r\n\r\n")
        #expect(result.statuses == [200])
        #expect(result.mayReuse == expected)
    }

    @Test("A 204 that announces a body is taken, but the connection is not reused")
    func announcedBody() {
        let result = DecoderVerifier.responses("HTTP/1.1 204 X\r\nContent-Length: 3\r\n\r\n")
        #expect(result.statuses == [204])
        #expect(!result.mayReuse)
    }

    @Test("Informational responses are skipped, up to a limit", arguments: [(8, true), (9, false)])
    func informational(count: Int, accepted: Bool) {
        let early = String(repeating: "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n", count: count - 1) + "HTTP/1.1 100 Continue\r\n\r\n"
        let result = DecoderVerifier.responses(early + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(result.statuses == (accepted ? [200] : []))
        #expect(result.code == (accepted ? nil : .malformed))
    }

    static let malformed: [(String, String)] = [
        ("two equal lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na"),
        ("two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        ("list of lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\na"),
        ("signed length", "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na"),
        ("length and coding", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("other coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"),
        ("coding in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("space before the colon", "HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\na"), ("folded", "HTTP/1.1 200 OK\r\nX: 1\r\n 2\r\n\r\n"),
        ("bare LF", "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n"), ("bare CR", "HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n"),
        ("NUL", "HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n"), ("NUL in the reason", "HTTP/1.1 200 O\0K\r\n\r\n"),
        ("two-digit status", "HTTP/1.1 20 OK\r\n\r\n"), ("four-digit status", "HTTP/1.1 2000 OK\r\n\r\n"),
        ("status 600", "HTTP/1.1 600 X\r\n\r\n"), ("status 099", "HTTP/1.1 099 X\r\n\r\n"), ("signed status", "HTTP/1.1 +20 X\r\n\r\n"),
        ("switched protocol", "HTTP/1.1 101 X\r\n\r\n"), ("no status", "HTTP/1.1\r\n\r\n"), ("no version", "200 OK\r\n\r\n"),
        ("version 0.9", "hello world\r\n"), ("two spaces", "HTTP/1.1  200 OK\r\n\r\n"), ("empty line first", "\r\nHTTP/1.1 200 OK\r\n\r\n"),
        ("chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n"),
        ("chunk end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n"),
        ("informational with a body", "HTTP/1.1 100 X\r\nContent-Length: 1\r\n\r\na"),
    ]

    @Test("A malformed response is refused", arguments: malformed)
    func refused(name: String, text: String) {
        let result = DecoderVerifier.responses(text)
        #expect(result.code == .malformed)
        #expect(result.statuses.isEmpty)
    }

    @Test("Another major version is refused")
    func version() { #expect(DecoderVerifier.responses("HTTP/2.0 200 OK\r\n\r\n").code == .versionNotSupported) }

    @Test("The reason phrase may be empty, and even its space may be missing", arguments: ["", " ", " Not a word ü"])
    func reason(phrase: String) {
        #expect(DecoderVerifier.responses("HTTP/1.1 200\(phrase)\r\nContent-Length: 0\r\n\r\n").statuses == [200])
    }

    @Test(
        "The end of the connection at any byte before the last is a truncated response",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 100 X\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: v\r\n\r\n",
        ])
    func truncation(text: String) {
        let bytes = Array(text.utf8)
        for count in 0..<bytes.count {
            let result = DecoderVerifier.responses(Array(bytes[..<count]))
            #expect(result.statuses.isEmpty && result.code == .truncated && !result.mayReuse, "\(count)")
        }
        #expect(DecoderVerifier.responses(bytes).statuses == [200])
    }

    @Test("The end of a connection on which nothing is expected is no error")
    func idle() throws {
        var decoder = HTTPResponseDecoder()
        #expect(try decoder.finish() == nil)
        #expect(decoder.mayReuseConnection)
    }

    @Test("The body may have the limit's length and not one byte more", arguments: [(20, true), (21, false)])
    func bodyLimit(length: Int, accepted: Bool) {
        let body = String(repeating: "x", count: length)
        for head in [
            "Content-Length: \(length)\r\n\r\n\(body)", "\r\n\(body)",
            "Transfer-Encoding: chunked\r\n\r\n\(String(length, radix: 16))\r\n\(body)\r\n0\r\n\r\n",
        ] {
            let result = DecoderVerifier.responses("HTTP/1.1 200 OK\r\n\(head)", limits: HTTPLimits(body: 20))
            #expect(result.code == (accepted ? nil : .bodyTooLarge))
            #expect(result.statuses == (accepted ? [200] : []))
        }
    }
}
