import Base
import Cryptography
import ProviderKit
import Transport

/// The second generation's one call in the other direction: the provider asks the partner which code a user was given.
extension SentbeConnector {
    /// Checks who asks, opens the question, puts it to the application as plain JSON and encrypts what it answers.
    func answerVerification(_ call: Call, _ credentials: SecondGenerationCredentials) async throws(CallFailure) -> Reply {
        guard verifies(call, credentials) else {
            environment.log.warning("question with a wrong signature", .word("connection", environment.connection))
            return try answer(.init(error: true, code: .signatureError, message: "signature error"), status: 401, credentials)
        }
        let question: JSON.Members
        do throws(SentbeEnvelopeError) {
            question = try SentbeGeneration2.parameters(call.body, secret: credentials.dataSecret)
        } catch {
            return try answer(.init(error: true, code: .init(rawValue: 400), message: "data does not open"), status: 400, credentials)
        }
        guard let application = configuration.application else { throw .noApplication }
        var asked: JSON.Members = ["call": .string(SentbeGeneration2.verificationPath)]
        for name in question.names where name != "call" { asked[name] = question[name] }
        let told: Reply
        do throws(CallFailure) {
            told = try await send(
                Call(
                    method: .post, path: application.path, fields: ["Content-Type": SentbeHeaders.contentType],
                    body: JSON.object(asked).bytes), to: application.origin)
        } catch {
            throw .callbackNotTaken(error.cause ?? error.code.rawValue)
        }
        guard (200...299).contains(told.status), let json = try? JSON(told.body), json["verification_code"] != nil else {
            throw .callbackNotTaken("status-\(told.status)")
        }
        return try answer(.init(code: .success, message: "OK", data: json), status: 200, credentials)
    }

    /// Whether key, time and signature are right. The whole path at the gateway is signed, the connection's name included.
    private func verifies(_ call: Call, _ credentials: SecondGenerationCredentials) -> Bool {
        guard let key = call.fields[SentbeGeneration2.apiKey], let nonce = call.fields[SentbeGeneration2.nonce],
            let signature = call.fields[SentbeGeneration2.signature], let seconds = Int64(nonce)
        else { return false }
        let isKey = credentials.apiKey.withBytes { own in
            constantTimeEquals(Digest.sha256.hash(own), Digest.sha256.hash(Array(key.utf8)))
        }
        let (distance, overflows) = environment.time.now.unixSeconds.subtractingReportingOverflow(seconds)
        guard isKey, !overflows, distance.magnitude <= UInt64(SentbeGeneration2.nonceWindow.wholeSeconds) else { return false }
        let url = credentials.urlForm.text(
            authority: call.fields["Host"] ?? "", path: "/\(environment.connection)/\(SentbeGeneration2.verificationPath)")
        return SentbeGeneration2.verifies(signature, nonce: nonce, url: url, body: call.body, secret: credentials.hmacSecret)
    }

    private func answer(
        _ reply: SentbeGeneration2.Reply, status: Int, _ credentials: SecondGenerationCredentials
    ) throws(CallFailure) -> Reply {
        do throws(SentbeEnvelopeError) {
            let body = try reply.body(secret: credentials.dataSecret, salt: environment.random.bytes(SentbeEnvelope.saltByteCount))
            return Reply(status: status, fields: ["Content-Type": SentbeHeaders.contentType], body: body)
        } catch {
            throw .cannotEncrypt(error)
        }
    }
}

extension CallFailure {
    fileprivate static let noApplication = CallFailure(
        .callbackNotTaken, outcome: .refused, status: 503,
        message: BilingualText(
            korean: "getVerification에 답할 애플리케이션이 없습니다. 설정에 application을 적으세요.",
            english: "there is no application to answer getVerification; put its URL into the setting application"))
}
