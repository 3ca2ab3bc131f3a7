import Base
import ProviderKit
import Transport

/// What the connector refuses, and what it says about an answer that it cannot believe.
extension CallFailure {
    static func wpayRefused(_ korean: String, _ english: String, status: Int = 400, cause: String? = nil) -> CallFailure {
        CallFailure(
            .invalidCall, outcome: .refused, status: status, message: BilingualText(korean: korean, english: english), cause: cause)
    }

    /// A field that the request builder does not accept.
    static func wpayRequest(_ error: WPayRequestError) -> CallFailure {
        guard error.code == .alreadyEncrypted else {
            return wpayRefused(error.message.korean, error.message.english, cause: error.code.rawValue)
        }
        return wpayRefused(
            "\(error.field)에 이미 암호화된 값이 들어 있습니다. 평문을 보내거나, 암호문을 그대로 넘기려면 {\"\(error.field)\": {\"encrypted\": \"…\"}} 또는 \(error.field).encrypted=… 로 보내세요.",
            "\(error.field) holds a value that is encrypted already; send the plain value, or pass the ciphertext on as {\"\(error.field)\": {\"encrypted\": \"…\"}} or \(error.field).encrypted=…",
            cause: error.code.rawValue)
    }

    static let wpayUnreadable = wpayRefused(
        "필드를 읽을 수 없습니다. JSON 객체나 폼(application/x-www-form-urlencoded)을 UTF-8로 보내고, GET이면 쿼리에 쓰세요.",
        "the fields cannot be read; send an object of JSON or a form in UTF-8, or a query with GET")
    static let wpayTooManyFields = wpayRefused(
        "필드가 너무 많습니다. 한 번에 \(GivenFields.limit)개까지 보낼 수 있습니다.", "too many fields; a call may have \(GivenFields.limit) fields at most")
    static let wpayBodyOfGet = wpayRefused("GET에는 본문을 보낼 수 없습니다. 필드는 쿼리에 쓰세요.", "a GET takes no body; put the fields into the query")
    static let wpayQueryOfPost = wpayRefused(
        "POST의 필드는 본문에 쓰세요. 쿼리는 받지 않습니다.", "the fields of a POST go into its body; it takes no query")
    static let wpayFieldName = wpayRefused(
        "필드 이름이 아닌 것이 있습니다. 이름은 40자 이하의 영문자, 숫자, 밑줄입니다. 본문의 형식을 확인하세요.",
        "something is not the name of a field (at most 40 letters, digits and underscores); check the form of the body")
    static let wpaySignatureGiven = wpayRefused(
        "signature는 게이트웨이가 만듭니다. 빼고 보내세요.", "the gateway makes the signature; leave it out")

    static func wpayValueKind(_ name: String) -> CallFailure {
        wpayRefused(
            "\(name)의 값은 문자열이나 정수, 또는 {\"encrypted\": \"…\"} 여야 합니다.",
            "the value of \(name) must be a text, a whole number, or {\"encrypted\": \"…\"}")
    }

    static func wpayMerchant(_ name: String) -> CallFailure {
        wpayRefused(
            "\(name)이(가) 이 연결에 설정된 상점 아이디가 아닙니다. 빼고 보내면 게이트웨이가 채웁니다.",
            "\(name) is not a merchant id of this connection; leave it out and the gateway fills it in")
    }

    static let wpayUnknownCall = wpayRefused(
        "WPAY에 그런 API가 없습니다. 메서드와 경로를 확인하세요. 서명 순서를 모르는 호출은 보내지 않습니다.",
        "WPAY has no such API; check method and path. What has no known signing order is not sent", status: 404)

    static func wpayPageCalled(_ api: WPayAPI, _ path: String) -> CallFailure {
        wpayRefused(
            "\(api.identifier)은(는) 구매자의 브라우저가 여는 페이지입니다. \(path) 에서 서명된 폼을 받아 브라우저가 보내게 하세요.",
            "\(api.identifier) is a page for the shopper's browser; get its signed form at \(path) and let the browser post it")
    }

    static let wpaySite = wpayRefused(
        "경로의 {site}는 제휴사 코드(영문 소문자와 숫자)여야 합니다.", "the {site} of the path must be the partner's word (lower-case letters and digits)")

    static let wpayUnknownPage = wpayRefused(
        "그런 페이지가 없습니다. /start/ 와 /return/ 뒤에는 payauth/card, old/memreg 같은 이름이나 제공사 페이지의 경로(kbstar/cst/u/payreqauth)를 씁니다.",
        "there is no such page; behind /start/ and /return/ stands a name such as payauth/card or old/memreg, or the path of a partner's page such as kbstar/cst/u/payreqauth",
        status: 404)

    static func wpayMethod(_ methods: String) -> CallFailure {
        wpayRefused("이 주소는 \(methods)만 받습니다.", "this address takes \(methods) only")
    }

    static func wpayReturnMissing(_ field: String) -> CallFailure {
        wpayRefused(
            "\(field)이(가) 필요합니다. 보내거나, 게이트웨이의 /return/ 페이지를 쓰도록 연결 설정에 returnBase를 적으세요.",
            "\(field) is needed; send it, or set returnBase so that the gateway's own /return/ page is used")
    }

    static let wpayWtidTaken = CallFailure(
        Code(rawValue: "wtid-taken"), outcome: .refused, status: 409,
        message: BilingualText(
            korean: "같은 wtid로 다른 콜백이 이미 왔습니다. 먼저 온 것만 유효합니다.",
            english: "another callback with this wtid was there before; only the first one counts"))

