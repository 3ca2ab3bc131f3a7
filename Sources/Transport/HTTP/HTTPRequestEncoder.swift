/// Writes requests. Framing and hop-by-hop fields are the encoder's own business: whatever the request has of them is left out.
public enum HTTPRequestEncoder {
    /// Appends `request` as HTTP/1.1 to `output`.
    ///
    /// A `Content-Length` is written when there is a body or the method usually has one.
    /// - Parameters:
    ///   - authority: the `Host` field, as ``HTTPOrigin/authority`` gives it; for `CONNECT` the target is written instead.
    ///   - closes: whether to ask for the connection to be closed after the response.
    /// - Throws: ``HTTPProtocolError`` with the code `unwritable` when method, target or host are not what RFC 9112 allows; `output` is then unchanged.
    public static func append(
        _ request: HTTPRequest, authority: String, closes: Bool = false, to output: inout [UInt8]
    ) throws(HTTPProtocolError) {
        let host = request.method == .connect ? request.target : authority
        try verify(request, host: host)
        output.reserveCapacity(output.count + 128 + request.target.utf8.count + request.fields.bytes.count + request.body.count)
        output.append(contentsOf: request.method.rawValue.utf8)
        output.append(0x20)
        output.append(contentsOf: request.target.utf8)
        output.append(contentsOf: " HTTP/1.1\r\nHost: ".utf8)
        output.append(contentsOf: host.utf8)
        output.append(contentsOf: "\r\n".utf8)
        request.fields.write(to: &output) { !HTTPFraming.isOwn($1, $0) && !HTTPSyntax.matches($0, $1, "host") }
        if !request.body.isEmpty || request.method == .post || request.method == .put || request.method == .patch {
            HTTPFraming.appendContentLength(request.body.count, to: &output)
        }
        if closes { output.append(contentsOf: "Connection: close\r\n".utf8) }
        output.append(contentsOf: "\r\n".utf8)
        output.append(contentsOf: request.body)
    }

    private static func verify(_ request: HTTPRequest, host: String) throws(HTTPProtocolError) {
        guard HTTPSyntax.isToken(request.method.rawValue) else { throw HTTPProtocolError(.unwritable, "the method is not a token") }
        let target = request.target.utf8.span
        for index in 0..<target.count where !HTTPSyntax.isTargetCharacter(target[index]) {
            throw HTTPProtocolError(.unwritable, "the target has a character that must be escaped")
        }
        let hostBytes = host.utf8.span
        let isTunnel = request.method == .connect
        guard HTTPSyntax.isAuthority(hostBytes, 0..<hostBytes.count, needsPort: isTunnel) else {
            throw HTTPProtocolError(.unwritable, "the host is not a name with an optional port")
        }
        guard isTunnel || request.target == "*" && request.method == .options || target.count > 0 && target[0] == 0x2F else {
            throw HTTPProtocolError(.unwritable, "the target is not a path")
        }
    }
}
