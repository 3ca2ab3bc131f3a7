import Base
import ProviderKit

/// What the connector refuses before anything leaves.
extension CallFailure {
    static func tossAuthRefused(_ korean: String, _ english: String, status: Int = 400) -> CallFailure {
        CallFailure(.invalidCall, outcome: .refused, status: status, message: BilingualText(korean: korean, english: english))
    }

    /// A member of the body is missing or wrong. Its value is not told.
    static func member(_ name: String, _ advice: BilingualText) -> CallFailure {
        var failure = tossAuthRefused("\(name): \(advice.korean)", "\(name): \(advice.english)")
        failure.details = ["field": .string(name)]
        return failure
    }

    static let bodyIsNoObject = tossAuthRefused(
        "본문은 JSON 객체여야 합니다. 예: {\"requestType\":\"USER_NONE\",\"requestUrl\":\"\(TossAuthDemonstration.requestURL)\"}",
        "the body must be a JSON object, such as {\"requestType\":\"USER_NONE\",\"requestUrl\":\"\(TossAuthDemonstration.requestURL)\"}")

    static let tokensAreOurs = tossAuthRefused(
        "토큰은 게이트웨이가 발급받아 붙입니다. client_id와 client_secret을 게이트웨이로 보내지 말고, 토큰 없이 바로 호출하세요.",
        "the gateway fetches and adds the token by itself: do not send client_id and client_secret here, just make the call without a token",
        status: 404)

    static let noSuchPage = tossAuthRefused(
        "그런 경로가 없습니다. 이 연결의 /-/ 아래에는 /-/transactions/<txId>만 있습니다.",
        "there is no such path; below /-/ this connection has /-/transactions/<txId> only", status: 404)

    static let noSuchTransaction = CallFailure(
        Code(rawValue: "transaction-unknown"), outcome: .refused, status: 404,
        message: BilingualText(
            korean: "이 게이트웨이에서 시작했거나 조회한 적이 없는 txId입니다. 하루가 지난 기록은 지워집니다. ?wait=1s를 붙이면 토스 인증에 물어봅니다.",
            english:
                "nothing is known here of a check of that txId; what is known is forgotten after a day. With ?wait=1s the provider is asked"
        ))

    static let transactionMethods = tossAuthRefused("이 주소는 GET과 DELETE만 받습니다.", "this address takes GET and DELETE only")

    static let waitForm = tossAuthRefused(
        "쿼리에는 wait 하나만, 0s에서 \(VerificationCourse.longestWait.wholeSeconds)s까지 쓸 수 있습니다(예: ?wait=30s). DELETE에는 쿼리가 없습니다.",
        "the query may hold one wait from 0s to \(VerificationCourse.longestWait.wholeSeconds)s, such as ?wait=30s, and nothing else; DELETE takes none"
    )
}
