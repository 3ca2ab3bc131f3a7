import Base
import ProviderKit
import Transport

extension CallFailure.Code {
    /// The parameters do not fit into the header field that carries them.
    static let parametersTooLong = CallFailure.Code(rawValue: "parameters-too-long")
    /// The application did not take a callback.
    static let callbackNotTaken = CallFailure.Code(rawValue: "callback-not-taken")
}

extension CallFailure {
    private static func refused(_ korean: String, _ english: String) -> CallFailure {
        CallFailure(.invalidCall, outcome: .refused, status: 400, message: BilingualText(korean: korean, english: english))
    }

    static let bodyAndQuery = refused(
        "매개변수가 본문과 쿼리에 나뉘어 있습니다. 한 곳에 모두 쓰세요.", "the parameters stand in the body and in the query; put all of them into one of the two")
    static let nameTwice = refused(
        "같은 이름의 매개변수가 두 번 있습니다.", "a parameter's name is written twice")
    static let unreadableQuery = refused(
        "쿼리를 읽을 수 없습니다(퍼센트 인코딩 또는 UTF-8 오류).", "the query cannot be read: broken percent-encoding or not UTF-8")
    static let documentIsNoForm = refused(
        "이 호출은 multipart/form-data로 user_id, document_type, document를 받습니다. 암호화하지 않고 그대로 전달됩니다.",
        "this call takes multipart/form-data with user_id, document_type and document; it is passed on as it is, unencrypted")
    static let unknownRecovery = refused(
        "Bujeol-Recover에 쓸 수 있는 값은 external-id뿐입니다.", "the only value of Bujeol-Recover is external-id")

    static let recoveryOfNoTransfer = refused(
        "Bujeol-Recover는 external_id가 있는 새 송금(POST …/transfers)에만 쓸 수 있습니다.",
        "Bujeol-Recover is for new transfers (POST …/transfers) with an external_id only")

    static func bodyIsNoObject(_ error: JSONError?) -> CallFailure {
        let place = error.map { " (\($0.description))" } ?? ""
        return refused(
            "본문은 매개변수를 담은 JSON 객체여야 합니다\(place). 암호화는 게이트웨이가 합니다.",
            "the body must be a JSON object of parameters\(place); the gateway does the encrypting")
    }

    static func parametersTooLong(_ error: SentbeEnvelopeError) -> CallFailure {
        CallFailure(
            .parametersTooLong, outcome: .refused, status: 413,
            message: BilingualText(
                korean: "\(error.message.korean) 매개변수를 줄이거나, 제공사가 더 긴 헤더를 받는다면 headerLimit을 늘리세요.",
                english: "\(error.message.english): send less, or raise headerLimit if the provider takes longer headers"))
    }

    static func cannotEncrypt(_ error: SentbeEnvelopeError) -> CallFailure {
        CallFailure(.proofUnavailable, outcome: .notSent, status: 503, message: error.message)
    }

    /// A call of the connector's own failed.
    static func ownCall(_ error: HTTPExchangeError) -> CallFailure {
        CallFailure(
            .providerUnreachable, outcome: error.outcome == .notSent ? .notSent : .unknown, status: 502,
            message: BilingualText(
                korean: "제공사의 응답을 받지 못했습니다(\(error.code.rawValue)).", english: "the provider did not answer (\(error.code.rawValue))"),
            cause: error.code.rawValue)
    }

    /// A new transfer whose answer got lost: what its sender can do, in words and for a program.
    static func unknownTransfer(_ failure: CallFailure, _ api: SentbeAPI, repeatAnswered code: String? = nil) -> CallFailure {
        var failure = failure
        let list = "GET /\(api.rawValue)/transfers?page=1"
        let amount = api == .inbound ? "transfer_info.receive_amount" : "receive_amount"
        let compared =
            api == .inbound
            ? ["transfer_info.user_id", "transfer_info.recipient_id", amount, "transfer_info.created_at"]
            : ["user_id", "recipient_id", amount, "created_at"]
        let word = failure.cause ?? failure.code.rawValue
        failure.message = BilingualText(
            korean:
                "송금 요청은 전송되었으나 응답을 받지 못했습니다(\(word)). 송금이 만들어졌을 수 있습니다. external_id로 조회하는 API는 없으니 \(list) 부터 최신 목록을 넘기며 사용자, 수취인, 금액, 시각을 비교하거나, external_id가 들어 있는 콜백을 기다리세요. 같은 external_id로 다시 보내려면 Bujeol-Recover: external-id를 붙이세요.",
            english:
                "the transfer was sent but no answer came back (\(word)); it may exist. There is no look-up by external_id: walk the newest pages from \(list) and compare user, recipient, amount and time, or wait for the callback, which carries the external_id. To send it again with the same external_id, add Bujeol-Recover: external-id"
        )
        failure.details["recovery"] = [
            "list": .string(list), "compare": .array(compared.map { .string($0) }), "callback": "external_id",
            "repeat": "Bujeol-Recover: external-id",
            "repeat_if_exists": .string(SentbeErrorCode.invalidExternalID.rawValue),
        ]
        if let code { failure.details["repeat_answered"] = .string(code) }
        return failure
    }

    // MARK: Callbacks

    static let unreadableCallback = refused("콜백 본문을 읽을 수 없습니다.", "this is no callback")
    static let callbackTooLong = CallFailure(
        .invalidCall, outcome: .refused, status: 413, message: BilingualText(korean: "콜백 본문이 너무 깁니다.", english: "the callback is too long"))
    static let wrongToken = CallFailure(
        .callerUnknown, outcome: .refused, status: 403,
        message: BilingualText(
            korean: "콜백의 token이 이 파트너의 access_id가 아닙니다.", english: "the callback's token is not this partner's access_id"))

    static func transferNotFetched(_ word: String) -> CallFailure {
        CallFailure(
            .answerUnverified, outcome: .unverified, status: 503,
            message: BilingualText(
                korean: "송금을 다시 조회하지 못해 콜백을 믿을 수 없습니다(\(word)). 나중에 다시 보내 주세요.",
                english: "the transfer could not be fetched, so the callback is not believed (\(word)); send it again later"),
            cause: word, retryAfter: .seconds(10))
    }

    static func callbackNotTaken(_ word: String) -> CallFailure {
        CallFailure(
            .callbackNotTaken, outcome: .notSent, status: 503,
            message: BilingualText(
                korean: "애플리케이션이 콜백을 받지 않았습니다(\(word)). 나중에 다시 보내 주세요.",
                english: "the application did not take the callback (\(word)); send it again later"),
            cause: word, retryAfter: .seconds(10))
    }
}
