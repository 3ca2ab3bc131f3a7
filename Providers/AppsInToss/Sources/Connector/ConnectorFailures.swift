import Base
import ProviderKit

extension CallFailure.Code {
    /// The application did not take a callback.
    static let callbackNotTaken = CallFailure.Code(rawValue: "callback-not-taken")
    /// A callback that the provider did not send.
    static let callbackRefused = CallFailure.Code(rawValue: "callback-refused")
}

/// What the connector refuses, and what it says about answers that it cannot open.
extension CallFailure {
    static func appsInTossRefused(_ korean: String, _ english: String, status: Int = 400) -> CallFailure {
        CallFailure(.invalidCall, outcome: .refused, status: status, message: BilingualText(korean: korean, english: english))
    }

    static let noPersonalDataKey = appsInTossRefused(
        "개인정보를 복호화하려면 연결 설정에 personalDataKey와 additionalData를 적으세요. 콘솔에서 요청하면 메일로 받습니다.",
        "to have personal data decrypted, set personalDataKey and additionalData on the connection; they come by mail when asked for in the console"
    )

    static func userLimitReached(retryAfter: Duration) -> CallFailure {
        CallFailure(
            .limitReached, outcome: .notSent, status: 429,
            message: BilingualText(
                korean: "한 사용자에게 이 호출은 1분에 10번까지만 할 수 있어 보내지 않았습니다. Retry-After가 지난 뒤 다시 시도하세요.",
                english: "one user may get ten such calls a minute; this one was not sent, repeat it after Retry-After"),
            cause: "user-limit", retryAfter: retryAfter)
    }

    static let personalDataUnreadable = CallFailure(
        .answerUnverified, outcome: .unverified, status: 502,
        message: BilingualText(
            korean: "login-me의 개인정보를 복호화할 수 없습니다. personalDataKey와 additionalData를 확인하고, bujeol apps-in-toss decrypt로 까닭을 알아보세요.",
            english:
                "login-me's personal data cannot be decrypted; check personalDataKey and additionalData, and ask bujeol apps-in-toss decrypt for the reason"
        ), cause: PersonalDataError.Code.unreadable.rawValue)

    static let noSuchOwnPath = appsInTossRefused(
        "그런 경로가 없습니다. 이 연결의 /-/ 아래에는 설정된 콜백(callbacks/unlink, callbacks/subscription)과 promotions만 있습니다.",
        "there is no such path; below /-/ this connection has the callbacks that are configured (callbacks/unlink, callbacks/subscription) and promotions",
        status: 404)
    static let promotionsAreRead = appsInTossRefused("이 주소는 GET만 받습니다.", "this address takes GET only", status: 405)
    static let promotionKeyMissing = appsInTossRefused(
        "key가 없거나 두 번 있습니다. ?key=<퍼센트 인코딩한 key> 또는 아무것도 없이 호출하세요.",
        "give one key, percent-encoded (?key=…), or none at all")

    static func recordsFailed(_ error: RecordError) -> CallFailure {
        CallFailure(
            Code(rawValue: "records-unavailable"), outcome: .notSent, status: 503,
            message: BilingualText(
                korean: "보내기 전에 남겨야 할 기록을 쓰거나 읽을 수 없어 요청을 보내지 않았습니다. \(error.message.korean)",
                english:
                    "what must be kept before the call is sent could not be written or read, so it was not sent: \(error.message.english)"),
            retryAfter: .seconds(5))
    }

    // MARK: Callbacks

    static let callbackFromElsewhere = CallFailure(
        .callbackRefused, outcome: .refused, status: 403,
        message: BilingualText(
            korean: "앱인토스의 주소에서 온 콜백이 아닙니다. 프록시 뒤라면 gateway.callbacks.trustedProxies를 확인하세요.",
            english:
                "this callback does not come from one of the provider's addresses; behind a proxy, see gateway.callbacks.trustedProxies"))
    static let callbackNotProven = CallFailure(
        .callbackRefused, outcome: .refused, status: 401,
        message: BilingualText(
            korean: "콜백의 Authorization이 콘솔에 적은 값과 다릅니다.", english: "the callback's Authorization is not the text of the console"))
    static let callbackUnreadable = CallFailure(
        .callbackRefused, outcome: .refused, status: 400,
        message: BilingualText(korean: "콜백의 내용을 읽을 수 없습니다.", english: "this does not read as a callback"))

    static func callbackNotTaken(_ word: String) -> CallFailure {
        CallFailure(
            .callbackNotTaken, outcome: .notSent, status: 503,
            message: BilingualText(
                korean: "애플리케이션이 콜백을 받지 않았습니다(\(word)). 나중에 다시 보내 주세요.",
                english: "the application did not take the callback (\(word)); send it again later"),
            cause: word, retryAfter: .seconds(10))
    }
}
