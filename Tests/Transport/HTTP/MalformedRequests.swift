import Testing

/// Requests that must be refused, each with the status; used against the decoder and against a listening server.
struct MalformedRequest: Sendable, CustomTestStringConvertible {
    var name: String
    var status: Int
    var bytes: [UInt8]

    var testDescription: String { "\(name): \(status)" }

    init(_ name: String, status: Int = 400, _ text: String) {
        self.name = name
        self.status = status
        bytes = Array(text.utf8)
    }

    /// A request with `lines` behind `Host`, and a body.
    private static func fields(_ name: String, status: Int = 400, _ lines: String, body: String = "") -> MalformedRequest {
        MalformedRequest(name, status: status, "POST / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n\(body)")
    }

    private static func line(_ name: String, status: Int = 400, _ line: String) -> MalformedRequest {
        MalformedRequest(name, status: status, "\(line)\r\nHost: a\r\n\r\n")
    }

    private static func host(_ name: String, _ lines: String, version: String = "1.1") -> MalformedRequest {
        MalformedRequest(name, "GET / HTTP/\(version)\r\n\(lines)\r\n")
    }

    private static func chunks(_ name: String, status: Int = 400, _ body: String) -> MalformedRequest {
        fields(name, status: status, "Transfer-Encoding: chunked", body: body)
    }

    static let all: [MalformedRequest] = requestLines + framing + fieldSyntax + hosts + chunked

