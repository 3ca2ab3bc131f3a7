public import Base
import ProviderKit
import Transport

/// The credentials of the second generation.
public struct SecondGenerationCredentials: Sendable {
    /// `x-api-key`.
    public var apiKey: Secret
    /// The secret of the signature.
    public var hmacSecret: Secret
    /// The passphrase of the body.
    public var dataSecret: Secret
    /// How much of the URL is signed.
    public var urlForm: SentbeGeneration2.URLForm

    /// Credentials; by default the path alone is signed.
    public init(apiKey: Secret, hmacSecret: Secret, dataSecret: Secret, urlForm: SentbeGeneration2.URLForm = .path) {
        self.apiKey = apiKey
        self.hmacSecret = hmacSecret
        self.dataSecret = dataSecret
        self.urlForm = urlForm
    }

    /// The body and the header fields of a call.
    ///
    /// - Parameters:
    ///   - parameters: What goes into `data`; nothing for a call without a body.
    ///   - authority: `host:port` of the provider.
    ///   - path: The provider's own path.
    ///   - nonce: Seconds since the epoch.
    ///   - salt: 8 random bytes, fresh for every sending.
    func message(
        _ parameters: JSON?, authority: String, path: String, nonce: Int64, salt: [UInt8]
    ) throws(SentbeEnvelopeError) -> (body: [UInt8], fields: HTTPFields) {
        let body: [UInt8] =
            if let parameters {
                SentbeGeneration2.body(try SentbeGeneration2.seal(parameters.bytes, secret: dataSecret, salt: salt))
            } else { [] }
        let url = urlForm.text(authority: authority, path: path)
        var fields: HTTPFields = ["Content-Type": SentbeHeaders.contentType]
        fields.append(SentbeGeneration2.apiKey, secret: apiKey)
        fields.append(SentbeGeneration2.nonce, String(nonce))
        fields.append(
            SentbeGeneration2.signature,
            SentbeGeneration2.signature(nonce: String(nonce), url: url, body: body, secret: hmacSecret))
        return (body, fields)
    }
}

/// The second generation: parameters encrypted in the body, and signed.
extension SentbeConnector {
    func prepareSecond(_ call: Call, _ credentials: SecondGenerationCredentials) throws(CallFailure) -> PreparedCall {
        let parameters = try CallParameters.read(call)
        let hasBody = call.method != .get && call.method != .head
        guard hasBody || parameters.count == 0 else { throw .secondGenerationGet }
        let origin = configuration.origin
        var fields = call.fields
        fields.removeAll(SentbeConnector.replaced)
        do throws(SentbeEnvelopeError) {
            let message = try credentials.message(
                hasBody ? .object(parameters) : nil, authority: origin.hostAndPort, path: call.path, nonce: nonce(isAlone: !hasBody),
                salt: environment.random.bytes(SentbeEnvelope.saltByteCount))
            for (name, value) in message.fields { fields.append(name, value) }
            let sent = Call(method: call.method, path: configuration.pathPrefix + call.path, fields: fields, body: message.body)
            return prepared(sent, SentContext(row: nil, call: call, parameters: parameters))
        } catch {
            throw .cannotEncrypt(error)
        }
    }

    /// The time in seconds. A call without a body has nothing random in it, so two of them must not fall on one second: they would be one and the same message.
    private func nonce(isAlone: Bool) -> Int64 {
        let now = environment.time.now.unixSeconds
        guard isAlone else { return now }
        return nonces.withLock { last in
            // Never far ahead of the clock: the provider refuses a nonce from the future.
            last = last >= now && last - now < 60 ? last + 1 : now
            return last
        }
    }

    func openSecond(_ reply: Reply, _ credentials: SecondGenerationCredentials) throws(CallFailure) -> Reply {
        var reply = reply
        let answer: SentbeGeneration2.Reply
        do throws(SentbeEnvelopeError) {
            answer = try SentbeGeneration2.Reply(reply.body, secret: credentials.dataSecret)
        } catch {
            guard error.code == .notAnEnvelope else { throw .answerDoesNotOpen(error) }
            reply.fields.append("Bujeol-Result", "unreadable")
            return reply
        }
        reply.fields.removeAll(SentbeConnector.framing)
        let opened: JSON = [
            "error": answer.error, "code": .number(answer.code.rawValue), "message": .string(answer.message), "data": answer.data,
        ]
        reply.body = opened.bytes
        reply.fields.append("Bujeol-Result", answer.code == .success ? "success" : "fail")
        if answer.code != .success { reply.fields.append("Bujeol-Error-Code", String(answer.code.rawValue)) }
        return reply
    }

    private static let framing = HTTPFieldNames(["content-length", "content-encoding", "content-md5", "digest", "etag"])
}

extension HTTPOrigin {
    /// `host:port`, the port also where it is the scheme's own.
    var hostAndPort: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }
}

extension CallFailure {
    fileprivate static let secondGenerationGet = CallFailure(
        .invalidCall, outcome: .refused, status: 400,
        message: BilingualText(
            korean: "2세대 API의 GET은 매개변수를 받지 않습니다. POST로 JSON 본문을 보내세요.",
            english: "a GET of the second generation has no parameters; send a JSON body with POST"))

    fileprivate static func answerDoesNotOpen(_ error: SentbeEnvelopeError) -> CallFailure {
        CallFailure(
            .answerUnverified, outcome: .unverified, status: 502,
            message: BilingualText(
                korean: "응답의 data를 복호화할 수 없습니다: \(error.message.korean) dataSecret을 확인하세요. 요청은 처리되었을 수 있습니다.",
                english: "the answer's data does not open: \(error.message.english); check dataSecret. The provider may have acted"),
            cause: error.code.rawValue)
    }
}
