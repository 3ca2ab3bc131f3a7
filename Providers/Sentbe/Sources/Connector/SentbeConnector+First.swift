import Base
import ProviderKit
import Transport

/// The first generation: parameters encrypted in a header field.
extension SentbeConnector {
    /// Proofs are the connection's own; and an answer that comes compressed, in part, or not at all because it has not changed could not be read.
    private static let never = [
        "authorization", "proxy-authorization", "partner-id", "key", "signature", "content-length", "accept-encoding", "range", "if-range",
        "if-match", "if-none-match", "if-modified-since", "if-unmodified-since",
    ]
    /// What the caller's own fields must not bring to Sentbe.
    static let replaced = HTTPFieldNames(never + ["content-type", "content-encoding", "x-api-key", "x-api-nonce", "x-api-signature"])
    /// The same for the one call whose body is the caller's own.
    static let replacedButType = HTTPFieldNames(never)

    func prepareFirst(_ call: Call, _ credentials: SentbeCredentials) throws(CallFailure) -> PreparedCall {
        let row = SentbeRoutes.row(call.method == .head ? .get : call.method, call.path)
        if row?.carrier == .multipart { return try document(call, credentials) }
        var context = SentContext(row: row, call: call, parameters: try CallParameters.read(call))
        let asksForRecovery = try SentbeConnector.asksForRecovery(call)
        guard !asksForRecovery || (context.isNewTransfer && context.externalID != nil) else { throw .recoveryOfNoTransfer }
        context.mayRecover = asksForRecovery
        if context.isNewTransfer { remember(context) }
        return try sealed(context, credentials, fields: call.fields)
    }

    /// The call with a fresh envelope.
    func sealed(_ context: SentContext, _ credentials: SentbeCredentials, fields: HTTPFields) throws(CallFailure) -> PreparedCall {
        var context = context
        let signature: String?
        do throws(SentbeEnvelopeError) {
            signature = try credentials.signature(context.parameters, salt: environment.random.bytes(SentbeEnvelope.saltByteCount))
        } catch {
            throw error.code == .tooLong ? .parametersTooLong(error) : .cannotEncrypt(error)
        }
        var fields = fields
        fields.removeAll(SentbeConnector.replaced)
        fields.append("Content-Type", SentbeHeaders.contentType)
        for (name, value) in credentials.identification { fields.append(name, value) }
        if let signature {
            fields.append(SentbeHeaders.signature, signature)
            if signature.utf8.count > SentbeHeaders.signatureWarning {
                context.longSignature = signature.utf8.count
                environment.log.warning(
                    "SIGNATURE is long enough to be cut by a proxy", .word("connection", environment.connection),
                    .word("route", context.row?.name ?? "unknown"), .count("bytes", signature.utf8.count))
            }
        }
        let sent = Call(method: context.call.method, path: configuration.pathPrefix + context.call.path, fields: fields)
        return prepared(sent, context)
    }

    /// The document check: the caller's own multipart form in clear, and no envelope.
    private func document(_ call: Call, _ credentials: SentbeCredentials) throws(CallFailure) -> PreparedCall {
        let type = call.fields["Content-Type"]?.lowercased() ?? ""
        guard type.hasPrefix("multipart/form-data"), type.contains("boundary="), !call.body.isEmpty else { throw .documentIsNoForm }
        var sent = call
        sent.query = nil
        sent.path = configuration.pathPrefix + call.path
        sent.fields.removeAll(SentbeConnector.replacedButType)
        for (name, value) in credentials.identification { sent.fields.append(name, value) }
        return prepared(
            sent, SentContext(row: SentbeRoutes.row(.post, call.path), call: Call(method: .post, path: call.path), parameters: [:]))
    }

    func prepared(_ call: Call, _ context: SentContext) -> PreparedCall {
        PreparedCall(
            call: call, origin: configuration.origin, context: context, connectTimeout: configuration.connectTimeout,
            readTimeout: configuration.readTimeout)
    }

    private static func asksForRecovery(_ call: Call) throws(CallFailure) -> Bool {
        guard let wish = call.fields[recoverField] else { return false }
        guard wish == "external-id" else { throw .unknownRecovery }
        return true
    }

    static let recoverField = "Bujeol-Recover"
    static let recoveredField = "Bujeol-Recovered"
    static let errorCodeField = "Bujeol-Error-Code"

    // MARK: Answers

    func readFirst(_ reply: Reply, _ context: SentContext) -> Reply {
        var reply = reply
        if let length = context.longSignature {
            reply.fields.append("Bujeol-Warning", "the SIGNATURE header had \(length) bytes; proxies often refuse more than 8 KB")
        }
        guard let answer = SentbeReply(reply.body) else {
            reply.fields.append("Bujeol-Result", "unreadable")
            return reply
        }
        remember(answer)
        reply.fields.append("Bujeol-Result", answer.isSuccess ? "success" : "fail")
        if let code = answer.failures.first?.code.rawValue, SentbeConnector.isWord(code) {
            reply.fields.append(SentbeConnector.errorCodeField, code)
        }
        if context.isNewTransfer { learn(from: answer, context) }
        if context.mayRecover {
            let wasThere = !answer.isSuccess && answer.failures.first?.code == .invalidExternalID
            // The meaning of E0013 for an external_id that was used before is a guess of the documentation's readers.
            if answer.isSuccess || wasThere {
                reply.fields.append(SentbeConnector.recoveredField, wasThere ? "first-went-through" : "sent-now")
            }
        }
        return reply
    }

    private static func isWord(_ code: String) -> Bool {
        (1...16).contains(code.utf8.count)
            && code.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
    }

    // MARK: Transfers, for callbacks

    private func remember(_ context: SentContext) {
        guard let externalID = context.externalID, let api = context.row?.api else { return }
        transfers.sent(externalID, TransferMemory.Fingerprint(api, JSON.object(context.parameters)), at: environment.time.now)
    }

    private func learn(from answer: SentbeReply, _ context: SentContext) {
        guard answer.isSuccess, let externalID = context.externalID, let api = context.row?.api else { return }
        guard let id = TransferView(answer.data, api).transferID else { return }
        transfers.learned(externalID, api: api, transferID: id)
    }
}
