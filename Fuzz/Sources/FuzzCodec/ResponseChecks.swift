import Transport

/// What became of the responses on a connection.
struct ResponseOutcome: Equatable {
    var statuses: [Int] = []
    var fields: [HTTPFields] = []
    var bodies: [[UInt8]] = []
    var failure: String?
    var mayReuse = false
}

/// A decoder must come to the same end however its bytes are cut.
func checkResponses(_ bytes: [UInt8], to method: HTTPMethod, step: Int) {
    let whole = responses(bytes, to: method, step: bytes.count, limits)
    precondition(responses(bytes, to: method, step: 1, limits) == whole, "byte by byte differs")
    precondition(responses(bytes, to: method, step: step, limits) == whole, "pieces differ")
}

/// Any status, field and body: what is written is exactly that one response.
func checkResponseEncoder(_ bytes: [UInt8], chunked: Bool) {
    let parts = bytes.split(separator: 0xFF, maxSplits: 3, omittingEmptySubsequences: false)
    func text(_ index: Int) -> String { index < parts.count ? String(decoding: parts[index], as: UTF8.self) : "" }
    let body = parts.count > 3 ? Array(parts[3]) : []
    let status = 200 + (Int(text(0)) ?? 0) % 400
    var fields = HTTPFields()
    if !text(1).isEmpty { fields.append(text(1), text(2)) }
    let response =
        chunked ? HTTPResponse(status: status, fields: fields) { _ in } : HTTPResponse(status: status, fields: fields, body: body)
    var encoder = HTTPResponseEncoder(version: .http11, method: .get, keepsAlive: true)
    var output: [UInt8] = []
    if encoder.append(response, date: [], to: &output) {
        for piece in pieces(body, step: 7) { encoder.appendPiece(piece, to: &output) }
        encoder.appendEnd(to: &output)
    }
    let again = responses(output, to: .get, step: output.count, HTTPLimits(), atMost: 1)
    precondition(again.failure == nil && again.mayReuse, "a written response is not one response: \(again)")
    precondition(again.statuses == [status < 200 ? 500 : status], "the status changed")
    precondition(again.bodies == [[204, 205, 304].contains(status) ? [] : body], "the body changed")
}

private func responses(_ bytes: [UInt8], to method: HTTPMethod, step: Int, _ limits: HTTPLimits, atMost: Int = 3) -> ResponseOutcome {
    var decoder = HTTPResponseDecoder(limits: limits)
    var outcome = ResponseOutcome()
    func take(_ response: HTTPResponse) {
        outcome.statuses.append(response.status)
        outcome.fields.append(response.fields)
        outcome.bodies.append(response.bytes ?? [])
        if outcome.statuses.count < atMost { decoder.expectResponse(to: method) }
    }
    decoder.expectResponse(to: method)
    do throws(HTTPProtocolError) {
        for piece in pieces(bytes, step: step) {
            decoder.append(piece)
            while let response = try decoder.next() { take(response) }
        }
        outcome.mayReuse = decoder.mayReuseConnection
        if let response = try decoder.finish() { take(response) }
    } catch {
        outcome.failure = error.description
    }
    return outcome
}
