import Base
import ProviderKit
import Transport

/// What is done when it is not known what became of a call: the documented enquiry, and never the call itself.
extension AppsInTossConnector {
    /// The longest that an enquiry takes, waiting for the limit included.
    static let enquiryLimit = Duration.seconds(15)

    /// Puts what the enquiry found into `failure`.
    func explain(_ failure: CallFailure, _ sent: SentCall) async -> CallFailure {
        guard let finding = await enquire(sent) else {
            await promotionEnded(sent, "unknown", nil)
            return failure
        }
        var failure = failure
        let word = failure.cause ?? failure.code.rawValue
        failure.message = BilingualText(
            korean: "요청은 전송되었으나 응답을 받지 못했습니다(\(word)). 조회한 결과: \(finding.message.korean)",
            english: "the call left but no answer came back (\(word)); asked what became of it: \(finding.message.english)")
        failure.details["enquiry"] = .string(finding.subject == .promotion ? "execution-result" : "get-payment-status")
        for name in finding.details.names { failure.details[name] = finding.details[name] }
        return failure
    }

    /// Asks what became of a call until that is known or it has been asked for long enough; nothing where there is nothing to ask.
    func enquire(_ sent: SentCall) async -> OutcomeEnquiry.Finding? {
        guard let api = sent.api, var enquiry = OutcomeEnquiry(sent.call, api) else { return nil }
        let end = time.uptime + AppsInTossConnector.enquiryLimit
        var finding = enquiry.standing
        asking: while time.uptime < end {
            let answer: AppsInTossAnswer?
            do throws(CallFailure) {
                answer = try await ask(enquiry, until: end)
            } catch {
                // The limit leaves no room, or nobody listens: asking once more at once would not help either.
                guard error.outcome == .unknown else { break asking }
                answer = nil
            }
            switch enquiry.answered(answer) {
            case .finish(let result):
                finding = result
                break asking
            case .ask(let pause):
                finding = enquiry.standing
                guard time.uptime + pause < end, (try? await time.sleep(for: pause)) != nil else { break asking }
            }
        }
        counters.enquiry(api.name, finding.effect)
        environment.log.warning(
            "a call's outcome was open and has been asked for", .word("connection", environment.connection), .word("route", api.name),
            .word("effect", finding.effect.rawValue), .count("questions", finding.questions))
        await promotionEnded(sent, finding.effect == .open ? "unknown" : finding.effect.rawValue, finding.executionResult)
        return finding
    }

    private func ask(_ enquiry: OutcomeEnquiry, until end: Duration) async throws(CallFailure) -> AppsInTossAnswer? {
        let admission = limiter.admission(.person)
        try await admission.enter(deadline: end - time.uptime)
        defer { admission.leave() }
        let place = configuration.place(of: enquiry.api.host)
        var call = enquiry.question
        call.path = place.pathPrefix + call.path
        let left = end - time.uptime
        let timeouts = HTTPTimeouts(
            connect: min(configuration.connectTimeout, left), firstByte: min(configuration.readTimeout, left), total: left)
        do throws(HTTPExchangeError) {
            let response = try await keeper.exchange.send(call.request, to: place.origin, timeouts: timeouts)
            let answer = AppsInTossEnvelope.read(response.bytes ?? [])
            if case .refusal(let refusal)? = answer { heed(refusal, enquiry.api, call) }
            return answer
        } catch {
            throw CallFailure(
                .providerUnreachable, outcome: error.outcome == .notSent ? .notSent : .unknown, status: 502,
                message: BilingualText(korean: "조회하지 못했습니다.", english: "the enquiry was not answered"), cause: error.code.rawValue)
        }
    }
}
