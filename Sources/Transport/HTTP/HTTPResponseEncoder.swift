/// Writes the response to one request. Framing and hop-by-hop fields are the encoder's own business: whatever the response has of them is left out.
public struct HTTPResponseEncoder: Sendable {
    private let version: HTTPVersion
    private let isHead: Bool
    /// Whether the connection stays open after this response.
    public private(set) var keepsAlive: Bool
    private var isChunked = false
    private var needsBody = true

    /// An encoder for the response to a request with `method`, spoken in `version`; `keepsAlive` is what request and server agreed on.
    public init(version: HTTPVersion, method: HTTPMethod, keepsAlive: Bool) {
        self.version = version
        isHead = method == .head
        self.keepsAlive = keepsAlive
    }

    /// Appends the head, and the body when it is complete. Returns whether a stream has to follow, piece by piece, and ``appendEnd(to:)`` after it.
    ///
    /// A status that is not between 200 and 599 is a mistake of the handler and written as 500. The answer to a `HEAD` has the fields of
    /// the answer to a `GET` and no body. Of an aborted response nothing is written.
    /// - Parameter date: the `Date` field, as ``HTTPDate`` gives it; left out when empty or when the response has one.
    public mutating func append(_ response: HTTPResponse, date: [UInt8], to output: inout [UInt8]) -> Bool {
        if case .abort = response.body {
            keepsAlive = false
            return false
        }
        let status = (200...599).contains(response.status) ? response.status : 500
        needsBody = !isHead && status != 204 && status != 304 && status != 205
        appendStart(status, to: &output)
        if !date.isEmpty, !response.fields.contains("Date") {
            output.append(contentsOf: "Date: ".utf8)
            output.append(contentsOf: date)
            output.append(contentsOf: "\r\n".utf8)
        }
        response.fields.write(to: &output) { !HTTPFraming.isOwn($1, $0) }
        var follows: [UInt8] = []
        var streams = false
        switch response.body {
        case .abort: break
        case .bytes(let bytes):
            // A 205 must say that there is nothing, a 204 and a 304 must not.
            if status == 205 { HTTPFraming.appendContentLength(0, to: &output) }
            if needsBody || isHead && status != 204 && status != 304 && status != 205 {
                HTTPFraming.appendContentLength(bytes.count, to: &output)
            }
            if needsBody { follows = bytes }
        case .stream:
            streams = needsBody
            if status == 205 { HTTPFraming.appendContentLength(0, to: &output) }
            if needsBody, version == .http11 {
                isChunked = true
                output.append(contentsOf: "Transfer-Encoding: chunked\r\n".utf8)
            } else if needsBody {
                keepsAlive = false
            }
        }
        if !keepsAlive {
            output.append(contentsOf: "Connection: close\r\n".utf8)
        } else if version == .http10 {
            output.append(contentsOf: "Connection: keep-alive\r\n".utf8)
        }
        output.append(contentsOf: "\r\n".utf8)
        output.append(contentsOf: follows)
        return streams
    }

    /// Appends a piece of a streamed body.
    public func appendPiece(_ bytes: [UInt8], to output: inout [UInt8]) {
        guard needsBody, !bytes.isEmpty else { return }
        if isChunked {
            HTTPFraming.appendHexadecimal(bytes.count, to: &output)
            output.append(contentsOf: "\r\n".utf8)
        }
        output.append(contentsOf: bytes)
        if isChunked { output.append(contentsOf: "\r\n".utf8) }
    }

    /// Appends what ends a streamed body. Not to be called when the stream failed: a caller must be able to tell.
    public func appendEnd(to output: inout [UInt8]) {
        if isChunked { output.append(contentsOf: "0\r\n\r\n".utf8) }
    }

    /// Appends `100 Continue`.
    public static func appendContinue(to output: inout [UInt8]) { output.append(contentsOf: "HTTP/1.1 100 Continue\r\n\r\n".utf8) }

    private func appendStart(_ status: Int, to output: inout [UInt8]) {
        // An HTTP/1.1 server says so to an HTTP/1.0 caller as well (RFC 9110, section 2.5).
        if status == 200 {
            output.append(contentsOf: "HTTP/1.1 200 OK\r\n".utf8)
            return
        }
        output.append(contentsOf: "HTTP/1.1 ".utf8)
        HTTPFraming.appendDecimal(status, to: &output)
        output.append(0x20)
        output.append(contentsOf: HTTPResponseEncoder.reason(status).utf8)
        output.append(contentsOf: "\r\n".utf8)
    }

    /// The reason phrase of RFC 9110, section 15, or nothing for a status without one.
    static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 205: "Reset Content"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 425: "Too Early"
        case 428: "Precondition Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: ""
        }
    }
}