    static let requestLines: [MalformedRequest] = [
        line("no version", "GET /"), line("no target", "GET HTTP/1.1"), line("two spaces before the target", "GET  / HTTP/1.1"),
        line("two spaces before the version", "GET /  HTTP/1.1"), line("space behind the version", "GET / HTTP/1.1 "),
        line("leading space", " GET / HTTP/1.1"), line("tab as separator", "GET\t/ HTTP/1.1"),
        line("method with a slash", "GE/T / HTTP/1.1"),
        line("lower-case version name", "GET / http/1.1"), line("two-digit minor version", "GET / HTTP/1.10"),
        line("letters as version", "GET / HTTP/a.b"), line("no minor version", "GET / HTTP/1"), line("other protocol", "GET / HTTX/1.1"),
        line("version 2.0", status: 505, "GET / HTTP/2.0"), line("version 0.9", status: 505, "GET / HTTP/0.9"),
        MalformedRequest("HTTP/2 preface", status: 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        line("control in the target", "GET /\u{1} HTTP/1.1"),
        line("delete in the target", "GET /\u{7F} HTTP/1.1"), line("byte above 127 in the target", "GET /\u{E9} HTTP/1.1"),
        line("fragment in the target", "GET /#a HTTP/1.1"), line("relative target", "GET a HTTP/1.1"),
        line("asterisk for GET", "GET * HTTP/1.1"), line("other scheme", "GET ftp://a/ HTTP/1.1"),
        line("no host", "GET http:///a HTTP/1.1"),
        line("user in the target", "GET http://u@a/ HTTP/1.1"), line("bare CR in the line", "GET /\r HTTP/1.1"),
        line("NUL in the line", "GET /\0 HTTP/1.1"), line("tunnel", status: 501, "CONNECT a:443 HTTP/1.1"),
        MalformedRequest("bare LF behind the line", "GET / HTTP/1.1\nHost: a\r\n\r\n"),
        MalformedRequest("bare LF before the line", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        MalformedRequest("two empty lines", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        MalformedRequest("TLS on a plain port", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}"),
    ]

    static let framing: [MalformedRequest] = [
        fields("two equal lengths", "Content-Length: 3\r\nContent-Length: 3", body: "abc"),
        fields("two different lengths", "Content-Length: 3\r\nContent-Length: 4", body: "abcd"),
        fields("list of lengths", "Content-Length: 3, 3", body: "abc"), fields("signed length", "Content-Length: +3", body: "abc"),
        fields("negative length", "Content-Length: -1"), fields("hexadecimal length", "Content-Length: 0x3", body: "abc"),
        fields("empty length", "Content-Length:"), fields("length with a blank", "Content-Length: 1 1"),
        fields("length that overflows", "Content-Length: 18446744073709551617"), fields("length of fullwidth digits", "Content-Length: ３"),
        fields("fractional length", "Content-Length: 3.0", body: "abc"),
        fields("length, then coding", "Content-Length: 3\r\nTransfer-Encoding: chunked", body: "0\r\n\r\n"),
        fields("coding, then length", "Transfer-Encoding: chunked\r\nContent-Length: 0", body: "0\r\n\r\n"),
        fields("coding identity", "Transfer-Encoding: identity"), fields("coding xchunked", "Transfer-Encoding: xchunked"),
        fields("coding gzip, chunked", "Transfer-Encoding: gzip, chunked"),
        fields("coding chunked, chunked", "Transfer-Encoding: chunked, chunked"),
        fields("coding with a parameter", "Transfer-Encoding: chunked;q=1"), fields("quoted coding", "Transfer-Encoding: \"chunked\""),
        fields("empty coding", "Transfer-Encoding:"), fields("two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        fields("coding, then identity", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"),
        fields("coding with a vertical tab", "Transfer-Encoding: \u{B}chunked"),
        MalformedRequest("coding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        fields("length beyond the limit", status: 413, "Content-Length: 1048577"),
        fields("other expectation", status: 417, "Expect: coffee"),
        fields("two expectations", status: 417, "Expect: coffee\r\nExpect: 100-continue\r\nContent-Length: 1"),
    ]

    static let fieldSyntax: [MalformedRequest] = [
        fields("space before the colon", "X : 1"), fields("tab before the colon", "X\t: 1"),
        fields("space before the colon of a length", "Content-Length : 3", body: "abc"), fields("space in a name", "X Y: 1"),
        fields("folded line", "X: 1\r\n 2"), fields("folded by a tab", "X: 1\r\n\t2"),
        MalformedRequest("first line folded", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"), fields("no colon", "X"), fields("empty name", ": 1"),
        fields("NUL in a value", "X: a\0b"), fields("NUL in a name", "X\0: 1"), fields("bare CR in a value", "X: a\rb"),
        fields("bare CR before CR LF", "X: a\r"), fields("bare LF behind a field", "X: a\nY: b"), fields("escape in a value", "X: \u{1B}"),
        fields("delete in a value", "X: \u{7F}"), fields("bracket in a name", "X(y): 1"), fields("byte above 127 in a name", "\u{E9}: 1"),
        MalformedRequest("bare LF ends the head", "GET / HTTP/1.1\r\nHost: a\r\n\n"),
        MalformedRequest("bare CR ends the head", "GET / HTTP/1.1\r\nHost: a\r\n\rX: \r\n\r\n"),
    ]

    static let hosts: [MalformedRequest] = [
        host("missing host", ""), host("two hosts", "Host: a\r\nHost: b\r\n"), host("two equal hosts", "Host: a\r\nhost: a\r\n"),
        host("empty host", "Host:\r\n"), host("host with a path", "Host: a/b\r\n"), host("host with a user", "Host: u@a\r\n"),
        host("list of hosts", "Host: a b\r\n"), host("host with letters as port", "Host: a:b\r\n"),
        host("port too large", "Host: a:65536\r\n"),
        host("unclosed bracket", "Host: [::1\r\n"), host("name in brackets", "Host: [name]\r\n"),
        host("port without a host", "Host: :80\r\n"),
        host("two ports", "Host: a:1:2\r\n"), host("two hosts in HTTP/1.0", "Host: a\r\nHost: a\r\n", version: "1.0"),
        host("byte above 127", "Host: \u{E9}\r\n"),
    ]

    static let chunked: [MalformedRequest] = [
        chunks("size with 0x", "0x3\r\nabc\r\n0\r\n\r\n"), chunks("signed size", "+3\r\nabc\r\n0\r\n\r\n"),
        chunks("negative size", "-1\r\n"), chunks("empty size", "\r\n"), chunks("size with a blank", "3 \r\nabc\r\n0\r\n\r\n"),
        chunks("blank before the size", " 3\r\nabc\r\n0\r\n\r\n"), chunks("size with a letter", "3g\r\nabc\r\n0\r\n\r\n"),
        chunks("extension only", ";x\r\n"), chunks("blank before the extension", "3 ;x\r\nabc\r\n0\r\n\r\n"),
        chunks("size with an underscore", "1_0\r\n"), chunks("size of 17 digits", "00000000000000003\r\nabc\r\n0\r\n\r\n"),
        chunks("size of 16 digits", status: 413, "ffffffffffffffff\r\n"),
        chunks("size that wraps", status: 400, "10000000000000003\r\nabc\r\n0\r\n\r\n"),
        chunks("bare LF behind the size", "3\nabc\r\n0\r\n\r\n"), chunks("bare LF behind the data", "3\r\nabc\n0\r\n\r\n"),
        chunks("data too long", "3\r\nabcd\r\n0\r\n\r\n"), chunks("data too short", "4\r\nabc\r\n0\r\n\r\n"),
        chunks("bare CR in an extension", "3;a\rb\r\nabc\r\n0\r\n\r\n"), chunks("NUL in an extension", "3;\0\r\nabc\r\n0\r\n\r\n"),
        chunks("size beyond the limit", status: 413, "100001\r\n"), chunks("sum beyond the limit", status: 413, "1\r\na\r\n100000\r\n"),
        chunks("folded trailer", "0\r\n X: 1\r\n\r\n"), chunks("trailer with a space before the colon", "0\r\nX : 1\r\n\r\n"),
        chunks("bare LF ends the trailers", "0\r\n\n"), chunks("NUL in a trailer", "0\r\nX: \0\r\n\r\n"),
    ]
}
