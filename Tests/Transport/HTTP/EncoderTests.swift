import Base
import Testing
import Transport

@Suite("The encoders")
struct EncoderTests {
    private func written(_ request: HTTPRequest, authority: String = "a.example", closes: Bool = false) throws -> String {
        var output: [UInt8] = []
        try HTTPRequestEncoder.append(request, authority: authority, closes: closes, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    private func written(
        _ response: HTTPResponse, version: HTTPVersion = .http11, method: HTTPMethod = .get, keepsAlive: Bool = true, date: String = ""
    ) -> (text: String, streams: Bool, keepsAlive: Bool) {
        var encoder = HTTPResponseEncoder(version: version, method: method, keepsAlive: keepsAlive)
        var output: [UInt8] = []
        let streams = encoder.append(response, date: Array(date.utf8), to: &output)
        if streams {
            encoder.appendPiece(Array("hello, ".utf8), to: &output)
            encoder.appendPiece([], to: &output)
            encoder.appendPiece(Array(repeating: 0x78, count: 26), to: &output)
            encoder.appendEnd(to: &output)
        }
        return (String(decoding: output, as: UTF8.self), streams, encoder.keepsAlive)
    }

    @Test("A request gets its Host, and a length when its method has a body")
    func request() throws {
        let post = HTTPRequest(method: .post, target: "/a?b", fields: ["X-One": "1"], body: [])
        #expect(try written(post) == "POST /a?b HTTP/1.1\r\nHost: a.example\r\nX-One: 1\r\nContent-Length: 0\r\n\r\n")
        let get = HTTPRequest(method: .get, target: "/")
        #expect(try written(get, closes: true) == "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n")
        let delete = HTTPRequest(method: .delete, target: "/", body: Array("body".utf8))
        #expect(try written(delete) == "DELETE / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\n\r\nbody")
        let tunnel = HTTPRequest(method: .connect, target: "b:443")
        #expect(try written(tunnel) == "CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n")
    }

    static let ownFields: HTTPFields = [
        "connection": "x", "KEEP-ALIVE": "1", "Transfer-Encoding": "chunked", "Content-Length": "99", "TE": "trailers", "Upgrade": "h2c",
        "Trailer": "X", "Proxy-Connection": "close", "X-Kept": "1",
    ]

    @Test("Framing and hop-by-hop fields of a message are left out")
    func ownFields() throws {
        var fields = Self.ownFields
        fields.append("host", "evil")
        let text = try written(HTTPRequest(method: .put, target: "/", fields: fields, body: [0x61]))
        #expect(text == "PUT / HTTP/1.1\r\nHost: a.example\r\nX-Kept: 1\r\nContent-Length: 1\r\n\r\na")
        let response = written(HTTPResponse(status: 200, fields: Self.ownFields, body: [0x61]))
        #expect(response.text == "HTTP/1.1 200 OK\r\nX-Kept: 1\r\nContent-Length: 1\r\n\r\na")
    }

    @Test(
        "A request that cannot be written safely is refused, and nothing is written",
        arguments: [
            ("GE T", "/", "a"), ("", "/", "a"), ("GET\r\n", "/", "a"), ("GET", "", "a"), ("GET", "a", "a"), ("GET", "/a b", "a"),
            ("GET", "/\r\nX: y", "a"), ("GET", "/\0", "a"), ("GET", "/é", "a"), ("GET", "*", "a"), ("GET", "/#a", "a"), ("GET", "/", ""),
            ("GET", "/", "a\r\nX: y"), ("GET", "/", "a b"), ("GET", "http://a/", "a"), ("CONNECT", "a", "a"), ("CONNECT", "a:0", "a"),
            ("CONNECT", "/", "a"),
        ])
    func unwritable(method: String, target: String, host: String) {
        var output: [UInt8] = [1]
        #expect(throws: HTTPProtocolError(.unwritable, "")) {
            try HTTPRequestEncoder.append(HTTPRequest(method: HTTPMethod(rawValue: method), target: target), authority: host, to: &output)
        }
        #expect(output == [1])
    }

    @Test("What is written is read again as it was")
    func roundTrip() throws {
        let fields: HTTPFields = ["A": "1", "b": "", "A": "zwei ü", "Cookie": "x=y; z"]
        for (method, body) in [(HTTPMethod.get, 0), (.post, 0), (.delete, 3), (HTTPMethod(rawValue: "m-search"), 70_000)] {
            let request = HTTPRequest(method: method, target: "/p?q", fields: fields, body: Array(repeating: 7, count: body))
            var output: [UInt8] = []
            try HTTPRequestEncoder.append(request, authority: "[::1]:8080", to: &output)
            var decoder = HTTPRequestDecoder()
            decoder.append(output)
            guard case .request(let decoded)? = try decoder.next() else { Issue.record("not complete"); continue }
            var seen = decoded.request
            #expect(seen.fields["Host"] == "[::1]:8080")
            seen.fields.removeAll("Host")
            seen.fields.removeAll("Content-Length")
            #expect(seen == request)
        }
    }

    @Test("A response has a length, a date and says when the connection closes")
    func response() {
        let response = HTTPResponse(status: 404, fields: ["X": "y"], body: Array("no".utf8))
        let plain = written(response, date: "D")
        #expect(plain.text == "HTTP/1.1 404 Not Found\r\nDate: D\r\nX: y\r\nContent-Length: 2\r\n\r\nno")
        let closing = written(response, keepsAlive: false)
        #expect(closing.text == "HTTP/1.1 404 Not Found\r\nX: y\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
        let old = written(response, version: .http10)
        #expect(old.text == "HTTP/1.1 404 Not Found\r\nX: y\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nno")
        let dated = written(HTTPResponse(status: 299, fields: ["date": "mine"]), date: "D")
        #expect(dated.text == "HTTP/1.1 299 \r\ndate: mine\r\nContent-Length: 0\r\n\r\n")
    }

    @Test("Where no body may be, none is written")
    func withoutBody() {
        let body = Array("hello".utf8)
        #expect(written(HTTPResponse(status: 200, body: body), method: .head).text == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        #expect(written(HTTPResponse(status: 204, body: body)).text == "HTTP/1.1 204 No Content\r\n\r\n")
        #expect(written(HTTPResponse(status: 304, body: body)).text == "HTTP/1.1 304 Not Modified\r\n\r\n")
        #expect(written(HTTPResponse(status: 205, body: body)).text == "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n")
        let stream = written(HTTPResponse(status: 200) { _ in }, method: .head)
        #expect(stream.text == "HTTP/1.1 200 OK\r\n\r\n" && !stream.streams)
    }

    @Test("A stream is chunked, and for HTTP/1.0 ends with the connection")
    func stream() {
        let response = HTTPResponse(status: 200) { _ in }
        let chunked = written(response)
        let filler = String(repeating: "x", count: 26)
        #expect(chunked.text == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nhello, \r\n1a\r\n\(filler)\r\n0\r\n\r\n")
        #expect(chunked.streams && chunked.keepsAlive)
        let old = written(response, version: .http10)
        #expect(old.text == "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello, \(filler)")
        #expect(old.streams && !old.keepsAlive)
    }

    @Test("A status that is none is the handler's mistake and written as 500", arguments: [0, 99, 100, 199, 600, -1])
    func status(status: Int) {
        #expect(written(HTTPResponse(status: status)).text.hasPrefix("HTTP/1.1 500 Internal Server Error\r\n"))
    }

    @Test("No value can smuggle a second field")
    func injection() {
        let text = written(HTTPResponse(status: 200, fields: ["X\r\nSet-Cookie": "a\r\nLocation: b"])).text
        #expect(text == "HTTP/1.1 200 OK\r\nX__Set-Cookie: a  Location: b\r\nContent-Length: 0\r\n\r\n")
    }

    @Test(
        "The date is written as RFC 9110 wants it",
        arguments: [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"), (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        ] as [(Int64, String)])
    func date(seconds: Int64, text: String) {
        var date = HTTPDate()
        #expect(date.bytes(at: Timestamp(unixSeconds: 1)) == Array("Thu, 01 Jan 1970 00:00:01 GMT".utf8))
        #expect(date.bytes(at: Timestamp(unixSeconds: seconds)) == Array(text.utf8))
    }
}
