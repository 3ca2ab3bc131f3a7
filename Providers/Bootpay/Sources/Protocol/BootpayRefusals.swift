/// Why Bootpay refuses a call. Codes and texts that nobody has published are our choice and settings of the sandbox; the row says so.
public struct BootpayRefusal: Sendable, Hashable {
    /// A short name of ours, under which settings and verdicts name the row.
    public var name: String
    /// The HTTP status, which the envelope repeats.
    public var status: Int
    /// The envelope's `code`, negative.
    public var code: Int
    /// The envelope's `message`, Korean.
    public var message: String
    /// Whether status and code were seen published, or only chosen here.
    public var isPublished: Bool

    /// A row of the table.
    public init(_ name: String, status: Int, code: Int, message: String, isPublished: Bool = false) {
        self.name = name
        self.status = status
        self.code = code
        self.message = message
        self.isPublished = isPublished
    }

    /// Unknown application id, wrong private key, or an address that is not on the list: one and the same answer.
    public static let accessDenied = BootpayRefusal("access-denied", status: 401, code: -2410, message: "올바르지 않은 접근입니다.", isPublished: true)
    /// The token is missing, unknown or expired.
    public static let tokenRefused = BootpayRefusal("token-refused", status: 401, code: -2400, message: "올바르지 않은 접근입니다.")
    /// No such receipt, billing key or reservation in this project.
    public static let notFound = BootpayRefusal("not-found", status: 404, code: -4040, message: "요청하신 정보를 찾을 수 없습니다.")
    /// No such call.
    public static let unknownCall = BootpayRefusal("unknown-call", status: 404, code: -4041, message: "존재하지 않는 API입니다.")
    /// The body cannot be read or lacks a required field.
    public static let invalidRequest = BootpayRefusal("invalid-request", status: 400, code: -4000, message: "요청 값이 올바르지 않습니다.")
    /// This `cancel_id` was used before in this project.
    public static let cancelRepeated = BootpayRefusal("cancel-repeated", status: 422, code: -4221, message: "이미 처리된 취소 요청입니다.")
    /// A second partial cancel of the receipt within ten seconds, with the guard switched on.
    public static let cancelTooSoon = BootpayRefusal(
        "cancel-too-soon", status: 422, code: -4222, message: "10초 이내에 같은 결제를 다시 부분취소할 수 없습니다.")
    /// More is to be cancelled than is left.
    public static let cancelTooLarge = BootpayRefusal("cancel-too-large", status: 422, code: -4223, message: "취소 가능 금액을 초과하였습니다.")
    /// A partial cancel of 1,000 won or less.
    public static let partialTooSmall = BootpayRefusal(
        "partial-too-small", status: 422, code: -4224, message: "부분취소 금액은 1,000원보다 커야 합니다.")
    /// The payment gateway or the method cannot cancel in part.
    public static let partialImpossible = BootpayRefusal(
        "partial-impossible", status: 422, code: -4225, message: "부분취소를 지원하지 않는 결제입니다.")
    /// The receipt is not in the state that the call needs.
    public static let wrongState = BootpayRefusal("wrong-state", status: 422, code: -4226, message: "처리할 수 없는 결제 상태입니다.")
    /// More than five reservations wait for one billing key.
    public static let tooManyReservations = BootpayRefusal(
        "too-many-reservations", status: 422, code: -4227, message: "빌링키당 예약 가능 건수를 초과하였습니다.")
    /// The reservation has run or was cancelled.
    public static let reservationEnded = BootpayRefusal("reservation-ended", status: 422, code: -4228, message: "이미 처리된 예약입니다.")
    /// Instalments of one month, or of less than 50,000 won, or a price below 100 won.
    public static let priceInvalid = BootpayRefusal("price-invalid", status: 422, code: -4229, message: "결제 금액 또는 할부 개월수가 올바르지 않습니다.")
    /// The payment was cancelled before, perhaps at the payment gateway's own console. The text is documented, the rest is not.
    public static let alreadyCancelled = BootpayRefusal("already-cancelled", status: 500, code: -15100, message: "기취소된 건입니다.")
    /// The payment gateway refused.
    public static let gatewayRefused = BootpayRefusal("gateway-refused", status: 500, code: -15000, message: "PG사에서 요청을 거절하였습니다.")
    /// The payment gateway refused the amount.
    public static let gatewayAmount = BootpayRefusal(
        "gateway-amount", status: 500, code: -15006, message: "금액오류(100원 또는 1달러 미만 신용카드 승인 불가)", isPublished: true)

    /// The whole table.
    public static let table: [BootpayRefusal] = [
        accessDenied, tokenRefused, notFound, unknownCall, invalidRequest, cancelRepeated, cancelTooSoon, cancelTooLarge, partialTooSmall,
        partialImpossible, wrongState, tooManyReservations, reservationEnded, priceInvalid, alreadyCancelled, gatewayRefused, gatewayAmount,
    ]
}