    static func wpayCallback(_ error: WPayCallbackError) -> CallFailure {
        CallFailure(.answerUnverified, outcome: .unverified, status: 400, message: error.message, cause: error.code.rawValue)
    }

    // MARK: Approvals

    static let wpayUnproven = CallFailure(
        Code(rawValue: "authentication-unknown"), outcome: .refused, status: 409,
        message: BilingualText(
            korean: "이 wtid의 인증 결과를 이 연결이 검증한 적이 없어 승인을 어디로 보낼지 알 수 없습니다. 인증 콜백을 /return/ 으로 받거나, 그 결과에 든 ticket을 Bujeol-Ticket 헤더로 보내세요.",
            english:
                "this connection has not verified an authentication with this wtid, so it does not know where the approval goes; let the callback arrive at /return/, "
                + "or send the ticket of its result in the Bujeol-Ticket field"))
    static let wpayTicketRefused = CallFailure(
        Code(rawValue: "ticket-refused"), outcome: .refused, status: 409,
        message: BilingualText(
            korean: "Bujeol-Ticket이 이 연결이 이 wtid에 내준 것이 아니거나 한 시간이 지났습니다. 인증부터 다시 하세요.",
            english:
                "the Bujeol-Ticket is not one that this connection issued for this wtid, or it is older than an hour; begin with a new authentication"
        ))
    static let wpayDomainRefused = CallFailure(
        Code(rawValue: "domain-refused"), outcome: .refused, status: 409,
        message: BilingualText(
            korean: "인증 결과의 wpayDomain이 허용된 호스트가 아니어서 승인을 보내지 않습니다. 맞는 호스트라면 연결 설정의 allowedHosts에 추가하세요.",
            english:
                "the wpayDomain of the authentication is not an allowed host, so nothing is sent there; if it is right, add it to allowedHosts"
        ))

    static func wpayNotAgain(_ standing: ApprovalLedger.Standing) -> CallFailure {
        let message: BilingualText
        switch standing {
        case .underWay:
            message = BilingualText(
                korean: "이 wtid의 승인이 진행 중입니다. 그 결과를 기다리세요. 두 번째 승인은 보내지 않았습니다.",
                english: "an approval of this wtid is under way; wait for its result. The second one was not sent")
        case .approved:
            message = BilingualText(
                korean: "이 wtid는 이미 승인되었습니다. 두 번째 승인은 보내지 않았고, 결제는 그대로입니다.",
                english: "this wtid has been approved already; the second approval was not sent, and the payment stands")
        case .undone:
            message = BilingualText(
                korean: "이 wtid에는 망취소를 보냈으므로 다시 승인할 수 없습니다. 인증부터 다시 하세요.",
                english: "a net-cancel was sent for this wtid, so it can never be approved; begin with a new authentication")
        }
        return CallFailure(Code(rawValue: "not-approved-again"), outcome: .refused, status: 409, message: message)
    }

    /// The answer of a call that changes something is not one of WPAY's.
    static let wpayUnverified = CallFailure(
        .answerUnverified, outcome: .unverified, status: 502,
        message: BilingualText(
            korean: "WPAY의 응답을 읽을 수 없습니다(resultCode가 있는 JSON이 아님). 처리되었을 수도 있습니다. 조회나 관리 화면으로 확인하기 전에는 다시 보내지 마세요.",
            english:
                "the answer is not one of WPAY's (no JSON with a resultCode); the call may have been carried out: look it up before repeating it"
        ),
        cause: "unreadable-answer")

    /// This failure of an approval, with what became of the net-cancel.
    func withNetCancel(_ report: ApprovalPlan.NetCancel, wtid: String) -> CallFailure {
        var failure = self
        let word = NetCancelWord(report)
        failure.details["netCancel"] = .string(word.rawValue)
        failure.details["attempts"] = .number(report.attempts)
        if let code = report.resultCode { failure.details["resultCode"] = .string(code.rawValue) }
        failure.details["wtid"] = .string(wtid)
        let reason = cause ?? code.rawValue
        if report.isConfirmed {
            failure.message = BilingualText(
                korean: "승인의 결과를 알 수 없어(\(reason)) 망취소를 보냈고, WPAY가 받아들였습니다. 결제되지 않았습니다. 인증부터 다시 하세요.",
                english:
                    "the approval's outcome is not known (\(reason)), so a net-cancel was sent and WPAY accepted it: nothing is paid. Begin with a new authentication"
            )
        } else {
            failure.message = BilingualText(
                korean: "승인의 결과를 알 수 없고(\(reason)) 망취소도 \(report.attempts)번 모두 확인되지 않았습니다. 결제되었을 수 있습니다. 이니시스 관리 화면에서 사람이 확인해야 합니다.",
                english:
                    "the approval's outcome is not known (\(reason)), and none of \(report.attempts) net-cancels was confirmed: it may be paid. A person must look at Inicis' console"
            )
        }
        return failure
    }
}

/// What became of a net-cancel, in one word.
enum NetCancelWord: String, Sendable, CaseIterable {
    /// WPAY confirmed it.
    case accepted
    /// WPAY answered with another result code.
    case refused
    /// No readable answer came.
    case unknown
    /// None was sent: another process may have approved the payment before, and it would have been undone.
    case withheld

    /// The word for a plan's report.
    init(_ report: ApprovalPlan.NetCancel) {
        self = report.isConfirmed ? .accepted : report.resultCode == nil ? .unknown : .refused
    }
}
