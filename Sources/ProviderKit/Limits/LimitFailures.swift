import Base

extension CallFailure.Code {
    /// The provider's limit of calls leaves no room before the deadline.
    public static let limitReached = CallFailure.Code(rawValue: "limit-reached")
    /// What has to be kept over a restart cannot be written down.
    public static let recordsUnavailable = CallFailure.Code(rawValue: "records-unavailable")
    /// Whoever called has gone away.
    public static let cancelled = CallFailure.Code(rawValue: "cancelled")
}

extension CallFailure {
    /// A limit does not let the call through.
    init(_ refusal: LimitRefusal) {
        switch refusal.reason {
        case .full:
            self.init(
                .limitReached, outcome: .notSent, status: 429,
                message: BilingualText(
                    korean: "제공사의 분당 호출 한도 안에서 제한 시간까지 차례가 오지 않아 요청을 보내지 않았습니다. Retry-After가 지난 뒤 다시 시도하세요.",
                    english:
                        "within the provider's limit of calls a minute, this call's turn would not have come before its deadline; it was not sent, "
                        + "repeat it after Retry-After"),
                cause: refusal.reason.rawValue, retryAfter: refusal.retryAfter)
        case .blocked:
            self.init(
                .limitReached, outcome: .notSent, status: 429,
                message: BilingualText(
                    korean: "제공사가 호출 한도를 이유로 당분간 요청을 받지 않습니다. 요청은 보내지 않았으니 Retry-After가 지난 뒤 다시 시도하세요.",
                    english:
                        "the provider takes no calls for a while because of its limit; this one was not sent, repeat it after Retry-After"),
                cause: refusal.reason.rawValue, retryAfter: refusal.retryAfter)
        case .unrecorded:
            self.init(
                .recordsUnavailable, outcome: .notSent, status: 503,
                message: BilingualText(
                    korean: "호출 기록을 데이터 디렉터리에 쓸 수 없어 요청을 보내지 않았습니다. 재시작 뒤 한도를 넘길 수 있기 때문입니다. 디스크를 확인하세요.",
                    english:
                        "what is sent cannot be written down in the data directory, and a restart might then exceed the provider's limit; the call "
                        + "was not sent, look at the disk"),
                cause: refusal.reason.rawValue, retryAfter: refusal.retryAfter)
        case .ended:
            self.init(
                .shuttingDown, outcome: .notSent, status: 503,
                message: BilingualText(
                    korean: "종료 중이라 요청을 보내지 않았습니다. 다시 시도해도 됩니다.",
                    english: "the program is ending; the call was not sent and may be repeated"),
                cause: refusal.reason.rawValue, retryAfter: refusal.retryAfter)
        }
    }

    /// Whoever called has gone away while the call waited for its turn.
    static let cancelledWhileWaiting = CallFailure(
        .cancelled, outcome: .notSent, status: 503,
        message: BilingualText(
            korean: "차례를 기다리는 동안 호출이 취소되어 요청을 보내지 않았습니다.",
            english: "the call was cancelled while it waited for its turn; it was not sent"))
}
