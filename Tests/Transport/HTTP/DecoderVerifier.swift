import Base
import TestSupport
import Testing
import Transport

/// What a decoder made of some bytes: the requests, and how it ended.
struct DecodedRequests: Equatable, CustomStringConvertible {
    var requests: [HTTPDecodedRequest] = []
    var continues = 0
    var failure: String?
    var status: Int?
    var leftOver = 0

    var description: String { "\(requests.count) requests, \(continues) expectations, \(failure ?? "no failure"), \(leftOver) left over" }
}

/// What a decoder made of some bytes up to the end of the connection.
struct DecodedResponses: Equatable, CustomStringConvertible {
    var statuses: [Int] = []
    var fields: [HTTPFields] = []
    var bodies: [[UInt8]] = []
    var failure: String?
    var code: HTTPProtocolError.Code?
    var mayReuse = false

    var description: String { "\(statuses), \(failure ?? "no failure"), may reuse: \(mayReuse)" }
}

/// Feeds the same bytes whole, one by one and in random cuts, and insists on one result.
enum DecoderVerifier {
    static func requests(
        _ bytes: [UInt8], limits: HTTPLimits = HTTPLimits(), sourceLocation: SourceLocation = #_sourceLocation
    ) -> DecodedRequests {
        let whole = decodeRequests([bytes], limits)
        for cut in cuts(of: bytes) {
            let other = decodeRequests(cut, limits)
            #expect(other == whole, "pieces of \(cut.prefix(20).map(\.count))", sourceLocation: sourceLocation)
        }
        return whole
    }

    static func requests(
        _ text: String, limits: HTTPLimits = HTTPLimits(), sourceLocation: SourceLocation = #_sourceLocation
    ) -> DecodedRequests {
        requests(Array(text.utf8), limits: limits, sourceLocation: sourceLocation)
    }

    /// Decodes one response to each of `methods`, as long as the connection may be reused, then ends the connection.
    static func responses(
        _ bytes: [UInt8], to methods: [HTTPMethod] = [.get], limits: HTTPLimits = HTTPLimits(),
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> DecodedResponses {
        let whole = decodeResponses([bytes], methods, limits)
        for cut in cuts(of: bytes) {
            let other = decodeResponses(cut, methods, limits)
            #expect(other == whole, "pieces of \(cut.prefix(20).map(\.count))", sourceLocation: sourceLocation)
        }
        return whole
    }

    static func responses(
        _ text: String, to methods: [HTTPMethod] = [.get], limits: HTTPLimits = HTTPLimits(),
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> DecodedResponses {
        responses(Array(text.utf8), to: methods, limits: limits, sourceLocation: sourceLocation)
    }

    private static func cuts(of bytes: [UInt8]) -> [[[UInt8]]] {
        var cuts = [bytes.map { [$0] }]
        let random = SeededRandom(seed: UInt64(bytes.count) + 1)
        for largest in [3, 17, 200] as [UInt64] {
            var pieces: [[UInt8]] = []
            var start = 0
            while start < bytes.count {
                let count = min(Int(random.number(below: largest)) + 1, bytes.count - start)
                pieces.append(Array(bytes[start..<start + count]))
                start += count
            }
            cuts.append(pieces)
        }
        return cuts
    }

    private static func decodeRequests(_ pieces: [[UInt8]], _ limits: HTTPLimits) -> DecodedRequests {
        var decoder = HTTPRequestDecoder(limits: limits)
        var result = DecodedRequests()
        for piece in pieces {
            decoder.append(piece)
            do {
                while let event = try decoder.next() {
                    switch event {
                    case .expectsContinue: result.continues += 1
                    case .request(let request): result.requests.append(request)
                    }
                }
            } catch {
                result.failure = error.description
                result.status = error.status
                return result
            }
        }
        result.leftOver = decoder.progress == .idle ? 0 : 1
        return result
    }

    private static func decodeResponses(_ pieces: [[UInt8]], _ methods: [HTTPMethod], _ limits: HTTPLimits) -> DecodedResponses {
        var decoder = HTTPResponseDecoder(limits: limits)
        var result = DecodedResponses()
        var waiting = methods[...]
        func take(_ response: HTTPResponse) {
            result.statuses.append(response.status)
            result.fields.append(response.fields)
            result.bodies.append(response.bytes ?? [])
            if let next = waiting.popFirst() { decoder.expectResponse(to: next) }
        }
        if let first = waiting.popFirst() { decoder.expectResponse(to: first) }
        do {
            for piece in pieces {
                decoder.append(piece)
                while let response = try decoder.next() { take(response) }
            }
            result.mayReuse = decoder.mayReuseConnection
            if let response = try decoder.finish() { take(response) }
        } catch {
            result.failure = error.description
            result.code = error.code
        }
        return result
    }
}
