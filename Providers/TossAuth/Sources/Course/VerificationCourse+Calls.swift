import Base
import ProviderKit
import Transport

extension VerificationCourse {
    /// What a call brought.
    enum Answer {
        case success(JSON, Reply)
        case refusal(TossAuthRefusal, Reply)
        /// No envelope: something in between has answered.
        case unreadable(Reply)
    }

    /// How much time is left until `end`, a moment of `uptime`.
    func left(until end: Duration) -> Duration { end - time.uptime }

    /// A token that lives.
    ///
    /// - Throws: ``TossAuthError`` with nothing sent.
    func token(until end: Duration) async throws(TossAuthError) -> HeldToken {
        let left = left(until: end)
        guard left > .zero else { throw .tooLate }
        do throws(CallFailure) {
            return try await tokens.token(deadline: left)
        } catch {
            throw TossAuthError(error)
        }
    }

    /// Sends a call once.
    ///
    /// - Parameter timeouts: How long it may take; nothing for whatever is left until `end`.
    func send(
        _ row: TossAuthAPI, _ body: JSON, token: HeldToken, until end: Duration, timeouts: HTTPTimeouts? = nil
    ) async throws(TossAuthError) -> Answer {
        let left = left(until: end)
        guard left > .zero else { throw .tooLate }
        var fields: HTTPFields = ["Content-Type": "application/json", "Accept": "application/json"]
        fields.append("Authorization", secret: token.secret.withBytes { Secret(Array("Bearer ".utf8) + $0) })
        let request = HTTPRequest(method: .post, target: place.pathPrefix + row.path, fields: fields, body: body.bytes)
        let reply: Reply
        do throws(HTTPExchangeError) {
            reply = Reply(
                try await exchange.send(
                    request, to: place.service,
                    timeouts: timeouts
                        ?? HTTPTimeouts(
                            connect: min(left, options.connectTimeout), firstByte: min(left, options.readTimeout), total: left)))
        } catch {
            throw TossAuthError(error, to: row)
        }
        // The envelope first: what status a failure has is documented nowhere.
        switch TossAuthEnvelope.read(reply.body) {
        case .success(let content)?: return .success(content, reply)
        case .refusal(let refusal)?: return .refusal(refusal, reply)
        case nil: return .unreadable(reply)
        }
    }

    /// Makes a call that may be repeated, and once more where it was refused for its token and a newer one is to be had.
    ///
    /// - Returns: What stands under `success`, and the answer as it came.
    func call(_ row: TossAuthAPI, _ body: JSON, until end: Duration) async throws(TossAuthError) -> (content: JSON, reply: Reply) {
        var isRepeat = false
        while true {
            let token = try await token(until: end)
            switch try await send(row, body, token: token, until: end) {
            case .success(let content, let reply): return (content, reply)
            case .refusal(let refusal, let reply):
                if !isRepeat, await isWorthRepeating(refusal, with: token, until: end) {
                    isRepeat = true
                    continue
                }
                throw VerificationCourse.isOpen(refusal, reply)
                    ? .open(row, reply: reply, refusal: refusal) : .refused(refusal, reply: reply)
            case .unreadable(let reply): throw .open(row, reply: reply)
            }
        }
    }

    /// Whether a call was refused for its token, without anything being done, and there is a newer one.
    func isWorthRepeating(_ refusal: TossAuthRefusal, with token: HeldToken, until end: Duration) async -> Bool {
        guard refusal.code == .tokenInvalid else { return false }
        return await tokens.hasNewer(than: token.generation, deadline: left(until: end))
    }

    /// Whether a refusal leaves open what the provider has done: it is out of order by its own word, or says nothing that is known under a status of its own failing.
    static func isOpen(_ refusal: TossAuthRefusal, _ reply: Reply) -> Bool {
        switch refusal.advice {
        case .waitForService?: true
        case nil: reply.status >= 500 || refusal.code.rawValue.isEmpty
        default: false
        }
    }

    /// Asks the provider about a signer's certificate.
    ///
    /// - Parameter pem: The certificate in PEM.
    public func validateCertificate(pem: String, deadline: Duration) async throws(TossAuthError) -> CertificateFinding {
        let row = TossAuthRoutes.row(for: .certificateValidation)
        let answer = try await call(row, ["certificate": .string(pem)], until: time.uptime + deadline)
        guard let finding = CertificateFinding(answer.content) else { throw .open(row, reply: answer.reply) }
        return finding
    }
}

extension TossAuthError {
    static let tooLate = TossAuthError(
        .deadlinePassed, outcome: .notSent,
        message: BilingualText(
            korean: "요청을 보내기 전에 제한 시간이 지났습니다. 다시 시도해도 됩니다.", english: "the deadline passed before the call was sent; it may be repeated"))

    /// What cannot be recorded afterwards is told to the log, and to nobody else: the answer itself is worth more.
    static func record(_ error: RecordError, in log: Log) {
        log.warning("a verification could not be recorded", .word("reason", error.message.english))
    }
}
