/// A header section while it is being read: where its fields stand, and what they say about the framing of the message.
struct HTTPFieldSection: Sendable {
    private(set) var entries: [HTTPFields.Entry] = []
    /// Bytes of the lines taken so far, their line ends included.
    private(set) var size = 0
    /// Where the section begins in the input.
    private var start = 0

    /// The body's length, when a field tells.
    private(set) var contentLength: Int?
    /// Whether the body is chunked.
    private(set) var isChunked = false
    private(set) var hostCount = 0
    /// Whether `Connection` lists `close`.
    private(set) var wantsClose = false
    /// Whether `Connection` lists `keep-alive`.
    private(set) var wantsKeepAlive = false
    /// Whether there is an `Expect` field, and whether it is `100-continue`.
    private(set) var expectsContinue: Bool?

    /// Whether the connection stays open after the message (RFC 9112, section 9.3).
    func keepsAlive(_ version: HTTPVersion) -> Bool {
        switch version {
        case .http11: !wantsClose
        case .http10: wantsKeepAlive && !wantsClose
        }
    }

    /// Takes lines until the empty one that ends the section; whether it has come.
    mutating func advance(_ input: inout HTTPInput, _ limits: HTTPLimits) throws(HTTPProtocolError) -> Bool {
        if size == 0 { start = input.position }
        while true {
            // The smaller limit decides alone, so that the verdict is the same however the bytes arrive.
            let room = max(0, limits.headerSection - size - 2)
            switch input.takeLine(maximum: min(room, limits.fieldLine)) {
            case .incomplete: return false
            case .tooLong:
                throw HTTPProtocolError(
                    .fieldsTooLarge, room < limits.fieldLine ? "the header section is too large" : "a header field is too large")
            case .bareLineFeed: throw .malformed("a header line ends with a line feed alone")
            case .complete(let line):
                if line.isEmpty { return true }
                size += line.count + 2
                guard entries.count < limits.fieldCount else {
                    throw HTTPProtocolError(.fieldsTooLarge, "there are too many header fields")
                }
                try take(line, input.bytes.span)
            }
        }
    }

    /// Hands over the fields with one copy of the section's bytes.
    mutating func takeFields(_ input: borrowing HTTPInput) -> HTTPFields {
        HTTPFields(verified: input.bytes[start..<start + size], entries: entries)
    }

    private mutating func take(_ line: Range<Int>, _ bytes: Span<UInt8>) throws(HTTPProtocolError) {
        let (name, value) = try HTTPFieldSection.split(line, bytes)
        if entries.isEmpty { entries.reserveCapacity(12) }
        entries.append(
            HTTPFields.Entry(
                nameStart: UInt32(name.lowerBound - start), nameLength: UInt32(name.count), valueStart: UInt32(value.lowerBound - start),
                valueLength: UInt32(value.count)))
        switch name.count {
        case 4 where HTTPSyntax.matches(bytes, name, "host"):
            hostCount += 1
            guard HTTPSyntax.isAuthority(bytes, value) else { throw .malformed("the Host field is not a host with an optional port") }
        case 6 where HTTPSyntax.matches(bytes, name, "expect"):
            expectsContinue = expectsContinue != false && HTTPSyntax.matches(bytes, value, "100-continue")
        case 10 where HTTPSyntax.matches(bytes, name, "connection"):
            takeConnectionOptions(value, bytes)
        case 14 where HTTPSyntax.matches(bytes, name, "content-length"):
            guard contentLength == nil else { throw .malformed("there is more than one Content-Length") }
            contentLength = try HTTPFieldSection.length(value, bytes)
        case 17 where HTTPSyntax.matches(bytes, name, "transfer-encoding"):
            guard !isChunked, HTTPSyntax.matches(bytes, value, "chunked") else {
                throw .malformed("the Transfer-Encoding is not exactly chunked")
            }
            isChunked = true
        default: break
        }
        if isChunked, contentLength != nil { throw .malformed("there are both a Transfer-Encoding and a Content-Length") }
    }

    /// Where name and value of a field line are; the value without the blanks around it.
    static func split(_ line: Range<Int>, _ bytes: Span<UInt8>) throws(HTTPProtocolError) -> (name: Range<Int>, value: Range<Int>) {
        var index = line.lowerBound
        while index < line.upperBound, HTTPSyntax.isTokenCharacter(bytes[index]) { index += 1 }
        guard index < line.upperBound, bytes[index] == 0x3A, index > line.lowerBound else {
            if index == line.lowerBound, HTTPSyntax.isBlank(bytes[index]) { throw .malformed("a header field is folded over two lines") }
            if index < line.upperBound, HTTPSyntax.isBlank(bytes[index]) { throw .malformed("there is whitespace in a field name") }
            throw .malformed("a header line has no valid name before a colon")
        }
        let name = line.lowerBound..<index
        index += 1
        let value = index..<line.upperBound
        guard HTTPSyntax.isFieldValue(bytes, index..<line.upperBound) else {
            throw .malformed("a field value has a control character")
        }
        return (name, HTTPSyntax.trimmed(bytes, value))
    }

    private static func length(_ value: Range<Int>, _ bytes: Span<UInt8>) throws(HTTPProtocolError) -> Int {
        guard !value.isEmpty else { throw .malformed("the Content-Length is not digits only") }
        var length = 0
        for index in value {
            guard HTTPSyntax.isDigit(bytes[index]) else { throw .malformed("the Content-Length is not digits only") }
            let (product, overflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, overrun) = product.addingReportingOverflow(Int(bytes[index] - 0x30))
            guard !overflow, !overrun else { throw .malformed("the Content-Length is too large to be counted") }
            length = sum
        }
        return length
    }

    private mutating func takeConnectionOptions(_ value: Range<Int>, _ bytes: Span<UInt8>) {
        var start = value.lowerBound
        while start < value.upperBound {
            var end = start
            while end < value.upperBound, bytes[end] != 0x2C { end += 1 }
            let option = HTTPSyntax.trimmed(bytes, start..<end)
            if HTTPSyntax.matches(bytes, option, "close") { wantsClose = true }
            if HTTPSyntax.matches(bytes, option, "keep-alive") { wantsKeepAlive = true }
            start = end + 1
        }
    }
}
