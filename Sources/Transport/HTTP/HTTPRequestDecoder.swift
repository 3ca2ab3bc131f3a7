/// A complete request with what its connection needs to know.
public struct HTTPDecodedRequest: Sendable, Equatable {
    /// The request; its target is in origin form (or `*`), even when it came in absolute form.
    public var request: HTTPRequest
    /// The version the caller speaks.
    public var version: HTTPVersion
    /// Whether the caller is content to have the connection kept open after the answer.
    public var keepsAlive: Bool
}

/// Reads requests from the bytes of a connection, as strictly as RFC 9110 and RFC 9112 allow.
///
/// A value without input or output: feed it with ``append(_:)``, ask with ``next()``. However the bytes are cut, the answers are the same.
public struct HTTPRequestDecoder: Sendable {
    /// What has been decoded.
    public enum Event: Sendable, Equatable {
        /// A head is complete, a body of allowed size follows, and the caller waits for `100 Continue` before sending it.
        case expectsContinue
        /// A request is complete.
        case request(HTTPDecodedRequest)
    }

    /// Where the decoder stands, which decides the deadline that applies.
    public enum Progress: Sendable, Hashable {
        /// Between requests: not one byte of the next has come.
        case idle
        /// In the head.
        case head
        /// In the body.
        case body
        /// A request was malformed; nothing more is decoded.
        case failed
    }

    private enum Phase: Sendable {
        case start
        case fields
        case body
        case failed
    }

    private let limits: HTTPLimits
    private var input = HTTPInput()
    private var phase = Phase.start
    private var failure: HTTPProtocolError?
    // Kept beside the phase and taken out of here, not copied: a copy costs a count of references for every part.
    private var line: HTTPRequestLine?
    private var hasSkippedEmptyLine = false
    private var section = HTTPFieldSection()
    private var body = HTTPBodyReader.none
    private var decoded: HTTPDecodedRequest?

    /// A decoder for one connection.
    public init(limits: HTTPLimits = HTTPLimits()) { self.limits = limits }

    /// Adds bytes as they came from the connection.
    public mutating func append(_ bytes: some Collection<UInt8>) { input.append(bytes) }

    /// Adds bytes as they came from the connection, without copying them when nothing was left over.
    public mutating func append(_ bytes: [UInt8]) { input.append(bytes) }

    /// How many bytes wait to be decoded; the reader of a connection stops while they are too many.
    public var bufferedCount: Int { input.available }

    /// Where the decoder stands.
    public var progress: Progress {
        switch phase {
        case .start: input.available == 0 ? .idle : .head
        case .fields: .head
        case .body: .body
        case .failed: .failed
        }
    }

    /// The next event, or nothing until more bytes have come.
    ///
    /// - Throws: ``HTTPProtocolError``, and the same again on every later call.
    public mutating func next() throws(HTTPProtocolError) -> Event? {
        do throws(HTTPProtocolError) {
            return try advance()
        } catch {
            phase = .failed
            failure = error
            throw error
        }
    }

    private mutating func advance() throws(HTTPProtocolError) -> Event? {
        while true {
            switch phase {
            case .failed: throw failure ?? .malformed("the connection carried a malformed request")
            case .start:
                guard let line = try takeRequestLine() else {
                    input.compact()
                    return nil
                }
                self.line = line
                phase = .fields
            case .fields:
                guard try section.advance(&input, limits) else { return nil }
                guard let line = line.take() else { return nil }
                let expectsContinue = try finishHead(line)
                phase = .body
                if expectsContinue { return .expectsContinue }
            case .body:
                guard try body.advance(&input, limits) else {
                    input.compact()
                    return nil
                }
                return finishRequest()
            }
        }
    }

    private mutating func takeRequestLine() throws(HTTPProtocolError) -> HTTPRequestLine? {
        while input.available > 0 {
            let first = input.bytes[input.position]
            guard HTTPSyntax.isTokenCharacter(first) || first == 0x0D || first == 0x0A else {
                throw .malformed("the request line has no valid method")
            }
            switch input.takeLine(maximum: limits.startLine) {
            case .incomplete: return nil
            case .tooLong: throw HTTPProtocolError(.startLineTooLong, "the request line is too long")
            case .bareLineFeed: throw .malformed("the request line ends with a line feed alone")
            case .complete(let range):
                if range.isEmpty, !hasSkippedEmptyLine {
                    // RFC 9112, section 2.2: a client may send one line end too many after a body.
                    hasSkippedEmptyLine = true
                    continue
                }
                return try HTTPRequestLine(range, input.bytes.span)
            }
        }
        return nil
    }

    /// Judges the head as a whole and prepares for the body; whether the caller waits for `100 Continue`.
    private mutating func finishHead(_ line: consuming HTTPRequestLine) throws(HTTPProtocolError) -> Bool {
        guard section.hostCount < 2 else { throw .malformed("there is more than one Host field") }
        if line.version == .http11, section.hostCount == 0 { throw .malformed("the Host field is missing") }
        if line.version == .http10, section.isChunked { throw .malformed("HTTP/1.0 has no Transfer-Encoding") }
        var fields = section.takeFields(input)
        if let authority = line.authority { fields["Host"] = authority }
        decoded = HTTPDecodedRequest(
            request: HTTPRequest(method: line.method, target: line.target, fields: fields), version: line.version,
            keepsAlive: section.keepsAlive(line.version))
        if section.isChunked {
            body = .chunked
        } else {
            body = try HTTPBodyReader.length(section.contentLength ?? 0, limits)
        }
        if section.expectsContinue == false, line.version == .http11 {
            throw HTTPProtocolError(.expectationUnknown, "the only expectation known is 100-continue")
        }
        let expectsContinue = section.expectsContinue == true && line.version == .http11 && !body.isComplete
        section = HTTPFieldSection()
        return expectsContinue
    }

    private mutating func finishRequest() -> Event? {
        guard var result = decoded.take() else { return nil }
        result.request.body = body.body
        body = .none
        phase = .start
        hasSkippedEmptyLine = false
        return .request(result)
    }
}
