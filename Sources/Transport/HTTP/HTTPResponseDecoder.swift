/// Reads responses from the bytes of a connection, as strictly as requests are read.
///
/// A value without input or output. For each exchange: ``expectResponse(to:)``, then ``append(_:)`` and ``next()`` until a response comes,
/// and ``finish()`` when the connection ends before. However the bytes are cut, the answers are the same.
public struct HTTPResponseDecoder: Sendable {
    private enum Phase: Sendable {
        case idle
        case start
        case fields(HTTPStatusLine)
        case body
        case failed(HTTPProtocolError)
    }

    private let limits: HTTPLimits
    private var input = HTTPInput()
    private var phase = Phase.idle
    private var method = HTTPMethod.get
    private var informationalCount = 0
    private var section = HTTPFieldSection()
    private var body = HTTPBodyReader.none
    private var response: HTTPResponse?
    private var keepsAlive = true

    /// A decoder for one connection.
    public init(limits: HTTPLimits = HTTPLimits()) { self.limits = limits }

    /// Prepares for the response to a request with `method`, which decides whether a body follows (RFC 9112, section 6.3).
    ///
    /// To be called only when the one before is complete and ``mayReuseConnection`` is true.
    public mutating func expectResponse(to method: HTTPMethod) {
        guard case .idle = phase else { return }
        self.method = method
        informationalCount = 0
        phase = .start
    }

    /// Adds bytes as they came from the connection.
    public mutating func append(_ bytes: some Collection<UInt8>) { input.append(bytes) }

    /// Adds bytes as they came from the connection, without copying them when nothing was left over.
    public mutating func append(_ bytes: [UInt8]) { input.append(bytes) }

    /// Whether another request may be sent: the last response is complete, announced no close, and nothing came behind it.
    public var mayReuseConnection: Bool {
        if case .idle = phase { return keepsAlive && input.available == 0 }
        return false
    }

    /// Whether bytes have come that belong to no response that was expected.
    var hasBytesLeft: Bool { input.available > 0 }

    /// The response when it is complete, or nothing until more bytes have come (or, without a known length, the connection has ended).
    ///
    /// Informational responses are skipped. A response to `CONNECT` with a status of 2xx ends with its head.
    /// - Throws: ``HTTPProtocolError``, and the same again on every later call.
    public mutating func next() throws(HTTPProtocolError) -> HTTPResponse? {
        do throws(HTTPProtocolError) {
            return try advance()
        } catch {
            phase = .failed(error)
            throw error
        }
    }

    /// Tells that the connection has ended: the response if that is what completes it, or nothing when none was expected.
    ///
    /// - Throws: ``HTTPProtocolError`` with the code `truncated` when a response was expected and is not complete.
    public mutating func finish() throws(HTTPProtocolError) -> HTTPResponse? {
        if let response = try next() { return response }
        switch phase {
        case .idle: return nil
        case .body where body.endsWithConnection: return finishResponse()
        default:
            let error = HTTPProtocolError(.truncated, "the connection ended before the response was complete")
            phase = .failed(error)
            throw error
        }
    }

    private mutating func advance() throws(HTTPProtocolError) -> HTTPResponse? {
        while true {
            switch phase {
            case .idle: return nil
            case .failed(let error): throw error
            case .start:
                guard let line = try takeStatusLine() else {
                    input.compact()
                    return nil
                }
                phase = .fields(line)
            case .fields(let line):
                guard try section.advance(&input, limits) else { return nil }
                phase = try finishHead(line) ? .body : .start
            case .body:
                guard try body.advance(&input, limits) else {
                    input.compact()
                    return nil
                }
                return finishResponse()
            }
        }
    }

    private mutating func takeStatusLine() throws(HTTPProtocolError) -> HTTPStatusLine? {
        switch input.takeLine(maximum: limits.startLine) {
        case .incomplete: return nil
        case .tooLong: throw HTTPProtocolError(.startLineTooLong, "the status line is too long")
        case .bareLineFeed: throw .malformed("the status line ends with a line feed alone")
        case .complete(let range): return try HTTPStatusLine(range, input.bytes.span)
        }
    }

    /// Judges the head as a whole and prepares for the body; false when the response was informational and another one follows.
    private mutating func finishHead(_ line: HTTPStatusLine) throws(HTTPProtocolError) -> Bool {
        defer { section = HTTPFieldSection() }
        if line.version == .http10, section.isChunked { throw .malformed("HTTP/1.0 has no Transfer-Encoding") }
        guard line.status >= 200 else {
            guard line.status != 101 else { throw .malformed("the protocol is switched although nobody asked for it") }
            informationalCount += 1
            guard informationalCount <= limits.informationalResponses else {
                throw .malformed("there are too many informational responses")
            }
            if section.isChunked || section.contentLength ?? 0 > 0 { throw .malformed("an informational response announces a body") }
            return false
        }
        response = HTTPResponse(status: line.status, fields: section.takeFields(input))
        keepsAlive = section.keepsAlive(line.version)
        if method == .connect, line.status < 300 {
            body = .none
        } else if method == .head || line.status == 304 {
            body = .none
        } else if line.status == 204 {
            body = .none
            // A body where none may be: whatever follows cannot be trusted to be the next response.
            if section.isChunked || section.contentLength ?? 0 > 0 { keepsAlive = false }
        } else if section.isChunked {
            body = .chunked
        } else if let length = section.contentLength {
            body = try HTTPBodyReader.length(length, limits)
        } else {
            body = .untilClose
            keepsAlive = false
        }
        return true
    }

    private mutating func finishResponse() -> HTTPResponse? {
        guard var result = response.take() else { return nil }
        result.body = .bytes(body.body)
        body = .none
        phase = .idle
        input.compact()
        return result
    }
}

/// The first line of a response, taken apart and checked. The reason phrase means nothing and is dropped.
struct HTTPStatusLine: Sendable {
    var version: HTTPVersion
    var status: Int

    init(_ line: Range<Int>, _ bytes: Span<UInt8>) throws(HTTPProtocolError) {
        let start = line.lowerBound
        guard line.count >= 12, bytes[start + 8] == 0x20 else { throw .malformed("the status line has no version and status") }
        version = try HTTPVersion(bytes, start..<start + 8)
        status = 0
        for index in (start + 9)..<(start + 12) {
            guard HTTPSyntax.isDigit(bytes[index]) else { throw .malformed("the status is not three digits") }
            status = status * 10 + Int(bytes[index] - 0x30)
        }
        guard (100...599).contains(status) else { throw .malformed("the status is not between 100 and 599") }
        // Servers that send no reason phrase often leave out the space before it; nothing becomes ambiguous by that.
        guard line.count > 12 else { return }
        guard bytes[start + 12] == 0x20 else { throw .malformed("the status is not three digits") }
        for index in (start + 13)..<line.upperBound {
            guard HTTPSyntax.isFieldValueCharacter(bytes[index]) else { throw .malformed("the reason phrase has a control character") }
        }
    }
}
