/// Reads the body of one message, whatever its framing. Chunk extensions and trailers are checked, bounded and dropped.
struct HTTPBodyReader: Sendable {
    private enum Phase: Sendable {
        case bytes(Int)
        case untilClose
        case chunkSize
        case chunk(Int)
        case chunkEnd
        case trailers
        case complete
    }

    /// An unknown or long body begins with this much room and grows with what arrives, not with what was announced.
    private static let firstReservation = 16 << 10
    /// More hexadecimal digits than this are no size but a nuisance; leading zeros count.
    private static let sizeDigits = 16

    private var phase: Phase
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailerCount = 0
    /// The body so far.
    private(set) var body: [UInt8] = []

    private init(_ phase: Phase) { self.phase = phase }

    static var none: HTTPBodyReader { HTTPBodyReader(.complete) }
    static var chunked: HTTPBodyReader { HTTPBodyReader(.chunkSize) }
    static var untilClose: HTTPBodyReader { HTTPBodyReader(.untilClose) }

    /// A reader for a body of exactly `length` bytes.
    static func length(_ length: Int, _ limits: HTTPLimits) throws(HTTPProtocolError) -> HTTPBodyReader {
        guard length <= limits.body else { throw HTTPProtocolError(.bodyTooLarge, "the body is too large") }
        var reader = HTTPBodyReader(length == 0 ? .complete : .bytes(length))
        if length > 0 { reader.body.reserveCapacity(min(length, firstReservation)) }
        return reader
    }

    var isComplete: Bool {
        if case .complete = phase { return true }
        return false
    }

    var endsWithConnection: Bool {
        if case .untilClose = phase { return true }
        return false
    }

    /// Takes what has arrived; whether the body is complete.
    mutating func advance(_ input: inout HTTPInput, _ limits: HTTPLimits) throws(HTTPProtocolError) -> Bool {
        while true {
            switch phase {
            case .complete: return true
            case .bytes(let remaining):
                let count = input.take(upTo: remaining, into: &body)
                phase = count == remaining ? .complete : .bytes(remaining - count)
                if count < remaining { return false }
            case .untilClose:
                guard input.available <= limits.body - body.count else { throw HTTPProtocolError(.bodyTooLarge, "the body is too large") }
                _ = input.take(upTo: input.available, into: &body)
                return false
            case .chunkSize: guard try takeChunkSize(&input, limits) else { return false }
            case .chunk(let remaining):
                let count = input.take(upTo: remaining, into: &body)
                phase = count == remaining ? .chunkEnd : .chunk(remaining - count)
                if count < remaining { return false }
            case .chunkEnd:
                switch input.takeLine(maximum: 0) {
                case .incomplete: return false
                case .complete: phase = .chunkSize
                case .tooLong, .bareLineFeed: throw .malformed("a chunk is not followed by a line end")
                }
            case .trailers: guard try takeTrailer(&input, limits) else { return false }
            }
        }
    }

    private mutating func takeChunkSize(_ input: inout HTTPInput, _ limits: HTTPLimits) throws(HTTPProtocolError) -> Bool {
        switch input.takeLine(maximum: HTTPBodyReader.sizeDigits + limits.chunkExtensions - extensionBytes) {
        case .incomplete: return false
        case .tooLong: throw .malformed("a chunk size has too long an extension")
        case .bareLineFeed: throw .malformed("a chunk size ends with a line feed alone")
        case .complete(let line):
            let size = try chunkSize(line, input.bytes.span, limits)
            guard size <= limits.body - body.count else { throw HTTPProtocolError(.bodyTooLarge, "the body is too large") }
            phase = size == 0 ? .trailers : .chunk(size)
            return true
        }
    }

    private mutating func chunkSize(_ line: Range<Int>, _ bytes: Span<UInt8>, _ limits: HTTPLimits) throws(HTTPProtocolError) -> Int {
        var index = line.lowerBound
        var size: UInt64 = 0
        while index < line.upperBound, let digit = HTTPSyntax.hexadecimalValue(bytes[index]) {
            guard index - line.lowerBound < HTTPBodyReader.sizeDigits else { throw .malformed("a chunk size has too many digits") }
            size = size << 4 | UInt64(digit)
            index += 1
        }
        guard index > line.lowerBound, index == line.upperBound || bytes[index] == 0x3B else {
            throw .malformed("a chunk size is not hexadecimal digits only")
        }
        extensionBytes += line.upperBound - index
        guard extensionBytes <= limits.chunkExtensions else { throw .malformed("a chunk size has too long an extension") }
        while index < line.upperBound {
            guard HTTPSyntax.isFieldValueCharacter(bytes[index]) else { throw .malformed("a chunk extension has a control character") }
            index += 1
        }
        return Int(clamping: size)
    }

    private mutating func takeTrailer(_ input: inout HTTPInput, _ limits: HTTPLimits) throws(HTTPProtocolError) -> Bool {
        switch input.takeLine(maximum: max(0, limits.trailerSection - trailerBytes - 2)) {
        case .incomplete: return false
        case .tooLong: throw HTTPProtocolError(.fieldsTooLarge, "the trailer section is too large")
        case .bareLineFeed: throw .malformed("a trailer line ends with a line feed alone")
        case .complete(let line):
            if line.isEmpty {
                phase = .complete
                return true
            }
            trailerBytes += line.count + 2
            trailerCount += 1
            guard trailerCount <= limits.fieldCount else { throw HTTPProtocolError(.fieldsTooLarge, "there are too many trailer fields") }
            _ = try HTTPFieldSection.split(line, input.bytes.span)
            return true
        }
    }
}
