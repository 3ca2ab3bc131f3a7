import Testing
import Transport

@Suite("Malformed and oversized requests")
struct MalformedRequestTests {
    @Test("is refused", arguments: MalformedRequest.all)
    func refused(request: MalformedRequest) {
        let result = DecoderVerifier.requests(request.bytes)
        #expect(result.status == request.status)
        #expect(result.requests.isEmpty)
    }

    @Test("A malformed request behind a good one leaves the good one standing")
    func behindGood() {
        for request in MalformedRequest.all where !request.bytes.starts(with: [0x0D, 0x0A, 0x0D]) {
            let result = DecoderVerifier.requests(Array("GET /good HTTP/1.1\r\nHost: a\r\n\r\n".utf8) + request.bytes)
            #expect(result.requests.map(\.request.target) == ["/good"], "\(request.name)")
            #expect(result.status == request.status, "\(request.name)")
        }
    }

    private static let limits = HTTPLimits(
        startLine: 40, headerSection: 60, fieldCount: 3, fieldLine: 30, body: 20, chunkExtensions: 10, trailerSection: 16)

    private func verdict(_ text: String) -> Int? {
        let result = DecoderVerifier.requests(text, limits: Self.limits)
        return result.status ?? (result.requests.count == 1 ? 200 : nil)
    }

    private func filler(_ count: Int) -> String { String(repeating: "x", count: count) }

    @Test("The request line may have the limit's length and not one byte more", arguments: [(0, 200), (1, 414), (100, 414)])
    func requestLine(excess: Int, status: Int) {
        #expect(verdict("GET /\(filler(40 - 14 + excess)) HTTP/1.1\r\nHost: a\r\n\r\n") == status)
    }

    @Test("A field may have the limit's length and not one byte more", arguments: [(0, 200), (1, 431), (100, 431)])
    func field(excess: Int, status: Int) {
        #expect(verdict("GET / HTTP/1.1\r\nHost: a\r\nX: \(filler(30 - 3 + excess))\r\n\r\n") == status)
    }

    @Test("The header section may have the limit's length and not one byte more", arguments: [(0, 200), (1, 431), (100, 431)])
    func section(excess: Int, status: Int) {
        // 9 bytes of Host, 30 of X and 21 of Y make 60.
        #expect(verdict("GET / HTTP/1.1\r\nHost: a\r\nX: \(filler(25))\r\nY: \(filler(16 + excess))\r\n\r\n") == status)
    }

    @Test("There may be as many fields as the limit says and not one more", arguments: [(2, 200), (3, 431)])
    func count(others: Int, status: Int) {
        #expect(verdict("GET / HTTP/1.1\r\nHost: a\r\n\(String(repeating: "X:\r\n", count: others))\r\n") == status)
    }

    @Test("The body may have the limit's length and not one byte more", arguments: [(20, 200), (21, 413)])
    func body(length: Int, status: Int) {
        #expect(verdict("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n\(filler(length))") == status)
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(verdict(head + "5\r\nabcde\r\n\(String(length - 5, radix: 16))\r\n\(filler(length - 5))\r\n0\r\n\r\n") == status)
    }

    @Test("Chunk extensions together may have the limit's length and not one byte more", arguments: [(0, 200), (1, 400), (60, 400)])
    func extensions(excess: Int, status: Int) {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(verdict(head + "1;123\r\nx\r\n0;12345\(filler(excess))\r\n\r\n") == status)
    }

    @Test("Trailers may have the limit's length and not one byte more", arguments: [(0, 200), (1, 431), (60, 431)])
    func trailers(excess: Int, status: Int) {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(verdict(head + "0\r\nX: 1\r\nY: \(filler(5 + excess))\r\n\r\n") == status)
    }

    @Test("There may be as many trailers as the limit says and not one more", arguments: [(3, 200), (4, 431)])
    func trailerCount(count: Int, status: Int) {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(verdict(head + "0\r\n\(String(repeating: "X:\r\n", count: count))\r\n") == status)
    }

    @Test("The default limits are those that the documentation promises")
    func defaults() {
        let limits = HTTPLimits()
        #expect(limits.startLine == 8192 && limits.headerSection == 32_768 && limits.fieldCount == 100)
        #expect(limits.fieldLine == 24_576 && limits.body == 1_048_576)
    }
}
