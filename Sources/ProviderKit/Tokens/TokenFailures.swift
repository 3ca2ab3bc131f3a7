public import Base
public import Transport

extension CallFailure {
    /// The token call was answered, but not with a token.
    ///
    /// - Parameters:
    ///   - provider: The provider's name.
    ///   - status: The answer's HTTP status; 429 and 500 upwards count as passing.
    ///   - retryAfter: The pause that the provider asked for.
    public static func tokenUnavailable(from provider: BilingualText, status: Int, retryAfter: Duration?) -> CallFailure {
        let isPassing = status == 429 || status >= 500
        return CallFailure(
            .proofUnavailable, outcome: .notSent, status: isPassing ? 503 : 502,
            message: BilingualText(
                korean: "\(provider.korean)의 토큰 발급 응답에 토큰이 없습니다(HTTP \(status)). 요청은 전송되지 않았습니다.",
                english: "\(provider.english) answered the token call without a token (HTTP \(status)); the call was not sent"),
            cause: "token-call-\(status)", retryAfter: retryAfter)
    }

    /// The token call itself failed on the network.
    public static func tokenUnreachable(from provider: BilingualText, _ error: HTTPExchangeError) -> CallFailure {
        let timedOut = [.connectTimeout, .firstByteTimeout, .totalTimeout].contains(error.code)
        // Repeating is of no use where the two sides cannot agree on TLS.
        guard error.code != .handshakeFailed else {
            return CallFailure(
                .proofUnavailable, outcome: .notSent, status: 502,
                message: BilingualText(
                    korean:
                        "\(provider.korean)의 토큰 서버와 TLS 연결을 맺지 못했습니다. 서버 인증서를 믿을 수 없거나 TLS 설정이 맞지 않습니다. trust 설정을 확인하거나 bujeol doctor를 실행하세요. 요청은 전송되지 않았습니다.",
                    english:
                        "no TLS connection to \(provider.english)'s token server: its certificate is not trusted, or TLS cannot be agreed on. See the setting trust, or run bujeol doctor; the call was not sent"
                ), cause: error.code.rawValue)
        }
        return CallFailure(
            .proofUnavailable, outcome: .notSent, status: timedOut ? 504 : 502,
            message: BilingualText(
                korean: "\(provider.korean)에서 토큰을 받지 못했습니다(\(error.code.rawValue)). 요청은 전송되지 않았으므로 다시 시도해도 됩니다.",
                english:
                    "no token could be had from \(provider.english) (\(error.code.rawValue)); the call was not sent and may be repeated"),
            cause: error.code.rawValue)
    }

    /// A token came that is already dead by its own reckoning.
    static func deadTokenReceived(from provider: BilingualText) -> CallFailure {
        CallFailure(
            .proofUnavailable, outcome: .notSent, status: 502,
            message: BilingualText(
                korean: "\(provider.korean)에서 받은 토큰이 이미 만료되었습니다. 요청은 전송되지 않았습니다.",
                english: "\(provider.english) handed out a token that has already expired; the call was not sent"),
            cause: "token-expired-on-arrival")
    }

    /// The caller's deadline passed while it waited for a token.
    public static let deadlinePassedAwaitingToken = CallFailure(
        .deadlinePassed, outcome: .notSent, status: 504,
        message: BilingualText(
            korean: "토큰을 기다리는 동안 제한 시간이 지났습니다. 요청은 전송되지 않았으므로 다시 시도해도 됩니다.",
            english: "the deadline passed while a token was being fetched; the call was not sent and may be repeated"),
        cause: "token-wait")

    /// The caller went away while it waited for a token.
    static let tokenWaitCancelled = CallFailure(
        .deadlinePassed, outcome: .notSent, status: 504,
        message: BilingualText(
            korean: "토큰을 기다리는 동안 호출이 취소되었습니다. 요청은 전송되지 않았습니다.",
            english: "the call was cancelled while it waited for a token; it was not sent"),
        cause: "cancelled")
}

extension HTTPResponse {
    /// The pause that a refusal asks for in whole seconds; nothing when it names none, or a date.
    public var retryAfter: Duration? { fields["Retry-After"].flatMap { Int64($0) }.map { .seconds(max(0, $0)) } }
}
