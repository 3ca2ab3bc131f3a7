import Base
import ProviderKit
import Transport

extension CallFailure {
    /// The gateway is ending.
    static let draining = CallFailure(
        .shuttingDown, outcome: .notSent, status: 503,
        message: BilingualText(
            korean: "게이트웨이가 종료 중입니다. 요청은 전송되지 않았으므로 다시 시도해도 됩니다.",
            english: "the gateway is shutting down; the call was not sent and may be repeated"),
        retryAfter: .seconds(1))

    /// The deadline passed before the call could be sent.
    static let deadlinePassedUnsent = CallFailure(
        .deadlinePassed, outcome: .notSent, status: 504,
        message: BilingualText(
            korean: "요청을 보내기 전에 제한 시간이 지났습니다. 전송되지 않았으므로 다시 시도해도 됩니다.",
            english: "the deadline passed before the call was sent; it may be repeated"))

    /// The caller's deadline cannot be read.
    static let invalidDeadline = CallFailure(
        .invalidCall, outcome: .refused, status: 400,
        message: BilingualText(
            korean: "Bujeol-Deadline은 5s, 500ms, 1m처럼 써야 합니다.", english: "Bujeol-Deadline must be written like 5s, 500ms or 1m"))

    /// No connection of that name.
    static func unknownConnection(known: [String]) -> CallFailure {
        let names = known.isEmpty ? "-" : known.joined(separator: ", ")
        return CallFailure(
            .connectionUnknown, outcome: .refused, status: 404,
            message: BilingualText(
                korean: "그런 연결이 없습니다. 경로는 /<연결 이름>/… 이어야 합니다. 설정된 연결: \(names)",
                english: "there is no such connection; a path begins with /<connection>/, and the connections here are: \(names)"))
    }

    /// Nothing that the outside may see; it is not told what there is inside.
    static let nothingHere = CallFailure(
        .connectionUnknown, outcome: .refused, status: 404,
        message: BilingualText(
            korean: "여기에는 제공사의 콜백과 결제 페이지만 들어올 수 있습니다. 그런 콜백 주소는 없습니다.",
            english: "only callbacks of providers and payment pages come in here, and there is none of this address"))

    /// One of the gateway's own pages, asked for in a way that it does not have.
    static let methodNotAllowed = CallFailure(
        .invalidCall, outcome: .refused, status: 405,
        message: BilingualText(korean: "이 주소는 GET과 HEAD만 받습니다.", english: "this page takes GET and HEAD only"))

    /// The page that does something, asked for with a method that must not do anything.
    static let onlyPost = CallFailure(
        .invalidCall, outcome: .refused, status: 405,
        message: BilingualText(korean: "이 주소는 POST만 받습니다.", english: "this page takes POST only"))

    /// A call of the provider's table under another spelling of its path, for which the gateway could not do what it does for that call.
    static func oddlySpelt(_ path: String) -> CallFailure {
        CallFailure(
            .invalidCall, outcome: .refused, status: 400,
            message: BilingualText(
                korean: "경로를 문서에 적힌 대로 쓰세요: \(path). 빈 구간(//), 점 구간(/../), 끝의 /, 불필요한 퍼센트 인코딩이나 대문자가 섞인 경로는 보내지 않습니다.",
                english:
                    "write the path as it is documented: \(path); one with empty segments, dot segments, a slash at its end, needless percent-encoding or other capitals is not passed on"
            ), cause: "path-spelling")
    }
}
