import Transport

/// What became of the requests on a connection.
struct RequestOutcome: Equatable {
    var requests: [HTTPDecodedRequest] = []
    var expectations = 0
    var failure: String?
}

/// A decoder must come to the same end however its bytes are cut, and what it took for a request must survive being written and read again.
func checkRequests(_ bytes: [UInt8], step: Int) {
    let whole = requests(bytes, step: bytes.count, limits)
    precondition(requests(bytes, step: 1, limits) == whole, "byte by byte differs")
    precondition(requests(bytes, step: step, limits) == whole, "pieces differ")
    for decoded in whole.requests { checkRoundTrip(decoded.request) }
}

/// Any method, target, field and body: either it is refused, or what is written is exactly that one request.
func checkRequestEncoder(_ bytes: [UInt8]) {
    let parts = bytes.split(separator: 0xFF, maxSplits: 5, omittingEmptySubsequences: false)
    func text(_ index: Int) -> String { index < parts.count ? String(decoding: parts[index], as: UTF8.self) : "" }
    var fields = HTTPFields()
    fields.append("Host", text(0))
    if !text(2).isEmpty { fields.append(text(2), text(3)) }
    checkRoundTrip(
        HTTPRequest(
            method: HTTPMethod(rawValue: text(4)), target: "/" + text(1), fields: fields, body: parts.count > 5 ? Array(parts[5]) : []),
        isDecoded: false)
}

private func checkRoundTrip(_ request: HTTPRequest, isDecoded: Bool = true) {
    // HTTP/1.0 allows a request without a host.
    let host = request.fields["Host"] ?? "a"
    var output: [UInt8] = []
    do throws(HTTPProtocolError) {
        try HTTPRequestEncoder.append(request, authority: host, to: &output)
    } catch {
        precondition(!isDecoded, "a decoded request cannot be written: \(error)")
        precondition(output.isEmpty, "something was written of a refused request")
        return
    }
    let again = requests(output, step: output.count, HTTPLimits())
    if again.failure?.hasPrefix("expectation-unknown") == true || again.failure?.hasPrefix("method-not") == true { return }
    precondition(again.failure == nil && again.requests.count == 1, "a written request is not one request: \(again)")
    let copy = again.requests[0].request
    precondition(copy.method == request.method && copy.target == request.target, "the request line changed")
    precondition(copy.body == request.body, "the body changed")
    let own = HTTPFieldNames([
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "upgrade", "trailer", "proxy-connection",
    ])
    func kept(_ fields: HTTPFields) -> HTTPFields {
        var fields = fields
        fields.removeAll(own)
        return fields
    }
    // A value written by `append` may have blanks at its ends, which reading takes away.
    if isDecoded {
        precondition(kept(copy.fields) == kept(request.fields), "the fields changed")
    } else {
        precondition(kept(copy.fields).count == kept(request.fields).count, "the number of fields changed")
    }
}

private func requests(_ bytes: [UInt8], step: Int, _ limits: HTTPLimits) -> RequestOutcome {
    var decoder = HTTPRequestDecoder(limits: limits)
    var outcome = RequestOutcome()
    for piece in pieces(bytes, step: step) {
        decoder.append(piece)
        do throws(HTTPProtocolError) {
            while let event = try decoder.next() {
                switch event {
                case .expectsContinue: outcome.expectations += 1
                case .request(let request): outcome.requests.append(request)
                }
            }
        } catch {
            outcome.failure = error.description
            break
        }
    }
    return outcome
}
