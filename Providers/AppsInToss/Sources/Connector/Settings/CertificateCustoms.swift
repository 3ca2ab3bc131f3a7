import Base
import ProviderKit
import Transport

/// What the keeper of the certificates has to know of this provider: how to try a certificate out, and what an answer says about one.
enum CertificateCustoms {
    /// The customs of a connection.
    static func make(_ configuration: AppsInTossConnector.Configuration, _ limiter: RateLimiter) -> IdentityCustoms {
        let place = configuration.place(of: .general)
        let timeouts = HTTPTimeouts(
            connect: configuration.connectTimeout, firstByte: configuration.readTimeout,
            total: configuration.connectTimeout + configuration.readTimeout)
        return IdentityCustoms(
            origin: place.origin, expectedName: configuration.app,
            trial: { network in await tryOut(network, place, limiter, timeouts) }, verdict: verdict)
    }

    /// Asks for an order that nobody has: it changes nothing, needs no user, and the provider answers it only to a mini-app that it knows.
    private static func tryOut(
        _ network: any HTTPExchange, _ place: AppsInTossConnector.Configuration.Place, _ limiter: RateLimiter, _ timeouts: HTTPTimeouts
    ) async -> TrialResult {
        guard let api = AppsInTossRoutes.row(named: "get-order-status") else { return .accepted }
        let body: JSON = ["orderId": "00000000-0000-0000-0000-000000000000"]
        let call = Call(
            method: api.route.method, path: place.pathPrefix + api.path, fields: ["Content-Type": AppsInTossHeaders.contentType],
            body: body.bytes)
        let admission = limiter.admission(.person)
        do throws(CallFailure) {
            try await admission.enter(deadline: timeouts.total)
        } catch {
            return .unreachable(error.code.rawValue)
        }
        defer { admission.leave() }
        do throws(HTTPExchangeError) {
            let response = try await network.send(call.request, to: place.origin, timeouts: timeouts)
            return judge(AppsInTossEnvelope.read(response.bytes ?? []), limiter)
        } catch {
            guard error.code == .handshakeFailed else { return .unreachable(error.code.rawValue) }
            return .refused(refused(error.code.rawValue))
        }
    }

    static func judge(_ answer: AppsInTossAnswer?, _ limiter: RateLimiter) -> TrialResult {
        switch answer {
        case .success?: return .accepted
        case .refusal(let refusal)? where refusal.code == .limitExceeded:
            limiter.blocked(for: refusal.retryAfter ?? AppsInTossLimits.block)
            return .unreachable("limit-exceeded")
        case .refusal(let refusal)? where refusal.code == .unauthenticated || refusal.code == .miniAppUnknown:
            return .refused(refused(refusal.code.rawValue))
        case .refusal(let refusal)?: return refusal.leavesOutcomeOpen ? .unreachable("outcome-unknown") : .accepted
        case nil: return .unreachable("unreadable-answer")
        }
    }

    private static func refused(_ word: String) -> BilingualText {
        BilingualText(
            korean: "앱인토스가 이 인증서를 거절했습니다(\(word)). 콘솔에서 이 미니앱에 등록되어 있고 비활성화되지 않았는지 확인하세요.",
            english:
                "the provider refuses this certificate (\(word)); see in its console whether it is registered for this mini-app, and enabled"
        )
    }

    /// What an answer says about the certificate: whoever gets a success is known. A refusal is judged by the connector, which knows what was called.
    static func verdict(_ response: HTTPResponse) -> IdentityVerdict {
        guard let body = response.bytes else { return .unclear }
        if saysSuccess(body) { return .accepted }
        switch AppsInTossEnvelope.read(body) {
        case .success?: return .accepted
        case .refusal(let refusal)?:
            let isRecognised = !refusal.leavesOutcomeOpen && refusal.code != .unauthenticated && refusal.code != .miniAppUnknown
            return isRecognised ? .accepted : .unclear
        case nil: return .unclear
        }
    }

    /// Whether a body begins as every ordinary success does, with or without spaces between its words: found without reading it as JSON.
    private static func saysSuccess(_ body: [UInt8]) -> Bool {
        var position = 0
        for word in ordinarySuccess {
            while position < body.count, isSpace(body[position]) { position += 1 }
            guard body[position...].starts(with: word) else { return false }
            position += word.count
        }
        return true
    }

    private static let ordinarySuccess = ["{", "\"resultType\"", ":", "\"SUCCESS\""].map { Array($0.utf8) }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
}
