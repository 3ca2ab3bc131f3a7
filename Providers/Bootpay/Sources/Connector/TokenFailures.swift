import Base
import ProviderKit
import Transport

extension CallFailure {
    /// The provider refused the credentials. It gives one and the same answer for three causes, so all three are named.
    static let bootpayCredentialsRefused = CallFailure(
        .credentialsRefused, outcome: .notSent, status: 502,
        message: BilingualText(
            korean: "부트페이가 토큰 발급을 거절했습니다(401). 부트페이는 세 가지 원인을 구별해 알려 주지 않습니다: REST Application ID가 틀렸거나, Private Key가 틀렸거나(재발급 포함), "
                + "이 서버의 공인 IP가 접근 허용 IP 목록에 없습니다. 부트페이 관리자 > 결제설치 > 인증키 및 보안에서 확인하세요.",
            english:
                "Bootpay refused to hand out a token (401). It does not tell three causes apart: the REST application id is wrong, the private key "
                + "is wrong or was re-issued, or this server's public address is not on the allow-list. Check all three in Bootpay's console, under keys and security."
        ),
        cause: "token-call-401")

    /// The token call was answered, but not with a token.
    static func bootpayTokenUnavailable(status: Int, retryAfter: Duration?) -> CallFailure {
        let isPassing = status == 429 || status >= 500
        return CallFailure(
            .proofUnavailable, outcome: .notSent, status: isPassing ? 503 : 502,
            message: BilingualText(
                korean: "부트페이의 토큰 발급 응답에 토큰이 없습니다(HTTP \(status)). 요청은 전송되지 않았습니다.",
                english: "Bootpay answered the token call without a token (HTTP \(status)); the call was not sent"),
            cause: "token-call-\(status)", retryAfter: retryAfter)
    }

    /// A token came that is already dead by its own reckoning.
    static let deadTokenReceived = CallFailure(
        .proofUnavailable, outcome: .notSent, status: 502,
        message: BilingualText(
            korean: "부트페이가 이미 만료된 토큰을 주었습니다. 요청은 전송되지 않았습니다.",
            english: "Bootpay handed out a token that has already expired; the call was not sent"),
        cause: "token-expired-on-arrival")

    /// The token call itself failed on the network.
    static func bootpayTokenUnreachable(_ error: HTTPExchangeError) -> CallFailure {
        let timedOut = [.connectTimeout, .firstByteTimeout, .totalTimeout].contains(error.code)
        return CallFailure(
            .proofUnavailable, outcome: .notSent, status: timedOut ? 504 : 502,
            message: BilingualText(
                korean: "부트페이에서 토큰을 받지 못했습니다(\(error.code.rawValue)). 요청은 전송되지 않았으므로 다시 시도해도 됩니다.",
                english: "no token could be had from Bootpay (\(error.code.rawValue)); the call was not sent and may be repeated"),
            cause: error.code.rawValue)
    }

    /// The caller's deadline passed while it waited for a token.
    static let deadlinePassedBeforeSending = CallFailure(
        .deadlinePassed, outcome: .notSent, status: 504,
        message: BilingualText(
            korean: "토큰을 기다리는 동안 제한 시간이 지났습니다. 요청은 전송되지 않았으므로 다시 시도해도 됩니다.",
            english: "the deadline passed while a token was being fetched; the call was not sent and may be repeated"),
        cause: "token-wait")

    /// The caller went away while it waited for a token.
    static let waitCancelled = CallFailure(
        .deadlinePassed, outcome: .notSent, status: 504,
        message: BilingualText(
            korean: "토큰을 기다리는 동안 호출이 취소되었습니다. 요청은 전송되지 않았습니다.",
            english: "the call was cancelled while it waited for a token; it was not sent"),
        cause: "cancelled")
}
